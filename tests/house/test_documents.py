"""What the documents name exists: commands, their options, exactly the settings that are read, files and links."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from stickers.cutting.operations import KINDS, read_file

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
OPERATE = (ROOT / "docs/operate.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
# The changelog also names things that are gone.
DOCUMENTS = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")} - {ROOT / "CHANGELOG.md"})
MOST_README_LINES = 120
# The commands of the console examples, without prompt, comment and leading variables.
COMMANDS = [
    re.sub(r"\s+#.*", "", line.removeprefix("$ "))
    for text in (README, OPERATE, CONTRIBUTING)
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("$ ")
]
# A name in backticks that is a path: it has a folder, or the suffix of a file.
_PATH = re.compile(r"`((?:[\w.@*-]+/)+[\w.@*-]*|[\w-]+\.(?:py|md|toml|html|js|css)|Makefile)`")


def settings_read() -> set[str]:
    """The environment variables that the settings and the data folder read, by their source."""
    sources = (ROOT / "stickers/settings.py", ROOT / "stickers/running/data_folder.py")
    return {
        str(ast.literal_eval(call.args[0]))
        for source in sources
        for call in ast.walk(ast.parse(source.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "environment"
    }


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def words_of(command: str) -> tuple[dict[str, str], list[str]]:
    """The variables in front of a command, and the command's own words."""
    words = shlex.split(command)
    variables = {}
    while words and re.match(r"[A-Z0-9_]+=", words[0]):
        name, _, value = words.pop(0).partition("=")
        variables[name] = value
    return variables, words


def test_order_of_the_chapters() -> None:
    assert re.findall(r"^## (.*)", README, re.MULTILINE) == [
        "Start",
        "With your own key",
        "How it works",
        "From scripts",
        "Where to read on",
    ]
    title, sentence, picture = README.split("\n\n")[:3]
    assert title == "# Sticker Studio"
    assert sentence.endswith(".")
    shown = re.fullmatch(r"!\[.+\]\((.+)\)", picture)
    assert shown is not None
    assert (ROOT / shown[1]).exists()
    assert re.findall(r"^\$ (.*)", README, re.MULTILINE)[:2] == ["make run", "make test"]
    assert len(README.splitlines()) <= MOST_README_LINES


def test_settings_table_is_what_the_settings_read() -> None:
    table = OPERATE.partition("## Settings")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \|", table, re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert set(rows) == settings_read()


@pytest.mark.parametrize("command", COMMANDS)
def test_command_exists(command: str) -> None:
    variables, words = words_of(command)
    assert set(variables) <= settings_read()
    if words[0] == "make":
        assert set(words[1:]) <= make_targets()
        return
    if words[:2] == ["sudo", "deploy/manage"]:
        words[:2] = [".venv/bin/python", "manage.py"]
    assert words[:2] == [".venv/bin/python", "manage.py"]
    application = get_commands()[words[2]]
    loaded = load_command_class(application, words[2]) if isinstance(application, str) else application
    options = loaded.create_parser("manage.py", words[2])._option_string_actions
    assert {word for word in words if word.startswith("--")} <= set(options)


def test_variables_in_the_text_exist() -> None:
    named = set(re.findall(r"`(?:\$ )?([A-Z][A-Z0-9_]+)=[^`]*`", README + OPERATE + CONTRIBUTING))
    assert named - {"ARGS"} <= settings_read()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_named_in_the_text_exist(document: Path) -> None:
    """Paths are from the root or, for short, from `stickers/`. A star stands for any name."""
    named = set(_PATH.findall(document.read_text())) - {"NAME.toml"}  # whatever the operator calls it
    assert not {name for name in named if not any([*ROOT.glob(name), *(ROOT / "stickers").glob(name)])}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", document.read_text())
    assert not {link for link in links if not (document.parent / link).exists()}


def test_contributing_names_every_make_target() -> None:
    assert {words.split()[1] for words in COMMANDS if words.startswith("make ")} >= make_targets() - {"help", "clean"}


def test_every_make_target_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text()
    explained = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert make_targets() == explained
    phony = re.search(r"^\.PHONY: (.*)", makefile, re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == make_targets()


def test_the_example_of_an_edits_file_is_one_and_shows_every_operation() -> None:
    text = (ROOT / "docs/edits.md").read_text()
    example = re.findall(r"```json\n(.*?)```", text, re.DOTALL)[0]
    assert [operation.op for operation in read_file(example)] == list(KINDS)
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)[1:] == list(KINDS)

"""Who may import whom: the house's directions, read from the source itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for path in (ROOT / "stickers").rglob("*.py") if "migrations" not in path.parts)
FRAMEWORKS = {"django", "celery", "kombu", "csp", "django_htmx", "whitenoise", "gunicorn"}

# Each pure package and what of the studio it may know besides itself.
PURE = {
    "stickers.segmind": {"stickers.recipes"},
    "stickers.sandbox": {"stickers.recipes"},
    "stickers.cutting": set(),
    "stickers.printing": set(),
    "stickers.recipes": set(),
    "stickers.running.processes": set(),
}
# What a part of the studio must not know.
FORBIDDEN = {
    "stickers.views": {"stickers.segmind", "stickers.pipeline", "stickers.sandbox", "celery", "kombu", "httpx"},
    "stickers.forms": {"stickers.segmind", "stickers.pipeline", "stickers.sandbox", "stickers.views", "stickers.tasks"},
    "stickers.pipeline": {"stickers.tasks", "stickers.views", "stickers.forms", "stickers.sandbox", "celery", "kombu"},
    "stickers.tasks": {"stickers.views", "stickers.forms", "stickers.segmind", "stickers.cutting", "stickers.sandbox"},
    "stickers.files.storage": {"stickers.models", "stickers.views", "stickers.pipeline"},
    "stickers.running.runner": {
        "stickers.models",
        "stickers.views",
        "stickers.tasks",
        "stickers.sandbox",
        "celery",
        "kombu",
    },
    "stickers.messaging.scheduler": {"stickers.models", "stickers.tasks", "stickers.pipeline"},
}


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.AST, module: str, *, is_package: bool) -> Iterator[str]:
    """Every module that is named in an import, in full; of `from a import b` both `a` and `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                home = module.split(".")[: len(module.split(".")) - node.level + is_package]
                base = ".".join([*home, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def imported_by(package: str) -> dict[str, set[str]]:
    """What each module of `package` imports."""
    found = {}
    for path in FILES:
        module = module_of(path)
        if within(module, package):
            tree = ast.parse(path.read_text())
            found[module] = set(imports(tree, module, is_package=path.name == "__init__.py"))
    return found


def test_it_works() -> None:
    assert "stickers.files.storage" in FORBIDDEN
    tree = ast.parse("import a.b\nfrom . import c\nfrom ..d import e\nfrom f import g")
    assert set(imports(tree, "x.y.z", is_package=False)) == {"a.b", "x.y", "x.y.c", "x.d", "x.d.e", "f", "f.g"}


@pytest.mark.parametrize("package", PURE)
def test_pure_packages_know_no_framework(package: str) -> None:
    for module, names in imported_by(package).items():
        assert not {name for name in names if name.split(".")[0] in FRAMEWORKS}, module


@pytest.mark.parametrize("package", PURE)
def test_pure_packages_keep_to_themselves(package: str) -> None:
    allowed = {package, *PURE[package]}
    for module, names in imported_by(package).items():
        ours = {name for name in names if name.startswith("stickers.")}
        assert not {name for name in ours if not any(within(name, one) for one in allowed)}, module


@pytest.mark.parametrize("package", FORBIDDEN)
def test_forbidden_directions(package: str) -> None:
    assert imported_by(package), f"{package} is gone: does this rule still say something?"
    for module, names in imported_by(package).items():
        bad = {name for name in names if any(within(name, one) for one in FORBIDDEN[package])}
        assert not bad, module


def test_models_know_parameters_and_storage_only() -> None:
    for module, names in imported_by("stickers.models").items():
        ours = {name for name in names if name.startswith("stickers.")}
        allowed = ("stickers.models", "stickers.recipes", "stickers.files")
        assert not {name for name in ours if not any(within(name, one) for one in allowed)}, module


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_no_import_inside_a_function(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inner = [each for each in ast.walk(node) if isinstance(each, ast.Import | ast.ImportFrom)]
            assert not inner, f"line {inner[0].lineno}"


def test_nothing_imports_the_views_but_the_addresses() -> None:
    for path in FILES:
        module = module_of(path)
        if module == "stickers.urls" or within(module, "stickers.views"):
            continue
        names = set(imports(ast.parse(path.read_text()), module, is_package=path.name == "__init__.py"))
        assert not {name for name in names if within(name, "stickers.views")}, module


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_module_says_what_it_is_for(path: Path) -> None:
    tree = ast.parse(path.read_text())
    if tree.body and module_of(path) != "stickers":
        assert ast.get_docstring(tree) or path.name == "__init__.py", "no opening sentence"


def test_no_drawer_for_odds_and_ends() -> None:
    assert not {path.name for path in FILES if path.stem in {"utils", "helpers", "manager", "common", "misc"}}

"""The registry of formats: one new entry reaches every place that lists formats."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator

import pytest

from stickers.forms.print_sheets import SettingsForm
from stickers.forms.profiles import ProfileForm
from stickers.management.commands.layout import Command
from stickers.models import PrintProfile
from stickers.printing.delivery.job import PrintJob
from stickers.printing.delivery.package import expected_files, write_files, write_zip
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.layout import Item, Layout, lay_out
from stickers.printing.imposition.pages import PAGE_SIZES, PageOptions
from stickers.printing.profiles import DEFAULT_PROFILE, PROFILES
from stickers.printing.writers import formats
from stickers.printing.writers.formats import File, Format, WriterJob, media_type, named, offered
from stickers.prints.plan import Plan
from stickers.templatetags.printing import format_labels
from tests.support.print_art import die_cuts


def count_stickers(layout: Layout, job: WriterJob) -> Iterator[File]:
    for page in layout.pages:
        yield File(f"{job.stem}-{page.number}.txt", str(len(page.placed)).encode(), page.number)


MADE_UP = Format(
    name="tally",
    label="Tally list",
    suffix=".txt",
    media_type="text/plain",
    per="page",
    write=count_stickers,
    margin=lambda size: size.width_mm / 10,
    contents=(("*.txt", "how many stickers lie on a page"),),
)


@pytest.fixture
def tally(monkeypatch: pytest.MonkeyPatch) -> Format:
    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, MADE_UP))
    return MADE_UP


def layout() -> Layout:
    return lay_out([Item(sticker) for sticker in die_cuts()[:3]], PageOptions())


def test_every_format_is_offered_once() -> None:
    names = [kind.name for kind in offered()]
    assert len(set(names)) == len(names) == len(formats.FORMATS) + 1
    assert named("dxf").label == "DXF cut lines"
    assert media_type(".pdf") == "application/pdf"
    assert media_type(".zip") == "application/zip"
    assert media_type(".exe") == "application/octet-stream"


def test_a_new_format_is_a_choice_everywhere(tally: Format) -> None:
    plan = Plan()
    assert ("tally", "Tally list") in SettingsForm(plan, PROFILES).fields["formats"].choices  # type: ignore[attr-defined]
    assert ("tally", "Tally list") in ProfileForm(row=PrintProfile(data={})).fields["formats"].choices  # type: ignore[attr-defined]
    parser = Command().create_parser("manage.py", "layout")
    assert parser.parse_args(["stickers", "--format", "tally", "--out", "out"]).format == ("tally",)
    assert "tally" in " ".join(parser.format_help().split())
    assert DEFAULT_PROFILE.edited({"formats": ["tally"]}).formats == ("tally",)
    assert format_labels(["pdf", "tally"]) == "PDF, Tally list"
    assert media_type(".txt") == "text/plain"


def test_a_new_format_is_written_and_zipped(tally: Format) -> None:
    job = PrintJob(formats=("tally", "zip"), stem="cats")
    assert job.pages(PageOptions()).margin_mm == PAGE_SIZES["a4"].width_mm / 10
    files = list(write_files(layout(), job))
    assert [(file.format, file.name, file.page) for file in files] == [
        ("tally", "cats-1.txt", 1),
        ("zip", "cats.zip", None),
    ]
    assert files[0].data == b"3"
    assert expected_files(layout(), job) == 2
    with zipfile.ZipFile(io.BytesIO(write_zip(layout(), job))) as folder:
        assert folder.read("cats-1.txt") == b"3"
        listed = json.loads(folder.read("manifest.json"))["files"]
        assert {"format": "tally", "path": "cats-1.txt", "page": 1} in listed
        assert "how many stickers lie on a page" in folder.read("README.txt").decode()


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(KeyError):
        named("tally")
    with pytest.raises(OptionsError, match="tally"):
        PrintJob(formats=("tally",))

"""The worker's part of an export: stored before it is done, made again after a kill, nothing left after a failure."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django import Settings

from stickers import pipeline
from stickers.files import storage
from stickers.models import Export, ExportFile, PrintSheet
from stickers.pipeline import exporting
from stickers.printing.delivery import trial
from stickers.prints import editing
from stickers.prints.desk import Desk
from tests.support.pdf_x4_checks import pdf_x4_faults
from tests.support.print_art import press
from tests.support.print_rows import make_print_sheet, order
from tests.support.rows import make_sheet, make_sticker

pytestmark = pytest.mark.django_db


@pytest.fixture
def print_sheet(designer: User) -> PrintSheet:
    return make_print_sheet(make_sheet(designer), make_sheet(designer, stickers=1), page="4x6in")


def stored(media: Path) -> list[str]:
    return sorted(str(path.relative_to(media)) for path in media.rglob("exports/**/*") if path.is_file())


@pytest.mark.django_db(transaction=True)
def test_it_works(print_sheet: PrintSheet) -> None:
    export = order(print_sheet, "pdf", "zip")
    [pk] = pipeline.next_exports()
    assert pk == export.pk
    assert pipeline.export(pk)
    export.refresh_from_db()
    assert (export.state, export.pages, export.placed, export.progress) == ("done", 1, 4, 1.0)
    assert export.finished_at is not None
    assert timedelta(days=29) < export.keep_until - timezone.now() <= timedelta(days=30)
    pdf, archive = export.files.all()
    assert (pdf.name, archive.name) == ("cats.pdf", "cats.zip")
    data = storage.get(pdf.file.name)
    assert len(data) == pdf.size_bytes
    with pikepdf.open(io.BytesIO(data)) as document:
        assert len(document.pages) == 1
    with zipfile.ZipFile(io.BytesIO(storage.get(archive.file.name))) as folder:
        assert {"cats.pdf", "cats-page-1.png", "cats-page-1-cut.svg", "manifest.json"} <= set(folder.namelist())
        said = json.loads(folder.read("manifest.json"))
    assert len(said["recipes"]) == 4


@pytest.mark.django_db(transaction=True)
def test_pdf_x_has_the_inks_of_the_profile_s_press(print_sheet: PrintSheet, tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "Labels.icc").write_bytes(press().icc)
    settings.STUDIO_ICC = tmp_path
    export = order(print_sheet, "pdfx")
    export.profile = export.profile | {"cmyk": "Labels"}
    export.save(update_fields=["profile"])
    assert pipeline.next_exports() == [export.pk]
    assert pipeline.export(export.pk)
    [file] = export.files.all()
    assert (file.name, file.format) == ("cats-x4.pdf", "pdfx")
    assert pdf_x4_faults(storage.get(file.file.name)) == []


@pytest.mark.django_db(transaction=True)
def test_pdf_x_fails_in_words_where_its_press_is_gone(print_sheet: PrintSheet) -> None:
    export = order(print_sheet, "pdfx")
    export.profile = export.profile | {"cmyk": "Gravure"}
    export.save(update_fields=["profile"])
    assert pipeline.next_exports() == [export.pk]
    pipeline.export(export.pk)
    export.refresh_from_db()
    assert export.state == "failed"
    assert "“Gravure” is not installed here" in export.error


@pytest.mark.django_db(transaction=True)
def test_claimed_once_and_one_at_a_time(print_sheet: PrintSheet) -> None:
    first, second = order(print_sheet, "svg"), order(print_sheet, "svg")
    assert pipeline.next_exports() == [first.pk]
    assert pipeline.next_exports() == []
    assert pipeline.export(first.pk)
    assert pipeline.next_exports() == [second.pk]


@pytest.mark.django_db(transaction=True)
def test_a_kill_in_the_middle_makes_the_same_files(
    print_sheet: PrintSheet, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first worker dies with one file stored. Moves made meanwhile are not in the files of this order."""
    export = order(print_sheet, "svg", "pdf")

    class KilledError(BaseException):
        pass

    def die(*_: object) -> None:
        raise KilledError

    pipeline.next_exports()
    with monkeypatch.context() as patch:
        patch.setattr(exporting, "_report", lambda _, progress: die() if progress > 0.5 else None)
        with pytest.raises(KilledError):
            pipeline.export(export.pk)
    assert len(stored(media)) == 1
    assert not ExportFile.objects.exists()
    assert pipeline.next_exports() == []  # leased
    Desk.of(print_sheet).change("Took one off", lambda desk: editing.removed(desk.plan, 1))
    pipeline.take_over()
    assert pipeline.next_exports() == [export.pk]
    assert pipeline.export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.placed, export.tries) == ("done", 4, 2)
    assert stored(media) == sorted(file.file.name for file in export.files.all())


def begun_often(export: Export, tries: int) -> None:
    """So many workers have begun it and died."""
    for _ in range(tries):
        assert pipeline.next_exports() == [export.pk]
        assert Export.objects.begin(export.pk)
        pipeline.take_over()
    assert pipeline.next_exports() == [export.pk]


@pytest.mark.django_db(transaction=True)
def test_workers_that_were_restarted_often_are_not_the_exports_fault(print_sheet: PrintSheet) -> None:
    export = order(print_sheet, "svg")
    begun_often(export, Export.SUSPECT + 1)
    assert pipeline.export(export.pk)  # by a real trial


@pytest.mark.django_db(transaction=True)
def test_an_export_that_ends_its_worker_is_given_up(
    print_sheet: PrintSheet, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = order(print_sheet, "svg")
    begun_often(export, Export.SUSPECT)
    killed = (sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
    run = subprocess.run
    monkeypatch.setattr(trial.subprocess, "run", lambda _, **options: run(killed, **options))
    assert not pipeline.export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.error) == ("failed", "Making these files ends the process that does it.")
    assert stored(media) == []


@pytest.mark.django_db(transaction=True)
def test_no_export_is_begun_for_ever(print_sheet: PrintSheet) -> None:
    export = order(print_sheet, "svg")
    begun_often(export, Export.TRIES)
    assert not pipeline.export(export.pk)
    export.refresh_from_db()
    assert "12 times" in export.error


@pytest.mark.django_db(transaction=True)
def test_a_lost_hint_costs_moments_and_one_that_comes_twice_nothing(print_sheet: PrintSheet) -> None:
    export = order(print_sheet, "svg")
    assert pipeline.next_exports() == [export.pk]
    Export.objects.update(next_at=timezone.now())  # no worker got the hint
    assert pipeline.next_exports() == [export.pk]
    assert Export.objects.begin(export.pk)
    assert not pipeline.export(export.pk)  # the first hint arrives after all
    export.refresh_from_db()
    assert (export.state, export.tries) == ("working", 1)


@pytest.mark.django_db(transaction=True)
def test_a_try_that_lost_its_lease_ends_nothing(print_sheet: PrintSheet) -> None:
    export = order(print_sheet, "svg")
    pipeline.next_exports()
    row = Export.objects.begin(export.pk)
    assert row is not None
    pipeline.take_over()
    assert Export.objects.begin(export.pk)
    assert not row.report(0.5)
    export.refresh_from_db()
    assert export.progress == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_broken", [True, False])
def test_a_try_that_was_thought_dead_leaves_the_newer_one_alone(
    print_sheet: PrintSheet, media: Path, monkeypatch: pytest.MonkeyPatch, is_broken: bool
) -> None:
    """The old try ends, or fails, after another worker has begun again and stored files of the same names."""
    export = order(print_sheet, "svg", "dxf")
    pipeline.next_exports()
    files = exporting._files

    def overtaken(*arguments: Any) -> Iterator[ExportFile]:
        yield from files(*arguments)
        pipeline.take_over()
        assert Export.objects.begin(export.pk)
        if is_broken:
            raise RuntimeError("a late one")

    monkeypatch.setattr(exporting, "_files", overtaken)
    monkeypatch.setattr(exporting, "_report", lambda *_: None)
    assert not pipeline.export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.error, export.tries) == ("working", "", 2)
    assert stored(media)
    assert not export.files.exists()


@pytest.mark.django_db(transaction=True)
def test_one_designers_many_let_anothers_first_one_through(print_sheet: PrintSheet) -> None:
    first, second = order(print_sheet, "svg"), order(print_sheet, "svg")
    other = make_print_sheet(make_sheet(User.objects.create_user("other")), page="4x6in")
    late = order(other, "svg")
    served = []
    for _ in range(3):
        [pk] = pipeline.next_exports()
        served.append(pk)
        assert pipeline.export(pk)
    assert served == [first.pk, late.pk, second.pk]


@pytest.mark.django_db(transaction=True)
def test_twice_is_the_same_as_once(print_sheet: PrintSheet, media: Path) -> None:
    export = order(print_sheet, "svg")
    pipeline.next_exports()
    assert pipeline.export(export.pk)
    assert not pipeline.export(export.pk)
    assert export.files.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_leaves_nothing_behind(
    print_sheet: PrintSheet, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = order(print_sheet, "svg", "dxf")
    save = default_storage.save

    def full(name: str, content: object) -> str:
        if name.endswith("003.dxf"):
            raise OSError(28, "No space left on device")
        return save(name, content)  # type: ignore[arg-type]

    monkeypatch.setattr(default_storage, "save", full)
    pipeline.next_exports()
    assert not pipeline.export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.error) == (
        "failed",
        "The studio's storage refused the files: No space left on device.",
    )
    assert stored(media) == []
    assert not export.files.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("formats", "words"),
    [(("whatsapp",), ""), (("line",), "stickers")],
)
def test_packs_say_what_is_wrong(designer: User, formats: tuple[str, ...], words: str, media: Path) -> None:
    """WhatsApp takes 3 to 30 stickers, LINE 8 and more."""
    export = order(make_print_sheet(make_sheet(designer, stickers=3), page="4x6in"), *formats)
    pipeline.next_exports()
    assert pipeline.export(export.pk) is not bool(words)
    export.refresh_from_db()
    assert words in export.error
    assert bool(stored(media)) is not bool(words)


@pytest.mark.django_db(transaction=True)
def test_a_pack_has_the_print_sheet_s_title_and_the_chosen_cover(designer: User, media: Path) -> None:
    row = make_print_sheet(make_sheet(designer, stickers=3), title="Pets", page="4x6in")
    trays, titles = [], []
    for number in (1, 3):
        row.cover = row.items.get(number=number).sticker_id
        row.save()
        export = order(row, "whatsapp")
        pipeline.next_exports()
        assert pipeline.export(export.pk)
        made = {file.name: storage.get(file.file.name) for file in export.files.all()}
        trays.append(made["whatsapp-tray.png"])
        titles.append(made["whatsapp-title.txt"])
    assert titles == [b"Pets\n"] * 2
    assert trays[0] != trays[1]


@pytest.mark.django_db(transaction=True)
def test_a_sticker_that_cannot_be_printed_stops_it(print_sheet: PrintSheet, media: Path) -> None:
    """Its file was lost since it was laid out. The order says so, and does not leave it out."""
    sheet = make_sheet(User.objects.get(), stickers=0)
    lost = make_sticker(sheet, 1)
    Desk.of(print_sheet).change("Added", lambda desk: editing.added(desk.plan, {lost.pk: 20}))
    export = order(print_sheet, "svg")
    default_storage.delete(lost.file.name)
    pipeline.next_exports()
    assert not pipeline.export(export.pk)
    export.refresh_from_db()
    assert "missing or damaged" in export.error
    assert stored(media) == []


def test_an_export_that_outgrows_the_quota_leaves_nothing(
    print_sheet: PrintSheet, media: Path, settings: Settings
) -> None:
    settings.STORAGE_QUOTA_BYTES = 1000
    export = order(print_sheet, "pdf", "zip")
    [pk] = pipeline.next_exports()
    assert not pipeline.export(pk)
    export.refresh_from_db()
    assert export.state == "failed"
    assert "there is no room for more. Delete what you do not need" in export.error
    assert stored(media) == []
    assert not ExportFile.objects.exists()

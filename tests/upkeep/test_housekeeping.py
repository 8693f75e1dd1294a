"""Housekeeping: what it deletes and, above all, what it leaves."""

from __future__ import annotations

import json
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from stickers import tasks
from stickers.files import references, storage
from stickers.messaging import scheduler
from stickers.messaging.app import app
from stickers.models import Generation, PrintProfile, Sheet, Sticker, WorkState
from stickers.upkeep.housekeeping import clear
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=31)


def age(path: Path, hours: float) -> None:
    moment = time.time() - hours * 3600
    os.utime(path, (moment, moment))


def put(media: Path, name: str, hours: float) -> Path:
    path = media / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"picture")
    age(path, hours)
    return path


def files(media: Path) -> set[Path]:
    return {path for path in media.rglob("*") if path.is_file()}


def test_it_works(designer: User, media: Path) -> None:
    sheet = make_sheet(designer)
    kept = files(media)
    for path in kept:
        age(path, 1000)
    orphan = put(media, "generations/7/0/abc.jpg", 25)
    draft = put(media, "imports/x/.abc.png.0123", 25)
    young = put(media, "generations/7/0/def.jpg", 23)
    foreign = put(media, "somebody/else.txt", 1000)
    Session.objects.create(session_key="over", session_data="", expire_date=timezone.now() - timedelta(seconds=1))
    Session.objects.create(session_key="open", session_data="", expire_date=timezone.now() + timedelta(hours=1))
    cleared = clear()
    assert set(cleared.files) == {str(path.relative_to(media)) for path in (orphan, draft)}
    assert files(media) == kept | {young, foreign}
    assert cleared.sessions == 1
    assert [session.session_key for session in Session.objects.all()] == ["open"]
    assert sheet.stickers.count() == 3
    assert clear().files == []


def test_a_studio_without_a_file_yet(designer: User) -> None:
    assert clear().files == []


def test_the_trash_is_emptied_after_its_time_with_its_files(designer: User, media: Path) -> None:
    gone = make_sheet(designer, deleted_at=timezone.now() - LONG_AGO)
    waiting = make_sheet(designer, deleted_at=timezone.now() - LONG_AGO, state=WorkState.QUEUED)
    recent = make_sheet(designer, deleted_at=timezone.now() - timedelta(days=29))
    kept = make_sheet(designer)
    kept.stickers.filter(number=1).update(deleted_at=timezone.now() - LONG_AGO)
    lost = {gone.file.name, *(name for one in gone.stickers.all() for name in one.files)}
    lost |= kept.stickers.get(number=1).files
    PrintProfile.objects.create(owner=designer, name="old", data={}, deleted_at=timezone.now() - LONG_AGO)
    for path in files(media):
        age(path, 100)
    cleared = clear()
    assert cleared.binned == 3
    assert set(Sheet.objects.all()) == {waiting, recent, kept}
    assert kept.stickers.count() == 2
    assert not PrintProfile.objects.exists()
    assert set(cleared.files) == lost
    assert Generation.objects.count() == 4, "what was paid stays in the books"


def test_a_trash_that_is_never_emptied(designer: User, settings: Settings) -> None:
    settings.TRASH_DAYS = 0
    make_sheet(designer, deleted_at=timezone.now() - timedelta(days=4000))
    assert clear().binned == 0
    assert Sheet.objects.count() == 1


def test_dry_run_says_the_same_and_takes_nothing(
    designer: User, media: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_sheet(designer, deleted_at=timezone.now() - LONG_AGO)
    put(media, "generations/7/0/abc.jpg", 25)
    before = files(media)
    call_command("housekeeping", dry_run=True)
    said = json.loads(capsys.readouterr().out)
    assert said == {
        "binned": 1,
        "exports": 0,
        "sessions": 0,
        "files": ["generations/7/0/abc.jpg"],
        "is_dry_run": True,
    }
    assert files(media) == before
    assert Sheet.objects.count() == 1


def test_every_column_that_names_a_file_is_known() -> None:
    assert {(model.__name__, column) for model, column in references.columns()} == {
        ("Sheet", "file"),
        ("Sheet", "thumb_256"),
        ("Sheet", "thumb_512"),
        ("Sticker", "file"),
        ("Sticker", "thumb_256"),
        ("Sticker", "thumb_512"),
        ("PrintSheet", "picture"),
        ("ExportFile", "file"),
        ("CutStep", "engine"),
    }


def test_a_title_that_looks_like_a_path_protects_no_file(designer: User, media: Path) -> None:
    orphan = put(media, "generations/1/0/abc.png", 25)
    make_sheet(designer, title="generations/1/0/abc.png")
    assert clear().files == ["generations/1/0/abc.png"]
    assert not orphan.exists()


def test_names_begin_with_a_folder_that_is_swept() -> None:
    names = (storage.generated_sheet(1, 0, b"x", "PNG"), storage.imported_sheet(b"x", "PNG"))
    assert {name.partition("/")[0] for name in names} <= set(storage.FOLDERS)


def test_the_scheduler_sends_it(designer: User, media: Path) -> None:
    entry = scheduler.app.conf.beat_schedule["housekeeping"]
    assert entry["task"] in app.tasks
    orphan = put(media, "imports/x/abc.png", 25)
    tasks.housekeeping()
    assert not orphan.exists()


NAMES = st.sampled_from([f"{folder}/{number}/a.png" for folder in storage.FOLDERS for number in range(3)])
DAYS = st.sampled_from([0.0, 0.5, 2.0, 29.0, 31.0])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("store"), NAMES, DAYS),
        st.tuples(st.just("sheet"), NAMES, st.none() | DAYS),
        st.tuples(st.just("sticker"), NAMES, st.none() | DAYS),
        st.tuples(st.just("restore"), NAMES, st.none()),
        st.tuples(st.just("forget"), NAMES, st.none()),
        st.tuples(st.just("clear"), st.none(), st.none()),
    ),
    max_size=25,
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_file_that_a_row_names_ever_goes(designer: User, steps: list[tuple[str, str, float | None]]) -> None:
    """After any history of files and rows. An old file that no row names never stays."""
    with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder), transaction.atomic():
        for step, name, days in [*steps, ("clear", "", None)]:
            live(designer, Path(folder), step, name, days)
        transaction.set_rollback(True)


NAMES_IN_USE = ["imports/a/x.png", "imports/b/y.png", "generations/1/0/z.jpg", "generations/2/0/z.jpg"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(named=st.sets(st.sampled_from(NAMES_IN_USE)), written=st.sets(st.sampled_from(NAMES_IN_USE)))
def test_a_file_that_comes_into_use_while_others_go_stays(designer: User, named: set[str], written: set[str]) -> None:
    """A row names it, or it is written again, at the moment when housekeeping deletes its first file."""
    with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder), transaction.atomic():
        paths = {name: put(Path(folder), name, 48) for name in NAMES_IN_USE}
        meanwhile: set[str] = set()

        class Store(type(default_storage._wrapped)):  # type: ignore[misc]
            def delete(self, name: str) -> None:
                super().delete(name)
                if not meanwhile:
                    meanwhile.update(one for one in named | written if paths[one].exists())
                    for one in meanwhile & named:
                        Sheet.objects.create(owner=designer, file=one, format="PNG", width_px=9, height_px=9)
                    for one in meanwhile & written:
                        paths[one].write_bytes(b"anew")

        store = Store()
        with patch.object(storage, "default_storage", store):
            cleared = clear()
        assert {name for name in NAMES_IN_USE if paths[name].exists()} == meanwhile
        assert set(cleared.files) == set(NAMES_IN_USE) - meanwhile
        transaction.set_rollback(True)


def live(designer: User, media: Path, step: str, name: str, days: float | None) -> None:
    trashed = None if days is None else timezone.now() - timedelta(days=days)
    size = {"width_px": 9, "height_px": 9}
    if step == "store":
        put(media, name, (days or 0) * 24)
    elif step == "sheet":
        Sheet.objects.create(owner=designer, file=name, format="PNG", deleted_at=trashed, thumb_512=name, **size)
    elif step == "sticker":
        sheet = Sheet.objects.create(owner=designer, file="", format="PNG", **size)
        Sticker.objects.create(
            sheet=sheet, number=1, thumb_256=name, x=0, y=0, confidence=1, deleted_at=trashed, **size
        )
    elif step == "restore":
        Sheet.objects.filter(file=name).update(deleted_at=None)
    elif step == "forget":
        Sheet.objects.filter(file=name).delete()
    else:
        check_clear(media)


def check_clear(media: Path) -> None:
    before = files(media)
    kept_rows = {
        (model, row.pk)
        for model in (Sheet, Sticker)
        for row in model.objects.all()
        if row.deleted_at is None or row.deleted_at > timezone.now() - timedelta(days=30)
    }
    clear()
    after = files(media)
    assert kept_rows == {(model, row.pk) for model in (Sheet, Sticker) for row in model.objects.all()}
    named = {media / name for name in references.file_names()}
    day_ago = time.time() - 24 * 3600
    assert before & named == after & named
    assert all(path in named or path.stat().st_mtime > day_ago for path in after)


def test_sheets_from_before_sizes_were_noted_are_measured(designer: User, media: Path) -> None:
    sheet, lost = make_sheet(designer), make_sheet(designer)
    size = sum(path.stat().st_size for path in files(media)) // 2
    for name in references.file_names():
        if name.startswith(str(Path(lost.file.name or "").parent)):
            storage.remove([name])
    Sheet.objects.update(stored_bytes=0)
    clear(dry_run=True)
    assert set(Sheet.objects.values_list("stored_bytes", flat=True)) == {0}
    clear()
    sheet.refresh_from_db()
    lost.refresh_from_db()
    assert (sheet.stored_bytes, lost.stored_bytes) == (size, 1)


def test_a_size_that_is_known_stays(designer: User) -> None:
    sheet = make_sheet(designer)
    Sheet.objects.update(stored_bytes=7)
    clear()
    sheet.refresh_from_db()
    assert sheet.stored_bytes == 7

"""Backup and restore: a round trip that loses nothing, and refusals that change nothing."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from stickers.files import storage
from stickers.models import Generation, Sheet, State
from stickers.pipeline import journal
from stickers.running import data_folder, release
from stickers.upkeep import backup
from tests.support.rows import make_generation, make_sheet

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


def rows() -> dict[str, list[dict[str, Any]]]:
    found = {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models(include_auto_created=True)
        if model._meta.label_lower not in backup._PASSING
    }
    for links in (found["auth.User_groups"], found["auth.Group_permissions"]):
        for link in links:
            del link["id"]  # nobody sees these ids, and each restore makes new ones
    return found


def stored(media: Path) -> dict[str, bytes]:
    return {str(path.relative_to(media)): path.read_bytes() for path in media.rglob("*") if path.is_file()}


@pytest.fixture
def studio(designer: User, media: Path) -> Sheet:
    first = make_generation(designer, prompt="½ fox “it's”", state=State.FAILED)
    assert first.retry() is not None
    Generation.objects.filter(state=State.CREATED).update(state=State.DONE, next_at=None)
    group = Group.objects.create(name="printers")
    group.permissions.add(Permission.objects.order_by("pk")[3])
    designer.groups.add(group)
    make_sheet(designer, is_imported=True, source_name="mine.png")
    return make_sheet(designer, title="Kept")


@pytest.fixture
def saved(studio: Sheet, tmp_path: Path) -> Path:
    path = tmp_path / "studio.tar"
    backup.backup(path)
    return path


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """A data folder of the test's own, for the journal of ids."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    return tmp_path / "data"


def empty(media: Path) -> None:
    call_command("flush", interactive=False, verbosity=0)
    for name in stored(media):
        default_storage.delete(name)


def rewritten(path: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    """A copy of the backup with members changed or left out."""
    out = path.with_name("other.tar")
    with tarfile.open(path) as old, tarfile.open(out, "w") as new:
        for info in old:
            stream = old.extractfile(info)
            assert stream is not None
            changed = change(info.name, stream.read())
            if changed is not None:
                info.name, info.size = changed[0], len(changed[1])
                new.addfile(info, io.BytesIO(changed[1]))
    return out


def test_it_works(studio: Sheet, media: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, pictures = rows(), stored(media)
    path = tmp_path / "studio.tar"
    call_command("backup", out=path)
    said = json.loads(capsys.readouterr().out)
    assert (said["rows"]["stickers.Sticker"], said["files"], said["missing"]) == (6, len(pictures), [])
    assert path.stat().st_mode & 0o777 == 0o600
    empty(media)
    call_command("restore", str(path))
    assert json.loads(capsys.readouterr().out)["doubtful_orders"] == 0
    assert rows() == before
    assert stored(media) == pictures


def test_titles_that_look_like_paths_are_no_files(
    designer: User, media: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (media / "generations/1").mkdir(parents=True)
    make_sheet(designer, title="generations/1")  # a folder, which no storage can read as a file
    make_sheet(designer, title="generations/1/0/abc.png", source_name="imports/x.png")  # a file that is not there
    call_command("backup", out=tmp_path / "studio.tar")
    said = json.loads(capsys.readouterr().out)
    assert (said["files"], said["missing"]) == (len(stored(media)), [])


def test_the_command_fails_when_files_are_missing_unless_that_is_allowed(
    studio: Sheet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = studio.file.name or ""
    default_storage.delete(name)
    with pytest.raises(CommandError, match=r"Missing: 1 file that rows name\. The rest is in the backup"):
        call_command("backup", out=tmp_path / "a.tar")
    assert json.loads(capsys.readouterr().out)["missing"] == [name]
    assert (tmp_path / "a.tar").exists()
    call_command("backup", "--allow-missing", out=tmp_path / "b.tar")
    said = capsys.readouterr()
    assert json.loads(said.out)["missing"] == [name]
    assert "1 file that" in said.err


def a_folder(media: Path, name: str) -> None:
    (media / name).unlink()
    (media / name).mkdir()


def a_link_to_itself(media: Path, name: str) -> None:
    (media / name).unlink()
    (media / name).symlink_to(media / name)


def a_name_outside(media: Path, name: str) -> None:
    Sheet.objects.filter(file=name).update(file="../../etc/hostname")


def a_name_of_nobodys(media: Path, name: str) -> None:
    """The file can be read, but no restore would take it in."""
    Sheet.objects.filter(file=name).update(file="strange.png")
    (media / name).rename(media / "strange.png")


@pytest.mark.parametrize("fault", [a_folder, a_link_to_itself, a_name_outside, a_name_of_nobodys])
def test_one_file_that_cannot_be_read_costs_no_other(
    studio: Sheet, media: Path, tmp_path: Path, fault: Callable[[Path, str], None]
) -> None:
    pictures = len(stored(media))
    fault(media, studio.file.name or "")
    report = backup.backup(tmp_path / "b.tar")
    assert report.missing == [Sheet.objects.get(pk=studio.pk).file.name]
    assert report.files == pictures - 1
    assert backup.restore(tmp_path / "b.tar", replace=True).missing == report.missing


def test_a_store_that_refuses_one_file_keeps_no_other_out(
    studio: Sheet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = studio.file.name or ""
    opened = default_storage.open

    def refuse(asked: str, mode: str = "rb") -> Any:
        if asked == name:
            raise PermissionError(13, "Permission denied")
        return opened(asked, mode)

    monkeypatch.setattr(default_storage, "open", refuse)
    assert backup.backup(tmp_path / "b.tar").missing == [name]


def test_a_backup_names_its_release(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with tarfile.open(saved) as tar:
        stream = tar.extractfile(backup.MANIFEST)
        assert stream is not None
        assert json.loads(stream.read())["release"] == release.name()
    call_command("restore", str(saved), replace=True)
    assert json.loads(capsys.readouterr().out)["release"] == release.name()


def test_a_backup_of_another_release_says_which(saved: Path) -> None:
    def of_another(name: str, data: bytes) -> tuple[str, bytes]:
        return name, grow_old(name, data)[1].replace(release.name().encode(), b"9.9 (abc)")

    with pytest.raises(backup.BackupError, match=r"another release, 9\.9 \(abc\) .*Restore it with the release"):
        backup.restore(rewritten(saved, of_another), replace=True)


def test_a_backup_from_before_releases_were_named_is_restored(saved: Path) -> None:
    def unnamed(name: str, data: bytes) -> tuple[str, bytes]:
        return name, data.replace(b'"release":', b'"anything":') if name == backup.MANIFEST else data

    assert "did not write down" in backup.restore(rewritten(saved, unnamed), replace=True).release


@pytest.mark.parametrize("replace", [True, False])
def test_a_running_studio_is_not_replaced(saved: Path, folder: Path, media: Path, replace: bool) -> None:
    before = rows()
    with data_folder.in_use(folder), pytest.raises(CommandError, match=r"A studio is running over .*Stop it first"):
        call_command("restore", str(saved), replace=replace)
    assert rows() == before
    backup.restore(saved, replace=True)


def test_no_part_starts_during_a_restore(saved: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put = storage.put

    def start(name: str, data: bytes) -> str:
        with pytest.raises(data_folder.InUseError, match="being restored"), data_folder.in_use(folder):
            pytest.fail("A part started.")
        return put(name, data)

    monkeypatch.setattr(storage, "put", start)
    assert backup.restore(saved, replace=True).files


def test_a_studio_on_another_machine_is_not_replaced(saved: Path, folder: Path) -> None:
    """Machines that share a PostgreSQL share no disk, so the database is asked who is connected."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite serves one machine; `make test-engines` runs this on PostgreSQL.")
    elsewhere = connection.copy()
    try:
        elsewhere.ensure_connection()
        with pytest.raises(backup.BackupError, match="connected to this database"):
            backup.restore(saved, replace=True)
    finally:
        elsewhere.close()
    backup.restore(saved, replace=True)


def test_an_empty_studio_is_hardly_the_one_that_was_meant(designer: User, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nothing to back up"):
        call_command("backup", out=tmp_path / "a.tar")
    assert not (tmp_path / "a.tar").exists()


def test_rows_made_afterwards_get_ids_of_their_own(saved: Path, designer: User, media: Path) -> None:
    highest = max(Sheet.objects.values_list("pk", flat=True))
    empty(media)
    backup.restore(saved)
    assert make_sheet(User.objects.get(), title="New").pk > highest
    assert Client().get("/gallery/").status_code == 200


def test_replacing_takes_what_was_there_away_from_the_rows(saved: Path, designer: User, media: Path) -> None:
    before = rows()
    make_sheet(designer, title="Made since")
    with pytest.raises(backup.BackupError, match=r"not empty.*--replace"):
        backup.restore(saved)
    assert Sheet.objects.filter(title="Made since").exists()
    backup.restore(saved, replace=True)
    assert rows() == before


def test_orders_that_may_have_been_sent_since_are_never_sent_again(designer: User, media: Path, tmp_path: Path) -> None:
    states = (State.CREATED, State.SUBMITTING, State.WAITING)
    made = [make_generation(designer, state=state) for state in states]
    backup.backup(tmp_path / "b.tar")
    report = backup.restore(tmp_path / "b.tar", replace=True)
    assert report.doubtful_orders == 2
    now = [Generation.objects.get(pk=one.pk) for one in made]
    assert [one.state for one in now] == [State.UNKNOWN, State.UNKNOWN, State.WAITING]
    assert now[0].next_at is None
    assert "not sent again" in now[0].error


def test_a_file_that_is_missing_is_told_and_the_rest_is_saved(studio: Sheet, tmp_path: Path) -> None:
    name = studio.file.name or ""
    default_storage.delete(name)
    report = backup.backup(tmp_path / "b.tar")
    assert report.missing == [name]
    assert backup.restore(tmp_path / "b.tar", replace=True).missing == [name]


ELSEWHERE = """
import sys
import django
from stickers.running import data_folder
data_folder.make()
django.setup()
from pathlib import Path
from django.core.management import call_command
from stickers.upkeep.backup import backup
from stickers.accounts.current_user import the_designer
from tests.support.rows import make_sheet
call_command("migrate", verbosity=0)
make_sheet(the_designer(), title="From SQLite")
backup(Path(sys.argv[1]))
"""


def test_a_backup_moves_between_databases(transactional_db: None, media: Path, tmp_path: Path) -> None:
    """From SQLite into the database of these tests, which is PostgreSQL in the engine suite."""
    variables = {"STUDIO_DATA": str(tmp_path / "sqlite"), "DJANGO_SETTINGS_MODULE": "stickers.settings"}
    command = [sys.executable, "-c", ELSEWHERE, str(tmp_path / "b.tar")]
    subprocess.run(command, env={"PATH": os.environ["PATH"], **variables}, cwd=ROOT, check=True)
    backup.restore(tmp_path / "b.tar", replace=True)
    sheet = Sheet.objects.get()
    assert (sheet.title, sheet.stickers.count(), len(stored(media))) == ("From SQLite", 3, 7)
    assert make_sheet(sheet.owner).pk > sheet.pk


def test_a_backup_never_overwrites(saved: Path) -> None:
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", out=saved)


def test_no_half_backup_stays(studio: Sheet, tmp_path: Path) -> None:
    out = tmp_path / "nowhere" / "b.tar"
    with pytest.raises(backup.BackupError) as raised:
        backup.backup(out)
    assert str(raised.value) == f"{out} could not be written: No such file or directory."
    assert not list(tmp_path.glob("*.tar"))


def test_a_backup_that_is_not_there(studio: Sheet, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(backup.BackupError) as raised:
        backup.restore(tmp_path / "none.tar", replace=True)
    assert str(raised.value) == f"{tmp_path}/none.tar cannot be read: No such file or directory."


def test_a_file_that_is_no_tar(studio: Sheet, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "none.tar").write_bytes(b"text")
    with pytest.raises(backup.BackupError, match=r"none\.tar cannot be read: \w+"):
        backup.restore(tmp_path / "none.tar", replace=True)


def test_a_storage_that_is_full(saved: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows()

    def full(name: str, _: bytes) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage, "put", full)
    with pytest.raises(backup.BackupError, match=r"The rows are as they were, because \S+ cannot be stored: No space"):
        backup.restore(saved, replace=True)
    assert rows() == before


def test_a_data_folder_that_is_gone(saved: Path, folder: Path) -> None:
    folder.rmdir()
    with pytest.raises(backup.BackupError, match=r"^The data folder \S+ cannot be used: No such file"):
        backup.restore(saved, replace=True)


def spoil(name: str, data: bytes) -> tuple[str, bytes]:
    return name, data[:-1] + bytes([data[-1] ^ 1]) if name.endswith(".png") else data


def climb(name: str, data: bytes) -> tuple[str, bytes]:
    if name.startswith("media/"):
        return "media/generations/../../evil", data
    if name == backup.MANIFEST:
        manifest = json.loads(data)
        sums = manifest["sha256"]
        first = next(iter(key for key in sums if key.startswith("media/")))
        manifest["sha256"] = {key: sums[key] for key in sums if not key.startswith("media/")}
        manifest["sha256"]["media/generations/../../evil"] = sums[first]
        return name, json.dumps(manifest).encode()
    return name, data


def grow_old(name: str, data: bytes) -> tuple[str, bytes]:
    return name, data.replace(b'"stickers.0001_initial"', b'"stickers.0001_other"')


def without_rows(name: str, data: bytes) -> tuple[str, bytes] | None:
    return None if name == backup.ROWS else (name, data)


def without_a_file(name: str, data: bytes) -> tuple[str, bytes] | None:
    return None if name.endswith(".png") else (name, data)


def of_the_future(name: str, data: bytes) -> tuple[str, bytes]:
    return name, data.replace(b'"format": 1', b'"format": 2')


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (spoil, "is damaged"),
        (climb, "strange name|damaged"),
        (grow_old, "another release"),
        (without_rows, "no backup"),
        (without_a_file, "does not hold"),
        (of_the_future, "format 2"),
    ],
)
def test_refusals_change_nothing(
    saved: Path, media: Path, change: Callable[[str, bytes], tuple[str, bytes] | None], words: str
) -> None:
    before, pictures = rows(), stored(media)
    with pytest.raises(backup.BackupError, match=words):
        backup.restore(rewritten(saved, change), replace=True)
    assert rows() == before
    assert stored(media) == pictures


def test_one_cut_short_changes_nothing(saved: Path) -> None:
    before = rows()
    saved.write_bytes(saved.read_bytes()[: saved.stat().st_size // 2])
    with pytest.raises(backup.BackupError):
        backup.restore(saved, replace=True)
    assert rows() == before


def test_rows_that_do_not_fit_leave_the_old_ones(saved: Path, folder: Path) -> None:
    before = rows()
    journal.keep(1, "a-paid-id")
    with tarfile.open(saved) as tar:
        stream = tar.extractfile(backup.ROWS)
        assert stream is not None
        lines = stream.read().decode().replace('"owner": ', '"owner": 99')
    with pytest.raises(Exception, match=r"FOREIGN KEY|foreign key"):
        backup._replace_rows(lines)
    assert rows() == before
    assert journal.entries() == [journal.Entry(1, "a-paid-id")]


def test_rows_that_cannot_be_committed_leave_the_old_ones(
    saved: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("disk I/O error")

    before = rows()
    journal.keep(1, "a-paid-id")
    with monkeypatch.context() as patch:
        patch.setattr(connection, "commit", refuse)
        with pytest.raises(backup.BackupError, match="which is as it was: disk I/O error"):
            backup.restore(saved, replace=True)
    assert rows() == before
    assert journal.entries() == [journal.Entry(1, "a-paid-id")]


def test_ids_that_wait_belong_to_the_rows_that_go(saved: Path, folder: Path) -> None:
    journal.keep(1, "of the old rows")
    backup.restore(saved, replace=True)
    assert journal.entries() == []
    [aside] = folder.glob("unsaved_ids.*")
    assert b"1 of the old rows" in aside.read_bytes()


def test_the_secret_key_travels_unless_the_environment_holds_it(
    studio: Sheet, tmp_path: Path, settings: Settings
) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "secret_key").write_text(settings.SECRET_KEY)
    assert backup.backup(tmp_path / "a.tar").secret_key == "in the backup"
    (tmp_path / "secret_key").write_text("another")
    settings.SECRET_KEY = "another"
    assert backup.restore(tmp_path / "a.tar", replace=True).secret_key.startswith("restored")
    assert (tmp_path / "secret_key").read_text() != "another"
    assert "SECRET_KEY" in backup.backup(tmp_path / "b.tar").secret_key

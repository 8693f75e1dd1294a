"""The data folder and its secret key: made once, private, whole for all who start at once, and only if needed."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stickers.running import data_folder

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDIO_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("SECRET_KEY", raising=False)
    return tmp_path / "data"


def manage(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "STUDIO_DATA": str(folder)}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_it_works(folder: Path) -> None:
    assert data_folder.kept_key() == ""
    data_folder.make()
    key = data_folder.kept_key()
    assert len(key) >= 50
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600
    data_folder.make()
    assert data_folder.kept_key() == key
    assert [path.name for path in folder.iterdir()] == ["secret_key"], "no draft is left behind"


def modes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.lstat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}


def test_nobody_else_on_the_machine_may_look_in(folder: Path) -> None:
    data_folder.make()
    assert modes(folder) == {".": 0o700, "secret_key": 0o600}
    assert not data_folder.is_open()


def test_a_folder_of_a_release_before_is_closed_down_to_its_last_file(folder: Path, tmp_path: Path) -> None:
    (folder / "media/imports/a").mkdir(parents=True)
    (folder / "media/imports/a/b.png").write_text("a picture")
    (folder / "studio.sqlite3").write_text("rows")
    (tmp_path / "elsewhere").mkdir()
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o664)
    data_folder.make()
    found = modes(folder)
    del found["linked"]
    assert {mode for name, mode in found.items() if (folder / name).is_dir()} == {0o700}
    assert {mode for name, mode in found.items() if (folder / name).is_file()} == {0o600}
    assert (tmp_path / "elsewhere").stat().st_mode & 0o777 == 0o755, "not the studio's own"


def test_a_file_that_a_command_left_open_in_a_closed_folder_is_closed(folder: Path) -> None:
    data_folder.make()
    (folder / "studio.sqlite3").touch(mode=0o644)
    data_folder.make()
    assert modes(folder)["studio.sqlite3"] == 0o600


def test_all_who_start_at_once_read_one_whole_key(folder: Path) -> None:
    def made(_: int) -> str:
        data_folder.make()
        return data_folder.kept_key()

    with ThreadPoolExecutor(16) as threads:
        keys = set(threads.map(made, range(64)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 50


def test_a_key_in_the_environment_is_not_made_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "a key of one's own")
    data_folder.make()
    assert list(folder.iterdir()) == []


def test_a_read_only_disk_leaves_the_folder_as_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data_folder.make()
    folder.chmod(0o755)

    def refuse(path: Path, _: int) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "chmod", refuse)
        data_folder.make()
    assert data_folder.is_open()


def test_a_disk_that_fails_is_no_read_only_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data_folder.make()
    folder.chmod(0o755)

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "chmod", fail)
        with pytest.raises(OSError, match="Input/output"):
            data_folder.make()


def test_a_command_that_wants_rows_makes_the_folder(folder: Path) -> None:
    assert manage(folder, "migrate", "--plan").returncode == 0
    assert (folder / "secret_key").exists()


@pytest.mark.parametrize("arguments", [("makemigrations", "--check", "--dry-run"), ("cut", "--help"), ("check",)])
def test_a_command_that_wants_no_rows_leaves_no_folder(folder: Path, arguments: tuple[str, ...]) -> None:
    done = manage(folder, *arguments)
    assert done.returncode == 0, done.stderr
    assert not folder.exists()


def test_parts_share_the_folder_and_a_restore_has_it_alone(tmp_path: Path) -> None:
    in_use, alone = data_folder.in_use, data_folder.alone
    with in_use(tmp_path), in_use(tmp_path), pytest.raises(data_folder.InUseError, match="is running over"):
        alone(tmp_path).__enter__()
    with alone(tmp_path), pytest.raises(data_folder.InUseError, match="being restored"):
        in_use(tmp_path).__enter__()
    with in_use(tmp_path):
        pass


def test_a_web_server_of_its_own_keeps_the_folder_in_use(folder: Path) -> None:
    serving = "import stickers.wsgi; from stickers.running.data_folder import alone, path; alone(path()).__enter__()"
    environment = {"PATH": os.environ["PATH"], "STUDIO_DATA": str(folder)}
    command = [sys.executable, "-c", serving]
    asked = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert f"InUseError: A studio is running over {folder}." in asked.stderr

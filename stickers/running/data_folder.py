"""Find and make the studio's data folder and the secret key in it.

The settings only read both. Whoever starts the studio makes them. So a linter, a test or `manage.py check`, which load
the settings, leave no trace.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from stickers.running import environment

OTHERS: Final = 0o077  # every right of group and others; also the umask of the studio's processes
# An entry that has gone meanwhile, belongs to another user, or lies on a read-only disk stays as it is.
_STAYS: Final = {errno.ENOENT, errno.EACCES, errno.EPERM, errno.EROFS}
CHECKOUT: Final = Path(__file__).resolve().parents[2]


class InUseError(Exception):
    """Somebody else uses the folder in a way that does not go together with what was asked for."""


def path() -> Path:
    """The folder, whether it exists or not."""
    return environment.folder("STUDIO_DATA", CHECKOUT / "data")


def kept_key() -> str:
    """The secret key in the folder; empty if there is none yet."""
    try:
        return _key_file().read_text(encoding="ascii")
    except FileNotFoundError:
        return ""


def make() -> None:
    """Make the folder and a key in it, which only its owner can read. If SECRET_KEY is set, no key is made.

    What exists stays, but other users of the machine can no longer read it. Call this before anything reads the
    settings. Raises OSError.
    """
    path().mkdir(mode=0o700, parents=True, exist_ok=True)
    _close()
    if environment.text("SECRET_KEY") or _key_file().exists():
        return
    # The key is written aside and then linked. If two processes start at once, neither reads half a key.
    draft = _key_file().with_suffix(f".{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(50), encoding="ascii")
    with contextlib.suppress(FileExistsError):
        _key_file().hardlink_to(draft)
    draft.unlink()


def refusal(error: OSError) -> str:
    """What the operator is told when `make` fails."""
    return f"Cannot write to the data folder {path()}: {error.strerror or error}."


def is_open() -> bool:
    """Whether other users of this machine may look into the folder."""
    return bool(path().stat().st_mode & OTHERS)


def _close() -> None:
    """Take from other users of this machine the right to read the folder and what is in it.

    Earlier releases let everybody read it. The first start over such a folder walks through all of it. In a closed
    folder nobody can reach what lies deeper, so later starts look at its top level alone. Links stay as they are, and
    so does what belongs to another user or lies on a disk that can't be written; `is_open` then says so.
    """
    entries = list(path().rglob("*")) if is_open() else list(path().iterdir())
    for entry in (*entries, path()):  # the folder comes last, so that a walk that was cut short begins again
        try:
            mode = entry.lstat().st_mode
            if mode & OTHERS and not stat.S_ISLNK(mode):
                entry.chmod(stat.S_IMODE(mode) & ~OTHERS)
        except OSError as error:
            if error.errno not in _STAYS:
                raise


@contextlib.contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """Mark `folder` as the one of a running studio. Its parts may all do so. Raises InUseError during a restore.

    The mark is a lock on a file. The kernel takes it off when the process ends, however that happens.
    """
    with _locked(folder, fcntl.LOCK_SH, f"A backup is being restored into {folder}. Start the studio after that."):
        yield


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Have `folder` while no studio runs over it and none can start. Raises InUseError while one runs."""
    with _locked(folder, fcntl.LOCK_EX, f"A studio is running over {folder}. Stop it first, on every machine."):
        yield


@contextlib.contextmanager
def _locked(folder: Path, kind: int, refusal: str) -> Iterator[None]:
    with (folder / "in_use.lock").open("a", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUseError(refusal) from None
        yield


def _key_file() -> Path:
    return path() / "secret_key"

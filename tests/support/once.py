"""Make what is costly once in a test run, in one of its parallel workers; the others read it."""

from __future__ import annotations

import atexit
import fcntl
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

_VARIABLE: Final = "STUDIO_TEST_RUN"


def _folder() -> Path:
    """The folder of this run. Its first process makes and removes it; the workers find it in their environment."""
    if _VARIABLE not in os.environ:
        os.environ[_VARIABLE] = tempfile.mkdtemp(prefix="sticker-studio-test-run-")
        atexit.register(shutil.rmtree, os.environ[_VARIABLE], ignore_errors=True)
    return Path(os.environ[_VARIABLE])


FOLDER: Final = _folder()


def file_made_once(name: str, make: Callable[[Path], None]) -> Path:
    """The file `name` of this run. `make` writes it to the given path, unless another worker already has."""
    path = FOLDER / name
    with (FOLDER / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # freed when the file is closed, and when its process is killed
        if not path.exists():
            draft = path.with_name(f"{name}.draft")
            make(draft)
            draft.rename(path)
    return path


def made_once(name: str, make: Callable[[], T]) -> T:
    """The result of `make`, stored as a pickle."""
    path = file_made_once(name, lambda draft: _write(draft, make()))
    made: T = pickle.loads(path.read_bytes())  # noqa: S301 - written by this very run
    return made


def _write(path: Path, made: object) -> None:
    path.write_bytes(pickle.dumps(made))

"""A disk that can be filled: a small file system if it may be mounted, else a limit on file sizes."""

from __future__ import annotations

import contextlib
import errno
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

SIZE_MB: Final = 96
DISK: Final = Path("disk")  # in the folder of a studio of this suite; only this fills up
DATA: Final = DISK / "data"
CHUNK: Final = bytes(1 << 20)


class Disk(Protocol):
    """What a run needs of the disk under a studio's data folder."""

    kind: str

    def fill(self) -> None: ...

    def empty(self) -> None: ...


class Mounted:
    """A tmpfs. When it is full, everybody meets ENOSPC."""

    kind = f"a tmpfs of {SIZE_MB} MB, filled to the last byte: a real ENOSPC"

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self) -> None:
        with self._filler.open("wb", buffering=0) as file:
            for chunk in (CHUNK, bytes(4096)):
                try:
                    while True:
                        file.write(chunk)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def empty(self) -> None:
        self._filler.unlink(missing_ok=True)


class Limited:
    """No file may grow, by a limit on the studio's own processes. They meet EFBIG instead of ENOSPC."""

    kind = "no mount permitted here: RLIMIT_FSIZE on the studio's processes, EFBIG instead of ENOSPC"

    def __init__(self, pids: Callable[[], list[int]]) -> None:
        self._pids = pids

    def fill(self) -> None:
        self._limit(1)

    def empty(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        for pid in self._pids():
            with contextlib.suppress(ProcessLookupError):
                _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


@contextmanager
def mounted(folder: Path) -> Iterator[bool]:
    """Mount a small file system at `folder`, if that is permitted. Says whether it was."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=0755", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        done = False
    try:
        yield done
    finally:
        if done:
            subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)

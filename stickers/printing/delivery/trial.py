"""Write a print job's files in a process of its own, to see whether that process survives."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Final

from stickers.printing.delivery.job import PrintJob
from stickers.printing.delivery.package import write_files
from stickers.printing.imposition.layout import Layout

PATIENCE_S: Final = 300


def survives(layout: Layout, job: PrintJob) -> bool:
    """Whether a process that writes these files ends by itself, with or without an error.

    False when a signal ends it, as the kernel does when memory is short, or when it takes longer than PATIENCE_S.
    """
    command = (sys.executable, "-m", __name__)
    data = pickle.dumps((layout, job))
    try:
        return subprocess.run(command, input=data, timeout=PATIENCE_S, check=False).returncode >= 0  # noqa: S603
    except subprocess.TimeoutExpired:
        return False


def main() -> int:
    layout, job = pickle.load(sys.stdin.buffer)  # noqa: S301  from the function above
    for _ in write_files(layout, job):
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())

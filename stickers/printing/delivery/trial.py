"""Write a layout's files in a process of its own, to see whether both come to their end."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Final

from stickers.printing.delivery.package import Order, write_files
from stickers.printing.imposition.layout import Layout

PATIENCE_S: Final = 300


def survives(layout: Layout, order: Order) -> bool:
    """Whether a process that writes these files lives to tell, be it of an error.

    False when it is ended by a signal, such as the kernel's when memory is short, or takes longer than PATIENCE_S.
    """
    command = (sys.executable, "-m", __name__)
    data = pickle.dumps((layout, order))
    try:
        return subprocess.run(command, input=data, timeout=PATIENCE_S, check=False).returncode >= 0  # noqa: S603
    except subprocess.TimeoutExpired:
        return False


def main() -> int:
    layout, order = pickle.load(sys.stdin.buffer)  # noqa: S301  from the function above
    for _ in write_files(layout, order):
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Cut a picture in a process of its own, to see whether both come to their end: `python -m stickers.cutting.trial`."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from typing import Final

from stickers.cutting import CutOptions, cut_sheet
from stickers.pictures.opening import open_image

PATIENCE_S: Final = 300


def survives(data: bytes, options: CutOptions) -> bool:
    """Whether a process that cuts `data` lives to tell, be it of an error.

    False when it is ended by a signal, such as the kernel's when memory is short, or takes longer than PATIENCE_S.
    """
    command = (sys.executable, "-m", __name__, json.dumps(asdict(options)))
    try:
        return subprocess.run(command, input=data, timeout=PATIENCE_S, check=False).returncode >= 0  # noqa: S603
    except subprocess.TimeoutExpired:
        return False


def main() -> int:
    options = CutOptions(**json.loads(sys.argv[1]))
    cut_sheet(open_image(sys.stdin.buffer.read()), options)
    return 0


if __name__ == "__main__":
    sys.exit(main())

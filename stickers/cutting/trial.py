"""Cut a picture in a process of its own, to see whether both survive it: `python -m stickers.cutting.trial`."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from typing import Final

from stickers.cutting import CutOptions, cut_sheet
from stickers.pictures.opening import open_image

PATIENCE_S: Final = 300


def fate_of(data: bytes, options: CutOptions) -> str:
    """What happens to a process that cuts `data`: "" if it survives, even with an error.

    Else the end of a sentence about the cut: a signal ended the process, such as the kernel's when memory is short, or
    it took longer than PATIENCE_S.
    """
    command = (sys.executable, "-m", __name__, json.dumps(asdict(options)))
    try:
        code = subprocess.run(command, input=data, timeout=PATIENCE_S, check=False).returncode  # noqa: S603
    except subprocess.TimeoutExpired:
        return f"takes longer than {PATIENCE_S:g} seconds on this machine"
    return "ends the process that does it" if code < 0 else ""


def main() -> int:
    options = CutOptions(**json.loads(sys.argv[1]))
    cut_sheet(open_image(sys.stdin.buffer.read()), options)
    return 0


if __name__ == "__main__":
    sys.exit(main())

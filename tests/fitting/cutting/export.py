"""Write the net of a checkpoint as the studio's data file: `python -m tests.fitting.cutting.export CHECKPOINT`."""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import torch

from tests.fitting.cutting.learned.sheet_net import WEIGHTS
from tests.fitting.cutting.net import INPUTS, SheetNet


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    given = parser.parse_args()
    net = SheetNet()
    saved = torch.load(given.checkpoint, weights_only=True)
    net.load_state_dict(saved["mean"])
    net.eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        # The older exporter folds the normalisation into the convolutions, and OpenCV reads what it writes.
        torch.onnx.export(net, (torch.zeros(1, INPUTS, 512, 512),), str(given.out), dynamo=False, opset_version=13)
    sys.stdout.write(f"step {saved['step']}: {given.out.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

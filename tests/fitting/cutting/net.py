"""The small net that looks at a whole sheet: a U-Net (Ronneberger et al. 2015) of about 700,000 numbers.

Input: float32 1x5xHxW as `input_of` gives it, H and W multiples of 64, at about half the sheet's size. Output, at half
the input's size again, in `CHANNELS`: four logits of the silhouette (a 2x2 block of input pixels each), one logit for
each part, the seam's logit, and the way to the sticker's middle, down and right, in units of `MIDDLE_PX` output pixels.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn

INPUTS: Final = 5
PARTS: Final = 6  # ground, artwork, border, shadow, furniture, caption
CHANNELS: Final = 4 + PARTS + 1 + 2
WIDTHS: Final = (16, 32, 48, 64, 88)
MIDDLE_PX: Final = 32.0


def _step(inside: int, outside: int, *, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(inplace=True)
    )


class Double(nn.Module):
    """Two convolutions with a way round them (He et al. 2016)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _step(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.second(self.first(x)))


class SheetNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(_step(INPUTS, WIDTHS[0], stride=2), _step(WIDTHS[0], WIDTHS[0]))
        self.down = nn.ModuleList(
            nn.Sequential(_step(small, large, stride=2), Double(large) if large > WIDTHS[1] else _step(large, large))
            for small, large in pairwise(WIDTHS)
        )
        self.deepest = nn.Sequential(_step(WIDTHS[-1], WIDTHS[-1], stride=2), _step(WIDTHS[-1], WIDTHS[-1]))
        pairs = [(WIDTHS[-1], WIDTHS[-1]), *zip(WIDTHS[:0:-1], WIDTHS[-2::-1], strict=True)]
        self.narrow = nn.ModuleList(nn.Conv2d(large, small, 1) for large, small in pairs)
        self.up = nn.ModuleList(
            nn.Sequential(_step(small, small), *([_step(small, small)] if small in WIDTHS[2:-1] else []))
            for _, small in pairs
        )
        self.head = nn.Conv2d(WIDTHS[0], CHANNELS, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        skips = [x]
        for step in self.down:
            x = step(x)
            skips.append(x)
        x = self.deepest(x)
        for narrow, step, skip in zip(self.narrow, self.up, reversed(skips), strict=True):
            x = step(skip + nn.functional.interpolate(narrow(x), scale_factor=2.0, mode="nearest"))
        return self.head(x)

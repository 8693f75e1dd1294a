"""The enlarging net: 4 x by one pass over the small picture, with a wider look at half its resolution.

The large picture is the small one with every pixel repeated 4 x 4 times, plus what the net gives for each of these 48
values (the anchor of Du et al. 2021, "Anchor-based plain net for mobile image super-resolution"). Most work is done on
the small picture (Shi et al. 2016). The half resolution lets it see 14 px around a pixel for the price of 5: so it can
tell a blurred edge from a soft one, and noise of JPEG from texture.

Leaky ReLUs and no pixel shuffle: OpenCV 5 runs PReLU on its old, slower engine, and OpenCV 4.10 reads ONNX's
DepthToSpace at the exported size only.
"""

from __future__ import annotations

import io
from pathlib import Path

import torch
from torch import Tensor, nn

WIDE, DEEP, LOW = 24, 40, 4
LEAK = 0.1


def _conv(inside: int, outside: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inside, outside, 3, stride=stride, padding=1)


class Enlarger(nn.Module):
    """N x 3 x H x W in 0 … 1, with even H and W, to N x 48 x H x W: what is added to each of a pixel's 48 values."""

    def __init__(self) -> None:
        super().__init__()

        def act() -> nn.LeakyReLU:
            return nn.LeakyReLU(LEAK)

        self.head = nn.Sequential(_conv(3, WIDE), act(), _conv(WIDE, WIDE), act())
        low: list[nn.Module] = [_conv(WIDE, DEEP, 2), act()]
        for _ in range(LOW):
            low += [_conv(DEEP, DEEP), act()]
        self.low = nn.Sequential(*low, nn.ConvTranspose2d(DEEP, WIDE, 2, stride=2))
        self.tail = nn.Sequential(_conv(WIDE, WIDE), act(), _conv(WIDE, WIDE), act(), _conv(WIDE, 48))
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, LEAK)
                nn.init.zeros_(layer.bias)
        nn.init.normal_(self.tail[-1].weight, std=1e-3)

    def forward(self, small: Tensor) -> Tensor:
        fine = self.head(small)
        return self.tail(fine + self.low(fine))


def enlarged(net: nn.Module, small: Tensor) -> Tensor:
    """N x 3 x H x W in 0 … 1 to N x 3 x 4H x 4W."""
    anchor = small.repeat_interleave(16, dim=1)
    return nn.functional.pixel_shuffle(net(small) + anchor, 4)


def export(net: nn.Module, path: Path) -> None:
    """Write the net as ONNX, for any even height and width."""
    buffer = io.BytesIO()
    free = {2: "height", 3: "width"}
    torch.onnx.export(
        net.eval(),
        torch.zeros(1, 3, 64, 64),
        buffer,
        dynamo=False,
        input_names=["small"],
        output_names=["added"],
        dynamic_axes={"small": free, "added": free},
        opset_version=13,
    )
    part = path.with_suffix(".part")
    part.write_bytes(buffer.getvalue())
    part.rename(path)  # in one step: a reader finds the whole net, old or new

"""Trains the enlarging net. It may be stopped at any time and goes on where it was.

    python -m tests.fitting.enlarger.train FOLDER [--steps 60000]

FOLDER has `patches/` (see patches.py); it gets `checkpoint.pt`, `log.jsonl` and `enlarger.onnx`. A step is a batch of 8
patches. The held-out figure in the log is PSNR over the first shard, which is never learned from.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from tests.fitting.enlarger.net import Enlarger, enlarged, export

Bytes = npt.NDArray[np.uint8]

BATCH = 8
RATE = 2e-3
WARM = 300  # steps until the full rate
DECAY = 0.999  # of the mean of the weights, which is what is kept
UNSCORED = 4 * 4  # large px at a patch's rim, where the net sees the end of the patch
EVERY = 500  # steps between two lines of the log
GREY = (0.299, 0.587, 0.114)


class Patches:
    """All shards of a folder but the first, in random order and turned in eight ways."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shards: list[tuple[Bytes, Bytes, Bytes]] = []
        self.look()

    def look(self) -> None:
        """Read the shards that were made meanwhile."""
        for file in sorted(self.folder.glob("*.npz"))[1 + len(self.shards) :]:
            shard = np.load(file)
            self.shards.append((shard["small"], shard["large"], shard["weight"]))

    def batch(self, rng: np.random.Generator, size: int) -> tuple[Tensor, Tensor, Tensor]:
        picked = []
        for _ in range(size):
            shard = self.shards[int(rng.integers(len(self.shards)))]
            number = int(rng.integers(len(shard[0])))
            turn, mirror = int(rng.integers(4)), bool(rng.integers(2))
            parts = [np.rot90(part[number], turn) for part in shard]
            picked.append([part[:, ::-1] if mirror else part for part in parts])
        small, large, weight = (np.stack(part) for part in zip(*picked, strict=True))
        return _tensor(small), _tensor(large), torch.from_numpy(weight).float()[:, None] / 255


def _tensor(pictures: Bytes) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))).float() / 255


def loss_of(made: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """How wrong a batch is: colours, their steps from pixel to pixel, noise on flat colour, overshoot and structure.

    Charbonnier's distance for colours and steps; flat colour is where the truth's grey changes by less than 1/128
    within 9 px; overshoot is grey beyond the truth's darkest and lightest within 9 px.
    """
    inner = np.s_[..., UNSCORED:-UNSCORED, UNSCORED:-UNSCORED]
    grey = torch.tensor(GREY).view(1, 3, 1, 1)
    light, made_light = (truth * grey).sum(1, keepdim=True), (made * grey).sum(1, keepdim=True)
    with torch.no_grad():
        top, bottom = _highest(light), -_highest(-light)
    flat = ((top - bottom) < 1 / 128).float()
    made, truth, weight, flat = made[inner], truth[inner], weight[inner], flat[inner]
    light, made_light, top, bottom = light[inner], made_light[inner], top[inner], bottom[inner]
    total = weight.sum() + 1
    wrong = made - truth
    colour = (weight * (1 + 1.5 * flat) * torch.sqrt(wrong * wrong + 1e-5)).sum() / (3 * total)
    across, down = wrong[..., 1:] - wrong[..., :-1], wrong[..., 1:, :] - wrong[..., :-1, :]
    steps = (weight[..., 1:] * torch.sqrt(across * across + 1e-6)).sum() / (3 * total)
    steps = steps + (weight[..., 1:, :] * torch.sqrt(down * down + 1e-6)).sum() / (3 * total)
    beyond = (weight * (torch.relu(made_light - top) + torch.relu(bottom - made_light))).sum() / total
    return colour + 0.3 * steps + 1.0 * beyond + 0.03 * _unlike(made_light, light, weight, total)


def _highest(plane: Tensor) -> Tensor:
    """The highest value within 9 px, by rows and then by columns."""
    return nn.functional.max_pool2d(nn.functional.max_pool2d(plane, (9, 1), 1, (4, 0)), (1, 9), 1, (0, 4))


def _unlike(made: Tensor, truth: Tensor, weight: Tensor, total: Tensor) -> Tensor:
    """1 - SSIM of grey (Wang et al. 2004) with boxes of 7 px around every second pixel."""

    def mean(plane: Tensor) -> Tensor:
        return nn.functional.avg_pool2d(plane, 7, 2, 3)

    a, b = mean(made), mean(truth)
    aa, bb, ab = mean(made * made) - a * a, mean(truth * truth) - b * b, mean(made * truth) - a * b
    like = (2 * a * b + 1e-4) * (2 * ab + 9e-4) / ((a * a + b * b + 1e-4) * (aa + bb + 9e-4))
    return 4 * (weight[..., ::2, ::2] * (1 - like)).sum() / total


def held_out_psnr(net: nn.Module, shard: Path) -> float:
    """Mean PSNR in dB over the patches of `shard`, where the truth is known."""
    small, large, weight = (np.load(shard)[part] for part in ("small", "large", "weight"))
    found = []
    inner = np.s_[..., UNSCORED:-UNSCORED, UNSCORED:-UNSCORED]
    with torch.no_grad():
        for start in range(0, 512, 32):
            part = np.s_[start : start + 32]
            made = (enlarged(net, _tensor(small[part])).clamp(0, 1) * 255).round() / 255
            known = torch.from_numpy(weight[part]).float()[:, None][inner] / 255
            wrong = ((made - _tensor(large[part]))[inner] ** 2 * known).sum((1, 2, 3)) / (3 * known.sum((1, 2, 3)) + 1)
            found += (-10 * torch.log10(wrong + 1e-7)).tolist()
    return float(np.mean(found))


def train(folder: Path, steps: int) -> None:
    """Learn until `steps` steps are done, counted over all runs."""
    torch.set_num_threads(1)
    torch.manual_seed(1)
    patches = Patches(folder / "patches")
    held = folder / "patches" / "0000.npz"
    net, mean = Enlarger(), Enlarger()
    mean.load_state_dict(net.state_dict())
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, betas=(0.9, 0.99), weight_decay=1e-4)
    done = 0
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        kept = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(kept["net"])
        mean.load_state_dict(kept["mean"])
        optimizer.load_state_dict(kept["optimizer"])
        done = kept["done"]
    rng = np.random.default_rng([3, done])
    sums, began = 0.0, time.process_time()
    while done < steps:
        rate = RATE * min(1, (done + 1) / WARM) * (0.01 + 0.99 * (1 + math.cos(math.pi * done / steps)) / 2)
        for group in optimizer.param_groups:
            group["lr"] = rate
        small, large, weight = patches.batch(rng, BATCH)
        loss = loss_of(enlarged(net, small), large, weight)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        optimizer.step()
        done += 1
        decay = min(DECAY, (done + 1) / (done + 10))
        with torch.no_grad():
            for average, now in zip(mean.parameters(), net.parameters(), strict=True):
                average.lerp_(now, 1 - decay)
        sums += loss.item()
        if done % EVERY == 0 or done == steps:
            psnr = held_out_psnr(mean, held)
            _log(folder, done=done, loss=sums / EVERY, rate=rate, psnr=psnr, cpu_s=time.process_time() - began)
            sums, began = 0.0, time.process_time()
            part = checkpoint.with_suffix(".part")
            parts = {"net": net, "mean": mean, "optimizer": optimizer}
            torch.save({name: one.state_dict() for name, one in parts.items()} | {"done": done}, part)
            part.rename(checkpoint)
            export(mean, folder / "enlarger.onnx")
            patches.look()


def _log(folder: Path, **figures: float) -> None:
    line = json.dumps({name: round(value, 6) for name, value in figures.items()})
    with (folder / "log.jsonl").open("a") as file:
        file.write(line + "\n")
    sys.stderr.write(line + "\n")


def main() -> int:
    """Train. The exit code is 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=60_000)
    args = parser.parse_args()
    train(args.folder, args.steps)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

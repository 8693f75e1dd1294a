"""Train the net on composed sheets: `python -m tests.fitting.cutting.train SHEETS CHECKPOINT --minutes 60`.

It goes on from a checkpoint that is there, so a training may be stopped at any time. Two thirds of the batches are
whole sheets at half the net's size or crops at its size, which cost a quarter; the rest of the plan is whole sheets.
"""

from __future__ import annotations

import argparse
import copy
import math
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, distributed, multiprocessing
from torch.nn import functional

from tests.fitting.cutting.learned.sheet_net import input_of
from tests.fitting.cutting.net import MIDDLE_PX, PARTS, SheetNet

BATCH: Final = 4
IGNORED: Final = 6
DECAY: Final = 0.998  # of the moving average of the weights, which is what is exported

Arrays = dict[str, npt.NDArray[np.uint8]]


class Shelf:
    """The sheets of a folder, kept in memory; new files are taken in as they come."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: set[str] = set()
        self.sheets: list[Arrays] = []

    def renew(self) -> None:
        for path in sorted(self.folder.glob("*.npz")):
            if path.name not in self.seen:
                self.seen.add(path.name)
                with np.load(path) as file:
                    self.sheets.append({name: file[name] for name in file.files})


def view(sheet: Arrays, side: int, whole: bool, random: np.random.Generator) -> tuple[npt.NDArray[np.float32], ...]:
    """One sample of `side`² input pixels: rgb, cover, labels, parts, middles (2 planes), all as the loss wants them."""
    rgb, cover, labels, parts = sheet["rgb"], sheet["cover"], sheet["labels"], sheet["parts"]
    count = int(labels.max()) + 1
    ys, xs = np.nonzero(labels)
    own = labels[ys, xs]
    size = np.maximum(np.bincount(own, minlength=count), 1)
    middle_y = np.bincount(own, ys, count) / size
    middle_x = np.bincount(own, xs, count) / size
    height, width = rgb.shape[:2]
    if whole:
        grow = side / max(height, width) * random.uniform(0.8, 1.0)
    else:
        grow = float(np.exp(random.uniform(np.log(0.7), np.log(1.3))))
    # an output pixel is two input pixels; the canvas beyond the sheet repeats its edge, and is not judged
    out = side // 2
    room_y, room_x = side / grow - height, side / grow - width
    top = random.uniform(min(0, room_y), max(0, room_y)) if room_y < 0 else room_y * random.uniform(0, 1)
    left = random.uniform(min(0, room_x), max(0, room_x)) if room_x < 0 else room_x * random.uniform(0, 1)
    move = np.array([[grow, 0, left * grow], [0, grow, top * grow]], np.float32)
    move[:, 2] += 0.5 * grow - 0.5
    sigma = 0.5 * np.sqrt(max(0.0, 1 / grow**2 - 1))  # warpAffine has no area mode
    blurred = cv2.GaussianBlur(rgb, (0, 0), sigma) if sigma > 0 else rgb
    picture = cv2.warpAffine(blurred, move, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    beyond = cv2.warpAffine(np.zeros_like(cover), move, (side, side), flags=cv2.INTER_NEAREST, borderValue=255)
    covered = cv2.warpAffine(np.where(cover == 255, 127, cover), move, (side, side), flags=cv2.INTER_LINEAR)
    skipped = cv2.warpAffine((cover == 255).astype(np.uint8), move, (side, side), flags=cv2.INTER_NEAREST) + beyond
    small = move.copy()
    small[:, 2] = np.array([left, top]) * grow / 2 + 0.5 * grow - 0.5
    nearest = {"flags": cv2.INTER_NEAREST}
    label = cv2.warpAffine(labels, small, (out, out), borderValue=0, **nearest)
    part = cv2.warpAffine(parts, small, (out, out), borderValue=IGNORED, **nearest)
    rows, columns = np.mgrid[:out, :out].astype(np.float32)
    to_y = (middle_y[label] * grow + small[1, 2] - rows) / MIDDLE_PX
    to_x = (middle_x[label] * grow + small[0, 2] - columns) / MIDDLE_PX
    arrays = [picture.astype(np.float32) / 255, covered.astype(np.float32) / 254, skipped > 0, label, part, to_y, to_x]
    turn, flip = int(random.integers(4)), bool(random.integers(2))
    for _ in range(turn):  # counterclockwise: what pointed down points right, what pointed right points up
        arrays = [np.rot90(plane) for plane in arrays]
        arrays[5], arrays[6] = -arrays[6], arrays[5]
    if flip:
        arrays = [plane[:, ::-1] for plane in arrays]
        arrays[6] = -arrays[6]
    picture, covered, skipped, label, part, to_y, to_x = arrays
    return (
        _coloured(picture, random),
        np.where(skipped, -1, np.clip(covered, 0, 1)).astype(np.float32),
        label.astype(np.float32),
        part.astype(np.float32),
        np.stack([to_y, to_x]).astype(np.float32),
    )


def _coloured(picture: npt.NDArray[np.float32], random: np.random.Generator) -> npt.NDArray[np.float32]:
    """The net's input of the picture in other colours: gamma, gain, channels reordered, grey, a negative."""
    if random.random() < 0.35:
        picture = picture[..., random.permutation(3)]
    if random.random() < 0.06:
        picture = 1 - picture
    if random.random() < 0.06:
        picture = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    if random.random() < 0.5:
        picture = picture ** np.exp(random.normal(0, 0.12, 3)).astype(np.float32)
        picture = picture * random.uniform(0.9, 1.02)
    if random.random() < 0.4:
        picture = picture + random.normal(0, random.uniform(0, 0.015), picture.shape)
    return input_of(np.ascontiguousarray(np.clip(picture * 255, 0, 255), np.uint8))


def batch(shelf: Shelf, side: int, number: int, random: np.random.Generator, *, whole: float) -> list[Tensor]:
    samples = [
        view(shelf.sheets[int(random.integers(len(shelf.sheets)))], side, bool(random.random() < whole), random)
        for _ in range(number)
    ]
    return [torch.from_numpy(np.stack(planes)) for planes in zip(*samples, strict=True)]


def losses(out: Tensor, sample: list[Tensor]) -> dict[str, Tensor]:
    """The loss of each head, in the order of importance."""
    _, cover, label, part, way = sample
    logit = functional.pixel_shuffle(out[:, :4], 2)[:, 0]
    judged = (cover >= 0).float()
    target = cover.clamp(min=0)
    edge = (functional.max_pool2d(target[:, None], 5, 1, 2) - (-functional.max_pool2d(-target[:, None], 5, 1, 2)))[:, 0]
    weight = judged * (1 + 3 * edge)
    bce = (functional.binary_cross_entropy_with_logits(logit, target, reduction="none") * weight).sum() / weight.sum()
    guess = torch.sigmoid(logit) * judged
    overlap = 1 - (2 * (guess * target).sum((1, 2)) + 1) / (guess.sum((1, 2)) + (target * judged).sum((1, 2)) + 1)
    kinds = functional.cross_entropy(out[:, 4 : 4 + PARTS], part.long(), ignore_index=IGNORED)
    largest = functional.max_pool2d(label[:, None], 5, 1, 2)
    smallest = -functional.max_pool2d(-torch.where(label > 0, label, torch.full_like(label, 999.0))[:, None], 5, 1, 2)
    seam = ((largest > smallest) & (smallest < 999)).float()[:, 0]
    seam_weight = (part != IGNORED).float() * (1 + 4 * seam)
    seam_loss = functional.binary_cross_entropy_with_logits(out[:, 4 + PARTS], seam, reduction="none")
    mine = ((label > 0) & (part != IGNORED)).float()[:, None]
    way_loss = functional.smooth_l1_loss(out[:, -2:] * mine, way * mine, beta=0.25, reduction="none").sum()
    return {
        "cover": bce,
        "overlap": overlap.mean(),
        "part": kinds,
        "seam": (seam_loss * seam_weight).sum() / seam_weight.sum(),
        "way": way_loss / mine.sum().clamp(min=1),
    }


WEIGHTS: Final = {"cover": 1.0, "overlap": 0.3, "part": 0.4, "seam": 0.4, "way": 0.3}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sheets", type=Path)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--whole", type=float, default=0.5, help="share of whole sheets")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--last-rate", type=float, default=2e-4)
    parser.add_argument("--processes", type=int, default=1, help="each takes a part of every batch")
    given = parser.parse_args()
    if given.processes == 1:
        train(0, given)
    else:
        with tempfile.NamedTemporaryFile() as meeting:
            given.meeting = meeting.name
            multiprocessing.spawn(train, (given,), nprocs=given.processes)
    return 0


def train(rank: int, given: argparse.Namespace) -> None:
    """Train in this process, one of `given.processes`; the first one saves and speaks."""
    if given.processes > 1:
        distributed.init_process_group(
            "gloo", init_method=f"file://{given.meeting}", rank=rank, world_size=given.processes
        )
    torch.set_num_threads(1)
    torch.manual_seed(0)
    cv2.setNumThreads(1)
    net = SheetNet()
    mean = copy.deepcopy(net)
    optimizer = torch.optim.AdamW(net.parameters(), lr=given.rate, weight_decay=1e-4)
    step = 0
    if given.checkpoint.exists():
        saved = torch.load(given.checkpoint, weights_only=True)
        net.load_state_dict(saved["net"])
        mean.load_state_dict(saved["mean"])
        optimizer.load_state_dict(saved["optimizer"])
        step = saved["step"]
    shelf = Shelf(given.sheets)
    random = np.random.default_rng((step + 1, rank))
    started, shown = time.monotonic(), dict.fromkeys(WEIGHTS, 0.0)
    number = max(2, round(BATCH * (256 / given.side) ** 2))
    first = step
    while (gone := agreed((time.monotonic() - started) / 60)) < given.minutes:
        if (step - first) % 100 == 0:
            shelf.renew()
        share = gone / given.minutes
        rate = given.last_rate + (given.rate - given.last_rate) * 0.5 * (1 + math.cos(math.pi * share))
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 100)
        sample = batch(shelf, given.side, number, random, whole=given.whole)
        net.train()
        found = losses(net(sample[0]), sample)
        loss = sum(WEIGHTS[name] * value for name, value in found.items())
        optimizer.zero_grad()
        loss.backward()
        if distributed.is_initialized():
            flat = torch.cat([weight.grad.ravel() for weight in net.parameters()])
            distributed.all_reduce(flat)
            flat /= given.processes
            for weight, part in zip(net.parameters(), flat.split([w.numel() for w in net.parameters()]), strict=True):
                weight.grad.copy_(part.view_as(weight))
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimizer.step()
        step += 1
        with torch.no_grad():
            decay = min(DECAY, (step + 1) / (step + 10))
            for kept, new in zip(mean.state_dict().values(), net.state_dict().values(), strict=True):
                if kept.dtype.is_floating_point:
                    kept.mul_(decay).add_(new, alpha=1 - decay)
                else:
                    kept.copy_(new)
        for name, value in found.items():
            shown[name] += (0.01 if step > first + 50 else 0.05) * (value.item() - shown[name])
        if step % 50 == 0 and rank == 0:
            words = "  ".join(f"{name} {value:.4f}" for name, value in shown.items())
            sys.stdout.write(f"{step:6d}  {gone:5.1f} min  sheets {len(shelf.sheets)}  rate {rate:.1e}  {words}\n")
            sys.stdout.flush()
        if step % 200 == 0 and rank == 0:
            _save(given.checkpoint, net, mean, optimizer, step)
    if rank == 0:
        _save(given.checkpoint, net, mean, optimizer, step)


def agreed(minutes: float) -> float:
    """The first process's clock, for all."""
    if not distributed.is_initialized():
        return minutes
    clock = torch.tensor([minutes])
    distributed.broadcast(clock, 0)
    return float(clock)


def _save(path: Path, net: SheetNet, mean: SheetNet, optimizer: torch.optim.Optimizer, step: int) -> None:
    state = {"net": net.state_dict(), "mean": mean.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").rename(path)


if __name__ == "__main__":
    raise SystemExit(main())

"""Paints what training sheets lie on: flat colours, gradients, paper, wood and cloth."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from tests.fitting.cutting.figures import Bytes, Colour, Rng

KINDS = ("flat", "linear", "radial", "two-tone", "vignette", "paper", "wood", "cloth", "stone")


def paint(rng: Rng, kind: str, colour: Colour, height: int, width: int) -> Bytes:
    """A ground of about this colour: RGB (height, width, 3). `kind` is one of KINDS."""
    base = np.array(colour, np.float32)
    if kind == "flat":
        return np.full((height, width, 3), colour, np.uint8)
    small = _plane(rng, kind, base, max(2, height // 4), max(2, width // 4))
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    if kind in {"paper", "wood", "cloth", "stone"}:
        fine = np.empty((height, width), np.float32)
        cv2.setRNGSeed(int(rng.integers(2**31)))
        cv2.randn(fine, 0, rng.uniform(0.6, 4.0 if kind != "stone" else 9.0))
        if rng.random() < 0.6:
            fine = cv2.GaussianBlur(fine, (0, 0), rng.uniform(0.5, 1.2))
        large += fine[..., None]
    else:  # half levels become a fine mixture of two, as in real gradients
        large += 0.5
    return np.clip(large, 0, 255).astype(np.uint8)


def _plane(rng: Rng, kind: str, base: npt.NDArray[np.float32], height: int, width: int) -> npt.NDArray[np.float32]:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width - 0.5, y / height - 0.5
    turn = rng.uniform(0, 6.3)
    along = np.cos(turn) * x + np.sin(turn) * y
    if kind in {"linear", "two-tone"}:
        if kind == "two-tone":
            along = np.clip(along * rng.uniform(8, 400), -0.5, 0.5)
        other = np.clip(base + rng.normal(0, rng.uniform(3, 40), 3), 0, 255)
        share = np.clip(along + 0.5, 0, 1)[..., None]
        return (base * (1 - share) + other.astype(np.float32) * share).astype(np.float32)
    if kind in {"radial", "vignette"}:
        centre = rng.uniform(-0.2, 0.2, 2)
        far = ((x - centre[0]) ** 2 + (y - centre[1]) ** 2) * (2 if kind == "radial" else 1.2)
        fall = rng.uniform(-0.2, 0.45) if kind == "radial" else rng.uniform(0.1, 0.5)
        return np.clip(base * (1 - fall * far[..., None]), 0, 255).astype(np.float32)
    clouds = _clouds(rng, height, width, rng.integers(3, 30)) * rng.uniform(0.5, 4.0)
    if kind == "wood":
        planks = np.floor(y * rng.uniform(3, 8))
        grain = _clouds(rng, height, width, 4, stretch=40) * rng.uniform(4, 16)
        seam = np.abs(np.diff(planks, axis=0, prepend=planks[:1])) * -rng.uniform(10, 50)
        clouds = clouds + grain + seam + np.sin(planks * 7) * 6
    elif kind == "cloth":
        step = rng.uniform(1.5, 4)
        weave = np.sin(x * width / step * 3) * np.sin(y * height / step * 3)
        clouds = clouds + weave * rng.uniform(2, 10)
    elif kind == "stone":
        clouds = clouds * 3
    return base + clouds[..., None] + 0.12 * along[..., None] * base * rng.random()


def _clouds(rng: Rng, height: int, width: int, cells: int, stretch: int = 1) -> npt.NDArray[np.float32]:
    """Smooth noise of mean 0 and deviation 1; `stretch` makes it longer in x."""
    coarse = rng.normal(0, 1, (max(2, int(cells) * (4 if stretch > 1 else 1) * 4), max(2, int(cells)))).astype(
        np.float32
    )
    noise = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return noise / (noise.std() + 1e-6)

"""Model the ground's colour at every pixel, so that all other steps can ask how far a pixel is from it.

Method: the smooth region with the longest contact to the sheet's edge seeds a robust polynomial surface in Lab
(iteratively reweighted least squares with Cauchy weights; Holland & Welsch 1977). The surface follows flat grounds,
gradients and vignettes. Normalised convolution (Knutsson & Westin 1993) over the pixels that already fit then corrects
what the surface misses. A ground of two tones gets a second surface. All this runs at a quarter of the size.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from stickers.cutting.raster import (
    Bytes,
    Mask,
    Plane,
    areas,
    at,
    components,
    dilate,
    distance_between,
    in_planes,
    length,
    resized,
    touching_frame,
    wide_blur,
)

SHRINK: Final = 4
RESTS: Final = 0.02  # Lab: a coefficient that moves by less changes no threshold
SAMPLES: Final = 2000  # samples of the ground; each channel has at most ten coefficients
_CAUCHY: Final = 2.0  # Lab units at which a sample has half its weight: about twice the noise of a clean JPEG
_FLOOR, _CEILING = 3.0, 8.0  # limits of the distance that tells figure from ground


@dataclass(frozen=True)
class Background:
    """The ground under the stickers.

    `lab`: float32 HxWx3, its colour (L 0–100, a, b). `distance`: float32 HxW, each pixel's Lab distance to it.
    `threshold`: from this distance on a pixel surely differs. `white`: the ground is so near white that its colour does
    not tell it from a white border. `picked`: a person named the ground's colour; such ground may lie anywhere, not
    only along the frame.
    """

    lab: Plane
    distance: Plane
    threshold: float
    white: bool
    picked: bool = False


def to_lab(rgb: Bytes) -> Plane:
    """Convert uint8 HxWx3 sRGB to float32 HxWx3 Lab with L 0–100, stored plane by plane (`in_planes`)."""
    scaled = rgb.astype(np.float32)
    scaled *= 1 / 255
    return in_planes(cv2.cvtColor(scaled, cv2.COLOR_RGB2LAB, dst=scaled))


def model_background(lab: Plane, *, tolerance: float = 0.5, picked: tuple[int, int, int] | None = None) -> Background:
    """The background of a sheet, which is float32 HxWx3 Lab.

    `tolerance` 0..1 scales the threshold from half to double. `picked` is an RGB colour that seeds the model instead of
    the sheet's edge.
    """
    height, width = lab.shape[:2]
    size = (max(2, width // SHRINK), max(2, height // SHRINK))
    small = np.stack([resized(lab[..., channel], size) for channel in range(3)], axis=-1)
    seed = _picked_region(small, picked) if picked is not None else _border_region(small)
    model, fits = _surface(small, seed)
    second = None if picked is not None else _second_tone(small, model, fits)
    if second is not None:
        nearer = length(small - second) < length(small - model)
        model = np.where(nearer[..., None], second, model)
    residual = length(small - model)
    bare = _bare(residual)
    fine = in_planes(model, size=(width, height))
    distance = distance_between(lab, fine)
    noise = float(np.percentile(distance[::SHRINK, ::SHRINK][: size[1], : size[0]][bare], 98)) if bare.any() else 2.0
    threshold = float(np.clip(1.35 * noise, _FLOOR, _CEILING)) * 2 ** (2 * tolerance - 1)
    ground = np.median(at(model, np.flatnonzero(bare) if bare.any() else np.arange(bare.size)), axis=0)
    white = bool(ground[0] > 94.5 and np.hypot(ground[1], ground[2]) < 5.0)
    return Background(fine, distance, threshold, white, picked is not None)


def _steepness(small: Plane) -> Plane:
    steep = np.zeros(small.shape[:2], np.float32)
    for channel in cv2.split(cv2.GaussianBlur(small, (3, 3), 0)):
        kernel = np.ones((3, 3), np.uint8)
        np.maximum(steep, cv2.dilate(channel, kernel) - cv2.erode(channel, kernel), out=steep)
    return steep


def _border_region(small: Plane) -> Mask:
    """The smooth region that touches most of the frame.

    Less and less smooth regions are tried until one is long enough.
    """
    steep = _steepness(small)
    frame = 2 * (small.shape[0] + small.shape[1])
    best, best_contact = np.ones(small.shape[:2], np.bool_), 0
    for limit in (2.0, 3.0, 4.5, 6.5, 10.0):
        count, labels = components(steep < limit, diagonal=False)
        if not count:
            continue
        rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
        contact = np.bincount(rim, minlength=count + 1)
        contact[0] = 0
        winner = int(contact.argmax())
        if contact[winner] > 1.3 * best_contact:
            best, best_contact = labels == winner, int(contact[winner])
        if best_contact > 0.45 * frame and best.mean() > 0.05:
            break
    return best


def _picked_region(small: Plane, picked: tuple[int, int, int]) -> Mask:
    colour = to_lab(np.array([[picked]], np.uint8))[0, 0]
    near = length(small - colour)
    region = near < 10.0
    return region if region.any() else near <= np.percentile(near, 5)


@lru_cache(maxsize=6)
def _basis(shape: tuple[int, int], order: int) -> npt.NDArray[np.float32]:
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j].astype(np.float32)
    terms = [x**i * y**j for i in range(order + 1) for j in range(order + 1 - i)]
    return np.stack([term.ravel() for term in terms], axis=1)


def _fit(basis: npt.NDArray[np.float32], values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Cauchy-weighted least squares: fits the (n, terms) basis to (n, 3) values."""
    weights = np.ones(len(values))
    solution = np.zeros((basis.shape[1], 3), np.float64)
    system = basis.astype(np.float64)
    wanted = values.astype(np.float64)
    for _ in range(8):  # the surface usually rests after three or four rounds
        last = solution
        weighted = (system * weights[:, None]).T
        ridge = 1e-3 * weights.sum() * np.eye(basis.shape[1])
        ridge[0, 0] = 0.0
        solution = np.linalg.solve(weighted @ system + ridge * 1e-2, weighted @ wanted)
        if np.abs(solution - last).max() < RESTS:
            break
        error = wanted - system @ solution
        weights = 1 / (1 + np.einsum("ij,ij->i", error, error) / _CAUCHY**2)
    return solution


def _surface(small: Plane, seed: Mask) -> tuple[Plane, Mask]:
    """The background surface grown from `seed`, and the pixels that fit it (all at quarter size)."""
    shape = small.shape[:2]
    flat = small.reshape(-1, 3)
    fits = seed
    model = small
    for order, reach in ((1, 8.0), (2, 6.0), (3, 5.0)):
        basis = _basis(shape, order)
        chosen = np.flatnonzero(fits)
        if len(chosen) < 12 * basis.shape[1]:
            break
        chosen = chosen[:: max(1, len(chosen) // SAMPLES)]
        solution = _fit(basis[chosen], flat[chosen])
        model = (basis @ solution.astype(np.float32)).reshape(small.shape)
        near = length(small - model) < reach
        count, labels = components(near | seed, diagonal=False)
        keep = np.zeros(count + 1, np.bool_)
        keep[labels[seed]] = True
        keep[0] = False
        fits = keep[labels] & near
        if not fits.any():
            fits = seed
            break
    if model is small:
        model = np.broadcast_to(np.median(at(small, np.flatnonzero(seed)), axis=0), small.shape).astype(np.float32)
    for sigma, reach in ((24.0, 5.0), (12.0, 4.5), (7.0, 4.0)):
        residual = small - model
        inlier = (length(residual) < reach).astype(np.float32)
        weight = wide_blur(inlier, sigma) + 0.02
        pull = wide_blur(residual * cv2.merge([inlier] * 3), sigma)
        model = model + pull / cv2.merge([weight] * 3)
    return model, length(small - model) < 4.0


def _second_tone(small: Plane, model: Plane, fits: Mask) -> Plane | None:
    """A second surface for two-tone grounds: a good part of the frame is smooth but of another colour.

    None if there is none.
    """
    rest = (_steepness(small) < 3.0) & (length(small - model) > 6.0) & ~dilate(fits, 1)
    count, labels = components(rest, diagonal=False)
    rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    contact = np.bincount(rim, minlength=count + 1)
    contact[0] = 0
    winner = int(contact.argmax())
    if contact[winner] < 0.12 * len(rim) or areas(labels, count)[winner] < 0.04 * rest.size:
        return None
    region = labels == winner
    # A figure that the sheet's edge cuts is no ground. Ground touches at least two sides of the frame.
    sides = sum(bool(side.any()) for side in (region[0], region[-1], region[:, 0], region[:, -1]))
    return _surface(small, region)[0] if sides >= 2 else None


def _bare(residual: Plane) -> Mask:
    near = residual < 4.0
    count, labels = components(near, diagonal=False)
    keep = np.zeros(count + 1, np.bool_)
    keep[touching_frame(labels)] = True
    bare = keep[labels] & ~dilate(~near, 2)
    return bare if bare.sum() > 50 else near

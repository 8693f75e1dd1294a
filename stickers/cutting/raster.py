"""Give every step of the cut the same few OpenCV calls, with types."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.int32]
Plane = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]  # flat indices of pixels


@cache
def disc(radius: int) -> Bytes:
    """A filled disc of `radius` px as a structuring element, uint8 (2r+1, 2r+1)."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2), np.uint8)


def dilate(mask: Mask, radius: int) -> Mask:
    """`mask`, HxW as all masks here, grown by `radius` px."""
    return cv2.dilate(mask.view(np.uint8), disc(radius)).view(np.bool_) if radius > 0 else mask


def erode(mask: Mask, radius: int) -> Mask:
    """`mask` shrunk by `radius` px. Pixels outside the picture count as mask."""
    return cv2.erode(mask.view(np.uint8), disc(radius)).view(np.bool_) if radius > 0 else mask


def close(mask: Mask, radius: int) -> Mask:
    """`mask` with gaps and notches narrower than 2·`radius` px filled; correct at the picture's edge, too."""
    if radius <= 0:
        return mask
    pad = radius + 1
    wide = np.pad(mask, pad).view(np.uint8)
    return cv2.morphologyEx(wide, cv2.MORPH_CLOSE, disc(radius))[pad:-pad, pad:-pad].astype(np.bool_)


def distance_to(mask: Mask) -> Plane:
    """Distance in px from every pixel to the nearest True pixel (5×5 chamfer, error below 2 %)."""
    return np.asarray(cv2.distanceTransform((~mask).view(np.uint8), cv2.DIST_L2, 5), np.float32)


def nearest(mask: Mask) -> tuple[Plane, Labels]:
    """The distance to the nearest True pixel, and that pixel's flat index, both HxW.

    If `mask` is empty, every index is 0 and every distance is huge.
    """
    distance, cells, flat = nearest_cells(mask)
    return distance, np.take(flat, cells)


def nearest_at(mask: Mask, places: Places) -> tuple[Plane, Places]:
    """The same as `nearest`, only at `places`, which are flat indices. Look-ups take half of the time of `nearest`."""
    distance, cells, flat = nearest_cells(mask)
    return distance.ravel()[places], flat[cells.ravel()[places]].astype(np.intp)


def nearest_component(mask: Mask) -> tuple[Plane, Labels]:
    """The distance to the nearest True pixel, and the number, from 1, of that pixel's 8-connected component.

    These numbers may differ from those of `components`. `mask` must not be empty.
    """
    distance, cells = cv2.distanceTransformWithLabels(
        (~mask).view(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_CCOMP
    )
    return np.asarray(distance, np.float32), np.asarray(cells, np.int32)


def nearest_cells(mask: Mask) -> tuple[Plane, Labels, Labels]:
    """The distance to the nearest True pixel, that pixel's number, and the flat index for every number."""
    if not mask.any():
        return np.full(mask.shape, 1e6, np.float32), np.zeros(mask.shape, np.int32), np.zeros(1, np.int32)
    distance, cells = cv2.distanceTransformWithLabels(
        (~mask).view(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    # OpenCV numbers the True pixels row by row, from 1.
    flat = np.concatenate([np.zeros(1, np.int32), np.flatnonzero(mask).astype(np.int32)])
    return np.asarray(distance, np.float32), np.asarray(cells, np.int32), flat


def components(mask: Mask, *, diagonal: bool = True) -> tuple[int, Labels]:
    """The number of components, labelled 1..number, and the label plane: int32 HxW, 0 outside `mask`."""
    count, labels = cv2.connectedComponents(mask.view(np.uint8), connectivity=8 if diagonal else 4)
    return count - 1, np.asarray(labels, np.int32)


def areas(labels: Labels, count: int) -> npt.NDArray[np.int64]:
    """The number of pixels of every label 0..count, int64 of count + 1."""
    starts, lengths = runs(labels)
    # Weights are float64, which holds every whole number that an area can be.
    return np.bincount(labels.ravel()[starts], weights=lengths, minlength=count + 1).astype(np.int64)


def boxes(labels: Labels, count: int) -> list[tuple[slice, slice] | None]:
    """The (rows, columns) slices round every label 1..count; None for a label that does not occur."""
    width = labels.shape[1]
    starts, lengths = runs(labels)
    rows, left = np.divmod(starts, width)
    last, right = np.divmod(starts + lengths - 1, width)
    across = last > rows  # a run that goes on in the next row has both ends of the row
    left[across], right[across] = 0, width - 1
    value = labels.ravel()[starts]
    low = np.full((2, count + 1), labels.size)
    high = np.full((2, count + 1), -1)
    for axis, (least, greatest) in enumerate(((rows, last), (left, right))):
        np.minimum.at(low[axis], value, least)
        np.maximum.at(high[axis], value, greatest)
    (top, start), (bottom, end) = low.tolist(), (high + 1).tolist()
    return [
        (slice(top[label], bottom[label]), slice(start[label], end[label])) if bottom[label] else None
        for label in range(1, count + 1)
    ]


def runs(labels: Labels) -> tuple[Places, Places]:
    """Where runs of one label begin, as flat indices, and their lengths. A run may go on in the next row.

    A label plane has a hundred times fewer runs than pixels.
    """
    flat = labels.ravel()
    starts = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    starts = np.concatenate([np.zeros(1, np.intp), starts])
    return starts, np.diff(starts, append=flat.size)


def touching_frame(labels: Labels) -> npt.NDArray[np.int32]:
    """The labels that occur in the outermost rows and columns, without 0."""
    rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    found = np.unique(rim)
    return found[found > 0]


def open_to_frame(mask: Mask) -> Mask:
    """The part of `mask` that is 4-connected to the picture's edge."""
    # A rim of mask round the picture joins all that touches the frame. One flood from its corner then finds everything.
    padded = cv2.copyMakeBorder(mask.view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(1,))
    cv2.floodFill(padded, None, (0, 0), (2,), flags=4)
    return np.asarray(padded[1:-1, 1:-1] == 2)


def fill_holes(mask: Mask) -> Mask:
    """`mask` with everything that it encloses."""
    padded = cv2.copyMakeBorder((~mask).view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(1,))
    cv2.floodFill(padded, None, (0, 0), (2,), flags=4)
    return np.asarray(padded[1:-1, 1:-1] != 2)


def blur(plane: Plane, sigma_px: float) -> Plane:
    """Gaussian blur of an HxW or HxWxC float plane."""
    side = 2 * math.ceil(3 * sigma_px) + 1  # 0.3 % of the weight lies beyond three sigmas
    return np.asarray(cv2.GaussianBlur(plane, (side, side), sigma_px), np.float32)


def gradient(plane: Plane) -> Plane:
    """Length of the Sobel gradient, in plane units per px."""
    gx = cv2.Sobel(plane, cv2.CV_32F, 1, 0, scale=0.125)
    gy = cv2.Sobel(plane, cv2.CV_32F, 0, 1, scale=0.125)
    return np.asarray(cv2.magnitude(gx, gy), np.float32)


def resized(plane: npt.NDArray[np.generic], size: tuple[int, int]) -> Plane:
    """`plane` at the size (width, height), as float32. Shrinking averages; growing interpolates linearly."""
    source = np.asarray(plane, np.float32)
    how = cv2.INTER_AREA if size[0] < source.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(source, size, interpolation=how), np.float32)


def ridge_of(mask: Mask, inside: Plane) -> Mask:
    """The crest of a mask's inner distance (float32 HxW, in px). In a thin part it is the middle line."""
    return mask & (inside >= local_maximum(inside, 1) - 0.01)


def rolled_from_frame(free: Mask, radius: int) -> Mask:
    """What a disc of `radius` px covers when it rolls in from outside the picture over `free` pixels."""
    pad = radius + 2
    wide = cv2.copyMakeBorder(free.view(np.uint8), pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(1,)).view(np.bool_)
    centres = open_to_frame(erode(wide, radius))
    return dilate(centres, radius)[pad:-pad, pad:-pad]


def local_maximum(plane: Plane, radius: int) -> Plane:
    """The greatest value in a square round every pixel of a float32 HxW plane.

    The square reaches `radius` px, at least 1.
    """
    side = 2 * max(1, radius) + 1
    return np.asarray(cv2.dilate(plane, np.ones((side, side), np.uint8)), np.float32)


def without_small(mask: Mask, least: float) -> Mask:
    """`mask` without components of fewer than `least` pixels."""
    count, labels = components(mask)
    starts, lengths = runs(labels)
    value = labels.ravel()[starts]
    small = np.bincount(value, weights=lengths, minlength=count + 1) < least
    small[0] = False
    # Few pixels lie in small components. Copy the mask, and clear those pixels one by one.
    gone = small[value]
    starts, lengths = starts[gone], lengths[gone]
    kept = mask.copy()
    kept.ravel()[np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())] = False
    return kept


def chosen(keep: npt.NDArray[np.bool_], labels: Labels) -> Mask:
    """The pixels, HxW, of the labels to be kept. `keep` has one bool for each label, from 0 on; often all are False."""
    return np.take(keep, labels) if keep.any() else np.zeros(labels.shape, np.bool_)


def share(part: Mask, whole: Mask) -> float:
    """How much of `whole` is `part`, 0–1. It is 0 if `whole` is empty."""
    return int(np.count_nonzero(part & whole)) / max(1, int(np.count_nonzero(whole)))


def grown(box: tuple[slice, slice], by: int, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """`box` with `by` px more on each side, clipped to a plane of `shape`."""
    rows, columns = box
    return (
        slice(max(0, rows.start - by), min(shape[0], rows.stop + by)),
        slice(max(0, columns.start - by), min(shape[1], columns.stop + by)),
    )


def around(found: list[tuple[slice, slice]]) -> tuple[slice, slice]:
    """The box round several boxes."""
    rows, columns = zip(*found, strict=True)
    return (
        slice(min(one.start for one in rows), max(one.stop for one in rows)),
        slice(min(one.start for one in columns), max(one.stop for one in columns)),
    )


def in_planes(image: npt.NDArray[Any], *, size: tuple[int, int] | None = None) -> Plane:
    """A float32 HxWxC image that stores each channel's pixels side by side in memory; indexing stays the same.

    Most steps read one channel, and reading every third number takes five times as long. With a `size` (width, height)
    the image is enlarged on the way.
    """
    width, height = size or image.shape[1::-1]
    planes = np.empty((image.shape[2], height, width), np.float32)
    if size is None:
        cv2.split(image, list(planes))
    else:
        for plane, channel in zip(planes, cv2.split(image), strict=True):
            cv2.resize(channel, size, dst=plane, interpolation=cv2.INTER_LINEAR)
    return np.moveaxis(planes, 0, -1)


def at(image: npt.NDArray[np.generic], places: npt.NDArray[np.integer]) -> Plane:
    """The colours, float32 Nx3, of an HxWx3 image at flat indices, whatever its memory layout."""
    channels = [np.take(image[..., channel], places) for channel in range(3)]
    return np.stack(channels, axis=1).astype(np.float32, copy=False)


def distance_between(one: Plane, other: Plane) -> Plane:
    """Euclidean distance of two HxWx3 images in planes, pixel by pixel, float32 HxW. `other` may be one colour."""
    total = squared_distance(one, other)
    return np.asarray(cv2.sqrt(total, dst=total), np.float32)


def squared_distance(one: Plane, other: Plane) -> Plane:
    """The square of `distance_between`."""
    total = np.zeros(one.shape[:2], np.float32)
    for channel in range(3):
        off = one[..., channel] - other[..., channel]
        cv2.accumulateSquare(off, total)
    return total


def length(difference: Plane) -> Plane:
    """Euclidean length of an HxWx3 plane's pixels, float32 HxW."""
    squared = cv2.transform(cv2.multiply(difference, difference), np.ones((1, 3), np.float32))
    return np.asarray(cv2.sqrt(squared), np.float32)


def wide_blur(plane: Plane, sigma_px: float) -> Plane:
    """A Gaussian blur of an HxW or HxWxC plane, float32.

    A wide blur runs at half or a quarter of the size, which is as good.
    """
    shrink = 4 if sigma_px > 8 else (2 if sigma_px > 3 else 1)
    if shrink == 1 or min(plane.shape[:2]) < 8 * shrink:
        return blur(plane, sigma_px)
    height, width = plane.shape[:2]
    small = cv2.resize(plane, (width // shrink, height // shrink), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma_px / shrink)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)

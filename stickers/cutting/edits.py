"""Play operations on a label plane: what a person does by hand, as a pure function.

Each operation reads and writes a window round what it touches, so it costs some milliseconds whatever the sheet's size.
The same operations on the same plane and pixels give the same plane.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from stickers.cutting.border import behind_rim, border_width, like, rim_colour
from stickers.cutting.cutout import LEAST_SIDE_PX, PAD_PX, found_at
from stickers.cutting.operations import (
    Add,
    Border,
    Delete,
    EditError,
    Erase,
    Ground,
    Hole,
    Merge,
    Operation,
    Outline,
    Point,
    Reorder,
    Restore,
    Seed,
    Split,
)
from stickers.cutting.options import CutOptions
from stickers.cutting.pixels import Pixels
from stickers.cutting.plane import LabelPlane, Window
from stickers.cutting.raster import (
    Labels,
    Mask,
    areas,
    around,
    boxes,
    close,
    components,
    dilate,
    distance_to,
    fill_holes,
    grown,
    nearest_cells,
    open_to_frame,
)
from stickers.cutting.strokes import REACH, covered, drawn, filled, from_line, snapped
from stickers.cutting.strokes import around as around_line

NEAR_PX: Final = 3  # a point so near a sticker names it: a finger is no pencil
CRUMB_PX: Final = 12  # smaller bits that an operation leaves behind are gone with it
SAME_SHARE: Final = 0.5  # of the union: an outline that shares more with a sticker redraws it
BAND_SHARE: Final = 0.06  # of a lasso's size: a hand follows an outline about so well
MOST_BAND_PX: Final = 24  # at 1024²
REACH_PX: Final = 24  # at 1024²: what was missed lies so near the point
FAINT: Final = 0.7  # of the ground's threshold: a person says that something is there
BORDER_SHARE: Final = 0.3  # of a ring behind the outline: fewer pixels of one light colour are no border
MOST_BORDER_PX: Final = 40  # at 1024²


@dataclass(frozen=True, eq=False)
class Played:
    """What operations made of a plane.

    `plane`: the new plane. `changed`: its labels whose cut-out is another one now, new labels too. `gone`: labels that
    it no longer has. `parents`: for each new label the one that it was parted from. `window`: the (rows, columns) in
    which the two planes differ; None if only the order did.
    """

    plane: LabelPlane
    changed: frozenset[int] = frozenset()
    gone: frozenset[int] = frozenset()
    parents: Mapping[int, int] = field(default_factory=dict)
    window: Window | None = None


@dataclass(frozen=True, eq=False)
class _Change:
    """The new labels of a window, and for each new label the one that it was parted from."""

    window: Window
    crop: Labels
    parents: Mapping[int, int] = field(default_factory=dict)


def play(
    pixels: Pixels, plane: LabelPlane, operations: Sequence[Operation], *, engine: LabelPlane | None = None
) -> Played:
    """The plane after all operations, in their order; `plane` itself stays as it is.

    `engine`: what the cut itself had found, for the operations that bring it back; `plane` by default.
    Raises EditError, which names the first operation that fits nothing.
    """
    found = plane if engine is None else engine
    played = Played(replace(plane, labels=plane.labels.copy()) if operations else plane)
    for index, operation in enumerate(operations):
        try:
            played = _after(played, operation, pixels, found)
        except EditError as error:
            raise EditError(f"Operation {index + 1}, {operation.op}: {error}", index) from error
    return played


def _after(played: Played, operation: Operation, pixels: Pixels, engine: LabelPlane) -> Played:
    plane = played.plane
    if isinstance(operation, Reorder):
        return replace(played, plane=_reordered(plane, operation))
    change = _PLAYERS[type(operation)](pixels, plane, operation, engine)
    before, crop, window = plane.labels[change.window], change.crop, change.window
    other = before != crop
    if not other.any():
        raise EditError("it changes nothing there.")
    touched = {int(label) for label in np.union1d(before[other], crop[other]) if label}
    labels = plane.labels  # this play's own copy
    labels[window] = crop
    after = replace(plane.written(labels, window, touched), fresh=max(plane.fresh, int(crop.max()) + 1))
    # A cut-out ends where its neighbour begins, so neighbours of a change are lifted again, too.
    wide = grown(window, PAD_PX, labels.shape)
    moved = np.zeros((wide[0].stop - wide[0].start, wide[1].stop - wide[1].start), np.bool_)
    top, left = window[0].start - wide[0].start, window[1].start - wide[1].start
    moved[top : top + other.shape[0], left : left + other.shape[1]] = other
    beside = {int(label) for label in np.unique(labels[wide][dilate(moved, PAD_PX)]) if label}
    changed = played.changed | touched | beside
    return Played(
        after,
        frozenset(changed & after.pieces.keys()),
        frozenset((played.gone | touched) - after.pieces.keys()),
        {**played.parents, **change.parents},
        window if played.window is None else around([played.window, window]),
    )


def _reordered(plane: LabelPlane, operation: Reorder) -> LabelPlane:
    label = _label_at(plane, operation.point)
    if operation.to > len(plane.pieces):
        raise EditError(f"there are only {len(plane.pieces)} stickers.")
    return replace(plane, moves=(*plane.moves, (label, operation.to)))


def _place(plane: LabelPlane, point: Point) -> tuple[int, int]:
    """The pixel under a point, as row and column."""
    x, y = int(np.floor(point[0])), int(np.floor(point[1]))
    height, width = plane.labels.shape
    if not (0 <= x < width and 0 <= y < height):
        raise EditError(f"{_said(point)} lies outside the sheet.")
    return y, x


def _label_at(plane: LabelPlane, point: Point) -> int:
    """The sticker under a point, or the nearest one within `NEAR_PX`."""
    y, x = _place(plane, point)
    if label := int(plane.labels[y, x]):
        return label
    rows, columns = grown((slice(y, y + 1), slice(x, x + 1)), NEAR_PX, plane.labels.shape)
    crop = plane.labels[rows, columns]
    if not crop.any():
        raise EditError(f"no sticker lies at {_said(point)}.")
    high, wide = np.nonzero(crop)
    away = np.hypot(high + rows.start - y, wide + columns.start - x)
    return int(crop[high[away.argmin()], wide[away.argmin()]])


def _said(point: Point) -> str:
    return f"{point[0]:g}, {point[1]:g}"


def _merge(_pixels: Pixels, plane: LabelPlane, operation: Merge, _engine: LabelPlane) -> _Change:
    labels = dict.fromkeys(_label_at(plane, point) for point in operation.points)
    if len(labels) < 2:
        raise EditError("all its points lie on the same sticker.")
    kept = max(labels, key=lambda label: (plane.pieces[label].area, -label))
    window = around([plane.pieces[label].box for label in labels])
    crop = plane.labels[window].copy()
    crop[np.isin(crop, list(labels))] = kept
    return _Change(window, crop)


def _split(_pixels: Pixels, plane: LabelPlane, operation: Split, _engine: LabelPlane) -> _Change:
    label = _label_at(plane, operation.point)
    window = grown(plane.pieces[label].box, 2, plane.labels.shape)
    crop = plane.labels[window].copy()
    mask = crop == label
    parts = _parted(mask, _prolonged(operation.line, window, mask), window)
    if parts is None:
        parts = _sorted_by_side(mask, operation.line, window)
    if parts is None:
        raise EditError(f"the line does not part the sticker at {_said(operation.point)}.")
    size = areas(parts, int(parts.max()))
    order = np.argsort(-size[1:], kind="stable") + 1
    parents = {}
    for further, part in enumerate(order[1:].tolist()):
        crop[parts == part] = plane.fresh + further
        parents[plane.fresh + further] = label
    return _Change(window, crop, parents)


def _prolonged(line: Sequence[Point], window: Window, mask: Mask) -> list[Point]:
    """The line with both ends drawn on until they leave the sticker."""
    return [
        _beyond(line[1], line[0], window, mask),
        *line,
        _beyond(line[-2], line[-1], window, mask),
    ]


def _beyond(before: Point, end: Point, window: Window, mask: Mask) -> Point:
    """The first place behind `end`, coming from `before`, that is not on the sticker."""
    away = np.array(end) - np.array(before)
    length = float(np.hypot(*away))
    if length == 0:
        return end
    steps = np.arange(0, mask.shape[0] + mask.shape[1])[:, None] * (away / length) + np.array(end)
    columns, rows = (np.round(steps).astype(int) - (window[1].start, window[0].start)).T
    within = (rows >= 0) & (rows < mask.shape[0]) & (columns >= 0) & (columns < mask.shape[1])
    on = np.zeros(len(steps), np.bool_)
    on[within] = mask[rows[within], columns[within]]
    last = int(np.argmin(on)) if not on.all() else len(steps) - 1
    return float(steps[last, 0]), float(steps[last, 1])


def _parted(mask: Mask, line: Sequence[Point], window: Window) -> Labels | None:
    """The parts 1..n, int32 HxW, into which a line cuts the mask; None if it does not cut it."""
    knife = drawn(line, window)
    if not (knife & mask).any():
        return None
    _, whole = components(mask)
    cut_open = np.isin(whole, np.unique(whole[knife & mask]))
    # Two sides of an 8-connected line are not 4-connected.
    count, parts = components(mask & cut_open & ~knife, diagonal=False)
    large = areas(parts, count) >= CRUMB_PX
    large[0] = False
    if np.count_nonzero(large) < 2:
        return None
    # The line itself, crumbs and loose parts go to the nearest part.
    _, cells, flat = nearest_cells(large[parts])
    nearest = np.take(parts.ravel(), np.take(flat, cells))
    loose, other = components(mask & ~cut_open)
    for one in range(1, loose + 1):
        there = other == one
        nearest[there] = np.bincount(nearest[there]).argmax()
    new = np.cumsum(large, dtype=np.int32) * large
    return np.where(mask, new[nearest], 0).astype(np.int32)


def _sorted_by_side(mask: Mask, line: Sequence[Point], window: Window) -> Labels | None:
    """Loose parts of the mask sorted by the sides of a line that runs between them; None if one side has none."""
    everywhere = np.ones_like(mask)
    _, sides = components(~drawn(_prolonged(line, window, everywhere), window), diagonal=False)
    count, pieces = components(mask)
    chosen = np.zeros(count + 1, np.int32)
    for piece in range(1, count + 1):
        chosen[piece] = np.bincount(sides[pieces == piece]).argmax()
    found = np.unique(chosen[1:])
    if len(found) < 2:
        return None
    new = np.zeros(int(sides.max()) + 1, np.int32)
    new[found] = np.arange(1, len(found) + 1)
    new[0] = 0
    return np.where(mask, new[chosen[pieces]], np.int32(0)) if (found > 0).all() else None


def _brushed(pixels: Pixels, plane: LabelPlane, operation: Add | Erase) -> tuple[Window, Mask, int]:
    """The window of a stroke, what the stroke covers there, and the label that it names."""
    label = _label_at(plane, operation.point)
    window = around_line(operation.stroke, operation.radius * REACH + 2, plane.labels.shape)
    if window is None:
        raise EditError("the stroke lies outside the sheet.")
    away = from_line(operation.stroke, window)
    if not operation.snap:
        return window, away <= operation.radius, label
    # On the sticker's side there is nothing to decide: an added stroke joins it, an erased one begins outside.
    mine = plane.labels[window] == label
    joined = mine if isinstance(operation, Add) else ~mine
    return window, covered(pixels.rgb[window], away, joined, operation.radius), label


def _add(pixels: Pixels, plane: LabelPlane, operation: Add, _engine: LabelPlane) -> _Change:
    window, stroke, label = _brushed(pixels, plane, operation)
    crop = plane.labels[window].copy()
    if (crop[stroke] == label).all():
        raise EditError("the stroke lies wholly on the sticker.")
    crop[stroke] = label
    return _Change(window, crop)


def _erase(pixels: Pixels, plane: LabelPlane, operation: Erase, _engine: LabelPlane) -> _Change:
    window, stroke, label = _brushed(pixels, plane, operation)
    gone = stroke & (plane.labels[window] == label)
    if not gone.any():
        raise EditError("the stroke does not touch the sticker.")
    return _without(plane, label, window, gone)


def _without(plane: LabelPlane, label: int, window: Window, gone: Mask) -> _Change:
    """The sticker without the pixels `gone` of a window, and without crumbs that break off with them."""
    box = grown(around([plane.pieces[label].box, window]), 0, plane.labels.shape)
    crop = plane.labels[box].copy()
    top, left = window[0].start - box[0].start, window[1].start - box[1].start
    inner = crop[top : top + gone.shape[0], left : left + gone.shape[1]]
    before = crop == label
    inner[gone & (inner == label)] = 0
    count, pieces = components(crop == label)
    size = areas(pieces, count)
    _, was = components(before)
    for piece in np.flatnonzero(size[1:] < CRUMB_PX) + 1:
        there = pieces == piece
        if np.count_nonzero(was == was[there][0]) > size[piece]:  # it was a part of something larger
            crop[there] = 0
    return _Change(box, crop)


def _outline(pixels: Pixels, plane: LabelPlane, operation: Outline, _engine: LabelPlane) -> _Change:
    band = _band(operation.polygon, pixels.scale) if operation.snap else 0
    window = around_line(operation.polygon, 2 * band + 4, plane.labels.shape)
    if window is None:
        raise EditError("the outline lies outside the sheet.")
    mask = filled(operation.polygon, window)
    if np.count_nonzero(mask) < CRUMB_PX:
        raise EditError("the outline encloses hardly anything.")
    label = _redrawn(plane, window, mask) if operation.point is None else _label_at(plane, operation.point)
    if operation.snap:
        mask = _on_artwork(pixels, window, mask, band, foreign=_foreign(plane.labels[window], label))
    if label is None:
        crop = plane.labels[window].copy()
        common = np.bincount(crop[mask], minlength=1)
        common[0] = 0
        crop[mask] = plane.fresh
        return _Change(window, crop, {plane.fresh: int(common.argmax())} if common.any() else {})
    box = around([plane.pieces[label].box, window])
    crop = plane.labels[box].copy()
    crop[crop == label] = 0
    top, left = window[0].start - box[0].start, window[1].start - box[1].start
    crop[top : top + mask.shape[0], left : left + mask.shape[1]][mask] = label
    return _Change(box, crop)


def _band(polygon: Sequence[Point], scale: float) -> int:
    x, y = zip(*polygon, strict=True)
    size = max(max(x) - min(x), max(y) - min(y))
    return int(np.clip(BAND_SHARE * size, 3, max(3.0, MOST_BAND_PX * scale)))


def _redrawn(plane: LabelPlane, window: Window, mask: Mask) -> int | None:
    """The label that shares more than half of the union with the mask; None if there is none."""
    common = np.bincount(plane.labels[window][mask], minlength=1)
    common[0] = 0
    label = int(common.argmax())
    if not common[label]:
        return None
    union = np.count_nonzero(mask) + plane.pieces[label].area - int(common[label])
    return label if common[label] > SAME_SHARE * union else None


def _foreign(crop: Labels, label: int | None) -> Mask:
    return np.asarray((crop > 0) & (crop != (label or 0)))


def _on_artwork(pixels: Pixels, window: Window, lasso: Mask, band: int, *, foreign: Mask) -> Mask:
    """What a rough lasso encloses, with its outline at the artwork's.

    On a ground that shows the stickers, it is what differs from the ground. On white ground only edges tell. `foreign`:
    pixels of other stickers; outside the lasso they stay theirs.
    """
    rgb = np.ascontiguousarray(pixels.rgb[window])
    reach = dilate(lasso, band) & (lasso | ~foreign)
    if pixels.own_alpha is None and pixels.ground.white:
        return snapped(rgb, lasso, band) & reach
    figure = pixels.from_ground(window, pixels.lab(window)) > _threshold(pixels)
    count, parts = components(figure & reach, diagonal=False)
    inside = np.bincount(parts[lasso], minlength=count + 1)
    inside[0] = 0
    if inside.sum() < 0.5 * np.count_nonzero(lasso):
        return snapped(rgb, lasso, band) & reach  # the ground's colour goes on inside it
    keep = inside > 0.5 * areas(parts, count)
    keep[0] = False
    return snapped(rgb, fill_holes(keep[parts]), 2) & reach


def _threshold(pixels: Pixels) -> float:
    return 1.0 if pixels.own_alpha is not None else pixels.ground.threshold


def _seed(pixels: Pixels, plane: LabelPlane, operation: Seed, _engine: LabelPlane) -> _Change:
    y, x = _place(plane, operation.point)
    if plane.labels[y, x]:
        raise EditError(f"there is a sticker at {_said(operation.point)} already.")
    window, region = _grown_from(pixels, plane, y, x)
    # The engine looks once more, at this place only: it knows borders, shadows and white grounds.
    box = boxes(region.astype(np.int32), 1)[0]
    if box is None:
        raise EditError(f"nothing stands out from the background at {_said(operation.point)}.")
    high, wide = box[0].stop - box[0].start, box[1].stop - box[1].start
    there = (
        slice(window[0].start + box[0].start, window[0].start + box[0].stop),
        slice(window[1].start + box[1].start, window[1].start + box[1].stop),
    )
    near = grown(
        there, round(max(LEAST_SIDE_PX, MOST_BORDER_PX * pixels.scale, 0.3 * max(high, wide))), plane.labels.shape
    )
    crop = plane.labels[near].copy()
    art = np.zeros(crop.shape, np.bool_)
    top, left = window[0].start - near[0].start, window[1].start - near[1].start
    rows, columns = np.nonzero(region)
    art[rows + top, columns + left] = True
    labels = found_at(pixels, near, CutOptions(keep_captions=True, keep_furniture=True))
    count = int(labels.max(initial=0))
    common = np.bincount(labels[art], minlength=count + 1)
    size = areas(labels, count)
    keep = common > 0.5 * np.minimum(size, np.count_nonzero(art))
    keep[0] = False
    whole = keep[labels] if keep.any() else np.zeros_like(art)
    found = whole if np.count_nonzero(whole & art) > 0.5 * np.count_nonzero(art) else art
    crop[found & (crop == 0)] = plane.fresh
    return _Change(near, crop)


def _grown_from(pixels: Pixels, plane: LabelPlane, y: int, x: int) -> tuple[Window, Mask]:
    """What stands out from the ground at a pixel and belongs to no sticker, in a window that holds all of it."""
    by = round(128 * pixels.scale)
    while True:
        window = grown((slice(y, y + 1), slice(x, x + 1)), max(16, by), plane.labels.shape)
        free = plane.labels[window] == 0
        figure = pixels.from_ground(window, pixels.lab(window)) > FAINT * _threshold(pixels)
        _, parts = components(close(figure & free, max(1, round(2 * pixels.scale))) & free)
        row, column = y - window[0].start, x - window[1].start
        label = int(parts[row, column])
        if not label and parts.any():
            rows, columns = np.nonzero(parts)
            away = np.hypot(rows - row, columns - column)
            if away.min() <= REACH_PX * pixels.scale:
                label = int(parts[rows[away.argmin()], columns[away.argmin()]])
        region = fill_holes(parts == label) & free if label else np.zeros_like(free)
        whole = window[0].stop - window[0].start, window[1].stop - window[1].start
        touches = region[0].any() or region[-1].any() or region[:, 0].any() or region[:, -1].any()
        if not touches or whole == plane.labels.shape or by > max(plane.labels.shape):
            if np.count_nonzero(region) < CRUMB_PX:
                region = np.zeros_like(free)
            return window, region
        by *= 2


def _hole(pixels: Pixels, plane: LabelPlane, operation: Hole, _engine: LabelPlane) -> _Change:
    return (_opened if operation.open else _closed)(pixels, plane, operation)


def _opened(pixels: Pixels, plane: LabelPlane, operation: Hole) -> _Change:
    y, x = _place(plane, operation.point)
    label = int(plane.labels[y, x])
    if not label:
        raise EditError(f"one sees through the sticker at {_said(operation.point)} already, or there is none.")
    window = grown(plane.pieces[label].box, 1, plane.labels.shape)
    crop = plane.labels[window]
    mask = crop == label
    region = _of_colour(pixels, window, mask, y - window[0].start, x - window[1].start)
    _, parts = components(region, diagonal=False)
    hole = parts == parts[y - window[0].start, x - window[1].start]
    if (dilate(hole, 1) & ~fill_holes(mask)).any():
        raise EditError(f"the colour at {_said(operation.point)} reaches the sticker's edge, so it is no hole.")
    return _without(plane, label, window, close(hole, 1) & mask)


def _of_colour(pixels: Pixels, window: Window, mask: Mask, row: int, column: int) -> Mask:
    """The pixels of the mask whose colour is about that of the place; the place itself is one of them."""
    lab = pixels.lab(window)
    near = grown((slice(row, row + 1), slice(column, column + 1)), 1, mask.shape)
    found = like(lab, np.median(lab[near].reshape(-1, 3), axis=0).astype(np.float32)) & mask
    found[row, column] = mask[row, column]
    return found


def _closed(_pixels: Pixels, plane: LabelPlane, operation: Hole) -> _Change:
    y, x = _place(plane, operation.point)
    label = int(plane.labels[y, x])
    inside = [
        each
        for each, piece in plane.pieces.items()
        if piece.box[0].start <= y < piece.box[0].stop and piece.box[1].start <= x < piece.box[1].stop
    ]
    for each in [label] if label else sorted(inside, key=lambda one: plane.pieces[one].area):
        window = plane.pieces[each].box
        crop = plane.labels[window].copy()
        holes = fill_holes(crop == each) & (crop == 0)
        if not label:  # the point lies in the hole, and not on the sticker
            _, parts = components(holes)
            here = int(parts[y - window[0].start, x - window[1].start])
            holes = parts == here if here else np.zeros_like(holes)
        if holes.any():
            crop[holes] = each
            return _Change(window, crop)
    raise EditError(f"there is no hole at {_said(operation.point)}.")


def _ground(pixels: Pixels, plane: LabelPlane, operation: Ground, _engine: LabelPlane) -> _Change:
    y, x = _place(plane, operation.point)
    if operation.everywhere:
        return _ground_everywhere(pixels, plane, y, x)
    label = _label_at(plane, operation.point)
    window = grown(plane.pieces[label].box, 1, plane.labels.shape)
    mask = plane.labels[window] == label
    row, column = y - window[0].start, x - window[1].start
    if not (0 <= row < mask.shape[0] and 0 <= column < mask.shape[1] and mask[row, column]):
        raise EditError(f"no sticker lies at {_said(operation.point)}.")
    alike = _of_colour(pixels, window, mask, row, column)
    return _without(plane, label, window, _reached(alike, mask, also=(row, column)))


def _ground_everywhere(pixels: Pixels, plane: LabelPlane, y: int, x: int) -> _Change:
    whole = (slice(0, plane.labels.shape[0]), slice(0, plane.labels.shape[1]))
    mask = plane.labels > 0
    colour = np.median(pixels.lab(grown((slice(y, y + 1), slice(x, x + 1)), 1, mask.shape)).reshape(-1, 3), axis=0)
    crop = plane.labels.copy()
    for label, piece in plane.pieces.items():
        window = grown(piece.box, 1, mask.shape)
        mine = plane.labels[window] == label
        alike = like(pixels.lab(window), colour.astype(np.float32)) & mine
        left = _without(plane, label, window, _reached(alike, mine))
        there = crop[left.window]
        there[(there == label) & (left.crop != label)] = 0
    return _Change(whole, crop)


def _reached(alike: Mask, mask: Mask, also: tuple[int, int] | None = None) -> Mask:
    """Pixels of one colour that begin at the rim or at the place `also`, with the blurred rim in front of them."""
    count, parts = components(alike | (mask & ~_behind(mask)), diagonal=False)
    keep = np.zeros(count + 1, np.bool_)
    keep[parts[alike & dilate(~mask, 2)]] = True
    if also is not None:
        keep[parts[also]] = True
    keep[0] = False
    reached = keep[parts]
    # The rim itself goes only where the colour begins behind it.
    return reached & dilate(reached & alike, 1)


def _behind(mask: Mask) -> Mask:
    """The mask without its outermost pixel, in which the ground's colour is mixed."""
    return mask & ~dilate(~mask, 1)


def _border(pixels: Pixels, plane: LabelPlane, operation: Border, engine: LabelPlane) -> _Change:
    label = _label_at(plane, operation.point)
    by = round(MOST_BORDER_PX * pixels.scale)
    window = grown(plane.pieces[label].box, by + 1, plane.labels.shape)
    return (_kept if operation.kept else _trimmed)(pixels, plane, label, window, engine)


def _trimmed(pixels: Pixels, plane: LabelPlane, label: int, window: Window, _engine: LabelPlane) -> _Change:
    mask = plane.labels[window] == label
    lab = pixels.lab(window)
    colour, part = rim_colour(lab, behind_rim(mask))
    if part < BORDER_SHARE:
        raise EditError("no light border goes round the sticker.")
    rim = mask & dilate(~mask, 2)
    border = (like(lab, colour) & mask) | rim
    art = mask & ~border
    if not art.any():
        raise EditError("it is all border, and nothing would be left.")
    width = border_width(mask, distance_to(art), pixels.scale) or MOST_BORDER_PX * pixels.scale
    depth = distance_to(~mask)
    reached = open_to_frame(~mask | (border & (depth <= 1.5 * width + 2))) & mask
    reached &= dilate(reached & like(lab, colour), 2)  # the rim goes only where the border lies behind it
    return _without(plane, label, window, reached)


def _kept(pixels: Pixels, plane: LabelPlane, label: int, window: Window, engine: LabelPlane) -> _Change:
    crop = plane.labels[window].copy()
    mask, free = crop == label, crop == 0
    source = np.bincount(engine.labels[window][mask], minlength=1)
    source[0] = 0
    gained = (engine.labels[window] == int(source.argmax())) & free if source.any() else np.zeros_like(mask)
    if not gained.any():  # the cut itself had trimmed it
        lab = pixels.lab(window)
        colour, part = rim_colour(lab, dilate(mask, 4) & ~dilate(mask, 1) & free)
        away = pixels.from_ground(window, lab) > _threshold(pixels)
        light = (like(lab, colour) & away | (dilate(mask, 2) & away)) & free
        _, parts = components(mask | light)
        gained = np.isin(parts, np.unique(parts[mask])) & light
        if part < BORDER_SHARE or not gained.any():
            raise EditError("no light border goes round the sticker.")
    crop[gained] = label
    return _Change(window, crop)


def _delete(_pixels: Pixels, plane: LabelPlane, operation: Delete, _engine: LabelPlane) -> _Change:
    label = _label_at(plane, operation.point)
    window = plane.pieces[label].box
    crop = plane.labels[window].copy()
    crop[crop == label] = 0
    return _Change(window, crop)


def _restore(_pixels: Pixels, plane: LabelPlane, operation: Restore, engine: LabelPlane) -> _Change:
    y, x = _place(plane, operation.point)
    label = int(engine.labels[y, x])
    if not label:
        raise EditError(f"the cut had found nothing at {_said(operation.point)}.")
    if plane.labels[y, x]:
        raise EditError(f"there is a sticker at {_said(operation.point)} already.")
    window = engine.pieces[label].box
    crop = plane.labels[window].copy()
    crop[(engine.labels[window] == label) & (crop == 0)] = plane.fresh if label in plane.pieces else label
    return _Change(window, crop)


_PLAYERS: Final[Mapping[type, Callable[[Pixels, LabelPlane, Any, LabelPlane], _Change]]] = {
    Merge: _merge,
    Split: _split,
    Add: _add,
    Erase: _erase,
    Outline: _outline,
    Seed: _seed,
    Hole: _hole,
    Ground: _ground,
    Border: _border,
    Delete: _delete,
    Restore: _restore,
}

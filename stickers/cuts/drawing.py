"""What the cut editor draws, as JSON values: outlines, doubts, and the addresses of cut-outs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import PurePosixPath
from typing import Any, Final

import cv2
import numpy as np
from django.urls import reverse

from stickers.cuts.bench import Bench
from stickers.cuts.hand import reach
from stickers.cutting.plane import LabelPlane, Window
from stickers.cutting.raster import Mask, distance_to, grown
from stickers.models import PrintSheet, Sticker

OFF_PX: Final = 0.7  # at 1024²: an outline on the screen leaves the true one by no more than this
LEAST_RING_PX: Final = 6.0  # of area: smaller loose bits and pinholes are not worth a line


def everything(bench: Bench) -> dict[str, Any]:
    """All that the editor shows when it is opened."""
    sheet = bench.sheet
    return {
        "sheet": {
            "id": sheet.pk,
            "name": sheet.name,
            "width": sheet.width_px,
            "height": sheet.height_px,
            "picture": reverse("sheet_file", args=[sheet.pk]),
        },
        "is_cutting": sheet.segmentation.is_open,
        "unplayed": bench.steps[0].refused,
        "stickers": [drawn(bench, sticker) for sticker in _shown(bench)],
        **_around(bench),
    }


def after(bench: Bench, changed: Collection[int], gone: Iterable[int], *, user_pk: int) -> dict[str, Any]:
    """What a step has changed. `changed`: labels. `gone`: ids of stickers."""
    stickers = _shown(bench)
    other = [sticker for sticker in stickers if sticker.label in changed]
    prints = PrintSheet.objects.owned_by(user_pk).kept().filter(items__sticker__in=[sticker.pk for sticker in other])
    return {
        "changed": [drawn(bench, sticker) for sticker in other],
        "gone": list(gone),
        "order": [sticker.pk for sticker in stickers],
        "numbers": {sticker.pk: sticker.number for sticker in stickers},
        "prints": [
            {"id": row.pk, "name": row.name, "url": reverse("printsheet", args=[row.pk])}
            for row in prints.distinct().order_by("pk")
        ],
        **_around(bench),
    }


def _around(bench: Bench) -> dict[str, Any]:
    undo, redo = reach(bench.sheet)
    return {"version": bench.sheet.cut_version, "undo": undo, "redo": redo, "removed": _removed(bench)}


def _shown(bench: Bench) -> list[Sticker]:
    """The stickers of the plane that are not in the trash, in their order."""
    pieces = bench.planes.now.pieces
    rows = bench.sheet.stickers.filter(deleted_at=None).defer("contour").order_by("number")
    return [sticker for sticker in rows if sticker.label in pieces]


def drawn(bench: Bench, sticker: Sticker) -> dict[str, Any]:
    plane = bench.planes.now
    label = sticker.label or 0
    window = grown(plane.pieces[label].box, 1, plane.labels.shape)
    mask = plane.labels[window] == label
    rings, holes = _rings(mask, window, bench.pixels.scale)
    file, thumb = PurePosixPath(sticker.file.name or ""), PurePosixPath(sticker.thumb_256.name or "")
    return {
        "id": sticker.pk,
        "number": sticker.number,
        "name": sticker.name,
        "title": sticker.title,
        "starred": sticker.starred,
        "confidence": round(sticker.confidence, 4),
        "reason": sticker.reason,
        "box": [sticker.x, sticker.y, sticker.width_px, sticker.height_px],
        "point": _point_in(mask, window),
        "rings": rings,
        "holes": holes,
        "cutout": f"{reverse('sticker_file', args=[sticker.pk])}?v={file.stem}",
        "thumb": f"{reverse('sticker_thumb', args=[sticker.pk, 256])}?v={thumb.stem}",
    }


def outlines(plane: LabelPlane, by: float) -> list[list[list[float]]]:
    """The outer outline of every sticker of a plane that is `by` times smaller than its sheet, in sheet pixels."""
    found = []
    for label in plane.order:
        window = grown(plane.pieces[label].box, 1, plane.labels.shape)
        rings, _ = _rings(plane.labels[window] == label, window, 1.0)
        found.append([[round(x * by, 1), round(y * by, 1)] for x, y in rings[0]])
    return found


def _removed(bench: Bench) -> list[dict[str, Any]]:
    """What the engine had found and the plane has no more: each with its outline, and a point that brings it back."""
    engine, now = bench.planes.engine, bench.planes.now
    found = []
    for label in engine.order:
        if label in now.pieces:
            continue
        window = grown(engine.pieces[label].box, 1, engine.labels.shape)
        # Most are still there, and every fourth pixel shows it: a sixteenth of the cost for a large sheet.
        if (now.labels[window][::4, ::4][engine.labels[window][::4, ::4] == label] > 0).any():
            continue
        mask = engine.labels[window] == label
        if (now.labels[window][mask] > 0).any():
            continue
        rings, _ = _rings(mask, window, bench.pixels.scale)
        found.append({"point": _point_in(mask, window), "ring": rings[0]})
    return found


def _rings(mask: Mask, window: Window, scale: float) -> tuple[list[list[list[float]]], list[list[list[float]]]]:
    """The outer outlines of a mask in its window, the largest first, and those of its holes; in sheet pixels."""
    contours, hierarchy = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    corner = np.array([window[1].start, window[0].start])
    outer, holes = [], []
    for contour, (_, _, _, parent) in zip(contours, hierarchy[0] if len(contours) else [], strict=True):
        area = cv2.contourArea(contour)
        ring = cv2.approxPolyDP(contour, OFF_PX * max(1.0, scale), closed=True).reshape(-1, 2) + corner
        if parent < 0:
            outer.append((area, ring.tolist()))
        elif area >= LEAST_RING_PX:
            holes.append(ring.tolist())
    outer.sort(key=lambda each: -each[0])
    large = [ring for place, (area, ring) in enumerate(outer) if place == 0 or area >= LEAST_RING_PX]
    return large, holes


def _point_in(mask: Mask, window: Window) -> list[int]:
    """The pixel of a mask that lies farthest from its rim: a place to write a number, and surely the sticker's own."""
    depth = distance_to(~np.pad(mask, 1))[1:-1, 1:-1]
    row, column = divmod(int(depth.argmax()), mask.shape[1])
    return [column + window[1].start, row + window[0].start]

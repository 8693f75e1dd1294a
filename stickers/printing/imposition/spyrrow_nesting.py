"""“Nest tighter”: an optional, slower engine fills pages within a time budget. Its result is checked before use.

The engine fills strips of endless length. So a page holds the largest number of stickers whose strip is no longer than
the page. The engine may answer differently on every run and may fail. Its result is used only if it has no clashes and
holds more than the studio's own nesting does.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import shapely
from shapely.affinity import rotate, translate

from stickers.printing.artwork.die_cut import DieCut
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.layout import Item, Layout, Page, PlacedSticker, clashes, lay_out, page_clashes
from stickers.printing.imposition.pages import PageOptions

spyrrow: Any = importlib.import_module("spyrrow") if importlib.util.find_spec("spyrrow") else None

MAX_SECONDS: Final = 300.0
_LEAST_SECONDS: Final = 1.0
_SEED: Final = 1
_CHORD_MM: Final = 0.03
_SPARE_MM: Final = 0.03  # added to the gap, because the engine works with coarser outlines and single precision

Progress = Callable[[float], None]


def is_available() -> bool:
    """Whether the optional engine is installed."""
    return spyrrow is not None


def lay_out_tighter(
    items: Sequence[Item], options: PageOptions, *, seconds: float, progress: Progress | None = None
) -> Layout:
    """Like `lay_out`, for at most about `seconds`; never worse than `lay_out`.

    Raises OptionsError (field `tighter`) if the engine is not installed, or for a budget of 0 or over 5 minutes.
    """
    if not math.isfinite(seconds) or not 0 < seconds <= MAX_SECONDS:
        raise OptionsError("tighter", f"The time to nest tighter must be above 0 and at most {MAX_SECONDS:g} seconds.")
    if not is_available():
        raise OptionsError("tighter", "Nesting tighter needs the optional package spyrrow, which is not installed.")
    end = time.monotonic() + seconds
    plain = lay_out(items, options)
    if not plain.pages or options.blocked:
        return plain  # the engine can't keep places clear
    waiting = [item.sticker for item in items for _ in range(item.copies)]
    pages: list[Page] = []
    total = len(waiting)
    for number, page in enumerate(plain.pages, 1):
        if not waiting:
            break
        share = (end - time.monotonic()) / (len(plain.pages) - number + 1)
        fewest = len(page.placed) if number == 1 else 1
        placed, waiting = fullest(waiting, options, fewest, share)
        if not placed:
            break
        pages.append(Page(number, placed))
        if progress is not None:
            progress(1 - len(waiting) / total)
    if waiting and pages:
        rest = lay_out([Item(sticker) for sticker in waiting], replace(options, max_pages=options.max_pages))
        pages += [Page(len(pages) + page.number, page.placed) for page in rest.pages]
        waiting = list(rest.overflow)
    tight = Layout(options=options, pages=tuple(pages), overflow=tuple(waiting), order=plain.order)
    if not pages or clashes(tight) or _worth(tight) <= _worth(plain):
        return plain
    return tight


def _worth(layout: Layout) -> tuple[int, float, float]:
    """What is compared: copies placed, few pages, a full first page."""
    placed = sum(len(page.placed) for page in layout.pages)
    return placed, -len(layout.pages), layout.page_use_of(layout.pages[0])


def fullest(
    waiting: Sequence[DieCut], options: PageOptions, fewest: int, seconds: float
) -> tuple[tuple[PlacedSticker, ...], list[DieCut]]:
    """As many of `waiting` (largest first) as the engine gets onto one page within `seconds`, and the rest.

    It begins with `fewest`.
    """
    end = time.monotonic() + seconds
    order = sorted(range(len(waiting)), key=lambda index: (-waiting[index].path.area_mm2, index))
    best: tuple[PlacedSticker, ...] = ()
    count = min(fewest, len(order))
    step = max(1, len(order) // 12)
    taken = 0
    while count <= len(order):
        left = end - time.monotonic()
        if left < _LEAST_SECONDS:
            break
        chosen = [waiting[index] for index in order[:count]]
        found = _strip(chosen, options, max(1, math.floor(min(left, max(seconds / 3, 1)))))
        if found is None:
            if step == 1:
                break
            count, step = count - step + 1, 1
            continue
        best, taken = found, count
        count += step
    gone = set(order[:taken])
    return best, [sticker for index, sticker in enumerate(waiting) if index not in gone]


def _strip(stickers: Sequence[DieCut], options: PageOptions, seconds: int) -> tuple[PlacedSticker, ...] | None:
    """All of `stickers` on one page; None if the engine finds no such strip."""
    live, gap_mm = options.live, options.gap_mm + _SPARE_MM
    turns = [0.0] if options.keep_upright else [0.0, 90.0, 180.0, 270.0]
    shapes = [sticker.path.polygon(_CHORD_MM) for sticker in stickers]
    items = [
        spyrrow.Item(str(index), [tuple(point) for point in shapely.get_coordinates(shape.exterior).tolist()], 1, turns)
        for index, shape in enumerate(shapes)
    ]
    # Its separation counts from the strip's own edges, too.
    try:
        strip = spyrrow.StripPackingInstance("page", live.width_mm + 2 * gap_mm, items)
        config = spyrrow.StripPackingConfig(
            total_computation_time=seconds, min_items_separation=gap_mm, seed=_SEED, num_workers=1
        )
        solved = strip.solve(config)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        if type(error).__name__ == "PanicException" or isinstance(error, ValueError):
            return None
        raise
    if solved.width > live.height_mm + 2 * gap_mm:
        return None
    placed = tuple(_put(stickers[int(one.id)], shapes[int(one.id)], one, options) for one in solved.placed_items)
    placed = _settled(placed, options)
    return None if page_clashes(1, [one.polygon for one in placed], options) else placed


def _put(sticker: DieCut, shape: Any, one: Any, options: PageOptions) -> PlacedSticker:
    """One sticker on the page.

    The strip's length lies along x and its width along y, so a quarter turn makes it run down the page.
    """
    lying = translate(rotate(shape, one.rotation, origin=(0, 0)), *one.translation)
    standing = rotate(lying, 90, origin=(0, 0))
    live = options.live
    turned = (one.rotation + 90) % 360
    own = rotate(shape, turned, origin=(0, 0))
    x_mm = standing.bounds[0] - own.bounds[0] + live.width_mm
    y_mm = standing.bounds[1] - own.bounds[1]
    return PlacedSticker(
        sticker=sticker, x_mm=live.left_mm + x_mm, y_mm=live.top_mm + y_mm, rotation_deg=float(round(turned, 6))
    )


def _settled(placed: tuple[PlacedSticker, ...], options: PageOptions) -> tuple[PlacedSticker, ...]:
    """The copies moved together to the live area's top left: the engine's own origin is off by its separation."""
    left = min(one.polygon.bounds[0] for one in placed) - options.live.left_mm
    top = min(one.polygon.bounds[1] for one in placed) - options.live.top_mm
    return tuple(one.moved(x_mm=one.x_mm - left, y_mm=one.y_mm - top) for one in placed)

"""Lay stickers out on pages: place, page and turn of each copy, and an independent check that nothing is too near.

`lay_out` fills fixed pages one after the other. What a designer has locked stays in its place. A placed sticker is only
turned and moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np
import shapely
from shapely import Polygon

from stickers.printing.artwork.die_cut import DieCut
from stickers.printing.errors import OptionsError
from stickers.printing.geometry.curves import CutPath
from stickers.printing.imposition.pages import Box, PageOptions, PageSize
from stickers.printing.nesting.bitmap import MANNERS, Board, Placement

MAX_COPIES: Final = 200
MAX_STICKERS: Final = 1000  # on all pages of one job; more is a print run, which shops make from one page
NEAR_SLACK_MM: Final = 0.02  # the curves of two libraries may differ by this

_CHECK_CHORD_MM: Final = 0.005
_PLACE_CHORD_MM: Final = 0.02
_MANY: Final = 60  # if more stickers wait than this, only the first manners are tried

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Item:
    """A sticker and its number of copies. Raises OptionsError (field `copies`)."""

    sticker: DieCut
    copies: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.copies <= MAX_COPIES:
            raise OptionsError("copies", f"There can be 1 to {MAX_COPIES} copies of a sticker.")


@dataclass(frozen=True, kw_only=True, eq=False)
class PlacedSticker:
    """One copy on a page, turned clockwise by `rotation_deg`.

    `(x_mm, y_mm)`, from the page's top left, is the place of the sticker's (0, 0).
    """

    sticker: DieCut
    x_mm: float
    y_mm: float
    rotation_deg: float = 0.0
    copy: int = 1
    locked: bool = False

    @cached_property
    def path(self) -> CutPath:
        """The cut line on the page."""
        return self.sticker.path.moved(rotation_deg=self.rotation_deg, x_mm=self.x_mm, y_mm=self.y_mm)

    @cached_property
    def polygon(self) -> Polygon:
        return self.path.polygon(_CHECK_CHORD_MM)

    def moved(self, *, x_mm: float, y_mm: float, rotation_deg: float | None = None) -> PlacedSticker:
        """The same copy at another place."""
        turn = self.rotation_deg if rotation_deg is None else rotation_deg
        return replace(self, x_mm=x_mm, y_mm=y_mm, rotation_deg=turn)


@dataclass(frozen=True, eq=False)
class Page:
    """One page. Numbers begin with 1."""

    number: int
    placed: tuple[PlacedSticker, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """All pages.

    `overflow`: the copies that fit on no page, or on none of the allowed pages. `order`: the stickers as they were
    given, which the nesting changes.
    """

    options: PageOptions
    pages: tuple[Page, ...]
    overflow: tuple[DieCut, ...] = ()
    order: tuple[DieCut, ...] = ()

    @property
    def placed(self) -> Iterator[PlacedSticker]:
        for page in self.pages:
            yield from page.placed

    @property
    def stickers(self) -> tuple[DieCut, ...]:
        """Each placed sticker once, in the order in which they were given, then of its first copy."""
        placed = {id(one.sticker): one.sticker for one in self.placed}
        ordered = {id(sticker): sticker for sticker in self.order if id(sticker) in placed}
        return tuple((ordered | placed).values())

    @property
    def page_use(self) -> float:
        """The share of the pages' live area inside cut lines."""
        live = self.options.live
        whole = live.width_mm * live.height_mm * len(self.pages)
        return sum(one.sticker.path.area_mm2 for one in self.placed) / whole if whole else 0.0

    def page_use_of(self, page: Page) -> float:
        live = self.options.live
        return sum(one.sticker.path.area_mm2 for one in page.placed) / (live.width_mm * live.height_mm)


@dataclass(frozen=True)
class Clash:
    """One thing that lies wrongly.

    `words` say what; `others` is the second sticker's index on the page, if there is one.
    """

    rule: str
    page: int
    index: int
    words: str
    other: int | None = None
    distance_mm: float = field(default=0.0)


def lay_out(
    items: Sequence[Item],
    options: PageOptions,
    *,
    locked: Sequence[Page] = (),
    progress: Progress | None = None,
) -> Layout:
    """`items` on as few pages as the nesting needs, the same every time. `locked` pages keep their stickers.

    Raises OptionsError for more than `MAX_STICKERS`. Copies that fit nowhere are in the result's `overflow`.
    """
    waiting = [item.sticker for item in items for _ in range(item.copies)]
    total = len(waiting)
    if total > MAX_STICKERS:
        raise OptionsError("copies", f"{total} stickers are too many at once: at most {MAX_STICKERS} can be placed.")
    keys = {id(sticker): key for key, sticker in enumerate(dict.fromkeys(waiting))}
    outlines = {id(sticker): sticker.path.polygon(_PLACE_CHORD_MM) for sticker in dict.fromkeys(waiting)}
    live = options.live
    board = Board(live.width_mm, live.height_mm, options.gap_mm, upright=options.keep_upright)
    kept = {page.number: tuple(one for one in page.placed if one.locked) for page in locked}
    pages: list[Page] = []
    numbers: dict[int, int] = {}
    for number in range(1, options.max_pages + 1):
        staying = kept.get(number, ())
        if not waiting and not any(page >= number and stay for page, stay in kept.items()):
            break
        taken = [one.path.polygon(_PLACE_CHORD_MM) for one in staying] + [_polygon(box) for box in options.blocked]
        taken = [shapely.transform(shape, lambda points: points - (live.left_mm, live.top_mm)) for shape in taken]
        shapes = [(keys[id(sticker)], outlines[id(sticker)]) for sticker in waiting]
        spots = _best(board, shapes, taken)
        if waiting and not spots and not staying:
            break  # none of them fits even an empty page
        placed = list(staying)
        for index, spot in sorted(spots, key=lambda found: found[0]):
            sticker = waiting[index]
            numbers[id(sticker)] = numbers.get(id(sticker), 0) + 1
            placed.append(_put(sticker, spot, live, numbers[id(sticker)]))
        gone = {index for index, _ in spots}
        waiting = [sticker for index, sticker in enumerate(waiting) if index not in gone]
        pages.append(Page(number, tuple(placed)))
        if progress is not None:
            progress(1 - len(waiting) / max(total, 1))
    order = tuple(dict.fromkeys(item.sticker for item in items))
    return Layout(options=options, pages=tuple(pages), overflow=tuple(waiting), order=order)


def _best(board: Board, shapes: Sequence[tuple[int, Polygon]], taken: Sequence[Polygon]) -> list[tuple[int, Placement]]:
    """The fullest page of all manners. The first manner that leaves nothing over ends the search."""
    best: list[tuple[int, Placement]] = []
    best_area = -1.0
    for manner in MANNERS if len(shapes) <= _MANY else MANNERS[:2]:
        spots = board.fill(shapes, taken, manner)
        area = sum(shapes[index][1].area for index, _ in spots)
        if area > best_area + 1e-6:
            best, best_area = spots, area
        if len(spots) == len(shapes):
            break
    return best


def _put(sticker: DieCut, spot: Placement, live: Box, copy: int) -> PlacedSticker:
    return PlacedSticker(
        sticker=sticker,
        x_mm=live.left_mm + spot.x_mm,
        y_mm=live.top_mm + spot.y_mm,
        rotation_deg=float(spot.rotation_deg),
        copy=copy,
    )


def _polygon(box: Box) -> Polygon:
    return shapely.box(box.left_mm, box.top_mm, box.right_mm, box.bottom_mm)


def clashes(layout: Layout) -> list[Clash]:
    """What lies wrongly, found from the finished curves and not from how they were placed.

    Rules: `gap` (two cut lines too near), `nested` (one inside another, or the same place twice), `edge` (outside the
    live area), `marks` (too near to a printed mark).
    """
    found: list[Clash] = []
    for page in layout.pages:
        found += page_clashes(page.number, [one.polygon for one in page.placed], layout.options)
    return found


def page_clashes(number: int, shapes: Sequence[Polygon], options: PageOptions) -> list[Clash]:
    """The clashes of one page. `shapes` are its cut lines in mm, whoever drew them."""
    found = []
    least_mm = options.gap_mm - NEAR_SLACK_MM
    if shapes:
        tree = shapely.STRtree(shapes)
        ones, others = tree.query(np.array(shapes), predicate="dwithin", distance=max(least_mm, 0.0))
        for one, other in sorted(zip(ones.tolist(), others.tolist(), strict=True)):
            if one < other:
                found.append(_between(number, one, other, shapes, options))
    live = options.live
    for index, shape in enumerate(shapes):
        left, top, right, bottom = shape.bounds
        over_mm = max(live.left_mm - left, live.top_mm - top, right - live.right_mm, bottom - live.bottom_mm)
        if over_mm > NEAR_SLACK_MM:
            found.append(
                Clash(
                    "edge", number, index, f"It reaches {over_mm:.1f} mm into the page's margin.", distance_mm=over_mm
                )
            )
        for box in options.blocked:
            away = float(shape.distance(_polygon(box)))
            if away < least_mm:
                found.append(
                    Clash(
                        "marks",
                        number,
                        index,
                        f"It lies {away:.1f} mm from the corner that a printed mark needs.",
                        distance_mm=away,
                    )
                )
    return found


def _between(number: int, one: int, other: int, shapes: Sequence[Polygon], options: PageOptions) -> Clash:
    away = float(shapes[one].distance(shapes[other]))
    if away == 0 and (shapes[one].contains(shapes[other].centroid) or shapes[other].contains(shapes[one].centroid)):
        return Clash("nested", number, one, "It lies on or inside another sticker: it would be cut twice.", other)
    words = f"It lies {away:.1f} mm from its neighbour; the gap is to be {options.gap_mm:g} mm."
    return Clash("gap", number, one, words, other, away)


__all__ = [
    "MAX_COPIES",
    "MAX_STICKERS",
    "Clash",
    "Item",
    "Layout",
    "Page",
    "PageSize",
    "PlacedSticker",
    "clashes",
    "lay_out",
    "page_clashes",
]

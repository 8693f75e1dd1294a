"""A print sheet as one value: its settings and every copy on it. It is edited, undone, imposed and exported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any, NamedTuple, Self

from stickers.printing.options import DEFAULT_BORDER_MM


class Design(NamedTuple):
    """What copies have in common: the sticker, the length of its longest side, and its fixups in order."""

    sticker_pk: int
    size_mm: float
    fixups: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One copy of a sticker. `page` counts from 1, and 0 is no page. Its centre lies at (x_mm, y_mm).

    `art` is the file that the sticker had when the copy was laid out, or when its owner took the newest one over.
    """

    number: int
    sticker_pk: int
    size_mm: float
    fixups: tuple[str, ...] = ()
    page: int = 0
    x_mm: float = 0.0
    y_mm: float = 0.0
    rotation_deg: float = 0.0
    locked: bool = False
    art: str = ""

    @property
    def design(self) -> Design:
        return Design(self.sticker_pk, self.size_mm, self.fixups)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The settings, in millimetres, and the copies in the order of their numbers.

    `by_hand` says that the designer has moved or turned a copy since the last nesting.
    """

    page: str = "A4"
    margin_mm: float = 10.0
    gap_mm: float = 3.0
    border_mm: float = DEFAULT_BORDER_MM
    bleed_mm: float = 0.0
    keep_upright: bool = True
    keep_holes: bool = False
    profile: str = "home"
    unit: str = "mm"
    formats: tuple[str, ...] = ("pdf", "zip")
    dpi: int = 300
    file_name: str = ""
    white_underlay: bool = False
    as_drawn: bool = False  # art with few pixels is enlarged evenly, not redrawn
    cover: int = 0  # the sticker on the cover of a messenger pack; 0 is the first one
    pack_author: str = ""
    pack_emoji: str = ""
    by_hand: bool = False
    copies: tuple[Copy, ...] = ()

    @cached_property
    def designs(self) -> dict[Design, list[Copy]]:
        """The copies of each design. The designs are in the order of their first copy."""
        found: dict[Design, list[Copy]] = {}
        for copy in self.copies:
            found.setdefault(copy.design, []).append(copy)
        return found

    @property
    def next_number(self) -> int:
        return max((copy.number for copy in self.copies), default=0) + 1

    def copy(self, number: int) -> Copy | None:
        return next((copy for copy in self.copies if copy.number == number), None)

    def with_copies(self, changed: Iterable[Copy]) -> Self:
        """The plan with some copies replaced by those of the same number."""
        by_number = {copy.number: copy for copy in changed}
        return replace(self, copies=tuple(by_number.get(copy.number, copy) for copy in self.copies))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> Self:
        """The plan that `as_json` gave. Fields that are newer than it have their defaults."""
        copies = tuple(Copy(**{**copy, "fixups": tuple(copy["fixups"])}) for copy in said["copies"])
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in said.items() if name in known}
        return cls(**{**values, "formats": tuple(said["formats"]), "copies": copies})


SETTINGS = tuple(field.name for field in fields(Plan) if field.name != "copies")
COPY_FIELDS = tuple(field.name for field in fields(Copy) if field.name not in {"number", "sticker_pk"})

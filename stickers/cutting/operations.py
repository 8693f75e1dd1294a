"""What a person may do to a sheet's stickers by hand: one frozen dataclass for each operation, and their JSON.

All coordinates are sheet pixels: x to the right, y downwards, and pixel (0, 0) is the top left one. A `point` names
what lies under it, so an operation never names a label or a sticker. docs/edits.md describes the file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, ClassVar, Final, TypeAlias

from stickers.cutting.options import FARTHEST_PX

Point: TypeAlias = tuple[float, float]

MOST_OPERATIONS: Final = 1000
MOST_POINTS: Final = 5000  # of one line: a long stroke has a few hundred
MOST_RADIUS_PX: Final = 1024


class EditError(ValueError):
    """An operation that can't be read, or that fits nothing. The words are for the designer.

    `index`: which operation of the list it is, from 0; -1 if it is none of them.
    """

    def __init__(self, words: str, index: int = -1) -> None:
        super().__init__(words)
        self.index = index


@dataclass(frozen=True, kw_only=True)
class Merge:
    """The stickers under the points become one. The largest one keeps its identity."""

    op: ClassVar[str] = "merge"
    words: ClassVar[str] = "Merge"
    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        if len(self.points) < 2:
            raise EditError("points need two places or more.")


@dataclass(frozen=True, kw_only=True)
class Split:
    """A knife's line parts the sticker under the point. The largest part keeps its identity."""

    op: ClassVar[str] = "split"
    words: ClassVar[str] = "Split"
    point: Point
    line: tuple[Point, ...]

    def __post_init__(self) -> None:
        if len(self.line) < 2:
            raise EditError("line needs two points or more.")


@dataclass(frozen=True, kw_only=True)
class _Brush:
    point: Point
    stroke: tuple[Point, ...]
    radius: float
    snap: bool = True

    def __post_init__(self) -> None:
        if not self.stroke:
            raise EditError("stroke needs a point or more.")
        if not 0 < self.radius <= MOST_RADIUS_PX:
            raise EditError(f"radius must be above 0, and at most {MOST_RADIUS_PX}.")


class Add(_Brush):
    """The stroke becomes a part of the sticker under the point. With `snap` it ends at edges that lie near its own."""

    op: ClassVar[str] = "add"
    words: ClassVar[str] = "Add"


class Erase(_Brush):
    """The stroke is no longer a part of the sticker under the point. With `snap` it ends at edges near its own."""

    op: ClassVar[str] = "erase"
    words: ClassVar[str] = "Erase"


@dataclass(frozen=True, kw_only=True)
class Outline:
    """The polygon is a sticker. With `snap` its outline moves to the artwork's.

    With a point it redraws the sticker under it. Without one it redraws the sticker that shares more than half of the
    area which both cover together; if there is none, it is a new sticker, cut out of all that it covers.
    """

    op: ClassVar[str] = "outline"
    words: ClassVar[str] = "Outline"
    polygon: tuple[Point, ...]
    snap: bool = False
    point: Point | None = None

    def __post_init__(self) -> None:
        if len(self.polygon) < 3:
            raise EditError("polygon needs three points or more.")


@dataclass(frozen=True, kw_only=True)
class Seed:
    """There is a sticker at the point, which the cut has missed."""

    op: ClassVar[str] = "seed"
    words: ClassVar[str] = "Here is a sticker"
    point: Point


@dataclass(frozen=True, kw_only=True)
class Hole:
    """The hole at the point is open, so that one sees through it, or closed."""

    op: ClassVar[str] = "hole"
    words: ClassVar[str] = "Hole"
    point: Point
    open: bool


@dataclass(frozen=True, kw_only=True)
class Ground:
    """The colour at the point is the ground's: in the sticker under it, or with `everywhere` in all stickers."""

    op: ClassVar[str] = "ground"
    words: ClassVar[str] = "Background colour"
    point: Point
    everywhere: bool = False


@dataclass(frozen=True, kw_only=True)
class Border:
    """The white border of the sticker under the point is kept, or trimmed."""

    op: ClassVar[str] = "border"
    words: ClassVar[str] = "Border"
    point: Point
    kept: bool


@dataclass(frozen=True, kw_only=True)
class Delete:
    """The thing under the point is no sticker."""

    op: ClassVar[str] = "delete"
    words: ClassVar[str] = "Delete"
    point: Point


@dataclass(frozen=True, kw_only=True)
class Restore:
    """What the cut itself had found at the point is a sticker again."""

    op: ClassVar[str] = "restore"
    words: ClassVar[str] = "Restore"
    point: Point


@dataclass(frozen=True, kw_only=True)
class Reorder:
    """The sticker under the point has the number `to` from now on; the others follow in their order."""

    op: ClassVar[str] = "reorder"
    words: ClassVar[str] = "Reorder"
    point: Point
    to: int

    def __post_init__(self) -> None:
        if self.to < 1:
            raise EditError("to must be 1 or more.")


Operation = Merge | Split | Add | Erase | Outline | Seed | Hole | Ground | Border | Delete | Restore | Reorder
KINDS: Final[Mapping[str, type[Operation]]] = {
    kind.op: kind for kind in (Merge, Split, Add, Erase, Outline, Seed, Hole, Ground, Border, Delete, Restore, Reorder)
}


def read_file(text: str) -> tuple[Operation, ...]:
    """The operations of a file `{"operations": […]}`. Raises EditError."""
    try:
        said = json.loads(text)
    except ValueError as error:
        raise EditError(f"This is no JSON: {error}.") from error
    if not isinstance(said, dict) or said.keys() != {"operations"}:
        raise EditError('The file must be an object with one field, "operations".')
    return read(said["operations"])


def read(said: object) -> tuple[Operation, ...]:
    """The operations of a list as JSON gives it. Raises EditError, which names the operation and its field."""
    if not isinstance(said, list):
        raise EditError("The operations must be a list.")
    if len(said) > MOST_OPERATIONS:
        raise EditError(f"{len(said)} operations are too many at once: at most {MOST_OPERATIONS}.")
    return tuple(_operation(index, each) for index, each in enumerate(said))


def as_json(operation: Operation) -> dict[str, Any]:
    """The operation as JSON values, without fields that have their default."""
    left_out = {field.name for field in fields(operation) if getattr(operation, field.name) == field.default}
    values = {name: _listed(value) for name, value in asdict(operation).items() if name not in left_out}
    return {"op": operation.op, **values}


def _listed(value: object) -> object:
    return [_listed(each) for each in value] if isinstance(value, tuple) else value


def _operation(index: int, said: object) -> Operation:
    name = said.get("op") if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(name, str) or name not in KINDS:
        raise EditError(f"Operation {index + 1} must be an object whose “op” is one of {', '.join(KINDS)}.", index)
    try:
        return _made(KINDS[name], said)
    except EditError as error:
        raise EditError(f"Operation {index + 1}, {name}: {error}", index) from error


def _made(kind: type[Operation], said: Mapping[str, object]) -> Operation:
    known = {field.name: field for field in fields(kind)}
    for strange in sorted(said.keys() - known.keys() - {"op"}):
        raise EditError(f"“{strange}” is no field of it.")
    for field in known.values():
        if field.default is MISSING and field.name not in said:
            raise EditError(f"{field.name} is missing.")
    return kind(**{name: _READ[name](name, value) for name, value in said.items() if name != "op"})


def _point(name: str, said: object) -> Point:
    if not isinstance(said, list | tuple) or len(said) != 2:
        raise EditError(f"{name} must be a place [x, y] in sheet pixels.")
    x, y = said
    return _number(name, x), _number(name, y)


def _points(name: str, said: object) -> tuple[Point, ...]:
    if not isinstance(said, Sequence) or isinstance(said, str | bytes):
        raise EditError(f"{name} must be a list of places [[x, y], …] in sheet pixels.")
    if len(said) > MOST_POINTS:
        raise EditError(f"{name} has {len(said)} points: at most {MOST_POINTS} are taken.")
    return tuple(_point(name, each) for each in said)


def _number(name: str, said: object) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said):
        raise EditError(f"{name} must be made of numbers.")
    if abs(said) > FARTHEST_PX:
        raise EditError(f"{name} lies too far away.")
    return said


def _flag(name: str, said: object) -> bool:
    if not isinstance(said, bool):
        raise EditError(f"{name} must be true or false.")
    return said


def _whole(name: str, said: object) -> int:
    if isinstance(said, bool) or not isinstance(said, int):
        raise EditError(f"{name} must be a whole number.")
    return said


_READ: Final[Mapping[str, Callable[[str, object], Any]]] = {
    "point": _point,
    "points": _points,
    "line": _points,
    "stroke": _points,
    "polygon": _points,
    "radius": _number,
    "snap": _flag,
    "open": _flag,
    "everywhere": _flag,
    "kept": _flag,
    "to": _whole,
}

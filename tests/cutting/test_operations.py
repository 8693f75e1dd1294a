"""Operations as JSON: each is read and written without loss, and every mistake is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stickers.cutting.operations import KINDS, MOST_OPERATIONS, MOST_POINTS, EditError, as_json, read, read_file

ALL: list[dict[str, Any]] = [
    {"op": "merge", "points": [[1, 2], [3, 4.5]]},
    {"op": "split", "point": [1, 2], "line": [[0, 0], [9, 9]]},
    {"op": "add", "point": [1, 2], "stroke": [[1, 1]], "radius": 4},
    {"op": "erase", "point": [1, 2], "stroke": [[1, 1], [2, 2]], "radius": 4.5, "snap": False},
    {"op": "outline", "polygon": [[0, 0], [9, 0], [9, 9]], "snap": True},
    {"op": "outline", "polygon": [[0, 0], [9, 0], [9, 9]], "point": [5, 4]},
    {"op": "seed", "point": [1, 2]},
    {"op": "hole", "point": [1, 2], "open": True},
    {"op": "ground", "point": [1, 2], "everywhere": True},
    {"op": "border", "point": [1, 2], "kept": False},
    {"op": "delete", "point": [1, 2]},
    {"op": "restore", "point": [1, 2]},
    {"op": "reorder", "point": [1, 2], "to": 3},
]


def test_every_operation_comes_back_from_json_as_it_was() -> None:
    read_once = read(ALL)
    assert {operation.op for operation in read_once} == set(KINDS)
    written = json.loads(json.dumps([as_json(operation) for operation in read_once]))
    assert written == ALL
    assert read(written) == read_once


def test_a_default_that_is_named_is_no_other_operation() -> None:
    assert read([ALL[4] | {"snap": False}]) == read([{key: ALL[4][key] for key in ("op", "polygon")}])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("merge", "Operation 2 must be an object"),
        ({"op": "melt"}, "Operation 2 must be an object whose “op” is one of merge, split"),
        ({"op": ["merge"]}, "Operation 2 must be an object"),
        ({"op": "merge", "points": [[1, 2]]}, "Operation 2, merge: points need two places"),
        ({"op": "merge", "points": "1,2"}, "points must be a list of places"),
        ({"op": "merge", "points": [[1, 2], [3]]}, "points must be a place"),
        ({"op": "split", "point": [1, 2]}, "Operation 2, split: line is missing"),
        ({"op": "split", "point": [1, 2], "line": [[1, 2]]}, "line needs two points"),
        ({"op": "split", "point": [1, "2"], "line": [[1, 2], [3, 4]]}, "point must be made of numbers"),
        ({"op": "delete", "point": [True, 2]}, "point must be made of numbers"),
        ({"op": "delete", "point": [float("nan"), 2]}, "point must be made of numbers"),
        ({"op": "delete", "point": [1e9, 2]}, "point lies too far away"),
        ({"op": "delete", "point": [1, 2], "why": "ugly"}, "“why” is no field of it"),
        ({"op": "add", "point": [1, 2], "stroke": [[1, 2]], "radius": 0}, "radius must be above 0"),
        ({"op": "add", "point": [1, 2], "stroke": [[1, 2]], "radius": 9999}, "at most 1024"),
        ({"op": "erase", "point": [1, 2], "stroke": [], "radius": 3}, "stroke needs a point"),
        ({"op": "outline", "polygon": [[1, 2], [3, 4]], "snap": False}, "polygon needs three points"),
        ({"op": "outline", "polygon": [[0, 0]] * (MOST_POINTS + 1)}, "at most 5000"),
        ({"op": "hole", "point": [1, 2], "open": 1}, "open must be true or false"),
        ({"op": "reorder", "point": [1, 2], "to": 1.5}, "to must be a whole number"),
        ({"op": "reorder", "point": [1, 2], "to": 0}, "to must be 1 or more"),
    ],
)
def test_a_wrong_operation_is_named(wrong: object, words: str) -> None:
    with pytest.raises(EditError, match=words) as caught:
        read([ALL[0], wrong])
    assert caught.value.index == 1


@pytest.mark.parametrize("wrong", [None, {}, "merge", 3])
def test_only_a_list_holds_operations(wrong: object) -> None:
    with pytest.raises(EditError, match="must be a list"):
        read(wrong)


def test_too_many_at_once_are_refused() -> None:
    with pytest.raises(EditError, match="too many at once"):
        read([ALL[0]] * (MOST_OPERATIONS + 1))


def test_a_file_is_an_object_with_a_list() -> None:
    assert read_file(json.dumps({"operations": ALL})) == read(ALL)
    for wrong in ("[]", "{}", '{"operations": [], "more": 1}'):
        with pytest.raises(EditError, match="must be an object with one field"):
            read_file(wrong)
    with pytest.raises(EditError, match="no JSON"):
        read_file("operations:")

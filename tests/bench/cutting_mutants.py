"""Says which numbers of the cutting engine the bench's baseline guards: each is changed by a fifth, up and down.

    python -m tests.bench.cutting_mutants [--only NAME] [--every 5] [--kind KIND] [--json]

The numbers are the constants of the modules in stickers/cutting/ and those of its JSON data files. A copy of the engine
is cut with one number changed, and its figures are compared with those of the engine as it is, with the slack of the
baseline. Kinds of sheets are tried in turn, until one shows a figure that is worse. The exit code is 1 if fewer than
four of five numbers are noticed in at least one direction.
"""

from __future__ import annotations

import argparse
import ast
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2

from tests.bench.cutting import (
    ROOT,
    Engine,
    Rows,
    Sheet,
    composed_sheets,
    drawn_sheets,
    kept,
    measured,
    summaries,
    worse,
)
from tests.fitting.cutting.compose import KINDS

ENGINE: Final = Path("stickers") / "cutting"
STEPS: Final = (0.8, 1.2)
CHANGED: Final = "figures change, and none is worse"
UNCHANGED: Final = "no figure changes"
WANTED: Final = 0.8  # share of the numbers that have to be noticed


@dataclass(frozen=True)
class Number:
    """One number of a file: its value, and where it stands: (line, from column, to column), or the keys in JSON."""

    path: Path
    name: str
    value: float
    place: tuple[Any, ...]

    def moved(self, step: float) -> float:
        """The value times `step`; a whole number stays whole, and moves by at least one."""
        if isinstance(self.value, float):
            return self.value * step
        return self.value + (1 if step > 1 else -1) * max(1, round(abs(self.value * (step - 1))))


def numbers_of(folder: Path) -> Iterator[Number]:
    """The numbers of all modules and data files of the folder, but 0: a fifth of it is nothing.

    What a data file keeps under "scores" says how good its fit was, and rules nothing.
    """
    for path in sorted(folder.rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                yield from _of_node(path, node.targets[0].id, node.value)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
                yield from _of_node(path, node.target.id, node.value)
    for path in sorted(folder.rglob("*.json")):
        yield from _of_json(path, json.loads(path.read_text()), ())


def _of_node(path: Path, name: str, node: ast.expr) -> Iterator[Number]:
    if isinstance(node, ast.Tuple | ast.List):
        for index, item in enumerate(node.elts):
            yield from _of_node(path, f"{name}[{index}]", item)
    elif isinstance(node, ast.Call):
        for keyword in node.keywords:
            yield from _of_node(path, f"{name}.{keyword.arg}", keyword.value)
    elif isinstance(node, ast.Constant | ast.UnaryOp | ast.BinOp):
        try:
            value = ast.literal_eval(node)
        except ValueError:
            return
        if isinstance(value, int | float) and not isinstance(value, bool) and value:
            place = (node.lineno, node.col_offset, node.end_col_offset)
            yield Number(path, f"{path.name} {name}", value, place)


def _of_json(path: Path, node: object, keys: tuple[str | int, ...]) -> Iterator[Number]:
    if isinstance(node, dict):
        for key, item in node.items():
            if key != "scores":
                yield from _of_json(path, item, (*keys, key))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _of_json(path, item, (*keys, index))
    elif isinstance(node, int | float) and not isinstance(node, bool) and node:
        yield Number(path, f"{path.name} {'.'.join(map(str, keys))}", node, keys)


def mutated(number: Number, step: float) -> str:
    """The text of the number's file with the number moved."""
    text = number.path.read_text()
    moved = number.moved(step)
    if number.path.suffix == ".json":
        data = json.loads(text)
        node = data
        for key in number.place[:-1]:
            node = node[key]
        node[number.place[-1]] = moved
        return json.dumps(data)
    lines = text.splitlines(keepends=True)
    row, start, end = number.place
    line = lines[row - 1].encode()  # ast counts bytes
    lines[row - 1] = (line[:start] + f"{moved:.6g}".encode() + line[end:]).decode()
    return "".join(lines)


def noticed(folder: Path, sheets: Sequence[Sheet], before: Rows) -> str:
    """The first figure of the engine in `folder` that is worse than before, in words.

    Otherwise CHANGED if any figure is another one, and UNCHANGED if none is.
    """
    engine = Engine(folder)
    changed = False
    try:
        for sheet in sheets:
            try:
                rows = summaries(measured([sheet], [engine])[0])
            except RuntimeError as failure:
                return str(failure)
            if found := worse({sheet.kind: before[sheet.kind]}, rows):
                return found[0]
            changed = changed or kept(rows)[sheet.kind] != kept(before)[sheet.kind]
    finally:
        engine.close()
    return CHANGED if changed else UNCHANGED


def main() -> int:
    """Try every number in both directions, and tell which ones nobody would miss."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="only numbers whose name holds this")
    parser.add_argument("--every", type=int, default=1, help="only each so many-th number")
    parser.add_argument("--drawn", type=int, default=8, help="sheets of the stand-in's artist")
    parser.add_argument("--kind", choices=list(KINDS), action="append", help="only these kinds of composed sheets")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    sheets = _one_of_each([*composed_sheets(1, 1024, given.kind or KINDS), *drawn_sheets(given.drawn)])
    engine = Engine(ROOT)
    try:
        before = summaries(measured(sheets, [engine])[0])
    finally:
        engine.close()
    told: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch)
        shutil.copytree(ROOT / "stickers", copy / "stickers", ignore=shutil.ignore_patterns("__pycache__"))
        numbers = [number for number in numbers_of(copy / ENGINE) if given.only in number.name]
        for number in numbers[:: given.every]:
            told[number.name] = _tried(number, copy, sheets, before)
            sys.stderr.write(f"{number.name}: {told[number.name]}\n")
    missed = [name for name, found in told.items() if set(found.values()) <= {CHANGED, UNCHANGED}]
    share = 1 - len(missed) / max(1, len(told))
    if given.json:
        sys.stdout.write(json.dumps({"numbers": told, "noticed": share}, indent=1) + "\n")
    else:
        sys.stdout.writelines(f"not noticed: {name}: {', '.join(set(told[name].values()))}\n" for name in missed)
        sys.stdout.write(f"{len(told) - len(missed)} of {len(told)} numbers are noticed ({share:.0%})\n")
    return 0 if share >= WANTED else 1


def _tried(number: Number, copy: Path, sheets: Sequence[Sheet], before: Rows) -> dict[str, str]:
    text = number.path.read_text()
    found = {}
    for step in STEPS:
        number.path.write_text(mutated(number, step))
        try:
            found[f"× {step}"] = noticed(copy, sheets, before)
        finally:
            number.path.write_text(text)
    return found


def _one_of_each(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The first sheet of each kind, so that a kind's figures are those of one sheet."""
    return list({sheet.kind: sheet for sheet in reversed(sheets)}.values())[::-1]


if __name__ == "__main__":
    raise SystemExit(main())

"""`make bench-cutting`: measures the segmentation on sheets whose stickers are known, and compares with the baseline.

    python -m tests.bench.cutting [--sheets 2] [--side 1024] [--real FOLDER] [--against ../before | --learned] [--keep]

Three sets are cut: sheets that the fitting's composer makes of art that nothing was fitted to, sheets of the stand-in's
artist, and real sheets with boxes by hand, where their folder is there. The figures are explained in cutting_scores.py.
CPU time is of one thread, memory of a fresh fork that cuts one sheet. `--against` cuts each sheet with the engine of
another checkout right after this one's, so that the machine's load falls on both.

The exit code is 1 if a figure is worse than the baseline allows. `--keep` makes the measured figures the baseline.
Time and memory are not in it: they are the machine's, and `--against` compares them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from stickers.sandbox.artist import draw_sheet
from tests.bench import cutting_scores as scores
from tests.bench.cutting_scores import Judged, Piece, RealScore, Score
from tests.fitting.cutting.compose import HELD_OUT_SEED, IGNORE, KINDS, compose

ROOT: Final = Path(__file__).parents[2]
BASELINE: Final = Path(__file__).with_name("cutting_baseline.json")
REAL: Final = ROOT.parent / "shared" / "cutting" / "real"
PROMPTS: Final = (
    "kawaii cats and stars",
    "tropical food and drinks on white",
    "space planets rockets",
    "forest animals with mushrooms",
    "flowers and plants on pastel",
    "speech bubbles and words",
    "sea creatures",
    "sweets, cakes and ice cream",
    "weather, clouds and rainbows",
    "a dog's day, gradient background",
)
SIZES: Final = ((1024, 1024), (1024, 1024), (768, 1024), (512, 512))
QUALITY: Final = 90  # of a stand-in's JPEG, like the real service's

# For each figure: whether more is better, and how much worse than the baseline it may be. The same engine gives the
# same figures on one machine; the slack is for other builds of the same libraries.
ALLOWED: Final = {
    "pq": (True, 0.0003),
    "f1": (True, 0.001),
    "perfect": (True, 0.0),
    "boundary": (False, 0.002),
    "halo": (False, 0.002),
    "satellites": (True, 0.001),
    "holes": (True, 0.001),
    "over": (False, 0.0),
    "under": (False, 0.0),
    "roughness": (False, 0.001),
    "auroc": (True, 0.001),
    "calibration": (False, 0.001),
    "wrong with a reason": (True, 0.001),
    "right with a reason": (False, 0.001),
    "whole": (True, 0.0),
    "clean": (True, 0.0),
    "f1 at .75": (True, 0.0003),
}

Row = dict[str, float | None]
Rows = dict[str, Row]


@dataclass(frozen=True)
class Sheet:
    """A picture to cut, as the bytes of a file, and how what comes out is scored."""

    kind: str
    name: str
    data: bytes
    scored: Callable[[Sequence[Piece], float, float], Score | RealScore]


LEARNED = "tests.fitting.cutting.learned"  # built beside today's engine


class Engine:
    """The cutting engine of one checkout, in a process of its own."""

    def __init__(self, folder: Path, module: str = "stickers.cutting") -> None:
        own = folder / ".venv" / "bin" / "python"
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [own if own.exists() else sys.executable, Path(__file__).with_name("cutting_worker.py"), module],
            cwd=folder,
            env={**os.environ, **threads},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def cut(self, picture: Path) -> tuple[list[Piece], float, float]:
        """The pieces, CPU milliseconds and peak megabytes of one picture. Raises RuntimeError if the engine fails."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{picture}\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline() or '{"failed": true}')
        if "failed" in said:
            raise RuntimeError(f"The engine failed on {picture.name}.")
        with np.load(picture.with_suffix(".npz")) as found:
            pieces = [
                Piece(found[f"alpha{number}"], int(box[0]), int(box[1]), float(sure), str(reason))
                for number, (box, sure, reason) in enumerate(
                    zip(found["boxes"], found["confidence"], found["reasons"], strict=True)
                )
            ]
        return pieces, said["ms"], said["peak_mb"]

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def composed_sheets(each: int, side: int, kinds: Iterable[str] = tuple(KINDS)) -> Iterator[Sheet]:
    """`each` sheets of every kind, of art and seeds that nothing was fitted to."""
    for kind in kinds:
        for index in range(each):
            made = compose(HELD_OUT_SEED + index, kind, side, held_out=True)
            _, data = cv2.imencode(".png", made.rgb[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
            ignored = made.parts == IGNORE
            yield Sheet(
                kind,
                f"{kind} {index}",
                data.tobytes(),
                lambda pieces, ms, mb, labels=made.labels, ignored=ignored: scores.composed(
                    labels, ignored, pieces, ms=ms, peak_mb=mb
                ),
            )


def drawn_sheets(number: int) -> Iterator[Sheet]:
    """Sheets of the stand-in's artist: prompts and sizes in turn, each with its own seed."""
    for index in range(number):
        width, height = SIZES[index % len(SIZES)]
        drawing = draw_sheet(PROMPTS[index % len(PROMPTS)], seed=1000 + index, width_px=width, height_px=height)
        stream = BytesIO()
        drawing.image.save(stream, "JPEG", quality=QUALITY)
        yield Sheet(
            f"stand-in, {drawing.background}",
            f"stand-in {index}",
            stream.getvalue(),
            lambda pieces, ms, mb, labels=drawing.labels: scores.composed(
                labels, np.zeros(labels.shape, bool), pieces, ms=ms, peak_mb=mb
            ),
        )


def real_sheets(folder: Path) -> Iterator[Sheet]:
    """The sheets of a folder. Its gt.json: {"images": {name: {"boxes": [[x0, y0, x1, y1], …], "width", "height"}}}."""
    for name, said in sorted(json.loads((folder / "gt.json").read_text())["images"].items()):
        if said.get("boxes") and (folder / name).exists():
            yield Sheet(
                "real",
                name,
                (folder / name).read_bytes(),
                lambda pieces, ms, mb, said=said: scores.real(
                    said["boxes"], (said["height"], said["width"]), pieces, ms=ms, peak_mb=mb
                ),
            )


def measured(sheets: Iterable[Sheet], engines: Sequence[Engine]) -> list[dict[str, dict[str, Score | RealScore]]]:
    """For each engine: kind → sheet's name → its figures. Each sheet goes to all engines in turn."""
    found: list[dict[str, dict[str, Score | RealScore]]] = [defaultdict(dict) for _ in engines]
    with tempfile.TemporaryDirectory() as scratch:
        picture = Path(scratch) / "sheet.image"
        for sheet in sheets:
            picture.write_bytes(sheet.data)
            for engine, by_kind in zip(engines, found, strict=True):
                by_kind[sheet.kind][sheet.name] = sheet.scored(*engine.cut(picture))
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{sheet.name[:60]:60}")
    return found


def summaries(found: dict[str, dict[str, Score | RealScore]]) -> Rows:
    """A row for each kind, one for all sheets with a truth to the pixel, and one for the real ones."""
    rows = {}
    known = {kind: list(by_name.values()) for kind, by_name in found.items() if kind != "real"}
    for kind, those in known.items():
        rows[kind] = summary([score for score in those if isinstance(score, Score)])
    rows["all"] = summary([score for those in known.values() for score in those if isinstance(score, Score)])
    if real := [score for score in found.get("real", {}).values() if isinstance(score, RealScore)]:
        rows["real"] = real_summary(real)
    return rows


def summary(those: Sequence[Score]) -> Row:
    """Means over sheets; confidence over all cut-outs."""
    names = [field.name for field in fields(Score) if field.name not in {"judged", "ms", "peak_mb"}]
    row: Row = {
        name: scores.mean(value for score in those if (value := getattr(score, name)) is not None) for name in names
    }
    return {
        "sheets": len(those),
        **row,
        **_cost(those),
        **_confidence([one for score in those for one in score.judged]),
    }


def real_summary(those: Sequence[RealScore]) -> Row:
    """Shares of sheets, F1 over all stickers, confidence over all cut-outs."""
    stickers, found = sum(score.stickers for score in those), sum(score.found for score in those)
    return {
        "sheets": len(those),
        "whole": scores.mean(float(score.whole) for score in those),
        "clean": scores.mean(float(score.clean) for score in those),
        "f1 at .75": 2 * sum(score.matched for score in those) / max(1, stickers + found),
        "roughness": scores.mean(score.roughness for score in those if score.roughness is not None),
        **_cost(those),
        **_confidence([one for score in those for one in score.judged]),
    }


def _cost(those: Sequence[Score] | Sequence[RealScore]) -> Row:
    return {
        "ms": float(np.mean([score.ms for score in those])) if those else None,
        "peak_mb": max((score.peak_mb for score in those), default=None),
    }


def _confidence(judged: Sequence[Judged]) -> Row:
    return {
        "auroc": scores.auroc(judged),
        "calibration": scores.calibration_error(judged),
        "wrong with a reason": scores.with_reason(judged, right=False),
        "right with a reason": scores.with_reason(judged, right=True),
    }


def worse(before: Rows, now: Rows) -> list[str]:
    """What is worse than the baseline allows, in words. Rows that were not measured this time are left out."""
    found = []
    for kind, row in before.items():
        for name, was in row.items():
            if kind not in now or name not in ALLOWED or was is None:
                continue
            more, slack = ALLOWED[name]
            is_now = now[kind].get(name)
            if is_now is None:
                found.append(f"{kind}: {name} was {was:.3f} and can't be measured any more")
            elif (was - is_now if more else is_now - was) > slack + 1e-5:  # the baseline has five digits
                found.append(f"{kind}: {name} was {was:.4f}, is {is_now:.4f}, allowed slack {slack}")
    return found


def table(rows: Rows) -> str:
    """The figures as aligned text."""
    columns = (
        ("pq", "PQ", 3), ("f1", "F1@.9", 3), ("perfect", "perfect", 2), ("boundary", "boundary", 2),
        ("halo", "halo", 2), ("satellites", "satell.", 2), ("holes", "holes", 2), ("over", "over", 2),
        ("under", "under", 2), ("roughness", "rough", 2), ("auroc", "AUROC", 2), ("ms", "ms", 0), ("peak_mb", "MB", 0),
    )  # fmt: skip
    lines = [f"{'kind':22}{'sheets':>7}" + "".join(f"{title:>9}" for _, title, _ in columns)]
    for kind, row in rows.items():
        if kind != "real":
            told = "".join(f"{_told(row[name], digits):>9}" for name, _, digits in columns)
            lines.append(f"{kind[:21]:22}{row['sheets']:7.0f}{told}")
    return "\n".join([*lines, "", *_words(rows), ""])


def _words(rows: Rows) -> Iterator[str]:
    """What is known of confidence, and of the real sheets."""
    for kind in ("all", "real"):
        if row := rows.get(kind):
            yield (
                f"{kind}: AUROC {_told(row['auroc'], 3)}, calibration error {_told(row['calibration'], 3)}, of wrong "
                f"ones {_told(row['wrong with a reason'], 2)} have a reason, of right ones "
                f"{_told(row['right with a reason'], 3)}"
            )
    if row := rows.get("real"):
        yield (
            f"real: {row['sheets']:.0f} sheets, whole {_told(row['whole'], 2)}, F1 at .75 {_told(row['f1 at .75'], 3)},"
            f" clean {_told(row['clean'], 2)}, roughness {_told(row['roughness'], 2)}, {_told(row['ms'], 0)} ms,"
            f" {_told(row['peak_mb'], 0)} MB"
        )


def _told(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def ratios(now: Rows, other: Rows) -> str:
    """CPU time and peak memory of this checkout by the other's."""
    told = []
    for kind in ("all", "real"):
        if kind in now and kind in other:
            cost = [(now[kind][name] or 0) / (other[kind][name] or 1) for name in ("ms", "peak_mb")]
            told.append(f"{kind}: {cost[0]:.2f} × the CPU time, {cost[1]:.2f} × the memory\n")
    return "".join(told)


def main() -> int:
    """Print the tables or JSON, and compare with the baseline."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sheets", type=int, default=2, help="composed sheets of each kind")
    parser.add_argument("--side", type=int, default=1024, help="their longer side in px")
    parser.add_argument("--kind", choices=list(KINDS), action="append", help="only these kinds of composed sheets")
    parser.add_argument("--real", type=Path, default=REAL, help="folder of the real sheets")
    parser.add_argument("--against", type=Path, help="another checkout to measure beside this one")
    parser.add_argument("--learned", action="store_true", help="measure the learned engine beside today's")
    parser.add_argument("--keep", action="store_true", help="make the figures the baseline")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.keep and given.kind:
        parser.error("The baseline is of all kinds.")
    cv2.setNumThreads(1)
    if given.learned and given.against:
        parser.error("One engine can be measured beside this one, not two.")
    other = LEARNED if given.learned else given.against
    engines = [Engine(ROOT)]
    if other:
        engines.append(Engine(ROOT, LEARNED) if given.learned else Engine(given.against.resolve()))
    try:
        found = measured(_wanted(given), engines)
    finally:
        for engine in engines:
            engine.close()
    rows = [summaries(one) for one in found]
    if given.json:
        sheets = {kind: {name: _plain(score) for name, score in those.items()} for kind, those in found[0].items()}
        told = {"rows": rows[0], "sheets": sheets, **({"against": rows[1]} if other else {})}
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
    else:
        sys.stdout.write(table(rows[0]))
        if other:
            sys.stdout.write(f"\n{other}\n{table(rows[1])}\n{ratios(*rows)}")
    setup = {"sheets": given.sheets, "side": given.side}
    if given.keep:
        BASELINE.write_text(json.dumps({"setup": setup, "rows": kept(rows[0])}, indent=1) + "\n")
        return 0
    baseline = json.loads(BASELINE.read_text())
    if baseline["setup"] != setup:
        sys.stderr.write(f"Not compared: the baseline is of {baseline['setup']}.\n")
        return 0
    if given.kind:
        del rows[0]["all"]  # it is of other sheets than the baseline's
    failures = worse(baseline["rows"], rows[0])
    sys.stderr.writelines(f"Worse than the baseline: {failure}\n" for failure in failures)
    return 1 if failures else 0


def kept(rows: Rows) -> Rows:
    """What the baseline holds of the rows: the figures that it compares, with as many digits as matter."""
    return {
        kind: {name: None if row[name] is None else round(row[name] or 0, 5) for name in row if name in ALLOWED}
        for kind, row in rows.items()
    }


def _wanted(given: argparse.Namespace) -> Iterator[Sheet]:
    yield from composed_sheets(given.sheets, given.side, given.kind or KINDS)
    if given.kind:
        return
    yield from drawn_sheets(10 * given.sheets)
    if (given.real / "gt.json").exists():
        yield from real_sheets(given.real)
    else:
        sys.stderr.write(f"No real sheets in {given.real}.\n")


def _plain(score: Score | RealScore) -> dict[str, Any]:
    plain = {field.name: getattr(score, field.name) for field in fields(score) if field.name != "judged"}
    return {**plain, "judged": [[one.confidence, one.reason, one.right] for one in score.judged]}


if __name__ == "__main__":
    raise SystemExit(main())

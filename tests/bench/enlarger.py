"""Score the enlarging net on art that it never learned from, beside Lanczos, and measure what it costs.

    python -m tests.bench.enlarger [--json] [--keep] [--picture FILE]

The pieces are seven each of Fluent Emoji, Noto Emoji, OpenMoji and Twemoji: the last two styles are never learned from,
and of the first two the names are held out. Each is 350 px wide as delivered. One window of 128 px with most edges is
enlarged 4 x from colours that the cutter's code extends under the edge, and compared within the true outline, on white.
The robustness sets are 14 pieces of the unseen styles, damaged otherwise.

PSNR in dB over RGB. SSIM of grey (Wang et al. 2004). Edge: 10-90 % rise of isolated steps of grey less that of the
truth, in px of the large picture. Over: how far such a step overshoots, in % of it. Flat: root mean square error of RGB
in flat areas, in levels, up to 16 source px from an edge. Gain: from how many times as wide a source Lanczos reaches
the net's PSNR. `--keep` writes the scores beside the weights. The exit code is 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.ndimage import map_coordinates

from stickers.printing.artwork import redraw
from stickers.printing.artwork.enlarge import extend_colours
from tests.fitting.art import default_folder, renderer
from tests.fitting.enlarger.degrade import SCALE, Damage, deliver
from tests.fitting.enlarger.pieces import Piece, held_out

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

SIDE = 350  # of a piece as delivered
WINDOW = 128
UNSCORED = 8  # source px at a window's rim
EACH = 7
SCORES = Path(redraw.__file__).with_name("enlarger.json")

ROBUST = {
    "clean, Lanczos": Damage(kernel="lanczos"),
    "JPEG q70": Damage(blur=0.45, noise=0.8, codec="jpeg", quality=70),
    "WebP q80": Damage(blur=0.45, noise=0.8, codec="webp", quality=80),
    "soft 1.0, q90": Damage(blur=1.0, noise=0.8, codec="jpeg", quality=90),
    "bicubic, 4:4:4 q92": Damage(kernel="bicubic", noise=0.8, codec="jpeg", quality=92, full_chroma=True),
}
# What the net has to show: the least gain over Lanczos in dB, and limits of the main set and of its cost
MAIN_DB, ROBUST_DB = 5.0, 3.5
LEAST_SSIM, MOST_EDGE_PX, MOST_FLAT = 0.975, 1.1, 1.1
MOST_CPU_S, MOST_MB = 2.5, 250


@dataclass(frozen=True)
class Score:
    """The figures of one method over a set, as the module's docstring names them."""

    psnr: float
    ssim: float
    edge: float
    over: float
    flat: float


@dataclass(frozen=True)
class Window:
    """A piece's window: what is delivered of it, its truth at 4 times the size, and the truth's alpha."""

    small: Bytes
    truth: Bytes
    alpha: Bytes

    def on_white(self, rgb: Bytes) -> Floats:
        """`rgb` within the true outline, without the unscored rim: HxWx3 float32 in levels."""
        rim = UNSCORED * SCALE
        share = self.alpha[..., np.newaxis].astype(np.float32) / 255
        mixed = np.round(rgb.astype(np.float32) * share + 255 * (1 - share))
        inner: Floats = mixed[rim:-rim, rim:-rim]
        return inner


def usual(seed: int) -> Damage:
    """What the real service was seen to do."""
    rng = np.random.default_rng([11, seed])
    return Damage(
        blur=float(rng.uniform(0.35, 0.6)),
        noise=float(rng.uniform(0.6, 1.5)),
        codec="jpeg",
        quality=int(rng.integers(85, 93)),
    )


def lanczos(small: Bytes) -> Bytes:
    """What the studio did before: uint8 HxWx3 to 4Hx4Wx3."""
    size = small.shape[1] * SCALE, small.shape[0] * SCALE
    return np.asarray(Image.fromarray(small).resize(size, Image.Resampling.LANCZOS))


def sheet_of(piece: Piece, resvg: Path) -> Bytes:
    """The piece's truth with room around it, uint8 HxWx4; both sides are whole source px."""
    art = piece.render(SIDE * SCALE, resvg)
    around = 12 * SCALE
    height, width = (-(-side // SCALE) * SCALE + 2 * around for side in art.shape[:2])
    sheet = np.zeros((height, width, 4), np.uint8)
    sheet[around : around + art.shape[0], around : around + art.shape[1]] = art
    return sheet


def place_of(sheet: Bytes) -> tuple[int, int]:
    """Top and left, in source px, of the window with most edges."""
    grey = cv2.cvtColor(on_white(sheet), cv2.COLOR_RGB2GRAY).astype(np.float32)
    edges = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    small = cv2.resize(edges, None, fx=1 / SCALE, fy=1 / SCALE, interpolation=cv2.INTER_AREA)
    sums = cv2.integral(small)
    whole = sums[WINDOW:, WINDOW:] - sums[:-WINDOW, WINDOW:] - sums[WINDOW:, :-WINDOW] + sums[:-WINDOW, :-WINDOW]
    top, left = np.unravel_index(int(whole.argmax()), whole.shape)
    return int(top), int(left)


def on_white(sheet: Bytes) -> Bytes:
    share = sheet[..., 3:].astype(np.float32) / 255
    return np.round(sheet[..., :3] * share + 255 * (1 - share)).astype(np.uint8)


def window_of(sheet: Bytes, place: tuple[int, int], damage: Damage, seed: int) -> Window:
    small = deliver(on_white(sheet), damage, np.random.default_rng([5, seed]))
    size = small.shape[1], small.shape[0]
    alpha = np.asarray(Image.fromarray(sheet[..., 3]).resize(size, Image.Resampling.BOX))
    art = extend_colours(np.dstack([small, alpha]))
    top, left = place
    large = np.s_[top * SCALE : (top + WINDOW) * SCALE, left * SCALE : (left + WINDOW) * SCALE]
    return Window(art.rgb[top : top + WINDOW, left : left + WINDOW], sheet[large][..., :3], sheet[large][..., 3])


def scored(windows: list[Window], enlarge: Callable[[Bytes], Bytes]) -> Score:
    """The means over a set."""
    figures = [_score(window, window.on_white(enlarge(window.small))) for window in windows]
    return Score(*(float(np.nanmean([figure[part] for figure in figures])) for part in range(5)))


def _score(window: Window, made: Floats) -> tuple[float, float, float, float, float]:
    truth = window.on_white(window.truth)
    grey, made_grey = _grey(truth), _grey(made)
    steps = _steps(grey)
    rise, _ = _measured(grey, grey, steps)
    made_rise, over = _measured(made_grey, grey, steps)
    flat = _flat(truth)
    wrong = ((made - truth) ** 2).mean(axis=2)[flat]
    return (
        psnr(made, truth),
        _ssim(made_grey, grey),
        float(np.nanmean(made_rise - rise)) if rise.size else float("nan"),
        100 * float(np.nanmean(over)) if rise.size else float("nan"),
        float(np.sqrt(wrong.mean())) if wrong.size else float("nan"),
    )


def psnr(made: Floats, truth: Floats) -> float:
    return float(10 * np.log10(255**2 / max(float(((made - truth) ** 2).mean()), 1e-4)))


def _grey(rgb: Floats) -> Floats:
    grey: Floats = (rgb @ np.array([0.299, 0.587, 0.114], np.float32)).astype(np.float32)
    return grey


def _ssim(made: Floats, truth: Floats) -> float:
    mean = partial(cv2.GaussianBlur, ksize=(11, 11), sigmaX=1.5)
    a, b = mean(made), mean(truth)
    aa, bb, ab = mean(made * made) - a * a, mean(truth * truth) - b * b, mean(made * truth) - a * b
    like = (2 * a * b + 6.5025) * (2 * ab + 58.5225) / ((a * a + b * b + 6.5025) * (aa + bb + 58.5225))
    return float(like[5:-5, 5:-5].mean())


def _flat(truth: Floats) -> npt.NDArray[np.bool_]:
    """Where the truth has one colour within 12 px, at most 16 source px from where it has not."""
    disc = np.ones((25, 25), np.uint8)
    same = ((cv2.dilate(truth, disc) - cv2.erode(truth, disc)).max(axis=2) <= 2).astype(np.uint8)
    near = cv2.distanceTransform(same, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) <= 16 * SCALE
    return near & (same > 0)


def _steps(grey: Floats) -> npt.NDArray[np.float64]:
    """Points of isolated steps of grey and their directions: Nx4 of y, x, dy, dx. At most 400 of a window."""
    soft = cv2.GaussianBlur(grey, (0, 0), 1.0)
    dy, dx = cv2.Sobel(soft, cv2.CV_32F, 0, 1), cv2.Sobel(soft, cv2.CV_32F, 1, 0)
    slope = np.hypot(dy, dx)
    ys, xs = np.nonzero(slope > 80)
    if ys.size == 0:
        return np.zeros((0, 4))
    unit = np.stack([dy[ys, xs], dx[ys, xs]], axis=1) / slope[ys, xs, np.newaxis]
    points = np.column_stack([ys, xs, unit])
    order = np.random.default_rng(1).permutation(len(points))
    points = points[order[:6000]]
    lines = _lines(grey, points)
    middle = lines.shape[1] // 2
    low, high = lines[:, :middle][:, :12], lines[:, -12:]
    step = high.mean(axis=1) - low.mean(axis=1)
    level = (high.mean(axis=1) + low.mean(axis=1)) / 2
    sharp = (lines[:, middle - 1] <= level) & (lines[:, middle + 1] >= level)
    alone = (np.ptp(low, axis=1) <= 3) & (np.ptp(high, axis=1) <= 3) & (step >= 50) & sharp
    return points[alone][:400].astype(np.float64)


_REACH = 20  # px of the large picture on both sides of a step


def _lines(grey: Floats, points: npt.NDArray[Any]) -> Floats:
    """Grey along each point's direction from -20 to 20 px: NxM. Points too near the rim repeat it."""
    along = np.arange(-_REACH, _REACH + 1)
    ys = points[:, :1] + points[:, 2:3] * along
    xs = points[:, 1:2] + points[:, 3:4] * along
    lines: Floats = map_coordinates(grey, [ys, xs], order=1, mode="nearest")
    return lines


def _measured(made: Floats, truth: Floats, steps: npt.NDArray[np.float64]) -> tuple[Floats, Floats]:
    """The 10-90 % rise in px and the overshoot as a share of the step, of every step."""
    if not len(steps):
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    lines, true_lines = _lines(made, steps), _lines(truth, steps)
    low, high = true_lines[:, :12].mean(axis=1), true_lines[:, -12:].mean(axis=1)
    share = (lines - low[:, np.newaxis]) / (high - low)[:, np.newaxis]
    fine = np.arange(-_REACH, _REACH, 0.1)
    rises = []
    for line in share:
        values = np.interp(fine, np.arange(-_REACH, _REACH + 1), line)
        first, last = np.flatnonzero(values <= 0.1), np.flatnonzero(values >= 0.9)
        middle = int(np.argmin(np.abs(values[150:-150] - 0.5))) + 150
        before, after = first[first < middle], last[last > middle]
        rises.append((after[0] - before[-1]) * 0.1 if before.size and after.size else np.nan)
    over = np.maximum(share.max(axis=1) - 1, -share.min(axis=1)).clip(min=0)
    return np.array(rises, np.float32), over.astype(np.float32)


def gain_of(sheets: list[Bytes], places: list[tuple[int, int]], windows: list[Window]) -> float:
    """From how many times as wide a source Lanczos reaches the net's PSNR, in the mean over the pieces."""
    goal = np.mean([psnr(one.on_white(redraw.enlarged(one.small)), one.on_white(one.truth)) for one in windows])
    widths, reached = (1.5, 2.0, 2.5, 3.0, 4.0), []
    for wider in widths:
        found = []
        for seed, (sheet, place, window) in enumerate(zip(sheets, places, windows, strict=True)):
            small = deliver(on_white(sheet), usual(seed), np.random.default_rng([5, seed]), wider=wider)
            size = small.shape[1], small.shape[0]
            alpha = np.asarray(Image.fromarray(sheet[..., 3]).resize(size, Image.Resampling.BOX))
            art = Image.fromarray(extend_colours(np.dstack([small, alpha])).rgb)
            large = np.asarray(art.resize((sheet.shape[1], sheet.shape[0]), Image.Resampling.LANCZOS))
            top, left = (SCALE * side for side in place)
            seen = large[top : top + WINDOW * SCALE, left : left + WINDOW * SCALE]
            found.append(psnr(window.on_white(seen), window.on_white(window.truth)))
        reached.append(float(np.mean(found)))
    return float(np.interp(goal, np.maximum.accumulate(reached), widths))


def cost() -> tuple[float, float]:
    """CPU seconds for a sheet of 1024 x 1024 px in one thread, and the peak memory in MB of a process that does it.

    The least of three: a neighbour on the same core makes every second longer.
    """
    command = [sys.executable, "-m", __spec__.name, "--cost"]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(3)]
    seconds, megabytes = min(json.loads(run) for run in runs)
    return seconds, megabytes


def _print_cost() -> None:
    cv2.setNumThreads(1)
    sheet = cv2.resize(np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8), (1024, 1024))
    redraw.enlarged(sheet[:64, :64])
    began = time.process_time()
    redraw.enlarged(sheet)
    used = time.process_time() - began
    # Not ru_maxrss, which begins with that of the process that started this one.
    [peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    sys.stdout.write(json.dumps([round(used, 2), round(int(peak.split()[1]) / 1024)]))


def picture(windows: list[Window]) -> Image.Image:
    """Crops of every second piece, side by side: delivered, Lanczos, redrawn, truth."""
    rows = []
    for window in windows[::2]:
        seen = [
            np.repeat(np.repeat(window.small, SCALE, axis=0), SCALE, axis=1),
            lanczos(window.small),
            redraw.enlarged(window.small),
            window.truth,
        ]
        crop = np.s_[100:340, 100:340]
        rows.append(np.hstack([window.on_white(one)[crop] for one in seen]))
    half = -(-len(rows) // 2)
    rows += [np.full_like(rows[0], 255)] * (2 * half - len(rows))
    return Image.fromarray(np.hstack([np.vstack(rows[:half]), np.vstack(rows[half:])]).astype(np.uint8))


def missed(main: dict[str, Score], robust: dict[str, dict[str, Score]], used: tuple[float, float]) -> list[str]:
    """The goals that are not reached, in words."""
    net, plain = main["redrawn"], main["lanczos"]
    goals = [
        ("PSNR over Lanczos", net.psnr - plain.psnr, MAIN_DB, True),
        ("SSIM", net.ssim, LEAST_SSIM, True),
        ("edge px", net.edge, MOST_EDGE_PX, False),
        ("overshoot %", net.over, plain.over, False),
        ("flat", net.flat, MOST_FLAT, False),
        ("CPU s", used[0], MOST_CPU_S, False),
        ("MB", used[1], MOST_MB, False),
        *((name, both["redrawn"].psnr - both["lanczos"].psnr, ROBUST_DB, True) for name, both in robust.items()),
    ]
    return [
        f"{name}: {value:.3f}, goal {'at least' if least else 'at most'} {goal:.3f}"
        for name, value, goal, least in goals
        if (value < goal if least else value > goal)
    ]


def main() -> int:
    """Print the scores. The exit code is 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", action="store_true", help="write the scores beside the weights")
    parser.add_argument("--picture", type=Path, help="where to write crops beside Lanczos and the truth")
    parser.add_argument("--art", type=Path, default=default_folder())
    parser.add_argument("--cost", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.cost:
        _print_cost()
        return 0
    resvg = renderer(args.art)
    pieces = held_out(args.art, EACH)
    sheets = [sheet_of(piece, resvg) for piece in pieces]
    places = [place_of(sheet) for sheet in sheets]
    ways = {"lanczos": lanczos, "redrawn": redraw.enlarged}
    windows = [window_of(sheet, places[seed], usual(seed), seed) for seed, sheet in enumerate(sheets)]
    main_set = {name: scored(windows, way) for name, way in ways.items()}
    unseen = [seed for seed, piece in enumerate(pieces) if piece.family in {"openmoji", "twemoji"}]
    robust = {}
    for name, damage in ROBUST.items():
        damaged = [window_of(sheets[seed], places[seed], damage, seed) for seed in unseen]
        robust[name] = {way: scored(damaged, enlarge) for way, enlarge in ways.items()}
    gain = gain_of(*([all_of[seed] for seed in unseen] for all_of in (sheets, places, windows)))
    used = cost()
    said = {
        "net": redraw.version(),
        "sha256": hashlib.sha256(SCORES.with_suffix(".onnx").read_bytes()).hexdigest(),
        "main": {way: asdict(score) for way, score in main_set.items()},
        "robust": {name: {way: asdict(score) for way, score in both.items()} for name, both in robust.items()},
        "gain": round(gain, 2),
        "cpu_s": used[0],
        "peak_mb": used[1],
    }
    said = json.loads(json.dumps(said), parse_float=lambda text: round(float(text), 4))
    if args.keep:
        SCORES.write_text(json.dumps(said, indent=2) + "\n")
    if args.picture:
        picture(windows).save(args.picture)
    wrong = missed(main_set, robust, used)
    if args.json:
        sys.stdout.write(json.dumps(said) + "\n")
    else:
        _print_table(main_set, robust)
        sys.stdout.write(f"{redraw.version()}: gain {gain:.2f}, {used[0]:.2f} CPU s a sheet, {used[1]:.0f} MB\n")
    for words in wrong:
        sys.stderr.write(f"missed: {words}\n")
    return 1 if wrong else 0


def _print_table(main_set: dict[str, Score], robust: dict[str, dict[str, Score]]) -> None:
    sys.stdout.write(f"{'':32}{'PSNR':>8}{'SSIM':>8}{'edge':>7}{'over':>7}{'flat':>7}\n")
    for name, both in {"main": main_set, **robust}.items():
        for way, score in both.items():
            figures = f"{score.psnr:8.2f}{score.ssim:8.4f}{score.edge:7.2f}{score.over:7.2f}{score.flat:7.2f}"
            sys.stdout.write(f"{name:22}{way:10}{figures}\n")


if __name__ == "__main__":
    raise SystemExit(main())

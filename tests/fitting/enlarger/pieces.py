"""Gives the art that the net learns from and is judged by: emoji of several styles and drawings of our own.

Fluent Emoji (MIT), Noto Emoji and FxEmoji (both Apache-2.0) are learned from, except the pictures whose names are held
out. OpenMoji (CC BY-SA 4.0) and Twemoji (CC BY 4.0) are for judging only: no net ever learns from them.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from tests.fitting.art import FAMILIES, Package, drawings, is_held_out

Bytes = npt.NDArray[np.uint8]

LEARNED = {name: FAMILIES[name].package for name in ("fluent", "flat", "noto", "fx")}
JUDGING = {
    "openmoji": Package(
        "@iconify-json/openmoji@1.2.29", "03181e2c156cab35cf4a62f1f7886bd971d59212e75ac3f189d5a4cae3930fc5"
    ),
    "twemoji": Package(
        "@iconify-json/twemoji@1.2.5", "19046dff7d8707ce96212ec86468b36ac5f8e60409629dd13f809265c6d0ebb7"
    ),
}
DRAWN = "drawn"
_WORDS = ("Hello", "WOW!", "love", "Good", "mmm", "Yay", "night", "Cat", "oh no", "2026", "Best", "sweet", "&", "ok?")
_FONTS = ("DejaVu Sans", "DejaVu Serif", "Nimbus Sans", "URW Bookman", "Z003", "URW Gothic", "C059")
# Figures with curved outlines and faces. Squares, arrows and letters with edges along the pixels are too easy.
_MOTIFS = re.compile(
    r"\b("
    r"alien|badger|bear|bee|bird|boar|bug|burger|butterfly|cake|cat|cherries|chicken|clown|cow|"
    r"crab|dog|dolphin|dragon|duck|elephant|face|fish|flamingo|fox|frog|ghost|giraffe|goat|"
    r"hamster|hibiscus|horse|kangaroo|koala|lion|llama|monkey|mouse|mushroom|octopus|otter|owl|"
    r"panda|parrot|penguin|pig|pineapple|rabbit|ram|robot|rose|skunk|sloth|snail|snake|"
    r"strawberry|sunflower|swan|taco|tiger|turtle|unicorn|whale|wolf|zebra"
    r")\b"
)


@dataclass(frozen=True)
class Piece:
    """One picture as SVG. `family` is its style."""

    family: str
    name: str
    svg: bytes

    def render(self, side: int, resvg: Path) -> Bytes:
        """The picture with its longer side at most `side` px, cropped to what is seen: uint8 HxWx4, straight alpha."""
        command = [str(resvg), *([] if self.family == DRAWN else ["--skip-system-fonts"])]
        done = subprocess.run(
            [*command, "--width", str(side), "--height", str(side), "-", "-c"],
            check=True,
            capture_output=True,
            input=self.svg,
        )
        bgra = cv2.imdecode(np.frombuffer(done.stdout, np.uint8), cv2.IMREAD_UNCHANGED)
        x, y, width, height = cv2.boundingRect((bgra[..., 3] > 8).astype(np.uint8))
        return np.ascontiguousarray(bgra[y : y + height, x : x + width, [2, 1, 0, 3]])


def learned(folder: Path) -> Iterator[Piece]:
    """Pieces to learn from without an end, in an order that mixes the families: a quarter of them is drawn."""
    sets = {name: _sorted(name, package, folder, held_out=False) for name, package in LEARNED.items()}
    turns = ("fluent", "noto", "fx", DRAWN, "noto", "flat", "fluent", "fx", DRAWN, "noto", "fx", DRAWN)
    used = dict.fromkeys((*sets, DRAWN), 0)
    while True:
        for name in turns:
            number = used[name]
            used[name] += 1
            yield drawn(number) if name == DRAWN else sets[name][number % len(sets[name])]


def held_out(folder: Path, each: int) -> list[Piece]:
    """`each` pieces of every family, none of which is ever learned from: what people print as stickers."""
    pieces = []
    for name, package in {**{name: LEARNED[name] for name in ("fluent", "noto")}, **JUDGING}.items():
        found = _sorted(name, package, folder, held_out=True)
        pieces += [piece for piece in found if _MOTIFS.search(piece.name)][:each]
    return pieces


def _sorted(family: str, package: Package, folder: Path, *, held_out: bool) -> list[Piece]:
    found = drawings(package, folder)
    names = sorted(
        (name for name in found if is_held_out(name) == held_out and _is_whole(name)),
        key=lambda name: hashlib.sha256(name.encode()).digest()[1:],
    )
    return [Piece(family, name, found[name]) for name in names]


def _is_whole(name: str) -> bool:
    """One of each motif: no skin tones and no flags."""
    parts = name.split("-")
    return not ({"light", "dark", "medium", "flag", "tone"} & set(parts) or "skin-tone" in name or "keycap" in parts)


def drawn(seed: int) -> Piece:
    """A drawing of our own: strokes, filled shapes with outlines, stripes, dots and a word."""
    rng = np.random.default_rng(seed)
    marks = "".join(_mark(rng) for _ in range(int(rng.integers(6, 22))))
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{marks}</svg>'
    return Piece(DRAWN, str(seed), svg.encode())


def _mark(rng: np.random.Generator) -> str:
    kind = rng.choice(("stroke", "blob", "ring", "word", "stripes", "box", "star", "dots"))
    x, y = rng.uniform(12, 88, 2)
    fill, line = _colour(rng), _colour(rng)
    width = float(np.exp(rng.uniform(np.log(0.4), np.log(6))))
    pen = f'stroke="{line}" stroke-width="{width:.2f}" stroke-linecap="round" stroke-linejoin="round"'
    size = float(np.exp(rng.uniform(np.log(4), np.log(34))))
    if kind == "stroke":
        points = rng.uniform(5, 95, (4, 2))
        path = f"M{points[0, 0]:.1f} {points[0, 1]:.1f}C" + " ".join(f"{a:.1f} {b:.1f}" for a, b in points[1:])
        return f'<path d="{path}" fill="none" {pen}/>'
    if kind == "blob":
        count = int(rng.integers(5, 9))
        radii = size * rng.uniform(0.6, 1.3, count)
        angles = np.arange(count) * 2 * np.pi / count
        ring = np.stack([x + radii * np.cos(angles), y + radii * np.sin(angles)], axis=1)
        middles = (ring + np.roll(ring, -1, axis=0)) / 2
        path = f"M{middles[-1, 0]:.1f} {middles[-1, 1]:.1f}" + "".join(
            f"Q{a:.1f} {b:.1f} {c:.1f} {d:.1f}" for (a, b), (c, d) in zip(ring, middles, strict=True)
        )
        return f'<path d="{path}Z" fill="{fill}" {pen if rng.random() < 0.7 else ""}/>'
    if kind == "ring":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size / 2:.1f}" fill="none" {pen}/>'
    if kind == "word":
        style = f'font-family="{rng.choice(_FONTS)}" font-size="{size:.1f}" font-weight="{rng.choice((400, 700))}"'
        turned = f'transform="rotate({rng.uniform(-30, 30):.0f} {x:.0f} {y:.0f})" text-anchor="middle"'
        word = str(rng.choice(_WORDS)).replace("&", "&amp;")
        return f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}" {style} {turned}>{word}</text>'
    if kind == "stripes":
        lines = "".join(
            f'<path d="M{x - size / 2:.1f} {y + step * width * 2.2:.1f}h{size:.1f}" {pen}/>' for step in range(5)
        )
        return f'<g transform="rotate({rng.uniform(0, 180):.0f} {x:.0f} {y:.0f})">{lines}</g>'
    if kind == "box":
        turned = f'transform="rotate({rng.uniform(0, 90):.0f} {x:.0f} {y:.0f})" rx="{size * rng.uniform(0, 0.4):.1f}"'
        sides = f'x="{x:.1f}" y="{y:.1f}" width="{size:.1f}" height="{size * 0.7:.1f}"'
        return f'<rect {sides} fill="{fill}" {turned} {pen}/>'
    if kind == "star":
        angles = np.arange(10) * np.pi / 5
        radii = size / 2 * np.where(np.arange(10) % 2, 0.45, 1)
        points = " ".join(
            f"{x + r * np.sin(a):.1f},{y - r * np.cos(a):.1f}" for r, a in zip(radii, angles, strict=True)
        )
        return f'<polygon points="{points}" fill="{fill}" {pen if rng.random() < 0.6 else ""}/>'
    spots = np.array([x, y]) + rng.uniform(-size, size, (8, 2))
    return "".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="{width / 2:.2f}" fill="{fill}"/>' for a, b in spots)


def _colour(rng: np.random.Generator) -> str:
    if rng.random() < 0.3:
        return str(rng.choice(("#000", "#fff", "#1d1d1f", "#3b2314", "#23265a")))
    return "#" + "".join(f"{value:02x}" for value in rng.integers(0, 256, 3))

"""Composes training sheets for the cutting engine: stickers on a ground, with the truth about every pixel.

`compose` draws everything from its seed: art, ground, border, shadow, places, furniture, words, camera and JPEG. The
kinds are those of real sheets; within a kind every length, colour and number varies widely.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt

from tests.fitting import art
from tests.fitting.cutting import camera, figures, grounds
from tests.fitting.cutting.figures import Bytes, Colour, Figure, Rng

Plane = npt.NDArray[np.uint8]
GROUND, ARTWORK, BORDER, SHADOW, FURNITURE, CAPTION, IGNORE = range(7)

HELD_OUT_SEED = 10_000_000  # nothing is fitted to sheets of seeds from here on
LEAST_SHARE = 0.0018  # of the sheet: a free piece from this size is a sticker of its own
CRUMB_SHARE = 0.0008  # up to this size it is a crumb: anybody's, or nobody's
COLOURED = ("fluent", "flat", "fx", "solid", "noto", "blob", "person", "person")
PLAIN = (*COLOURED, "icons", "thing", "lettering", "shape")


@dataclass(frozen=True)
class Composed:
    """A sheet and its truth. `rgb` uint8 (h, w, 3); `labels` int32 and `parts` uint8 of shape (h, w).

    `labels` is 1..n on each sticker as a person would peel it, 0 elsewhere. Only visible pixels count. `parts` says
    what a pixel shows: GROUND, ARTWORK, BORDER of a sticker, SHADOW or glow on the ground, FURNITURE (grid, card,
    frame, paper of a photo, program round a screenshot), CAPTION (words of no sticker), IGNORE (crumbs, and where two
    merged borders overlap). `bordered`: the stickers have a border of their own.
    """

    rgb: Bytes
    labels: npt.NDArray[np.int32]
    parts: Plane
    kind: str
    bordered: bool


@dataclass(frozen=True)
class Shadow:
    """A shadow on the ground: offset and blur in px, strength 0–1; `cast`: it reaches from the object to its offset."""

    x: float
    y: float
    blur: float
    strength: float
    cast: bool = False
    colour: Colour = (0, 0, 0)


@dataclass(frozen=True)
class Plan:
    """What is settled for a whole sheet before its stickers are. Lengths are in px of a sheet of 1024."""

    ground: str = "flat"
    colour: Colour = (255, 255, 255)
    families: tuple[str, ...] = COLOURED
    finish: str = ""
    ink: Colour | None = None
    size: tuple[float, float] = (120, 330)
    count: tuple[int, int] = (4, 20)
    layout: str = "grid"  # grid, free, tight (0–4 px), merged (borders run together), overlap
    fill: tuple[float, float] = (0.72, 0.94)  # of a cell
    border: float = 0.0
    border_colour: Colour = (255, 255, 255)
    smooth: float = 0.0  # bays narrower than this are filled by the border
    holes_filled: bool = False
    rim: Colour | None = None  # a thin line at the border's outer edge
    rim_width: float = 1.2
    kiss: Colour | None = None  # a drawn cut line, `kiss_gap` px outside of the art or border
    kiss_gap: float = 6.0
    kiss_width: float = 1.6
    shadow: Shadow | None = None
    glow: float = 0.0
    satellites: float = 0.0  # share of figures that have some
    words: str = ""  # "", "own" (part of the figure) or "caption" (of no sticker)
    turn: float = 0.0
    cropped: bool = False
    aspect: tuple[float, float] = (0.7, 1.4)
    title: float = 0.08
    mark: float = 0.04
    lines: bool = False  # grid lines between the cells
    card: Colour | None = None
    frame: float = 0.05
    corners: bool = False  # of the page, rounded
    camera: str = ""  # "", "paper", "table", "screenshot"
    grey: float = 0.04
    extra: dict[str, float] = field(default_factory=dict)


def compose(
    seed: int,
    kind: str | None = None,
    side: int = 1024,
    *,
    held_out: bool = False,
    library: art.Library | None = None,
) -> Composed:
    """One sheet; the longer side is `side` px. The same arguments give the same pixels.

    `held_out` takes the art that is kept for judging. Without a `library` the fetched one is read:
    NotFetchedError tells how to get it.
    """
    rng = np.random.default_rng([seed, side, int(held_out)])
    if kind is None:
        names = list(KINDS)
        shares = np.array([KINDS[name][1] for name in names])
        kind = names[rng.choice(len(names), p=shares / shares.sum())]
    rng = np.random.default_rng([seed, side, int(held_out), zlib.crc32(kind.encode())])
    if library is None:
        library = art.library(held_out=held_out)
    plan = _told(KINDS[kind][0](rng))
    aspect = float(np.exp(rng.uniform(np.log(plan.aspect[0]), np.log(plan.aspect[1]))))
    width, height = (side, round(side / aspect)) if aspect >= 1 else (round(side * aspect), side)
    inner = camera.inner_size(rng, plan.camera, height, width)
    k = side / 1024
    sheet = tiles(rng, library, plan, inner, k) if plan.layout == "tiles" else laid(rng, library, plan, inner, k)
    rgb, labels, parts = camera.taken(rng, plan.camera, sheet, (height, width), library)
    rgb = camera.degraded(rng, rgb, grey=rng.random() < plan.grey)
    labels, parts = counted(labels, parts)
    return Composed(rgb, labels, parts, kind, plan.border > 0)


def _told(plan: Plan) -> Plan:
    """The plan without a border that nobody could see: one of the ground's own colour, with no shadow or line."""
    ground = plan.card or plan.colour
    apart = max(abs(one - other) for one, other in zip(ground, plan.border_colour, strict=True))
    if apart < 6 and plan.border and not (plan.shadow or plan.rim or plan.kiss):
        return replace(plan, border=0.0)
    return plan


# Kinds


def white_on_colour(rng: Rng) -> Plan:
    """White borders on a colour."""
    return bordered(rng, colour=figures.vivid(rng) if rng.random() < 0.5 else figures.pale(rng))


def white_on_white(rng: Rng) -> Plan:
    """White borders on white, told by a soft shadow only."""
    tone = int(rng.integers(250, 256))
    return bordered(rng, colour=(tone, tone, tone), shadow=soft(rng, faint=True))


def white_on_cream(rng: Rng) -> Plan:
    """White borders on off-white, cream, paper or pale grey with a soft shadow: how drawn die-cut sheets often look."""
    value = rng.uniform(216, 252)
    tint = rng.normal(0, 1.2, 3) + np.array([[0, 0, 0], [2, 0, -6], [4, 0, -14], [-4, 0, 3]][rng.integers(4)])
    red, green, blue = np.clip(value + tint, 0, 254).astype(int)
    kinds = ("flat", "flat", "linear", "radial", "vignette", "paper")
    plan = bordered(rng, colour=(int(red), int(green), int(blue)), shadow=soft(rng, faint=rng.random() < 0.6))
    rim: Colour | None = None
    if rng.random() < 0.2:
        tone = int(value - rng.uniform(8, 50))
        rim = (tone, tone, tone)
    shadow = plan.shadow if rng.random() < 0.88 else None
    return replace(plan, ground=kinds[rng.integers(len(kinds))], rim=rim, shadow=shadow)


def cream_border(rng: Rng) -> Plan:
    """Borders in cream, a pastel or a strong colour."""
    colour = figures.pale(rng) if rng.random() < 0.8 else figures.vivid(rng)
    ground = (255, 255, 255) if rng.random() < 0.35 else any_colour(rng)
    return replace(bordered(rng, colour=ground), border_colour=colour)


def contour(rng: Rng) -> Plan:
    """White borders with a thin grey line round them."""
    tone = int(rng.integers(120, 232))
    ground = (255, 255, 255) if rng.random() < 0.6 else figures.pale(rng)
    plan = bordered(rng, colour=ground)
    return replace(plan, rim=(tone, tone, tone), rim_width=rng.uniform(0.8, 2.5))


def kiss_cut(rng: Rng) -> Plan:
    """A drawn, closed cut line a few px round every figure."""
    colour = figures.dark(rng) if rng.random() < 0.5 else figures.vivid(rng)
    white = rng.random() < 0.5
    plan = bordered(rng, colour=(255, 255, 255) if white else any_colour(rng)) if rng.random() < 0.4 else bare(rng)
    ground = (255, 255, 255) if white else plan.colour
    return replace(
        plan, colour=ground, kiss=colour, kiss_gap=rng.uniform(2, 14), kiss_width=rng.uniform(0.9, 3.2), smooth=12.0
    )


def bare(rng: Rng) -> Plan:
    """Art without a border on white or near it."""
    tone = int(rng.integers(246, 256)) if rng.random() < 0.5 else 255
    return Plan(
        colour=(tone, tone, tone),
        families=families(rng),
        finish=finish(rng),
        size=sizes(rng),
        count=(3, 36),
        layout="grid" if rng.random() < 0.6 else "free",
        satellites=0.35 if rng.random() < 0.35 else 0.0,
        turn=20 if rng.random() < 0.3 else 0.0,
    )


def bare_on_colour(rng: Rng) -> Plan:
    """Art without a border on a pastel, strong or keying colour."""
    keys = ((0, 255, 0), (0, 177, 64), (255, 0, 255), (0, 0, 255), (0, 200, 255))
    key = rng.random() < 0.35
    colour = keys[rng.integers(len(keys))] if key else any_colour(rng)
    return replace(bare(rng), colour=colour, ground="flat" if key or rng.random() < 0.7 else "linear")


def bare_on_dark(rng: Rng) -> Plan:
    """Art or bordered art on black or a dark colour."""
    plan = bare(rng) if rng.random() < 0.6 else bordered(rng, colour=(0, 0, 0))
    colour = (0, 0, 0) if rng.random() < 0.35 else figures.dark(rng)
    return replace(plan, colour=colour, shadow=None, ground="flat" if rng.random() < 0.6 else "radial")


def gradient(rng: Rng) -> Plan:
    """Any stickers on a gradient, two tones or a vignette."""
    plan = bordered(rng, colour=any_colour(rng)) if rng.random() < 0.6 else replace(bare(rng), colour=any_colour(rng))
    kinds = ("linear", "radial", "two-tone", "vignette")
    return replace(plan, ground=kinds[rng.integers(4)], shadow=soft(rng) if rng.random() < 0.4 else None)


def texture(rng: Rng) -> Plan:
    """Any stickers on paper, wood, cloth or stone."""
    kinds = ("paper", "paper", "wood", "cloth", "stone")
    ground = kinds[rng.integers(5)]
    plan = bordered(rng, colour=any_colour(rng)) if rng.random() < 0.75 else replace(bare(rng), colour=any_colour(rng))
    if ground == "wood":
        plan = replace(
            plan, colour=(int(rng.integers(120, 225)), int(rng.integers(90, 170)), int(rng.integers(60, 130)))
        )
    return replace(plan, ground=ground, shadow=soft(rng) if rng.random() < 0.6 else None)


def tight(rng: Rng) -> Plan:
    """Borders 0–4 px apart."""
    return replace(bordered(rng, colour=any_colour(rng)), layout="tight", count=(6, 26))


def merged(rng: Rng) -> Plan:
    """Borders that run together; the art stays apart."""
    plan = bordered(rng, colour=any_colour(rng) if rng.random() < 0.7 else (235, 235, 238))
    return replace(plan, layout="merged", count=(6, 26), border=rng.uniform(5, 16), shadow=None)


def overlap(rng: Rng) -> Plan:
    """Stickers over one another; the upper one's border runs over the lower one."""
    plan = bordered(rng, colour=any_colour(rng))
    shadow = soft(rng) if rng.random() < 0.5 else None
    return replace(plan, layout="overlap", turn=25, count=(6, 24), shadow=shadow, border=max(plan.border, 4.0))


def companions(rng: Rng) -> Plan:
    """Figures with hearts, stars and drops round them."""
    plan = bordered(rng, colour=any_colour(rng)) if rng.random() < 0.5 else bare(rng)
    return replace(plan, satellites=0.75, layout="grid" if rng.random() < 0.7 else "free", count=(3, 16))


def words(rng: Rng) -> Plan:
    """Every figure has its words, above or below it, as a part of it."""
    roll = rng.random()
    if roll < 0.35:
        plan = replace(bare(rng), finish=("lined", "crayoned", "outlined", "", "")[rng.integers(5)])
    else:
        plan = bordered(rng, colour=any_colour(rng) if roll < 0.6 else (244, 240, 234))
    return replace(
        plan, words="own", layout="grid", fill=(0.72, 0.96), count=(4, 40), satellites=0.4 * (rng.random() < 0.5),
        size=(70, 330), families=COLOURED,
    )  # fmt: skip


def captions(rng: Rng) -> Plan:
    """Every figure has a caption below that isn't part of it."""
    plan = bordered(rng, colour=light_ground(rng)) if rng.random() < 0.3 else bare(rng)
    return replace(
        plan, words="caption", layout="grid", count=(4, 64), fill=(0.5, 0.8), title=0.35, size=(40, 300),
        lines=rng.random() < 0.3, families=(*families(rng), "thing", "picture") if rng.random() < 0.5 else COLOURED,
    )  # fmt: skip


def cells(rng: Rng) -> Plan:
    """Grid lines between the figures, or a frame round the page."""
    plan = bare(rng) if rng.random() < 0.6 else bordered(rng, colour=light_ground(rng))
    keyed = rng.random() < 0.15
    standing = {"standing": 1.0} if rng.random() < 0.3 and not plan.turn else {}
    return replace(
        plan, extra=standing, layout="grid", lines=True, frame=0.3, corners=rng.random() < 0.2, fill=(0.55, 0.98),
        colour=(0, 255, 0) if keyed else plan.colour,
        words="" if standing else ("", "", "own", "caption")[rng.integers(4)],
    )  # fmt: skip


def cards(rng: Rng) -> Plan:
    """Each figure stands on a card, which is no part of it."""
    plan = bare(rng) if rng.random() < 0.75 else bordered(rng, colour=light_ground(rng))
    ground = light_ground(rng) if rng.random() < 0.7 else any_colour(rng)
    card = (255, 255, 255) if rng.random() < 0.5 else figures.pale(rng)
    return replace(
        plan, colour=ground, card=card, layout="grid", fill=(0.45, 0.8), count=(2, 30),
        words=("", "", "caption")[rng.integers(3)], shadow=None,
    )  # fmt: skip


def full_tiles(rng: Rng) -> Plan:
    """Pictures edge to edge in a grid: each tile is a sticker."""
    return Plan(layout="tiles", colour=light_ground(rng) if rng.random() < 0.7 else any_colour(rng), aspect=(0.6, 1.7))


def pieces(rng: Rng) -> Plan:
    """Many small shapes and letters in a pattern."""
    plan = bare(rng) if rng.random() < 0.6 else bordered(rng, colour=any_colour(rng))
    return replace(plan, families=("shape", "shape", "icons", "flat", "lettering"), size=(38, 130), count=(15, 70))


def icons(rng: Rng) -> Plan:
    """Many small, thin icons in rows, with or without captions."""
    return replace(
        bare(rng), families=("thin", "thin", "icons", "shape", "flat") if rng.random() < 0.5 else ("thin",),
        size=(25, 90), count=(24, 100), layout="grid", fill=(0.5, 0.8), satellites=0.0, finish="",
        words="caption" if rng.random() < 0.5 else "", title=0.3, ink=figures.dark(rng) if rng.random() < 0.6 else None,
        colour=(255, 255, 255) if rng.random() < 0.6 else light_ground(rng), lines=rng.random() < 0.15,
    )  # fmt: skip


def open_lines(rng: Rng) -> Plan:
    """Unfilled ink drawings of many strokes on white or a tint."""
    drawn = rng.random() < 0.25
    return replace(
        bare(rng), families=("doodle",) if drawn else COLOURED, finish="" if drawn else "lined",
        colour=(255, 255, 255) if rng.random() < 0.55 else light_ground(rng), count=(2, 25), size=(90, 430),
        words="own" if rng.random() < 0.25 else "",
    )  # fmt: skip


def crayon(rng: Rng) -> Plan:
    """Crayon figures, many with white bodies on white."""
    return replace(
        bare(rng), families=("blob", "blob", "fx", "flat", "noto"), finish="crayoned", count=(4, 40),
        colour=(255, 255, 255) if rng.random() < 0.7 else light_ground(rng), words="own" if rng.random() < 0.4 else "",
        satellites=0.4,
    )  # fmt: skip


def sprites(rng: Rng) -> Plan:
    """Pixel sprites in rows."""
    return replace(
        bare_on_colour(rng), finish="pixelled", layout="grid", count=(3, 40), aspect=(0.6, 3.0), fill=(0.6, 0.96)
    )


def knolling(rng: Rng) -> Plan:
    """Things laid out under a studio light: cast or contact shadows in one direction."""
    turn, far = rng.uniform(0, 6.3), rng.uniform(6, 70)
    cast = rng.random() < 0.6
    shadow = Shadow(
        float(np.cos(turn) * far), float(np.sin(turn) * far), rng.uniform(2, 14) if cast else rng.uniform(5, 30),
        rng.uniform(0.12, 0.5), cast=cast,
    )  # fmt: skip
    return replace(
        bare(rng), families=("thing", "thing", "solid", "fluent", "lettering"),
        finish="lit" if rng.random() < 0.5 else "", colour=any_colour(rng), shadow=shadow,
        ground=("flat", "linear", "radial", "vignette", "paper")[rng.integers(5)],
        layout="free" if rng.random() < 0.6 else "grid", turn=15.0, count=(3, 24), satellites=0.0,
    )  # fmt: skip


def same_colour(rng: Rng) -> Plan:
    """Art in the ground's colour, rings, white bodies on white."""
    return replace(
        bare(rng), families=("blob", "blob", "shape", "flat", "icons", "noto"), extra={"ground_from_art": 1.0},
        finish=("", "outlined", "faded")[rng.integers(3)],
    )  # fmt: skip


def neon(rng: Rng) -> Plan:
    """Glowing lines or figures on black."""
    return replace(
        bare(rng), families=("thin", "thin", "lettering", "shape") if rng.random() < 0.7 else COLOURED, finish="",
        colour=(int(rng.integers(0, 20)),) * 3, glow=rng.uniform(0.3, 1.0) if rng.random() < 0.7 else 0.0,
        extra={"vivid": 1.0}, size=(90, 300), count=(3, 25), satellites=0.0,
    )  # fmt: skip


def cut_off(rng: Rng) -> Plan:
    """Stickers that the sheet's edge cuts off."""
    plan = bordered(rng, colour=any_colour(rng)) if rng.random() < 0.6 else bare(rng)
    return replace(plan, cropped=True, layout="free", size=(130, 380))


def photo_of_sheet(rng: Rng) -> Plan:
    """A photo of a printed sheet on a table."""
    plan = bordered(rng, colour=figures.pale(rng)) if rng.random() < 0.6 else bare(rng)
    if rng.random() < 0.5:
        plan = replace(plan, colour=(250, 250, 248), shadow=None)
        if plan.border:
            plan = replace(plan, rim=(190, 190, 190))
    return replace(plan, camera="paper", title=0.3, count=(4, 24), frame=0.0)


def photo_of_stickers(rng: Rng) -> Plan:
    """A photo of cut stickers on a table."""
    plan = texture(rng)
    plan = replace(plan, border=max(plan.border, 5.0), border_colour=(250, 249, 246), turn=40, layout="free")
    turn = rng.uniform(0, 6.3)
    shadow = Shadow(3 * float(np.cos(turn)), 3 * float(np.sin(turn)), rng.uniform(1.5, 6), rng.uniform(0.15, 0.5))
    return replace(plan, camera="table", shadow=shadow, title=0.0, mark=0.0, frame=0.0, satellites=0.0)


def screenshot(rng: Rng) -> Plan:
    """A screenshot of a sheet with the program round it."""
    plan = KINDS[("white_on_cream", "bare", "white_on_colour", "words")[rng.integers(4)]][0](rng)
    return replace(plan, camera="screenshot", frame=0.0, cropped=False)


def wild(rng: Rng) -> Plan:
    """A mixture that no other kind has."""
    one = KINDS[list(KINDS)[rng.integers(len(KINDS) - 1)]][0](rng)
    two = KINDS[list(KINDS)[rng.integers(len(KINDS) - 1)]][0](rng)
    if "tiles" in {one.layout, two.layout}:
        return one
    return replace(one, ground=two.ground, colour=two.colour, families=two.families, finish=two.finish, words=two.words)


KINDS: dict[str, tuple[Callable[[Rng], Plan], float]] = {
    "white_on_colour": (white_on_colour, 1.0),
    "white_on_white": (white_on_white, 1.2),
    "white_on_cream": (white_on_cream, 3.0),
    "cream_border": (cream_border, 1.0),
    "contour": (contour, 1.0),
    "kiss_cut": (kiss_cut, 1.0),
    "bare": (bare, 1.6),
    "bare_on_colour": (bare_on_colour, 1.4),
    "bare_on_dark": (bare_on_dark, 1.0),
    "gradient": (gradient, 1.0),
    "texture": (texture, 1.0),
    "tight": (tight, 1.0),
    "merged": (merged, 1.0),
    "overlap": (overlap, 1.4),
    "companions": (companions, 1.2),
    "words": (words, 1.6),
    "captions": (captions, 1.4),
    "cells": (cells, 1.2),
    "cards": (cards, 1.0),
    "full_tiles": (full_tiles, 1.0),
    "pieces": (pieces, 0.8),
    "icons": (icons, 1.2),
    "open_lines": (open_lines, 1.4),
    "crayon": (crayon, 1.0),
    "sprites": (sprites, 0.9),
    "knolling": (knolling, 1.4),
    "same_colour": (same_colour, 0.8),
    "neon": (neon, 0.7),
    "cut_off": (cut_off, 0.8),
    "photo_of_sheet": (photo_of_sheet, 1.0),
    "photo_of_stickers": (photo_of_stickers, 1.0),
    "screenshot": (screenshot, 0.8),
    "wild": (wild, 1.0),
}


def bordered(rng: Rng, *, colour: Colour, shadow: Shadow | None = None) -> Plan:
    """White-bordered stickers on a ground of this colour."""
    if shadow is None and rng.random() < 0.45:
        shadow = soft(rng)
    tone = int(rng.integers(246, 256))
    border = float(np.exp(rng.uniform(np.log(3.0), np.log(18.0))))
    return Plan(
        colour=colour,
        families=families(rng),
        finish=finish(rng),
        size=sizes(rng),
        count=(3, 30),
        layout="grid" if rng.random() < 0.5 else "free",
        border=border,
        border_colour=(tone, tone, tone) if rng.random() < 0.5 else (255, 255, 255),
        smooth=border * rng.uniform(0, 2.5),
        holes_filled=rng.random() < 0.3,
        shadow=shadow,
        satellites=0.4 if rng.random() < 0.3 else 0.0,
        turn=20 if rng.random() < 0.4 else 0.0,
        words="own" if rng.random() < 0.12 else "",
    )


def soft(rng: Rng, *, faint: bool = False) -> Shadow:
    """A soft drop shadow; `faint`: hardly visible."""
    blur = rng.uniform(1.5, 12)
    strength = rng.uniform(0.08, 0.25) if faint else rng.uniform(0.1, 0.5)
    return Shadow(
        rng.uniform(-6, 6),
        rng.uniform(-2, 9),
        blur,
        strength,
        colour=(0, 0, 0) if rng.random() < 0.7 else figures.dark(rng),
    )


def families(rng: Rng) -> tuple[str, ...]:
    """One family for the sheet, as real ones have, or a mixture."""
    if rng.random() < 0.55:
        return (COLOURED[rng.integers(len(COLOURED))],)
    return PLAIN if rng.random() < 0.5 else COLOURED


def finish(rng: Rng) -> str:
    """Half of the sheets show the art as it is."""
    names = ("lit", "outlined", "recoloured", "faded", "lined", "pixelled", "blocky", "crayoned", "mixed")
    return names[rng.integers(len(names))] if rng.random() < 0.5 else ""


def sizes(rng: Rng) -> tuple[float, float]:
    """Least and greatest size of a sheet's figures."""
    large = float(np.exp(rng.uniform(np.log(70), np.log(450))))
    return large * rng.uniform(0.35, 0.9), large


def any_colour(rng: Rng) -> Colour:
    """A ground's colour of any kind."""
    roll = rng.random()
    if roll < 0.35:
        return figures.pale(rng)
    if roll < 0.65:
        return figures.vivid(rng)
    return light_ground(rng) if roll < 0.85 else figures.dark(rng)


def light_ground(rng: Rng) -> Colour:
    """White, off-white or a very pale tint."""
    tone = rng.integers(225, 256)
    red, green, blue = np.clip(tone + rng.integers(-8, 4, 3), 0, 255)
    return int(red), int(green), int(blue)


# From the plan to pixels


@dataclass
class Canvas:
    """The sheet as it grows. `near` is each labelled pixel's distance to its own art."""

    rgb: Bytes
    labels: npt.NDArray[np.int32]
    parts: Plane
    near: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Placed:
    """A figure with its border, ready to be laid at (x, y), which may lie outside of the sheet.

    `paint` is how much of a pixel it covers with `rgb`, `cut` what a person would peel: more, where line art shows the
    ground inside of its lines. `body` is the cut without the border, `away` each pixel's distance to it.
    """

    rgb: Bytes
    paint: Bytes
    body: Bytes
    cut: Bytes
    away: npt.NDArray[np.float32]
    x: int = 0
    y: int = 0

    def window(self, shape: tuple[int, int]) -> tuple[tuple[slice, slice], tuple[slice, slice]] | None:
        """Where it lies on the sheet, and which part of it that is. None if it lies outside."""
        height, width = self.cut.shape
        x0, y0 = max(0, self.x), max(0, self.y)
        x1, y1 = min(shape[1], self.x + width), min(shape[0], self.y + height)
        if x1 <= x0 or y1 <= y0:
            return None
        return np.s_[y0:y1, x0:x1], np.s_[y0 - self.y : y1 - self.y, x0 - self.x : x1 - self.x]


def laid(
    rng: Rng, library: art.Library, plan: Plan, shape: tuple[int, int], k: float
) -> tuple[Bytes, npt.NDArray[np.int32], Plane]:
    """The sheet of this plan in `shape`; `k` is px per px of a sheet of 1024."""
    height, width = shape
    spots, cell = _spots(rng, plan, shape, k)
    look = _word_look(rng, library, plan, k)
    made = [_figure(rng, library, plan, look, size=size, k=k) for size in spots.sizes]
    colour = plan.colour
    if "ground_from_art" in plan.extra and made:
        inside = made[0].rgba[made[0].body > 200]
        if len(inside):
            colour = tuple(int(v) for v in inside[rng.integers(len(inside))][:3])  # type: ignore[assignment]
    canvas = Canvas(
        grounds.paint(rng, plan.ground, colour, height, width),
        np.zeros(shape, np.int32),
        np.zeros(shape, np.uint8),
        np.full(shape, 1e6, np.float32),
    )
    _furniture(rng, plan, canvas, spots, cell=cell, k=k)
    edged = [_edged(rng, plan, figure, k) for figure in made]
    placed = _arranged(rng, plan, edged, spots, cell=cell, shape=shape, k=k)
    if plan.shadow and plan.layout != "overlap":
        _shade(canvas, placed, plan.shadow, k, rng)
    if plan.glow:
        _glow(canvas, placed, plan.glow, k)
    for number, item in enumerate(placed, 1):
        if plan.shadow and plan.layout == "overlap":
            _shade(canvas, [item], plan.shadow, k, rng)
        _lay(canvas, item, number, merged=plan.layout == "merged")
    if plan.kiss:
        _kiss(canvas, plan, k)
    _write(rng, library, plan, canvas, spots=spots, placed=placed, cell=cell, k=k)
    return canvas.rgb, canvas.labels, canvas.parts


@dataclass(frozen=True)
class Spots:
    """How large each figure is to be, and for grids where: centres (x, y) and the cell's size (w, h)."""

    sizes: list[float]
    centres: list[tuple[float, float]]
    rows: int = 0
    columns: int = 0
    origin: tuple[float, float] = (0.0, 0.0)


def _spots(rng: Rng, plan: Plan, shape: tuple[int, int], k: float) -> tuple[Spots, tuple[float, float]]:
    height, width = shape
    if plan.layout != "grid":
        large = rng.uniform(*plan.size) * k
        room = 0.9 * height * width / max(1.0, (0.8 * large + 2 * plan.border * k + 10 * k) ** 2)
        share = 1.0 if rng.random() < 0.7 else rng.uniform(0.15, 1)  # most sheets are full
        number = int(np.clip(room * share, 1, max(plan.count[1], rng.integers(8, 40))))
        spread = rng.uniform(0.05, 0.5)
        sizes = [float(large * np.exp(rng.normal(0, spread))) for _ in range(number)]
        return Spots(sorted((min(size, 0.7 * min(shape)) for size in sizes), reverse=True), []), (0.0, 0.0)
    number = int(rng.integers(plan.count[0], plan.count[1] + 1))
    wanted = rng.uniform(*plan.size) * k
    most = max(1, int(height * width / (wanted * 1.15 + 2 * plan.border * k) ** 2))
    number = min(number, most) if rng.random() < 0.3 else int(np.clip(most, plan.count[0], plan.count[1]))
    columns = max(1, round(np.sqrt(number * width / height)))
    rows = max(1, round(number / columns))
    margin = rng.uniform(0.01, 0.06) * min(shape)
    top = rng.uniform(0.05, 0.1) * height if rng.random() < plan.title else 0.0
    cell = ((width - 2 * margin) / columns, (height - 2 * margin - top) / rows)
    fill = rng.uniform(*plan.fill)
    jitter = rng.uniform(0, 0.05) if not plan.lines and plan.card is None else 0.0
    spread = rng.uniform(0, 0.25)
    edge = (plan.border + (plan.kiss_gap + plan.kiss_width if plan.kiss else 0)) * k
    sizes, centres = [], []
    for row in range(rows):
        for column in range(columns):
            if rng.random() < 0.03:
                continue
            size = min(cell) * fill * float(np.exp(-abs(rng.normal(0, spread)))) - 2 * edge
            x = margin + (column + 0.5 + rng.normal(0, jitter)) * cell[0]
            y = margin + top + (row + 0.5 + rng.normal(0, jitter)) * cell[1]
            sizes.append(max(14 * k, size))
            centres.append((x, y))
    return Spots(sizes, centres, rows, columns, (margin, margin + top)), cell


def _word_look(rng: Rng, library: art.Library, plan: Plan, k: float) -> figures.WordLook | None:
    if plan.words != "own":
        return None
    japanese = rng.random() < 0.35 and any(font.name.startswith("Zen") for font in library.fonts)
    chosen = tuple(figures.KANA if japanese else figures.LATIN)
    if sum(plan.colour) < 300 and not plan.border:
        colour = figures.pale(rng)
    else:
        colour = figures.dark(rng) if rng.random() < 0.7 else figures.vivid(rng)
    return figures.WordLook(
        words=chosen,
        font=figures.font_for(rng, library, "あ" if japanese else "a"),
        height=rng.uniform(0.12, 0.34),
        gap=int(rng.uniform(1, 10) * k),
        colour=colour,
        below=bool(rng.random() < 0.5),
    )


def _figure(
    rng: Rng, library: art.Library, plan: Plan, look: figures.WordLook | None, *, size: float, k: float
) -> Figure:
    """A figure of about `size` px with all that belongs to it."""
    drawn = {*figures.DRAWN, "lettering"}
    available = tuple(name for name in plan.families if name in library.shelves or name in drawn)
    ink = plan.ink if "vivid" not in plan.extra else figures.vivid(rng)
    figure = figures.draw(rng, library, available or ("blob",), max(12, round(size)), ink)
    name = plan.finish
    if name == "mixed":
        name = list(figures.FINISHES)[rng.integers(len(figures.FINISHES))] if rng.random() < 0.6 else ""
    if name and size > 30:
        figure = figures.FINISHES[name](figure, rng)
    if plan.turn and size > 40:
        figure = figures.turned(figure, rng.uniform(-plan.turn, plan.turn))
    if rng.random() < plan.satellites and size > 60 * k:
        reach = 1.6 * plan.border * k
        gap = (max(1.0, 0.4 * reach), reach) if plan.border else (2 * k, 5.5 * k)
        figure = figures.with_satellites(figure, rng, gap, (0.07, 0.2))
    if look and size > 40 * k:
        figure = figures.with_words(figure, rng, library, look)
    longest = max(figure.body.shape)
    return figures.resized(figure, size / longest) if longest > 1.05 * size and plan.finish != "pixelled" else figure


def _edged(rng: Rng, plan: Plan, figure: Figure, k: float) -> tuple[Bytes, Bytes, Bytes, npt.NDArray[np.float32]]:
    """Colour, body, cut and distance to the art, all on the padded canvas of a figure with its border."""
    border, closing = plan.border * k, plan.smooth * k
    if plan.kiss:
        border, closing = border + (plan.kiss_gap + plan.kiss_width / 2) * k, max(closing, plan.smooth * k)
    pad = int(np.ceil(border + closing)) + 3
    grown = figures.padded(figure, pad)
    body = grown.body
    away = cv2.distanceTransform((body < 128).astype(np.uint8), cv2.DIST_L2, 5)
    if not border:
        return Placed(grown.rgba[..., :3], grown.rgba[..., 3], body, body, away)
    if closing > 1:
        inside = cv2.distanceTransform((away < border + closing).astype(np.uint8), cv2.DIST_L2, 5)
        depth = inside - closing
        cut = (np.clip(depth + 0.5, 0, 1) * 255).astype(np.uint8)
    else:
        depth = border - away
        cut = (np.clip(depth + 0.5, 0, 1) * 255).astype(np.uint8)
    if plan.holes_filled or plan.kiss:
        cut = figures.filled(cut)
    alpha = grown.rgba[..., 3:].astype(np.float32) / 255
    under = np.broadcast_to(np.array(plan.border_colour, np.float32), (*body.shape, 3)).copy()
    if plan.kiss and not plan.border:
        under[:] = plan.colour
    if rng.random() < 0.25 and not plan.kiss:
        under -= np.clip(rng.uniform(2, 14) * (1 - depth / max(border, 1)), 0, 14)[..., None]
    if plan.rim:
        line = np.clip(plan.rim_width * k + 0.5 - np.abs(depth), 0, 1)[..., None]
        under = under * (1 - line) + np.array(plan.rim, np.float32) * line
    rgb = grown.rgba[..., :3] * alpha + under * (1 - alpha)
    cut = np.maximum(cut, body)
    return Placed(np.clip(rgb, 0, 255).astype(np.uint8), cut, body, cut, away)


def _arranged(
    rng: Rng,
    plan: Plan,
    edged: list[Placed],
    spots: Spots,
    *,
    cell: tuple[float, float],
    shape: tuple[int, int],
    k: float,
) -> list[Placed]:
    if spots.centres:
        found = []
        for item, (x, y) in zip(edged, spots.centres, strict=True):
            height, width = item.cut.shape
            left, top = round(x - width / 2), round(y - height / 2)
            if not plan.cropped:
                left = int(np.clip(left, -2, max(-2, shape[1] - width + 2)))
                top = int(np.clip(top, -2, max(-2, shape[0] - height + 2)))
            placed = replace(item, x=left, y=top)
            if "standing" in plan.extra:
                placed = _standing(placed, round(y + cell[1] / 2), rng.uniform(0.03, 0.2))
            found.append(placed)
        return found
    return _free(rng, plan, edged, shape, k)


def _standing(item: Placed, floor: int, share: float) -> Placed:
    """The figure as a bust: its lower `share` is cut off, and it stands on the line at `floor`."""
    kept = max(4, round(item.cut.shape[0] * (1 - share)))
    planes = {name: getattr(item, name)[:kept] for name in ("rgb", "paint", "body", "cut", "away")}
    return replace(item, **planes, y=floor - kept)


STEP = 8  # px of the map in which free places are looked for


def _free(
    rng: Rng,
    plan: Plan,
    edged: list[Placed],
    shape: tuple[int, int],
    k: float,
) -> list[Placed]:
    """Places without overlap, or with a little where the plan says so; figures without a place are left out."""
    out = round(100 * k) // STEP * STEP if plan.cropped else 0
    rows, columns = (shape[0] + 2 * out) // STEP, (shape[1] + 2 * out) // STEP
    taken = np.zeros((rows, columns), np.float32)
    exact = np.zeros((rows * STEP, columns * STEP), np.uint8)
    gap = {"tight": 0.0, "merged": 0.0, "overlap": 0.0}.get(plan.layout, rng.uniform(2, 24) * k)
    allowed = rng.uniform(0.02, 0.15) if plan.layout == "overlap" else 0.0
    found: list[Placed] = []
    for item in edged:
        body, cut = item.body, item.cut
        height, width = cut.shape
        rough = np.pad(cut, ((0, -height % STEP), (0, -width % STEP)))
        rough = rough.reshape(rough.shape[0] // STEP, STEP, -1, STEP).max((1, 3)).astype(np.float32)
        if rough.shape[0] > rows or rough.shape[1] > columns:
            continue
        mask = (rough > 127).astype(np.float32)
        clash = cv2.matchTemplate(taken, mask, cv2.TM_CCORR)
        free = clash <= allowed * mask.sum() + 0.5
        if not free.any():
            continue
        if plan.layout == "overlap" and found and rng.random() < 0.8:
            free &= clash >= 0.25 * allowed * mask.sum()
            if not free.any():
                continue
        ys, xs = np.nonzero(free)
        pick = rng.integers(len(ys))
        x, y = int(xs[pick]) * STEP, int(ys[pick]) * STEP
        if plan.layout in {"tight", "merged"} and found:
            shell = body if plan.layout == "merged" else cut
            apart = rng.uniform(0, 4.5) * k if plan.layout == "tight" else plan.border * k * rng.uniform(1.0, 1.9)
            x, y = _slid(exact, shell, apart, (x, y), found[rng.integers(len(found))])
        at = np.s_[y : y + height, x : x + width]
        exact[at] = np.maximum(
            exact[at],
            body[: exact[at].shape[0], : exact[at].shape[1]]
            if plan.layout == "merged"
            else cut[: exact[at].shape[0], : exact[at].shape[1]],
        )
        spread = int(gap)
        away_map = np.zeros_like(taken)
        r0, c0 = y // STEP, x // STEP
        patch = np.pad(cut, ((y % STEP, -(height + y % STEP) % STEP), (x % STEP, -(width + x % STEP) % STEP)))
        patch = patch.reshape(patch.shape[0] // STEP, STEP, -1, STEP).max((1, 3))
        patch = patch[: rows - r0, : columns - c0]
        away_map[r0 : r0 + patch.shape[0], c0 : c0 + patch.shape[1]] = patch > 127
        if spread:
            grow = 2 * round(spread / STEP) + 1
            away_map = cv2.dilate(away_map, np.ones((grow, grow), np.uint8))
        taken = np.maximum(taken, away_map)
        found.append(replace(item, x=x - out, y=y - out))
    return found


def _slid(exact: Bytes, shell: Bytes, apart: float, place: tuple[int, int], other: Placed) -> tuple[int, int]:
    """The last place on the straight way to another sticker at which the two are still `apart` px from each other."""
    reach = max(1, 2 * int(apart) + 1)
    fat = cv2.dilate(shell, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    height, width = shell.shape
    x, y = place
    way = np.array(
        [other.x + other.cut.shape[1] / 2 - x - width / 2, other.y + other.cut.shape[0] / 2 - y - height / 2]
    )
    far = float(np.hypot(*way))
    if far < 1:
        return x, y
    way /= far
    best = (x, y)
    for step in range(2, int(far), 2):
        left, top = round(x + way[0] * step), round(y + way[1] * step)
        if left < 0 or top < 0 or left + width > exact.shape[1] or top + height > exact.shape[0]:
            break
        if (np.minimum(exact[top : top + height, left : left + width], fat) > 127).any():
            break
        best = (left, top)
    return best


def _lay(canvas: Canvas, item: Placed, number: int, *, merged: bool) -> None:
    window = item.window(canvas.labels.shape)
    if window is None:
        return
    at, part = window
    cut, body, away = item.cut[part], item.body[part], item.away[part]
    labels, parts, near = canvas.labels[at], canvas.parts[at], canvas.near[at]
    share = item.paint[part].astype(np.float32)[..., None] / 255
    mine = cut >= 128
    both = mine & (labels > 0)
    if merged:
        theirs = both & (near <= away)
        share = np.where(theirs[..., None], 0, share)
        mine &= ~theirs
    canvas.rgb[at] = (canvas.rgb[at] * (1 - share) + item.rgb[part] * share + 0.5).astype(np.uint8)
    labels[mine] = number
    parts[mine] = np.where(body[mine] >= 128, ARTWORK, BORDER)
    near[mine] = away[mine]
    if merged:
        parts[both & (parts != ARTWORK)] = IGNORE


def _covered(canvas: Canvas, placed: list[Placed]) -> Bytes:
    whole = np.zeros(canvas.labels.shape, np.uint8)
    for item in placed:
        if (window := item.window(whole.shape)) is not None:
            whole[window[0]] = np.maximum(whole[window[0]], item.paint[window[1]])
    return whole


def _shade(canvas: Canvas, placed: list[Placed], shadow: Shadow, k: float, rng: Rng) -> None:
    """Darken the ground, and what lies lower, by the shadow of these stickers. Small ones are shaded in their crop."""
    reach = int((abs(shadow.x) + abs(shadow.y) + 3 * shadow.blur) * k) + 4
    if len(placed) == 1:
        item = placed[0]
        grown = cv2.copyMakeBorder(item.paint, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0)
        soft_one = replace(item, cut=grown, x=item.x - reach, y=item.y - reach)
        window = soft_one.window(canvas.labels.shape)
        if window is None:
            return
        at, part = window
        mask = _cast(grown, shadow, k)[part]
    else:
        at = np.s_[:, :]
        mask = _cast(_covered(canvas, placed), shadow, k)
    share = mask.astype(np.float32)[..., None] * (shadow.strength / 255)
    dark = canvas.rgb[at] * (1 - share) + np.array(shadow.colour, np.float32) * share
    canvas.rgb[at] = (dark + 0.5).astype(np.uint8)
    seen = (share[..., 0] * canvas.rgb[at].max(2) > 3) & (canvas.parts[at] == GROUND)
    canvas.parts[at][seen] = SHADOW


def _cast(mask: Bytes, shadow: Shadow, k: float) -> Bytes:
    """The mask, moved by the shadow's offset and blurred; a cast one is drawn out along it."""
    height, width = mask.shape
    shrink = 4 if min(height, width) > 200 and shadow.blur * k > 5 else 2 if min(height, width) > 60 else 1
    small = cv2.resize(mask, (max(1, width // shrink), max(1, height // shrink)), interpolation=cv2.INTER_AREA)
    x, y = shadow.x * k / shrink, shadow.y * k / shrink
    steps = max(1, int(np.hypot(x, y) / 2)) if shadow.cast else 1
    moved = np.zeros_like(small)
    for step in range(1, steps + 1):
        way = np.array([[1, 0, x * step / steps], [0, 1, y * step / steps]], np.float32)
        moved = np.maximum(moved, cv2.warpAffine(small, way, small.shape[::-1]))
    moved = cv2.GaussianBlur(moved, (0, 0), max(0.4, shadow.blur * k / shrink))
    return cv2.resize(moved, (width, height), interpolation=cv2.INTER_LINEAR)


def _glow(canvas: Canvas, placed: list[Placed], strength: float, k: float) -> None:
    light = np.zeros_like(canvas.rgb)
    for item in placed:
        if (window := item.window(canvas.labels.shape)) is not None:
            share = item.paint[window[1]][..., None].astype(np.float32) / 255
            light[window[0]] = np.maximum(light[window[0]], (item.rgb[window[1]] * share).astype(np.uint8))
    height, width = canvas.labels.shape
    small = cv2.resize(light, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    small = cv2.addWeighted(cv2.GaussianBlur(small, (0, 0), 2 * k), 0.6, cv2.GaussianBlur(small, (0, 0), 6 * k), 0.8, 0)
    light = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    canvas.rgb[:] = cv2.addWeighted(canvas.rgb, 1, light, strength, 0)
    canvas.parts[(light.max(2) * strength > 6) & (canvas.parts == GROUND)] = SHADOW


def _kiss(canvas: Canvas, plan: Plan, k: float) -> None:
    """Draw the cut line along every sticker's edge: the knife's way is its middle, its outer half is ignored."""
    half = max(0.5, plan.kiss_width * k / 2)
    edge = np.zeros(canvas.labels.shape, np.uint8)
    edge[:, 1:] |= (canvas.labels[:, 1:] != canvas.labels[:, :-1]).astype(np.uint8)
    edge[1:] |= (canvas.labels[1:] != canvas.labels[:-1]).astype(np.uint8)
    away = cv2.distanceTransform(1 - edge, cv2.DIST_L2, 5)
    share = np.clip(half - away + 0.5, 0, 1)[..., None]
    assert plan.kiss is not None
    canvas.rgb[:] = (canvas.rgb * (1 - share) + np.array(plan.kiss, np.float32) * share).astype(np.uint8)
    line = share[..., 0] > 0.4
    canvas.parts[line & (canvas.labels == 0)] = IGNORE
    canvas.parts[line & (canvas.labels > 0)] = BORDER


def _furniture(rng: Rng, plan: Plan, canvas: Canvas, spots: Spots, *, cell: tuple[float, float], k: float) -> None:
    """Cards, grid lines, frame, rounded corners of the page and registration marks, below the stickers."""
    height, width = canvas.labels.shape
    drawn = np.zeros((height, width), np.uint8)
    if plan.card is not None:
        gap = rng.uniform(0.01, 0.06) * min(cell)
        radius = round(rng.uniform(0, 0.15) * min(cell))
        boxes = [_box(x, y, cell, gap) for x, y in spots.centres]
        if rng.random() < 0.5:
            _shade_cards(rng, canvas, boxes, radius, k)
        for box in boxes:
            figures.rounded(drawn, box, radius, 255)
        share = drawn[..., None].astype(np.float32) / 255
        canvas.rgb[:] = (canvas.rgb * (1 - share) + np.array(plan.card, np.float32) * share).astype(np.uint8)
        canvas.parts[drawn > 127] = FURNITURE
        if rng.random() < 0.4:
            colour = figures.vivid(rng) if rng.random() < 0.4 else (190, 190, 195)
            rim = drawn - cv2.erode(drawn, np.ones((3, 3), np.uint8))
            canvas.rgb[rim > 100] = colour
    ink = _line_colour(rng, plan.colour)
    lines = np.zeros((height, width), np.uint8)
    if plan.lines and spots.rows:
        thick = max(1, round(rng.uniform(0.8, 5) * k))
        x0, y0 = spots.origin
        edges = bool(rng.random() < 0.5)
        for column in range(0 if edges else 1, spots.columns + (1 if edges else 0)):
            x = round(x0 + column * cell[0])
            cv2.line(
                lines,
                (x, round(y0) if edges else 0),
                (x, round(y0 + spots.rows * cell[1]) if edges else height),
                255,
                thick,
            )
        for row in range(0 if edges else 1, spots.rows + (1 if edges else 0)):
            y = round(y0 + row * cell[1])
            cv2.line(
                lines,
                (round(x0) if edges else 0, y),
                (round(x0 + spots.columns * cell[0]) if edges else width, y),
                255,
                thick,
            )
    if rng.random() < plan.frame:
        inset = round(rng.uniform(2, 24) * k)
        thick = max(1, round(rng.uniform(1, 8) * k))
        cv2.rectangle(lines, (inset, inset), (width - 1 - inset, height - 1 - inset), 255, thick)
    if rng.random() < plan.frame * 0.4:
        for x in (12, width - 13):
            for y in (12, height - 13):
                cv2.line(lines, (x - 9, y), (x + 9, y), 255, 1)
                cv2.line(lines, (x, y - 9), (x, y + 9), 255, 1)
    canvas.rgb[lines > 0] = ink
    canvas.parts[lines > 0] = FURNITURE
    if plan.corners:
        page = np.zeros((height, width), np.uint8)
        figures.rounded(page, (0, 0, width - 1, height - 1), round(rng.uniform(10, 60) * k), 255)
        canvas.rgb[page < 128] = figures.vivid(rng) if rng.random() < 0.3 else (255, 255, 255)
        canvas.parts[page < 128] = FURNITURE


def _box(x: float, y: float, cell: tuple[float, float], gap: float) -> tuple[int, int, int, int]:
    half_x, half_y = cell[0] / 2 - gap, cell[1] / 2 - gap
    return round(x - half_x), round(y - half_y), round(x + half_x), round(y + half_y)


def _shade_cards(rng: Rng, canvas: Canvas, boxes: list[tuple[int, int, int, int]], radius: int, k: float) -> None:
    mask = np.zeros(canvas.labels.shape, np.uint8)
    for box in boxes:
        figures.rounded(mask, box, radius, 255)
    shade = (
        _cast(mask, Shadow(0, 3, rng.uniform(2, 8), 1.0), k).astype(np.float32)[..., None]
        / 255
        * rng.uniform(0.08, 0.3)
    )
    canvas.rgb[:] = (canvas.rgb * (1 - shade)).astype(np.uint8)
    canvas.parts[shade[..., 0] * 255 > 4] = FURNITURE


def _line_colour(rng: Rng, ground: Colour) -> Colour:
    roll = rng.random()
    if roll < 0.3:
        return figures.dark(rng)
    if roll < 0.5:
        return (255, 255, 255) if sum(ground) < 690 else (0, 0, 0)
    step = int(rng.integers(12, 70)) * (-1 if sum(ground) > 380 else 1)
    return tuple(int(np.clip(v + step, 0, 255)) for v in ground)  # type: ignore[return-value]


def _write(
    rng: Rng,
    library: art.Library,
    plan: Plan,
    canvas: Canvas,
    *,
    spots: Spots,
    placed: list[Placed],
    cell: tuple[float, float],
    k: float,
) -> None:
    """Captions, a title, a page's number and a watermark, on the sheet and of no sticker."""
    height, width = canvas.labels.shape
    shade = sum(plan.card or plan.colour)
    ink = figures.dark(rng) if shade > 330 else figures.pale(rng)
    if rng.random() < 0.4:
        ink = (120, 120, 126) if shade > 450 or shade < 120 else ink
    if plan.words == "caption" and spots.centres:
        font = figures.font_for(rng, library, "a")
        line = max(8, round(min(cell) * rng.uniform(0.07, 0.13)))
        numbered = rng.random() < 0.2
        upper = rng.random() < 0.4
        for number, (item, (x, y)) in enumerate(zip(placed, spots.centres, strict=True), 1):
            said = str(number) if numbered else figures.LATIN[rng.integers(len(figures.LATIN))]
            mask = figures.text(said.upper() if upper else said, font, line)
            if mask.shape[1] > 0.94 * cell[0]:
                mask = mask[:, : int(0.94 * cell[0])]
            low = max(item.y + item.cut.shape[0] + 1, round(y + cell[1] * 0.5 - 1.5 * line))
            _stamp(
                canvas, mask, round(x - mask.shape[1] / 2), min(low, round(y + cell[1] / 2 - mask.shape[0] - 1)), ink
            )
    if rng.random() < plan.title:
        mask = figures.text(
            " ".join(rng.choice(figures.LATIN, rng.integers(1, 4))).title(),
            figures.font_for(rng, library, "a"),
            round(rng.uniform(0.02, 0.05) * height),
        )
        if mask.shape[1] < width:
            _stamp(canvas, mask, (width - mask.shape[1]) // 2, round(0.012 * height), ink)
    if rng.random() < 0.06:
        mask = figures.text(str(rng.integers(1, 99)), figures.font_for(rng, library, "a"), round(14 * k))
        _stamp(canvas, mask, width - mask.shape[1] - 8, height - mask.shape[0] - 8, ink)
    if rng.random() < plan.mark:
        mask = figures.text("sample", figures.font_for(rng, library, "a"), round(rng.uniform(20, 70) * k))
        mask = figures.turned(figures.solid(np.dstack([mask] * 4)), 25).body
        for _ in range(rng.integers(1, 5)):
            x, y = (
                int(rng.uniform(0, max(1, width - mask.shape[1]))),
                int(rng.uniform(0, max(1, height - mask.shape[0]))),
            )
            _stamp(
                canvas,
                (mask * rng.uniform(0.2, 0.5)).astype(np.uint8),
                x,
                y,
                (255, 255, 255) if rng.random() < 0.6 else ink,
                over=True,
            )


def _stamp(canvas: Canvas, mask: Bytes, x: int, y: int, colour: Colour, *, over: bool = False) -> None:
    """Print words on what lies free; `over`: on the stickers, too, which they don't change the truth of."""
    height, width = canvas.labels.shape
    x0, y0, x1, y1 = max(0, x), max(0, y), min(width, x + mask.shape[1]), min(height, y + mask.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    at = np.s_[y0:y1, x0:x1]
    mask = mask[y0 - y : y1 - y, x0 - x : x1 - x]
    free = canvas.labels[at] == 0
    if not over:
        if (mask[~free] > 60).any():
            return  # no room for these words
        mask = mask * free
    share = mask[..., None].astype(np.float32) / 255
    canvas.rgb[at] = (canvas.rgb[at] * (1 - share) + np.array(colour, np.float32) * share).astype(np.uint8)
    canvas.parts[at][(mask > (40 if over else 90)) & free] = CAPTION


def tiles(
    rng: Rng, library: art.Library, plan: Plan, shape: tuple[int, int], k: float
) -> tuple[Bytes, npt.NDArray[np.int32], Plane]:
    """Pictures edge to edge: each rectangle is a sticker, with lines of 0–6 px between them or a wider gutter."""
    height, width = shape
    rgb = np.full((height, width, 3), plan.colour, np.uint8)
    labels = np.zeros(shape, np.int32)
    parts = np.zeros(shape, np.uint8)
    columns, rows = int(rng.integers(1, 7)), int(rng.integers(1, 7))
    line = round(k * int(rng.integers(0, 7) if rng.random() < 0.6 else rng.integers(8, 50)))
    margin = 0 if rng.random() < 0.4 else round(k * rng.integers(1, 50))
    radius = 0 if rng.random() < 0.6 or line < 2 else round(k * rng.integers(2, 40))
    x_edges = np.linspace(margin, width - margin + line, columns + 1).round().astype(int)
    y_edges = np.linspace(margin, height - margin + line, rows + 1).round().astype(int)
    plain = rng.random() < 0.35
    keyed = figures.vivid(rng)
    number = 0
    for row in range(rows):
        for column in range(columns):
            x0, x1 = x_edges[column], x_edges[column + 1] - line
            y0, y1 = y_edges[row], y_edges[row + 1] - line
            if min(x1 - x0, y1 - y0) < 24 * k:
                continue
            tile = np.full((y1 - y0, x1 - x0, 3), keyed, np.uint8) if plain else figures.scene(rng, y1 - y0, x1 - x0)
            if plain or rng.random() < 0.6:
                side = round(min(tile.shape[:2]) * rng.uniform(0.6, 1.5))
                figure = figures.draw(
                    rng, library, ("blob", *[name for name in COLOURED if name in library.shelves]), side
                )
                spot = Placed(
                    figure.rgba[..., :3], figure.rgba[..., 3], figure.body, figure.body,
                    np.zeros(figure.body.shape, np.float32),
                    int((x1 - x0) * rng.uniform(0.3, 0.7) - side / 2),
                    int((y1 - y0) * rng.uniform(0.4, 0.9) - side / 2),
                )  # fmt: skip
                _lay(
                    Canvas(
                        tile,
                        np.zeros(tile.shape[:2], np.int32),
                        np.zeros(tile.shape[:2], np.uint8),
                        np.zeros(tile.shape[:2], np.float32),
                    ),
                    spot,
                    1,
                    merged=False,
                )
            mask = np.zeros(tile.shape[:2], np.uint8)
            figures.rounded(mask, (0, 0, x1 - x0 - 1, y1 - y0 - 1), radius, 255)
            number += 1
            inside = mask > 127
            rgb[y0:y1, x0:x1][inside] = tile[inside]
            labels[y0:y1, x0:x1][inside] = number
            parts[y0:y1, x0:x1][inside] = ARTWORK
    if line < 8 * k:
        parts[labels == 0] = FURNITURE
    return rgb, labels, parts


def counted(labels: npt.NDArray[np.int32], parts: Plane) -> tuple[npt.NDArray[np.int32], Plane]:
    """The labels without gaps in their numbers; what is hardly visible any more is ignored."""
    areas = np.bincount(labels.ravel())
    areas[0] = 0
    large = areas >= max(60, CRUMB_SHARE * 0.2 * labels.size)
    numbers = np.where(large, np.cumsum(large), 0).astype(np.int32)
    crumbs = (labels > 0) & ~large[labels]
    parts = np.where(crumbs, IGNORE, parts).astype(np.uint8)
    return numbers[labels], parts

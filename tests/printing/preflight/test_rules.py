"""Tests the preflight on twenty or more seeded defects of each kind and on clean sheets. Every fix is tried."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from shapely import Polygon

from stickers.printing.artwork.die_cut import DieCut, die_cut
from stickers.printing.geometry.lengths import MM_PER_INCH
from stickers.printing.imposition.layout import Item, lay_out
from stickers.printing.imposition.pages import PageOptions
from stickers.printing.options import PrintOptions
from stickers.printing.preflight.fixups import FIXUPS
from stickers.printing.preflight.rules import Finding, examine, examine_sticker
from stickers.printing.profiles import PROFILES
from tests.support.print_art import cut_outs, disc

Bytes = npt.NDArray[np.uint8]
Seed = Callable[[Bytes, np.random.Generator], Bytes]

HOME = PROFILES["home"]
# Fine enough to print each of them sharply.
ORDER = PrintOptions(size_mm=26)


def bare(picture: Bytes) -> Bytes:
    """The figure without its white outline: what a cut gives of art on a coloured ground."""
    inside = (picture[..., 3] >= 250).astype(np.uint8)
    depth = cv2.distanceTransform(np.pad(inside, 1), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    white = (picture[..., :3].min(axis=2) > 225) & (picture[..., 3] > 0)
    count, labels = cv2.connectedComponents(white.astype(np.uint8), connectivity=4)
    rim = np.unique(labels[white & (depth < 2)])
    figure = (picture[..., 3] >= 128) & ~np.isin(labels, rim[rim > 0])
    figure = cv2.morphologyEx(figure.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(figure, connectivity=8)
    if count < 2:
        return picture
    figure = (labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))).astype(np.uint8)
    contours, _ = cv2.findContours(figure, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    figure = cv2.drawContours(np.zeros_like(figure), contours, -1, 1, cv2.FILLED)
    figure = cv2.erode(figure, np.ones((5, 5), np.uint8))  # with the mixture of white and figure
    fixed = picture.copy()
    fixed[..., 3] = np.round(cv2.GaussianBlur(figure.astype(np.float32), (0, 0), 0.7) * 255)
    return fixed


@cache
def clean() -> tuple[Bytes, ...]:
    """Bare figures and figures with their outline, 24 in all."""
    pictures = [picture for _, picture in cut_outs(24)]
    return tuple(bare(picture) if index % 2 else picture for index, picture in enumerate(pictures))


def centre(picture: Bytes) -> tuple[int, int]:
    """The middle of the art: the pixel farthest from its edge."""
    depth = cv2.distanceTransform((picture[..., 3] >= 250).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    row, column = np.unravel_index(int(np.argmax(depth)), depth.shape)
    return int(row), int(column)


def with_hole(picture: Bytes, chance: np.random.Generator) -> Bytes:
    ill = picture.copy()
    row, column = centre(picture)
    cv2.circle(alpha := ill[..., 3].copy(), (column, row), int(chance.integers(7, 12)), 0, -1, cv2.LINE_AA)
    ill[..., 3] = alpha
    return ill


def with_strays(picture: Bytes, chance: np.random.Generator) -> Bytes:
    ill = np.pad(picture, ((30, 30), (30, 30), (0, 0)))
    for _ in range(int(chance.integers(1, 4))):
        row, column = int(chance.integers(3, 12)), int(chance.integers(3, ill.shape[1] - 6))
        ill[row : row + 4, column : column + 4] = (90, 80, 70, 255)
    return ill


def with_hair(picture: Bytes, chance: np.random.Generator) -> Bytes:
    ill = np.pad(picture, ((60, 10), (60, 60), (0, 0)))
    row, column = centre(ill)
    drawn = np.zeros(ill.shape[:2], np.uint8)
    end = (column + int(chance.integers(-50, 50)), 6)
    cv2.line(drawn, (column, row), end, 255, 1, cv2.LINE_AA)
    grown = drawn > ill[..., 3]
    ill[grown, :3] = (40, 30, 50)
    ill[..., 3] = np.maximum(ill[..., 3], drawn)
    return ill


def with_halo(picture: Bytes, chance: np.random.Generator) -> Bytes:
    """A ring of the ground's white, one or two pixels wide, around a figure on a dark inner rim."""
    ill = np.pad(bare(picture), ((6, 6), (6, 6), (0, 0)))
    solid = (ill[..., 3] >= 128).astype(np.uint8)
    depth = cv2.distanceTransform(solid, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    ill[(depth > 0) & (depth < 12), :3] = (70, 50, 60)  # the figure's own dark contour
    away = cv2.distanceTransform(1 - solid, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    ring = (away > 0) & (away <= float(chance.uniform(1.0, 2.2)))
    ill[ring, :3] = int(chance.integers(225, 256))
    ill[ring, 3] = 255
    return ill


def see_through(picture: Bytes, chance: np.random.Generator) -> Bytes:
    ill = picture.copy()
    row, column = centre(picture)
    drawn = np.zeros(ill.shape[:2], np.uint8)
    cv2.circle(drawn, (column, row), int(chance.integers(14, 20)), 1, -1)
    inside = (drawn > 0) & (ill[..., 3] >= 250)
    ill[inside, 3] = int(chance.integers(150, 215))
    return ill


def cut_off(picture: Bytes, chance: np.random.Generator) -> Bytes:
    rows = np.flatnonzero((picture[..., 3] >= 250).any(axis=1))
    taken = int(rows[0] + (rows[-1] - rows[0]) * chance.uniform(0.2, 0.35))
    ill = picture[taken:]
    return np.ascontiguousarray(np.rot90(ill, int(chance.integers(0, 4))))


SEEDS: dict[str, Seed] = {
    "hole": with_hole,
    "stray": with_strays,
    "thin": with_hair,
    "halo": with_halo,
    "see-through": see_through,
    "cut-off": cut_off,
}


def cut(picture: Bytes, order: PrintOptions = ORDER) -> DieCut:
    return die_cut(picture, order)


def fixed_up(sticker: DieCut, finding: Finding) -> npt.NDArray[np.uint8]:
    """The sticker's picture after the fixup that the finding proposes."""
    assert finding.fix is not None
    return FIXUPS[finding.fix.fixup](sticker.source, MM_PER_INCH / sticker.effective_ppi, HOME.least_line_mm)


def rules_of(sticker: DieCut) -> dict[str, Finding]:
    return {finding.rule: finding for finding in examine_sticker(sticker, HOME)}


@pytest.mark.thorough
@pytest.mark.parametrize("rule", SEEDS)
def test_seeded_art_is_found_and_fixed(rule: str) -> None:
    chance = np.random.default_rng(7)
    ill = [SEEDS[rule](picture, chance) for picture in clean()]
    stickers = [cut(picture) for picture in ill]
    found = [(sticker, findings[rule]) for sticker in stickers if rule in (findings := rules_of(sticker))]
    assert len(found) >= 0.95 * len(ill), f"{rule}: {len(found)} of {len(ill)} found"
    if rule == "cut-off":
        assert all(finding.fix is None and "sheet" in finding.words for _, finding in found)
        return
    healed = [rule not in rules_of(cut(fixed_up(sticker, finding))) for sticker, finding in found]
    assert sum(healed) >= 0.9 * len(found), f"{rule}: {sum(healed)} of {len(found)} fixed"


@pytest.mark.thorough
def test_clean_stickers_raise_few_alarms() -> None:
    alarms = [
        finding.rule
        for picture in clean()
        for finding in rules_of(cut(picture)).values()
        if finding.level != "note" and finding.rule in SEEDS
    ]
    assert len(alarms) <= 0.05 * len(clean()) * len(SEEDS), alarms
    ill = sum(
        any(finding.level != "note" and finding.rule != "ppi" for finding in rules_of(cut(picture)).values())
        for picture in clean()
    )
    assert ill <= 2


def test_coarse_pictures_get_a_smaller_size_that_passes() -> None:
    for index, (_, picture) in enumerate(cut_outs(24)):
        size_mm = 60.0 + 4 * index
        findings = rules_of(cut(picture, PrintOptions(size_mm=size_mm)))
        finding = findings["ppi"]
        assert finding.level in {"warn", "error"}
        assert finding.fix is not None
        assert finding.fix.field == "size_mm"
        again = rules_of(cut(picture, PrintOptions(size_mm=finding.fix.value)))
        assert "ppi" not in again or again["ppi"].level == "note"


def soft(picture: Bytes) -> Bytes:
    """The picture with its alpha falling from left to right."""
    ill = picture.copy()
    ill[..., 3] = np.round(ill[..., 3] * np.linspace(1, 0.05, ill.shape[1]))
    return ill


def test_art_that_is_mostly_too_faint_for_the_cut_is_told() -> None:
    square = np.full((300, 300, 4), (30, 90, 200, 255), np.uint8)
    sticker = cut(soft(np.pad(square, ((4, 4), (4, 4), (0, 0)))))
    finding = rules_of(sticker)["faint"]
    assert finding.level == "warn"
    assert 40 <= int(finding.words.partition(" %")[0]) <= 50
    mended = cut(fixed_up(sticker, finding))
    assert "faint" not in rules_of(mended)
    assert mended.art_px >= 0.98 * 300


def test_a_soft_edge_or_shadow_is_not_too_faint() -> None:
    for picture in (disc(), *clean()[:4]):
        shadow = np.pad(picture, ((12, 12), (12, 12), (0, 0)))
        around = cv2.GaussianBlur(shadow[..., 3], (0, 0), 3) // 3
        shadow[..., 3] = np.maximum(shadow[..., 3], around)
        assert "faint" not in rules_of(cut(shadow))


def with_flat_base(side_px: int = 200) -> Bytes:
    """The upper two thirds of a disc: a figure that stands on a flat base, cropped to it."""
    picture = disc(side_px, side_px / 2 - 4)[4 : side_px * 2 // 3, 4:-4]
    rows, columns = (np.flatnonzero((picture[..., 3] > 0).any(axis=axis)) for axis in (1, 0))
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def test_a_flat_base_is_not_cut_off_unless_its_sheet_went_on_elsewhere() -> None:
    base = with_flat_base()
    assert "cut-off" not in rules_of(cut(base))  # cropped to its art
    assert "cut-off" not in rules_of(cut(np.pad(base, ((4, 4), (4, 4), (0, 0)))))  # whole on its sheet
    assert "cut-off" in rules_of(cut(np.pad(base, ((4, 0), (4, 4), (0, 0)))))  # at the sheet's lower edge
    assert "cut-off" not in rules_of(cut(np.full((90, 200, 4), 255, np.uint8)))


def test_small_cuts_are_errors_or_notes() -> None:
    healed = []
    for size_mm in np.linspace(6, 24, 40):
        picture = disc(80, 34)
        picture[:, :, 3] = np.where(np.abs(np.arange(80)[:, None] - 40) < 9, picture[..., 3], 0)
        sticker = cut(picture, PrintOptions(size_mm=float(size_mm), border_mm=1))
        finding = rules_of(sticker)["small"]
        if sticker.height_mm < 6:
            assert finding.level == "error"
            assert finding.fix is not None
            larger = cut(picture, PrintOptions(size_mm=finding.fix.value, border_mm=1))
            healed.append(larger.height_mm >= 6)
        else:
            assert finding.level == "note"
    assert len(healed) >= 20
    assert np.mean(healed) >= 0.9


def test_narrow_borders_are_widened() -> None:
    giant = PROFILES["stickergiant"]
    for border_mm in np.linspace(0.2, 1.5, 20):
        sticker = cut(clean()[0], PrintOptions(size_mm=40, border_mm=float(border_mm)))
        [finding] = [one for one in examine_sticker(sticker, giant) if one.rule == "border"]
        assert finding.fix is not None
        assert (finding.fix.field, finding.fix.value) == ("border_mm", 3.2)
        again = cut(clean()[0], PrintOptions(size_mm=40, border_mm=finding.fix.value))
        assert "border" not in {one.rule for one in examine_sticker(again, giant)}


def test_bleeds_that_meet_are_said() -> None:
    coloured = die_cut(disc(), PrintOptions(size_mm=26, border_rgb=(0, 120, 200)))

    def met(gap_mm: float, bleed_mm: float, sticker: DieCut = coloured) -> list[Finding]:
        layout = lay_out([Item(sticker, 4)], PageOptions(gap_mm=gap_mm))
        return [one for one in examine(layout, HOME, bleed_mm=bleed_mm) if one.rule == "bleed-meets"]

    [finding] = met(1, 3)
    assert (finding.level, finding.page) == ("warn", 1)
    assert "after 0.6 mm" in finding.words  # the nesting leaves a little more than the gap
    assert finding.fix is not None
    assert (finding.fix.field, finding.fix.value) == ("gap_mm", 6)
    assert met(finding.fix.value, 3) == []
    [enough] = met(2, 2)
    assert (enough.level, enough.fix) == ("note", None)
    assert met(1, 3, cut(clean()[0])) == []  # white bleed on white paper


def test_colour_up_to_the_cut_needs_a_bleed() -> None:
    shop = PROFILES["stickerapp"]
    for level in range(0, 240, 12):
        sticker = cut(clean()[0], replace(ORDER, border_rgb=(level, 90, 200)))
        [finding] = [one for one in examine_sticker(sticker, shop) if one.rule == "bleed"]
        assert finding.fix is not None
        assert "bleed" not in {one.rule for one in examine_sticker(sticker, shop, bleed_mm=finding.fix.value)}
    assert "bleed" not in {one.rule for one in examine_sticker(cut(clean()[0]), shop)}


def radius_mm(sticker: DieCut) -> float:
    """The least radius along the cut line, by circles through three neighbouring points, unlike the code's measure."""
    points = sticker.path.outer.flattened(0.0005)
    closed = np.asarray(Polygon(points).segmentize(0.05).exterior.coords)[:-1]
    before, after = np.roll(closed, 4, axis=0), np.roll(closed, -4, axis=0)
    sides = [np.hypot(*(one - other).T) for one, other in ((closed, before), (after, closed), (after, before))]
    (ax, ay), (bx, by) = (closed - before).T, (after - before).T
    doubled = np.abs(ax * by - ay * bx)
    return float((np.prod(sides, axis=0) / np.maximum(2 * doubled, 1e-9)).min())


def test_sharper_corners_than_asked_for_are_told() -> None:
    for picture in clean():
        sticker = cut(picture, PrintOptions(size_mm=45))
        measured = radius_mm(sticker)
        demanding = HOME.edited({"least_radius_mm": measured + 0.4})
        [finding] = [one for one in examine_sticker(sticker, demanding) if one.rule == "radius"]
        assert (finding.level, finding.fix) == ("warn", None)
        content = HOME.edited({"least_radius_mm": max(measured - 0.4, 0)})
        assert "radius" not in {one.rule for one in examine_sticker(sticker, content)}


def test_loose_parts_are_told() -> None:
    chance = np.random.default_rng(11)
    for _ in range(24):
        picture = np.zeros((140, 400, 4), np.uint8)
        apart = int(chance.integers(60, 160))
        for column in (200 - apart, 200 + apart):
            cv2.circle(picture, (column, 70), 36, (180, 60, 90, 255), -1, cv2.LINE_AA)
        sticker = cut(picture, PrintOptions(size_mm=50))
        longest_mm = 2 * apart * sticker.mm_per_px - 2 * 36 * sticker.mm_per_px
        [finding] = [one for one in examine_sticker(sticker, HOME) if one.rule == "bridge"]
        assert finding.level == "note"
        told = re.search(r"(\d+) mm long", finding.words)
        assert told
        assert abs(int(told[1]) - longest_mm) < 1
    assert not [picture for picture in clean() if "bridge" in rules_of(cut(picture))]


def test_worst_comes_first_and_each_sticker_speaks_once() -> None:
    layout = lay_out([Item(cut(with_hole(clean()[0], np.random.default_rng(1))), 4)], PageOptions())
    layout = replace(layout, overflow=(cut(disc()),))
    findings = examine(layout, HOME)
    assert [finding.rule for finding in findings].count("hole") == 1
    assert findings[0].rule == "overflow"
    levels = [("error", "warn", "note").index(finding.level) for finding in findings]
    assert levels == sorted(levels)
    assert all(finding.words.endswith((".", "!")) for finding in findings)


def test_a_kept_hole_is_told() -> None:
    ring = disc(300, 130)
    alpha = ring[..., 3].copy()
    cv2.circle(alpha, (150, 150), 70, 0, -1, cv2.LINE_AA)
    ring[..., 3] = alpha
    sticker = die_cut(ring, PrintOptions(size_mm=50), keep_holes=True)
    finding = rules_of(sticker)["hole"]
    assert (finding.level, finding.fix) == ("note", None)

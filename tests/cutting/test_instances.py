"""Seams: a contact of two figures parts them; a cut through one body does not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from stickers.cutting import cut_sheet
from stickers.cutting.instances import Measure, Seam, oneness

MEASURE = Measure(border_px=4.0, small=1_300, whole=8_000, dark_valley=9.0, parting=1.0)
AREA = 20_000.0
ARTWORK = 9_000.0
DIAMETER = 2 * np.sqrt(AREA / np.pi)
WHITE = (255, 255, 255)
INK = (40, 30, 30)
SKIN = (250, 200, 170)


@pytest.mark.parametrize(("share", "one"), [(0.5, False), (0.65, False), (0.75, True), (1.3, True)])
def test_two_figures_are_one_from_two_thirds_of_the_smaller_s_diameter(share: float, one: bool) -> None:
    seam = Seam(length_px=share * DIAMETER, gap_px=20.0, valley=7.0)
    assert (oneness(seam, AREA, ARTWORK, MEASURE) >= 1) is one


def test_a_caption_next_to_a_figure_is_judged_as_a_part() -> None:
    seam = Seam(length_px=0.6 * DIAMETER, gap_px=6.0, valley=2.0)
    letter = 200.0
    assert oneness(seam, AREA, ARTWORK, MEASURE) < 1
    assert oneness(seam, AREA, letter, MEASURE) >= 1


@pytest.mark.parametrize(("gap_px", "one"), [(1.5, True), (3.5, False)])
def test_two_whole_cells_share_a_border_only_when_their_artworks_all_but_touch(gap_px: float, one: bool) -> None:
    seam = Seam(length_px=0.62 * DIAMETER, gap_px=gap_px, valley=7.0)
    assert (oneness(seam, AREA, ARTWORK, MEASURE) >= 1) is one


def sheet(art: cv2.typing.MatLike, drawn: cv2.typing.MatLike) -> Image.Image:
    """Artwork on green, with a white border of 6 px round all that is `drawn`."""
    border = cv2.dilate(drawn, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13))) > 0
    rgb = np.where(border[..., None], 255, np.array([30, 200, 60])).astype(np.uint8)
    return Image.fromarray(np.where(drawn[..., None] > 0, art, rgb))


def blank() -> tuple[cv2.typing.MatLike, cv2.typing.MatLike]:
    return np.zeros((512, 512, 3), np.uint8), np.zeros((512, 512), np.uint8)


def test_a_head_stays_on_its_white_shirt() -> None:
    art, drawn = blank()
    shirt = np.array([[150, 320], [220, 270], [290, 270], [360, 320], [372, 440], [138, 440]], np.int32)
    for canvas, fill, line in ((art, WHITE, INK), (drawn, (1,), (1,))):
        cv2.fillPoly(canvas, [shirt], fill)
        cv2.polylines(canvas, [shirt], isClosed=True, color=line, thickness=2)
    for canvas, skin in ((art, SKIN), (drawn, (1,))):
        cv2.ellipse(canvas, (255, 160), (70, 80), 0, 0, 360, skin, -1)
        cv2.rectangle(canvas, (230, 220), (280, 290), skin, -1)
    cv2.putText(art, "HELLO", (160, 400), cv2.FONT_HERSHEY_SIMPLEX, 1.8, INK, 16)
    assert len(cut_sheet(sheet(art, drawn))) == 1


def test_two_figures_of_white_bodies_part_where_their_borders_touch() -> None:
    art, drawn = blank()
    for x in (150, 334):  # borders of 6 px, which overlap by 4
        for canvas, fill, line in ((art, WHITE, INK), (drawn, (1,), (1,))):
            cv2.circle(canvas, (x, 250), 86, fill, -1)
            cv2.circle(canvas, (x, 250), 86, line, 3)
        cv2.circle(art, (x - 30 if x < 200 else x + 30, 240), 22, (200, 40, 40), -1)
    found = cut_sheet(sheet(art, drawn))
    assert len(found) == 2
    assert max(abs(cut.box[2] - 194) for cut in found) <= 6


def test_a_pale_body_without_an_outline_keeps_to_itself() -> None:
    art, drawn = blank()
    for canvas, cloud, heart, face in ((art, (225, 230, 238), (200, 40, 40), INK), (drawn, (1,), (1,), (1,))):
        cv2.ellipse(canvas, (180, 270), (120, 80), 0, 0, 360, cloud, -1)
        cv2.circle(canvas, (370, 240), 70, heart, -1)
        cv2.circle(canvas, (110, 280), 14, face, -1)
    found = cut_sheet(sheet(art, drawn))
    assert len(found) == 2
    assert sorted(abs(cut.box[2] - wide) <= 8 for cut, wide in zip(found, (252, 153), strict=True)) == [True, True]


@pytest.mark.parametrize(("bridge_px", "pieces"), [(8, 2), (110, 1)])
def test_artworks_that_a_faint_contact_joins_are_two(bridge_px: int, pieces: int) -> None:
    art, drawn = blank()
    half = bridge_px // 2
    for canvas, ink, shade in ((art, INK, (190, 187, 185)), (drawn, (1,), (1,))):
        cv2.rectangle(canvas, (170, 250 - half), (334, 249 + half), shade, -1)
        for x in (170, 334):  # 4 px apart
            cv2.circle(canvas, (x, 250), 80, ink, -1)
    assert len(cut_sheet(sheet(art, drawn))) == pieces

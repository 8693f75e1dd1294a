"""The board: what the browser draws is what is printed."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely
from django.contrib.auth.models import User
from shapely import Polygon
from shapely.affinity import affine_transform

from stickers.printing.imposition.bleed import bleed_areas
from stickers.prints import editing
from stickers.prints.board import BoardCopy, board
from stickers.prints.desk import Desk
from tests.support.print_rows import make_print_sheet
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db


def on_the_page(copy: BoardCopy) -> Polygon:
    """The drawn bleed and its sticker, in mm on the page, as SVG's own transform puts them there."""
    outer, hole = ([tuple(map(float, spot.split())) for spot in ring.split("L")] for ring in rings(copy.bleed))
    assert shapely.contains(Polygon(outer).buffer(0.02), Polygon(hole))
    turn = np.deg2rad(copy.copy.rotation_deg)
    cos, sin = np.cos(turn), np.sin(turn)
    return affine_transform(Polygon(outer), [cos, -sin, sin, cos, copy.copy.x_mm, copy.copy.y_mm])


def rings(path: str) -> list[str]:
    return re.findall(r"M([^MZ]+)Z", path)


def test_a_bleed_that_meets_another_is_drawn_as_it_is_printed(designer: User) -> None:
    row = make_print_sheet(make_sheet(designer, stickers=2), bleed_mm=3.0, gap_mm=0.0)
    desk = Desk.of(row)
    for copy, x_mm, rotation_deg in zip(desk.plan.copies, (40, 71), (0, 20), strict=True):
        moved = editing.moved(desk.plan, copy.number, x_mm=x_mm, y_mm=40, rotation_deg=rotation_deg, page=1)
        desk = desk.on(moved)
    [page] = board(desk).pages
    exact = bleed_areas(desk.pages.layout.pages[0], 3.0)
    for copy, area in zip(page.copies, exact, strict=True):
        assert shapely.symmetric_difference(on_the_page(copy), area).area < 0.02 * area.area
    assert shapely.intersection(on_the_page(page.copies[0]), on_the_page(page.copies[1])).area < 3


def test_a_bleed_with_room_follows_the_cut_line(designer: User) -> None:
    row = make_print_sheet(make_sheet(designer, stickers=2), bleed_mm=1.0, gap_mm=4.0)
    assert [copy.bleed for page in board(Desk.of(row)).pages for copy in page.copies] == ["", ""]


def test_without_a_bleed_nothing_is_drawn(designer: User) -> None:
    row = make_print_sheet(make_sheet(designer, stickers=2), gap_mm=0.0)
    assert [copy.bleed for page in board(Desk.of(row)).pages for copy in page.copies] == ["", ""]

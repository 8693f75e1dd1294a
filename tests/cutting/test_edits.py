"""Operations on a label plane: what each does, what each refuses, and what holds for all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from stickers.cutting import CutOptions
from stickers.cutting.cutout import cutouts_of, plane_of
from stickers.cutting.edits import Played, play
from stickers.cutting.operations import EditError, read
from stickers.cutting.pixels import Pixels
from stickers.cutting.plane import LabelPlane
from stickers.cutting.raster import Mask

PINK = (246, 150, 170)
INKS = ("navy", "darkgreen", "maroon", "indigo")
CENTRES = ((90, 90), (230, 90), (90, 230), (230, 230))
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def picture() -> Image.Image:
    """Four discs of radius 42 with white borders of 10 px on pink."""
    image = Image.new("RGB", (960, 960), PINK)
    draw = ImageDraw.Draw(image)
    for (x, y), ink in zip(CENTRES, INKS, strict=True):
        for radius, colour in ((52, "white"), (42, ink)):
            draw.ellipse([3 * (value + sign * radius) for sign in (-1, 1) for value in (x, y)], colour)
    return image.resize((320, 320), Image.Resampling.BOX)


PIXELS = Pixels.of(picture())
ENGINE = plane_of(PIXELS, CutOptions())


def played(*operations: dict[str, Any], plane: LabelPlane = ENGINE, pixels: Pixels = PIXELS) -> Played:
    return play(pixels, plane, read(list(operations)), engine=ENGINE)


def disc(x: float, y: float, radius: float) -> Mask:
    rows, columns = np.mgrid[:320, :320]
    return np.asarray(np.hypot(columns - x, rows - y) <= radius)


def ring(x: float, y: float, radius: float, points: int = 24) -> list[list[float]]:
    turns = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return [[x + radius * float(np.cos(turn)), y + radius * float(np.sin(turn))] for turn in turns]


def iou(one: Mask, other: Mask) -> float:
    return float(np.count_nonzero(one & other) / np.count_nonzero(one | other))


def test_the_engine_finds_the_four_discs() -> None:
    assert ENGINE.order == [1, 2, 3, 4]
    assert iou(ENGINE.labels == 1, disc(89.5, 89.5, 52)) > 0.95


def test_nothing_played_is_the_same_plane() -> None:
    assert played().plane is ENGINE


def test_merge_keeps_the_larger_one() -> None:
    smaller = played({"op": "erase", "point": [90, 90], "stroke": [[90, 30]], "radius": 30}).plane
    one = played({"op": "merge", "points": [[90, 90], [230, 90]]}, plane=smaller)
    assert one.plane.order == [2, 3, 4]
    assert one.changed >= {2}
    assert one.gone == {1}
    assert ((one.plane.labels == 2) == ((smaller.labels == 1) | (smaller.labels == 2))).all()


def test_split_gives_the_smaller_part_a_new_label() -> None:
    after = played({"op": "split", "point": [90, 90], "line": [[70, 20], [70, 160]]})
    assert sorted(after.plane.pieces) == [1, 2, 3, 4, 5]
    assert after.parents == {5: 1}
    assert after.plane.fresh == 6
    assert after.plane.pieces[5].area < after.plane.pieces[1].area
    assert (((after.plane.labels == 1) | (after.plane.labels == 5)) == (ENGINE.labels == 1)).all()
    assert after.plane.order == [5, 1, 2, 3, 4]


def test_a_knife_that_ends_inside_cuts_on_to_the_rim() -> None:
    after = played({"op": "split", "point": [90, 90], "line": [[70, 60], [70, 90], [72, 120]]})
    assert after.parents == {5: 1}


def test_a_knife_of_many_corners_parts_in_more_than_two() -> None:
    line = [[60, 20], [60, 160], [120, 160], [120, 20]]
    assert sorted(played({"op": "split", "point": [90, 90], "line": line}).parents) == [5, 6]


def test_split_takes_apart_what_was_merged_though_nothing_lies_on_the_line() -> None:
    merged = played({"op": "merge", "points": [[90, 90], [230, 90]]}).plane
    after = played({"op": "split", "point": [90, 90], "line": [[160, 70], [160, 110]]}, plane=merged)
    assert len(after.plane.pieces) == 4
    assert (
        iou(after.plane.labels == 5, ENGINE.labels == 2) == 1 or iou(after.plane.labels == 5, ENGINE.labels == 1) == 1
    )


def test_erase_takes_the_stroke_off_and_add_brings_it_back() -> None:
    stroke = {"point": [90, 90], "stroke": [[90, 80], [90, 52]], "radius": 9, "snap": False}
    erased = played({"op": "erase", **stroke}).plane
    assert not (erased.labels[50:80, 84:96] == 1).any()
    added = played({"op": "erase", **stroke}, {"op": "add", **stroke}).plane
    assert iou(added.labels == 1, ENGINE.labels == 1) > 0.97


def test_a_brush_ends_at_the_edge_near_its_own() -> None:
    lost = played({"op": "erase", "point": [90, 90], "stroke": [[140, 60], [140, 120]], "radius": 14, "snap": False})
    around_the_rim = {"op": "add", "point": [90, 90], "stroke": [[128, 60], [133, 90], [128, 120]], "radius": 13}
    exact = played(around_the_rim | {"snap": False}, plane=lost.plane).plane
    snapped = played(around_the_rim, plane=lost.plane).plane
    truth = ENGINE.labels == 1
    assert iou(snapped.labels == 1, truth) > iou(exact.labels == 1, truth)
    assert iou(snapped.labels == 1, truth) > 0.97


def test_an_exact_outline_is_the_polygon_and_keeps_the_label() -> None:
    after = played({"op": "outline", "polygon": ring(90, 90, 40), "snap": False})
    assert sorted(after.plane.pieces) == [1, 2, 3, 4]
    assert iou(after.plane.labels == 1, disc(90, 90, 40)) > 0.97


def test_a_rough_lasso_finds_the_artwork() -> None:
    bare = played({"op": "delete", "point": [90, 90]}).plane
    rough = [[38, 40], [90, 33], [145, 42], [146, 92], [140, 140], [90, 147], [36, 142], [34, 90]]
    after = played({"op": "outline", "polygon": rough, "snap": True}, plane=bare)
    assert after.plane.fresh == 6
    assert iou(after.plane.labels == 5, ENGINE.labels == 1) > 0.95


def test_an_outline_within_a_sticker_is_cut_out_of_it() -> None:
    after = played({"op": "outline", "polygon": ring(90, 90, 20)})
    assert after.parents == {5: 1}
    assert not (after.plane.labels[80:100, 80:100] == 1).any()


def test_an_outline_with_a_point_redraws_that_sticker() -> None:
    after = played({"op": "outline", "polygon": ring(90, 90, 20), "point": [90, 90]})
    assert after.parents == {}
    assert iou(after.plane.labels == 1, disc(90, 90, 20)) > 0.9


def test_a_seed_finds_what_was_missed() -> None:
    bare = played({"op": "delete", "point": [230, 230]}).plane
    after = played({"op": "seed", "point": [228, 226]}, plane=bare)
    assert iou(after.plane.labels == 5, ENGINE.labels == 4) > 0.95


def test_a_seed_on_white_ground_finds_it_too() -> None:
    image = Image.new("RGB", (320, 320), "white")
    ImageDraw.Draw(image).ellipse((60, 60, 140, 140), "navy")
    pixels = Pixels.of(image)
    after = play(pixels, LabelPlane.of(np.zeros((320, 320), np.int32)), read([{"op": "seed", "point": [100, 100]}]))
    assert iou(after.plane.labels == 1, disc(100, 100, 40)) > 0.95


def test_a_hole_is_opened_and_closed() -> None:
    image = picture()
    ImageDraw.Draw(image).ellipse((80, 80, 100, 100), PINK)
    pixels = Pixels.of(image)
    solid = LabelPlane.of(np.where(disc(90, 90, 52), 1, 0).astype(np.int32))
    opened = play(pixels, solid, read([{"op": "hole", "point": [90, 90], "open": True}])).plane
    assert opened.labels[90, 90] == 0
    assert iou(opened.labels == 0, ~(disc(90, 90, 52) & ~disc(90, 90, 10))) > 0.99
    for point in ([90, 90], [60, 90]):  # in the hole, or on the sticker
        closed = play(pixels, opened, read([{"op": "hole", "point": point, "open": False}])).plane
        assert (closed.labels == solid.labels).all()


def test_a_colour_that_is_background_goes_from_the_rim_on() -> None:
    swollen = LabelPlane.of(np.where(disc(90, 90, 60), 1, ENGINE.labels).astype(np.int32))
    after = played({"op": "ground", "point": [90, 33]}, plane=swollen)
    assert iou(after.plane.labels == 1, ENGINE.labels == 1) > 0.95
    both = np.where(disc(90, 90, 60), 1, np.where(disc(230, 230, 60), 4, ENGINE.labels)).astype(np.int32)
    everywhere = played({"op": "ground", "point": [4, 4], "everywhere": True}, plane=LabelPlane.of(both)).plane
    for label in (1, 4):
        assert iou(everywhere.labels == label, ENGINE.labels == label) > 0.95


def test_a_border_is_trimmed_and_kept_again() -> None:
    bare = played({"op": "border", "point": [90, 90], "kept": False}).plane
    assert iou(bare.labels == 1, disc(89.5, 89.5, 42)) > 0.94
    assert (played({"op": "border", "point": [90, 90], "kept": True}, plane=bare).plane.labels == ENGINE.labels).all()


def test_a_border_that_the_cut_itself_had_trimmed_is_found() -> None:
    trimmed = plane_of(PIXELS, CutOptions(keep_border=False))
    operations = read([{"op": "border", "point": [90, 90], "kept": True}])
    after = play(PIXELS, trimmed, operations).plane
    assert iou(after.labels == trimmed.labels[90, 90], ENGINE.labels == 1) > 0.93


def test_delete_and_restore() -> None:
    gone = played({"op": "delete", "point": [230, 230]})
    assert gone.gone == {4}
    assert gone.plane.order == [1, 2, 3]
    assert (played({"op": "restore", "point": [230, 230]}, plane=gone.plane).plane.labels == ENGINE.labels).all()


def test_reorder_moves_one_and_the_others_follow() -> None:
    after = played({"op": "reorder", "point": [230, 230], "to": 1})
    assert after.plane.order == [4, 1, 2, 3]
    assert after.changed == frozenset()
    assert after.plane.renumbered().order == [1, 2, 3, 4]
    assert after.plane.renumbered().labels[230, 230] == 1


def test_a_point_beside_a_sticker_names_it() -> None:
    assert played({"op": "delete", "point": [90, 36]}).gone == {1}


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ({"op": "delete", "point": [160, 160]}, "delete: no sticker lies at 160, 160"),
        ({"op": "delete", "point": [400, 4]}, "400, 4 lies outside the sheet"),
        ({"op": "merge", "points": [[90, 90], [92, 90]]}, "same sticker"),
        ({"op": "split", "point": [90, 90], "line": [[200, 20], [260, 20]]}, "does not part the sticker at 90, 90"),
        ({"op": "split", "point": [90, 90], "line": [[90, 90], [90, 90]]}, "does not part"),
        ({"op": "add", "point": [90, 90], "stroke": [[90, 90]], "radius": 5}, "wholly on the sticker"),
        ({"op": "add", "point": [90, 90], "stroke": [[-900, 90]], "radius": 5}, "outside the sheet"),
        ({"op": "erase", "point": [90, 90], "stroke": [[160, 160]], "radius": 5}, "does not touch"),
        ({"op": "outline", "polygon": [[5, 5], [6, 5], [6, 6]]}, "hardly anything"),
        ({"op": "outline", "polygon": [[900, 900], [960, 900], [960, 960]]}, "outside the sheet"),
        ({"op": "seed", "point": [90, 90]}, "there is a sticker at 90, 90 already"),
        ({"op": "seed", "point": [300, 8]}, "nothing stands out"),
        ({"op": "hole", "point": [160, 160], "open": True}, "or there is none"),
        ({"op": "hole", "point": [90, 44], "open": True}, "reaches the sticker's edge"),
        ({"op": "hole", "point": [90, 90], "open": False}, "no hole at 90, 90"),
        ({"op": "hole", "point": [5, 5], "open": False}, "no hole at 5, 5"),
        ({"op": "ground", "point": [160, 160]}, "no sticker lies at"),
        ({"op": "border", "point": [90, 90], "kept": True}, "no light border"),
        ({"op": "restore", "point": [90, 90]}, "a sticker at 90, 90 already"),
        ({"op": "restore", "point": [5, 5]}, "had found nothing"),
        ({"op": "reorder", "point": [90, 90], "to": 9}, "only 3 stickers"),
    ],
)
def test_what_fits_nothing_is_named_and_leaves_all_undone(operation: dict[str, Any], words: str) -> None:
    before = ENGINE.labels.copy()
    with pytest.raises(EditError, match=words) as caught:
        played({"op": "delete", "point": [230, 230]}, operation)
    assert caught.value.index == 1
    assert "Operation 2" in str(caught.value)
    assert (ENGINE.labels == before).all()


def test_all_border_is_not_trimmed_away() -> None:
    image = Image.new("RGB", (320, 320), PINK)
    ImageDraw.Draw(image).ellipse((60, 60, 140, 140), "white")
    pixels = Pixels.of(image)
    with pytest.raises(EditError, match="nothing would be left"):
        play(pixels, plane_of(pixels, CutOptions()), read([{"op": "border", "point": [100, 100], "kept": False}]))


def test_a_bare_sticker_has_no_border_to_trim() -> None:
    image = Image.new("RGB", (320, 320), PINK)
    ImageDraw.Draw(image).ellipse((60, 60, 140, 140), "navy")
    pixels = Pixels.of(image)
    with pytest.raises(EditError, match="no light border"):
        play(pixels, plane_of(pixels, CutOptions()), read([{"op": "border", "point": [100, 100], "kept": False}]))


def test_a_picture_whose_alpha_marks_the_stickers_is_edited_too() -> None:
    image = Image.new("RGBA", (320, 320), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((60, 60, 140, 140), "navy")
    draw.ellipse((200, 200, 280, 280), "maroon")
    pixels = Pixels.of(image)
    plane = plane_of(pixels, CutOptions())
    operations = [{"op": "delete", "point": [100, 100]}, {"op": "seed", "point": [100, 100]}]
    after = play(pixels, plane, read(operations)).plane
    assert iou(after.labels == 3, plane.labels == 1) > 0.97
    lasso = [{"op": "delete", "point": [100, 100]}, {"op": "outline", "polygon": ring(100, 100, 46), "snap": True}]
    assert iou(play(pixels, plane, read(lasso)).plane.labels == 3, plane.labels == 1) > 0.97


def test_only_touched_stickers_are_to_be_lifted_again() -> None:
    after = played({"op": "erase", "point": [90, 90], "stroke": [[90, 40]], "radius": 8})
    assert after.changed == {1}
    again = cutouts_of(PIXELS, after.plane, after.changed)
    assert [cutout.label for cutout in again] == [1]
    whole = {cutout.label: cutout for cutout in cutouts_of(PIXELS, after.plane)}
    assert (whole[1].rgba == again[0].rgba).all()
    for before in cutouts_of(PIXELS, ENGINE, {2, 3, 4}):
        assert (before.rgba == whole[before.label].rgba).all()


def test_a_neighbour_that_is_laid_bare_is_lifted_again() -> None:
    halves = played({"op": "split", "point": [90, 90], "line": [[90, 20], [90, 160]]}).plane
    after = played({"op": "delete", "point": [60, 90]}, plane=halves)
    assert len(after.changed) == 1
    assert len(after.gone) == 1


places = st.sampled_from(CENTRES)
reals = st.integers(-45, 45)


@st.composite
def one_operation(draw: st.DrawFn, near: tuple[int, int] | None = None) -> dict[str, Any]:
    """An operation on one disc, which may or may not fit."""
    x, y = near or draw(places)
    kind = draw(st.sampled_from(["split", "add", "erase", "outline", "delete", "border", "restore"]))
    dx, dy = draw(reals), draw(reals)
    more: dict[str, Any] = {"point": [x, y]}
    if kind == "split":
        more["line"] = [[x + dx, y - 60], [x + dy, y + 60]]
    elif kind in {"add", "erase"}:
        more |= {"stroke": [[x + dx, y + dy], [x + dy, y]], "radius": draw(st.integers(3, 14))}
    elif kind == "outline":
        more = {"polygon": ring(x + dx / 3, y + dy / 3, draw(st.integers(12, 50))), "snap": draw(st.booleans())}
    elif kind == "border":
        more["kept"] = draw(st.booleans())
    return {"op": kind, **more}


def fitting(operations: list[dict[str, Any]], plane: LabelPlane = ENGINE) -> list[dict[str, Any]]:
    """Those of the operations that fit, when they are played one after the other."""
    fit = []
    for operation in operations:
        try:
            plane = played(operation, plane=plane).plane
        except EditError:
            continue
        fit.append(operation)
    return fit


@QUICK
@given(st.lists(one_operation(), max_size=5))
def test_the_same_operations_give_the_same_plane(operations: list[dict[str, Any]]) -> None:
    fit = fitting(operations)
    at_once = played(*fit)
    plane = ENGINE
    for operation in fit:
        plane = played(operation, plane=plane).plane
    assert (at_once.plane.labels == plane.labels).all()
    assert at_once.plane.pieces == plane.pieces == LabelPlane.of(plane.labels).pieces
    assert at_once.plane.fresh == plane.fresh
    assert (ENGINE.labels == plane_of(PIXELS, CutOptions()).labels).all()  # undoing all is the engine's plane again


@QUICK
@given(st.lists(one_operation(), max_size=4))
def test_numbers_follow_the_reading_order_without_gaps(operations: list[dict[str, Any]]) -> None:
    plane = played(*fitting(operations)).plane
    again = plane.renumbered()
    assert again.order == list(range(1, len(plane.pieces) + 1))
    assert (again.labels > 0).tobytes() == (plane.labels > 0).tobytes()
    assert again.pieces == LabelPlane.of(again.labels).pieces


@QUICK
@given(one_operation(near=CENTRES[0]), one_operation(near=CENTRES[3]))
def test_operations_on_distant_stickers_commute(one: dict[str, Any], other: dict[str, Any]) -> None:
    if len(fitting([one, other])) < 2:
        return
    here, there = played(one, other).plane, played(other, one).plane
    assert (here.renumbered().labels == there.renumbered().labels).all()


@QUICK
@given(st.lists(one_operation(), min_size=1, max_size=4))
def test_what_is_not_named_as_changed_stays_to_the_pixel(operations: list[dict[str, Any]]) -> None:
    after = played(*fitting(operations))
    for label in ENGINE.pieces.keys() - after.changed - after.gone:
        assert ((after.plane.labels == label) == (ENGINE.labels == label)).all()
    if after.window is not None:
        outside = np.ones(ENGINE.labels.shape, np.bool_)
        outside[after.window] = False
        assert (after.plane.labels[outside] == ENGINE.labels[outside]).all()

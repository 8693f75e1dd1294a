"""Edits by hand as rows: steps, undo and redo, what a sticker keeps, and two who edit at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from stickers.cuts import bench as benches
from stickers.cuts import hand
from stickers.cuts.bench import opened
from stickers.cuts.publishing import StaleError
from stickers.cutting.edits import play
from stickers.cutting.operations import EditError, read
from stickers.files import references, storage
from stickers.models import PrintItem, PrintSheet, Sheet
from stickers.sandbox.jobs import SheetOrder
from stickers.upkeep import housekeeping
from tests.support.jobs import cut, three_discs
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db
# The discs of the sheet have these middles and a radius of 60.
LEFT, MIDDLE, RIGHT = (100, 240), (250, 240), (400, 240)


@pytest.fixture
def sheet(designer: User) -> Sheet:
    picture = three_discs(SheetOrder(prompt="", seed=1, width_px=512, height_px=512))
    row = Sheet.objects.import_picture(
        owner_pk=designer.pk, data=picture, picture_format="JPEG", width_px=512, height_px=512, source_name="discs.jpg"
    )
    assert cut(row)
    return Sheet.objects.get(pk=row.pk)


def edit(sheet: Sheet, *operations: dict[str, Any]) -> hand.Done:
    return hand.edit(sheet, read(list(operations)), version=sheet.cut_version, user_pk=sheet.owner_id)


def merge(*points: tuple[int, int]) -> dict[str, Any]:
    return {"op": "merge", "points": [list(point) for point in points]}


def split(point: tuple[int, int]) -> dict[str, Any]:
    x, y = point
    return {"op": "split", "point": [x, y], "line": [[x - 20, y - 90], [x - 20, y + 90]]}


def shown(sheet: Sheet) -> list[tuple[int, int, str]]:
    """The stickers that are not in the trash: id, number, and the name of the file."""
    return [(row.pk, row.number, row.file.name or "") for row in sheet.stickers.filter(deleted_at=None)]


def test_a_cut_keeps_its_plane(sheet: Sheet) -> None:
    (step,) = sheet.cut_steps.all()
    assert (step.number, step.words, step.operations, step.version) == (1, "Cut", [], 0)
    assert sheet.cut_version == 1
    assert sheet.next_label == 4
    assert [row.label for row in sheet.stickers.all()] == [1, 2, 3]
    assert step.engine.name in references.file_names()
    assert (opened(sheet).planes.now.labels == opened(sheet).planes.engine.labels).all()


def test_an_edit_lifts_only_what_it_touches(sheet: Sheet) -> None:
    before = shown(sheet)
    done = edit(sheet, {"op": "erase", "point": LEFT, "stroke": [[100, 200]], "radius": 10})
    after = shown(sheet)
    assert done.changed == {1}
    assert [row[:2] for row in after] == [row[:2] for row in before]
    assert after[0][2] != before[0][2]
    assert after[1:] == before[1:]
    assert sheet.cut_version == 2
    assert hand.reach(sheet) == ("Erase", "")


def test_undoing_all_gives_the_engines_plane_and_stickers_again(sheet: Sheet) -> None:
    before, engine = shown(sheet), opened(sheet).planes.engine
    edit(sheet, merge(LEFT, MIDDLE))
    edit(sheet, split(RIGHT))
    edit(sheet, {"op": "erase", "point": LEFT, "stroke": [[100, 200]], "radius": 10}, {"op": "delete", "point": RIGHT})
    middle = shown(sheet)
    assert len(middle) == 2
    benches.forget()
    while hand.reach(sheet)[0]:
        hand.undo(sheet, version=sheet.cut_version)
    assert (opened(sheet).planes.now.labels == engine.labels).all()
    assert shown(sheet) == before
    while hand.reach(sheet)[1]:
        hand.redo(sheet, version=sheet.cut_version)
    assert shown(sheet) == middle


def test_what_is_kept_in_memory_is_what_the_rows_say(sheet: Sheet) -> None:
    edit(sheet, merge(LEFT, MIDDLE))
    edit(sheet, split(RIGHT), {"op": "reorder", "point": RIGHT, "to": 1})
    edit(sheet, {"op": "erase", "point": RIGHT, "stroke": [[430, 240]], "radius": 9})
    kept = opened(sheet).planes.now
    benches.forget()
    again = opened(Sheet.objects.get(pk=sheet.pk)).planes.now
    assert (kept.labels == again.labels).all()
    assert (kept.order, kept.fresh, kept.pieces) == (again.order, again.fresh, again.pieces)


def test_a_pure_replay_of_the_rows_gives_the_same_plane(sheet: Sheet) -> None:
    edit(sheet, merge(LEFT, MIDDLE))
    edit(sheet, split(RIGHT))
    edit(sheet, {"op": "add", "point": MIDDLE, "stroke": [[170, 240], [180, 240]], "radius": 12})
    found = opened(sheet)
    operations = read([operation for step in found.steps for operation in step.operations])
    replayed = play(found.pixels, found.planes.engine, operations).plane
    assert (replayed.renumbered().labels == found.planes.now.renumbered().labels).all()


def test_a_merge_keeps_the_larger_ones_id_name_star_and_places(sheet: Sheet, designer: User) -> None:
    edit(sheet, {"op": "erase", "point": LEFT, "stroke": [[100, 190]], "radius": 20})
    small, large, _ = sheet.stickers.all()
    sheet.stickers.filter(pk=large.pk).update(title="Moon", starred=True)
    sheet.stickers.filter(pk=small.pk).update(title="Crumb")
    page = PrintSheet.objects.create(owner=designer)
    PrintItem.objects.create(print_sheet=page, sticker=large, number=1)
    done = edit(sheet, merge(LEFT, MIDDLE))
    assert done.gone == (small.pk,)
    large.refresh_from_db()
    assert (large.title, large.starred, large.deleted_at) == ("Moon", True, None)
    assert page.items.get().sticker_id == large.pk
    small.refresh_from_db()
    assert small.is_lost  # it has a name, so it waits in the trash
    hand.undo(sheet, version=sheet.cut_version)
    small.refresh_from_db()
    assert (small.title, small.deleted_at) == ("Crumb", None)


def test_labels_are_never_used_twice(sheet: Sheet) -> None:
    edit(sheet, split(LEFT))
    first = sheet.stickers.get(label=4).pk
    hand.undo(sheet, version=sheet.cut_version)
    assert not sheet.stickers.filter(pk=first).exists()
    edit(sheet, split(RIGHT))
    assert sorted(sheet.stickers.values_list("label", flat=True)) == [1, 2, 3, 5]
    assert hand.reach(sheet) == ("Split", "")
    with pytest.raises(EditError, match="nothing to do again"):
        hand.redo(sheet, version=sheet.cut_version)


def test_a_sticker_comes_back_with_its_id(sheet: Sheet) -> None:
    edit(sheet, split(LEFT))
    new = sheet.stickers.get(label=4).pk
    hand.undo(sheet, version=sheet.cut_version)
    hand.redo(sheet, version=sheet.cut_version)
    assert sheet.stickers.get(label=4).pk == new


def test_numbers_follow_the_order(sheet: Sheet) -> None:
    first, second, third = (row.pk for row in sheet.stickers.all())
    edit(sheet, {"op": "reorder", "point": RIGHT, "to": 1})
    assert [row.pk for row in sheet.stickers.all()] == [third, first, second]
    hand.undo(sheet, version=sheet.cut_version)
    assert [row.pk for row in sheet.stickers.all()] == [first, second, third]


def test_an_edit_on_an_old_version_changes_nothing(sheet: Sheet) -> None:
    mine = Sheet.objects.get(pk=sheet.pk)
    edit(sheet, merge(LEFT, MIDDLE))
    before = shown(sheet)
    with pytest.raises(StaleError):
        edit(mine, split(RIGHT))
    with pytest.raises(StaleError):
        hand.undo(mine, version=mine.cut_version)
    with pytest.raises(StaleError):
        hand.edit(sheet, read([split(RIGHT)]), version=1, user_pk=sheet.owner_id)
    assert shown(sheet) == before
    assert sheet.cut_steps.count() == 2


@pytest.mark.parametrize(
    ("operations", "words"),
    [
        ([], "nothing to do"),
        ([{"op": "delete", "point": [250, 20]}], "no sticker lies at 250, 20"),
        ([merge(LEFT, MIDDLE), merge(LEFT, MIDDLE)], "Operation 2, merge"),
    ],
)
def test_a_refused_edit_leaves_no_trace(sheet: Sheet, operations: list[dict[str, Any]], words: str) -> None:
    before = shown(sheet)
    with pytest.raises(EditError, match=words):
        edit(sheet, *operations)
    assert shown(sheet) == before
    assert (sheet.cut_version, sheet.cut_steps.count()) == (1, 1)
    with pytest.raises(EditError, match="nothing to undo"):
        hand.undo(sheet, version=1)


def test_what_the_files_take_is_noted(sheet: Sheet) -> None:
    edit(sheet, merge(LEFT, MIDDLE))
    edit(sheet, split(RIGHT))
    noted = Sheet.objects.get(pk=sheet.pk).stored_bytes
    Sheet.objects.update(stored_bytes=0)
    housekeeping.clear()
    assert Sheet.objects.get(pk=sheet.pk).stored_bytes == noted


def test_a_sheet_from_before_gets_its_plane_from_its_stickers(designer: User) -> None:
    sheet = make_sheet(designer, stickers=3)
    sheet.stickers.filter(number=3).update(deleted_at=timezone.now())
    before = [(row.pk, row.number, row.file.name) for row in sheet.stickers.all()]
    found = opened(sheet)
    assert [row.label for row in sheet.stickers.all()] == [1, 2, 3]
    assert sheet.next_label == 4
    assert found.planes.now.labels[35, 40] == 1
    assert [(row.pk, row.number, row.file.name) for row in sheet.stickers.all()] == before
    assert [step.words for step in found.steps] == ["Cut"]
    assert opened(sheet).steps == found.steps


def test_a_sticker_whose_file_is_missing_gets_its_plane_from_its_outline(designer: User) -> None:
    sheet = make_sheet(designer, stickers=2)
    storage.remove([sheet.stickers.get(number=2).file.name or ""])
    labels = opened(sheet).planes.now.labels
    assert np.count_nonzero(labels == 1) < np.count_nonzero(labels == 2)  # a disc, and its box

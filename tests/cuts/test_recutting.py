"""Cutting again: edits are kept, only what is missing is added, or everything is replaced; all can be undone."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from stickers.cuts import hand
from stickers.cuts.bench import opened
from stickers.models import Sheet, Way
from tests.cuts.test_hand import LEFT, MIDDLE, RIGHT, edit, merge, sheet, shown, split
from tests.support.jobs import cut
from tests.support.rows import make_sheet

__all__ = ["sheet"]  # the fixture
pytestmark = pytest.mark.django_db
TINY = {"op": "outline", "polygon": [[20, 20], [60, 20], [60, 60], [20, 60]]}


def again(sheet: Sheet, way: Way, **options: Any) -> Sheet:
    sheet.segmentation.refresh_from_db()
    assert sheet.segmentation.ask_again(options, way)
    assert cut(sheet)
    return Sheet.objects.select_related("segmentation").get(pk=sheet.pk)


def test_keeping_replays_the_edits_and_lists_what_no_longer_fits(sheet: Sheet) -> None:
    edit(sheet, merge(LEFT, MIDDLE))
    edit(sheet, TINY)
    edit(sheet, {"op": "erase", "point": [30, 30], "stroke": [[25, 25]], "radius": 3, "snap": False})
    before = [row[:2] for row in shown(sheet)]
    after = again(sheet, Way.KEEP)
    assert [row[:2] for row in shown(after)] == before
    step = after.cut_steps.last()
    assert step is not None
    assert step.words == "Cut again"
    assert [operation["op"] for operation in step.operations] == ["merge", "outline", "erase"]
    assert step.refused == []
    narrow = again(after, Way.KEEP, min_size_px=400)
    assert len(shown(narrow)) == 1  # what the outline had drawn
    last = narrow.cut_steps.last()
    assert last is not None
    assert last.refused == [{"operation": merge(LEFT, MIDDLE), "why": "no sticker lies at 100, 240."}]


def test_adding_leaves_everything_as_it_is(sheet: Sheet) -> None:
    edit(sheet, merge(LEFT, MIDDLE))
    edit(sheet, {"op": "delete", "point": RIGHT})
    before = shown(sheet)
    after = again(sheet, Way.ADD)
    assert shown(after)[: len(before)] == before
    assert len(shown(after)) == len(before) + 1
    assert opened(after).planes.now.labels[240, 400] > 3  # a label that nothing had before
    hand.undo(after, version=after.cut_version)
    assert shown(after) == before


def test_replacing_can_be_undone(sheet: Sheet) -> None:
    first = [row[:2] for row in shown(sheet)]
    edit(sheet, split(LEFT))
    sheet.stickers.filter(label=4).update(title="Half")
    half = sheet.stickers.get(label=4).pk
    before = [row[:2] for row in shown(sheet)]
    after = again(sheet, Way.REPLACE)
    assert [row[:2] for row in shown(after)] == first
    assert after.stickers.get(pk=half).is_lost
    assert hand.reach(after) == ("Cut again", "")
    hand.undo(after, version=after.cut_version)
    assert [row[:2] for row in shown(after)] == before
    assert after.stickers.get(pk=half).deleted_at is None
    hand.redo(after, version=after.cut_version)
    assert [row[:2] for row in shown(after)] == first


def test_an_edit_after_a_new_cut_is_made_on_it(sheet: Sheet) -> None:
    after = again(sheet, Way.KEEP)
    edit(after, merge(LEFT, MIDDLE))
    edit(after, {"op": "delete", "point": RIGHT})
    edit(after, {"op": "restore", "point": RIGHT})
    assert len(shown(after)) == 2


def test_a_sheet_from_before_planes_were_kept_is_cut_again(designer: User) -> None:
    sheet = make_sheet(designer, stickers=2)
    after = again(sheet, Way.KEEP)
    assert [step.words for step in after.cut_steps.all()] == ["Cut", "Cut again"]
    assert len(shown(after)) == 1  # its picture shows one disc
    hand.undo(after, version=after.cut_version)
    assert len(shown(after)) == 2

"""The chaos suite's own judgement: what it must not let pass."""

from __future__ import annotations

import os
from collections import Counter
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

with mock.patch.dict(os.environ):  # the suite is a program of its own and clears its environment
    from tests.chaos.__main__ import objections_to, plan_of
    from tests.chaos.grounds import Blow, Embedded, Engines, Ground
    from tests.chaos.states import STORING, Batch, Where
    from tests.chaos.studio import IN_DOUBT, Row
    from tests.chaos.verdict import Verdict, judge


BLOWS = Embedded.blows


def everything(blows: tuple[Blow, ...] = BLOWS) -> list[Verdict]:
    return [Verdict(where=where, blow=blows[number % len(blows)]) for number, where in enumerate(Where)]


@pytest.mark.parametrize("ground", [Embedded, Engines])
def test_every_state_and_every_blow_is_well(ground: type[Ground]) -> None:
    assert objections_to(everything(ground.blows), runs=len(Where), blows=ground.blows) == []


@pytest.mark.parametrize("ground", [Embedded, Engines])
def test_a_short_plan_meets_every_state_and_every_blow(ground: type[Ground]) -> None:
    plan = list(plan_of(len(Where), "", ground.blows))
    assert {where for where, _ in plan} == set(Where)
    assert {blow for _, blow in plan} == set(ground.blows)
    pairs = len(Where) * (len(ground.blows) - 1) + len(STORING)  # also where a disk is full for long
    assert len(set(plan_of(pairs, "", ground.blows))) == pairs
    assert {where for where, blow in plan_of(pairs, "", ground.blows) if blow is Blow.DISK_LONG} == STORING


@pytest.mark.parametrize("harm", ["lost", "doubled", "false_done"])
def test_a_run_that_missed_its_state_is_judged_too(harm: str) -> None:
    harms: dict[str, Any] = {harm: 1}
    missed = Verdict(where=Where.QUEUED, blow=Blow.WEB, missed="gone on", **harms)
    [words] = objections_to([*everything(), missed], runs=len(Where), blows=BLOWS)
    assert words.startswith("queued, web: ")


def test_every_planned_run_has_to_hit() -> None:
    first, *others = everything()
    missed = Verdict(where=first.where, blow=first.blow, missed="gone on")
    said = objections_to([missed, *others], runs=len(Where), blows=BLOWS)
    assert said == ["1 of 10 runs never hit their state.", f"Nothing was struck: {first.where}."]


def test_a_blow_that_never_fell() -> None:
    found = [Verdict(where=verdict.where, blow=Blow.WORKER) for verdict in everything()]
    assert len(objections_to(found, runs=len(Where), blows=BLOWS)) == len(BLOWS) - 1
    assert objections_to(found, runs=len(Where), blows=()) == []


def in_doubt(blow: Blow, where: Where = Where.DURING_POST, *, fell: bool = True, held_s: float = 0.5) -> Verdict:
    """An order that was being sent and ends as unknown."""
    row = Row(1, "a cat", "unknown", f"It {IN_DOUBT}.", "", "")
    studio: Any = SimpleNamespace(
        rows=lambda prompts: dict.fromkeys(prompts, row),
        jobs=lambda: Counter({"a cat": 1}),
        posts=lambda: Counter({"a cat": 1}),
        sandbox=SimpleNamespace(held_s=lambda _: held_s),
    )
    return judge(studio, Batch(where, ["a cat"]), 0.1, blow, fell=fell)


def test_only_the_end_of_its_sender_leaves_an_order_in_doubt() -> None:
    assert (in_doubt(Blow.WORKER).unknown, in_doubt(Blow.WORKER).lost) == (1, 0)
    for blow in set(Blow) - {Blow.WORKER}:
        assert (in_doubt(blow).unknown, in_doubt(blow).lost, in_doubt(blow).missed) == (0, 1, "")
    assert in_doubt(Blow.WORKER, fell=False).lost == 1
    assert in_doubt(Blow.WORKER, Where.QUEUED).lost == 1


def test_an_answer_that_the_suite_kept_back_is_a_miss() -> None:
    verdict = in_doubt(Blow.WEB, held_s=3)
    assert (verdict.lost, verdict.unknown) == (0, 0)
    assert "longer than the studio waits" in verdict.missed

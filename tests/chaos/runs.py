"""One run: orders are brought to a state, the blow falls, the studio comes back, and every order is judged."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from tests.chaos import blows, exports
from tests.chaos.grounds import Blow
from tests.chaos.states import IN_DOUBT, Batch, Where, enter, is_there, limit
from tests.chaos.studio import FINISH_SECONDS, HELD_SECONDS, LEASE_SECONDS, LOOK_SECONDS, Studio
from tests.chaos.verdict import Verdict, judge


def run(studio: Studio, where: Where, blow: Blow, name: str, folder: Path) -> Verdict:
    batch = Batch.of(where, name)
    try:
        ordered = batch.pilot
        try:
            limit(studio, batch)
            ordered = batch
            enter(studio, batch)
        except TimeoutError as error:
            return _never_struck(studio, ordered, str(error), blow)
        if where is Where.EXPORT:
            return exports.downloaded(studio, batch, blow, folder)
        if where is Where.FILES:
            return exports.made(studio, batch, blow)
        not_before = time.monotonic()
        with blows.struck(studio, blow) as wait_until_back:
            was_there = is_there(studio, batch)
            not_before += _rest(studio, batch, blow)
            studio.sandbox.open()
            wait_until_back()
        back = max(time.monotonic(), not_before)
        verdict = judge(studio, batch, _finish(studio, batch, back), blow)
        # They were struck, in whatever state. The outcome counts; only the state was missed.
        return verdict if was_there else replace(verdict, missed="The orders had left the state when the blow fell.")
    finally:
        studio.sandbox.open()
        studio.sandbox.clear_faults()


def _never_struck(studio: Studio, batch: Batch, why: str, blow: Blow) -> Verdict:
    """Orders that did not come to their state must not be lost either. When they are released, they must end well."""
    studio.sandbox.open()
    studio.sandbox.clear_faults()
    recovery_s = _finish(studio, batch, time.monotonic())
    return replace(judge(studio, batch, recovery_s, blow, fell=False), missed=why)


def _rest(studio: Studio, batch: Batch, blow: Blow) -> float:
    """For how long from now nobody may touch these orders, because a lease or a rate limit runs."""
    if batch.where is Where.BEFORE_POST:
        return HELD_SECONDS + 1.0  # its end is given in whole seconds
    if batch.where in IN_DOUBT and blow is Blow.WORKER:
        return LEASE_SECONDS
    return 0.0


def _finish(studio: Studio, batch: Batch, back: float) -> float:
    """Wait until no order is active. Returns how long after `back` the last of them took its next step."""
    at_back = studio.rows(batch.prompts)
    stepped: dict[str, float] = {}
    end = time.monotonic() + FINISH_SECONDS
    while True:
        rows = studio.rows(batch.prompts)
        now = time.monotonic()
        for prompt, row in rows.items():
            was = at_back.get(prompt)
            if prompt not in stepped and (was is None or not row.is_active or row.mark != was.mark):
                stepped[prompt] = now
        if not any(row.is_active for row in rows.values()) or now > end:
            break
        time.sleep(LOOK_SECONDS)
    return max((max(0.0, stepped.get(prompt, end) - back) for prompt in batch.prompts), default=0.0)

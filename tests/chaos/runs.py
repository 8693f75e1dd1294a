"""One run: orders are brought to a state, the blow falls, the studio comes back, and every order is judged."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stickers.models import State
from tests.chaos import blows
from tests.chaos.blows import Blow
from tests.chaos.gates import DISCS
from tests.chaos.states import IN_DOUBT, ORDERS, Batch, Where, enter, is_there
from tests.chaos.studio import HELD_SECONDS, LEASE_SECONDS, Row, Studio, zip_is_whole
from tests.chaos.studio import IN_DOUBT as WORDS_OF_DOUBT
from tests.running_studio import until

FINISH_SECONDS: Final = 60
LOOK_SECONDS: Final = 0.05


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of the orders of one run; `recovery_s` is the slowest order's, from the studio's return."""

    where: Where
    blow: Blow
    missed: str = ""  # why the run did not hit its state, and says nothing
    lost: int = 0
    doubled: int = 0
    false_done: int = 0
    unknown: int = 0
    recovery_s: float = 0.0
    words: tuple[str, ...] = ()


def run(studio: Studio, where: Where, blow: Blow, name: str, folder: Path) -> Verdict:
    batch = Batch.of(where, name)
    try:
        try:
            enter(studio, batch)
        except TimeoutError as error:
            return Verdict(where=where, blow=blow, missed=str(error))
        if where is Where.EXPORT:
            return _export(studio, batch, blow, folder)
        not_before = time.monotonic()
        with blows.struck(studio, blow) as wait_until_back:
            was_there = is_there(studio, batch)
            not_before += _rest(studio, batch, blow)
            studio.sandbox.open()
            wait_until_back()
        back = max(time.monotonic(), not_before)
        if not was_there:
            _finish(studio, batch, back)
            return Verdict(where=where, blow=blow, missed="The orders had left the state when the blow fell.")
        recovery_s = _finish(studio, batch, back)
        return _judge(studio, batch, blow, recovery_s)
    finally:
        studio.sandbox.open()
        studio.sandbox.clear_faults()


def _rest(studio: Studio, batch: Batch, blow: Blow) -> float:
    """For how long from now these orders must not be touched, whoever lives: a lease or a rate limit runs."""
    if batch.where is Where.BEFORE_POST:
        return HELD_SECONDS + 1.0  # its end is told in whole seconds
    if batch.where in IN_DOUBT and blow is Blow.WORKER:
        return LEASE_SECONDS
    return 0.0


def _finish(studio: Studio, batch: Batch, back: float) -> float:
    """Wait until no order is active; how long after `back` the last of them took its next step."""
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


def _judge(studio: Studio, batch: Batch, blow: Blow, recovery_s: float) -> Verdict:
    rows, jobs, posts = studio.rows(batch.prompts), studio.jobs(), studio.posts()
    words: list[str] = []
    lost = doubled = false_done = unknown = 0
    for prompt in batch.prompts:
        row = rows.get(prompt)
        if jobs[prompt] > 1 or posts[prompt] > 1:
            doubled += 1
            words.append(f"{prompt}: {posts[prompt]} POSTs, {jobs[prompt]} jobs")
        if row is not None and row.state == State.UNKNOWN and _is_in_doubt(batch, row):
            unknown += 1
        elif row is None or row.state != State.DONE:
            lost += 1
            words.append(f"{prompt}: {'no row' if row is None else f'{row.state}: {row.error}'}")
        elif not studio.is_whole(row) or jobs[prompt] < 1:
            false_done += 1
            words.append(f"{prompt}: done, but not whole")
    return Verdict(
        where=batch.where,
        blow=blow,
        lost=lost,
        doubled=doubled,
        false_done=false_done,
        unknown=unknown,
        recovery_s=recovery_s,
        words=tuple(words),
    )


def _is_in_doubt(batch: Batch, row: Row) -> bool:
    """Truthful only for an order that was on its way, and only in these words."""
    return batch.where in IN_DOUBT and WORDS_OF_DOUBT in row.error


def _export(studio: Studio, batch: Batch, blow: Blow, folder: Path) -> Verdict:
    """The blow falls when the first bytes of the ZIP are here; a ZIP that ends must be whole, and the next one is."""
    recovered: list[float] = []

    def strike() -> None:
        with blows.struck(studio, blow) as wait_until_back:
            wait_until_back()
        back = time.monotonic()
        until(lambda: studio.shows_export(batch.prompts), seconds=FINISH_SECONDS, what="the page of the export")
        recovered.append(time.monotonic() - back)

    first = studio.export_all(batch.prompts, strike)
    if not recovered:
        return Verdict(where=batch.where, blow=blow, missed="The ZIP never began.")
    if blow is Blow.WEB and first is not None:
        return Verdict(where=batch.where, blow=blow, missed="The ZIP was through before the web server was killed.")
    stickers = ORDERS * DISCS
    false_done = int(first is not None and not zip_is_whole(first, stickers, folder))
    second = studio.export_all(batch.prompts)
    lost = int(second is None or not zip_is_whole(second, stickers, folder))
    verdict = _judge(studio, batch, blow, recovered[0])
    if not (lost or false_done):
        return verdict
    words = (*verdict.words, f"export: first {'broken' if first is None else len(first)}, lost {lost}")
    return Verdict(
        where=batch.where,
        blow=blow,
        lost=verdict.lost + lost,
        doubled=verdict.doubled,
        false_done=verdict.false_done + false_done,
        recovery_s=recovered[0],
        words=words,
    )

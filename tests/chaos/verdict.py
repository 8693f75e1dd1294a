"""The outcome of one run's orders: whole, in doubt and called so, or lost, doubled, falsely called done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from stickers.models import State
from tests.chaos.grounds import Blow
from tests.chaos.states import IN_DOUBT, Batch, Where
from tests.chaos.studio import IN_DOUBT as WORDS_OF_DOUBT
from tests.chaos.studio import SUBMIT_SECONDS, Row, Studio

# If the gate held a POST for longer, its answer came too late: the studio reads it for SUBMIT_SECONDS at most. Some
# time goes to the way. The suite's own slowness did that, not the blow.
HELD_TOO_LONG_SECONDS: Final = 0.75 * SUBMIT_SECONDS


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The outcome of one run's orders. `recovery_s` is the slowest order's, from the studio's return."""

    where: Where
    blow: Blow
    missed: str = ""  # why the run did not hit its state; the outcome of its orders counts all the same
    lost: int = 0
    doubled: int = 0
    false_done: int = 0
    unknown: int = 0
    recovery_s: float = 0.0
    words: tuple[str, ...] = ()


def judge(studio: Studio, batch: Batch, recovery_s: float, blow: Blow, *, fell: bool = True) -> Verdict:
    rows, jobs, posts = studio.rows(batch.prompts), studio.jobs(), studio.posts()
    words: list[str] = []
    lost = doubled = false_done = unknown = held = 0
    for prompt in batch.prompts:
        row = rows.get(prompt)
        if jobs[prompt] > 1 or posts[prompt] > 1:
            doubled += 1
            words.append(f"{prompt}: {posts[prompt]} POSTs, {jobs[prompt]} jobs")
        if row is not None and row.state == State.UNKNOWN and _is_in_doubt(batch, row, blow if fell else None):
            unknown += 1
        elif row is not None and row.state == State.UNKNOWN and _was_held(studio, batch, row):
            held += 1
        elif row is None or row.state != State.DONE:
            lost += 1
            words.append(f"{prompt}: {'no row' if row is None else f'{row.state}: {row.error}'}")
        elif not studio.is_whole(row) or jobs[prompt] < 1:
            false_done += 1
            words.append(f"{prompt}: done, but not whole")
    return Verdict(
        where=batch.where,
        blow=blow,
        missed="A POST was held for longer than the studio waits for its answer." if held else "",
        lost=lost,
        doubled=doubled,
        false_done=false_done,
        unknown=unknown,
        recovery_s=recovery_s,
        words=tuple(words),
    )


def _is_in_doubt(batch: Batch, row: Row, fallen: Blow | None) -> bool:
    """Whether the doubt is truthful: the order was being sent when its worker was killed, and the words say so.

    No other blow takes the answer to a POST from a living worker. The web server and the scheduler send none. An id
    that a full disk or a locked database refuses waits for them in the worker or its journal.
    """
    return batch.where in IN_DOUBT and fallen is Blow.WORKER and WORDS_OF_DOUBT in row.error


def _was_held(studio: Studio, batch: Batch, row: Row) -> bool:
    """The run itself has caused the doubt then, and counts as missed."""
    held_s = studio.sandbox.held_s(row.prompt)
    return batch.where in IN_DOUBT and held_s > HELD_TOO_LONG_SECONDS and WORDS_OF_DOUBT in row.error

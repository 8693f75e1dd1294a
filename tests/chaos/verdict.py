"""What became of the orders of one run: whole, in doubt and said so, or lost, doubled, falsely called done."""

from __future__ import annotations

from dataclasses import dataclass

from stickers.models import State
from tests.chaos.blows import Blow
from tests.chaos.states import IN_DOUBT, Batch, Where
from tests.chaos.studio import IN_DOUBT as WORDS_OF_DOUBT
from tests.chaos.studio import Row, Studio


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


def judge(studio: Studio, batch: Batch, blow: Blow, recovery_s: float) -> Verdict:
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

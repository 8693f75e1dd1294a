"""The states of the pipeline at which a run strikes, and how orders are brought there and kept there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from stickers.models import State
from stickers.sandbox.faults import Fault
from tests.chaos.gates import CUTTING, Gate
from tests.chaos.studio import Studio
from tests.support.running_studio import until

PATIENCE_SECONDS: Final = 45  # for a machine that does other things, too
ORDERS: Final = 3


class Where(StrEnum):
    BEFORE_POST = "before POST"
    DURING_POST = "during POST"
    AFTER_POST = "after POST, id not saved"
    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed, not downloaded"
    DOWNLOAD = "during download"
    CUTTING = "during cutting"
    EXPORT = "during export, download"
    FILES = "during export, files made"


# The gate that keeps orders in the state, and what their rows say meanwhile.
GATES: Final = {
    Where.DURING_POST: (Gate.POST, State.SUBMITTING),
    Where.AFTER_POST: (Gate.POSTED, State.SUBMITTING),
    Where.QUEUED: (Gate.QUEUED, State.WAITING),
    Where.PROCESSING: (Gate.PROCESSING, State.WAITING),
    Where.COMPLETED: (Gate.RESULT, State.WAITING),
    Where.DOWNLOAD: (Gate.PICTURE, State.READY),
}
# A paid picture is on its way to the disk. In these states a disk that stays full causes the longest wait.
STORING: Final = {Where.COMPLETED, Where.DOWNLOAD}
LEAVING: Final = {Where.EXPORT, Where.FILES}
IN_DOUBT: Final = {Where.DURING_POST, Where.AFTER_POST}


@dataclass(frozen=True)
class Batch:
    """The orders of one run."""

    where: Where
    prompts: list[str]

    @classmethod
    def of(cls, where: Where, name: str) -> Batch:
        # As many sheets as the studio cuts at once: one more would wait for its turn, with or without a blow.
        word, orders = (CUTTING, ORDERS - 1) if where is Where.CUTTING else ("discs", ORDERS)
        return cls(where, [f"{word} {name} {number}" for number in range(orders)])

    @property
    def pilot(self) -> Batch:
        """The order that meets a rate limit for them, if there is one."""
        return Batch(self.where, [f"pilot of {self.prompts[0]}"] if self.where is Where.BEFORE_POST else [])


def limit(studio: Studio, batch: Batch) -> None:
    """A rate limit that another order met holds these back before they are sent. TimeoutError without it."""
    pilots = batch.pilot.prompts
    if not pilots:
        return

    def is_limited() -> bool:
        return any("Trying again" in row.error for row in studio.rows(pilots).values())

    studio.sandbox.set_fault(Fault.SUBMIT_429, 1)
    studio.order(pilots)
    until(is_limited, seconds=PATIENCE_SECONDS, what="the limit")


def enter(studio: Studio, batch: Batch) -> None:
    """Bring the orders to their state. TimeoutError if they do not get there."""
    if batch.where in GATES:
        studio.sandbox.shut(GATES[batch.where][0])
    studio.order(batch.prompts)
    if batch.where is Where.CUTTING:
        until(lambda: studio.being_cut(batch.prompts), seconds=PATIENCE_SECONDS, what="a sheet whose segmentation runs")
    elif batch.where in LEAVING:
        until(lambda: _all(studio, batch, State.DONE), seconds=PATIENCE_SECONDS, what="sheets to export")
    elif batch.where in GATES:
        until(lambda: is_there(studio, batch), seconds=PATIENCE_SECONDS, what=batch.where)


def is_there(studio: Studio, batch: Batch) -> bool:
    """Whether the orders are in the state now. It is asked again just after the blow."""
    match batch.where:
        case Where.BEFORE_POST:
            return _all(studio, batch, State.CREATED) and not any(map(studio.posts().get, batch.prompts))
        case Where.CUTTING:
            return studio.being_cut(batch.prompts) > 0
        case Where.EXPORT | Where.FILES:
            return _all(studio, batch, State.DONE)
    state = GATES[batch.where][1]
    found = studio.rows(batch.prompts).values()
    return studio.sandbox.arrived() > 0 and any(row.state == state for row in found)


def _all(studio: Studio, batch: Batch, state: State) -> bool:
    found = studio.rows(batch.prompts)
    return len(found) == len(batch.prompts) and all(row.state == state for row in found.values())

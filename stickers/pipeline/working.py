"""Does claimed work: begins it, renews its lease, and ends it with a reason when it fails."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Final

from django.db import DatabaseError, connection

from stickers.models import WorkState
from stickers.models.work import W, Work, WorkQuerySet
from stickers.pipeline.recovery import noticing_refusals

logger = logging.getLogger(__name__)

BEATS: Final = 6  # renewals within a lease: a busy database or a loaded machine may miss some


class HopelessError(Exception):
    """This work can't be done. The message says why, in words for the designer."""


class LostError(Exception):
    """This try is no longer the one whose result counts."""


def give_up(row: Work, words: str) -> bool:
    return row.end(WorkState.FAILED, error=words)


@noticing_refusals()
def carry_out(
    rows: WorkQuerySet[W], pk: int, do: Callable[[W], bool], *, fail: Callable[[W, str], object] = give_up
) -> bool:
    """Do claimed work, unless somebody else is doing it. True when this call published the result.

    `do` does the work and ends the row. When it can't be done, `fail` gets the reason for the designer.
    """
    row = rows.begin(pk)
    if row is None:
        return False
    if row.tries > row.TRIES:
        fail(row, f"{row.DOING} was begun {row.TRIES} times and never came to its end.")
        return False
    try:
        with lease_renewed(row):
            return do(row)
    except LostError:
        return False
    except DatabaseError:
        raise  # The database is locked; the work is fine. The end of the lease, or the next round, offers it again.
    except HopelessError as error:
        words = str(error)
    except Exception as error:  # whatever goes wrong, the page must say so
        logger.exception("%s failed: %s.", row.DOING, row)
        words = f"{row.DOING} failed: {error}"
    fail(row, words)
    return False


@contextlib.contextmanager
def lease_renewed(row: Work) -> Iterator[None]:
    """Renew the lease from a thread while the block runs, because long work doesn't mean a dead worker.

    The thread stops after PATIENCE, because the work may hang. From then on only the work's own reports renew it.
    """
    over = threading.Event()
    thread = threading.Thread(target=_renew, args=(row, over), name=f"lease of {row.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _renew(row: Work, over: threading.Event) -> None:
    pause = row.LEASE / BEATS
    try:
        for _ in range(row.PATIENCE // pause):
            if over.wait(pause.total_seconds()):
                return
            with contextlib.suppress(DatabaseError):  # the next renewal tries again
                if not row.renew():
                    return
    finally:
        connection.close()

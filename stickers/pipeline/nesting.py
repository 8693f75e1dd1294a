"""Arrange a print sheet anew where that takes long: tighter, or very many stickers."""

from __future__ import annotations

import logging
from typing import Final

from django.db import DatabaseError

from stickers.models import Nesting, WorkState
from stickers.pipeline.recovery import noticing_refusals
from stickers.printing.errors import PrintError
from stickers.printing.profiles import DEFAULT_PROFILE
from stickers.prints import history
from stickers.prints.cut_lines import cuts_of
from stickers.prints.imposing import arranged, arranged_tighter, settled
from stickers.prints.plan import Plan
from stickers.prints.profiles import profiles_of

logger = logging.getLogger(__name__)

TRIES: Final = 12  # many, since a worker that was restarted, or a database that refused, has cost some of them


@noticing_refusals()
def nest(nesting_pk: int) -> bool:
    """Do a nesting that was claimed; True when this call did it. Done twice, it is still one step to undo."""
    row = Nesting.objects.filter(pk=nesting_pk, state=WorkState.WORKING).select_related("print_sheet").first()
    if row is None or not row.begin():
        return False
    if row.tries > TRIES:
        return _give_up(row, f"Nesting was begun {TRIES} times and never came to its end.")
    try:
        history.change(row.print_sheet, _words(row), lambda plan: _nested(row, plan))
    except DatabaseError:
        raise  # its lease, or the next look after a refusal, offers it again
    except PrintError as error:
        return _give_up(row, error.message)
    except history.BusyError:
        return _give_up(row, "The print sheet was changed meanwhile, so nothing was moved.")
    except Exception as error:  # whatever the engine does, the page must say so
        logger.exception("Nesting %s failed.", nesting_pk)
        return _give_up(row, f"The pages could not be arranged: {error}")
    done: bool = row.end(WorkState.DONE, progress=1.0)
    return done


def _nested(row: Nesting, plan: Plan) -> Plan:
    profile = profiles_of(row.print_sheet.owner_id).get(plan.profile, DEFAULT_PROFILE)
    cuts = cuts_of(plan, profile, row.print_sheet.owner_id, each=lambda share: row.report(0.2 * share))

    def tell(share: float) -> None:
        row.report(0.2 + 0.8 * share)

    if row.seconds:
        return arranged_tighter(plan, cuts, seconds=row.seconds, progress=tell)
    return arranged(plan, cuts, progress=tell) if row.anew else settled(plan, cuts)


def _words(row: Nesting) -> str:
    return "Packed tighter" if row.seconds else "Arranged again"


def _give_up(row: Nesting, reason: str) -> bool:
    row.end(WorkState.FAILED, error=reason)
    return False

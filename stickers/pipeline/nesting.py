"""Arrange a print sheet anew where that takes long: tighter, or very many stickers."""

from __future__ import annotations

from stickers.models import Nesting, WorkState
from stickers.pipeline.working import HopelessError, LostError, carry_out
from stickers.printing.errors import PrintError
from stickers.printing.profiles import DEFAULT_PROFILE
from stickers.prints import history
from stickers.prints.cut_lines import cuts_of
from stickers.prints.imposing import arranged, arranged_tighter, settled
from stickers.prints.plan import Plan
from stickers.prints.profiles import profiles_of


def nest(pk: int) -> bool:
    """Do a nesting that was claimed; True when this call did it. Done twice, it is still one step to undo."""
    return carry_out(Nesting.objects.select_related("print_sheet"), pk, _nest)


def _nest(row: Nesting) -> bool:
    words = "Packed tighter" if row.seconds else "Arranged again"
    try:
        history.change(row.print_sheet, words, lambda plan: _nested(row, plan), and_end=lambda: _end(row))
    except PrintError as error:
        raise HopelessError(error.message) from error
    except history.BusyError as error:
        raise HopelessError("The print sheet was changed meanwhile, so nothing was moved.") from error
    return True


def _end(row: Nesting) -> None:
    if not row.end(WorkState.DONE, progress=1.0):
        raise LostError


def _nested(row: Nesting, plan: Plan) -> Plan:
    profile = profiles_of(row.print_sheet.owner_id).get(plan.profile, DEFAULT_PROFILE)
    cuts = cuts_of(plan, profile, row.print_sheet.owner_id, each=lambda share: row.report(0.2 * share))

    def tell(share: float) -> None:
        row.report(0.2 + 0.8 * share)

    if row.seconds:
        return arranged_tighter(plan, cuts, seconds=row.seconds, progress=tell)
    return arranged(plan, cuts, progress=tell) if row.anew else settled(plan, cuts)

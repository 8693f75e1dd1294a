"""Nest a print sheet again, if that takes long: more tightly, or with very many stickers."""

from __future__ import annotations

from stickers.models import Nesting, WorkState
from stickers.pipeline.working import HopelessError, LostError, carry_out
from stickers.printing.errors import PrintError
from stickers.prints.cut_lines import cuts_of, forget
from stickers.prints.desk import BusyError, Desk
from stickers.prints.imposing import nested, nested_tighter, settled
from stickers.prints.plan import Plan


def nest(pk: int) -> bool:
    """Do a nesting that was claimed. True if this call did it. Done twice, it is still one step to undo."""
    try:
        return carry_out(Nesting.objects.select_related("print_sheet"), pk, _nest)
    finally:
        forget()


def _nest(row: Nesting) -> bool:
    words = "Nested tighter" if row.seconds else "Arranged again"
    try:
        Desk.of(row.print_sheet).change(words, lambda desk: _nested(row, desk), and_end=lambda: _end(row))
    except PrintError as error:
        raise HopelessError(error.message) from error
    except BusyError as error:
        raise HopelessError("The print sheet was changed meanwhile, so nothing was moved.") from error
    return True


def _end(row: Nesting) -> None:
    if not row.end(WorkState.DONE, progress=1.0):
        raise LostError


def _nested(row: Nesting, desk: Desk) -> Plan:
    plan = desk.plan
    cuts = cuts_of(plan, desk.profile, desk.stickers, each=lambda share: row.report(0.2 * share))

    def tell(share: float) -> None:
        row.report(0.2 + 0.8 * share)

    if row.seconds:
        return nested_tighter(plan, cuts, seconds=row.seconds, progress=tell)
    return nested(plan, cuts, progress=tell) if row.anew else settled(plan, cuts)

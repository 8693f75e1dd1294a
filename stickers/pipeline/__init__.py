"""Submit, look, collect, cut: the one place where rows meet the wire and the scissors.

`reconcile` is one step of it. It claims whatever is due, talks to Segmind in helper threads, and writes each
answer into its row as it arrives, in the calling thread. It may run in several workers at once and may be killed
at any point: what a row's lease covers is offered again when the lease is over or the next worker starts, except a
POST, which is never repeated. Nothing here enqueues; the tasks do, with the ids that are returned.
"""

from stickers.pipeline.exporting import export
from stickers.pipeline.mailing import mail
from stickers.pipeline.nesting import nest
from stickers.pipeline.reconciliation import next_cuts, next_due, next_exports, next_mails, next_nestings, reconcile
from stickers.pipeline.recovery import start, take_over
from stickers.pipeline.segmenting import cut

__all__ = [
    "cut",
    "export",
    "mail",
    "nest",
    "next_cuts",
    "next_due",
    "next_exports",
    "next_mails",
    "next_nestings",
    "reconcile",
    "start",
    "take_over",
]

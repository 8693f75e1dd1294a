"""Submits, polls, collects, segments, exports, nests and mails: the one place where rows meet network and engines.

`reconcile` runs one round. It claims whatever is due, talks to Segmind in the helper threads of two lanes, and writes
each answer into its row as it arrives, in the calling thread. Several threads and workers may run it at once, and it
may be killed at any point: leased work is offered again when the lease is over or the next worker starts. The exception
is a POST, which is never repeated. Nothing here enqueues. The tasks do, with the ids that are returned.
"""

from stickers.pipeline.exporting import export
from stickers.pipeline.lanes import end_claims
from stickers.pipeline.mailing import mail
from stickers.pipeline.nesting import nest
from stickers.pipeline.reconciliation import (
    next_due,
    next_exports,
    next_mails,
    next_nestings,
    next_segmentations,
    reconcile,
)
from stickers.pipeline.recovery import start, take_over
from stickers.pipeline.segmenting import segment

__all__ = [
    "end_claims",
    "export",
    "mail",
    "nest",
    "next_due",
    "next_exports",
    "next_mails",
    "next_nestings",
    "next_segmentations",
    "reconcile",
    "segment",
    "start",
    "take_over",
]

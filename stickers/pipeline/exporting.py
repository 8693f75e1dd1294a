"""Make the files of an export: each written, stored and forgotten before the next; done means that all are stored."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from django.core.files.base import File as StoredFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction

from stickers.files import storage
from stickers.models import Export, ExportFile, WorkState
from stickers.pipeline.recovery import noticing_refusals
from stickers.printing.delivery.package import File, Order, expected_files, write_files, write_zip_into
from stickers.printing.delivery.trial import survives
from stickers.printing.errors import PrintError
from stickers.printing.imposition.layout import Layout
from stickers.printing.profiles import DEFAULT_PROFILE
from stickers.prints import artwork
from stickers.prints.cut_lines import Cuts, cuts_of, refusals
from stickers.prints.imposing import laid, order_of
from stickers.prints.plan import Plan

logger = logging.getLogger(__name__)

TRIES: Final = 3  # tries that were broken off, before the layout itself comes under suspicion
TRIES_MOST: Final = 12  # whatever a trial says: it does not find the cut lines, which may be what ends the worker
_CUTTING: Final = 0.3  # of the whole: finding the cut lines


class LostError(Exception):
    """This try is no longer the one whose files count."""


@noticing_refusals()
def export(export_pk: int) -> bool:
    """Make the files of an export that was claimed; True when this call finished it.

    Safe to call twice and to kill: files are named by their place, and their rows appear in one transaction with
    the state. What a refused or failed export has stored is removed.
    """
    row = Export.objects.filter(pk=export_pk, state=WorkState.WORKING).select_related("print_sheet").first()
    if row is None or not row.begin():
        return False
    if row.tries > TRIES_MOST:
        return _give_up(row, [], f"Making these files was begun {TRIES_MOST} times and never came to its end.")
    stored: list[ExportFile] = []
    try:
        layout, order = _order(row)
        # Whether it was this layout that took its worker down, or somebody who restarts workers, shows by itself.
        if row.tries > TRIES and not survives(layout, order):
            return _give_up(row, stored, "Making these files ends the process that does it.")
        total = expected_files(layout, order)
        for file in _files(row, layout, order):
            stored.append(file)
            _report(row, _CUTTING + (1 - _CUTTING) * len(stored) / max(total, len(stored)))
    except LostError:
        return False
    except DatabaseError:
        raise  # a lock, not the layout: the lease, or the next look after a refusal, offers it again
    except PrintError as error:
        return _give_up(row, stored, error.message)
    except OSError as error:
        logger.exception("Export %s could not be stored.", export_pk)
        return _give_up(row, stored, f"The studio's storage refused the files: {error.strerror or error}.")
    except Exception as error:  # whatever a layout does to a writer, the page must say so
        logger.exception("Export %s could not be made.", export_pk)
        return _give_up(row, stored, f"These files could not be made: {error}")
    return _publish(row, layout, stored)


def _order(row: Export) -> tuple[Layout, Order]:
    """Raises PrintError when a sticker of the plan cannot be printed: no export leaves one out unsaid."""
    plan = Plan.of_json(row.plan)
    profile = DEFAULT_PROFILE.edited(row.profile)
    cuts = cuts_of(plan, profile, row.print_sheet.owner_id, each=lambda share: _report(row, _CUTTING * share))
    for reason in refusals(cuts):
        raise PrintError(f"{reason} Take it off the print sheet, or mend it, and export again.")
    order = order_of(plan, profile, row.file_name)
    return laid(plan, cuts).layout, Order(
        formats=order.formats,
        stem=order.stem,
        dpi=order.dpi,
        bleed_mm=order.bleed_mm,
        profile=profile,
        white_underlay=order.white_underlay,
        recipes=_recipes(cuts),
    )


def _recipes(cuts: Cuts) -> dict[str, object]:
    return {cut.name: artwork.provenance(cuts.stickers[kind.sticker_pk]) for kind, cut in cuts.made.items()}


def _files(row: Export, layout: Layout, order: Order) -> Iterator[ExportFile]:
    """Each file once it is stored; the ZIP goes by a temporary file, since it holds all the others."""
    number = 0
    for kind in order.formats:
        if kind == "zip":
            number += 1
            with tempfile.TemporaryFile(prefix="sticker-export-") as archive:
                write_zip_into(archive, layout, order, each=lambda: _report(row, row.progress))
                size_bytes = archive.tell()
                archive.seek(0)
                name = _place(row, number, "archive.zip")
                default_storage.save(name, StoredFile(archive, name=name))
            yield ExportFile(export=row, format="zip", name=f"{order.stem}.zip", file=name, size_bytes=size_bytes)
        else:
            for file in write_files(layout, _only(order, kind)):
                number += 1
                yield _stored(row, number, file)


def _only(order: Order, kind: str) -> Order:
    return Order(
        formats=(kind,),
        stem=order.stem,
        dpi=order.dpi,
        bleed_mm=order.bleed_mm,
        profile=order.profile,
        white_underlay=order.white_underlay,
        recipes=order.recipes,
    )


def _stored(row: Export, number: int, file: File) -> ExportFile:
    name = storage.put(_place(row, number, file.name), file.data)
    shown = file.name.replace("/", "-")
    return ExportFile(export=row, format=file.format, name=shown, file=name, page=file.page, size_bytes=len(file.data))


def _place(row: Export, number: int, name: str) -> str:
    """Of the row and the file's turn, never of user text; a second try writes over the first one's."""
    return f"{row.folder}/{number:03d}{PurePosixPath(name).suffix}"


def _report(row: Export, progress: float) -> None:
    if not row.report(progress):
        raise LostError


def _publish(row: Export, layout: Layout, stored: list[ExportFile]) -> bool:
    with transaction.atomic():
        won = row.end(
            WorkState.DONE,
            progress=1.0,
            error="",
            pages=len(layout.pages),
            placed=sum(1 for _ in layout.placed),
        )
        if won:
            ExportFile.objects.bulk_create(stored)
    return won


def _give_up(row: Export, stored: list[ExportFile], reason: str) -> bool:
    if row.end(WorkState.FAILED, error=reason):  # else the files are the newer try's: they have the same names
        storage.remove([file.file.name or "" for file in stored])
    return False

"""Make the files of an export. Each is written, stored and forgotten before the next. Done means all are stored."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from django.core.files.base import File as StoredFile
from django.core.files.storage import default_storage
from django.db import transaction

from stickers.files import storage
from stickers.models import Export, ExportFile, NoRoom, WorkState, quota
from stickers.pipeline.working import HopelessError, LostError, carry_out, give_up
from stickers.printing.artwork.drawing import redraw_ahead
from stickers.printing.delivery.job import PrintJob
from stickers.printing.delivery.package import expected_files, write_files, zip_job
from stickers.printing.delivery.trial import survives
from stickers.printing.errors import PrintError
from stickers.printing.geometry.lengths import mm_to_px
from stickers.printing.imposition.layout import Layout
from stickers.printing.profiles import DEFAULT_PROFILE, UNSOURCED
from stickers.printing.writers.formats import ZIP, File
from stickers.printing.writers.pack_details import MOST_TEXT
from stickers.prints import artwork, colours
from stickers.prints.cut_lines import Cuts, cuts_of, forget
from stickers.prints.desk import shown_to
from stickers.prints.imposing import imposed
from stickers.prints.plan import Plan

logger = logging.getLogger(__name__)

# The shares of all progress that finding the cut lines takes, and redrawing the art after it
_CUTTING: Final = 0.2
_REDRAWING: Final = 0.3


def export(pk: int) -> bool:
    """Make the files of a claimed export. True when this call finished it.

    It is safe to call twice and to kill: a file's name follows from its place, and the rows of all files appear in
    one transaction with the state. A refused or failed export removes what it has stored.
    """
    stored: list[ExportFile] = []
    rows = Export.objects.select_related("print_sheet")
    try:
        return carry_out(
            rows, pk, lambda row: _export(row, stored), fail=lambda row, words: _give_up(row, stored, words)
        )
    finally:
        forget()


def _export(row: Export, stored: list[ExportFile]) -> bool:
    """Make the files. Each is added to `stored` once it is stored."""
    try:
        layout, job = _job(row)
        # A trial tells whether this layout ends its worker, or somebody restarts workers.
        if row.tries > Export.SUSPECT and not survives(layout, job):
            raise HopelessError(f"{Export.DOING} ends the process that does it.")
        _redraw(row, layout, job)
        total = expected_files(layout, job)
        for file in _files(row, layout, job):
            stored.append(file)
            quota.check_quota(row.print_sheet.owner_id, sum(file.size_bytes for file in stored))
            before = _CUTTING + _REDRAWING
            _report(row, before + (1 - before) * len(stored) / max(total, len(stored)))
    except PrintError as error:
        raise HopelessError(error.message) from error
    except NoRoom as error:
        raise HopelessError(str(error)) from error
    except OSError as error:
        logger.exception("Export %s could not be stored.", row.pk)
        raise HopelessError(f"The studio's storage refused the files: {error.strerror or error}.") from error
    return _publish(row, layout, stored)


def _job(row: Export) -> tuple[Layout, PrintJob]:
    """The pages and the job. Raises PrintError when any sticker of the plan cannot be printed."""
    plan = Plan.of_json(row.plan)
    profile = DEFAULT_PROFILE.edited({**UNSOURCED, **row.profile})  # exports of earlier versions name no source
    stickers = shown_to(row.print_sheet.owner_id, plan)
    cuts = cuts_of(plan, profile, stickers, each=lambda share: _report(row, _CUTTING * share))
    for reason in cuts.refusals:
        raise PrintError(f"{reason} Take it off the print sheet, or fix it, and export again.")
    pages = imposed(plan, cuts)
    cover = next((cut.name for design, cut in cuts.made.items() if design.sticker_pk == plan.cover), "")
    pack = replace(pages.job.pack, title=row.print_sheet.name[:MOST_TEXT], cover=cover)
    condition = colours.condition_of(profile) if pages.job.needs_condition else None
    job = replace(pages.job, stem=row.file_name, recipes=_recipes(cuts), pack=pack, condition=condition)
    return pages.layout, job


def _redraw(row: Export, layout: Layout, job: PrintJob) -> None:
    """Redraw the art of few pixels before the first file that shows it."""
    wanted = job.zipped if ZIP.name in job.formats else job.written
    stickers = layout.stickers if any(kind.draws for kind in wanted) else ()
    for count, sticker in enumerate(stickers, 1):
        redraw_ahead(sticker, mm_to_px(1, job.dpi))
        _report(row, _CUTTING + _REDRAWING * count / len(stickers))


def _recipes(cuts: Cuts) -> dict[str, object]:
    return {cut.name: artwork.provenance(cuts.stickers[design.sticker_pk]) for design, cut in cuts.made.items()}


def _files(row: Export, layout: Layout, job: PrintJob) -> Iterator[ExportFile]:
    """Each file, once it is stored. The ZIP is built in a temporary file, as it holds all the others."""
    number = 0
    for name in job.formats:
        if name == ZIP.name:
            number += 1
            with tempfile.TemporaryFile(prefix="sticker-export-") as archive:
                archive.writelines(zip_job(layout, job, each=lambda: _report(row, row.progress)))
                size_bytes = archive.tell()
                archive.seek(0)
                place = _place(row, number, f"archive{ZIP.suffix}")
                default_storage.save(place, StoredFile(archive, name=place))
            shown = f"{job.stem}{ZIP.suffix}"
            yield ExportFile(export=row, format=ZIP.name, name=shown, file=place, size_bytes=size_bytes)
        else:
            for file in write_files(layout, replace(job, formats=(name,))):
                number += 1
                yield _stored(row, number, file)


def _stored(row: Export, number: int, file: File) -> ExportFile:
    name = storage.put(_place(row, number, file.name), file.data)
    shown = file.name.replace("/", "-")
    return ExportFile(export=row, format=file.format, name=shown, file=name, page=file.page, size_bytes=len(file.data))


def _place(row: Export, number: int, name: str) -> str:
    """A name made of the row and a number, never of user text. A second try overwrites the first one's files."""
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


def _give_up(row: Export, stored: list[ExportFile], words: str) -> None:
    if give_up(row, words):  # else the files are the newer try's: they have the same names
        storage.remove([file.file.name or "" for file in stored])

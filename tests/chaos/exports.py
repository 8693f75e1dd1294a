"""Runs that strike while stickers leave the studio: during a download, and while the worker makes files."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from stickers.models import WorkState
from tests.chaos import blows
from tests.chaos.gates import DISCS
from tests.chaos.grounds import Blow
from tests.chaos.states import ORDERS, PATIENCE_SECONDS, Batch
from tests.chaos.studio import FINISH_SECONDS, LOOK_SECONDS, Studio, zip_is_whole
from tests.chaos.verdict import Verdict, judge
from tests.support.running_studio import until


def downloaded(studio: Studio, batch: Batch, blow: Blow, folder: Path) -> Verdict:
    """Strike when the first bytes of the ZIP are here. A ZIP that ends must be whole, and the next one is."""
    recovered: list[float] = []

    def strike() -> None:
        with blows.struck(studio, blow) as wait_until_back:
            wait_until_back()
        back = time.monotonic()
        until(lambda: studio.shows_export(batch.prompts), seconds=FINISH_SECONDS, what="the page of the export")
        recovered.append(time.monotonic() - back)

    first = studio.export_all(batch.prompts, strike)
    missed = ""
    if not recovered:
        missed = "The ZIP never began."
    elif blow is Blow.WEB and first is not None:
        missed = "The ZIP was through before the web server was killed."
    stickers = ORDERS * DISCS
    false_done = int(first is not None and not zip_is_whole(first, stickers, folder))
    second = studio.export_all(batch.prompts)
    lost = int(second is None or not zip_is_whole(second, stickers, folder))
    verdict = replace(judge(studio, batch, max(recovered, default=0.0), blow), missed=missed)
    if not (lost or false_done):
        return verdict
    words = (*verdict.words, f"export: first {'broken' if first is None else len(first)}, lost {lost}")
    return replace(verdict, lost=verdict.lost + lost, false_done=verdict.false_done + false_done, words=words)


def made(studio: Studio, batch: Batch, blow: Blow) -> Verdict:
    """Strike while the worker makes a print sheet's files.

    Files that are called done must be there and whole. A full disk may end them, with a reason; the next order must
    then succeed.
    """
    print_sheet = studio.lay_out(batch.prompts)
    pk = studio.order_files(print_sheet)
    missed, recovery_s = _struck_while_made(studio, pk, blow)
    _until_made(studio, pk)
    verdict = replace(judge(studio, batch, recovery_s, blow), missed=missed)
    first = studio.made(pk)
    words = () if first.state == WorkState.DONE else (f"files: {first.state} {first.error}",)
    if first.state == WorkState.FAILED and blow is Blow.DISK and "storage refused" in first.error:
        pk = studio.order_files(print_sheet)
        _until_made(studio, pk)
    last = studio.made(pk)
    is_done = last.state == WorkState.DONE
    return replace(
        verdict,
        lost=verdict.lost + (not is_done),
        false_done=verdict.false_done + (is_done and not studio.files_are_whole(pk, ORDERS * DISCS)),
        words=(*verdict.words, *words),
    )


def _struck_while_made(studio: Studio, pk: int, blow: Blow) -> tuple[str, float]:
    """Why the blow missed, if it did, and how long after the studio's return the files' row took its next step."""
    try:
        until(lambda: studio.made(pk).state == WorkState.WORKING, seconds=PATIENCE_SECONDS, what="files being made")
    except TimeoutError as error:
        return str(error), 0.0
    with blows.struck(studio, blow) as wait_until_back:
        was_there = studio.made(pk).state == WorkState.WORKING
        wait_until_back()
    back, at_back = time.monotonic(), studio.made(pk)
    stepped = _next_step(studio, pk, at_back.mark)
    return "" if was_there else "The files were made when the blow fell.", max(0.0, stepped - back)


def _next_step(studio: Studio, pk: int, mark: str) -> float:
    """When the files' row was moved on, or ended."""
    end = time.monotonic() + FINISH_SECONDS
    while time.monotonic() < end:
        now = studio.made(pk)
        if now.mark != mark or now.state in {WorkState.DONE, WorkState.FAILED}:
            break
        time.sleep(LOOK_SECONDS)
    return time.monotonic()


def _until_made(studio: Studio, pk: int) -> None:
    end = time.monotonic() + FINISH_SECONDS
    while studio.made(pk).state in {WorkState.QUEUED, WorkState.WORKING} and time.monotonic() < end:
        time.sleep(LOOK_SECONDS)

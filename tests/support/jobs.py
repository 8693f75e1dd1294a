"""Work at the pipeline without a worker: an order, steps until it is over, and hours that pass in an instant."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone
from PIL import Image, ImageDraw

from stickers import pipeline
from stickers.models import Generation, Segmentation, Sheet, State
from stickers.pipeline.exchange import Exchange
from stickers.pipeline.lanes import Lane
from stickers.sandbox.jobs import SheetOrder
from stickers.sandbox.server import Sandbox
from tests.support.models import recipe


def stand_in() -> Sandbox:
    """A stand-in that is fast, and as patient as a test."""
    return Sandbox(
        queue_seconds=0.01,
        run_seconds=0.02,
        jitter=0,
        slow_seconds=0.2,
        hang_seconds=2,
        reset_seconds=1,
        draw=three_discs,
    )


def three_discs(order: SheetOrder) -> bytes:
    """A sheet that is drawn and cut in no time, because the pipeline does not care for art."""
    image = Image.new("RGB", (order.width_px, order.height_px), (250, 205, 215))
    pen = ImageDraw.Draw(image)
    for left in (40, 190, 340):
        pen.ellipse((left, 180, left + 120, 300), fill=(60, 90 + order.index, 160))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    return out.getvalue()


def order(owner: User, prompt: str = "happy cats", **fields: Any) -> Generation:
    mode = settings.SANDBOX_IN_USE  # the claim writes it; some orders here begin after their claim
    small = recipe(img_width=512, img_height=512)
    fields = {"seed": 7, "recipe": small, "sandbox": mode, **fields}
    return Generation.objects.create(owner=owner, prompt=prompt, **fields)


def let_time_pass(by: timedelta) -> None:
    """Age the jobs, so that no test waits for a pause, and each reaches the end of its hour after a dozen rounds."""
    Generation.objects.filter(state__in=[State.CREATED, State.WAITING, State.READY]).update(next_at=timezone.now())
    Generation.objects.filter(submitted_at__isnull=False).update(submitted_at=F("submitted_at") - by)
    Generation.objects.update(created_at=F("created_at") - by, changed_at=F("changed_at") - by)


def work_until(done: Callable[[], object], *, by: timedelta = timedelta(minutes=4)) -> None:
    end = time.monotonic() + 60  # for a machine that does other things, too
    while not done():
        assert time.monotonic() < end, [(row.state, row.error) for row in Generation.objects.all()]
        for sheet_pk in pipeline.reconcile():
            pipeline.segment(sheet_pk)
        let_time_pass(by)
        time.sleep(0.02)


def cut(sheet: Sheet) -> bool:
    """Segment the sheet as a worker would, once its turn has come."""
    assert sheet.pk in Segmentation.objects.claim(at_once=9)
    return pipeline.segment(sheet.pk)


def talk(exchanges: list[Exchange]) -> None:
    """Ask Segmind, and settle every answer."""
    waiting = list(exchanges)

    def claim(room: int) -> list[Exchange]:
        claimed = waiting[:room]
        del waiting[:room]
        return claimed

    Lane("test", calls=8, claim=claim).keep()


def finish(*generations: Generation) -> None:
    """Work until none of them is active."""

    def all_over() -> bool:
        for generation in generations:
            generation.refresh_from_db()
        return not any(generation.is_active for generation in generations)

    work_until(all_over)

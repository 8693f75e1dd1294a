"""Fetches the pictures of a completed job within the hour for which Segmind keeps its record."""

from __future__ import annotations

import random
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from stickers.files import storage
from stickers.files.full import is_full
from stickers.models import Generation, Sheet, State
from stickers.orders import api_keys
from stickers.pictures import opening
from stickers.pipeline import holds, timing
from stickers.pipeline.exchange import Exchange
from stickers.pipeline.segmenting import finish_if_cut
from stickers.segmind.client import Client
from stickers.segmind.errors import Forbidden, Missing, SegmindError
from stickers.segmind.messages import Picture, PictureRef

LEASE: Final = timedelta(seconds=120)
AT_ONCE: Final = 8
TRIES: Final = 5
GONE_TRIES: Final = 14  # nearly five minutes with their pauses, because the server of a file may get it late
STORE_PAUSE_SECONDS: Final = 30.0


@dataclass(frozen=True)
class Collected:
    """The pictures that came, by their index, and the reason of the first one that did not."""

    pictures: dict[int, Picture]
    expected: int
    trouble: SegmindError | None = None


def exchanges(*, limit: int = AT_ONCE) -> list[Exchange]:
    lease = timezone.now() + LEASE
    claimed = Generation.objects.of_this_mode().claim(State.READY, limit=limit, lease_until=lease)
    return [exchange(generation, tuple(PictureRef(url=url) for url in generation.image_urls)) for generation in claimed]


def exchange(generation: Generation, refs: tuple[PictureRef, ...]) -> Exchange:
    request_id = generation.request_id
    stored = frozenset(generation.sheets.values_list("index", flat=True))
    return Exchange(
        generation.pk,
        api_keys.key_for(generation),
        ask=lambda client: _collect(client, request_id, refs, stored),
        settle=lambda answer: _settle_collection(generation, answer),
    )


def _collect(client: Client, request_id: str, refs: tuple[PictureRef, ...], stored: frozenset[int]) -> Collected:
    """Fetch what is not on disk yet. Inline pictures are not kept in the row, so they are asked for again."""
    try:
        refs = refs or client.result(request_id).pictures
    except SegmindError as error:
        return Collected({}, expected=0, trouble=error)
    pictures: dict[int, Picture] = {}
    trouble: SegmindError | None = None
    for index, ref in enumerate(refs):
        if index in stored:
            continue
        try:
            pictures[index] = client.fetch(ref)
        except SegmindError as error:
            trouble = trouble or error
    return Collected(pictures, expected=len(refs), trouble=trouble)


def _settle_collection(generation: Generation, answer: Future[Collected]) -> None:
    collected = answer.result()
    try:
        for index, picture in collected.pictures.items():
            _keep(generation, index, picture)
    except OSError as error:
        _store_later(generation, error)
        return
    if collected.trouble is not None:
        _failed(generation, collected.trouble.message, collected.trouble)
    elif collected.expected == 0:
        generation.move(
            frm=[State.READY], to=State.UNSAVED, error="Segmind says the job is completed, but sent no picture."
        )
    else:
        short = collected.expected < generation.samples
        note = f"Segmind sent {collected.expected} of the {generation.samples} sheets." if short else ""
        with transaction.atomic():
            generation.move(frm=[State.READY], to=State.CUTTING, next_at=None, tries=0, error=note)
            # The segmentation may already have moved the row on.
            finish_if_cut(generation.pk)


def _keep(generation: Generation, index: int, picture: Picture) -> None:
    """Store the picture, then make its row. A second call changes nothing.

    A picture that browsers and the segmentation would show differently is stored as a plain PNG, as imports are.
    """
    picture = _plain(picture)
    name = storage.generated_sheet(generation.pk, index, picture.data, picture.format)
    name = storage.put(name, picture.data)
    Sheet.objects.add_sample(
        generation,
        index,
        file=name,
        format=picture.format,
        width_px=picture.width_px,
        height_px=picture.height_px,
        stored_bytes=len(picture.data),
    )


def _plain(picture: Picture) -> Picture:
    try:
        if opening.header(picture.data).is_plain:
            return picture
        image = opening.open_image(picture.data)
    except opening.UnreadableImage:
        return picture  # It is paid for, so it is stored as it came. The segmentation says what is wrong with it.
    return Picture(data=opening.plain_png(image), format="PNG", width_px=image.width, height_px=image.height)


def is_hopeless(generation: Generation, error: SegmindError) -> bool:
    """Whether to stop trying: after a few tries for a lasting fault, after an hour for a passing one."""
    # The number of tries counts, too. An hour that passes in an instant means that the clock was set.
    most = GONE_TRIES if isinstance(error, Missing | Forbidden) else TRIES
    return generation.tries + 1 >= most and (error.permanent or timing.age(generation) > timing.RECORD_LIFE)


def _failed(generation: Generation, reason: str, error: SegmindError) -> None:
    if is_hopeless(generation, error):
        generation.move(
            frm=[State.READY],
            to=State.UNSAVED,
            error=f"The sheet was made, but its picture could not be saved. {reason}",
        )
        return
    pause = timing.pause(generation.tries, error)
    generation.put_off(pause, f"{reason} Trying again.", tries=generation.tries + 1)
    holds.heed(generation, error)


def _store_later(generation: Generation, error: OSError) -> None:
    """Try again later when the storage is full or fails.

    That says nothing about the picture, which is paid for. Only a refusal by Segmind ends the tries, so this try is
    not counted. The next one is due after a twelfth of the time that the picture has waited so far. So it comes soon
    after somebody has made room, and the picture isn't fetched all day long.
    """
    waited_s = (timezone.now() - (generation.completed_at or generation.created_at)).total_seconds()
    pause_s = min(max(waited_s / 12, 1.0), STORE_PAUSE_SECONDS) * random.uniform(0.8, 1.2)
    if is_full(error):
        words = "The picture is made, but the disk is full; it is stored as soon as there is room."
    else:
        reason = str(error.strerror or error).rstrip(".")
        words = f"The picture is made, but cannot be stored: {reason}. It is stored as soon as the storage takes it."
    generation.put_off(timedelta(seconds=pause_s), words, tries=0)

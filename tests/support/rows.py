"""Rows with real pictures for the tests of pages: a sheet of discs, already cut, as the worker leaves it."""

from __future__ import annotations

import io
import uuid
from functools import cache

from django.contrib.auth.models import User
from django.utils import timezone
from PIL import Image, ImageDraw

from stickers.files import storage, thumbnails
from stickers.models import Generation, Segmentation, Sheet, State, Sticker, WorkState
from stickers.models.work import OPEN

SIDE_PX = 240
COLOURS = ("#e4572e", "#17bebb", "#ffc914", "#76b041", "#8963ba", "#2e282a")


@cache
def picture_bytes(size: tuple[int, int] = (SIDE_PX, SIDE_PX), picture_format: str = "PNG", mode: str = "RGB") -> bytes:
    image = Image.new("RGB", size, "#fbeedb")
    ImageDraw.Draw(image).ellipse((8, 8, size[0] // 2, size[1] // 2), fill="#e4572e")
    out = io.BytesIO()
    image.convert(mode).save(out, picture_format)
    return out.getvalue()


def make_generation(owner: User, **fields: object) -> Generation:
    values = {"prompt": "cats in space", "seed": 7, "state": State.DONE, "request_id": uuid.uuid4().hex} | fields
    return Generation.objects.create(owner=owner, **values)


def make_sheet(
    owner: User,
    *,
    stickers: int = 3,
    is_imported: bool = False,
    state: WorkState = WorkState.DONE,
    error: str = "",
    options: dict[str, object] | None = None,
    **fields: object,
) -> Sheet:
    """A sheet of `stickers` discs with its files and its segmentation, which is done. `fields` are its own columns."""
    data = picture_bytes()
    generation = None if is_imported else fields.pop("generation", None) or make_generation(owner)
    values = {
        "owner": owner,
        "generation": generation,
        "file": storage.put(storage.imported_sheet(data, "PNG"), data),
        "format": "PNG",
        "width_px": SIDE_PX,
        "height_px": SIDE_PX,
    }
    sheet = Sheet.objects.create(**(values | fields))
    next_at = timezone.now() if state in OPEN else None
    Segmentation.objects.create(sheet=sheet, state=state, next_at=next_at, error=error, options=options or {})
    for number in range(1, stickers + 1):
        make_sticker(sheet, number)
    return sheet


def make_sticker(sheet: Sheet, number: int, **fields: object) -> Sticker:
    picture, small = _disc(COLOURS[number % len(COLOURS)])
    name = storage.put(storage.sticker(sheet.file.name or "", number, picture), picture)
    x, y = 70 * ((number - 1) % 3) + 10, 60 * ((number - 1) // 3) + 10
    values = {
        "sheet": sheet,
        "number": number,
        "file": name,
        "thumb_256": storage.put(storage.thumb(name, 256), small),
        "x": x,
        "y": y,
        "width_px": 60,
        "height_px": 50,
        "art_px": 56,
        "confidence": 0.95,
        "contour": [[x, y], [x + 60, y], [x + 60, y + 50], [x, y + 50]],
    }
    return Sticker.objects.create(**(values | fields))


@cache
def _disc(colour: str) -> tuple[bytes, bytes]:
    """The files of a sticker: its picture and its thumbnail."""
    disc = Image.new("RGBA", (60, 50), (255, 255, 255, 0))
    ImageDraw.Draw(disc).ellipse((2, 2, 57, 47), fill=colour)
    out = io.BytesIO()
    disc.save(out, "PNG")
    return out.getvalue(), thumbnails.thumb(disc, 256)

"""Tests that a sticker's resolution is the same number on every page, in the preflight and in every file."""

from __future__ import annotations

import io
import json
import re
import zipfile

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.test import Client
from PIL import Image

from stickers.files import storage
from stickers.models import Sticker
from stickers.printing.artwork.die_cut import art_px
from stickers.prints.desk import Desk
from stickers.prints.preflight import examined
from tests.support.print_art import cut_outs
from tests.support.print_rows import make_print_sheet
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db
COUNT = 8
ORDER = {"size": "60", "unit": "mm", "dpi": "300", "bordered": "on", "border": "2"}


@pytest.fixture
def stickers(designer: User) -> list[Sticker]:
    """Stickers with the artist's pictures, whose crops are wider than their art."""
    found = list(make_sheet(designer, stickers=COUNT).stickers.order_by("number"))
    for sticker, (_, picture) in zip(found, cut_outs()[:COUNT], strict=True):
        padded = np.pad(picture, ((5, 5), (9, 9), (0, 0)))
        out = io.BytesIO()
        Image.fromarray(padded).save(out, "PNG")
        data = out.getvalue()
        sticker.file = storage.put(storage.sticker(sticker.sheet.file.name, sticker.number, data), data)
        sticker.height_px, sticker.width_px = padded.shape[:2]
        sticker.art_px = art_px(padded)
        sticker.save()
    return found


@pytest.mark.parametrize("as_drawn", [False, True])
def test_all_say_the_same(client: Client, stickers: list[Sticker], as_drawn: bool) -> None:
    sheet = stickers[0].sheet
    row = make_print_sheet(sheet, size_mm=60, as_drawn=as_drawn)
    order = ORDER | ({"as_drawn": "on"} if as_drawn else {})

    tiles = client.get(f"/sheets/{sheet.pk}/").content.decode()
    tile_mm = [int(found) for found in re.findall(r">Sharp up to (\d+) mm<", tiles)]

    dialog = client.post("/export/", {"sheets": sheet.pk, "preview": "1", **order}).content.decode()
    dialog_ppi = [int(found) for found in re.findall(r">(\d+) ppi[<,]", dialog)]
    [dialog_mm] = re.findall(r"All are sharp up to <strong>(\d+) mm", dialog)

    archive = client.post("/export/", {"sheets": sheet.pk, **order})
    with zipfile.ZipFile(io.BytesIO(b"".join(archive.streaming_content))) as files:  # type: ignore[arg-type]
        manifest = json.loads(files.read("manifest.json"))["files"]

    page = client.get(f"/prints/{row.pk}/").content.decode()
    page_ppi = [int(found) for found in re.findall(r">(\d+) ppi", page)]

    checks = {check.number: check.finding for check in examined(Desk.of(row)).checks if check.finding.rule == "ppi"}
    by_number = [checks[number] for number in range(1, COUNT + 1)]
    fixes_mm = [int(finding.fix.value) for finding in by_number if finding.fix is not None]
    said_ppi = [int(re.findall(r"(\d+) ppi", finding.words)[0]) for finding in by_number]

    sharp_mm = [entry["sharp_up_to_mm"] for entry in manifest]
    assert sorted(tile_mm) == sorted(sharp_mm)
    assert int(dialog_mm) == min(sharp_mm)
    assert fixes_mm == [size_mm for size_mm, finding in zip(sharp_mm, by_number, strict=True) if finding.fix]
    assert len(fixes_mm) < COUNT or as_drawn
    like_ppi = [entry["prints_like_ppi"] for entry in manifest if not as_drawn]
    assert like_ppi == [int(found) for found in re.findall(r"ppi, like (\d+)", page)]
    assert like_ppi == [int(found) for found in re.findall(r"ppi, like (\d+)", dialog)]
    assert said_ppi == dialog_ppi == page_ppi[:COUNT]
    assert said_ppi == [int(entry["effective_ppi"] + 0.5) for entry in manifest]


def test_the_size_that_is_said_is_sharp(client: Client, stickers: list[Sticker]) -> None:
    for sticker in stickers:
        size = {**ORDER, "size": str(int(sticker.art_px * 25.4 / 300 + 4))}
        dialog = client.post("/export/", {"sticker": sticker.pk, "preview": "1", **size}).content.decode()
        assert ">Sharp<small" in dialog.replace("\n", "")


def test_a_row_of_an_older_release_goes_by_its_contour(stickers: list[Sticker]) -> None:
    sticker = stickers[0]
    sticker.art_px = 0
    sticker.contour = [[10, 20], [110, 20], [110, 80], [10, 80]]
    assert sticker.longest_px == 101
    sticker.contour = []
    assert sticker.longest_px == max(sticker.width_px, sticker.height_px)

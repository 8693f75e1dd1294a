"""Exports: what the dialog says beforehand, and files of exactly the ordered size."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from PIL import Image

from stickers.models import Sheet
from tests.support.rows import make_generation, make_sheet, make_sticker

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
ORDER = {"size": "30", "unit": "mm", "dpi": "300", "bordered": "on", "border": "2"}


@pytest.fixture
def sheet(designer: User) -> Sheet:
    return make_sheet(designer, generation=make_generation(designer, prompt="cats / dogs", seed=99))


def printed_mm(png: bytes) -> tuple[float, float]:
    """Width and height of the visible part, by the file's own resolution."""
    with Image.open(io.BytesIO(png)) as image:
        dpi = image.info["dpi"][0]
        alpha = np.asarray(image.getchannel("A"))
    rows, columns = (np.flatnonzero((alpha > 127).any(axis=axis)) for axis in (1, 0))
    return (columns[-1] - columns[0] + 1) / dpi * 25.4, (rows[-1] - rows[0] + 1) / dpi * 25.4


def unzipped(response: StreamingHttpResponse | HttpResponse) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:  # type: ignore[union-attr, arg-type]
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_works(client: Client, sheet: Sheet) -> None:
    response = client.post("/export/", {"sheets": sheet.pk, **ORDER})
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == 'attachment; filename="cats-dogs-3x-30mm.zip"'
    files = unzipped(response)
    assert list(files) == ["cats-dogs-01.png", "cats-dogs-02.png", "cats-dogs-03.png", "manifest.json"]
    for name in list(files)[:3]:
        assert max(printed_mm(files[name])) == pytest.approx(30, abs=0.15)
    said = json.loads(files["manifest.json"])
    assert said["files"][0]["recipe"]["seed"] == 99
    assert said["files"][0]["source"]["sheet"] == sheet.pk
    assert said["files"][0]["dpi"] == 300


def test_one_sticker_is_one_png(client: Client, sheet: Sheet) -> None:
    sticker = sheet.stickers.get(number=2)
    order = ORDER | {"size": "2", "unit": "in", "dpi": "600", "border": "0.1"}
    response = client.post("/export/", {"stickers": sticker.pk, **order})
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"] == 'attachment; filename="cats-dogs-02.png"'
    with Image.open(io.BytesIO(response.content)) as image:
        assert round(image.info["dpi"][0]) == 600
    assert max(printed_mm(response.content)) == pytest.approx(50.8, abs=0.15)


def test_across_sheets(client: Client, designer: User, sheet: Sheet) -> None:
    other = make_sheet(designer, stickers=1)
    picked = [sheet.stickers.get(number=1).pk, other.stickers.get().pk]
    response = client.post("/export/", {"sticker": picked, **ORDER})
    assert 'filename="stickers-2x-30mm.zip"' in response["Content-Disposition"]
    assert list(unzipped(response)) == ["cats-dogs-01.png", "cats-in-space-01.png", "manifest.json"]


def test_without_a_border(client: Client, sheet: Sheet) -> None:
    sticker = sheet.stickers.get(number=1)
    order = {name: value for name, value in ORDER.items() if name != "bordered"}
    response = client.post("/export/", {"stickers": sticker.pk, **order})
    with Image.open(io.BytesIO(response.content)) as image:
        colours = np.asarray(image.convert("RGBA"))
    solid = colours[colours[..., 3] == 255][:, :3]
    assert not (solid == 255).all(axis=1).any()  # no white anywhere
    assert max(printed_mm(response.content)) == pytest.approx(30, abs=0.15)


def test_a_title_names_the_file(client: Client, sheet: Sheet) -> None:
    sheet.stickers.filter(number__in=[1, 2]).update(title="../Grumpy: cat?")
    assert list(unzipped(client.post("/export/", {"sheets": sheet.pk, **ORDER})))[:2] == [
        "Grumpy-cat.png",
        "Grumpy-cat-2.png",
    ]


def test_the_page_says_what_to_expect(client: Client, sheet: Sheet) -> None:
    content = client.get(f"/export/?sheets={sheet.pk}&size=50&unit=mm&dpi=300&bordered=on&border=2").content.decode()
    assert "3 PNG files in a ZIP" in content
    assert "Too coarse" in content  # 60 px on 46 mm
    assert "31 ppi" in content  # of the 56 px that are visible
    assert "50.0 × 41.8 mm" in content
    assert "All are sharp up to <strong>8 mm" in content
    assert 'name="csrfmiddlewaretoken"' in content


def test_sizes_fit_the_art_at_first(client: Client, sheet: Sheet) -> None:
    """All stickers have the scale of their sheet, at 200 ppi, in the outlook, the preview and the files."""
    content = client.get(f"/export/?sheets={sheet.pk}").content.decode()
    assert 'name="fit" value="same-scale" checked' in content
    assert "Good" in content
    assert "pixels for this size" not in content
    assert f"/export/preview/{sheet.stickers.get(number=1).pk}/?fit=same-scale&amp;size=50" in content
    answer = client.post("/export/", {"sheets": sheet.pk, **ORDER, "fit": "same-scale"})
    assert 'filename="cats-dogs-3x-11_1mm.zip"' in answer["Content-Disposition"]
    assert max(printed_mm(next(iter(unzipped(answer).values())))) == pytest.approx(11.1, abs=0.15)
    assert 'name="fit" value="same-scale" checked' in client.get(f"/export/?sheets={sheet.pk}").content.decode()


def test_the_largest_sharp_sizes(client: Client, sheet: Sheet) -> None:
    make_sticker(sheet, 4, art_px=500)
    assert "Sticker 4 as it will be printed" in client.get(f"/export/?sheets={sheet.pk}").content.decode()
    answer = client.post("/export/", {"sheets": sheet.pk, **ORDER, "fit": "sharp"})
    assert 'filename="cats-dogs-4x.zip"' in answer["Content-Disposition"]
    said = json.loads(unzipped(answer)["manifest.json"])
    assert [round(max(file["width_mm"], file["height_mm"]), 1) for file in said["files"]] == [8, 8, 8, 46]


def test_the_last_choice_is_remembered(client: Client, sheet: Sheet) -> None:
    client.post("/export/", {"sheets": sheet.pk, **ORDER, "fit": ""})
    assert 'name="fit" value="" checked' in client.get(f"/export/?sheets={sheet.pk}").content.decode()
    session = client.session
    session["export"] = ORDER  # of a release without this choice
    session.save()
    assert 'name="fit" value="same-scale" checked' in client.get(f"/export/?sheets={sheet.pk}").content.decode()


def test_the_dialog(client: Client, sheet: Sheet) -> None:
    content = client.get(f"/export/?sheets={sheet.pk}", headers=HTMX).content
    assert b"<html" not in content
    assert b"data-closes" in content


def test_the_live_outlook(client: Client, sheet: Sheet) -> None:
    said: dict[str, Any] = {"sheets": sheet.pk, **ORDER, "shown": sheet.stickers.get(number=3).pk}
    response = client.post("/export/", said, headers=HTMX | {"HX-Target": "export-outlook"})
    content = response.content.decode()
    assert content.count("hx-swap-oob") == 3
    assert "Sticker 3 as it will be printed" in content
    assert "HX-Target" in response["Vary"]


def test_the_outlook_without_scripts(client: Client, sheet: Sheet) -> None:
    content = client.post("/export/", {"sheets": sheet.pk, **(ORDER | {"size": "41"}), "preview": "1"}).content.decode()
    assert "<html" in content
    assert 'name="size" value="41"' in content
    assert f'name="sheets" value="{sheet.pk}"' in content


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"size": ""}, "Say how large"),
        ({"size": "0"}, "must be above zero"),
        ({"size": "-5"}, "“-5mm” is below zero"),
        ({"size": "-5mm"}, "“-5mm” is below zero"),
        ({"size": "1/0"}, "is not a length"),
        ({"size": "2000"}, "too long"),
        ({"size": "abc"}, "is not a length"),
        ({"size": "3"}, "too small to cut"),
        ({"size": "NaN"}, "is not a length"),
        ({"size": "900", "dpi": "600"}, "more than 70 megapixels"),
        ({"border": "20"}, "no room for the art"),
        ({"border": ""}, "A length is missing"),
        ({"border": "-1"}, "below zero"),
        ({"dpi": "72"}, "72 is not one of the available choices"),
    ],
)
def test_refusals_keep_what_was_typed(client: Client, sheet: Sheet, order: dict[str, str], words: str) -> None:
    response = client.post("/export/", {"sheets": sheet.pk, **(ORDER | order)})
    assert response.status_code == 422
    content = response.content.decode()
    assert words in content
    for name in ("size", "border"):
        assert f'name="{name}" value="{(ORDER | order)[name]}"' in content


def test_a_length_with_its_unit(client: Client, sheet: Sheet) -> None:
    response = client.post(
        "/export/", {"sticker": sheet.stickers.first().pk, **(ORDER | {"size": "3 cm", "unit": "in"})}
    )
    assert response.status_code == 422  # the border's bare 2 means inches now, on 30 mm
    order = ORDER | {"size": "1 1/2", "unit": "in", "border": "1/16"}
    response = client.post("/export/", {"sticker": sheet.stickers.first().pk, **order})
    assert max(printed_mm(response.content)) == pytest.approx(38.1, abs=0.15)
    order = ORDER | {"size": "3 cm", "unit": "in", "border": "2mm"}
    response = client.post("/export/", {"sticker": sheet.stickers.first().pk, **order})
    assert max(printed_mm(response.content)) == pytest.approx(30, abs=0.15)


def test_settings_are_remembered(client: Client, sheet: Sheet) -> None:
    client.post("/export/", {"sheets": sheet.pk, **(ORDER | {"size": "42", "dpi": "600"})})
    content = client.get(f"/export/?sheets={sheet.pk}").content.decode()
    assert 'name="size" value="42"' in content
    assert 'value="600" checked' in content


def test_a_preview(client: Client, sheet: Sheet) -> None:
    response = client.get(f"/export/preview/{sheet.stickers.first().pk}/", ORDER | {"size": "300", "border": "20"})
    assert response["Content-Type"] == "image/png"
    with Image.open(io.BytesIO(response.content)) as image:
        assert max(image.size) < 450


def test_a_preview_of_nonsense(client: Client, sheet: Sheet) -> None:
    assert client.get(f"/export/preview/{sheet.stickers.first().pk}/?size=x").status_code == 404


def test_nothing_chosen(client: Client, designer: User) -> None:
    assert client.get("/export/").status_code == 404
    assert client.post("/export/", ORDER).status_code == 404


def test_a_sheet_without_stickers(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, stickers=0)
    assert "There are no stickers here to export" in client.get(f"/export/?sheets={sheet.pk}").content.decode()
    assert client.post("/export/", {"sheets": sheet.pk, **ORDER}).status_code == 422


def test_deleted_rows(client: Client, sheet: Sheet) -> None:
    gone = sheet.stickers.get(number=1)
    gone.delete_softly()
    assert client.get(f"/export/?stickers={gone.pk}").status_code == 404
    assert len(unzipped(client.post("/export/", {"sheets": sheet.pk, **ORDER}))) == 3
    sheet.delete_softly()
    assert client.get(f"/export/?sheets={sheet.pk}").status_code == 404


def test_foreign_rows(client: Client, sheet: Sheet, other_designer: User) -> None:
    theirs = make_sheet(other_designer)
    assert client.get(f"/export/?sheets={theirs.pk}").status_code == 404
    assert client.get(f"/export/preview/{theirs.stickers.first().pk}/", ORDER).status_code == 404


def test_a_download_asks_first_when_something_is_gone(client: Client, sheet: Sheet) -> None:
    first, gone, last = sheet.stickers.all()
    gone.delete_softly()
    response = client.post("/export/", {"stickers": f"{first.pk},{gone.pk},{last.pk}", **ORDER})
    content = response.content.decode()
    assert "1 of the 3 that were picked is no longer here, so it is left out." in content
    assert f'name="stickers" value="{first.pk},{last.pk}"' in content
    assert 'name="size" value="30"' in content
    assert len(unzipped(client.post("/export/", {"stickers": f"{first.pk},{last.pk}", **ORDER}))) == 3


def test_a_sticker_without_anything_on_it(client: Client, sheet: Sheet) -> None:
    empty = make_sticker(sheet, 4)
    with default_storage.open(empty.file.name, "wb") as file:
        Image.new("RGBA", (60, 50)).save(file, "PNG")
    response = client.post("/export/", {"stickers": empty.pk, **ORDER})
    assert response.status_code == 422
    assert "every pixel is fully transparent" in response.content.decode()
    files = unzipped(client.post("/export/", {"sheets": sheet.pk, **ORDER}))
    assert len(files) == 4  # the other three and the manifest, which says why
    assert "transparent" in json.loads(files["manifest.json"])["refused"][0]["reason"]


def test_a_file_that_is_gone(client: Client, sheet: Sheet) -> None:
    sticker = sheet.stickers.get(number=1)
    default_storage.delete(sticker.file.name)
    response = client.post("/export/", {"stickers": sticker.pk, **ORDER})
    assert response.status_code == 422
    assert "missing or damaged" in response.content.decode()

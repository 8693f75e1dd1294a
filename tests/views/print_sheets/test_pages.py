"""Print sheets in the gallery and their page: made from a selection, opened, drawn, duplicated."""

from __future__ import annotations

import io
import re

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from stickers.models import Nesting, PrintSheet, Sheet
from stickers.prints import desk
from tests.support.print_rows import make_print_sheet
from tests.support.rows import make_sheet, make_sticker

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def sheets(designer: User) -> tuple[Sheet, Sheet]:
    return make_sheet(designer, title="Cats"), make_sheet(designer, stickers=2, title="Dogs")


def test_it_works(client: Client, sheets: tuple[Sheet, Sheet]) -> None:
    """Stickers of two sheets lie on one page."""
    one = sheets[0].stickers.get(number=1)
    asked = client.post("/selection/print/", {"sticker": one.pk, "sheet": sheets[1].pk})
    assert b"Lay out 3 stickers" in asked.content
    response = client.post("/prints/new/", {"stickers": one.pk, "sheets": sheets[1].pk, "into": "new"})
    row = PrintSheet.objects.get()
    assert response["Location"] == f"/prints/{row.pk}/"
    assert {item.page for item in row.items.all()} == {1}
    page = client.get(response["Location"]).content.decode()
    assert page.count('class="p-item') == 3
    assert "All in place" in page
    assert 'viewBox="0 0 210 297"' in page


def test_of_one_sheet_it_is_called_like_it(client: Client, sheets: tuple[Sheet, Sheet]) -> None:
    client.post("/prints/new/", {"sheets": sheets[0].pk})
    assert PrintSheet.objects.get().title == "Cats"


def test_add_to_one_that_is_there(client: Client, sheets: tuple[Sheet, Sheet]) -> None:
    row = make_print_sheet(sheets[0])
    before = list(row.items.values("number", "x_mm", "y_mm"))
    offered = client.get(f"/prints/new/?sheets={sheets[1].pk}&to={row.pk}", headers=HTMX).content.decode()
    assert re.search(rf'value="{row.pk}" checked', offered)
    offered = client.post("/selection/print/", {"sheet": sheets[1].pk, "to": row.pk}, headers=HTMX).content.decode()
    assert re.search(rf'value="{row.pk}" checked', offered)
    client.post("/prints/new/", {"sheets": sheets[1].pk, "into": row.pk})
    assert PrintSheet.objects.count() == 1
    assert row.items.count() == 5
    assert list(row.items.values("number", "x_mm", "y_mm"))[:3] == before
    assert all(row.items.values_list("page", flat=True))


def test_a_new_one_begins_with_the_last_settings(client: Client, sheets: tuple[Sheet, Sheet]) -> None:
    make_print_sheet(sheets[0], page="A5", border_mm=2.5)
    client.post("/prints/new/", {"sheets": sheets[1].pk, "into": "new"})
    row = PrintSheet.objects.latest("pk")
    assert (row.page, row.border_mm) == ("A5", 2.5)


def test_sizes_fit_the_art_at_first(client: Client, sheets: tuple[Sheet, Sheet]) -> None:
    """No sticker has too few pixels, and none is turned."""
    client.post("/prints/new/", {"sheets": sheets[0].pk, "into": "new"})
    row = PrintSheet.objects.get()
    assert set(row.items.values_list("size_mm", "rotation_deg")) == {(11.1, 0)}
    found = client.get(f"/prints/{row.pk}/preflight/").content.decode()
    assert "Ready to print" in found


def test_one_that_is_added_is_as_large_as_the_others(client: Client, sheets: tuple[Sheet, Sheet]) -> None:
    row = make_print_sheet(sheets[0])
    client.post("/prints/new/", {"sheets": sheets[1].pk, "into": row.pk})
    assert set(row.items.values_list("size_mm", flat=True)) == {30}


def test_many_are_placed_by_the_worker(
    client: Client, sheets: tuple[Sheet, Sheet], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "SOON", 2)
    client.post("/prints/new/", {"sheets": sheets[0].pk, "into": "new"})
    row = PrintSheet.objects.get()
    assert set(row.items.values_list("page", flat=True)) == {0}
    assert not Nesting.objects.get().anew
    page = client.get(f"/prints/{row.pk}/").content.decode()
    assert "Arranging 3 stickers" in page
    assert 'hx-trigger="every 1s, look-now"' in page


def blank(sheet: Sheet, number: int, pixels: Image.Image) -> int:
    out = io.BytesIO()
    pixels.save(out, "PNG")
    sticker = make_sticker(sheet, number)
    default_storage.delete(sticker.file.name)
    default_storage.save(sticker.file.name, io.BytesIO(out.getvalue()))
    return sticker.pk


def test_pictures_that_cannot_be_cut_are_left_out_and_said(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, stickers=1)
    empty = blank(sheet, 2, Image.new("RGBA", (40, 40), (0, 0, 0, 0)))
    pixel = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    pixel.putpixel((20, 20), (255, 0, 0, 255))
    single = blank(sheet, 3, pixel)
    whole = blank(sheet, 4, Image.new("RGBA", (40, 40), (0, 90, 200, 255)))  # touches all four edges
    response = client.post("/prints/new/", {"sheets": sheet.pk}, follow=True)
    row = PrintSheet.objects.get()
    said = response.content.decode()
    assert "every pixel is fully transparent" in said
    laid_out = set(row.items.values_list("sticker_id", flat=True))
    assert empty not in laid_out
    assert whole in laid_out
    assert (single in laid_out) or "Sticker 3" in said


def test_nothing_printable_makes_no_print_sheet(client: Client, designer: User) -> None:
    sheet = make_sheet(designer, stickers=0)
    blank(sheet, 1, Image.new("RGBA", (40, 40), (0, 0, 0, 0)))
    response = client.post("/prints/new/", {"sheets": sheet.pk}, follow=True)
    assert "None of these stickers can be printed." in response.content.decode()
    assert not PrintSheet.objects.exists()


@pytest.mark.parametrize("into", ["999999", "nonsense", "-1", "9" * 30])
def test_into_nothing(client: Client, sheets: tuple[Sheet, Sheet], into: str) -> None:
    assert client.post("/prints/new/", {"sheets": sheets[0].pk, "into": into}).status_code == 404


def test_nothing_selected(client: Client, designer: User) -> None:
    assert client.get("/prints/new/").status_code == 404
    assert client.post("/prints/new/").status_code == 404


def test_list(client: Client, sheets: tuple[Sheet, Sheet]) -> None:
    assert "No print sheets yet" in client.get("/prints/").content.decode()
    row = make_print_sheet(sheets[0], title="For the fair")
    page = client.get("/prints/").content.decode()
    assert "For the fair" in page
    assert f"/prints/{row.pk}/thumb/?v=0" in page
    assert "3 stickers · 1 page A4" in page


def test_picture_follows_the_page(client: Client, sheets: tuple[Sheet, Sheet]) -> None:
    row = make_print_sheet(sheets[0])
    answered = client.get(f"/prints/{row.pk}/thumb/")
    first = answered.content
    with Image.open(io.BytesIO(first)) as picture:
        assert picture.size == (362, 512)
    unchanged = client.get(f"/prints/{row.pk}/thumb/", headers={"If-None-Match": answered["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    client.post(f"/prints/{row.pk}/move/", {"number": 1, "x": 100, "y": 200, "rotation": 0, "page": 1})
    asked_again = client.get(f"/prints/{row.pk}/thumb/", headers={"If-None-Match": answered["ETag"]})
    assert asked_again.status_code == 200
    second = asked_again.content
    assert first != second
    row.refresh_from_db()
    assert default_storage.listdir(f"prints/{row.pk}")[1] == [row.picture.name.rpartition("/")[2]]


def test_duplicate(client: Client, sheets: tuple[Sheet, Sheet]) -> None:
    row = make_print_sheet(sheets[0], title="For the fair")
    response = client.post(f"/prints/{row.pk}/duplicate/")
    copy = PrintSheet.objects.latest("pk")
    assert response["Location"] == f"/prints/{copy.pk}/"
    assert copy.title == "For the fair copy"
    assert copy.items.count() == 3


def test_trash_and_back(client: Client, sheets: tuple[Sheet, Sheet]) -> None:
    row = make_print_sheet(sheets[0], title="For the fair")
    client.post(f"/prints/{row.pk}/delete/")
    assert "No print sheets yet" in client.get("/prints/").content.decode()
    assert "For the fair" in client.get("/trash/").content.decode()
    assert "is in the trash" in client.get(f"/prints/{row.pk}/").content.decode()
    assert client.post(f"/prints/{row.pk}/arrange/").status_code == 404
    client.post(f"/prints/{row.pk}/restore/")
    assert PrintSheet.objects.kept().count() == 1


def test_a_page_of_a_profile_that_is_gone(client: Client, sheets: tuple[Sheet, Sheet]) -> None:
    row = make_print_sheet(sheets[0], profile="own-77")
    page = client.get(f"/prints/{row.pk}/").content.decode()
    assert "A profile that is gone" in page

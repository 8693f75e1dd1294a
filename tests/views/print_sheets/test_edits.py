"""Changes on the print page: each is written to the rows. A refused one says why at its field and changes nothing."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from PIL import Image, ImageDraw
from pytest_django import Settings

from stickers.files import storage
from stickers.models import Nesting, PrintSheet
from stickers.printing.artwork import conditions
from stickers.printing.imposition import spyrrow_nesting
from tests.support.print_art import press
from tests.support.print_rows import make_print_sheet
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
SETTINGS = {
    "unit": "mm",
    "page": "4x6in",
    "custom": "",
    "profile": "home",
    "margin": "5",
    "gap": "3",
    "border": "2",
    "bleed": "0",
    "dpi": "300",
    "formats": ["pdf", "zip"],
    "file_name": "",
}


@pytest.fixture
def row(designer: User) -> PrintSheet:
    return make_print_sheet(make_sheet(designer), page="4x6in", margin_mm=5.0)


def item(row: PrintSheet, number: int) -> dict[str, object]:
    return row.items.values("x_mm", "y_mm", "rotation_deg", "page", "locked", "size_mm").get(number=number)


def place(row: PrintSheet, number: int, **changed: object) -> dict[str, object]:
    there = item(row, number)
    said = {"number": number, "x": there["x_mm"], "y": there["y_mm"], "rotation": 0, "page": there["page"]}
    return said | changed


def settings(client: Client, row: PrintSheet, **changed: object) -> tuple[int, str]:
    response = client.post(f"/prints/{row.pk}/settings/", SETTINGS | changed, headers=HTMX)
    return response.status_code, response.content.decode()


def test_it_works(client: Client, row: PrintSheet) -> None:
    response = client.post(f"/prints/{row.pk}/move/", place(row, 1, x=60, y=120), headers=HTMX)
    assert response.status_code == 200
    assert "print-changed" in response["HX-Trigger-After-Settle"]
    assert item(row, 1) | {"x_mm": 60.0, "y_mm": 120.0} == item(row, 1)
    assert 'data-number="1" data-x="60" data-y="120"' in response.content.decode()


def test_a_wrong_place_is_kept_and_said(client: Client, row: PrintSheet) -> None:
    response = client.post(f"/prints/{row.pk}/move/", place(row, 1, x=-3, y=50), headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 200
    assert item(row, 1)["x_mm"] == -3
    assert "1 in a wrong place" in page
    assert "mm into the page" in page
    two = item(row, 2)
    page = client.post(
        f"/prints/{row.pk}/move/", place(row, 1, x=two["x_mm"], y=two["y_mm"]), headers=HTMX
    ).content.decode()
    assert "2 in a wrong place" in page
    assert "it would be cut twice" in page


def test_turn_lock_remove(client: Client, row: PrintSheet) -> None:
    before = item(row, 2)["rotation_deg"]
    client.post(f"/prints/{row.pk}/move/", place(row, 2, do="turn", rotation=before))
    assert item(row, 2)["rotation_deg"] == (float(str(before)) + 90) % 360
    client.post(f"/prints/{row.pk}/move/", place(row, 2, do="lock"))
    assert item(row, 2)["locked"]
    client.post(f"/prints/{row.pk}/move/", place(row, 2, do="unlock"))
    assert not item(row, 2)["locked"]
    client.post(f"/prints/{row.pk}/move/", place(row, 2, do="remove"))
    assert list(row.items.values_list("number", flat=True)) == [1, 3]


def test_places_are_read_in_inches(client: Client, row: PrintSheet) -> None:
    settings(client, row, unit="in")
    client.post(f"/prints/{row.pk}/move/", place(row, 1, x="1.5", y="2"))
    assert (item(row, 1)["x_mm"], item(row, 1)["y_mm"]) == (38.1, 50.8)


@pytest.mark.parametrize(
    "wrong", [{"x": "far"}, {"y": ""}, {"rotation": "round"}, {"page": "0"}, {"page": "51"}, {"x": "2000"}]
)
def test_places_that_are_none(client: Client, row: PrintSheet, wrong: dict[str, str]) -> None:
    before = item(row, 1)
    response = client.post(f"/prints/{row.pk}/move/", place(row, 1, **wrong), headers=HTMX)
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert item(row, 1) == before


def test_a_copy_that_is_gone(client: Client, row: PrintSheet) -> None:
    response = client.post(f"/prints/{row.pk}/move/", place(row, 1) | {"number": 9}, headers=HTMX)
    assert response.status_code == 422
    assert "no longer on this print sheet" in response.content.decode()
    assert client.post(f"/prints/{row.pk}/move/", place(row, 1, do="dance")).status_code == 404


def test_undo_and_redo(client: Client, row: PrintSheet) -> None:
    before = item(row, 1)
    client.post(f"/prints/{row.pk}/move/", place(row, 1, x=60, y=120))
    page = client.post(f"/prints/{row.pk}/step/", {"do": "undo"}, headers=HTMX).content.decode()
    assert item(row, 1) == before
    assert "Redo: Moved a sticker" in page
    client.post(f"/prints/{row.pk}/step/", {"do": "redo"}, headers=HTMX)
    assert item(row, 1)["x_mm"] == 60
    response = client.post(f"/prints/{row.pk}/step/", {"do": "redo"}, headers=HTMX)
    assert response.status_code == 422
    assert "nothing to do again" in response.content.decode()


def test_settings(client: Client, row: PrintSheet) -> None:
    status, page = settings(client, row, page="A5", landscape="on", margin="8", border="2.5", formats=["svg"])
    assert status == 200
    row.refresh_from_db()
    assert (row.page, row.margin_mm, row.border_mm, row.formats) == ("A5 landscape", 8.0, 2.5, ["svg"])
    assert 'viewBox="0 0 210 148"' in page


def test_a_custom_page(client: Client, row: PrintSheet) -> None:
    assert settings(client, row, page="custom", custom="120 x 90")[0] == 200
    row.refresh_from_db()
    assert row.page == "120 x 90mm"


def test_switching_the_unit_changes_no_length(client: Client, row: PrintSheet) -> None:
    _, page = settings(client, row, unit="in")
    row.refresh_from_db()
    assert (row.margin_mm, row.border_mm, row.unit) == (5.0, 2.0, "in")
    assert 'name="margin" value="0.197"' in page
    assert settings(client, row, unit="in", margin="0.197", gap="0.118", border="0.079")[0] == 200
    row.refresh_from_db()
    assert row.margin_mm == pytest.approx(5, abs=0.01)


@pytest.mark.parametrize(
    ("before", "shown", "numbers"),
    [
        ("mm", "in", {"margin": "0.394", "gap": "0.118", "border": "0.079"}),
        ("in", "mm", {"margin": "10", "gap": "3", "border": "2"}),
    ],
)
def test_numbers_of_another_window_keep_their_unit(
    client: Client, row: PrintSheet, before: str, shown: str, numbers: dict[str, str]
) -> None:
    """The form was opened before another window switched the unit."""
    settings(client, row, unit=before)
    assert settings(client, row, unit=shown, shown_in=shown, **numbers)[0] == 200
    row.refresh_from_db()
    assert row.unit == shown
    assert row.margin_mm == pytest.approx(10, abs=0.01)
    assert (row.gap_mm, row.border_mm) == pytest.approx((3, 2), abs=0.01)
    sizes = {f"size-{number}": "1" for number in (1, 2, 3)} | {f"copies-{number}": "1" for number in (1, 2, 3)}
    client.post(f"/prints/{row.pk}/stickers/", sizes | {"shown_in": "in"}, headers=HTMX)
    assert item(row, 1)["size_mm"] == pytest.approx(25.4)
    client.post(f"/prints/{row.pk}/move/", place(row, 1, x="2", y="3", shown_in="in"), headers=HTMX)
    assert (item(row, 1)["x_mm"], item(row, 1)["y_mm"]) == pytest.approx((50.8, 76.2))


def test_a_profile_fills_in_its_numbers(client: Client, row: PrintSheet) -> None:
    settings(client, row, page="A4", profile="silhouette")
    row.refresh_from_db()
    assert (row.margin_mm, row.formats) == (12.0, ["silhouette", "dxf", "svg"])
    assert client.get(f"/prints/{row.pk}/").content.decode().count('class="p-mark"') == 5


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"margin": "80"}, "margin", "leave no room"),
        ({"margin": "-4"}, "margin", "below zero"),
        ({"gap": "200"}, "gap", "from 0 to 100"),
        ({"border": "300"}, "border", "leaves no room for the art"),
        ({"border": "2m"}, "border", "not a unit"),
        ({"bleed": "9"}, "bleed", "from 0 to 3.2"),
        ({"page": "custom", "custom": "3x3mm"}, "custom", "12 mm or more"),
        ({"page": "custom", "custom": "2000x3000mm"}, "custom", "too long"),
        ({"page": "custom", "custom": "a napkin"}, "custom", "no page known"),
        ({"formats": []}, "formats", "at least one"),
        ({"profile": "own-99"}, "profile", "Select a valid choice"),
        ({"pack_emoji": "cat"}, "pack_emoji", "no words"),
    ],
)
def test_settings_that_cannot_be(
    client: Client, row: PrintSheet, changed: dict[str, object], field: str, words: str
) -> None:
    before = PrintSheet.objects.values().get(pk=row.pk)
    status, page = settings(client, row, **changed)
    assert status == 422
    said = page.partition(f'id="print-error-{field}"')[2]
    assert words in said.partition("</p>")[0]
    assert PrintSheet.objects.values().get(pk=row.pk) == before


def test_a_sticker_as_its_press_prints_it(client: Client, row: PrintSheet, tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "Labels.icc").write_bytes(press().icc)
    settings.STUDIO_ICC, settings.STUDIO_CMYK = tmp_path, "Labels"
    page = client.get(f"/prints/{row.pk}/").content.decode()
    assert f'data-proof="/prints/{row.pk}/proof/1/?v=' in page
    assert 'data-press="Labels"' in page
    assert "Artifex CMYK SWOP Profile" in page
    for query in ("", "?lost=1"):
        response = client.get(f"/prints/{row.pk}/proof/1/{query}")
        assert response["Content-Type"] == "image/png"
        assert Image.open(io.BytesIO(response.content)).mode == "RGBA"


def test_without_a_press_there_is_no_proof(client: Client, row: PrintSheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditions, "SYSTEM_FOLDERS", ())
    page = client.get(f"/prints/{row.pk}/").content.decode()
    assert "data-proof" not in page
    assert "No CMYK profile of a press is installed here" in page
    assert client.get(f"/prints/{row.pk}/proof/1/").status_code == 404


def test_pdf_x_without_a_press_is_refused_in_words(
    client: Client, row: PrintSheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conditions, "SYSTEM_FOLDERS", ())
    status, page = settings(client, row, formats=["pdf", "pdfx"])
    assert status == 422
    assert "No CMYK profile of a press is installed here" in page
    assert PrintSheet.objects.get(pk=row.pk).formats == row.formats


def test_a_shop_that_takes_pdf_x_can_be_chosen_without_a_press(
    client: Client, row: PrintSheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conditions, "SYSTEM_FOLDERS", ())
    assert settings(client, row, profile="stickerapp")[0] == 200
    assert PrintSheet.objects.get(pk=row.pk).formats == ["pdf", "png", "svg", "zip"]


def test_the_cover_and_the_words_of_a_pack(client: Client, row: PrintSheet) -> None:
    chosen = row.items.get(number=2).sticker_id
    status, page = settings(client, row, cover=chosen, pack_author="Ada", pack_emoji="🐱🚀", formats=["whatsapp"])
    assert status == 200
    row.refresh_from_db()
    assert (row.cover, row.pack_author, row.pack_emoji) == (chosen, "Ada", "🐱🚀")
    assert f'<option value="{chosen}" selected>' in page
    settings(client, row, cover="99999999", formats=["whatsapp"])
    row.refresh_from_db()
    assert row.cover == chosen  # not a sticker of this print sheet


def test_sizes_and_copies(client: Client, row: PrintSheet) -> None:
    said = {"size-1": "40", "copies-1": "2", "size-2": "30", "copies-2": "1", "size-3": "30", "copies-3": "0"}
    assert client.post(f"/prints/{row.pk}/stickers/", said, headers=HTMX).status_code == 200
    assert sorted(row.items.values_list("size_mm", flat=True)) == [30, 40, 40]
    assert all(row.items.values_list("page", flat=True))


def test_all_to_one_size(client: Client, row: PrintSheet) -> None:
    said = {f"{name}-{key}": value for key in "123" for name, value in (("size", "30"), ("copies", "1"))}
    client.post(f"/prints/{row.pk}/stickers/", said | {"all_sizes": "1in"}, headers=HTMX)
    assert set(row.items.values_list("size_mm", flat=True)) == {25.4}


def test_sizes_that_fit_the_art(client: Client, row: PrintSheet) -> None:
    """56 pixels have 200 ppi at 11.1 mm and 300 at 8 mm, border included. The button of these sizes looks pressed."""
    for fit, size_mm in (("same-scale", 11.1), ("sharp", 8)):
        page = client.post(f"/prints/{row.pk}/fit/", {"fit": fit}, headers=HTMX).content.decode()
        assert set(row.items.values_list("size_mm", flat=True)) == {size_mm}
        assert f'value="{fit}" aria-pressed="true"' in page
        assert page.count('aria-pressed="true" title') == 1
    client.post(f"/prints/{row.pk}/step/", {"do": "undo"})
    client.post(f"/prints/{row.pk}/step/", {"do": "undo"})
    assert set(row.items.values_list("size_mm", flat=True)) == {30}
    assert client.post(f"/prints/{row.pk}/fit/", {"fit": "huge"}).status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("size-1", "0", "above zero"),
        ("size-1", "-5", "below zero"),
        ("size-1", "2000", "too long"),
        ("size-1", "3", "too small to cut"),
        ("size-1", "", "Say how large"),
        ("copies-1", "500", "1 to 200"),
        ("copies-1", "many", "whole number"),
        ("all_sizes", "4", "too small to cut"),
    ],
)
def test_sizes_and_copies_that_cannot_be(client: Client, row: PrintSheet, field: str, value: str, words: str) -> None:
    said = {f"{name}-{key}": number for key in "123" for name, number in (("size", "30"), ("copies", "1"))}
    response = client.post(f"/prints/{row.pk}/stickers/", said | {field: value}, headers=HTMX)
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page
    assert page.count('class="field-error" role="alert"') + page.count('class="field-error" id="print-error') >= 1
    assert set(row.items.values_list("size_mm", flat=True)) == {30}


def test_a_large_sticker_on_a_small_page_is_said(client: Client, row: PrintSheet) -> None:
    said = {f"{name}-{key}": number for key in "123" for name, number in (("size", "30"), ("copies", "1"))}
    page = client.post(f"/prints/{row.pk}/stickers/", said | {"size-1": "400"}, headers=HTMX).content.decode()
    assert "1 found no room" in page


def test_arrange_again(client: Client, row: PrintSheet) -> None:
    before = item(row, 1)
    client.post(f"/prints/{row.pk}/move/", place(row, 1, x=60, y=120))
    client.post(f"/prints/{row.pk}/arrange/")
    assert item(row, 1) == before


def test_tighter_is_the_workers(client: Client, row: PrintSheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spyrrow_nesting, "spyrrow", object())
    page = client.post(f"/prints/{row.pk}/arrange/", {"tighter": "30"}, headers=HTMX).content.decode()
    assert Nesting.objects.get().seconds == 30
    assert "Nesting tighter, for 30 seconds at most" in page
    client.post(f"/prints/{row.pk}/arrange/", {"tighter": "30"}, headers=HTMX)
    assert Nesting.objects.count() == 1


def test_tighter_that_cannot_be(client: Client, row: PrintSheet, monkeypatch: pytest.MonkeyPatch) -> None:
    for engine, seconds, words in ((None, "30", "optional package"), (object(), "9000", "one of the times")):
        monkeypatch.setattr(spyrrow_nesting, "spyrrow", engine)
        response = client.post(f"/prints/{row.pk}/arrange/", {"tighter": seconds}, headers=HTMX)
        assert response.status_code == 422
        assert words in response.content.decode()
    assert not Nesting.objects.exists()


def test_preflight_and_fix(client: Client, row: PrintSheet) -> None:
    lights = client.get(f"/prints/{row.pk}/preflight/", headers=HTMX).content.decode()
    assert " ppi: " in lights
    assert 'name="rule" value="ppi"' in lights
    assert "Explain" in lights
    response = client.post(f"/prints/{row.pk}/fix/", {"rule": "ppi", "number": 1}, headers=HTMX)
    assert response.status_code == 200
    assert item(row, 1)["size_mm"] != 30
    client.post(f"/prints/{row.pk}/step/", {"do": "undo"})
    assert item(row, 1)["size_mm"] == 30


def test_the_verdict_stands_above_the_pages_too(client: Client, row: PrintSheet) -> None:
    page = client.get(f"/prints/{row.pk}/").content.decode()
    tools = page.partition('class="print-tools"')[2].partition("print-inspector")[0]
    assert "badge-ok" not in tools, "nothing is green before the preflight has looked"
    found = client.get(f"/prints/{row.pk}/preflight/", headers=HTMX).content.decode()
    verdict = found.partition('id="print-verdict"')[2]
    assert 'hx-swap-oob="true"' in verdict
    assert "3 to fix" in verdict or "to look at" in verdict
    assert "print-verdict" not in client.get(f"/prints/{row.pk}/preflight/").content.decode()


def test_a_layout_by_hand_that_lies_wrong_is_explained(client: Client, row: PrintSheet) -> None:
    place = {"number": "1", "do": "place", "x": "30", "y": "30", "rotation": "0", "page": "1"}
    client.post(f"/prints/{row.pk}/move/", place, headers=HTMX)
    page = client.post(f"/prints/{row.pk}/move/", place | {"number": "2"}, headers=HTMX).content.decode()
    assert "the studio moves none of them by itself" in page
    assert "moves none of them" not in client.post(f"/prints/{row.pk}/arrange/", headers=HTMX).content.decode()


def test_fix_what_is_no_longer_wrong(client: Client, row: PrintSheet) -> None:
    response = client.post(f"/prints/{row.pk}/fix/", {"rule": "halo", "number": 1}, headers=HTMX)
    assert response.status_code == 422


def test_without_scripts(client: Client, row: PrintSheet) -> None:
    assert client.post(f"/prints/{row.pk}/move/", place(row, 1, x=60)).status_code == 302
    response = client.post(f"/prints/{row.pk}/settings/", SETTINGS | {"margin": "80"})
    assert response.status_code == 422
    assert "<html" in response.content.decode()


def test_holes_are_cut_out_if_asked(client: Client, designer: User) -> None:
    """A ring of 50 mm has a second cut line inside if its hole is kept, on the page and in the files."""
    sheet = make_sheet(designer, stickers=1)
    ring = Image.new("RGBA", (120, 120), (255, 255, 255, 0))
    ImageDraw.Draw(ring).ellipse((4, 4, 115, 115), outline="#e4572e", width=18)
    out = io.BytesIO()
    ring.save(out, "PNG")
    sticker = sheet.stickers.get()
    sticker.file.name = storage.put(storage.sticker("ring", 1, out.getvalue()), out.getvalue())
    sticker.save()
    row = make_print_sheet(sheet, page="4x6in", margin_mm=5.0, size_mm=50.0)

    def loops(page: str) -> int:
        lines = re.findall(r'<path id="s0" d="([^"]*)"', page)
        return sum(line.count("Z") for line in lines)

    status, page = settings(client, row)
    assert (status, loops(page)) == (200, 1)
    status, page = settings(client, row, keep_holes="on")
    assert (status, loops(page)) == (200, 2)
    row.refresh_from_db()
    assert row.keep_holes
    client.post(f"/prints/{row.pk}/step/", {"do": "undo"})
    row.refresh_from_db()
    assert not row.keep_holes


def form(page: str, name: str) -> dict[str, str]:
    """What a form of the page says that it shows."""
    found = re.search(rf'id="print-{name}".*?name="was" value="([^"]*)"', page, re.DOTALL)
    assert found is not None
    return {"was": html.unescape(found[1])}


def test_two_windows_change_different_fields(client: Client, row: PrintSheet) -> None:
    """Findings of a designer: a stale tab wiped the other's copies, and two quick changes lost one."""
    page = client.get(f"/prints/{row.pk}/").content.decode()
    said = {f"{name}-{key}": number for key in "123" for name, number in (("size", "30"), ("copies", "1"))}
    stickers, settings_too = said | form(page, "stickers"), SETTINGS | form(page, "settings")
    address = f"/prints/{row.pk}/stickers/"
    assert client.post(address, stickers | {"copies-1": "4"}, headers=HTMX).status_code == 200
    assert client.post(address, stickers | {"copies-2": "2"}, headers=HTMX).status_code == 200
    assert row.items.filter(sticker=row.items.get(number=1).sticker).count() == 4
    assert row.items.count() == 7
    assert client.post(f"/prints/{row.pk}/settings/", settings_too | {"gap": "5"}, headers=HTMX).status_code == 200
    assert client.post(f"/prints/{row.pk}/settings/", settings_too | {"margin": "6"}, headers=HTMX).status_code == 200
    row.refresh_from_db()
    assert (row.gap_mm, row.margin_mm, row.items.count()) == (5.0, 6.0, 7)


def test_two_windows_change_the_same_field(client: Client, row: PrintSheet) -> None:
    page = client.get(f"/prints/{row.pk}/").content.decode()
    said = {f"{name}-{key}": number for key in "123" for name, number in (("size", "30"), ("copies", "1"))}
    address = f"/prints/{row.pk}/stickers/"
    client.post(address, said | form(page, "stickers") | {"copies-1": "4"}, headers=HTMX)
    mine = said | {"copies-1": "2"}
    told = client.post(address, mine | form(page, "stickers"), headers=HTMX)
    assert told.status_code == 409
    content = told.content.decode()
    assert "Another window has made it “4” meanwhile." in content
    assert "take what is there" in content
    assert row.items.count() == 6
    assert client.post(address, mine | form(content, "stickers"), headers=HTMX).status_code == 200  # put on top
    assert row.items.count() == 4


def test_a_sticker_that_was_edited_since_is_named_and_nothing_moves(client: Client, row: PrintSheet) -> None:
    before = list(row.items.values())
    sticker = row.items.get(number=2).sticker
    other = storage.put("generations/1/0/stickers/other.png", storage.get(sticker.file.name or ""))
    type(sticker).objects.filter(pk=sticker.pk).update(file=other, title="Moon & co")
    page = client.get(f"/prints/{row.pk}/").content.decode()
    assert "1 sticker was edited since it was laid out: Moon &amp; co." in page
    assert list(row.items.values()) == before
    settings(client, row, gap="2")  # another change takes nothing over
    assert "edited since" in client.get(f"/prints/{row.pk}/").content.decode()
    assert client.post(f"/prints/{row.pk}/newest/", headers=HTMX).status_code == 200
    assert "edited since" not in client.get(f"/prints/{row.pk}/").content.decode()
    assert row.items.get(number=2).art == other
    client.post(f"/prints/{row.pk}/step/", {"do": "undo"})
    assert "edited since" in client.get(f"/prints/{row.pk}/").content.decode()
    client.post(f"/prints/{row.pk}/arrange/", headers=HTMX)
    assert "edited since" not in client.get(f"/prints/{row.pk}/").content.decode()

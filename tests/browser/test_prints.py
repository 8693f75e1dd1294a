"""A print sheet in a real browser: picked from two sheets, moved by keyboard and by drag, exported, opened again."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from stickers.accounts.current_user import the_designer
from stickers.models import Export, PrintSheet
from tests.support.print_art import press
from tests.support.print_rows import make_print_sheet
from tests.support.rows import make_sheet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATIENCE_MS = 60_000  # for a busy machine


def downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as waiting:
        page.locator("#print-export-state").get_by_role("link", name=re.compile(re.escape(name))).click()
    return Path(waiting.value.path()).read_bytes()


def test_from_two_sheets_to_files(page: Page, live_server: LiveServer, worker: None) -> None:
    designer = the_designer()
    cats, dogs = make_sheet(designer, title="Cats"), make_sheet(designer, title="Dogs")
    picked = [cats.stickers.get(number=1), dogs.stickers.get(number=2), dogs.stickers.get(number=3)]
    page.goto(f"{live_server.url}/gallery/stickers/")
    for sticker in picked:
        page.locator(f"[data-row=sticker-{sticker.pk}] [data-mark]").check(force=True)
    page.get_by_role("button", name="Lay out…").click()
    page.get_by_role("button", name="Lay out 3 stickers").click()
    expect(page.locator(".p-item")).to_have_count(3, timeout=PATIENCE_MS)
    expect(page.get_by_text("All in place")).to_be_visible()
    row = PrintSheet.objects.get()
    page.wait_for_load_state()  # keys work once the page's scripts are there

    # At first the sizes fit the art. 60 pixels on 50 mm are too few, and one button makes them fit again.
    verdict = page.locator("#print-verdict")
    expect(verdict).to_contain_text("Ready to print", timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Same scale")).to_have_attribute("aria-pressed", "true")
    page.locator("#print-all-sizes").fill("50")
    page.locator("#print-all-sizes").press("Enter")
    expect(verdict).to_contain_text("3 to fix", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Largest sharp size").click()
    expect(verdict).to_contain_text("Ready to print", timeout=PATIENCE_MS)
    assert set(row.items.values_list("size_mm", flat=True)) == {8}
    page.locator("#print-undo").click()

    # By keyboard into the margin: the page objects at once. Then undo.
    first = row.items.get(number=1)
    page.locator("#item-1").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.get_by_text("1 in a wrong place").first).to_be_visible(timeout=PATIENCE_MS)
    moved = row.items.get(number=1)
    assert (moved.x_mm, moved.y_mm) == pytest.approx((first.x_mm - 20, first.y_mm + 1))
    expect(page.locator("#item-1")).to_be_focused()
    expect(page.locator("#print-inspector")).to_have_class(re.compile("is-open"))
    page.keyboard.press("Control+z")
    expect(page.get_by_text("All in place")).to_be_visible(timeout=PATIENCE_MS)
    expect(verdict).to_contain_text("3 to fix", timeout=PATIENCE_MS)
    expect(page.locator(".print-tools .badge-ok")).to_have_count(0)
    page.keyboard.press("Control+Shift+Z")
    expect(page.get_by_text("1 in a wrong place").first).to_be_visible(timeout=PATIENCE_MS)
    page.keyboard.press("Control+z")
    expect(page.get_by_text("All in place")).to_be_visible(timeout=PATIENCE_MS)

    # By drag to a free place, locked there, and turned.
    item = page.locator("#item-3 .p-border")
    item.scroll_into_view_if_needed()
    box = item.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 5, middle[1] + 80, steps=4)
    page.mouse.up()
    before = row.items.get(number=3).y_mm
    expect(page.locator("#print-undo")).to_have_attribute("title", re.compile("Moved"), timeout=PATIENCE_MS)
    assert row.items.get(number=3).y_mm > before - 1
    page.keyboard.press("l")
    expect(page.locator("#item-3.is-locked")).to_have_count(1, timeout=PATIENCE_MS)
    page.keyboard.press("ArrowDown")
    expect(page.locator("#print-said")).to_contain_text("locked")

    # The preflight checks every sticker.
    expect(page.locator(".preflight-light").first).to_be_visible(timeout=PATIENCE_MS)

    page.locator("#print-export").click()
    expect(page.get_by_text("Ready", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("#print-export-state")).to_be_in_viewport()  # beside the button, where the designer looks
    with pikepdf.open(io.BytesIO(downloaded(page, ".pdf"))) as document:
        assert len(document.pages) == 1
    with zipfile.ZipFile(io.BytesIO(downloaded(page, ".zip"))) as folder:
        assert "manifest.json" in folder.namelist()
    assert Export.objects.get().state == "done"

    page.goto(f"{live_server.url}/prints/")
    page.locator("[data-cell-link]").click()
    expect(page.locator(".p-item")).to_have_count(3)
    expect(page.locator("#item-3.is-locked")).to_have_count(1)
    expect(page.get_by_text("Ready", exact=True)).to_be_visible()


def test_the_button_says_that_it_lays_out(page: Page, live_server: LiveServer) -> None:
    """For many stickers it takes seconds. The button can be pressed only once, and says what it does."""
    sheet = make_sheet(the_designer(), stickers=3)
    page.goto(f"{live_server.url}/prints/new/?sheets={sheet.pk}")
    page.route("**/prints/new/", lambda _: None)  # an answer that never comes
    said = page.evaluate(
        "new Promise((tell) => { const button = document.getElementById('print-begin'); button.click();"
        " setTimeout(() => tell([button.textContent.trim(), button.disabled]), 100); })"
    )
    assert said == ["Laying out 3 stickers …", True]
    page.unroute_all(behavior="ignoreErrors")


def test_quick_changes_are_all_kept_and_the_panel_stays(page: Page, live_server: LiveServer) -> None:
    row = make_print_sheet(make_sheet(the_designer(), stickers=2))
    page.goto(f"{live_server.url}/prints/{row.pk}/")
    page.locator("#print-page").select_option(label="Letter")
    page.locator("#print-profile").select_option("stickerapp")  # while the first one is under way
    expect(page.locator(".print-caption").first).to_contain_text("215.9", timeout=PATIENCE_MS)
    expect(page.locator("#print-profile")).to_have_value("stickerapp")
    expect(page.locator(".htmx-request")).to_have_count(0, timeout=PATIENCE_MS)
    row.refresh_from_db()
    assert (row.page.split()[0], row.profile) == ("Letter", "stickerapp")

    size = page.locator("#print-stickers input[name^=size]").last
    size.scroll_into_view_if_needed()
    size.fill("0")
    size.press("Tab")
    expect(page.get_by_text("prints nothing")).to_be_in_viewport(timeout=PATIENCE_MS)


def test_colours_as_printed(page: Page, live_server: LiveServer, tmp_path: Path, settings: Settings) -> None:
    """The pictures are exchanged, stay so after a change of the page, and come back."""
    (tmp_path / "Labels.icc").write_bytes(press().icc)
    settings.STUDIO_ICC, settings.STUDIO_CMYK = tmp_path, "Labels"
    row = make_print_sheet(make_sheet(the_designer()))
    page.goto(f"{live_server.url}/prints/{row.pk}/")
    picture = page.locator("#item-1 image")
    plain = picture.get_attribute("href") or ""
    box = {name: page.get_by_label(name) for name in ("Print colours", "Lost colours")}
    with page.expect_response(re.compile(rf"/prints/{row.pk}/proof/1/\?v=\d+$")) as proof:
        box["Print colours"].check(force=True)
    assert proof.value.ok
    with page.expect_response(re.compile(r"&lost=1$")) as lost:
        box["Lost colours"].check(force=True)
    assert lost.value.ok
    page.locator("#print-gap").fill("4")
    page.locator("#print-gap").press("Enter")
    expect(page.locator("#print-undo")).to_be_enabled(timeout=PATIENCE_MS)
    expect(picture).to_have_attribute("href", re.compile(r"&lost=1$"))
    for one in box.values():
        one.uncheck(force=True)
    expect(picture).to_have_attribute("href", plain)

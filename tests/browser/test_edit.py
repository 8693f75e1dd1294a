"""The cut editor in a real browser, over the real server: mouse, touch, keyboard alone, two tabs, and a reload."""

from __future__ import annotations

import gzip
import io
import re
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from stickers.accounts.current_user import the_designer
from stickers.models import Sheet, Sticker
from tests.support.jobs import cut

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIDE_PX: Final = 400
MOST_CODE_BYTES: Final = 45 * 1024  # compressed, for the scripts that only the editor loads
# The discs on the sheet by their centres: two alone, and two that touch, which the knife parts.
LEFT, RIGHT, UPPER, LOWER = (90, 90), (300, 90), (200, 240), (200, 318)


def drawn() -> bytes:
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), (250, 205, 215))
    pen = ImageDraw.Draw(image)
    for (x, y), colour in ((LEFT, "#3c5aa0"), (RIGHT, "#2e7d4f"), (UPPER, "#8963ba"), (LOWER, "#8963ba")):
        pen.ellipse((x - 40, y - 40, x + 40, y + 40), fill=colour)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def owner(transactional_db: None) -> User:
    return the_designer()


@pytest.fixture
def sheet(owner: User) -> Sheet:
    """Three stickers in reading order: the left disc, the right disc, and the two below that touch."""
    sheet = Sheet.objects.import_picture(
        owner_pk=owner.pk,
        data=drawn(),
        picture_format="PNG",
        width_px=SIDE_PX,
        height_px=SIDE_PX,
        source_name="discs.png",
    )
    assert cut(sheet)
    assert sheet.stickers.count() == 3
    return sheet


def opened(page: Page, server: LiveServer, sheet: Sheet, query: str = "") -> Locator:
    """The editor's stage, once its stickers are there."""
    page.goto(f"{server.url}/sheets/{sheet.pk}/edit/{query}")
    expect(page.locator("#edit.is-ready")).to_be_visible()
    return page.locator("#edit-stage")


def on_screen(page: Page, point: tuple[float, float]) -> tuple[float, float]:
    """Where a point of the sheet is shown in the window."""
    x, y = page.evaluate(
        """([x, y]) => {
            const matrix = document.getElementById("edit-stage").getScreenCTM();
            const at = new DOMPoint(x, y).matrixTransform(matrix);
            return [at.x, at.y];
        }""",
        list(point),
    )
    return x, y


def click(page: Page, point: tuple[float, float]) -> None:
    page.mouse.click(*on_screen(page, point))


def drag(page: Page, *path: tuple[float, float]) -> None:
    page.mouse.move(*on_screen(page, path[0]))
    page.mouse.down()
    for point in path[1:]:
        page.mouse.move(*on_screen(page, point), steps=6)
    page.mouse.up()


def rows(page: Page) -> Locator:
    return page.locator("#edit-list > li")


def shown_pixels(page: Page) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    """The picked cut-out as the page shows it: RGBA, transparent where alpha is 0."""
    expect(page.locator("#edit-cutout")).to_have_js_property("complete", True)
    width, height, values = page.evaluate(
        """() => {
            const picture = document.getElementById("edit-cutout");
            const canvas = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight);
            const pen = canvas.getContext("2d");
            pen.drawImage(picture, 0, 0);
            return [canvas.width, canvas.height, [...pen.getImageData(0, 0, canvas.width, canvas.height).data]];
        }"""
    )
    return np.array(values, np.uint8).reshape(height, width, 4)


def same_pixels(one: np.ndarray, other: np.ndarray) -> bool:  # type: ignore[type-arg]
    """Whether two RGBA pictures look the same. A canvas rounds the colours of half-transparent pixels by a little."""
    if one.shape != other.shape or not np.array_equal(one[..., 3], other[..., 3]):
        return False
    solid = one[..., 3] == 255
    return np.array_equal(one[solid], other[solid])


def test_merge_split_brush_and_undo(page: Page, live_server: LiveServer, sheet: Sheet) -> None:
    opened(page, live_server, sheet)
    kept = {sticker.number: sticker.pk for sticker in sheet.stickers.all()}
    said, state = page.locator("#edit-said"), page.locator("#edit-state")
    expect(rows(page)).to_have_count(3)

    click(page, LEFT)
    expect(page.locator("#edit-number")).to_have_text("1")
    page.keyboard.press("m")
    click(page, RIGHT)
    expect(rows(page)).to_have_count(2)
    expect(said).to_contain_text("2 stickers now")
    page.keyboard.press("Control+z")
    expect(rows(page)).to_have_count(3)
    expect(said).to_contain_text("Undone")
    assert {sticker.number: sticker.pk for sticker in sheet.stickers.kept()} == kept

    page.keyboard.press("k")
    drag(page, (130, 279), (270, 279))
    expect(rows(page)).to_have_count(4)
    expect(state).to_have_text("All saved")

    page.keyboard.press("v")
    click(page, RIGHT)
    before = page.locator("#edit-cutout").get_attribute("src")
    page.keyboard.press("e")
    drag(page, (300, 50), (300, 70), (300, 90))
    expect(page.locator("#edit-cutout")).not_to_have_attribute("src", before or "")
    mended = Sticker.objects.get(pk=kept[2])
    with page.expect_download() as download:
        page.locator("#edit-download").click()
    with Image.open(download.value.path()) as file, mended.file.open() as stored:
        exported = np.asarray(file)
        assert np.array_equal(exported, np.asarray(Image.open(stored)))
    assert same_pixels(shown_pixels(page), exported)
    assert exported[..., 3].min() == 0


def test_pixels_are_exported_as_they_are_shown(page: Page, live_server: LiveServer, sheet: Sheet) -> None:
    """The export dialog of the sheet's page makes its PNG from the file that the editor showed."""
    opened(page, live_server, sheet)
    click(page, LEFT)
    page.keyboard.press("e")
    drag(page, (50, 90), (80, 90))
    expect(page.locator("#edit-undo")).to_be_enabled()
    shown = shown_pixels(page)
    page.goto(f"{live_server.url}/sheets/{sheet.pk}/")
    with page.expect_download() as download:
        page.locator(".tile").first.locator("summary").click()
        page.locator(".tile").first.get_by_role("link", name="Download PNG").click()
    with Image.open(download.value.path()) as file:
        assert same_pixels(shown, np.asarray(file))


def test_cutting_again_keeps_edits(page: Page, live_server: LiveServer, worker: None, sheet: Sheet) -> None:
    opened(page, live_server, sheet)
    click(page, LEFT)
    page.keyboard.press("Delete")
    expect(rows(page)).to_have_count(2)
    page.keyboard.press("k")
    drag(page, (130, 279), (270, 279))
    expect(rows(page)).to_have_count(3)
    page.locator("#recut > summary").click()
    page.locator("[data-twin=tolerance]").press("ArrowLeft")
    expect(page.locator("#edit-foreseen")).to_have_text("3 stickers with these settings")  # what the engine finds
    expect(page.locator("#edit-preview")).to_have_attribute("d", re.compile("^M.*Z$"))
    assert sheet.stickers.kept().count() == 3
    expect(page.get_by_label("Keep them")).to_be_checked()
    page.locator("#recut").get_by_role("button", name="Cut again").click()
    expect(page.locator("#edit-cutting")).to_be_visible()
    expect(page.locator("#edit-cutting")).to_be_hidden()
    expect(page.locator("#edit-preview")).to_have_attribute("d", "")
    expect(rows(page)).to_have_count(3)
    page.locator("#edit-undo").click()
    expect(rows(page)).to_have_count(3)
    expect(page.locator("#edit-redo")).to_be_enabled()


def test_undo_is_kept_over_a_reload(page: Page, live_server: LiveServer, sheet: Sheet) -> None:
    opened(page, live_server, sheet)
    click(page, LEFT)
    page.keyboard.press("Delete")
    expect(rows(page)).to_have_count(2)
    expect(page.locator("#edit-removed-box")).to_be_visible()
    page.keyboard.press("k")
    page.mouse.move(*on_screen(page, (130, 279)))
    page.mouse.down()  # a reload in the midst of a line loses the line, and nothing else
    page.mouse.move(*on_screen(page, (200, 279)))
    page.reload()
    expect(page.locator("#edit.is-ready")).to_be_visible()
    expect(rows(page)).to_have_count(2)
    page.locator("#edit-undo").click()
    expect(rows(page)).to_have_count(3)
    expect(page.locator("#edit-undo")).to_be_disabled()
    page.locator("#edit-redo").click()
    expect(rows(page)).to_have_count(2)
    page.locator("#edit-removed-box summary").click()
    page.locator("#edit-removed-list button").click()
    expect(rows(page)).to_have_count(3)


def test_two_tabs(page: Page, live_server: LiveServer, sheet: Sheet) -> None:
    opened(page, live_server, sheet)
    other = page.context.new_page()
    opened(other, live_server, sheet)
    click(other, LEFT)
    other.keyboard.press("Delete")
    expect(rows(other)).to_have_count(2)

    dialog, state = page.locator("#edit-stale"), page.locator("#edit-state")
    click(page, RIGHT)
    page.keyboard.press("Delete")
    expect(dialog).to_be_visible()
    expect(state).to_have_text("Not saved")
    dialog.get_by_role("button", name="Look first").click()
    expect(rows(page)).to_have_count(2)  # theirs, without mine
    page.get_by_role("button", name="Decide…").click()
    dialog.get_by_role("button", name="Put mine on top").click()
    expect(rows(page)).to_have_count(1)
    expect(state).to_have_text("All saved")
    assert sheet.stickers.kept().count() == 1

    click(other, UPPER)
    other.keyboard.press("Delete")
    expect(other.locator("#edit-stale")).to_be_visible()
    other.get_by_role("button", name="Take theirs").click()
    expect(rows(other)).to_have_count(1)
    assert sheet.stickers.kept().count() == 1
    other.close()


def test_by_keyboard_alone(page: Page, live_server: LiveServer, sheet: Sheet) -> None:
    stage = opened(page, live_server, sheet)
    said = page.locator("#edit-said")
    stage.focus()
    page.keyboard.press("k")
    # From the middle of the sheet to the left of the waist, one pixel at a time where it matters.
    page.keyboard.press("ArrowRight")
    x, y = crosshair(page)
    walk(page, x, y, (130, 279))
    page.keyboard.press("Enter")
    walk(page, 130, 279, (270, 279))
    page.keyboard.press("Enter")
    expect(page.locator("#edit-finish")).to_be_visible()
    page.keyboard.press("Enter")  # on the same point: the line ends
    expect(rows(page)).to_have_count(4)
    expect(said).to_contain_text("4 stickers now")
    page.keyboard.press("v")
    walk(page, 270, 279, (300, 90))
    expect(said).to_contain_text("Sticker 2")
    page.keyboard.press("Enter")
    page.keyboard.press("r")
    page.keyboard.type("Green")
    page.keyboard.press("Enter")
    expect(rows(page).nth(1)).to_contain_text("Green")
    expect(stage).to_be_focused()
    rows(page).nth(1).locator(".edit-row-main").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(rows(page).first).to_contain_text("Green")
    expect(rows(page).first.locator(".edit-row-main")).to_be_focused()
    page.keyboard.press("Delete")
    expect(rows(page)).to_have_count(3)
    page.keyboard.press("Control+z")
    expect(rows(page).first).to_contain_text("Green")
    page.keyboard.press("?")
    expect(page.get_by_text("Move the crosshair")).to_be_visible()


def crosshair(page: Page) -> tuple[int, int]:
    found = re.findall(r"-?\d+", page.locator("#edit-crosshair").get_attribute("transform") or "")
    return int(found[0]), int(found[1])


def walk(page: Page, x: int, y: int, to: tuple[int, int]) -> None:
    """Move the crosshair from a point to another by arrows with Ctrl: one pixel of the sheet each."""
    dx, dy = to[0] - x, to[1] - y
    for key, steps in (("ArrowRight", dx), ("ArrowLeft", -dx), ("ArrowDown", dy), ("ArrowUp", -dy)):
        for _ in range(steps):
            page.keyboard.press(f"Control+{key}")
    assert crosshair(page) == to


def test_by_touch_on_a_phone(browser: Browser, live_server: LiveServer, sheet: Sheet) -> None:
    with browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        opened(page, live_server, sheet)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.touchscreen.tap(*on_screen(page, LEFT))
        expect(page.locator("#edit-number")).to_have_text("1")
        before = page.locator("#edit-zoom").inner_text()
        pinch(page, LEFT)
        expect(page.locator("#edit-zoom")).not_to_have_text(before)
        page.get_by_role("button", name="Fit the sheet").tap()
        expect(page.locator("#edit-zoom")).to_have_text(before)
        page.locator("[data-tool=knife]").tap()
        page.touchscreen.tap(*on_screen(page, (130, 279)))
        page.touchscreen.tap(*on_screen(page, (270, 279)))
        page.get_by_role("button", name="Done").tap()
        expect(rows(page)).to_have_count(4)
        page.locator("#edit-undo").tap()
        expect(rows(page)).to_have_count(3)
        found = Axe().run(page, options={"preload": False}).response["violations"]
        assert not [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]


def pinch(page: Page, around: tuple[float, float]) -> None:
    """Two fingers that go apart."""
    x, y = on_screen(page, around)
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x - 20, "y": y}]})
    for apart in (20, 30, 45, 60):
        fingers = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        kind = "touchStart" if apart == 20 else "touchMove"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_wheel_and_keys_zoom_and_a_drag_pans(page: Page, live_server: LiveServer, sheet: Sheet) -> None:
    opened(page, live_server, sheet)
    zoom = page.locator("#edit-zoom")
    place = on_screen(page, LEFT)
    page.mouse.move(*place)
    page.mouse.wheel(0, -240)
    expect(zoom).not_to_have_text("100 %")
    assert on_screen(page, LEFT) == pytest.approx(place, abs=1)  # what is under the pointer stays there
    drag(page, LEFT, (120, 110))
    assert on_screen(page, LEFT) != pytest.approx(place, abs=5)
    page.keyboard.press("1")
    expect(zoom).to_have_text("100 %")
    page.keyboard.press("+")
    expect(zoom).to_have_text("125 %")


def test_refusals_are_said_and_change_nothing(page: Page, live_server: LiveServer, sheet: Sheet) -> None:
    opened(page, live_server, sheet)
    page.keyboard.press("k")
    drag(page, (10, 180), (60, 180))
    expect(page.locator("#edit-said")).to_have_text("The line crosses no sticker.")
    page.keyboard.press("s")
    click(page, (20, 380))  # there is nothing but ground
    expect(page.locator(".toast-bad .toast-text")).to_be_visible()
    expect(rows(page)).to_have_count(3)
    expect(page.locator("#edit-undo")).to_be_disabled()


def test_an_edit_that_cannot_be_saved_is_kept(page: Page, live_server: LiveServer, sheet: Sheet) -> None:
    opened(page, live_server, sheet)
    page.context.set_offline(True)
    click(page, LEFT)
    page.keyboard.press("Delete")
    expect(page.locator("#edit-unsaved")).to_contain_text("cannot be reached")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(rows(page)).to_have_count(2)
    expect(page.locator("#edit-unsaved")).to_be_hidden()


def test_doubt_leads_to_the_editor(page: Page, live_server: LiveServer, sheet: Sheet) -> None:
    doubtful = sheet.stickers.get(number=3)
    sheet.stickers.filter(pk=doubtful.pk).update(reason="may be two stickers", confidence=0.4)
    page.goto(f"{live_server.url}/sheets/{sheet.pk}/")
    page.get_by_role("link", name="Mend the cut").click()
    expect(page.locator("#edit-number")).to_have_text("3")
    expect(page.locator("#edit-doubt")).to_contain_text("May be two stickers")
    expect(page.locator("#edit-doubt")).to_contain_text("knife")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("#edit-number")).to_have_text("3")


def test_the_editors_own_code_is_small() -> None:
    """Scripts that only the editor loads, each compressed by itself as a server does."""
    folder = Path(str(finders.find("js/edit.js"))).parent
    scripts = sorted(folder.glob("edit*.js"))
    assert len(scripts) > 8
    assert sum(len(gzip.compress(script.read_bytes())) for script in scripts) < MOST_CODE_BYTES

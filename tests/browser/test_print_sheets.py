"""Gallery, sheet page and export in a real browser: what only scripts do, and that the content policy allows it."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from stickers.accounts.current_user import the_designer
from stickers.models import Segmentation, Sheet, State, Sticker, WorkState
from stickers.views import gallery
from tests.support.rows import make_generation, make_sheet, make_sticker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def owner(transactional_db: None) -> User:
    return the_designer()


@pytest.fixture
def sheets(owner: User) -> list[Sheet]:
    return [make_sheet(owner, title=f"Sheet number {number}") for number in range(1, 6)]


def marks(page: Page) -> int:
    return page.locator("[data-mark]:checked").count()


def test_select_delete_and_undo(page: Page, live_server: LiveServer, sheets: list[Sheet]) -> None:
    page.goto(f"{live_server.url}/gallery/")
    cells = page.locator("[data-cell]")
    page.keyboard.press("ArrowRight")  # to the first picture
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    expect(page.locator("#selection-count")).to_have_text("1 selected")
    cells.nth(3).locator("[data-cell-link]").click(modifiers=["Shift"])
    expect(page.locator("#selection-count")).to_have_text("3 selected")
    cells.nth(2).locator("[data-cell-link]").click(modifiers=["Control"])
    expect(page.locator("#selection-count")).to_have_text("2 selected")
    page.keyboard.press("Delete")
    expect(page.locator(".toast-text")).to_have_text("2 items moved to the trash.")
    expect(page.locator("[data-cell]:visible")).to_have_count(3)
    expect(page.locator(".results-count")).to_have_text("3 sheets")
    assert Sheet.objects.kept().count() == 3
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-cell]:visible")).to_have_count(5)
    expect(page.locator("[data-cell-link]:focus")).to_have_count(1)
    expect(page.locator(".results-count")).to_have_text("5 sheets")
    assert Sheet.objects.kept().count() == 5
    page.keyboard.press("Control+a")
    assert marks(page) == 5
    page.keyboard.press("Escape")
    assert marks(page) == 0


def test_starring_moves_nothing(page: Page, live_server: LiveServer, sheets: list[Sheet]) -> None:
    page.set_viewport_size({"width": 400, "height": 500})
    page.goto(f"{live_server.url}/gallery/")
    page.locator("[data-cell-link]").last.focus()
    before = page.evaluate("scrollY")
    assert before > 0
    page.keyboard.press(".")
    expect(page.locator("[data-star]").last).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("scrollY") == before
    assert Sheet.objects.get(starred=True) == sheets[0]


def test_filters_and_older_pages_are_in_the_address(
    page: Page, live_server: LiveServer, sheets: list[Sheet], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "SHEETS_PER_PAGE", 2)
    page.goto(f"{live_server.url}/gallery/")
    page.get_by_role("link", name="Show older").click()
    expect(page.locator("[data-cell]")).to_have_count(4)
    expect(page).to_have_url(re.compile(rf"before={sheets[3].pk}$"))
    page.keyboard.press("/")
    page.keyboard.type("number 2")
    expect(page.locator("[data-cell]")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=number\+2|q=number%202"))
    page.go_back()
    expect(page.locator("[data-cell]")).to_have_count(2)


def test_the_sheet_page(page: Page, live_server: LiveServer, sheets: list[Sheet]) -> None:
    page.goto(f"{live_server.url}/sheets/{sheets[0].pk}/")
    first = sheets[0].stickers.get(number=1)
    page.locator(f".tile[data-row=sticker-{first.pk}]").hover()
    expect(page.locator(f".outline[data-row=sticker-{first.pk}]")).to_have_class(re.compile("is-lit"))
    page.locator(f"#title-sticker-{first.pk}").fill("Grumpy")
    page.keyboard.press("Enter")
    expect(page.locator(".title-saved")).to_be_visible()
    first.refresh_from_db()
    assert first.title == "Grumpy"
    page.locator(".tile [data-cell-link]").first.click()
    expect(page.locator("#lightbox-title")).to_have_text("Grumpy")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#lightbox-title")).to_have_text("Sticker 2")
    page.keyboard.press("Escape")
    expect(page.locator(".tile [data-cell-link]").nth(1)).to_be_focused()
    page.keyboard.press("Delete")
    expect(page.locator(".tile:visible")).to_have_count(2)
    expect(page.locator(".outline:visible")).to_have_count(2)
    expect(page.locator(".tile [data-cell-link]").nth(2)).to_be_focused()


def test_counts_follow_the_trash(page: Page, live_server: LiveServer, owner: User) -> None:
    sheet = make_sheet(owner, stickers=2)
    sheet.stickers.filter(number=1).update(reason="may be two stickers", confidence=0.4)
    page.goto(f"{live_server.url}/sheets/{sheet.pk}/")
    heading, doubtful = page.locator("#stickers-title"), page.locator(".legend")
    expect(doubtful).to_have_text("1 to check")
    page.locator(".tile [data-cell-link]").first.focus()
    page.keyboard.press("Delete")
    expect(heading).to_have_text("1 sticker")
    expect(doubtful).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(heading).to_have_text("2 stickers")
    expect(doubtful).to_have_text("1 to check")
    expect(doubtful).to_be_visible()


def test_undo_by_keyboard(page: Page, live_server: LiveServer, sheets: list[Sheet]) -> None:
    page.goto(f"{live_server.url}/sheets/{sheets[0].pk}/")
    tiles, messages = page.locator(".tile:visible"), page.locator(".toast-text")
    for left in (2, 1):
        page.locator(".tile [data-cell-link]:visible").first.focus()
        page.keyboard.press("Delete")
        expect(tiles).to_have_count(left)
        page.locator(".toast").last.dispatch_event("pointerenter")  # it stays, however slow the machine is
    page.locator(".title-input").first.focus()
    page.keyboard.press("Control+z")  # this belongs to the field
    expect(messages).to_have_count(2)
    page.locator("[data-mark]:visible").focus()
    page.keyboard.press("Control+z")
    expect(messages).to_have_text("“Sticker 1” moved to the trash.")
    expect(page.locator(".tile-number:visible")).to_have_text(["2", "3"])
    page.keyboard.press("Meta+z")
    expect(tiles).to_have_count(3)
    assert sheets[0].stickers.kept().count() == 3
    page.locator(".tile [data-cell-link]").first.focus()
    page.keyboard.press("?")
    expect(page.get_by_text("Undo, while a message offers it")).to_be_visible()


def test_stickers_appear_when_the_sheet_is_cut(page: Page, live_server: LiveServer, owner: User) -> None:
    sheet = make_sheet(owner, stickers=0, state=WorkState.QUEUED)
    page.goto(f"{live_server.url}/sheets/{sheet.pk}/")
    expect(page.get_by_role("heading", name="Cutting…")).to_be_visible()
    make_sticker(sheet, 1)
    Segmentation.objects.filter(pk=sheet.pk).update(state=WorkState.DONE, next_at=None)
    expect(page.locator(".tile")).to_have_count(1)
    expect(page.locator("#cut[hx-trigger]")).to_have_count(0)
    expect(page.locator("#lay-out")).to_be_visible()
    page.keyboard.press("e")
    expect(page.locator("#export-dialog .export-list li")).to_have_count(1)


def test_the_tolerance_is_a_slider_and_a_number(page: Page, live_server: LiveServer, sheets: list[Sheet]) -> None:
    page.goto(f"{live_server.url}/sheets/{sheets[0].pk}/")
    page.click("#recut > summary")
    box, slider = page.get_by_role("spinbutton", name="Background tolerance"), page.locator("[data-twin=tolerance]")
    expect(box).to_have_value("0.5")
    slider.press("ArrowRight")
    expect(box).to_have_value("0.55")
    box.fill("0.2")
    expect(slider).to_have_js_property("value", "0.2")
    page.locator("#recut").get_by_role("button", name="Cut again").click()
    expect(page.get_by_role("heading", name="Cutting…")).to_be_visible()
    sheets[0].refresh_from_db()
    assert sheets[0].segmentation.options == {"tolerance": 0.2}


@pytest.mark.parametrize("path", ["/", "/sheets/{}/"])
def test_a_hidden_tab_does_not_poll(page: Page, live_server: LiveServer, owner: User, path: str) -> None:
    sheet = make_sheet(owner, stickers=0, state=WorkState.QUEUED)
    make_generation(owner, state=State.CREATED)
    looks: list[str] = []
    page.on("request", lambda request: looks.append(request.url) if request.headers.get("hx-request") else None)
    page.clock.install()
    page.goto(live_server.url + path.format(sheet.pk))
    with page.expect_request(lambda request: "hx-request" in request.headers):
        page.clock.run_for(2_500)
    show(page, hidden=True)
    before = len(looks)
    page.clock.run_for(20_000)
    assert len(looks) == before
    with page.expect_request(lambda request: "hx-request" in request.headers):
        show(page, hidden=False)


def show(page: Page, *, hidden: bool) -> None:
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_export_a_selection(page: Page, live_server: LiveServer, sheets: list[Sheet]) -> None:
    page.goto(f"{live_server.url}/gallery/stickers/")
    for number in (0, 4):
        page.locator("[data-mark]").nth(number).check(force=True)
    page.locator("#selection").get_by_role("button", name="Export").click()
    dialog = page.locator("#export-dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator(".export-list li")).to_have_count(2)
    expect(dialog.get_by_label("Same scale")).to_be_checked()
    expect(dialog.locator("figcaption strong")).to_have_text("11.1 × 9.9 mm")
    page.locator("#export-size").fill("3")
    expect(dialog.get_by_label("One size")).to_be_checked()
    expect(page.locator("#error-size")).to_contain_text("too small to cut")
    dialog.get_by_role("button", name="30 mm").click()
    expect(dialog.locator("figcaption strong")).to_have_text("30.0 × 25.4 mm")
    expect(page.locator("#error-size")).to_be_hidden()
    dialog.locator("[name=unit][value=in]").check(force=True)
    expect(page.locator("#export-size")).to_have_value("1.181")
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download ZIP").click()
    archive = zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert len(archive.namelist()) == 3
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_export_by_keyboard(page: Page, live_server: LiveServer, sheets: list[Sheet]) -> None:
    page.goto(f"{live_server.url}/sheets/{sheets[0].pk}/")
    dialog = page.locator("#export-dialog")
    page.keyboard.press("e")
    expect(dialog.locator(".export-list li")).to_have_count(3)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    expect(page.locator("#selection-count")).to_have_text("1 selected")
    page.keyboard.press("e")  # now of the selected one
    expect(dialog.locator(".export-count")).to_have_text("One PNG")
    expect(page.locator("#export-size")).to_be_focused()
    page.keyboard.type("42")
    expect(dialog.locator("figcaption strong")).to_have_text(re.compile(r"^42\.0 × "))
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".png")
    page.goto(f"{live_server.url}/export/?sheets={sheets[0].pk}")  # the same form as a page
    page.locator("#export-size").focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".zip")


@pytest.mark.parametrize("width", [345, 320])  # 345: a window of 360 with a scrollbar
def test_narrow_windows_show_all_of_the_bar(page: Page, live_server: LiveServer, owner: User, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    for path in ("/", "/gallery/", "/trash/"):
        page.goto(live_server.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".topnav").evaluate("bar => bar.clientWidth - bar.scrollWidth") == 0


def test_without_scripts(browser: Browser, live_server: LiveServer, sheets: list[Sheet]) -> None:
    with browser.new_context(java_script_enabled=False, accept_downloads=True) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/gallery/?q=number+1")
        page.locator("[data-mark]").check(force=True)
        page.locator("#selection").get_by_role("button", name="Star").click()
        assert page.url.endswith("/gallery/?q=number+1")
        assert Sheet.objects.get(starred=True) == sheets[0]
        page.locator("[data-cell-link]").click()
        page.locator(".title-input").nth(1).fill("By hand")
        page.get_by_role("button", name="Save").nth(1).click()
        assert Sticker.objects.get(title="By hand").number == 1
        page.locator("#export-all").click()
        page.get_by_label("One size").check(force=True)
        page.locator("#export-size").fill("25")
        page.get_by_role("button", name="Update the preview").click()
        assert "csrf" not in page.url
        expect(page.locator("figcaption strong")).to_have_text("25.0 × 21.3 mm")
        with page.expect_download() as download:
            page.get_by_role("button", name="Download ZIP").click()
        assert download.value.suggested_filename == "Sheet-number-1-3x-25mm.zip"

"""The gallery in a real browser: what is picked travels in short form, and the page hears what became of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from stickers.accounts.current_user import the_designer
from stickers.models import Sheet
from tests.support.rows import make_sheet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sheets(transactional_db: None) -> list[Sheet]:
    return [make_sheet(the_designer()) for _ in range(3)]


def test_a_selection_travels_in_short_form(page: Page, live_server: LiveServer, sheets: list[Sheet]) -> None:
    page.goto(f"{live_server.url}/gallery/")
    page.keyboard.press("Control+a")
    ids = "%2C".join(str(sheet.pk) for sheet in reversed(sheets))
    with page.expect_request("**/selection/star/") as starred:
        page.locator("#selection").get_by_role("button", name="Star").click()
    assert f"&sheets={ids}" in (starred.value.post_data or "")
    expect(page.locator("[data-cell] [aria-pressed=true]")).to_have_count(3)
    with page.expect_request("**/selection/export/") as asked:
        page.locator("[data-export-selected]").click()
    assert f"&sheets={ids}" in (asked.value.post_data or "")
    assert "sheet=" not in (asked.value.post_data or "")
    page.fill("#export-size", "33")
    expect(page.locator("#export-outlook")).to_contain_text("33.0")
    page.locator("#export-outlook [name=shown]").nth(4).check(force=True)
    expect(page.locator(".export-preview img")).to_have_attribute("alt", re.compile("^Sticker 2 as"))


def test_what_went_to_the_trash_comes_back(page: Page, live_server: LiveServer, sheets: list[Sheet]) -> None:
    page.goto(f"{live_server.url}/gallery/")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(page.locator("[data-cell]:visible")).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text("3 items moved to the trash.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-cell]:visible")).to_have_count(3)

"""axe finds nothing on any page, wide and narrow, light and dark. Every page has one heading of the first level."""

from __future__ import annotations

from typing import Final, Literal
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from stickers.models import Generation
from tests.support.addresses import (
    EVERY,
    NAMED_OTHERWISE,
    WITH_ACCOUNTS,
    SeenBy,
    Studio,
    entry,
    filled,
    furnish,
    path_of,
)
from tests.support.rows import make_sheet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The rules of WCAG 2.2, levels A and AA, targets of 24 pixels included, and what axe calls best practice.
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


EXPECTED_PAGES: Final = 29


def pages(studio: Studio) -> dict[str, bool]:
    """Every address that answers with a page, and whether one has to be signed in for it."""
    found = {"/nothing/": True}
    owner, nobody = Client(), Client()
    owner.force_login(studio.owner)
    for address in EVERY:
        if address.name.startswith("admin:"):
            continue
        is_private = entry(address).seen_by is not SeenBy.ANYONE
        otherwise = [data for name, method, data in NAMED_OTHERWISE if (name, method) == (address.name, "get")]
        for data in [entry(address).get, *otherwise]:
            path = f"{path_of(address, studio)}?{urlencode(filled(data, studio))}".rstrip("?")
            response = (owner if is_private else nobody).get(path)
            is_page = response.get("Content-Type", "").startswith("text/html") and not response.streaming
            if is_page and b"</html>" in response.content:
                found[path] = is_private
            response.close()
    return found


# Targets under 24 × 24 pixels. A label is part of its control's target. Exempt are links within a text, as in WCAG.
SMALL_TARGETS: Final = """() => {
  const targets = "a[href], button, input, select, textarea, summary, [role=button]";
  const isShown = (each) => each.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const isAlone = (each) => each.parentElement.textContent.trim() === each.textContent.trim();
  const isInText = (each) => each.matches("a") && getComputedStyle(each).display === "inline" && !isAlone(each);
  const sizeOf = (each) => {
    const boxes = [each, ...(each.labels ?? [])].map((one) => one.getBoundingClientRect());
    return Math.min(Math.max(...boxes.map(({ width }) => width)), Math.max(...boxes.map(({ height }) => height)));
  };
  return [...document.querySelectorAll(targets)]
    .filter((each) => isShown(each) && !each.closest(".p-item") && !isInText(each) && sizeOf(each) < 23.5)
    .map((each) => `small target, ${sizeOf(each)} px: ${each.outerHTML.slice(0, 160)}`);
}"""
# Of menus only the last one is opened: in use there is never more than one open.
UNFOLD: Final = """() => {
  for (const each of document.querySelectorAll("details:not(.menu)")) each.open = true;
  for (const each of [...document.querySelectorAll("details.menu")].slice(-1)) each.open = true;
}"""


def faults(page: Page) -> list[str]:
    """What axe says against the page as it is now, and each element in question."""
    found = Axe().run(page, options={"runOnly": RULES, "preload": False}).response["violations"]
    said = [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]
    said += page.evaluate(SMALL_TARGETS)
    headings = page.locator("h1").count()
    return said if headings == 1 else [*said, f"{headings} headings of the first level"]


@pytest.mark.thorough
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_fault(
    browser: Browser, live_server: LiveServer, settings: Settings, width: int, scheme: Literal["light", "dark"]
) -> None:
    settings.STUDIO_ACCOUNTS = settings.STUDIO_OWN_KEYS = True
    settings.ROOT_URLCONF = WITH_ACCOUNTS.__name__
    studio = furnish()
    User.objects.filter(pk=studio.owner.pk).update(is_staff=True)
    make_sheet(studio.owner, starred=True)
    make_sheet(studio.owner).delete_softly()
    Generation.objects.update(submitted_at=timezone.now())  # so that the ledger has them
    shown = pages(studio)
    assert len(shown) >= EXPECTED_PAGES
    client = Client()
    client.force_login(studio.owner)
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    found: list[str] = []
    with browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        for is_private in (False, True):
            if is_private:
                context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
            for path in (path for path, private in shown.items() if private is is_private):
                page.goto(live_server.url + path, wait_until="networkidle")
                found += [f"{path} {fault}" for fault in faults(page)]
                page.evaluate(UNFOLD)
                found += [f"{path} unfolded: {fault}" for fault in faults(page)]
                if path == "/":
                    page.keyboard.press("?")
                    found += [f"{path} shortcuts: {fault}" for fault in faults(page)]
    assert not found, "\n".join(found)

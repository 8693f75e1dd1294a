"""Pictures and folders in a real browser: looked at first, sent one by one, and each is told its fate."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import FilePayload, Page, Request, Route, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from stickers.accounts.current_user import the_designer
from stickers.models import Sheet
from tests.support.rows import picture_bytes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hints")]


@pytest.fixture(autouse=True)
def owner(transactional_db: None) -> User:
    return the_designer()


def picture(name: str, data: bytes | None = None) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": picture_bytes() if data is None else data}


def drop(page: Page, *paths: Path) -> None:
    """What a file manager does: the browser itself is handed the names of files and folders."""
    tools = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        tools.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 400, "data": data})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures, two folders deep, among what else lies in folders."""
    folder = tmp_path / "my sheets"
    (folder / "old" / "older").mkdir(parents=True)
    for name in ("a.png", "b.png", "old/c.png", "old/older/d.png"):
        (folder / name).write_bytes(picture_bytes())
    (folder / ".DS_Store").write_bytes(b"of a system")
    (folder / "notes.txt").write_text("no picture")
    return folder


def test_a_dropped_picture(page: Page, live_server: LiveServer, tmp_path: Path) -> None:
    (tmp_path / "own.png").write_bytes(picture_bytes())
    page.goto(f"{live_server.url}/gallery/", wait_until="networkidle")
    drop(page, tmp_path / "own.png")
    page.wait_for_url(re.compile(r"/sheets/\d+/$"))
    assert Sheet.objects.get().source_name == "own.png"


def test_a_dropped_folder(page: Page, live_server: LiveServer, folder: Path) -> None:
    page.goto(live_server.url, wait_until="networkidle")
    drop(page, folder)
    expect(page.locator("#import-dialog [data-summary]")).to_have_text("4 taken in · 1 left out")
    expect(page.locator(".file-list li")).to_have_count(5)
    expect(page.locator(".file-list li.is-wrong")).to_have_text(
        re.compile(r"notes\.txt\s*not a PNG, JPEG, WebP or AVIF")
    )
    expect(page.locator(".file-list .is-taken")).to_have_count(4)
    assert {sheet.source_name for sheet in Sheet.objects.all()} == {"a.png", "b.png", "c.png", "d.png"}
    page.get_by_role("link", name="To the gallery").click()
    expect(page.locator("[data-cell]")).to_have_count(4)


def test_more_than_a_request_may_bring(page: Page, live_server: LiveServer, tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(104):
        (many / f"{number}.png").write_bytes(picture_bytes((64, 64)))
    page.goto(live_server.url, wait_until="networkidle")
    drop(page, many)
    page.wait_for_url(f"{live_server.url}/gallery/", timeout=90_000)
    assert [sheet.source_name for sheet in Sheet.objects.order_by("pk")] == [f"{number}.png" for number in range(104)]


def test_more_than_a_drop_may_bring(page: Page, live_server: LiveServer, tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(501):
        (many / f"{number}.png").write_bytes(picture_bytes((64, 64)))
    posted: list[Request] = []
    page.goto(live_server.url, wait_until="networkidle")
    page.on("request", lambda request: posted.append(request) if request.method == "POST" else None)
    drop(page, many)
    words = "These are 501 pictures; at most 500 can be imported at once. Nothing was sent."
    expect(page.locator("#import-dialog [data-errors]")).to_have_text(words)
    assert posted == []


@pytest.mark.parametrize("path", ["/login/", "/import/", "/gallery/", "/trash/"])
def test_nothing_that_is_dropped_leaves_the_studio(
    page: Page, live_server: LiveServer, settings: Settings, tmp_path: Path, path: str
) -> None:
    settings.STUDIO_ACCOUNTS = path == "/login/"
    (tmp_path / "page.html").write_text("<h1>Elsewhere</h1>")
    (tmp_path / "empty").mkdir()
    page.goto(live_server.url + path, wait_until="networkidle")
    drop(page, tmp_path / "empty")
    if path != "/login/":
        expect(page.locator("[data-errors]")).to_have_text("There is no picture in it.")
    drop(page, tmp_path / "page.html")
    if path == "/login/":
        page.fill("#id_username", "still here")
    else:
        expect(page.locator(".file-list li")).to_have_text(re.compile(r"page\.html\s*not a PNG, JPEG, WebP or AVIF"))
    assert page.url == live_server.url + path


def test_chosen_files_wait_for_the_button(page: Page, live_server: LiveServer, settings: Settings) -> None:
    settings.IMPORT_MAX_BYTES = 2 * 2**20
    page.goto(f"{live_server.url}/import/")
    expect(page.locator("#import-button")).to_be_disabled()
    files = [picture("own.png"), picture("second.png"), picture("notes.png", b"no picture"), picture("none.png", b"")]
    cut_off = picture("cut-off.png", picture_bytes()[:300])
    page.set_input_files("#files", [*files, picture("huge.png", bytes(3 * 2**20)), cut_off])
    rows = page.locator(".file-list li")
    expect(rows).to_have_count(6)
    wrong = page.locator(".file-list li.is-wrong .file-fate")
    expect(wrong).to_have_text(["not a PNG, JPEG, WebP or AVIF", "empty", "3.0 MB: too large"])
    expect(rows.first).to_contain_text(re.compile(r"[1-9]\d* KB"))
    expect(page.locator("[data-summary]")).to_have_text("3 ready to be sent · 3 left out")
    assert not Sheet.objects.exists()
    page.click("#import-button")
    expect(page.locator("[data-summary]")).to_have_text("2 taken in · 4 left out")
    expect(rows.nth(5)).to_have_class("is-wrong")
    expect(rows.nth(5).locator(".file-fate")).to_contain_text("cut-off.png")  # in the server's words
    assert page.url == f"{live_server.url}/import/"


def test_a_full_disk_and_another_try(page: Page, live_server: LiveServer) -> None:
    sent: list[str] = []

    def second_fails(route: Route) -> None:
        sent.append(route.request.method)
        if len(sent) == 2:
            route.fulfill(status=507)
        else:
            route.continue_()

    page.goto(f"{live_server.url}/import/")
    page.route("**/import/", second_fails)
    page.set_input_files("#files", [picture(f"{number}.png") for number in range(4)])
    page.click("#import-button")
    expect(page.locator("[data-summary]")).to_have_text("1 taken in · 3 not sent")
    expect(page.locator(".is-wrong .file-fate")).to_have_text(["The studio's disk is full.", "not sent", "not sent"])
    page.get_by_role("button", name="Send the other 3 again").click()
    page.wait_for_url(f"{live_server.url}/gallery/")
    assert sorted(sheet.source_name for sheet in Sheet.objects.all()) == ["0.png", "1.png", "2.png", "3.png"]


def test_stop(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/import/")
    page.route("**/import/", lambda _: None)  # an answer that never comes
    page.set_input_files("#files", [picture("a.png"), picture("b.png")])
    page.click("#import-button")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("[data-summary]")).to_have_text("2 not sent")
    expect(page.get_by_role("button", name="Send the other 2 again")).to_be_enabled()

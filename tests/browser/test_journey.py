"""The main job in a real browser, over real processes: from a prompt to print-ready PNGs on disk."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.running_studio import RunningStudio, begun

pytestmark = pytest.mark.browser

MM_PER_INCH = 25.4


def test_from_a_prompt_to_print_ready_files(page: Page, tables: Path, tmp_path: Path) -> None:
    with RunningStudio(begun(tmp_path / "studio", tables)) as studio:
        page.set_default_timeout(60_000)
        page.goto(studio.url)
        expect(page.locator("body")).to_contain_text("stand-in")

        # Form -> card: the button is free at once, and the card says how far the order is.
        page.fill("#prompt", "happy forest animals and mushrooms")
        page.fill("#seed", "4711")
        page.click("#generate")
        card = page.locator(".order-card")
        expect(card).to_have_count(1)
        expect(page).to_have_title(re.compile(r"^\(1\) "))
        expect(page.locator(".order-card[data-state=done]")).to_be_visible(timeout=60_000)
        expect(card).to_contain_text("4711")

        # Card -> sheet: numbered outlines over it, one sticker beside it for each.
        card.locator("a:has(img)").first.click()
        expect(page).to_have_url(re.compile(r"/sheets/\d+/$"))
        page.wait_for_load_state()  # the address changes before the last tile is there
        count = page.locator(".tile").count()
        assert count >= 8
        expect(page.locator(".outline")).to_have_count(count)
        expect(page.locator(".stage-picture")).to_have_js_property("naturalWidth", 1024)
        expect(page.locator(".tile img").first).not_to_have_js_property("naturalWidth", 0)

        # Sheet -> ZIP of PNGs at the ordered millimetres.
        page.click("#export-all")
        page.fill("#export-size", "40")
        expect(page.locator("#export-outlook")).to_contain_text("40.0")
        with page.expect_download() as download:
            page.get_by_role("button", name=re.compile("Download ZIP")).click()
        with zipfile.ZipFile(download.value.path()) as archive:
            assert archive.testzip() is None
            listed = json.loads(archive.read("manifest.json"))
            assert len(listed["files"]) == count
            assert listed["refused"] == []
            for file in listed["files"]:
                with Image.open(io.BytesIO(archive.read(file["file"]))) as image:
                    assert image.mode == "RGBA"
                    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
                    left, top, right, bottom = image.getchannel("A").getbbox() or (0, 0, 0, 0)
                    assert max(right - left, bottom - top) / 300 * MM_PER_INCH == pytest.approx(40, abs=0.15)
                assert file["recipe"]["seed"] == 4711

        # The gallery has it, too.
        page.keyboard.press("Escape")
        page.goto(f"{studio.url}/gallery/")
        expect(page.locator("main img")).to_have_count(1)

"""Part of the bench: the default journey from a prompt over a print sheet to a PDF, with no setting touched.

`python -m tests.bench.default_path SHEETS` orders so many sheets, lays each one out, reads what the preflight says of
its stickers, and exports it. A sticker is red if the preflight finds something at it that has to be fixed.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import httpx

from tests.bench.rig import say
from tests.support.running_studio import RunningStudio, until

PROMPTS: Final = (
    *("happy forest animals and mushrooms", "kawaii space cats and rockets", "food with faces", "ocean friends"),
    *("flowers and bees", "robots at work", "a day at the beach", "vegetables", "autumn leaves and owls"),
    *("music and instruments", "dinosaurs with hats", "winter cabin and foxes"),
)
WAIT_SECONDS: Final = 600  # for a machine that does other things, too
_STICKER_LIGHT: Final = re.compile(r'class="preflight-light is-(\w+)">\s*<span class="preflight-who"><img')
_PAGES_LIGHT: Final = re.compile(r'class="preflight-light is-(\w+)">\s*<span class="preflight-who"><span')
_FILE: Final = re.compile(r'href="(/print-files/\d+/)" download title="[^"]*\.pdf"')


def journeys(studio: RunningStudio, browser: httpx.Client, sheets: int) -> Counter[str]:
    """What became of `sheets` orders: stickers by their light, `sheets`, and `ready` for those with nothing to look at.

    Raises RuntimeError if something refuses, and TimeoutError.
    """
    browser.timeout = httpx.Timeout(WAIT_SECONDS)
    for number in range(sheets):
        form = {"prompt": PROMPTS[number % len(PROMPTS)], "seed": str(100 + number), "add_trigger": "on"}
        _found(browser.post("/", data=form))

    def cut() -> list[int]:
        rows = studio.rows("SELECT sheet_id FROM stickers_segmentation WHERE state = 'done' ORDER BY sheet_id")
        return [pk for (pk,) in rows]

    until(lambda: len(cut()) == sheets, seconds=WAIT_SECONDS, what="the sheets")
    counted: Counter[str] = Counter(sheets=sheets)
    for pk in cut():
        page = _found(browser.post("/prints/new/", data={"sheets": pk, "into": "new"})).headers["location"]
        until(lambda page=page: "Arranging" not in browser.get(page).text, seconds=WAIT_SECONDS, what="the nesting")
        stickers = browser.get(page).text.count('class="p-item')
        said = browser.get(f"{page}preflight/").text
        lights = _STICKER_LIGHT.findall(said)
        counted.update(lights, fine=stickers - len(lights), stickers=stickers, ready="Ready to print" in said)
        counted["pages in red"] += "error" in _PAGES_LIGHT.findall(said)
        _found(browser.post(f"{page}export/"))
        until(lambda page=page: _FILE.search(browser.get(page).text), seconds=WAIT_SECONDS, what="the PDF")
        file = _FILE.search(browser.get(page).text)
        if file is None or not browser.get(file[1]).content.startswith(b"%PDF"):
            raise RuntimeError("The export is no PDF.")
    return counted


def _found(answer: httpx.Response) -> httpx.Response:
    if answer.status_code != httpx.codes.FOUND:
        raise RuntimeError(answer.text)
    return answer


def main(sheets: int) -> None:
    with RunningStudio(Path(os.environ["STUDIO_DATA"])) as studio, studio.browser() as browser:
        say(journeys(studio, browser, sheets))


if __name__ == "__main__":
    main(int(sys.argv[1]))

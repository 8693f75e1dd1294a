"""Part of the bench: the time from the stand-in's "completed" to a card with the cut sheet, with many jobs in flight.

`python -m tests.bench.visible IN_FLIGHT SECONDS`: whenever one is finished, another is ordered. The first ones are
spread over one job's time, as a day's orders are. The clock starts when the last of them is sent.
"""

from __future__ import annotations

import os
import re
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Final

import httpx

from stickers.sandbox.server import REAL_SECONDS
from tests.bench.rig import say
from tests.support.running_studio import RunningStudio

LOOK_EVERY_SECONDS: Final = 0.02
CARD: Final = re.compile(r'data-state="done"[^>]* data-name="([^"]*)"')


class Desk:
    """A designer's page: it orders, and polls for the cards of finished orders."""

    def __init__(self, rows: sqlite3.Connection, browser: httpx.Client) -> None:
        self._rows = rows
        self._browser = browser
        self._ordered = 0
        self.seen: dict[str, float] = {}

    @property
    def in_flight(self) -> int:
        return self._ordered - len(self.seen)

    def order(self) -> None:
        form = {"prompt": f"bench {self._ordered}", "seed": str(self._ordered), "add_trigger": "off"}
        answer = self._browser.post("/", data=form)
        if answer.status_code != httpx.codes.FOUND:
            raise RuntimeError(answer.text)
        self._ordered += 1

    def look(self) -> None:
        """Ask the rows, which is cheap, and then the page, which is what counts."""
        [(done, over)] = self._rows.execute(
            "SELECT count(*) FILTER (WHERE state = 'done'),"
            " count(*) FILTER (WHERE state IN ('failed', 'unknown', 'expired', 'unsaved')) FROM stickers_generation"
        )
        if over:
            raise RuntimeError("An order did not end as it should.")
        if done > len(self.seen):
            shown = CARD.findall(self._browser.get("/queue/").text)
            now = time.time()
            for prompt in shown:
                self.seen.setdefault(prompt, now)


def main(in_flight: int, seconds: float) -> None:
    data = Path(os.environ["STUDIO_DATA"])
    with (
        RunningStudio(data) as studio,
        studio.browser() as browser,
        closing(sqlite3.connect(data / "studio.sqlite3", timeout=20)) as rows,
    ):
        desk = Desk(rows, browser)
        begun = time.monotonic()
        spread_s = REAL_SECONDS if in_flight > 1 else 0
        while (passed := time.monotonic() - begun) < spread_s + seconds:
            wanted = in_flight if passed >= spread_s else min(in_flight, 1 + int(in_flight * passed / spread_s))
            if desk.in_flight < wanted:
                desk.order()
            desk.look()
            time.sleep(LOOK_EVERY_SECONDS)
        jobs = httpx.get(f"{os.environ['SEGMIND_BASE_URL']}/sandbox/jobs", trust_env=False).json()
        finished_at = {job["prompt"]: job["finished_at"] for job in jobs}
        delays = [at - finished_at[prompt] for prompt, at in desk.seen.items()]
        parts = rows.execute(
            "SELECT g.prompt, (julianday(g.completed_at) - 2440587.5) * 86400.0,"
            " (julianday(s.created_at) - 2440587.5) * 86400.0, (julianday(c.finished_at) - 2440587.5) * 86400.0"
            " FROM stickers_generation g JOIN stickers_sheet s ON s.generation_id = g.id"
            " JOIN stickers_segmentation c ON c.sheet_id = s.id WHERE g.state = 'done'"
        ).fetchall()
    steps = [
        (noticed - finished_at[prompt], stored - noticed, cut - stored)
        for prompt, noticed, stored, cut in parts
        if prompt in desk.seen
    ]
    say({"delays_s": delays, "steps_s": steps})


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))

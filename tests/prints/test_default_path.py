"""The default journey from a prompt over a print sheet to a PDF, over HTTP and real processes: it ends in green."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.default_path import journeys
from tests.support.running_studio import RunningStudio, begun


@pytest.mark.thorough
def test_hardly_any_sticker_is_red(tables: Path, tmp_path: Path) -> None:
    with RunningStudio(begun(tmp_path / "studio", tables)) as studio, studio.browser() as browser:
        counted = journeys(studio, browser, 12)
    assert counted["stickers"] > 100
    assert counted["error"] <= 0.1 * counted["stickers"]
    assert counted["pages in red"] == 0

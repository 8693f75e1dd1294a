"""RabbitMQ as the broker: orders are finished, and go on after it was killed. Run by `make test-engines`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from stickers.models import State
from stickers.sandbox.server import Sandbox
from tests.engines.servers import PASSWORD, Server, rabbitmq
from tests.support.running_studio import RunningStudio, until
from tests.support.stand_in import draw_discs

MANY: Final = 5
PATIENCE_SECONDS: Final = 120


@pytest.fixture
def stand_in() -> Iterator[Sandbox]:
    with Sandbox(queue_seconds=0.1, run_seconds=0.2, jitter=0, draw=draw_discs) as running:
        yield running


def order(studio: RunningStudio, prefix: str) -> None:
    with studio.browser() as browser:
        for number in range(MANY):
            form = {"prompt": f"{prefix} {number}", "img_width": 512, "img_height": 512, "add_trigger": "off"}
            assert browser.post("/", data=form).status_code == httpx.codes.FOUND


def finish(studio: RunningStudio, prefix: str) -> None:
    query = "SELECT count(*) FROM stickers_generation WHERE state = ? AND prompt LIKE ?"
    until(
        lambda: studio.rows(query, State.DONE.value, f"{prefix}%") == [(MANY,)],
        seconds=PATIENCE_SECONDS,
        what=f"every order of {prefix!r}",
    )


def is_ready(studio: RunningStudio) -> bool:
    return httpx.get(f"{studio.url}/readyz", trust_env=False, timeout=30).is_success


def test_orders_are_finished_and_go_on_after_it_was_killed(tmp_path: Path, stand_in: Sandbox) -> None:
    (tmp_path / "rabbitmq").mkdir()
    with rabbitmq(tmp_path / "rabbitmq") as broker:
        variables = {"CELERY_BROKER_URL": broker.url, "SEGMIND_BASE_URL": stand_in.url, "SEGMIND_SUBMIT_SECONDS": "5"}
        with RunningStudio(tmp_path / "data", **variables, PARTS="web,worker,scheduler") as studio:
            order(studio, "before")
            finish(studio, "before")
            until(lambda: is_ready(studio), seconds=PATIENCE_SECONDS, what="/readyz")
            broker.kill()
            order(studio, "away")  # clicks do not wait for it
            # An answer from the second of the kill is kept for that second.
            until(lambda: not is_ready(studio), seconds=PATIENCE_SECONDS, what="/readyz to say that the broker is away")
            _start_again(broker, tmp_path / "rabbitmq", studio)
            log = studio.log
    assert Counter(post.json["prompt"] for post in stand_in.posts()) == {
        f"{prefix} {number}": 1 for prefix in ("before", "away", "after") for number in range(MANY)
    }
    assert PASSWORD not in log


def _start_again(broker: Server, folder: Path, studio: RunningStudio) -> None:
    with rabbitmq(folder, port=broker.port):
        finish(studio, "away")
        order(studio, "after")
        finish(studio, "after")
        until(lambda: is_ready(studio), seconds=PATIENCE_SECONDS, what="/readyz")

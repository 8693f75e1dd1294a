"""SIGKILL to real processes at the worst moments: every order ends, and none is ever sent twice.

The stand-in lives in the test, so that it outlives the studio and its recording counts the POSTs. Only the last test
kills it, too. The tests share one studio: what each test kills is started again.
"""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import httpx
import pytest
from PIL import Image, ImageDraw

from stickers.models import ACTIVE, State, WorkState
from stickers.sandbox.faults import Fault
from stickers.sandbox.jobs import SheetOrder
from stickers.sandbox.server import Sandbox
from tests.support.running_studio import RunningStudio, begun, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds the processes to kill in /proc")

MANY: Final = 20
DISCS: Final = 4
PATIENCE_SECONDS: Final = 120  # for a machine that does other things, too
AT_ONCE: Final = 4  # forms sent at the same time
SMALL: Final = {"img_width": 512, "img_height": 512}


def draw_discs(order: SheetOrder) -> bytes:
    """Discs, drawn and cut in no time, except for the test that has to hit the segmentation."""
    side = 256 if order.prompt.startswith("cut") else 48
    image = Image.new("RGB", (2 * side, 2 * side), (250, 205, 215))
    pen = ImageDraw.Draw(image)
    for number in range(DISCS):
        left, top = number % 2 * side + side // 6, number // 2 * side + side // 6
        pen.ellipse((left, top, left + side * 2 // 3, top + side * 2 // 3), fill=(60, 50 * number, 160))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    return out.getvalue()


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Sandbox]:
    with Sandbox(queue_seconds=0.1, run_seconds=0.4, jitter=0.1, slow_seconds=1.5, draw=draw_discs) as running:
        yield running


@pytest.fixture(scope="module")
def studio(stand_in: Sandbox, tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStudio]:
    # A short time-out keeps the lease short under which an order is sent.
    environment = {"SEGMIND_BASE_URL": stand_in.url, "SEGMIND_SUBMIT_SECONDS": "2"}
    with RunningStudio(begun(tmp_path_factory.mktemp("kill") / "data", tables), **environment) as running:
        yield running


@pytest.fixture(autouse=True)
def _well(stand_in: Sandbox) -> Iterator[None]:
    stand_in.clear()
    stand_in.clear_faults()
    yield
    stand_in.clear_faults()


def order_many(studio: RunningStudio, what: str, many: int = MANY) -> list[str]:
    """Send orders at the same time, through the form of the page. Returns their prompts."""
    prompts = [f"{what} {number}" for number in range(many)]
    with studio.browser() as browser, ThreadPoolExecutor(AT_ONCE) as hands:
        list(hands.map(lambda prompt: order_surely(studio, browser, prompt), prompts))
    return prompts


def order_surely(studio: RunningStudio, browser: httpx.Client, prompt: str) -> None:
    """Order as a person would: if the page does not come back, look for the order before sending it again."""
    while not studio.rows("SELECT 1 FROM stickers_generation WHERE prompt = ?", prompt):
        try:
            answer = browser.post("/", data={"prompt": prompt, "add_trigger": "off", **SMALL})
        except httpx.TransportError:
            continue
        assert answer.status_code == httpx.codes.FOUND, answer.text


def count(studio: RunningStudio, state: State) -> int:
    [(rows,)] = studio.rows("SELECT count(*) FROM stickers_generation WHERE state = ?", state.value)
    return int(rows)


def states(studio: RunningStudio, prompts: list[str]) -> dict[str, str]:
    found = dict(studio.rows("SELECT prompt, state FROM stickers_generation"))
    return {prompt: found[prompt] for prompt in prompts}


def finish(studio: RunningStudio) -> None:
    """Wait until no order is active any more."""
    active = ", ".join(f"'{state.value}'" for state in ACTIVE)
    until(
        lambda: not studio.rows(f"SELECT 1 FROM stickers_generation WHERE state IN ({active}) LIMIT 1"),  # noqa: S608
        seconds=PATIENCE_SECONDS,
        what="every order to end",
    )


def check(studio: RunningStudio, prompts: list[str], posts: Counter[str]) -> None:
    """Each order is done, or says that it is in doubt. Each was sent once, and each sheet cut once."""
    rows = studio.rows("SELECT id, prompt, state, error FROM stickers_generation ORDER BY id")
    mine = [row for row in rows if row[1] in prompts]
    assert Counter(row[1] for row in mine) == Counter(prompts)
    for pk, prompt, state, error in mine:
        sheets = studio.rows(
            "SELECT s.id, c.state FROM stickers_sheet s JOIN stickers_segmentation c ON c.sheet_id = s.id"
            " WHERE s.generation_id = ?",
            pk,
        )
        if state == State.UNKNOWN:
            assert "may have been made and billed" in error
            assert posts[prompt] <= 1
            assert sheets == []
            continue
        assert (state, error) == (State.DONE, "")
        assert posts[prompt] == 1, prompt
        [(sheet_pk, segmentation)] = sheets
        assert segmentation == WorkState.DONE
        files = studio.rows("SELECT file FROM stickers_sticker WHERE sheet_id = ?", sheet_pk)
        assert len(files) == DISCS
        assert all((studio.data / "media" / name).stat().st_size for (name,) in files)


def posts_of(stand_in: Sandbox) -> Counter[str]:
    return Counter(post.json["prompt"] for post in stand_in.posts())


def test_it_works(studio: RunningStudio, stand_in: Sandbox) -> None:
    prompts = order_many(studio, "well")
    finish(studio)
    check(studio, prompts, posts_of(stand_in))
    assert set(states(studio, prompts).values()) == {State.DONE}


def test_worker_killed_while_orders_are_on_their_way(studio: RunningStudio, stand_in: Sandbox) -> None:
    stand_in.set_fault(Fault.SUBMIT_SLOW)
    prompts = order_many(studio, "post")
    until(stand_in.posts, seconds=PATIENCE_SECONDS, what="a POST")
    studio.kill("worker")
    stand_in.clear_faults()
    finish(studio)
    check(studio, prompts, posts_of(stand_in))
    assert State.UNKNOWN in states(studio, prompts).values(), "The kill came too late to hit a POST."


@pytest.mark.thorough
def test_worker_killed_while_it_polls(studio: RunningStudio, stand_in: Sandbox) -> None:
    stand_in.set_fault(Fault.STATUS_SLOW)
    prompts = order_many(studio, "look")
    until(
        lambda: len(stand_in.posts()) == MANY and count(studio, State.SUBMITTING) == 0,
        seconds=PATIENCE_SECONDS,
        what="every POST",
    )
    looks = len(stand_in.calls)
    until(lambda: len(stand_in.calls) > looks, seconds=PATIENCE_SECONDS, what="a look")
    studio.kill("worker")
    assert count(studio, State.WAITING)
    stand_in.clear_faults()
    finish(studio)
    check(studio, prompts, posts_of(stand_in))
    assert set(states(studio, prompts).values()) == {State.DONE}


@pytest.mark.thorough
def test_worker_killed_while_it_cuts(studio: RunningStudio, stand_in: Sandbox) -> None:
    prompts = order_many(studio, "cut")
    being_cut = "SELECT 1 FROM stickers_segmentation WHERE state = 'working' AND tries > 0"
    until(
        lambda: studio.rows(being_cut) and not count(studio, State.SUBMITTING) and len(stand_in.posts()) == MANY,
        seconds=PATIENCE_SECONDS,
        what="a sheet whose segmentation runs",
    )
    studio.kill("worker")
    assert studio.rows(being_cut)
    finish(studio)
    check(studio, prompts, posts_of(stand_in))
    assert set(states(studio, prompts).values()) == {State.DONE}


@pytest.mark.thorough
def test_web_server_killed_while_orders_come_in(studio: RunningStudio, stand_in: Sandbox) -> None:
    with ThreadPoolExecutor(1) as desk:
        ordering = desk.submit(order_many, studio, "page")
        until(
            lambda: studio.rows("SELECT 1 FROM stickers_generation WHERE prompt LIKE 'page %'"),
            seconds=PATIENCE_SECONDS,
            what="the first order",
        )
        studio.kill("web")
        assert not ordering.done()
        prompts = ordering.result()
    finish(studio)
    check(studio, prompts, posts_of(stand_in))
    assert set(states(studio, prompts).values()) == {State.DONE}


@pytest.mark.thorough
def test_everything_killed_at_once(studio: RunningStudio, stand_in: Sandbox) -> None:
    prompts = order_many(studio, "all")
    # Not in the middle of a POST, because the test would wait for its lease once more.
    until(
        lambda: count(studio, State.WAITING) >= 5 and not count(studio, State.SUBMITTING),
        seconds=PATIENCE_SECONDS,
        what="orders to wait for",
    )
    studio.kill_all()
    assert count(studio, State.WAITING)
    studio.start()
    finish(studio)
    check(studio, prompts, posts_of(stand_in))
    assert State.DONE in states(studio, prompts).values()


@pytest.mark.thorough
def test_the_stand_in_killed_too(tmp_path: Path) -> None:
    with RunningStudio(tmp_path / "data", SEGMIND_BASE_URL="") as studio:
        prompts = order_many(studio, "whole", 4)
        until(
            lambda: count(studio, State.WAITING) and not count(studio, State.CREATED) + count(studio, State.SUBMITTING),
            seconds=PATIENCE_SECONDS,
            what="every POST to be answered",
        )
        studio.kill_all()
        studio.start()
        finish(studio)
        assert set(states(studio, prompts).values()) == {State.DONE}
        port = (studio.data / "sandbox_port").read_text(encoding="ascii")
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            calls = client.get("/sandbox/calls", params={"method": "POST"}).json()
            jobs = client.get("/sandbox/jobs").json()
        assert len(calls) == len(jobs) == len(prompts)

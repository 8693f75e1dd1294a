"""The whole way from a prompt to print files over real engines: two machines, each with a web server and a worker.

Run by `make test-engines`. "Machine" means a data folder of its own: the two share PostgreSQL, Redis and the bucket,
and nothing else. The stand-in lives in the test; its recording counts the POSTs.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
from PIL import Image

from stickers.models import ACTIVE, State, WorkState
from stickers.sandbox.easel import draw_with_artist
from stickers.sandbox.jobs import SheetOrder
from stickers.sandbox.server import Sandbox
from tests.engines.servers import BUCKET, KEY, PASSWORD, Server, postgres, redis_server, s3, store
from tests.support.running_studio import ROOT, RunningStudio, until
from tests.support.stand_in import draw_discs

MANY: Final = 40
PATIENCE_SECONDS: Final = 120
SECRET_KEY: Final = "signs-the-cookies-of-both-machines-0123456789abcdef"
SMALL: Final = {"img_width": 512, "img_height": 512, "add_trigger": "off"}


@dataclass(frozen=True)
class Engines:
    database: Server
    broker: Server
    store: Server

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database.url,
            "CELERY_BROKER_URL": self.broker.url,
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": self.store.url,
            "S3_ACCESS_KEY_ID": KEY,
            "S3_SECRET_ACCESS_KEY": PASSWORD,
            "SECRET_KEY": SECRET_KEY,
            "STUDIO_ACCOUNTS": "1",
            "LOG_FORMAT": "json",
            "SEGMIND_SUBMIT_SECONDS": "2",
            "CUTS_AT_ONCE": "4",
        }

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(psycopg.connect(self.database.url)) as connection:
            return connection.execute(query, values).fetchall()  # type: ignore[arg-type]


def draw(order: SheetOrder) -> bytes:
    """A real sheet if the test looks at it; discs if it only counts."""
    return draw_with_artist(order) if "otter" in order.prompt else draw_discs(order)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("engines")
    for path in (made, *made.parents[:2]):
        path.chmod(0o755)  # PostgreSQL, which does not run as root, must get through
    return made


@pytest.fixture(scope="module")
def engines(folder: Path) -> Iterator[Engines]:
    with ExitStack() as started:

        def place(name: str) -> Path:
            (folder / name).mkdir()
            return folder / name

        yield Engines(
            started.enter_context(postgres(place("postgres"))),
            started.enter_context(redis_server(place("redis"))),
            started.enter_context(s3(place("s3"))),
        )


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Sandbox]:
    with Sandbox(queue_seconds=0.1, run_seconds=0.5, jitter=0.1, draw=draw) as running:
        yield running


@pytest.fixture(scope="module")
def machines(engines: Engines, stand_in: Sandbox, folder: Path) -> Iterator[tuple[RunningStudio, RunningStudio]]:
    """Both machines start at once over an empty database, as after a move to new servers.

    The second has a scheduler, too.
    """
    environment = {**engines.environment, "SEGMIND_BASE_URL": stand_in.url, "PARTS": "web,worker,scheduler"}
    first, second = (RunningStudio(folder / name, **environment) for name in ("first", "second"))
    with ThreadPoolExecutor(2) as hands:
        try:
            for started in [hands.submit(studio.start) for studio in (first, second)]:
                started.result()
            for name in ("designer", "rival"):
                _account(engines, name, folder)
            yield first, second
        finally:
            for stopped in [hands.submit(studio.stop) for studio in (first, second)]:
                stopped.result()


def _account(engines: Engines, name: str, folder: Path) -> None:
    command = [
        sys.executable,
        "manage.py",
        "createsuperuser",
        "--noinput",
        f"--username={name}",
        "--email=x@example.org",
    ]
    variables = {**os.environ, **engines.environment, "STUDIO_DATA": str(folder / "first")}
    password = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    subprocess.run(command, cwd=ROOT, env=variables | password, check=True, capture_output=True)


@contextmanager
def signed_in(studio: RunningStudio, name: str = "designer") -> Iterator[httpx.Client]:
    with httpx.Client(base_url=studio.url, timeout=30, trust_env=False) as browser:
        browser.get("/login/").raise_for_status()
        answer = browser.post("/login/", data=_with_token(browser, {"username": name, "password": PASSWORD}))
        assert answer.status_code == httpx.codes.FOUND, answer.text
        yield browser


def _with_token(browser: httpx.Client, form: dict[str, Any]) -> dict[str, Any]:
    return {**form, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}


def elsewhere(browser: httpx.Client, studio: RunningStudio) -> httpx.Client:
    """The same browser, which the load balancer sends to the other machine."""
    return httpx.Client(base_url=studio.url, cookies=browser.cookies, timeout=30, trust_env=False)


def order(browser: httpx.Client, prompt: str, **fields: Any) -> None:
    answer = browser.post("/", data=_with_token(browser, {"prompt": prompt, **SMALL, **fields}))
    assert answer.status_code == httpx.codes.FOUND, answer.text


def finish(engines: Engines) -> None:
    active = [state.value for state in ACTIVE]
    until(
        lambda: not engines.rows("SELECT 1 FROM stickers_generation WHERE state = ANY(%s) LIMIT 1", active),
        seconds=PATIENCE_SECONDS,
        what="every order to end",
    )


def check(engines: Engines, stand_in: Sandbox, prefix: str) -> Counter[str]:
    """Each order has one POST at most, and exactly what a truthful end needs, in rows and in the bucket."""
    stored = _stored(engines)
    posts = Counter(post.json["prompt"] for post in stand_in.posts())
    rows = engines.rows("SELECT id, prompt, state, error FROM stickers_generation WHERE prompt LIKE %s", f"{prefix}%")
    for pk, prompt, state, error in rows:
        sheets = engines.rows(
            "SELECT s.id, s.file, c.state FROM stickers_sheet s JOIN stickers_segmentation c ON c.sheet_id = s.id"
            " WHERE s.generation_id = %s",
            pk,
        )
        assert posts[prompt] <= 1, prompt
        if state == State.UNKNOWN:
            assert "may have been made and billed" in error
            assert sheets == []
            continue
        assert (state, error, posts[prompt]) == (State.DONE, "", 1), prompt
        [(sheet_pk, file, segmentation)] = sheets
        assert segmentation == WorkState.DONE
        stickers = engines.rows("SELECT file, thumb_256, thumb_512 FROM stickers_sticker WHERE sheet_id = %s", sheet_pk)
        assert stickers
        assert {file, *(name for names in stickers for name in names)} <= stored
    return Counter(state for _, _, state, _ in rows)


def _stored(engines: Engines) -> set[str]:
    pages = store(engines.store.url).get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    return {found["Key"] for page in pages for found in page.get("Contents", ())}


def test_it_works(engines: Engines, stand_in: Sandbox, machines: tuple[RunningStudio, RunningStudio]) -> None:
    first, second = machines
    with signed_in(first) as here, elsewhere(here, second) as there:
        # Form -> card: ordered at one machine, seen at the other.
        order(here, "an otter family", img_width=1024, img_height=1024)
        page = there.get("/").text
        assert "an otter family" in page
        finish(engines)
        assert check(engines, stand_in, "an otter") == {State.DONE: 1}

        # Card -> sheet: every sticker with its thumbnail.
        [(sheet_pk,)] = engines.rows(
            "SELECT s.id FROM stickers_sheet s JOIN stickers_generation g ON g.id = generation_id "
            " WHERE prompt LIKE 'an otter%%'"
        )
        assert f"/sheets/{sheet_pk}/" in here.get("/queue/").text
        page = there.get(f"/sheets/{sheet_pk}/").text
        pictures = set(re.findall(r'src="(/stickers/\d+/(?:thumb|file)/[^"]*)"', page))
        [(count,)] = engines.rows("SELECT count(*) FROM stickers_sticker WHERE sheet_id = %s", sheet_pk)
        assert count >= 8
        assert len(pictures) == count
        for path in sorted(pictures):
            with Image.open(io.BytesIO(_through_the_store(here, path.replace("&amp;", "&")))) as thumb:
                assert max(thumb.size) <= 512

        # Sheet -> ZIP of print files.
        form = {"sheets": sheet_pk, "size": "40", "unit": "mm", "dpi": "300", "bordered": "on", "border": "2"}
        answer = there.post("/export/", data=_with_token(there, form))
        assert answer.headers["Content-Type"] == "application/zip", answer.text
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.testzip() is None
            listed = json.loads(archive.read("manifest.json"))
            assert (len(listed["files"]), listed["refused"]) == (count, [])
            for file in listed["files"]:
                with Image.open(io.BytesIO(archive.read(file["file"]))) as image:
                    assert image.mode == "RGBA"

        # No file lies on a machine.
        assert not [
            path for studio in machines for path in studio.data.rglob("*") if path.suffix in {".jpg", ".png", ".webp"}
        ]


def _through_the_store(browser: httpx.Client, path: str) -> bytes:
    """A picture as the page gets it: the studio redirects to a link that soon ends."""
    answer = browser.get(path)
    assert answer.status_code == httpx.codes.FOUND
    signed = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert int(signed["X-Amz-Expires"][0]) <= 300
    assert signed["X-Amz-Signature"][0]
    assert "max-age=240" in answer.headers["Cache-Control"]
    fetched = httpx.get(answer.headers["Location"], trust_env=False)
    assert fetched.status_code == httpx.codes.OK
    return fetched.content


def test_pictures_are_private(engines: Engines, machines: tuple[RunningStudio, RunningStudio]) -> None:
    first, second = machines
    [(sheet_pk, file)] = engines.rows("SELECT id, file FROM stickers_sheet LIMIT 1")
    with signed_in(second, "rival") as rival:
        assert rival.get(f"/sheets/{sheet_pk}/file/").status_code == httpx.codes.NOT_FOUND
    stranger = httpx.get(f"{first.url}/sheets/{sheet_pk}/file/", trust_env=False)
    assert stranger.headers["Location"].startswith("/login/")
    # Neither the object nor its bucket is open without a signature.
    client = store(engines.store.url)
    for grants in (client.get_object_acl(Bucket=BUCKET, Key=file), client.get_bucket_acl(Bucket=BUCKET)):
        assert not [grant for grant in grants["Grants"] if "AllUsers" in grant["Grantee"].get("URI", "")]
    # The page may show pictures from the store, and from nowhere else.
    with signed_in(first) as browser:
        policy = browser.get("/").headers["Content-Security-Policy"]
    assert f"img-src 'self' data: blob: {engines.store.url}" in policy


def test_a_worker_killed_halfway(
    engines: Engines, stand_in: Sandbox, machines: tuple[RunningStudio, RunningStudio]
) -> None:
    first, second = machines
    with signed_in(first) as here, elsewhere(here, second) as there, ThreadPoolExecutor(4) as hands:
        list(hands.map(lambda number: order((here, there)[number % 2], f"kill {number}"), range(MANY)))
    until(
        lambda: engines.rows("SELECT 1 FROM stickers_generation WHERE prompt LIKE 'kill %%' AND state = 'done'"),
        seconds=PATIENCE_SECONDS,
        what="the first one done",
    )
    first.kill("worker")
    assert engines.rows("SELECT 1 FROM stickers_generation WHERE prompt LIKE 'kill %%' AND state <> 'done'")
    finish(engines)
    ends = check(engines, stand_in, "kill ")
    assert ends.total() == MANY
    # A kill between a POST and its answer cannot be undone. The studio says so, and it is not the rule.
    assert ends[State.DONE] >= MANY - 16, ends


def test_ten_fingers_on_one_button(engines: Engines, machines: tuple[RunningStudio, RunningStudio]) -> None:
    first, second = machines
    with signed_in(first) as here, elsewhere(here, second) as there, ThreadPoolExecutor(10) as hands:
        list(hands.map(lambda number: order((here, there)[number % 2], "one click", token="the same"), range(10)))
    assert engines.rows("SELECT count(*) FROM stickers_generation WHERE prompt = 'one click'") == [(1,)]
    finish(engines)


def test_ready_and_counted(machines: tuple[RunningStudio, RunningStudio]) -> None:
    for studio in machines:
        until(
            lambda url=studio.url: httpx.get(f"{url}/readyz", trust_env=False).is_success,
            seconds=PATIENCE_SECONDS,
            what="/readyz",
        )
        assert httpx.get(f"{studio.url}/healthz", trust_env=False).text == "ok\n"
    told = [httpx.get(f"{studio.url}/metrics", trust_env=False).text for studio in machines]
    for figures in told:
        assert re.search(r'studio_request_seconds_count{method="POST",status="302",view="studio"} \d', figures)
        assert re.search(r"^studio_broker_messages \d", figures, re.MULTILINE)
    # Rows are the same wherever they are counted.
    posts = [re.search(r"^studio_posts (.*)$", figures, re.MULTILINE) for figures in told]
    assert posts[0] is not None
    assert posts[1] is not None
    assert posts[0][1] == posts[1][1] != "0.0"


def test_a_broker_that_is_away(
    engines: Engines, stand_in: Sandbox, machines: tuple[RunningStudio, RunningStudio]
) -> None:
    first, _ = machines
    with signed_in(first) as browser:
        engines.broker.kill()
        begun = time.monotonic()
        order(browser, "away 1")
        order(browser, "away 2")
        # Without short time-outs it takes half a minute. The machine may do other things, too.
        assert time.monotonic() - begun < 10
        until(  # one answer is kept for a moment, and may be from before the kill
            lambda: httpx.get(f"{first.url}/readyz", trust_env=False, timeout=30).is_server_error,
            seconds=PATIENCE_SECONDS,
            what="/readyz to miss the broker",
        )
        unready = httpx.get(f"{first.url}/readyz", trust_env=False, timeout=30)
        assert unready.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert unready.json()["checks"]["broker"] == "It does not answer."
        assert PASSWORD not in unready.text
        with redis_server(first.data.parent / "redis", port=engines.broker.port):
            finish(engines)
            assert check(engines, stand_in, "away ") == {State.DONE: 2}


def test_the_logs_tell_no_secret(machines: tuple[RunningStudio, RunningStudio]) -> None:
    for studio in machines:
        said = []
        for line in studio.log.splitlines():
            assert PASSWORD not in line
            assert SECRET_KEY not in line
            if line.startswith("{"):
                said.append(json.loads(line))
        assert any(line.get("state") == State.DONE and "generation" in line for line in said)
        assert not [line for line in said if "traceback" in line and line["logger"].startswith("stickers")], said

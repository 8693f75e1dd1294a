"""The stand-in as a server: endpoints, errors, time, money and recording, without our own client."""

from __future__ import annotations

import base64
import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from PIL import Image

from stickers.sandbox.jobs import SheetOrder
from stickers.sandbox.recording import fingerprint, without_keys
from stickers.sandbox.server import Sandbox
from tests.conftest import wait_until
from tests.support.models import SPEC
from tests.support.stand_in import KEY, ORDER, draw_discs, quick_sandbox


def api(sandbox: Sandbox, *, key: str = KEY) -> httpx.Client:
    return httpx.Client(base_url=sandbox.url, headers={"x-api-key": key} if key else {}, trust_env=False)


@pytest.fixture
def stand_in() -> Iterator[Sandbox]:
    with quick_sandbox() as running:
        yield running


@pytest.fixture
def http(stand_in: Sandbox) -> Iterator[httpx.Client]:
    with api(stand_in) as running:
        yield running


def order(http: httpx.Client, **values: object) -> str:
    response = http.post(f"/v2/{SPEC.slug}", json={**ORDER, **values})
    assert response.status_code == 200, response.text
    return str(response.json()["request_id"])


def finish(http: httpx.Client, request_id: str) -> httpx.Response:
    """The status of the job once it is over."""

    def look() -> httpx.Response | None:
        response = http.get(f"/v2/requests/{request_id}/status")
        return response if response.json()["status"] in {"COMPLETED", "FAILED"} else None

    return wait_until(look)  # type: ignore[no-any-return]


def test_it_works(stand_in: Sandbox, http: httpx.Client) -> None:
    response = http.post(f"/v2/{SPEC.slug}", json={**ORDER, "samples": 2})
    body = response.json()
    request_id = body["request_id"]
    assert body == {
        "request_id": request_id,
        "status": "QUEUED",
        "poll_url": f"{stand_in.url}/v1/requests/{request_id}",
        "status_url": f"{stand_in.url}/v2/requests/{request_id}/status",
        "response_url": f"{stand_in.url}/v2/requests/{request_id}",
    }
    status = finish(http, request_id)
    assert status.status_code == 200
    assert status.json() == {"status": "COMPLETED", "request_id": request_id, "metrics": {"inference_time": 0.01}}
    result = http.get(f"/v2/requests/{request_id}").json()
    links = [f"{stand_in.url}/generations/{request_id}-{index}.jpeg" for index in (0, 1)]
    metrics = result.pop("metrics")
    assert result == {
        "status": "COMPLETED",
        "error": None,
        "output": links[0],
        "images": [{"url": link, "content_type": "image/jpeg"} for link in links],
        "seed": "7",
        "prompt": "cats",
        "timings": {},
    }
    assert metrics["cost"] == 0.036
    assert metrics["remaining_credits"] == 9.964
    picture = httpx.get(links[1], trust_env=False)
    assert picture.headers["content-type"] == "image/jpeg"
    sheet = SheetOrder(prompt="cats", seed=7, width_px=512, height_px=512, index=1)
    assert picture.content == draw_discs(sheet)


def test_states_follow_the_clock() -> None:
    with quick_sandbox(queue_seconds=1000, run_seconds=1000) as slow, api(slow) as http:
        request_id = order(http)
        status = http.get(f"/v2/requests/{request_id}/status")
        assert status.status_code == 200
        assert status.json()["status"] == "QUEUED"
        assert status.json()["metrics"] == {}
        assert status.json()["response_url"].endswith(request_id)
        slow.age(1500)
        assert http.get(f"/v2/requests/{request_id}/status").json()["status"] == "PROCESSING"
        assert http.get(f"/v2/requests/{request_id}").json()["output"] is None
        assert httpx.get(f"{slow.url}/generations/{request_id}-0.jpeg", trust_env=False).status_code == 404
        slow.age(1000)
        assert finish(http, request_id).json()["status"] == "COMPLETED"


def test_workers_bound_what_runs_at_once() -> None:
    with quick_sandbox(queue_seconds=0, run_seconds=100, workers=2) as busy, api(busy) as http:
        for _ in range(5):
            order(http)
        starts = [round(job.starts_at - busy.jobs[0].starts_at, -2) for job in busy.jobs]
    assert starts == [0, 0, 100, 100, 200]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"prompt": ""}, "Prompt is Mandatory and must be string"),
        ({"prompt": 5}, "Prompt is Mandatory and must be string"),
        ({"scheduler": "Nonsense"}, "scheduler"),
        ({"num_inference_steps": 10}, "num_inference_steps"),
        ({"guidance_scale": 26}, "guidance_scale"),
        ({"samples": 5}, "samples"),
        ({"samples": "many"}, "samples"),
        ({"seed": 10**15}, "seed"),
        ({"img_width": 640}, "img_width"),
        ({"lora_scale": -1}, "lora_scale"),
        ({"base64": "yes"}, "base64"),
    ],
)
def test_validation_is_late(stand_in: Sandbox, http: httpx.Client, values: dict[str, object], words: str) -> None:
    request_id = order(http, **values)
    status = finish(http, request_id)
    assert status.status_code == 422
    body = status.json()
    assert (body["status"], body["request_id"]) == ("FAILED", request_id)
    assert words in body["error"]
    assert "cost" not in body["metrics"]
    result = http.get(f"/v2/requests/{request_id}")
    assert (result.status_code, result.json()) == (422, body)
    assert stand_in.balance == 10


def test_a_random_seed_is_told(http: httpx.Client) -> None:
    request_id = order(http, seed=-1)
    finish(http, request_id)
    assert int(http.get(f"/v2/requests/{request_id}").json()["seed"]) > 0


def test_the_same_order_gives_the_same_picture(http: httpx.Client) -> None:
    pictures = []
    for seed in (1, 1, 2):
        request_id = order(http, seed=seed, base64=True)
        finish(http, request_id)
        pictures.append(http.get(f"/v2/requests/{request_id}").json()["output"])
    assert pictures[0] == pictures[1] != pictures[2]
    with Image.open(io.BytesIO(base64.b64decode(pictures[0]))) as image:
        assert image.format == "JPEG"


def test_base64_of_several_is_a_list(http: httpx.Client) -> None:
    request_id = order(http, samples=3, base64=True)
    finish(http, request_id)
    result = http.get(f"/v2/requests/{request_id}").json()
    assert len(result["output"]) == 3
    assert "images" not in result


def test_the_two_texts_of_401(stand_in: Sandbox) -> None:
    texts = {}
    for key in ("", "sk-123", "SG_"):
        with api(stand_in, key=key) as http:
            for path in ("/v1/get-user-credits", "/v2/requests/a", "/v2/requests/a/status"):
                response = http.get(path)
                assert response.status_code == 401
                texts[key] = response.json()["error"]
            assert http.post(f"/v2/{SPEC.slug}", json=ORDER).status_code == 401
    assert texts[""] != texts["sk-123"] == texts["SG_"]
    assert httpx.get(
        f"{stand_in.url}/v1/get-user-credits", headers={"authorization": f"Bearer {KEY}"}, trust_env=False
    ).status_code == 401  # fmt: skip
    assert stand_in.jobs == ()


def test_the_other_refusals(http: httpx.Client) -> None:
    assert http.post("/v2/another-model", json=ORDER).status_code == 404
    wrong_verb = http.get(f"/v2/{SPEC.slug}")
    assert wrong_verb.status_code == 405
    assert wrong_verb.headers["content-type"].startswith("text/html")
    assert http.delete("/v2/requests/a").status_code == 405
    wrong_type = http.post(f"/v2/{SPEC.slug}", data={"prompt": "cats"})
    assert (wrong_type.status_code, wrong_type.json()) == (406, {"error": "Invalid content type"})
    for body in (b"{", b"[]", b"\xff", b"[" * 100_000):
        response = http.post(f"/v2/{SPEC.slug}", content=body, headers={"content-type": "application/json"})
        assert response.status_code == 400
    assert http.get("/v2/requests/nobody").json() == {"error": "Request nobody not found"}
    assert http.get("/elsewhere").status_code == 404
    too_long = http.post(f"/v2/{SPEC.slug}", content=b" " * 1_100_000)
    assert too_long.status_code == 413


def test_the_record_expires_and_the_file_stays(stand_in: Sandbox, http: httpx.Client) -> None:
    request_id = order(http)
    finish(http, request_id)
    link = http.get(f"/v2/requests/{request_id}").json()["output"]
    stand_in.age(3599)
    assert http.get(f"/v2/requests/{request_id}").status_code == 200
    stand_in.age(2)
    for path in (f"/v2/requests/{request_id}", f"/v2/requests/{request_id}/status"):
        response = http.get(path)
        assert (response.status_code, response.json()) == (404, {"error": f"Request {request_id} not found"})
    assert httpx.get(link, trust_env=False).status_code == 200
    assert httpx.head(link, trust_env=False).headers["content-length"] != "0"


def test_money() -> None:
    with quick_sandbox(balance=Decimal("0.10"), price=Decimal("0.02")) as poor, api(poor) as http:
        order(http, scheduler="Nonsense")  # fails, and so costs nothing
        first = order(http, samples=4)
        refused = http.post(f"/v2/{SPEC.slug}", json={**ORDER, "samples": 2})
        assert refused.status_code == 406
        assert "credits" in refused.json()["error"]
        order(http)
        finish(http, first)
        for _ in range(3):
            assert http.get(f"/v2/requests/{first}").json()["metrics"]["cost"] == 0.08
        wait_until(lambda: poor.balance == 0)
        assert http.get("/v1/get-user-credits").json() == {"credits": 0.0}


def test_each_post_is_a_new_job(stand_in: Sandbox, http: httpx.Client) -> None:
    assert order(http) != order(http)
    assert len(stand_in.posts("cats")) == len(stand_in.jobs) == 2
    assert stand_in.posts("cat") == ()


def test_calls_are_recorded_without_keys(stand_in: Sandbox, http: httpx.Client) -> None:
    order(http, prompt=f"my key is {KEY}")
    http.get("/v1/get-user-credits", params={"key": KEY}, headers={"authorization": "Bearer other", "x-note": KEY})
    post, get = stand_in.calls
    assert (post.method, post.path) == ("POST", f"/v2/{SPEC.slug}")
    assert post.key == fingerprint(KEY)
    assert post.json["prompt"] == f"my key is {fingerprint(KEY)}"
    assert get.headers["authorization"] == fingerprint("Bearer other")
    assert get.headers["x-note"] == fingerprint(KEY)
    assert KEY not in repr(stand_in.calls) + repr(stand_in.jobs) + get.path
    stand_in.clear()
    assert stand_in.calls == ()
    assert len(stand_in.jobs) == 1


def test_without_keys() -> None:
    assert without_keys(f"a {KEY} b") == f"a {fingerprint(KEY)} b"
    assert KEY not in fingerprint(KEY)


def test_control_pages(stand_in: Sandbox, http: httpx.Client) -> None:
    assert "moderation" in http.get("/sandbox/").text
    assert http.post("/sandbox/faults", json={"fault": "status-502", "times": 2}).json() == {"status-502": 2}
    assert http.get("/sandbox/faults").json() == {"status-502": 2}
    request_id = order(http)
    assert http.get(f"/v2/requests/{request_id}/status").status_code == 502
    assert http.delete("/sandbox/faults").json() == {}
    assert finish(http, request_id).status_code == 200
    (call,) = http.get("/sandbox/calls", params={"method": "POST"}).json()
    assert call["headers"]["x-api-key"] == fingerprint(KEY)
    (job,) = http.get("/sandbox/jobs").json()
    assert (job["request_id"], job["state"], job["seed"]) == (request_id, "COMPLETED", 7)
    assert http.delete("/sandbox/calls").status_code == 200
    assert http.get("/sandbox/calls").json() == []
    assert http.get("/sandbox/nothing").status_code == 404


@pytest.mark.parametrize(
    "body", [{}, [], {"fault": "none"}, {"fault": 5}, {"fault": "lost", "times": 0}, {"fault": "lost", "times": "a"}]
)
def test_control_refuses_nonsense(http: httpx.Client, body: object) -> None:
    assert http.post("/sandbox/faults", json=body).status_code == 400


def test_books_survive_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "deep" / "sandbox.sqlite3"
    with quick_sandbox(state=state) as first:
        with api(first) as http:
            done = order(http)
            finish(http, done)
        port = int(first.url.rpartition(":")[2])
    with quick_sandbox(state=state, port=port, balance=Decimal(99)) as second, api(second) as http:
        assert http.get(f"/v2/requests/{done}/status").json()["status"] == "COMPLETED"
        link = http.get(f"/v2/requests/{done}").json()["output"]
        assert httpx.get(link, trust_env=False).status_code == 200
        assert second.balance == Decimal("9.982")
        assert len(second.posts()) == 1
    with sqlite3.connect(state) as database:
        assert KEY not in "".join(database.iterdump())
    database.close()


def test_an_artist_who_fails_fails_the_job(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(sheet: SheetOrder) -> bytes:
        raise RuntimeError("out of paint")

    with quick_sandbox(draw=refuse) as sandbox, api(sandbox) as http:
        status = finish(http, order(http))
        assert status.status_code == 422
        assert "artist failed" in status.json()["error"]
    assert "out of paint" in caplog.text


def test_a_port_that_is_taken() -> None:
    with quick_sandbox() as first, pytest.raises(OSError, match="in use"):
        quick_sandbox(port=int(first.url.rpartition(":")[2])).start()


def test_a_stop_releases_those_who_wait() -> None:
    sandbox = quick_sandbox()
    sandbox.start()
    with api(sandbox) as http:
        http.post("/sandbox/faults", json={"fault": "submit-hung"})
        sandbox_url = sandbox.url
        assert http.get("/sandbox/jobs").json() == []  # this connection stays open while the server stops
        sandbox.stop()
        with pytest.raises(httpx.TransportError):
            httpx.get(sandbox_url, trust_env=False)


def test_the_file_of_an_older_stand_in_keeps_its_jobs(tmp_path: Path) -> None:
    """The old file knows no models: all its jobs belong to the first one."""
    state = tmp_path / "sandbox.sqlite3"
    with quick_sandbox(state=state) as sandbox, api(sandbox) as http:
        order(http)
    with closing(sqlite3.connect(state)) as database:
        database.execute("ALTER TABLE job DROP COLUMN model")
    with quick_sandbox(state=state) as sandbox:
        [job] = sandbox.jobs
        assert (job.spec.slug, job.samples) == (SPEC.slug, 1)

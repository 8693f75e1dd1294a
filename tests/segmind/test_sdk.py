"""The official SDK, unmodified, against the stand-in: what it can do here it can do there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import segmind
from segmind.exceptions import SegmindError
from segmind.v2 import InferenceFailed, InferenceTimeout

from stickers.sandbox.faults import Fault
from stickers.sandbox.recording import fingerprint
from stickers.sandbox.server import Sandbox
from tests.support.models import SPEC
from tests.support.stand_in import KEY, draw_discs, quick_sandbox

# as the model's page calls it
ORDER = {
    "prompt": "Cute sparkle pink barbie StickerSheet, Very detailed, clean, high quality, sharp image",
    "negative_prompt": "boring, poorly drawn",
    "scheduler": "UniPC",
    "num_inference_steps": 25,
    "guidance_scale": 8,
    "samples": 1,
    "seed": 3426017487,
    "img_width": 1024,
    "img_height": 1024,
    "base64": False,
    "lora_scale": 1,
}


@pytest.fixture
def stand_in() -> Iterator[Sandbox]:
    with quick_sandbox() as running:
        yield running


def sdk(sandbox: Sandbox, key: str = KEY) -> Iterator[segmind.SegmindClient]:
    client = segmind.SegmindClient(api_key=key, base_url=f"{sandbox.url}/v1")
    yield client
    client._client.close()


@pytest.fixture
def client(stand_in: Sandbox) -> Iterator[segmind.SegmindClient]:
    yield from sdk(stand_in)


@pytest.fixture
def keyless(stand_in: Sandbox) -> Iterator[segmind.SegmindClient]:
    yield from sdk(stand_in, "not-a-key")


def test_it_works(stand_in: Sandbox, client: segmind.SegmindClient) -> None:
    result = client.submit_async(SPEC.slug, **ORDER).wait(timeout=10, interval=0.02)
    assert result["status"] == "COMPLETED"
    assert result["seed"] == "3426017487"
    assert result["metrics"]["inference_time"] > 0
    assert result["output"].startswith(f"{stand_in.url}/generations/")
    (post,) = stand_in.posts()
    assert post.json == ORDER
    assert {call.key for call in stand_in.calls} == {fingerprint(KEY)}


def test_run_as_the_page_shows_it(client: segmind.SegmindClient) -> None:
    assert client.run(SPEC.slug, **ORDER)["status"] == "COMPLETED"


def test_four_samples(client: segmind.SegmindClient) -> None:
    result = client.submit_async(SPEC.slug, **{**ORDER, "samples": 4}).wait(timeout=10, interval=0.02)
    links = [image["url"] for image in result["images"]]
    assert len(set(links)) == 4
    assert result["output"] == links[0]
    assert result["metrics"]["cost"] == pytest.approx(4 * 0.018)


@pytest.mark.parametrize("scheduler", SPEC.by_name["scheduler"].choices)
def test_every_scheduler_is_known(client: segmind.SegmindClient, scheduler: str) -> None:
    job = client.submit_async(SPEC.slug, **{**ORDER, "scheduler": scheduler})
    assert job.wait(timeout=10, interval=0.02)["status"] == "COMPLETED"


def test_failed(client: segmind.SegmindClient) -> None:
    with pytest.raises(InferenceFailed) as caught:
        client.submit_async(SPEC.slug, **{**ORDER, "prompt": ""}).wait(timeout=10, interval=0.02)
    assert caught.value.detail == "Prompt is Mandatory and must be string"
    assert caught.value.status_body["metrics"].get("cost") is None


def test_moderation(client: segmind.SegmindClient) -> None:
    with pytest.raises(InferenceFailed, match="Content policy"):
        client.submit_async(SPEC.slug, **{**ORDER, "prompt": "x [fault:moderation]"}).wait(timeout=10, interval=0.02)


def test_no_such_model(client: segmind.SegmindClient) -> None:
    with pytest.raises(SegmindError) as caught:
        client.run("no-such-model", prompt="x")
    assert (caught.value.status, caught.value.detail) == (404, "Model not found")


def test_a_bad_key(stand_in: Sandbox, keyless: segmind.SegmindClient) -> None:
    with pytest.raises(SegmindError) as caught:
        keyless.run(SPEC.slug, **ORDER)
    assert (caught.value.status, caught.value.detail) == (401, "Invalid API key")
    assert stand_in.jobs == ()


def test_expiry(stand_in: Sandbox, client: segmind.SegmindClient) -> None:
    job = client.submit_async(SPEC.slug, **ORDER)
    job.wait(timeout=10, interval=0.02)
    stand_in.age(3601)
    for look in (job.status, job.result):
        with pytest.raises(SegmindError) as caught:
            look()
        assert caught.value.status == 404
        assert f"Request {job.request_id} not found" == caught.value.detail


def test_one_bad_gateway_ends_its_wait_and_asking_again_is_safe(
    stand_in: Sandbox, client: segmind.SegmindClient
) -> None:
    job = client.submit_async(SPEC.slug, **ORDER)
    stand_in.set_fault(Fault.STATUS_502, times=1)
    with pytest.raises(SegmindError):
        job.wait(timeout=10, interval=0.02)
    assert job.wait(timeout=10, interval=0.02)["status"] == "COMPLETED"


def test_a_job_that_never_ends(client: segmind.SegmindClient) -> None:
    job = client.submit_async(SPEC.slug, **{**ORDER, "prompt": "x [fault:stuck]"})
    with pytest.raises(InferenceTimeout):
        job.wait(timeout=0.05, interval=0.01)


def test_pictures_need_no_key(stand_in: Sandbox, client: segmind.SegmindClient) -> None:
    result = client.submit_async(SPEC.slug, **ORDER).wait(timeout=10, interval=0.02)
    stand_in.clear()
    segmind_http = client._client
    segmind_http.headers.pop("x-api-key")
    assert segmind_http.get(result["output"]).content == draw_discs(stand_in.jobs[0].sheets[0])
    assert stand_in.calls[0].key is None

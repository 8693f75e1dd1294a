"""Every fault of the stand-in over real HTTP, and no connection at all: the state, the words, and what was sent."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from PIL import Image
from pytest_django import Settings

from stickers import pipeline
from stickers.files import storage
from stickers.models import Sheet, State, Sticker
from stickers.sandbox.faults import Fault
from stickers.sandbox.server import Sandbox
from tests.support.jobs import finish, order, recipe

pytestmark = pytest.mark.usefixtures("impatient")


# What each fault leads to: the state, the words that the designer reads, and how many orders reached Segmind.
DONE = (State.DONE, "")
UNKNOWN = (State.UNKNOWN, "may have been made and billed")
OUTCOMES: dict[Fault, tuple[State, str]] = {
    Fault.SUBMIT_400: (State.FAILED, "Malformed request"),
    Fault.SUBMIT_401_MISSING: (State.FAILED, "API key is missing"),
    Fault.SUBMIT_401_INVALID: (State.FAILED, "Invalid API key"),
    Fault.SUBMIT_402: (State.FAILED, "Insufficient credits"),
    Fault.SUBMIT_403: (State.FAILED, "not permitted"),
    Fault.SUBMIT_404: (State.FAILED, "Model not found"),
    Fault.SUBMIT_405: (State.FAILED, "405"),
    Fault.SUBMIT_406_CREDITS: (State.FAILED, "Insufficient credits"),
    Fault.SUBMIT_406_TYPE: (State.FAILED, "Invalid content type"),
    Fault.SUBMIT_406_VALUE: (State.FAILED, "Value of scheduler is not accepted"),
    Fault.SUBMIT_406_CAP: (State.FAILED, "spend cap"),
    Fault.SUBMIT_410: (State.FAILED, "Segmind has retired the model SDXL StickerSheet"),
    Fault.SUBMIT_422: (State.FAILED, "img_width must be one of"),
    Fault.SUBMIT_429: DONE,
    Fault.SUBMIT_500: UNKNOWN,
    Fault.SUBMIT_502: UNKNOWN,
    Fault.SUBMIT_504: UNKNOWN,
    Fault.SUBMIT_DROPPED: UNKNOWN,
    Fault.SUBMIT_UNMADE: UNKNOWN,
    Fault.SUBMIT_CUT: UNKNOWN,
    Fault.SUBMIT_HUNG: UNKNOWN,
    Fault.SUBMIT_SLOW: DONE,
    Fault.SUBMIT_502_MADE: UNKNOWN,
    Fault.SUBMIT_NO_ID: UNKNOWN,
    Fault.SUBMIT_HTML: UNKNOWN,
    Fault.SUBMIT_302: UNKNOWN,
    Fault.FOREIGN_URLS: DONE,
    Fault.MODERATION: (State.FAILED, "Content policy violation"),
    Fault.JOB_FAILED: (State.FAILED, "CUDA out of memory"),
    Fault.LOST: (State.EXPIRED, "not found"),
    Fault.STATUS_401_MISSING: (State.EXPIRED, "API key is missing"),
    Fault.STATUS_401_INVALID: (State.EXPIRED, "Invalid API key"),
    Fault.STATUS_403: (State.EXPIRED, "not permitted"),
    Fault.STATUS_404: (State.EXPIRED, "not found"),
    Fault.STATUS_405: (State.EXPIRED, "405"),
    Fault.STATUS_429: DONE,
    Fault.STATUS_500: DONE,
    Fault.STATUS_502: DONE,
    Fault.STATUS_504: DONE,
    Fault.STATUS_SLOW: DONE,
    Fault.STATUS_HUNG: DONE,
    Fault.STATUS_DROPPED: DONE,
    Fault.STATUS_HTML: DONE,
    Fault.STATUS_302: DONE,
    Fault.STATUS_GARBAGE: DONE,
    Fault.STATUS_UNKNOWN_STATE: DONE,
    Fault.STUCK: (State.EXPIRED, "hour"),
    Fault.RESULT_401_INVALID: (State.UNSAVED, "Invalid API key"),
    Fault.RESULT_404: (State.UNSAVED, "not found"),
    Fault.RESULT_429: DONE,
    Fault.RESULT_500: DONE,
    Fault.RESULT_502: DONE,
    Fault.RESULT_504: DONE,
    Fault.RESULT_HUNG: DONE,
    Fault.RESULT_DROPPED: DONE,
    Fault.RESULT_HTML: DONE,
    Fault.RESULT_302: DONE,
    Fault.RESULT_GARBAGE: DONE,
    Fault.HISTORY_404: DONE,  # nobody asks it
    Fault.OUTPUT_STRING: DONE,
    Fault.OUTPUT_LIST: DONE,
    Fault.OUTPUT_IMAGES: DONE,
    Fault.OUTPUT_BASE64: DONE,
    Fault.OUTPUT_BASE64_LIST: DONE,
    Fault.OUTPUT_DATA_URI: DONE,
    Fault.OUTPUT_NULL: (State.UNSAVED, "no picture"),
    Fault.OUTPUT_NOISE: (State.UNSAVED, "could not be saved"),
    Fault.OUTPUT_PRIVATE: (State.UNSAVED, "could not be saved"),
    Fault.IMAGE_404: (State.UNSAVED, "could not be saved"),
    Fault.IMAGE_403: (State.UNSAVED, "could not be saved"),
    Fault.IMAGE_429: DONE,
    Fault.IMAGE_503: DONE,
    Fault.IMAGE_SLOW: DONE,
    Fault.IMAGE_HUNG: DONE,
    Fault.IMAGE_DROPPED: DONE,
    Fault.IMAGE_TRUNCATED: (State.UNSAVED, "could not be saved"),
    Fault.IMAGE_EMPTY: (State.UNSAVED, "could not be saved"),
    Fault.IMAGE_HTML: (State.UNSAVED, "could not be saved"),
    Fault.IMAGE_WRONG_TYPE: (State.UNSAVED, "could not be saved"),
    Fault.IMAGE_OVERSIZE: (State.UNSAVED, "could not be saved"),
    Fault.IMAGE_TOO_MANY_PIXELS: (State.UNSAVED, "could not be saved"),
    Fault.IMAGE_REDIRECT: DONE,
    Fault.IMAGE_REDIRECT_LOOP: (State.UNSAVED, "could not be saved"),
    Fault.IMAGE_REDIRECT_PRIVATE: (State.UNSAVED, "could not be saved"),
    Fault.IMAGE_PNG: DONE,
    Fault.IMAGE_WEBP: DONE,
    Fault.IMAGE_TURNED: DONE,
    Fault.IMAGE_ODD_WORDS: DONE,
}


def test_every_fault_has_its_outcome() -> None:
    assert set(OUTCOMES) == set(Fault)


@pytest.mark.parametrize("fault", Fault)
def test_each_fault_gives_the_right_state_and_words(designer: User, sandbox: Sandbox, fault: Fault) -> None:
    state, words = OUTCOMES[fault]
    generation = order(designer, f"[fault:{fault}] cats")
    finish(generation)
    assert (generation.state, generation.error) == (state, generation.error)
    assert words in generation.error
    # A passing 429 is the only answer after which an order is sent again, because it says that nothing was made.
    posts = sandbox.posts()
    assert sum(call.method == "POST" for call in posts) == (3 if fault is Fault.SUBMIT_429 else 1)
    assert len(sandbox.jobs) <= 1
    if state == State.DONE:
        assert generation.error == ""
        assert Sticker.objects.count() == 3
    else:
        assert not Sheet.objects.exists()


def test_no_connection_is_queued_again_and_never_billed(designer: User, settings: Settings, sandbox: Sandbox) -> None:
    address = settings.SEGMIND_BASE_URL
    settings.SEGMIND_BASE_URL = "http://127.0.0.1:9"
    generation = order(designer)
    pipeline.reconcile()
    generation.refresh_from_db()
    assert (generation.state, generation.submitted_at) == (State.CREATED, None)
    assert "nothing was billed" in generation.error
    settings.SEGMIND_BASE_URL = address
    finish(generation)
    assert generation.state == State.DONE
    assert len(sandbox.posts()) == 1


def test_no_connection_for_an_hour_fails(designer: User, settings: Settings, sandbox: Sandbox) -> None:
    settings.SEGMIND_BASE_URL = "http://127.0.0.1:9"
    generation = order(designer)
    finish(generation)
    assert generation.state == State.FAILED
    assert "not billed" in generation.error


def test_polls_are_spent_where_a_job_is_expected() -> None:
    def pause(waited_s: float, typical_s: float | None) -> float:
        return pipeline.timing.cadence(timedelta(seconds=waited_s), typical_s).total_seconds()

    assert pause(8, 16) == 3
    assert pause(13, 16) == pytest.approx(1.4)  # then it is expected
    assert pause(16, 16) == 0.4
    assert 0.8 <= pause(25, 16) <= 1.2
    assert 0.8 <= pause(16, None) <= 1.2
    assert 4 <= pause(100, 16) <= 6
    assert 8 <= pause(1000, 16) <= 12
    assert pause(300, 300) == 2


def test_a_picture_that_lies_on_its_side_is_stored_upright(designer: User, sandbox: Sandbox) -> None:
    straight = order(designer, "cats", recipe=recipe(img_width=1024, img_height=512))
    turned = order(designer, f"[fault:{Fault.IMAGE_TURNED}] cats", recipe=recipe(img_width=1024, img_height=512))
    finish(straight, turned)
    one, other = Sheet.objects.get(generation=straight), Sheet.objects.get(generation=turned)
    assert (other.format, other.width_px, other.height_px) == ("PNG", 1024, 512)
    with Image.open(io.BytesIO(storage.get(other.file.name or ""))) as stored:
        assert (stored.size, stored.getexif().get(0x0112)) == ((1024, 512), None)
    assert one.stickers.count() == other.stickers.count() > 0
    for there, here in zip(one.stickers.all(), other.stickers.all(), strict=True):
        assert abs(there.x - here.x) <= 3
        assert abs(there.y - here.y) <= 3


def test_a_picture_with_odd_words_is_stored_without_them(designer: User, sandbox: Sandbox) -> None:
    generation = order(designer, f"[fault:{Fault.IMAGE_ODD_WORDS}] cats")
    finish(generation)
    sheet = Sheet.objects.get(generation=generation)
    with Image.open(io.BytesIO(storage.get(sheet.file.name or ""))) as stored:
        assert (stored.size, stored.info) == ((512, 512), {})

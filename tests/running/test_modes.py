"""A studio that changes between practice and real orders while jobs wait: jobs of the other mode wait untouched."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from stickers import pipeline
from stickers.models import Generation, State
from stickers.sandbox.server import Sandbox
from tests.support.jobs import finish, let_time_pass, order
from tests.support.rows import make_generation

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_works(designer: User, studio_settings: Settings, sandbox: Sandbox) -> None:
    """Sent with a key, then practice for a while, then the key again: the paid sheet is there in the end."""
    studio_settings.SANDBOX_IN_USE, studio_settings.SEGMIND_API_KEY = False, "SG_of_the_studio"
    paid = order(designer)
    pipeline.reconcile()
    paid.refresh_from_db()
    assert (paid.state, paid.sandbox) == (State.WAITING, False)
    calls = len(sandbox.calls)

    studio_settings.SANDBOX_IN_USE, studio_settings.SEGMIND_API_KEY = True, ""
    for _ in range(3):
        let_time_pass(timedelta(0))
        assert pipeline.reconcile() == []
    assert len(sandbox.calls) == calls
    paid.refresh_from_db()
    assert (paid.state, paid.tries, paid.error) == (State.WAITING, 0, "")

    practice = order(designer)
    finish(practice)
    assert practice.state == State.DONE
    studio_settings.SANDBOX_IN_USE, studio_settings.SEGMIND_API_KEY = False, "SG_of_the_studio"
    finish(paid)
    assert paid.state == State.DONE


@pytest.mark.parametrize("state", [State.WAITING, State.READY])
@pytest.mark.parametrize("was_practice", [False, True])
def test_the_card_says_what_it_waits_for(
    client: Client, designer: User, studio_settings: Settings, state: State, was_practice: bool
) -> None:
    make_generation(designer, state=state, sandbox=was_practice, request_id="abc", finished_at=None)
    words = f"Waits for the studio to {'go back to' if was_practice else 'leave'} practice mode."
    studio_settings.SANDBOX_IN_USE = was_practice
    assert words not in client.get("/").content.decode()
    studio_settings.SANDBOX_IN_USE = not was_practice
    assert words in client.get("/").content.decode()
    pipeline.reconcile()
    assert Generation.objects.get().state == state


@pytest.mark.parametrize("state", [State.WAITING, State.READY])
@pytest.mark.parametrize("was_practice", [False, True])
def test_one_of_the_other_mode_can_be_put_away_and_taken_up_again(
    client: Client, designer: User, studio_settings: Settings, state: State, was_practice: bool
) -> None:
    now = timezone.now()
    words = "It was practice: nothing is billed." if was_practice else "It is made already, and billed."
    urls = ["https://images.segmind.com/1.jpg"] if state == State.READY else []
    sent = {"submitted_at": now, "completed_at": now, "finished_at": None, "image_urls": urls}
    generation = make_generation(designer, state=state, sandbox=was_practice, **sent)
    studio_settings.SANDBOX_IN_USE = not was_practice
    assert "Stop waiting" in client.get("/").content.decode()
    client.post(f"/generations/{generation.pk}/cancel/")
    generation.refresh_from_db()
    assert (generation.state, generation.error) == (State.CANCELLED, f"No longer waited for. {words}")
    assert words in client.get("/").content.decode()

    client.post(f"/generations/{generation.pk}/resume/")
    generation.refresh_from_db()
    assert (generation.state, generation.error) == (state, "")

    client.post(f"/generations/{generation.pk}/cancel/")
    client.post(f"/generations/{generation.pk}/dismiss/")
    assert not Generation.objects.cards().exists()


@pytest.mark.parametrize("practice", [False, True])
def test_one_of_this_mode_that_is_made_is_fetched_and_not_put_away(
    client: Client, designer: User, studio_settings: Settings, practice: bool
) -> None:
    now = timezone.now()
    generation = make_generation(designer, state=State.READY, sandbox=practice, submitted_at=now, completed_at=now)
    studio_settings.SANDBOX_IN_USE = practice
    assert "Stop waiting" not in client.get("/").content.decode()
    client.post(f"/generations/{generation.pk}/cancel/")
    generation.refresh_from_db()
    assert generation.state == State.READY

"""The rows' side of an order: its moves, its leases and what the designer can do with it."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from stickers.models import ACTIVE, RETRYABLE, Generation, State
from stickers.models.generation import CANCELLABLE, SAME_CLICK, columns
from stickers.segmind.addresses import is_request_id
from stickers.segmind.messages import MOST_EXPENSIVE
from tests.support.models import PARAMETERS, SPEC, recipe


def order(owner: User, **fields: Any) -> Generation:
    return Generation.objects.create(owner=owner, **{"prompt": "happy cats", "seed": 7, **fields})


def in_state(owner: User, state: State, **fields: Any) -> Generation:
    if state == State.WAITING:
        fields.setdefault("request_id", f"request-{Generation.objects.count()}")
    return order(owner, state=state, **fields)


def test_it_works(designer: User) -> None:
    generation = order(designer)
    [claimed] = Generation.objects.claim(
        State.CREATED, limit=5, lease_until=timezone.now() + timedelta(minutes=1), state=State.SUBMITTING
    )
    assert claimed == generation
    assert claimed.move(frm=[State.SUBMITTING], to=State.WAITING, request_id="abc")
    assert claimed.move(frm=[State.WAITING], to=State.READY)
    assert claimed.move(frm=[State.READY], to=State.CUTTING)
    assert claimed.move(frm=[State.CUTTING], to=State.DONE)
    generation.refresh_from_db()
    assert (generation.state, generation.next_at, generation.request_id) == (State.DONE, None, "abc")
    assert generation.finished_at is not None


def test_a_move_is_made_by_one_only(designer: User) -> None:
    generation = order(designer)
    twin = Generation.objects.get(pk=generation.pk)
    assert generation.move(frm=[State.CREATED], to=State.SUBMITTING)
    assert not twin.move(frm=[State.CREATED], to=State.CANCELLED)
    twin.refresh_from_db()
    assert twin.state == State.SUBMITTING


@pytest.mark.django_db(transaction=True)
def test_each_row_is_claimed_once_by_many_workers(designer: User) -> None:
    # With SQLite's one lock a few rows show as much as many.
    many = 60 if connection.vendor == "sqlite" else 1600
    Generation.objects.bulk_create(Generation(owner=designer, prompt="cats", seed=seed) for seed in range(many))
    lease = timezone.now() + timedelta(minutes=1)

    def take() -> list[int]:
        taken: list[int] = []
        while rows := Generation.objects.claim(State.CREATED, limit=3, lease_until=lease, state=State.SUBMITTING):
            taken += [row.pk for row in rows]
        connections.close_all()
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [pk for future in [pool.submit(take) for _ in range(4)] for pk in future.result()]
    assert len(taken) == many
    assert len(set(taken)) == many


def test_what_the_wire_lets_through_fits_into_the_row(designer: User) -> None:
    """SQLite takes anything. PostgreSQL would refuse the row of a paid job."""
    longest = {"request_id": "r" * 200, "error": "🦦" * 500, "cost": Decimal(MOST_EXPENSIVE) - Decimal("0.00001")}
    assert is_request_id(longest["request_id"])
    assert not is_request_id(f"{longest['request_id']}r")
    urls = [f"https://images.example/{'ü' * 3000}.jpeg"]
    generation = order(designer)
    generation.move(frm=[State.CREATED], to=State.WAITING, image_urls=urls, inference_seconds=1e9, **longest)
    kept = Generation.objects.get()
    assert (kept.request_id, kept.error, kept.cost) == tuple(longest.values())
    assert kept.image_urls == urls
    assert Generation.objects.get(image_urls__0=urls[0]) == kept


def test_ten_fingers_on_one_button(designer: User, transactional_db: None) -> None:
    click = uuid.uuid4()

    def press(_: int) -> bool:
        ordered = Generation.objects.order(owner_pk=designer.pk, click=click, prompt="cats", seed=1)
        connections.close_all()
        return ordered is not None

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(press, range(10))) == [False] * 9 + [True]
    assert Generation.objects.count() == 1
    # A little later it is intended, and so it is from another person.
    Generation.objects.update(created_at=timezone.now() - SAME_CLICK)
    assert press(0)
    assert Generation.objects.order(owner_pk=User.objects.create(username="x").pk, click=click, prompt="cats", seed=1)


def test_a_lease_hides_a_row_until_it_is_over(designer: User) -> None:
    order(designer)
    now = timezone.now()
    assert Generation.objects.claim(State.CREATED, limit=1, lease_until=now + timedelta(minutes=1))
    assert not Generation.objects.claim(State.CREATED, limit=1, lease_until=now + timedelta(minutes=1))
    Generation.objects.update(next_at=now - timedelta(seconds=1))
    assert Generation.objects.claim(State.CREATED, limit=1, lease_until=now + timedelta(minutes=1))


def test_a_late_try_puts_nothing_off(designer: User) -> None:
    """A newer try has the row, or has found out that the job is completed."""
    order(designer, state=State.WAITING, request_id="abc")
    lease = timezone.now() + timedelta(minutes=1)
    [late] = Generation.objects.claim(State.WAITING, limit=1, lease_until=lease)
    Generation.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    [newer] = Generation.objects.claim(State.WAITING, limit=1, lease_until=lease + timedelta(minutes=1))
    assert not late.put_off(timedelta(minutes=9), "Nothing there.", tries=3)
    assert newer.put_off(timedelta(seconds=1), tries=1)
    row = Generation.objects.get()
    assert (row.tries, row.error, row.next_at) == (1, "", newer.next_at)


def test_cancel_is_free_before_the_post(designer: User) -> None:
    generation = order(designer)
    assert generation.cancel()
    assert "free" in generation.error
    assert not generation.may_be_billed


def test_cancel_after_the_post_says_that_it_may_be_billed(designer: User) -> None:
    generation = in_state(designer, State.WAITING, submitted_at=timezone.now())
    assert generation.cancel()
    assert "may be billed" in generation.error
    assert generation.may_be_billed


@pytest.mark.parametrize("state", sorted(set(State) - set(CANCELLABLE)))
def test_cancel_leaves_what_is_past_cancelling(designer: User, state: State) -> None:
    generation = in_state(designer, state)
    assert not generation.cancel()
    generation.refresh_from_db()
    assert generation.state == state


@pytest.mark.parametrize("state", RETRYABLE)
def test_retry_makes_a_new_order_in_the_old_place(designer: User, state: State) -> None:
    older = order(designer)
    generation = in_state(designer, state, recipe=recipe(guidance_scale=9.0, img_width=512), add_trigger=False)
    newer = order(designer)
    again = generation.retry()
    assert again is not None
    assert (again.values, again.add_trigger) == (generation.values, False)
    assert (again.model, again.recipe["img_width"]) == (SPEC.slug, 512)
    assert (again.state, again.retry_of, again.request_id) == (State.CREATED, generation, "")
    assert list(Generation.objects.cards()) == [newer, again, older]


def test_retry_twice_makes_one_order(designer: User) -> None:
    generation = in_state(designer, State.FAILED)
    twin = Generation.objects.get(pk=generation.pk)
    assert generation.retry() is not None
    assert twin.retry() is None
    assert Generation.objects.count() == 2


@pytest.mark.parametrize("state", [*ACTIVE, State.DONE])
def test_retry_goes_by_the_row_and_not_by_an_old_look_at_it(designer: User, state: State) -> None:
    old = in_state(designer, State.UNKNOWN)
    Generation.objects.filter(pk=old.pk).update(state=state, request_id="came late")
    assert old.retry() is None
    assert Generation.objects.count() == 1


@pytest.mark.parametrize("state", [*ACTIVE, State.DONE])
def test_retry_is_refused_while_nothing_went_wrong(designer: User, state: State) -> None:
    assert in_state(designer, state).retry() is None
    assert Generation.objects.count() == 1


def test_resume_waits_again_without_a_second_order(designer: User) -> None:
    generation = in_state(designer, State.WAITING, submitted_at=timezone.now())
    generation.cancel()
    assert generation.can_resume
    assert generation.resume()
    assert generation.state == State.WAITING
    assert generation.next_at is not None


def test_resume_polls_again_a_job_that_was_not_found(designer: User) -> None:
    generation = in_state(designer, State.EXPIRED, request_id="abc", submitted_at=timezone.now(), error="Not found.")
    assert generation.resume()
    assert (generation.state, generation.error, generation.finished_at) == (State.WAITING, "", None)
    assert not in_state(designer, State.EXPIRED).resume()


def test_resume_fetches_pictures_that_were_not_saved(designer: User) -> None:
    generation = in_state(designer, State.UNSAVED, request_id="abc", image_urls=["https://images.example/1.jpeg"])
    assert generation.resume()
    assert generation.state == State.READY


@pytest.mark.parametrize("state", ACTIVE)
def test_dismiss_never_hides_work_under_way(designer: User, state: State) -> None:
    assert not in_state(designer, state).dismiss()
    assert Generation.objects.cards().count() == 1


def test_dismiss_hides_a_finished_card(designer: User) -> None:
    generation = in_state(designer, State.FAILED)
    assert generation.dismiss()
    assert not generation.dismiss()
    assert Generation.objects.cards().count() == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prompt", ""),
        ("scheduler", "Euler b"),
        ("num_inference_steps", 19),
        ("num_inference_steps", 101),
        ("guidance_scale", 0.05),
        ("guidance_scale", 25.1),
        ("samples", 0),
        ("samples", 5),
        ("seed", 10**15),
        ("img_width", 640),
        ("img_height", 0),
        ("lora_scale", 2.5),
    ],
)
def test_the_row_refuses_what_the_model_refuses(designer: User, name: str, value: object) -> None:
    generation = Generation(owner=designer, **columns(SPEC, {"prompt": "cats", "seed": 1, name: value}))
    with pytest.raises(ValidationError) as caught:
        generation.full_clean()
    assert name in caught.value.message_dict


@pytest.mark.parametrize("fields", [{"seed": -1}, {"state": State.WAITING, "request_id": ""}])
def test_the_database_refuses_an_impossible_row(designer: User, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        order(designer, **fields)


def test_the_payload_is_the_recipe_with_the_trigger_word(designer: User) -> None:
    generation = order(designer, prompt="happy cats")
    assert generation.payload()["prompt"] == "StickerSheet, happy cats"
    assert set(generation.payload()) == set(PARAMETERS) - {"negative_prompt"}
    generation.add_trigger = False
    assert generation.payload()["prompt"] == "happy cats"
    generation.add_trigger, generation.prompt = True, "a stickersheet of cats"
    assert generation.payload()["prompt"] == "a stickersheet of cats"


ACTS = ["cancel", "retry", "resume", "dismiss"]


@settings(max_examples=40, deadline=None)
@given(
    state=st.sampled_from(list(State)),
    has_id=st.booleans(),
    acts=st.lists(st.sampled_from(ACTS), min_size=1, max_size=6),
)
def test_no_click_brings_a_sent_order_back_to_the_post(
    django_db_blocker: Any, django_db_setup: None, state: State, has_id: bool, acts: list[str]
) -> None:
    with django_db_blocker.unblock(), transaction.atomic():
        owner = User.objects.create_user("clicker")
        generation = in_state(owner, state, **({"request_id": "known"} if has_id else {}))
        for act in acts:
            getattr(generation, act)()
            generation.refresh_from_db()
        if state not in (State.CREATED, State.SUBMITTING):
            assert generation.state not in (State.CREATED, State.SUBMITTING)
        # Whatever was clicked, at most one new order came of it, and only from a card that had ended.
        assert Generation.objects.filter(retry_of=generation).count() <= (generation.state in RETRYABLE)
        transaction.set_rollback(True)

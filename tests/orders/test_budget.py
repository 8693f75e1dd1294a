"""Budgets: what a month has room for, checked before an order is queued and again before it is sent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from stickers.models import Budget, Generation, OrderRefused, State, TooManyOrders
from stickers.orders import api_keys

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def order(owner: User, **fields: Any) -> Generation:
    made = Generation.objects.order(owner_pk=owner.pk, click=None, prompt="cats", seed=1, **fields)
    assert made is not None
    return made


def past(owner: User, **fields: Any) -> Generation:
    """An order of this month that has ended."""
    now = timezone.now()
    values = {"state": State.DONE, "submitted_at": now, "finished_at": now, "sandbox": True, "cost": Decimal("0.02")}
    return Generation.objects.create(owner=owner, prompt="cats", seed=1, **(values | fields))


def claim() -> list[Generation]:
    now = timezone.now()
    return Generation.objects.claim(
        State.CREATED,
        limit=8,
        lease_until=now + timedelta(seconds=60),
        state=State.SUBMITTING,
        submitted_at=now,
        sandbox=True,
    )


def test_it_works(designer: User) -> None:
    past(designer)
    Budget.objects.create(owner=designer, dollars=Decimal("0.10"))
    for _ in range(4):
        order(designer)
    with pytest.raises(OrderRefused, match=r"Your budget of \$0.10 this month has \$0.00 left.* about \$0.020"):
        order(designer)
    assert Generation.objects.count() == 5


def test_without_a_budget_anything_goes(designer: User) -> None:
    past(designer, cost=Decimal(1000))
    Budget.objects.create(owner=designer)
    order(designer, samples=4)


def test_sheets_are_counted_by_samples(designer: User) -> None:
    Budget.objects.create(owner=designer, sheets=5)
    order(designer, samples=3)
    with pytest.raises(OrderRefused, match="5 sheets this month has room for 2 more"):
        order(designer, samples=3)
    order(designer, samples=2)
    with pytest.raises(OrderRefused, match="room for no more"):
        order(designer)


def test_an_estimate_is_the_last_price_times_the_sheets(designer: User) -> None:
    past(designer, samples=2, cost=Decimal("0.06"))
    Budget.objects.create(owner=designer, dollars=Decimal("0.17"))
    order(designer, samples=3)
    with pytest.raises(OrderRefused, match=r"\$0.02 left"):
        order(designer)


def test_one_designers_budget_is_not_anothers(designer: User, other_designer: User) -> None:
    Budget.objects.create(owner=designer, sheets=0)
    order(other_designer)
    with pytest.raises(OrderRefused):
        order(designer)


def test_the_studios_budget_is_everybodys(designer: User, other_designer: User) -> None:
    Budget.objects.create(sheets=3)
    order(designer, samples=2)
    order(other_designer)
    with pytest.raises(OrderRefused, match="The studio's budget of 3 sheets"):
        order(other_designer)


def test_there_is_one_budget_each(designer: User) -> None:
    Budget.objects.create(sheets=3)
    with pytest.raises(Exception, match=r"budget_one_each|UNIQUE"):
        Budget.objects.create(sheets=4)


def test_what_was_surely_not_billed_does_not_count(designer: User) -> None:
    Budget.objects.create(owner=designer, sheets=2)
    past(designer, state=State.FAILED, cost=None)
    order(designer).cancel()
    past(designer, submitted_at=timezone.now() - timedelta(days=32))
    past(designer, sandbox=False)  # a paid order is no practice order
    order(designer, samples=2)


@pytest.mark.parametrize("state", [State.UNKNOWN, State.EXPIRED, State.UNSAVED, State.CANCELLED])
def test_what_may_have_been_billed_counts(designer: User, state: State) -> None:
    Budget.objects.create(owner=designer, sheets=1)
    past(designer, state=state, cost=None)
    with pytest.raises(OrderRefused):
        order(designer)


def test_with_no_price_known_one_order_at_a_time(designer: User) -> None:
    Budget.objects.create(owner=designer, dollars=Decimal(5))
    first = order(designer)
    with pytest.raises(OrderRefused, match="no price is known yet"):
        order(designer)
    now = timezone.now()
    Generation.objects.filter(pk=first.pk).update(state=State.DONE, sandbox=True, submitted_at=now, finished_at=now)
    order(designer)  # the first ended without a price, so it is unpriced, and the next may bring one


def test_nothing_is_too_much_for_no_dollars(designer: User) -> None:
    Budget.objects.create(owner=designer, dollars=Decimal(0))
    with pytest.raises(OrderRefused):
        order(designer)


def test_a_retry_needs_room_too_and_keeps_its_card(designer: User) -> None:
    failed = past(designer, state=State.FAILED, cost=None)
    Budget.objects.create(owner=designer, sheets=0)
    with pytest.raises(OrderRefused):
        failed.retry()
    failed.refresh_from_db()
    assert failed.dismissed_at is None
    assert Generation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_budget_that_shrank_refuses_what_is_queued(designer: User) -> None:
    budget = Budget.objects.create(owner=designer, sheets=4)
    for _ in range(4):
        order(designer)
    budget.sheets = 3
    budget.save()
    assert len(claim()) == 3
    refused = Generation.objects.get(state=State.FAILED)
    assert "Your budget of 3 sheets" in refused.error
    assert "It was not sent." in refused.error
    assert refused.submitted_at is None


@pytest.mark.django_db(transaction=True)
def test_a_price_that_rose_is_seen_before_the_next_is_sent(designer: User) -> None:
    past(designer)
    Budget.objects.create(owner=designer, dollars=Decimal("0.10"))
    for _ in range(3):
        order(designer)
    past(designer, cost=Decimal("0.05"))
    assert claim() == []
    assert Generation.objects.filter(state=State.FAILED).count() == 3


@pytest.mark.django_db(transaction=True)
def test_orders_at_the_same_moment_do_not_overrun(designer: User, other_designer: User) -> None:
    Budget.objects.create(sheets=5)

    def one(owner: User) -> bool:
        try:
            order(owner)
        except OrderRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(one, [designer, other_designer] * 6))
    assert sum(taken) == Generation.objects.count() == 5


def test_too_many_within_a_minute(designer: User, settings: Settings) -> None:
    settings.STUDIO_ACCOUNTS = True
    settings.ORDERS_PER_MINUTE = 2
    order(designer)
    first = order(designer)
    with pytest.raises(TooManyOrders, match=r"more than 2 orders within a minute.*again in \d+ seconds") as refused:
        order(designer)
    assert 0 < refused.value.retry_after <= 60
    Generation.objects.update(created_at=first.created_at - timedelta(seconds=61))
    order(designer)


@pytest.mark.parametrize(("accounts", "most"), [(False, 1), (True, 0)])
def test_no_pace_for_one_designer_or_when_switched_off(
    designer: User, settings: Settings, accounts: bool, most: int
) -> None:
    settings.STUDIO_ACCOUNTS = accounts
    settings.ORDERS_PER_MINUTE = most
    for _ in range(3):
        order(designer)


def test_the_form_tells_what_is_left(client: Client, designer: User, other_designer: User) -> None:
    past(designer)
    Budget.objects.create(owner=designer, dollars=Decimal(5), sheets=20)
    Budget.objects.create(dollars=Decimal("9.50"))
    Budget.objects.create(owner=other_designer, sheets=3)
    order(designer, samples=2)
    past(other_designer)
    assert Generation.objects.rooms(designer.pk) == [
        "Your budget: $4.94 of $5.00 and 17 of 20 sheets left this month",
        "The studio's budget: $9.42 of $9.50 left this month",
    ]
    for page in (client.get("/"), client.get("/estimate/"), client.post("/", {"prompt": ""}, headers=HTMX)):
        assert "Your budget: $4.94 of $5.00 and 17 of 20 sheets left this month" in page.content.decode()
        assert "The studio&#x27;s budget: $9.42" in page.content.decode()


def test_what_is_left_is_asked_again_after_each_order(client: Client, designer: User) -> None:
    Budget.objects.create(owner=designer, sheets=4)
    page = client.get("/").content.decode()
    assert "4 of 4 sheets left" in page
    assert "orders-changed from:body" in page
    answer = client.post("/", {"prompt": "two cats", "samples": "3"}, headers=HTMX)
    assert "orders-changed" in answer.headers["HX-Trigger"]
    assert "1 of 4 sheets left" in client.get("/estimate/").content.decode()
    answer = client.post(f"/generations/{Generation.objects.get().pk}/cancel/", headers=HTMX)
    assert "orders-changed" in answer.headers["HX-Trigger"]
    assert "4 of 4 sheets left" in client.get("/estimate/").content.decode()


def test_what_is_left_when_overrun_or_without_a_price(designer: User) -> None:
    Budget.objects.create(owner=designer, sheets=1, dollars=Decimal(1))
    past(designer, samples=2, cost=None, finished_at=None, state=State.WAITING, request_id="1")
    assert Generation.objects.rooms(designer.pk) == [
        "Your budget: $1.00 of $1.00 and 0 of 1 sheet left this month + 2 unpriced"
    ]
    past(designer, cost=Decimal(3))
    assert "$0.00 of $1.00" in Generation.objects.rooms(designer.pk)[0]


def test_without_a_budget_the_form_tells_of_none(client: Client, designer: User) -> None:
    Budget.objects.create(owner=designer)
    assert "budget" not in client.get("/").content.decode()


def test_with_a_key_of_ones_own_the_studios_budget_is_not_told(designer: User, settings: Settings) -> None:
    settings.STUDIO_OWN_KEYS, settings.SANDBOX_IN_USE = True, False
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    Budget.objects.create(owner=designer, sheets=4)
    Budget.objects.create(sheets=9)
    assert len(Generation.objects.rooms(designer.pk)) == 2
    api_keys.save_own(designer.pk, "SG_of_mine")
    assert Generation.objects.rooms(designer.pk) == ["Your budget: 4 of 4 sheets left this month"]

"""An account that anybody switched off: queued orders are not sent, sent ones are finished."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from stickers import pipeline
from stickers.models import Generation, State
from stickers.orders import cards
from stickers.pipeline import submitting
from stickers.sandbox.server import Sandbox
from tests.support.addresses import WITH_ACCOUNTS
from tests.support.jobs import finish, order

pytestmark = pytest.mark.django_db(transaction=True)


def on_the_team_page(boss: Client, person: User) -> None:
    boss.post(f"/team/{person.pk}/active/", {"active": "0"})


def in_djangos_admin(boss: Client, person: User) -> None:
    fields = {"username": person.username, "date_joined_0": "2026-01-01", "date_joined_1": "12:00:00"}
    answer = boss.post(f"/admin/auth/user/{person.pk}/change/", fields)
    assert answer.status_code == 302, answer.content.decode()


def by_a_command(boss: Client, person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


@pytest.fixture
def boss(client: Client, studio_settings: Settings) -> Client:
    studio_settings.STUDIO_ACCOUNTS = True
    studio_settings.ROOT_URLCONF = WITH_ACCOUNTS.__name__
    client.force_login(User.objects.create_superuser("boss", password="a password of the boss"))
    return client


@pytest.mark.parametrize("switch_off", [on_the_team_page, in_djangos_admin, by_a_command])
def test_what_is_queued_is_not_sent(
    switch_off: Callable[[Client, User], None], boss: Client, other_designer: User, sandbox: Sandbox
) -> None:
    sent = order(other_designer)
    pipeline.reconcile()
    sent.refresh_from_db()
    assert sent.state == State.WAITING
    queued = order(other_designer)
    others = order(User.objects.get(username="boss"))

    switch_off(boss, other_designer)
    finish(sent, queued, others)

    assert (sent.state, others.state, queued.state) == (State.DONE, State.DONE, State.CANCELLED)
    assert queued.error == "Not sent: the account was switched off. Nothing was billed."
    assert (queued.submitted_at, queued.request_id, queued.may_be_billed) == (None, "", False)
    assert len(sandbox.posts()) == 2


def test_nothing_is_claimed_between_the_check_and_the_claim(boss: Client, other_designer: User) -> None:
    queued = order(other_designer)
    User.objects.filter(pk=other_designer.pk).update(is_active=False)
    assert submitting.exchanges() == []
    queued.refresh_from_db()
    assert queued.state == State.CREATED


def test_who_comes_back_may_order_it_again(boss: Client, other_designer: User, sandbox: Sandbox) -> None:
    order(other_designer)
    User.objects.filter(pk=other_designer.pk).update(is_active=False)
    pipeline.reconcile()
    [card] = cards.queue(other_designer.pk, sandbox=True).cards
    assert card.reason == Generation.objects.get().error
    User.objects.filter(pk=other_designer.pk).update(is_active=True)
    again = Generation.objects.get().retry()
    assert again is not None
    finish(again)
    assert again.state == State.DONE
    assert len(sandbox.posts()) == 1

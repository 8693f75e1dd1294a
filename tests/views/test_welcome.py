"""The page for invited people: once, in time, with a name and a password of their own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from stickers.models import Invitation

pytestmark = pytest.mark.django_db
CHOSEN = {"username": "ann", "password1": "stickers are fun 7", "password2": "stickers are fun 7"}


@pytest.fixture(autouse=True)
def _accounts(settings: Settings) -> None:
    settings.STUDIO_ACCOUNTS = True


def invited(**fields: object) -> str:
    return f"/welcome/{Invitation.objects.invite(**fields)[1]}/"  # type: ignore[arg-type]


def test_it_works(client: Client) -> None:
    link = invited(email="ann@studio.example")
    assert "Choose a name and a password." in client.get(link).content.decode()
    assert client.post(link, CHOSEN).headers["Location"] == "/"
    ann = User.objects.get(username="ann")
    assert (ann.email, ann.is_staff, ann.is_superuser) == ("ann@studio.example", False, False)
    assert ann.check_password(CHOSEN["password1"])
    assert client.get("/gallery/").status_code == 200


def test_an_admin_is_invited_as_one(client: Client) -> None:
    client.post(invited(is_admin=True), CHOSEN)
    assert User.objects.get(username="ann").is_staff
    assert client.get("/team/").status_code == 200


def test_it_works_once(client: Client) -> None:
    link = invited()
    client.post(link, CHOSEN)
    again = Client().post(link, CHOSEN | {"username": "eve"})
    assert again.status_code == 404
    assert "This invitation does not work" in again.content.decode()
    assert not User.objects.filter(username="eve").exists()


def test_it_runs_out(client: Client) -> None:
    link = invited()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(link).status_code == 404
    assert client.post(link, CHOSEN).status_code == 404
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"username": ""}, "This field is required."),
        ({"username": "TAKEN"}, "already exists"),
        ({"password2": "other"}, "match"),
        ({"password1": "eleven char", "password2": "eleven char"}, "at least 12 characters"),
    ],
)
def test_a_refusal_keeps_the_invitation(client: Client, changed: dict[str, str], words: str) -> None:
    User.objects.create(username="taken")
    link = invited()
    refused = client.post(link, CHOSEN | changed)
    assert refused.status_code == 422
    assert words in refused.content.decode()
    assert client.post(link, CHOSEN).status_code == 302


def test_a_guess_is_no_invitation(client: Client) -> None:
    assert client.get("/welcome/guess/").status_code == 404


def test_without_accounts_nobody_is_invited(client: Client, settings: Settings) -> None:
    link = invited()
    settings.STUDIO_ACCOUNTS = False
    assert client.post(link, CHOSEN).status_code == 404
    assert not User.objects.filter(username="ann").exists()

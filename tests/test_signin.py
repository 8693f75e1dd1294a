"""Signing in: too many wrong tries lock a name at one address for a while, and say so."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client, RequestFactory
from pytest_django import Settings

from stickers import tasks
from stickers.models import PasswordReset
from stickers.signin import client_address

pytestmark = pytest.mark.django_db
RIGHT = {"username": "other", "password": "other designer's password"}
WRONG = RIGHT | {"password": "guess"}


@pytest.fixture(autouse=True)
def _accounts(settings: Settings, other_designer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "nudge", lambda: None)  # no broker is needed here
    settings.STUDIO_ACCOUNTS = settings.AXES_ENABLED = True
    other_designer.email = "other@studio.example"
    other_designer.save()


def test_it_works(client: Client) -> None:
    assert client.post("/login/", WRONG).status_code == 200
    assert client.post("/login/", RIGHT).headers["Location"] == "/"


def test_too_many_tries(client: Client) -> None:
    answers = [client.post("/login/", WRONG) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429]
    assert "try again in 15 minutes" in answers[-1].content.decode()
    assert answers[-1].headers["Retry-After"] == "900"
    assert Client().post("/login/", RIGHT).status_code == 429  # in another process, as another session


def test_another_name_and_another_address_are_not_locked(client: Client) -> None:
    User.objects.create_user("ann", password="another password")
    for _ in range(5):
        client.post("/login/", WRONG)
    assert client.post("/login/", {"username": "ann", "password": "another password"}).status_code == 302
    assert Client(REMOTE_ADDR="192.0.2.7").post("/login/", RIGHT).status_code == 302


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.5", "10.0.0.1"),  # anybody can write it
        (1, "6.6.6.6, 203.0.113.5", "203.0.113.5"),
        (2, "6.6.6.6, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
        (2, "203.0.113.5", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_whose_address_counts(settings: Settings, proxies: int, forwarded: str, address: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="10.0.0.1")
    assert client_address(request) == address


def test_next_leads_nowhere_else(client: Client) -> None:
    away = client.post("/login/?next=https://evil.example/", RIGHT | {"next": "https://evil.example/"})
    assert away.headers["Location"] == "/"


def test_a_reset_says_the_same_whoever_asks(client: Client, settings: Settings) -> None:
    settings.MAIL_IS_SET_UP = True
    pages = []
    for address in ("other@studio.example", "nobody@studio.example"):
        answer = client.post("/password/", {"email": address})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/password/sent/")
        pages.append(client.get("/password/sent/").content)
    assert pages[0] == pages[1]
    assert mail.outbox == []  # nothing that takes its time is done in the request
    assert PasswordReset.objects.count() == 2


def test_without_a_mail_server_an_admin_is_named(client: Client) -> None:
    assert "Ask an admin" in client.get("/password/").content.decode()
    assert client.post("/password/", {"email": "other@studio.example"}).headers["Location"] == "/password/"
    assert mail.outbox == []


def test_changing_the_password(client: Client, other_designer: User) -> None:
    client.force_login(other_designer)
    new = {"new_password1": "a long new password", "new_password2": "a long new password"}
    assert "not changed yet" in client.post("/account/", {"old_password": "wrong"} | new).content.decode()
    page = client.post("/account/", {"old_password": RIGHT["password"]} | new, follow=True).content.decode()
    assert "Your password is changed" in page
    other_designer.refresh_from_db()
    assert other_designer.check_password("a long new password")

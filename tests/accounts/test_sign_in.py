"""Signing in: too many wrong tries lock a name at one address for a while, and the page says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from stickers.accounts import lockout
from stickers.accounts.sign_in import client_address
from stickers.models import Mail
from stickers.upkeep.housekeeping import clear

pytestmark = pytest.mark.django_db
RIGHT = {"username": "other", "password": "other designer's password"}
WRONG = RIGHT | {"password": "guess"}


@pytest.fixture(autouse=True)
def _accounts(settings: Settings, other_designer: User, hints: list[str]) -> None:
    settings.STUDIO_ACCOUNTS = settings.AXES_ENABLED = True
    # with Django's admin, as in a studio that has accounts from its start
    settings.ROOT_URLCONF = "tests.house.test_admin"
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


@pytest.mark.parametrize("path", ["/login/", "/admin/login/"])
@pytest.mark.parametrize("name", ["x" * 300, "\ufdfa" * 150])  # once it is normalized, this sign is 18 letters
def test_a_name_that_no_account_can_have(client: Client, path: str, name: str) -> None:
    answer = client.post(path, WRONG | {"username": name})
    assert answer.status_code == 200
    assert "No name is that long: names have at most 150 characters." in answer.content.decode()
    assert not AccessAttempt.objects.exists()


@pytest.mark.parametrize("path", ["/login/", "/admin/login/"])
@pytest.mark.parametrize("name", ["x" * 150, f"other{' ' * 300}"])
def test_the_longest_name_that_an_account_can_have_is_counted(client: Client, path: str, name: str) -> None:
    assert client.post(path, WRONG | {"username": name}).status_code == 200
    assert AccessAttempt.objects.get().username == name.strip()


def test_neither_name_nor_password(client: Client) -> None:
    assert "Please give both" in client.post("/login/", {"username": "", "password": "x"}).content.decode()
    assert "Please give both" in client.post("/login/", {"username": "x", "password": ""}).content.decode()


def test_another_name_and_another_address_are_not_locked(client: Client) -> None:
    User.objects.create_user("ann", password="another password")
    for _ in range(5):
        client.post("/login/", WRONG)
    assert client.post("/login/", {"username": "ann", "password": "another password"}).status_code == 302
    assert Client(REMOTE_ADDR="192.0.2.7").post("/login/", RIGHT).status_code == 302


def try_from(address: str, name: str) -> int:
    return Client(REMOTE_ADDR=address).post("/login/", {"username": name, "password": "guess"}).status_code


def test_many_names_from_one_address_are_locked(client: Client) -> None:
    answers = [try_from("192.0.2.7", f"name {number}") for number in range(lockout.PER_ADDRESS + 1)]
    assert answers == [200] * lockout.PER_ADDRESS + [429]
    assert Client(REMOTE_ADDR="192.0.2.7").post("/login/", RIGHT).status_code == 429
    assert client.post("/login/", RIGHT).status_code == 302


def test_one_name_from_many_addresses_is_locked_but_not_where_its_owner_signs_in(client: Client) -> None:
    assert client.post("/login/", RIGHT).status_code == 302
    answers = [try_from(f"192.0.2.{number}", "other") for number in range(lockout.PER_NAME + 1)]
    assert answers == [200] * lockout.PER_NAME + [429]
    assert Client(REMOTE_ADDR="198.51.100.1").post("/login/", RIGHT).status_code == 429
    assert Client().post("/login/", RIGHT).status_code == 302


def test_a_lock_by_name_ends_though_the_stranger_goes_on() -> None:
    for number in range(lockout.PER_NAME):
        try_from(f"192.0.2.{number}", "other")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert [try_from(f"198.51.100.{number}", "other") for number in range(3)] == [429] * 3
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert Client(REMOTE_ADDR="203.0.113.1").post("/login/", RIGHT).status_code == 302


def test_old_signins_are_forgotten(client: Client) -> None:
    client.post("/login/", RIGHT)
    clear()
    assert AccessLog.objects.count() == 1
    AccessLog.objects.update(attempt_time=timezone.now() - timedelta(days=31))
    clear()
    assert not AccessLog.objects.exists()


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.5", "10.0.0.1"),  # anybody can write this header
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
    assert mail.outbox == []  # the request itself does nothing slow
    assert Mail.objects.count() == 2


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

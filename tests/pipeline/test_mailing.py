"""Forgotten passwords: how often a new one may be requested, and the mail that a worker sends."""

from __future__ import annotations

import logging
import re
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from stickers import pipeline
from stickers.models import Mail
from stickers.upkeep.housekeeping import clear

pytestmark = pytest.mark.django_db
THEIRS, NOBODYS = "other@studio.example", "nobody@studio.example"


@pytest.fixture(autouse=True)
def _accounts(settings: Settings, other_designer: User, hints: list[str]) -> None:
    settings.STUDIO_ACCOUNTS = settings.MAIL_IS_SET_UP = True
    settings.STUDIO_URL = "https://studio.example"
    other_designer.email = THEIRS
    other_designer.save()


def ask(email: str = THEIRS, address: str = "192.0.2.7") -> int:
    return Client(REMOTE_ADDR=address).post("/password/", {"email": email}).status_code


def work() -> None:
    """Mail everything that is due."""
    while pks := pipeline.next_mails():
        for pk in pks:
            pipeline.mail(pk)


def let_pauses_pass() -> None:
    Mail.objects.exclude(next_at=None).update(next_at=timezone.now())


def test_it_works(hints: list[str], other_designer: User, client: Client) -> None:
    assert ask("Other@Studio.example") == 302
    assert hints == ["hint"]
    assert mail.outbox == []
    work()
    work()
    [sent] = mail.outbox
    assert sent.to == [THEIRS]
    link = re.search(r"https://studio\.example(/password/\S+)", sent.body)
    assert link
    assert "Choose a new password" in client.get(link[1], follow=True).content.decode()


def test_no_host_that_a_request_claims_gets_into_a_mail(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert Client(HTTP_HOST="evil.example").post("/password/", {"email": THEIRS}).status_code == 302
    work()
    assert "evil" not in mail.outbox[0].body
    assert "https://studio.example/password/" in mail.outbox[0].body


def test_a_mailed_link_ends_within_an_hour(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ask()
    work()
    link = re.search(r"https://studio\.example(/password/\S+)", str(mail.outbox[0].body))
    assert link
    assert "within an hour" in mail.outbox[0].body
    assert "within an hour" in client.get("/password/sent/").content.decode()
    later = datetime.now() + timedelta(seconds=3602)  # noqa: DTZ005  as Django's own
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda _: later)
    assert "This link does not work" in client.get(link[1], follow=True).content.decode()


def test_nobody_without_an_account_is_mailed(hints: list[str]) -> None:
    assert ask(NOBODYS) == 302
    assert hints == ["hint"]
    work()
    assert mail.outbox == []
    assert Mail.objects.get().next_at is None


@pytest.mark.parametrize("email", [THEIRS, NOBODYS])
def test_too_often_for_one_account_whether_there_is_one_or_not(email: str) -> None:
    answers = [ask(email, f"192.0.2.{number}") for number in range(4)]
    assert answers == [302, 302, 302, 429]
    assert ask(email.upper(), "192.0.2.9") == 429
    assert ask("ann@studio.example") == 302
    Mail.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    assert ask(email) == 302


def test_too_often_from_one_address() -> None:
    answers = [ask(f"{number}@studio.example") for number in range(11)]
    assert answers == [302] * 10 + [429]
    assert ask(address="198.51.100.1") == 302


def test_the_refusal_is_the_same_for_everybody(client: Client) -> None:
    pages = []
    for email in (THEIRS, NOBODYS):
        for _ in range(3):
            Mail.objects.ask(email, address="198.51.100.1")
        answer = client.post("/password/", {"email": email})
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
        pages.append(answer.content)
    assert pages[0] == pages[1]
    assert b"requested too often within an hour" in pages[0]


def test_a_request_asks_the_same_of_the_database_whoever_it_is_for() -> None:
    counts = []
    for email in (THEIRS, NOBODYS):
        with CaptureQueriesContext(connection) as captured:
            ask(email)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_mail_server_that_is_down_is_tried_again(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    ask()
    with caplog.at_level(logging.WARNING, "stickers"):
        work()
    assert "ConnectionRefusedError" in caplog.text
    assert "it is tried again" in caplog.text
    assert THEIRS not in caplog.text
    waiting = Mail.objects.get()
    assert waiting.next_at is not None
    assert waiting.next_at > timezone.now()
    settings.EMAIL_BACKEND = backend
    let_pauses_pass()
    work()
    assert len(mail.outbox) == 1


def test_it_is_not_tried_for_ever(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    ask()
    with caplog.at_level(logging.WARNING, "stickers"):
        for _ in range(Mail.TRIES + 2):
            work()
            let_pauses_pass()
    assert len(caplog.records) == Mail.TRIES
    assert "tried often enough" in caplog.records[-1].getMessage()
    assert Mail.objects.get().next_at is None


def test_one_mail_at_a_time_and_a_lost_worker_is_replaced() -> None:
    ask()
    ask("ann@studio.example")
    taken = pipeline.next_mails()
    assert len(taken) == 1
    assert pipeline.next_mails() == []
    let_pauses_pass()  # its lease is over
    assert pipeline.next_mails() == taken


def test_a_hint_that_comes_twice_mails_once() -> None:
    ask()
    [pk] = pipeline.next_mails()
    assert pipeline.mail(pk)
    assert not pipeline.mail(pk)
    assert len(mail.outbox) == 1


def test_old_requests_are_forgotten() -> None:
    ask()
    work()
    clear()
    assert Mail.objects.count() == 1
    Mail.objects.update(created_at=timezone.now() - timedelta(hours=25))
    clear()
    assert not Mail.objects.exists()


NEW = {"new_password1": "a long new password", "new_password2": "a long new password"}


def test_whoever_gets_a_new_password_is_told(client: Client, other_designer: User, hints: list[str]) -> None:
    client.force_login(other_designer)
    answer = client.post("/account/", {"old_password": "other designer's password", **NEW})
    assert answer.headers["Location"] == "/account/changed/"
    assert hints == ["hint"]
    work()
    work()
    [sent] = mail.outbox
    assert sent.to == [THEIRS]
    assert "Your account has a new password, at " in sent.body
    assert "Was it not you?" in sent.body


def test_so_is_who_chose_it_by_a_link(client: Client) -> None:
    ask()
    work()
    link = re.search(r"https://studio\.example(/password/\S+)", str(mail.outbox.pop().body))
    assert link
    url = client.get(link[1], follow=True).redirect_chain[-1][0]
    client.post(url, NEW)
    work()
    [sent] = mail.outbox
    assert "Your account has a new password" in sent.body


def test_so_is_whose_key_changes(client: Client, other_designer: User, settings: Settings) -> None:
    settings.STUDIO_OWN_KEYS = True
    client.force_login(other_designer)
    client.post("/account/key/", {"key": "SG_my_very_own_key"})
    client.post("/account/key/remove/")
    client.post("/account/key/remove/")  # there is none any more
    work()
    assert ["new Segmind key" in mail.outbox[0].body, "was removed" in mail.outbox[1].body] == [True, True]
    assert len(mail.outbox) == 2
    assert "SG_my" not in mail.outbox[0].body


def test_a_refused_change_and_a_person_without_an_address_are_no_news(
    client: Client, other_designer: User, settings: Settings
) -> None:
    client.force_login(other_designer)
    assert client.post("/account/", {"old_password": "wrong", **NEW}).status_code == 200
    settings.MAIL_IS_SET_UP = False
    assert client.post("/account/", {"old_password": "other designer's password", **NEW}).status_code == 302
    assert not Mail.objects.exists()


def test_notices_use_up_no_requests(client: Client, other_designer: User) -> None:
    for _ in range(4):
        Mail.objects.tell(other_designer, "Your account has a new password")
    assert ask() == 302

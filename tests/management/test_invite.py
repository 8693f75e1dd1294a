"""`manage.py invite`: the link that lets the first admin in."""

from __future__ import annotations

import io

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db


def invite(*options: str) -> str:
    out = io.StringIO()
    call_command("invite", *options, stdout=out)
    return out.getvalue().strip()


def test_it_works(client: Client, settings: Settings) -> None:
    settings.STUDIO_ACCOUNTS = True
    settings.STUDIO_URL = "https://studio.example"
    link = invite("--admin")
    assert link.startswith("https://studio.example/welcome/")
    chosen = {"username": "boss", "password1": "stickers are fun 7", "password2": "stickers are fun 7"}
    client.post(link.removeprefix("https://studio.example"), chosen)
    assert User.objects.get().is_staff


def test_where_the_studio_is_can_be_said(settings: Settings) -> None:
    settings.STUDIO_ACCOUNTS = True
    assert invite("--base-url", "https://other.example/").startswith("https://other.example/welcome/")
    assert invite().startswith(f"http://127.0.0.1:{settings.PORT}/welcome/")


def test_a_studio_without_accounts_invites_nobody() -> None:
    with pytest.raises(CommandError, match="STUDIO_ACCOUNTS=1"):
        invite()

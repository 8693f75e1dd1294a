"""What a browser forgets when somebody signs out."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from tests.support.addresses import WITH_ACCOUNTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(settings: Settings) -> User:
    settings.STUDIO_ACCOUNTS = True
    settings.ROOT_URLCONF = WITH_ACCOUNTS.__name__
    return User.objects.create(username="ann", is_staff=True)


@pytest.mark.parametrize("path", ["/logout/", "/admin/logout/"])
def test_it_works(client: Client, ann: User, path: str) -> None:
    client.force_login(ann)
    assert "Clear-Site-Data" not in client.get("/").headers
    assert client.post(path).headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get("/").status_code == 302


def test_whoever_is_not_signed_out_keeps_it(ann: User) -> None:
    """Any page elsewhere could post to the address, but not with the form's token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)
    answer = client.post("/logout/")
    assert answer.status_code == 403
    assert "Clear-Site-Data" not in answer.headers
    assert client.get("/").status_code == 200


def test_without_accounts_nobody_signs_out(client: Client, designer: User) -> None:
    assert "Clear-Site-Data" not in client.post("/logout/").headers

"""No address reads a body that is larger than it takes, whoever sends it."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from stickers.models import Sheet
from tests.support.addresses import EVERY, WITH_ACCOUNTS, SeenBy, entry, furnish, path_of

pytestmark = pytest.mark.django_db
MOST = django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE
IMPORT_MOST = django_settings.IMPORT_BODY_MAX_BYTES


class Unread:
    """A body that must not be read."""

    def read(self, *_: int) -> bytes:
        pytest.fail("The body was read.")

    readline = read


def announced(client: Client, path: str, length: str) -> Any:
    """The answer to a form with files that says how long it is."""
    body = {"wsgi.input": Unread(), "CONTENT_LENGTH": length}
    return client.generic("POST", path, content_type="multipart/form-data; boundary=x", **body)


def test_it_works(client: Client, designer: User) -> None:
    answer = announced(client, "/login/", str(250 * 2**20))
    assert answer.status_code == 413
    assert "At most 5 MB can be sent to this page at once" in answer.content.decode()
    assert client.post("/projects/", {"name": "x" * 1000}).status_code != 413


def test_every_address_has_a_cap(settings: Settings) -> None:
    settings.STUDIO_ACCOUNTS = True
    settings.ROOT_URLCONF = WITH_ACCOUNTS.__name__
    studio = furnish()
    inside = Client()
    for found in EVERY:
        inside.force_login(studio.admin if entry(found).seen_by is SeenBy.ADMIN else studio.owner)
        for client in (Client(), inside):
            assert announced(client, path_of(found, studio), str(IMPORT_MOST + 1)).status_code == 413, found.name


@pytest.mark.parametrize(
    ("path", "length", "is_refused"),
    [
        ("/import/", IMPORT_MOST, False),
        ("/import/", IMPORT_MOST + 1, True),
        ("/login/", MOST, False),
        ("/login/", MOST + 1, True),
    ],
)
def test_how_much(settings: Settings, path: str, length: int, is_refused: bool) -> None:
    settings.STUDIO_ACCOUNTS = True
    answer = announced(Client(enforce_csrf_checks=True), path, str(length))
    assert (answer.status_code == 413) is is_refused


def test_an_import_of_nobodys_is_not_read_either(settings: Settings) -> None:
    settings.STUDIO_ACCOUNTS = True
    assert announced(Client(), "/import/", str(IMPORT_MOST)).headers["Location"] == "/login/?next=/import/"


def test_a_page_that_nobody_has_reads_nothing() -> None:
    assert announced(Client(), "/nowhere/", str(MOST + 1)).status_code == 404


@pytest.mark.parametrize("length", ["", "many"])
def test_without_a_length_there_is_no_body(client: Client, designer: User, length: str) -> None:
    assert announced(client, "/import/", length).status_code == 422
    assert not Sheet.objects.exists()

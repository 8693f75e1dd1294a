"""The pages of a request that broke: reading goes on while the disk is full, and writing says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from stickers.models import Project
from stickers.views import projects
from tests.conftest import is_sqlite


@pytest.fixture
def full_database(transactional_db: None) -> Iterator[None]:
    """A database that can't grow, as on a full disk."""
    if not is_sqlite():
        pytest.skip("Only SQLite can be told how large it may be.")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # so that no page is free
        cursor.execute("PRAGMA max_page_count = 1")  # SQLite takes what it has already as the least
        yield
        cursor.execute("PRAGMA max_page_count = 4294967294")


@pytest.mark.usefixtures("full_database")
def test_a_full_disk_is_said_and_reading_goes_on(designer: User) -> None:
    client = Client(raise_request_exception=False)
    answers = [client.post("/projects/", {"name": f"{number} " + "x" * 60}) for number in range(200)]
    refused = next(answer for answer in answers if answer.status_code == 507)
    words = refused.content.decode()
    assert "The studio&#x27;s disk is full" in words or "The studio's disk is full" in words
    assert "What was saved before is safe" in words
    kept = Project.objects.count()
    assert kept == sum(answer.status_code == 302 for answer in answers)
    assert {client.get(address).status_code for address in ("/", "/gallery/", "/projects/", "/prints/")} == {200}


@pytest.mark.django_db
def test_any_other_fault_is_the_studios_own(designer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(projects, "render", broken)
    answer = Client(raise_request_exception=False).get("/projects/")
    assert answer.status_code == 500
    assert "The studio made a mistake" in answer.content.decode()


def test_a_request_that_cannot_be_read_gets_a_page(client: Client) -> None:
    answer = client.get("/", headers={"host": "nobody.example"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "<title>Not readable · Sticker Studio</title>" in page
    assert "Nothing was changed." in page
    assert "Something broke" not in page

"""Every address × (anonymous, another designer, the owner, an admin) × (GET, POST), generated from the URLconf.

Who may see what is said in `tests/addresses.py`; what came of it is a table in `test-results/idor.md`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from tests.addresses import (
    EVERY,
    NAMED_OTHERWISE,
    SECRET,
    WITH_ACCOUNTS,
    Found,
    SeenBy,
    Studio,
    entry,
    filled,
    furnish,
    path_of,
)

pytestmark = pytest.mark.django_db

# How an answer is called in the table, if not by its number
LOGIN = "login"
LET_IN = {"200", "204", "302"}
NOT_READY = "503"  # the word of `readyz`, which no scheduler ticks for here
TURNED_AWAY = {"403", "404", LOGIN}
WRONG_METHOD = "405"
REFUSED = {"400", "422"}  # the form, not the person

Rows = dict[tuple[str, object], dict[str, object]]


@pytest.fixture
def studio(settings: Settings) -> Studio:
    settings.STUDIO_ACCOUNTS = settings.STUDIO_OWN_KEYS = True
    settings.ROOT_URLCONF = WITH_ACCOUNTS.__name__
    return furnish()


def rows() -> Rows:
    """Every row of the studio's own models."""
    models = apps.get_app_config("stickers").get_models()
    return {(model.__name__, row["pk"]): row for model in models for row in _values(model)}


def _values(model: Any) -> list[dict[str, object]]:
    return [row | {"pk": row[model._meta.pk.attname]} for row in model._default_manager.values()]


def asked(who: User | None, path: str, method: str, data: Mapping[str, str]) -> Any:
    """The answer to a request of `who`, whose effects are undone again."""
    client = Client()
    if who is not None:
        client.force_login(who)
    response = getattr(client, method)(path, data)
    response.text_read = b"".join(response.streaming_content) if response.streaming else response.content
    for close in response._resource_closers:
        close()  # the file, not the response: the response's end would close the test's database, too
    return response


def called(response: Any) -> str:
    location = response.get("Location", "")
    if response.status_code == 302 and location.startswith(("/login/?next=", "/admin/login/?next=")):
        return LOGIN
    return str(response.status_code)


def is_untouched(before: Rows) -> bool:
    after = rows()
    return all(after.get(key) == row for key, row in before.items())


def answers(found: Found, studio: Studio, who: User | None, *, may_see: bool) -> tuple[str, str]:
    """How GET and POST answer `who`. Whoever may not see the owner's work learns and changes nothing."""
    names = []
    address, path, before = entry(found), path_of(found, studio), rows()
    for method, data in (("get", address.get), ("post", address.post)):
        with transaction.atomic():
            response = asked(who, path, method, filled(data, studio))
            assert response.status_code < 500 or found.name == "readyz"
            if not may_see:
                assert SECRET.encode() not in response.text_read, f"{method} {path} tells {who} the owner's secret"
                assert is_untouched(before), f"{method} {path} lets {who} change the owner's rows"
            names.append(called(response))
            transaction.set_rollback(True)
    return names[0], names[1]


def test_the_walk_sees_the_addresses() -> None:
    names = {found.name for found in EVERY}
    assert {"sheet", "login", "admin:index", "admin:stickers_sheet_change"} <= names
    assert len(names) >= 60


def test_an_address_that_nobody_registered_says_what_to_do() -> None:
    with pytest.raises(AssertionError, match=r"who may see /secrets/ .*tests/addresses.py"):
        entry(Found("secrets", "secrets/", ()))
    with pytest.raises(AssertionError, match=r"what \['slug'\] in /sheets/<slug:slug>/ .*tests/addresses.py"):
        entry(Found("sheet", "sheets/<slug:slug>/", ("slug",)))


@pytest.mark.parametrize("found", EVERY, ids=lambda found: found.name)
def test_who_sees_what(found: Found, studio: Studio, record_property: Callable[[str, object], None]) -> None:
    seen_by = entry(found).seen_by
    got = {
        who: answers(found, studio, person, may_see=who == "owner" or (who, seen_by) == ("admin", SeenBy.ADMIN))
        for who, person in {
            "anonymous": None,
            "other": studio.other,
            "owner": studio.owner,
            "admin": studio.admin,
        }.items()
    }
    record_property("idor", [f"/{found.route}", seen_by.value, *(" / ".join(pair) for pair in got.values())])
    insiders = {
        SeenBy.ANYONE: set(got),
        SeenBy.SIGNED_IN: {"other", "owner", "admin"},
        SeenBy.OWNER: {"owner"},
        SeenBy.ADMIN: {"admin"},
    }[seen_by]
    for who, pair in got.items():
        if who not in insiders:
            assert set(pair) <= TURNED_AWAY | {WRONG_METHOD}, f"{who} gets {pair}"
            assert set(pair) & TURNED_AWAY, f"{who} gets {pair}"
        elif seen_by is SeenBy.ADMIN:  # its pages are to read: some of the framework's own answer nobody
            assert set(pair) <= LET_IN | REFUSED | TURNED_AWAY - {LOGIN} | {WRONG_METHOD}, f"{who} gets {pair}"
        else:
            assert set(pair) <= LET_IN | REFUSED | {WRONG_METHOD, NOT_READY}, f"{who} gets {pair}"
            assert set(pair) & (LET_IN | {NOT_READY}), f"{who} gets {pair}"
    if seen_by is not SeenBy.ANYONE:
        assert set(got["anonymous"]) == {LOGIN}
    if found.name.endswith(("admin:index", "_changelist")):
        assert got["admin"][0] == "200"


@pytest.mark.parametrize("request_of", NAMED_OTHERWISE, ids=lambda said: " ".join([said[0], said[1], *said[2]]))
def test_rows_named_otherwise(studio: Studio, request_of: tuple[str, str, dict[str, str]]) -> None:
    name, method, data = request_of
    found = next(found for found in EVERY if found.name == name)
    path, before, sent = path_of(found, studio), rows(), filled(data, studio)
    for who in (studio.other, studio.admin):
        assert asked(who, path, method, sent).status_code == 404
        assert is_untouched(before)
    assert called(asked(None, path, method, sent)) == LOGIN
    assert called(asked(studio.owner, path, method, sent)) in LET_IN


@pytest.mark.parametrize("found", EVERY, ids=lambda found: found.name)
def test_no_post_without_its_token(found: Found, studio: Studio) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(studio.admin if entry(found).seen_by is SeenBy.ADMIN else studio.owner)
    before = rows()
    response = client.post(path_of(found, studio), filled(entry(found).post, studio))
    assert response.status_code in {403, 405}
    assert is_untouched(before)


def test_a_row_that_never_was_looks_the_same(studio: Studio) -> None:
    """Nobody can tell from the answer which ids exist."""
    theirs = asked(studio.other, f"/sheets/{studio.sheet.pk}/", "get", {})
    nobodys = asked(studio.other, "/sheets/987654/", "get", {})
    token = re.compile(rb'"X-CSRFToken": "\w+"|value="\w{64}"')
    assert token.sub(b"", theirs.content) == token.sub(b"", nobodys.content)

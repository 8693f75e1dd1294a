"""Every address × (anonymous, another designer, a project member, a former one, the owner, an admin) × (GET, POST).

The cases come from the URLconf. `tests/support/addresses.py` says who may see what. The result is a table in
`test-results/idor.md`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client, override_settings
from pytest_django import DjangoDbBlocker, Settings

from tests.support.addresses import (
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

pytestmark = [pytest.mark.django_db, pytest.mark.thorough]

# What an answer is called in the table, if not by its number.
LOGIN = "login"
LET_IN = {"200", "204", "302"}
NOT_READY = "503"  # the answer of `readyz`, because no scheduler ticks here
TURNED_AWAY = {"403", "404", LOGIN}
WRONG_METHOD = "405"
REFUSED = {"400", "422"}  # the form is refused, not the person

Rows = dict[tuple[str, object], dict[str, object]]


@dataclass(frozen=True)
class Walk:
    """What the whole module shares, because making it again for each test is most of the cost."""

    studio: Studio
    media: Path
    before: Rows
    sessions: Mapping[int, str]  # of the people by their ids
    client: Client  # loads the middleware once


@pytest.fixture(scope="module")
def walk(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Walk]:
    """In a transaction around those of the tests. Each test undoes what it did."""
    media = tmp_path_factory.mktemp("walk")
    # Set only once: every change of the URLconf compiles all its patterns again.
    accounts = {"STUDIO_ACCOUNTS": True, "STUDIO_OWN_KEYS": True, "ROOT_URLCONF": WITH_ACCOUNTS.__name__}
    with override_settings(MEDIA_ROOT=media, **accounts), django_db_blocker.unblock(), transaction.atomic():
        studio = furnish()
        sessions = {}
        for person in (studio.other, studio.member, studio.former, studio.owner, studio.admin):
            client = Client()
            client.force_login(person)
            sessions[person.pk] = client.cookies[django_settings.SESSION_COOKIE_NAME].value
        yield Walk(studio, media, rows(), sessions, Client())
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def studio(walk: Walk, media: Path, settings: Settings, db: None) -> Studio:
    settings.MEDIA_ROOT = walk.media
    return walk.studio


def rows() -> Rows:
    """Every row of the studio's own models."""
    models = apps.get_app_config("stickers").get_models()
    return {(model.__name__, row["pk"]): row for model in models for row in _values(model)}


def _values(model: Any) -> list[dict[str, object]]:
    return [row | {"pk": row[model._meta.pk.attname]} for row in model._default_manager.values()]


def asked(
    walk: Walk, who: User | None, path: str, method: str, data: Mapping[str, str], *, version: int | None = None
) -> Any:
    """The answer to a request of `who`. With a `version` a POST is JSON that is made on it."""
    walk.client.cookies.clear()
    if who is not None:
        walk.client.cookies[django_settings.SESSION_COOKIE_NAME] = walk.sessions[who.pk]
    if version is not None and method == "post":
        response = walk.client.post(path, {**data, "version": version}, content_type="application/json")
    else:
        response = getattr(walk.client, method)(path, data)
    response.text_read = b"".join(response.streaming_content) if response.streaming else response.content
    for close in response._resource_closers:
        close()  # close only the file: the end of the response would close the test's database, too
    return response


def called(response: Any) -> str:
    location = response.get("Location", "")
    if response.status_code == 401:  # how a proxy is told that nobody is signed in
        return LOGIN
    if response.status_code == 302 and location.startswith(("/login/?next=", "/admin/login/?next=")):
        return LOGIN
    return str(response.status_code)


@contextmanager
def untouched(walk: Walk, words: str) -> Iterator[None]:
    """Fail if a row changes inside. The rows are read again only if a statement wrote any."""
    has_written = False

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal has_written
        has_written |= not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK")) and '"stickers_' in sql
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        yield
    if has_written:
        after = rows()
        assert all(after.get(key) == row for key, row in walk.before.items()), words


def answers(found: Found, walk: Walk, who: User | None, *, may_see: bool) -> tuple[str, str]:
    """How GET and POST answer `who`. Whoever may not see the owner's work learns nothing and changes nothing."""
    names = []
    address, path = entry(found), path_of(found, walk.studio)
    for method, data in (("get", address.get), ("post", address.post)):
        may_change = untouched(walk, f"{method} {path} lets {who} change the owner's rows")
        with transaction.atomic():
            with nullcontext() if may_see else may_change:
                response = asked(walk, who, path, method, filled(data, walk.studio), version=address.version)
            assert response.status_code < 500 or found.name == "readyz"
            assert may_see or SECRET.encode() not in response.text_read, f"{method} {path} tells {who} the secret"
            names.append(called(response))
            transaction.set_rollback(True)
    return names[0], names[1]


def test_the_walk_sees_the_addresses() -> None:
    names = {found.name for found in EVERY}
    assert {"sheet", "login", "admin:index", "admin:stickers_sheet_change"} <= names
    assert len(names) >= 60


def test_an_address_that_nobody_registered_says_what_to_do() -> None:
    with pytest.raises(AssertionError, match=r"who may see /secrets/ .*tests/support/addresses.py"):
        entry(Found("secrets", "secrets/", ()))
    with pytest.raises(AssertionError, match=r"what \['slug'\] in /sheets/<slug:slug>/ .*tests/support/addresses.py"):
        entry(Found("sheet", "sheets/<slug:slug>/", ("slug",)))


@pytest.mark.parametrize("found", EVERY, ids=lambda found: found.name)
def test_who_sees_what(
    found: Found, walk: Walk, studio: Studio, record_property: Callable[[str, object], None]
) -> None:
    address, seen_by = entry(found), entry(found).seen_by
    people = {
        "anonymous": None,
        "other": studio.other,
        "member": studio.member,
        "former": studio.former,
        "owner": studio.owner,
        "admin": studio.admin,
    }
    seers = {"owner"} | ({"admin"} if seen_by is SeenBy.ADMIN else set()) | ({"member"} if address.shared else set())
    got = {who: answers(found, walk, person, may_see=who in seers) for who, person in people.items()}
    record_property("idor", [f"/{found.route}", seen_by.value, *(" / ".join(pair) for pair in got.values())])
    insiders = {
        SeenBy.ANYONE: set(got),
        SeenBy.SIGNED_IN: set(got) - {"anonymous"},
        SeenBy.OWNER: seers,
        SeenBy.ADMIN: {"admin"},
    }[seen_by]
    for who, pair in got.items():
        if who not in insiders:
            assert set(pair) <= TURNED_AWAY | {WRONG_METHOD}, f"{who} gets {pair}"
            assert set(pair) & TURNED_AWAY, f"{who} gets {pair}"
        elif seen_by is SeenBy.ADMIN:  # its pages are read-only; some of the framework's own pages answer nobody
            assert set(pair) <= LET_IN | REFUSED | TURNED_AWAY - {LOGIN} | {WRONG_METHOD}, f"{who} gets {pair}"
        else:
            assert set(pair) <= LET_IN | REFUSED | {WRONG_METHOD, NOT_READY, *address.also}, f"{who} gets {pair}"
            assert set(pair) & (LET_IN | {NOT_READY, *address.also}), f"{who} gets {pair}"
    if seen_by is not SeenBy.ANYONE:
        assert set(got["anonymous"]) == {LOGIN}
    if found.name.endswith(("admin:index", "_changelist")):
        assert got["admin"][0] == "200"


@pytest.mark.parametrize("request_of", NAMED_OTHERWISE, ids=lambda said: " ".join([said[0], said[1], *said[2]]))
def test_rows_named_otherwise(walk: Walk, studio: Studio, request_of: tuple[str, str, dict[str, str]]) -> None:
    name, method, data = request_of
    found = next(found for found in EVERY if found.name == name)
    path, sent = path_of(found, studio), filled(data, studio)
    for who in (studio.other, studio.former, studio.admin):
        with untouched(walk, f"{who} changes the owner's rows"):
            assert asked(walk, who, path, method, sent).status_code == 404
    assert called(asked(walk, None, path, method, sent)) == LOGIN
    assert called(asked(walk, studio.owner, path, method, sent)) in LET_IN


@pytest.fixture(scope="module")
def careful_client() -> Client:
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize("found", EVERY, ids=lambda found: found.name)
def test_no_post_without_its_token(found: Found, walk: Walk, careful_client: Client) -> None:
    who = walk.studio.admin if entry(found).seen_by is SeenBy.ADMIN else walk.studio.owner
    careful_client.cookies[django_settings.SESSION_COOKIE_NAME] = walk.sessions[who.pk]
    with untouched(walk, "a form without a token changes rows"):
        response = careful_client.post(path_of(found, walk.studio), filled(entry(found).post, walk.studio))
    assert response.status_code in {403, 405}


def test_a_row_that_never_was_looks_the_same(walk: Walk, studio: Studio) -> None:
    """Nobody can tell from the answer which ids exist."""
    theirs = asked(walk, studio.other, f"/sheets/{studio.sheet.pk}/", "get", {})
    nobodys = asked(walk, studio.other, "/sheets/987654/", "get", {})
    token = re.compile(rb'"X-CSRFToken": "\w+"|value="\w{64}"')
    assert token.sub(b"", theirs.content) == token.sub(b"", nobodys.content)

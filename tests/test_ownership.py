"""Every address of the studio as another designer, as a stranger and as its owner: generated from the URLconf."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, reverse
from pytest_django import Settings

from stickers.models import Generation, PrintProfile, Sheet, State, Sticker
from stickers.printing.profiles import PROFILES
from stickers.profiles import data_of
from stickers.urls import urlpatterns
from tests.rows import make_generation, make_sheet

pytestmark = pytest.mark.django_db

NAMES = [pattern.name or "" for pattern in urlpatterns if isinstance(pattern, URLPattern)]
ABOUT_A_ROW = [
    pattern.name or ""
    for pattern in urlpatterns
    if isinstance(pattern, URLPattern) and "pk" in pattern.pattern.converters
]
FOR_STRANGERS = {"login", "logout", "healthz", "readyz", "metrics"}  # the last three know no designer
ORDER = {"size": "30", "unit": "mm", "dpi": "300", "bordered": "on", "border": "2"}
# Rows that an address names in its query or a form in its fields: name of the address, what is sent, by whom
NAMED_OTHERWISE = [
    ("studio", "get", {"from": "{generation}"}),
    ("studio", "get", {"from": "{generation}", "remix": "1"}),
    ("export", "get", {"sheets": "{sheet}"}),
    ("export", "get", {"stickers": "{sticker}"}),
    ("export", "post", {"sheets": "{sheet}", **ORDER}),
    ("export", "post", {"sticker": "{sticker}", **ORDER}),
    ("selection", "post", {"sheet": "{sheet}"}),
    ("selection", "post", {"stickers": "{sticker}"}),
]


@pytest.fixture
def intruder(db: None) -> User:
    return User.objects.create(username="intruder")


@pytest.fixture
def owner(settings: Settings) -> User:
    """One of two designers of a studio with accounts."""
    settings.STUDIO_ACCOUNTS = True
    return User.objects.create(username="owner")  # without a password: hashing one for each test takes a minute


@pytest.fixture
def sheet(owner: User) -> Sheet:
    """With a title and a prompt that nobody else may read, and something to cancel, retry and dismiss."""
    generation = make_generation(owner, prompt="my secret prompt", state=State.FAILED)
    PrintProfile.objects.create(owner=owner, name="my secret profile", data=data_of(PROFILES["home"]))
    return make_sheet(owner, generation=generation, title="my secret title")


def address(name: str, sheet: Sheet) -> str:
    pattern = next(one for one in urlpatterns if isinstance(one, URLPattern) and one.name == name)
    pks = {
        "sheets": sheet.pk,
        "generations": sheet.generation_id,
        "profiles": PrintProfile.objects.get(owner=sheet.owner).pk,
    }
    first = str(pattern.pattern).partition("/")[0]
    pk = pks.get(first, sheet.stickers.get(number=1).pk)
    values = {"pk": pk, "side": 256, "action": "delete", "name": "home"}
    return reverse(name, kwargs={key: values[key] for key in pattern.pattern.converters})


def filled(data: dict[str, str], sheet: Sheet) -> dict[str, str]:
    sticker = sheet.stickers.get(number=1)
    values = {"sheet": sheet.pk, "sticker": sticker.pk, "generation": sheet.generation_id}
    return {name: text.format(**values) for name, text in data.items()}


def asked(client: Client, url: str, method: str, data: dict[str, str] | None = None) -> Any:
    response = getattr(client, method)(url, data or {})
    for close in response._resource_closers:
        close()  # the file, not the response: the response's end would close the test's database, too
    return response


def rows() -> list[list[dict[str, object]]]:
    return [list(model.objects.order_by("pk").values()) for model in (Generation, Sheet, Sticker, PrintProfile)]


def test_the_walk_sees_the_addresses() -> None:
    assert len(ABOUT_A_ROW) >= 19
    assert "" not in NAMES


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", ABOUT_A_ROW)
def test_an_intruder_finds_no_row(client: Client, intruder: User, sheet: Sheet, name: str, method: str) -> None:
    client.force_login(intruder)
    before = rows()
    response = asked(client, address(name, sheet), method, ORDER if name == "export_preview" else None)
    assert response.status_code in {404, 405}
    if response.status_code == 405:  # then the other method is the one that answers 404
        assert asked(client, address(name, sheet), "post" if method == "get" else "get", ORDER).status_code == 404
    assert b"secret" not in response.content
    assert rows() == before


@pytest.mark.parametrize("request_of", NAMED_OTHERWISE, ids=lambda said: " ".join([said[0], said[1], *said[2]]))
def test_an_intruder_finds_no_row_named_otherwise(
    client: Client, intruder: User, sheet: Sheet, request_of: tuple[str, str, dict[str, str]]
) -> None:
    name, method, data = request_of
    client.force_login(intruder)
    before = rows()
    response = asked(client, address(name, sheet), method, filled(data, sheet))
    assert response.status_code == 404
    assert rows() == before


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ABOUT_A_ROW])
def test_pages_show_an_intruder_nothing(client: Client, intruder: User, sheet: Sheet, name: str) -> None:
    client.force_login(intruder)
    assert b"secret" not in asked(client, address(name, sheet), "get").content


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", [name for name in NAMES if name not in FOR_STRANGERS])
def test_strangers_are_sent_to_the_login(client: Client, sheet: Sheet, name: str, method: str) -> None:
    before = rows()
    url = address(name, sheet)
    response = asked(client, url, method)
    assert response.status_code == 302
    assert response["Location"] == f"/login/?next={url}"
    assert rows() == before


@pytest.mark.parametrize("name", ABOUT_A_ROW)
def test_the_owner_may(client: Client, owner: User, sheet: Sheet, name: str) -> None:
    client.force_login(owner)
    url = address(name, sheet)
    data = ORDER if name == "export_preview" else {}
    assert {asked(client, url, "get", data).status_code, asked(client, url, "post", data).status_code} & {200, 302}


def test_a_row_that_never_was_looks_the_same(client: Client, intruder: User, sheet: Sheet) -> None:
    """Nobody can tell from the answer which ids exist."""
    client.force_login(intruder)
    theirs = asked(client, f"/sheets/{sheet.pk}/", "get")
    nobodys = asked(client, "/sheets/987654/", "get")
    token = re.compile(rb'"X-CSRFToken": "\w+"|value="\w{64}"')
    assert token.sub(b"", theirs.content) == token.sub(b"", nobodys.content)

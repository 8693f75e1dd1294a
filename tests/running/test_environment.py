"""Environment variables become values of the right type, or a refusal that names them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from stickers.running import environment


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("X", raising=False)


def test_defaults_when_unset_or_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    for blank in (None, "", "  "):
        if blank is not None:
            monkeypatch.setenv("X", blank)
        assert environment.text("X", "d") == "d"
        assert environment.flag("X", default=True) is True
        assert environment.whole("X", 3, low=1, high=9) == 3
        assert environment.words("X", ["a"]) == ["a"]
        assert environment.domains("X") == []
        assert environment.one_of("X", ("A", "B"), "B") == "B"
        assert environment.folder("X", Path("/srv")) == Path("/srv")
        assert environment.http_address("X", "https://a.example") == "https://a.example"


def test_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", " 7 ")
    assert environment.whole("X", 3, low=1, high=9) == 7
    assert environment.text("X") == "7"
    monkeypatch.setenv("X", "a, b,,c ")
    assert environment.words("X", []) == ["a", "b", "c"]
    monkeypatch.setenv("X", "CDN.example, .b.example,xn--bcher-kva.example,93.184.215.14")
    assert environment.domains("X") == ["cdn.example", "b.example", "xn--bcher-kva.example", "93.184.215.14"]
    monkeypatch.setenv("X", "debug")
    assert environment.one_of("X", ("DEBUG", "INFO"), "INFO") == "DEBUG"
    monkeypatch.setenv("X", "http://127.0.0.1:18000/")
    assert environment.http_address("X", "") == "http://127.0.0.1:18000"
    monkeypatch.setenv("X", "~/sheets")
    assert environment.folder("X", Path("/srv")) == (Path.home() / "sheets").resolve()


@pytest.mark.parametrize(
    "value",
    ["com", "*", "*.a.example", "https://a.example", "a.example/b", "a.example:443", "a b.example", "bücher.de"],
)
def test_domains_refuse(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("X", f"cdn.example,{value}")
    with pytest.raises(ImproperlyConfigured, match="X must hold host names"):
        environment.domains("X")


@pytest.mark.parametrize("value", ["1", "yes", "TRUE", "On"])
def test_flag_on(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("X", value)
    assert environment.flag("X", default=False) is True


@pytest.mark.parametrize("value", ["0", "no", "False", "OFF"])
def test_flag_off(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("X", value)
    assert environment.flag("X", default=True) is False


@pytest.mark.parametrize("value", ["2", "maybe", "yess", "-"])
def test_flag_refuses(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured, match="X must be yes or no"):
        environment.flag("X", default=True)


@pytest.mark.parametrize("value", ["0", "10", "-3", "1.5", "seven", "1e3", "0x7"])
def test_whole_refuses(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured, match="X must be"):
        environment.whole("X", 3, low=1, high=9)


def test_one_of_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "loud")
    with pytest.raises(ImproperlyConfigured, match="X must be one of DEBUG, INFO, not 'LOUD'"):
        environment.one_of("X", ("DEBUG", "INFO"), "INFO")


@pytest.mark.parametrize(
    "value",
    [
        *("api.segmind.com", "ftp://a.example", "http://", "https:///path", "127.0.0.1:80"),
        # Values that the client would refuse later, with orders already claimed.
        *(
            "http://[::1",
            "http://a.example:99999",
            "http://a.example:x",
            "https://a.example?key=1",
            "http://a.example/#x",
        ),
    ],
)
def test_http_address_refuses(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured, match="X must begin with"):
        environment.http_address("X", "https://a.example")


def test_http_address_refuses_a_password_without_repeating_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "https://me:secret@a.example")
    with pytest.raises(ImproperlyConfigured) as caught:
        environment.http_address("X", "https://a.example")
    assert str(caught.value) == "X must not hold a user name or a password."


def test_some_of(monkeypatch: pytest.MonkeyPatch) -> None:
    choices = ("web", "worker", "scheduler")
    assert environment.some_of("X", choices) == list(choices)
    monkeypatch.setenv("X", "worker, web")
    assert environment.some_of("X", choices) == ["web", "worker"]
    monkeypatch.setenv("X", "wrker")
    with pytest.raises(ImproperlyConfigured, match="some of web, worker, scheduler, not 'wrker'"):
        environment.some_of("X", choices)


def test_a_database_file(monkeypatch: pytest.MonkeyPatch) -> None:
    found = environment.database("X", Path("/srv/studio.sqlite3"))
    assert found["NAME"] == Path("/srv/studio.sqlite3")
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    monkeypatch.setenv("X", "sqlite:////var/lib/studio/rows.sqlite3")
    elsewhere = environment.database("X", Path("/srv/studio.sqlite3"))
    assert str(elsewhere["NAME"]) == "/var/lib/studio/rows.sqlite3"
    assert elsewhere["OPTIONS"] == found["OPTIONS"]


def test_a_database_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "postgres://studio:p%40ss@db.example:5433/rows?sslmode=require&connect_timeout=9")
    found = environment.database("X", Path("/srv"))
    assert (found["ENGINE"], found["HOST"], found["PORT"]) == ("django.db.backends.postgresql", "db.example", 5433)
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("studio", "p@ss", "rows")
    assert found["OPTIONS"] == {"sslmode": "require", "connect_timeout": 9, "application_name": "sticker-studio"}
    assert found["CONN_HEALTH_CHECKS"] is True
    assert found["CONN_MAX_AGE"] > 0


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("mysql://studio:secret@db/rows", "must begin with postgres://"),
        ("postgres://studio:sec/ret#@[db:5432/rows", "cannot be read"),
        ("postgres://studio:secret@db:port/rows", "cannot be read"),
        ("postgres://studio:secret@db", "must name a database"),
        ("secret", "must begin with"),
    ],
)
def test_databases_refused(monkeypatch: pytest.MonkeyPatch, address: str, message: str) -> None:
    monkeypatch.setenv("X", address)
    with pytest.raises(ImproperlyConfigured, match=message) as refusal:
        environment.database("X", Path("/srv"))
    assert "sec" not in str(refusal.value)

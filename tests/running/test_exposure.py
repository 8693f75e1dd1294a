"""Every setting that would open the studio to strangers is refused, each alone and in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stickers.running.exposure import Exposure, address, is_named

LONG = "x" * 64
DESK = Exposure(
    accounts=False,
    debug=False,
    https_only=False,
    trusted_proxies=0,
    listens_at="127.0.0.1",
    hosts=["localhost", "127.0.0.1", "[::1]"],
    origins=[],
    url="",
    mails=False,
    own_keys=False,
    secret_key=LONG,
    field_keys=[],
    metrics_token="",
)
TEAM = replace(
    DESK,
    accounts=True,
    https_only=True,
    trusted_proxies=1,
    hosts=["studio.example"],
    origins=["https://studio.example"],
    url="https://studio.example",
    mails=True,
    own_keys=True,
    field_keys=[LONG],
    metrics_token=LONG,
)


@pytest.mark.parametrize(
    "fine",
    [
        DESK,
        replace(DESK, debug=True),
        replace(DESK, listens_at="localhost", hosts=["studio.localhost"], origins=["http://localhost:3000"]),
        replace(DESK, listens_at="::1", secret_key="short"),
        TEAM,
        replace(TEAM, https_only=False, trusted_proxies=0, listens_at="0.0.0.0", url="", mails=False),  # noqa: S104
        replace(TEAM, hosts=[".example"]),
        replace(TEAM, own_keys=False, field_keys=[]),
    ],
)
def test_it_starts(fine: Exposure) -> None:
    assert fine.faults() == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"listens_at": "0.0.0.0"}, "STUDIO_HOST=0.0.0.0 needs STUDIO_ACCOUNTS=1"),  # noqa: S104
        ({"listens_at": "192.0.2.1"}, "STUDIO_HOST=192.0.2.1 needs STUDIO_ACCOUNTS=1"),
        ({"hosts": ["*"]}, "ALLOWED_HOSTS=* needs STUDIO_ACCOUNTS=1"),
        ({"hosts": ["localhost", "studio.example"]}, "ALLOWED_HOSTS=studio.example needs STUDIO_ACCOUNTS=1"),
        ({"hosts": [".example"]}, "ALLOWED_HOSTS=.example needs STUDIO_ACCOUNTS=1"),
        ({"hosts": ["192.168.1.5"]}, "ALLOWED_HOSTS=192.168.1.5 needs STUDIO_ACCOUNTS=1"),
        ({"hosts": ["localhost.example"]}, "ALLOWED_HOSTS=localhost.example needs STUDIO_ACCOUNTS=1"),
        (
            {"origins": ["https://studio.example"]},
            "CSRF_TRUSTED_ORIGINS=https://studio.example needs STUDIO_ACCOUNTS=1",
        ),
        ({"url": "https://studio.example"}, "STUDIO_URL=https://studio.example needs STUDIO_ACCOUNTS=1"),
        ({"https_only": True}, "HTTPS_ONLY=1 needs STUDIO_ACCOUNTS=1"),
        ({"trusted_proxies": 1}, "TRUSTED_PROXIES=1 needs STUDIO_ACCOUNTS=1"),
        ({"own_keys": True}, "STUDIO_OWN_KEYS=1 needs STUDIO_ACCOUNTS=1"),
        ({"field_keys": ["short"]}, "Each of FIELD_KEYS needs 32 characters or more"),
        ({"metrics_token": "short"}, "METRICS_TOKEN needs 16 characters or more"),
    ],
)
def test_without_accounts(changed: dict[str, object], words: str) -> None:
    [fault] = replace(DESK, **changed).faults()  # type: ignore[arg-type]
    assert fault.startswith(words)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"debug": True}, "DEBUG=1 and STUDIO_ACCOUNTS=1 exclude each other"),
        ({"hosts": ["*", "studio.example"]}, "ALLOWED_HOSTS=* trusts any name"),
        ({"url": ""}, "EMAIL_HOST needs STUDIO_URL"),
        ({"url": "https://other.example"}, "STUDIO_URL=https://other.example leads to a host that ALLOWED_HOSTS"),
        ({"url": "http://studio.example"}, "STUDIO_URL=http://studio.example must begin with https://"),
        ({"field_keys": []}, "STUDIO_OWN_KEYS=1 needs FIELD_KEYS"),
        ({"field_keys": [LONG, "x" * 31]}, "Each of FIELD_KEYS needs 32 characters or more"),
        ({"secret_key": "x" * 49}, "SECRET_KEY needs 50 characters or more"),
        ({"secret_key": "x" * 49, "https_only": False}, "SECRET_KEY needs 50 characters or more"),
        ({"metrics_token": "x" * 15}, "METRICS_TOKEN needs 16 characters or more"),
    ],
)
def test_with_accounts(changed: dict[str, object], words: str) -> None:
    [fault] = replace(TEAM, **changed).faults()  # type: ignore[arg-type]
    assert fault.startswith(words)


def test_every_fault_is_told() -> None:
    assert len(replace(DESK, https_only=True, trusted_proxies=1, hosts=["a.example", "b.example"]).faults()) == 4


def test_the_address_comes_from_the_first_origin_that_is_the_studios() -> None:
    origins = ["https://other.example", "https://studio.example", "https://more.example"]
    assert address("", origins, ["studio.example", "more.example"]) == "https://studio.example"
    assert address("https://named.example", origins, ["studio.example"]) == "https://named.example"
    assert address("", origins, ["*"]) == ""


@pytest.mark.parametrize(
    ("host", "hosts", "named"),
    [
        ("studio.example", ["studio.example"], True),
        ("studio.example", [".example"], True),
        ("example", [".example"], True),
        ("evilexample", [".example"], False),
        ("::1", ["[::1]"], True),
        ("studio.example", ["other.example"], False),
    ],
)
def test_names(host: str, hosts: list[str], named: bool) -> None:
    assert is_named(host, hosts) is named

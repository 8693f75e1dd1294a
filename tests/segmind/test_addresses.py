"""Which addresses the client speaks to and fetches pictures from."""

from __future__ import annotations

import re
import socket

import httpx
import pytest

from stickers.segmind.addresses import (
    PICTURE_HOSTS,
    base_address,
    check_picture_address,
    is_request_id,
    picture_address,
)
from stickers.segmind.errors import BadPicture, Unavailable

API = base_address("https://api.segmind.com")
LOCAL = base_address("http://127.0.0.1:8010")
HOSTS = (*PICTURE_HOSTS, "images.example", "xn--bcher-kva.example", "93.184.215.14")


def check(url: str, *, base: httpx.URL = API, addresses: tuple[str, ...] = ("93.184.215.14",)) -> None:
    check_picture_address(picture_address(url), base=base, hosts=HOSTS, resolve=lambda _: addresses)


def test_it_works() -> None:
    check("https://images.segmind.com/generations/a.jpeg")
    check("https://images.example/a.jpeg", addresses=("2606:2800:220:1::1", "93.184.215.14"))
    check("http://127.0.0.1:8010/generations/a.jpeg", base=LOCAL)


@pytest.mark.parametrize(
    "url",
    [
        "http://images.segmind.com/a.jpeg",
        "http://127.0.0.1:8010/a.jpeg",
        "https://127.0.0.1/a.jpeg",
        "https://[::1]/a.jpeg",
        "https://[::ffff:10.0.0.1]/a.jpeg",
        "https://[fe80::1]/a.jpeg",
        "https://[64:ff9b::a00:1]/a.jpeg",
        "https://[2002:a00:1::]/a.jpeg",
        "https://10.1.2.3/a.jpeg",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/a.jpeg",
        "https://0.0.0.0/a.jpeg",
        "https://224.0.0.1/a.jpeg",
        "https://user:word@images.segmind.com/a.jpeg",
        "file://localhost/a.jpeg",
        "ftp://images.segmind.com/a.jpeg",
        "javascript:alert(1)",
        "/generations/a.jpeg",
        "",
    ],
)
def test_forbidden_addresses(url: str) -> None:
    with pytest.raises(BadPicture):
        check(url)


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1",), ("93.184.215.14", "192.168.0.1"), ("::1",), ("fe80::1%eth0",), ("nonsense",), ()]
)
def test_names_that_lead_inside(addresses: tuple[str, ...]) -> None:
    with pytest.raises(BadPicture):
        check("https://images.example/a.jpeg", addresses=addresses)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8011/a.jpeg", "https://127.0.0.1:8010/a.jpeg", "http://localhost:8010/a"]
)
def test_only_the_stand_ins_own_origin_is_excepted(url: str) -> None:
    with pytest.raises(BadPicture):
        check(url, base=LOCAL)


@pytest.mark.parametrize(
    "host",
    [
        *("segmind.com", "IMAGES.Segmind.COM", "images.segmind.com.", "a.b.segmind.com"),
        *("images.example", "eu.images.example", "bücher.example", "93.184.215.14"),
    ],
)
def test_allowed_hosts(host: str) -> None:
    check(f"https://{host}/a.jpeg")


@pytest.mark.parametrize(
    "host",
    [
        *("other.example", "example", "notsegmind.com", "segmind.com.evil.example", "images.segmind.co"),
        *("xn--segmnd-4ya.com", "93.184.215.15", "[2606:2800:220:1::1]"),
    ],
)
def test_another_host_is_named_with_the_way_to_allow_it(host: str) -> None:
    with pytest.raises(BadPicture, match=rf"at {re.escape(host.strip('[]'))}, .* SEGMIND_PICTURE_HOSTS"):
        check(f"https://{host}/a.jpeg")


def test_a_host_that_is_not_allowed_is_not_even_looked_up() -> None:
    with pytest.raises(BadPicture, match="SEGMIND_PICTURE_HOSTS"):
        check_picture_address(
            picture_address("https://secret.evil.example/a"),
            base=API,
            hosts=HOSTS,
            resolve=lambda _: pytest.fail("It was looked up."),
        )


def test_private_addresses_do_not_ask_to_be_allowed() -> None:
    with pytest.raises(BadPicture, match="private network"):
        check("https://10.1.2.3/a.jpeg")


def test_nat64_of_a_public_address_is_public() -> None:
    check("https://images.example/a.jpeg", addresses=("64:ff9b::5db8:d70e",))


def fail_to_resolve(host: str) -> list[str]:
    raise socket.gaierror


def test_a_name_that_is_not_found_may_be_found_later(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Unavailable):
        check_picture_address(
            picture_address("https://images.example/a"), base=API, hosts=HOSTS, resolve=fail_to_resolve
        )


def test_behind_a_proxy_the_proxy_resolves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    check_picture_address(picture_address("https://images.example/a"), base=API, hosts=HOSTS, resolve=fail_to_resolve)


@pytest.mark.parametrize("bad", ["https://[::1/a", "http://host:port/", "https://\x00/"])
def test_what_is_no_url_at_all(bad: str) -> None:
    with pytest.raises(BadPicture):
        check(bad)


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://api.segmind.com", "https://api.segmind.com/"),
        (" https://api.segmind.com/v1/ ", "https://api.segmind.com/"),
        ("http://vault:8010/v2", "http://vault:8010/"),
        ("https://gateway.example/segmind/v1", "https://gateway.example/segmind/"),
        ("https://gateway.example/v3", "https://gateway.example/v3/"),
    ],
)
def test_base_addresses(given: str, base: str) -> None:
    assert str(base_address(given)) == base


def test_request_ids() -> None:
    assert is_request_id("0b2cf1d4-4a0e-4a63-a0f8-2d4ef4a1c001")
    assert is_request_id("req_abc.1~2")
    for bad in ("", ".", "..", "-a", "a/b", "a\n", "a%2f", None, 5, "ä"):
        assert not is_request_id(bad)

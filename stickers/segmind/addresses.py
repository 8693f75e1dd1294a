"""The addresses that the client may call: the API's base, request ids in paths, and hosts of pictures."""

from __future__ import annotations

import ipaddress
import re
import socket
import urllib.request
from collections.abc import Callable, Collection, Iterable
from typing import Final

import httpx

from stickers.segmind.errors import BadPicture, Refused, Unavailable

Resolve = Callable[[str], Iterable[str]]

# Segmind's own, where its CDN is, too: images.segmind.com
PICTURE_HOSTS: Final = ("segmind.com",)

# Today a uuid4. The pattern leaves room for another kind of token, but only for a single path segment.
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,199}")
_VERSION: Final = re.compile(r"/v[12]$")
# Addresses that IPv6-only networks build around a public IPv4 address (RFC 6052).
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_PORTS: Final = {"http": 80, "https": 443}
_PRIVATE: Final = "The picture's address lies in a private network."


def is_request_id(value: object) -> bool:
    """Whether `value` can stand in a path as one segment."""
    return isinstance(value, str) and _REQUEST_ID.fullmatch(value) is not None


def checked_request_id(value: str) -> str:
    """`value` itself. Raises Refused if it is no request id, so that it never gets into a path."""
    if not is_request_id(value):
        raise Refused("This is not a request id of Segmind.")
    return value


def base_address(base_url: str) -> httpx.URL:
    """The API's root from `base_url`, which may end in a slash, in /v1 or in /v2.

    Raises ValueError if it is no plain http or https address.
    """
    try:
        url = httpx.URL(base_url.strip())
    except httpx.InvalidURL as error:
        raise ValueError(f"The base address of the API is not a URL: {error}") from None
    if url.scheme not in _PORTS or not url.host or url.userinfo or url.query or url.fragment:
        raise ValueError("The base address of the API must look like https://api.segmind.com")
    return url.copy_with(path=_VERSION.sub("", url.path.rstrip("/")) + "/")


def is_loopback(url: httpx.URL) -> bool:
    """Whether `url` names this machine, as the stand-in's address usually does."""
    if url.host == "localhost":
        return True
    try:
        return ipaddress.ip_address(url.host).is_loopback
    except ValueError:
        return False


def picture_address(text: str) -> httpx.URL:
    """`text` as a URL, also a relative one. Raises BadPicture if it is none."""
    try:
        return httpx.URL(text)
    except httpx.InvalidURL:
        raise BadPicture("The picture's address is not a URL.") from None


def resolve(host: str) -> list[str]:
    """All addresses of `host`, as text. Raises OSError if it has none."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def check_picture_address(url: httpx.URL, *, base: httpx.URL, hosts: Collection[str], resolve: Resolve) -> None:
    """Check that a picture may be fetched from `url`.

    Allowed are https to public addresses of `hosts` and their subdomains (in lower case, international ones as xn--…),
    and the origin of `base`, because the stand-in on this machine serves its pictures there. The check comes before the
    connection. A name that changes its address in between still meets the verification of its certificate.

    Raises BadPicture for every other address, and Unavailable if the name cannot be resolved at the moment.
    """
    if _origin(url) == _origin(base):
        return
    if url.scheme != "https" or not url.host or url.userinfo:
        raise BadPicture("The picture's address is not a plain https address.")
    if _is_literal(url.host) and not _is_public(url.host):
        raise BadPicture(_PRIVATE)
    # The name as it is sent: a name in another script may only look like a known one.
    host = url.raw_host.decode("ascii").rstrip(".")
    if not any(host == allowed or host.endswith(f".{allowed}") for allowed in hosts):
        raise BadPicture(
            f"It is at {host[:253]}, where this studio does not fetch from. The operator can add this host to "
            "SEGMIND_PICTURE_HOSTS; then look again."
        )
    try:
        addresses = [url.host] if _is_literal(url.host) else list(resolve(url.host))
    except (OSError, UnicodeError):
        # Behind a proxy only the proxy may resolve names, because the proxy connects.
        if _is_proxied(url.host):
            return
        raise Unavailable(f"The picture's host {url.host} could not be found.") from None
    if not addresses or not all(_is_public(address) for address in addresses):
        raise BadPicture(_PRIVATE)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme)


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_proxied(host: str) -> bool:
    return "https" in urllib.request.getproxies() and not urllib.request.proxy_bypass(host)


def _is_public(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        embedded = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            embedded = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if embedded is not None:
            return embedded.is_global and not embedded.is_multicast
    return address.is_global and not address.is_multicast

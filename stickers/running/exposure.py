"""Refuses settings that would open the studio to strangers, in words that say what to set instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
LEAST_SECRET_KEY: Final = 50
LEAST_FIELD_KEY: Final = 32
LEAST_TOKEN: Final = 16
MAKE_ONE: Final = "Make one with `openssl rand -base64 48`."


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """What the settings say about who can reach the studio, and with which secrets it keeps people apart."""

    accounts: bool
    debug: bool
    https_only: bool
    trusted_proxies: int
    listens_at: str
    hosts: Sequence[str]
    origins: Sequence[str]
    url: str  # where people reach the studio; empty where that is not said
    mails: bool
    own_keys: bool
    secret_key: str
    field_keys: Sequence[str]
    metrics_token: str

    def faults(self) -> list[str]:
        """Why the studio must not start so, a sentence or two each. Empty when nothing is wrong."""
        return [*(self._with_accounts() if self.accounts else self._without_accounts()), *self._secrets()]

    def _without_accounts(self) -> Iterator[str]:
        """Whoever reaches such a studio is signed in. So nothing may say that others than this machine reach it."""
        opened = {
            f"STUDIO_HOST={self.listens_at}": self.listens_at not in LOOPBACK,
            **{f"ALLOWED_HOSTS={host}": not _is_here(host) for host in self.hosts},
            **{f"CSRF_TRUSTED_ORIGINS={origin}": not _is_here(_host_of(origin)) for origin in self.origins},
            f"STUDIO_URL={self.url}": bool(self.url) and not _is_here(_host_of(self.url)),
            "HTTPS_ONLY=1": self.https_only,
            f"TRUSTED_PROXIES={self.trusted_proxies}": self.trusted_proxies > 0,
            "STUDIO_OWN_KEYS=1": self.own_keys,
        }
        for setting in (setting for setting, is_open in opened.items() if is_open):
            yield f"{setting} needs STUDIO_ACCOUNTS=1: without accounts everybody who reaches the studio is signed in."

    def _with_accounts(self) -> Iterator[str]:
        if self.debug:
            yield "DEBUG=1 and STUDIO_ACCOUNTS=1 exclude each other: debug pages show what others do and the settings."
        if "*" in self.hosts:
            yield "ALLOWED_HOSTS=* trusts any name that a request claims. Name the studio's own: studio.example."
        if self.mails and not self.url:
            yield "EMAIL_HOST needs STUDIO_URL, such as https://studio.example: mails hold links to the studio."
        if self.url and not is_named(_host_of(self.url), self.hosts):
            yield f"STUDIO_URL={self.url} leads to a host that ALLOWED_HOSTS does not name."
        if self.https_only and self.url and not self.url.startswith("https://"):
            yield f"STUDIO_URL={self.url} must begin with https:// where HTTPS_ONLY is on."
        if self.own_keys and not self.field_keys:
            yield (
                f"STUDIO_OWN_KEYS=1 needs FIELD_KEYS, which encrypts designers' keys. {MAKE_ONE} "
                "Where keys are saved already, write SECRET_KEY after it: FIELD_KEYS=new,SECRET_KEY. "
                "Then run `manage.py reseal`."
            )

    def _secrets(self) -> Iterator[str]:
        if self.accounts and len(self.secret_key) < LEAST_SECRET_KEY:
            yield (
                f"SECRET_KEY needs {LEAST_SECRET_KEY} characters or more with STUDIO_ACCOUNTS. {MAKE_ONE} "
                "Everybody has to sign in again then."
            )
        if any(len(key) < LEAST_FIELD_KEY for key in self.field_keys):
            yield f"Each of FIELD_KEYS needs {LEAST_FIELD_KEY} characters or more. {MAKE_ONE}"
        if self.metrics_token and len(self.metrics_token) < LEAST_TOKEN:
            yield f"METRICS_TOKEN needs {LEAST_TOKEN} characters or more. {MAKE_ONE}"


def address(named: str, origins: Sequence[str], hosts: Sequence[str]) -> str:
    """Where people reach the studio: as `named`, else the first trusted origin with a name of the studio's own."""
    return named or next((origin for origin in origins if is_named(_host_of(origin), hosts)), "")


def is_named(host: str, hosts: Sequence[str]) -> bool:
    """Whether `hosts`, as in ALLOWED_HOSTS, hold this host by its own name or by a domain such as `.example`."""
    return any(host == _bare(one) or (one.startswith(".") and (host == one[1:] or host.endswith(one))) for one in hosts)


def _is_here(host: str) -> bool:
    """Whether the name leads to this machine. Browsers keep all names below `localhost` on it."""
    return _bare(host) in LOOPBACK or host.endswith(".localhost")


def _host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def _bare(host: str) -> str:
    return host.removeprefix("[").removesuffix("]")

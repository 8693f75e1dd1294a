"""Decide when signing in is locked: django-axes counts by name and address together; this adds two slower limits.

Axes locks after five wrong tries of one name from one address. Trying many names from one address, or one name from
many addresses, stays below that, so each has a limit of its own here. A stranger who uses up the tries of a name locks
its owner out for a quarter of an hour at most. From an address where the owner signed in recently, the owner is not
locked out at all.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone

# Tries in a quarter of an hour: at most 100 in an hour for one account, as OWASP ASVS 4.0, 2.2.1, asks.
PER_NAME: Final = 25
PER_ADDRESS: Final = 50  # a whole studio may share one address
KNOWN_FOR: Final = timedelta(days=30)


class LockoutHandler(AxesDatabaseHandler):  # type: ignore[misc]  # axes has no types
    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        if super().is_locked(request, credentials):
            return True
        address: str = request.axes_ip_address  # type: ignore[attr-defined]
        name = get_client_username(request, credentials)
        if _failures(ip_address=address) >= PER_ADDRESS:
            return True
        return bool(name) and _failures(username=name) >= PER_NAME and not _is_known(name, address)


def _failures(**whose: str) -> int:
    lately = AccessAttempt.objects.filter(attempt_time__gt=timezone.now() - settings.AXES_COOLOFF_TIME, **whose)
    return int(lately.aggregate(failures=Sum("failures_since_start", default=0))["failures"])


def _is_known(name: str, address: str) -> bool:
    since = timezone.now() - KNOWN_FOR
    return bool(AccessLog.objects.filter(username=name, ip_address=address, attempt_time__gt=since).exists())


def forget_old_signins() -> None:
    AccessLog.objects.filter(attempt_time__lt=timezone.now() - KNOWN_FOR).delete()

"""When signing in is locked: axes' own count by name and address together, and two slower ones over all of either.

Five wrong tries of one name from one address are axes' to lock. Whoever tries many names from one address, or one name
from many, stays below that; here is their limit. A stranger who uses up a name's tries locks nobody out where that
person has signed in of late, and elsewhere for a quarter of an hour.
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

# Within a quarter of an hour, so at most 100 in an hour for one account: OWASP ASVS 4.0, 2.2.1.
PER_NAME: Final = 25
PER_ADDRESS: Final = 50  # a whole studio may sit behind one
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

"""Report faults to Sentry if the operator names one: where in the code, never anybody's prompt, key or cookie."""

from __future__ import annotations

from typing import Any

import sentry_sdk
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration


def start(dsn: str) -> None:
    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        include_local_variables=False,  # they hold prompts
        max_request_body_size="never",
        max_breadcrumbs=0,  # they may hold addresses with prompts, and log lines
        before_send=_scrubbed,
        auto_enabling_integrations=False,
        default_integrations=True,
        integrations=[DjangoIntegration(), CeleryIntegration(), LoggingIntegration(level=None)],
    )


def _scrubbed(event: Any, hint: Any) -> Any:  # noqa: ARG001
    """The event without what people wrote.

    Only the first line of an exception's message stays: PostgreSQL adds the row to it.
    """
    request = event.get("request", {})
    event["request"] = {name: request[name] for name in ("method",) if name in request}
    event.pop("user", None)
    event.pop("extra", None)
    for exception in event.get("exception", {}).get("values", ()):
        exception["value"] = str(exception.get("value") or "").partition("\n")[0][:200]
    return event

"""How worker and scheduler look for a broker that is away: steadily, and for as long as it takes."""

from __future__ import annotations

import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from stickers.messaging import app as celery
from stickers.messaging import scheduler
from stickers.messaging.reconnecting import PAUSE_SECONDS
from tests.support.running_studio import free_port

TRIES = 12
NOBODY = f"redis://127.0.0.1:{free_port()}/0"


@pytest.mark.parametrize("app", [celery.app, scheduler.app])
def test_it_works(app: Celery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kombu.utils.functional.sleep", lambda _: None)
    pauses: list[float] = []
    with app.connection_for_read(NOBODY) as connection, pytest.raises(OperationalError):
        connection.ensure_connection(lambda _, pause: pauses.append(pause), TRIES)
    assert pauses == [PAUSE_SECONDS] * TRIES


@pytest.mark.parametrize("app", [celery.app, scheduler.app])
def test_nobody_gives_up(app: Celery) -> None:
    assert app.conf.broker_connection_max_retries is None


def test_whoever_must_not_wait_does_not() -> None:
    """A page tries only once; see wakeups.py."""
    with celery.app.connection_for_write(NOBODY) as connection, pytest.raises(OperationalError):
        connection.ensure_connection(max_retries=0, timeout=1, reraise_as_library_errors=True)

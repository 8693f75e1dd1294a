"""Compares the migrations on disk with those in the database, so that no part runs new code over old tables.

A pull changes the code under a running studio. A part that dies after it is started again, perhaps from the new code.
Such a part waits until somebody migrates, which is what a restart of the studio does first.
"""

from __future__ import annotations

import importlib.util
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection

LOOK_SECONDS: Final = 1.0
logger = logging.getLogger(__name__)


def on_disk() -> set[tuple[str, str]]:
    """Every migration of the code, as app and name. It is found by its file, without loading any."""
    found = set()
    for app in settings.INSTALLED_APPS:
        spec = importlib.util.find_spec(app)
        for folder in (spec.submodule_search_locations if spec else None) or ():
            label = app.rpartition(".")[2]
            found |= {(label, file.stem) for file in Path(folder).glob("migrations/[0-9]*.py")}
    return found


def lacking() -> list[str]:
    """The migrations on disk that the database has not had, such as `stickers.0022_segmentation`.

    Raises DatabaseError.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            applied = set(cursor.fetchall())
    finally:
        connection.close()
    return sorted(f"{app}.{name}" for app, name in on_disk() - applied)


def wait(is_wanted: Callable[[], bool] = lambda: True) -> None:
    """Return once the database fits the code, or once `is_wanted`, asked every second, says no.

    A database that does not answer is waited for, too.
    """
    has_said = False
    while is_wanted() and (reason := _misfit()):
        if not has_said:
            logger.warning("%s Waiting: restart the studio, which migrates, or run `manage.py migrate`.", reason)
            has_said = True
        time.sleep(LOOK_SECONDS)


def _misfit() -> str:
    try:
        missing = lacking()
    except DatabaseError as error:
        return f"The database does not answer, or is empty ({type(error).__name__})."
    return f"The code on the disk is newer than the database, which lacks {', '.join(missing)}." if missing else ""

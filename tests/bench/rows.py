"""The studio's rows for parts of the bench. Importing this loads Django over the part's own data folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stickers.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402

from stickers import tasks  # noqa: E402
from stickers.accounts.current_user import the_designer  # noqa: E402
from stickers.models import ACTIVE, Generation, State  # noqa: E402


def migrate() -> None:
    call_command("migrate", interactive=False, verbosity=0)


def order(*prompts: str) -> None:
    """Put orders into the queue all at once, and send the hint that the page would send."""
    owner = the_designer()
    Generation.objects.bulk_create(
        Generation(owner=owner, prompt=prompt, seed=seed) for seed, prompt in enumerate(prompts)
    )
    tasks.hint()


def order_for(owners: Sequence[User], many: int, **fields: Any) -> None:
    """Put so many orders of each owner into the queue at once, mixed as they would come."""
    Generation.objects.bulk_create(
        Generation(owner=owner, prompt=f"{owner.username} {number}", seed=number, **fields)
        for number in range(many)
        for owner in owners
    )
    tasks.hint()


def unfinished() -> int:
    return Generation.objects.filter(state__in=ACTIVE).count()


def undone() -> list[str]:
    """The reasons why orders did not end as they should."""
    failed = Generation.objects.exclude(state=State.DONE)
    return [f"{state}: {error}" for state, error in failed.values_list("state", "error")]


def last_end() -> float:
    """When the last order was finished, as Unix time in seconds."""
    latest = Generation.objects.order_by("-finished_at").values_list("finished_at", flat=True).first()
    if latest is None:
        raise RuntimeError("Nothing was finished.")
    return latest.timestamp()

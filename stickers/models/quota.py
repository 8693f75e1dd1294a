"""How much of the storage a designer's files take, and what is kept free for pictures that are paid for."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Sum
from django.template.defaultfilters import filesizeformat

from stickers.files import storage
from stickers.models.export import ExportFile
from stickers.models.generation import ACTIVE, Generation
from stickers.models.sheet import Sheet

# What one sheet of an order takes with its stickers and thumbnails. Measured: 3 to 8 MB.
ORDERED_SHEET_BYTES: Final = 10_000_000


class NoRoom(Exception):  # noqa: N818  an answer to the designer, and no fault
    """There is no room for more files. The message says why and what to do. `is_disk`: it is the disk that is full."""

    def __init__(self, words: str, *, is_disk: bool = False) -> None:
        super().__init__(words)
        self.is_disk = is_disk


def used_bytes(owner_pk: int) -> int:
    """What the sheets with their stickers and the exports of this designer take, those in the trash too."""
    return by_owner(owner_pk).get(owner_pk, 0)


def by_owner(owner_pk: int | None = None) -> dict[int, int]:
    """The same for everybody, or for one designer, by the owner's id."""
    only = {} if owner_pk is None else {"owner": owner_pk}
    sheets = Sheet.objects.filter(**only).order_by().values_list("owner").annotate(Sum("stored_bytes"))
    used = dict(sheets)
    only = {} if owner_pk is None else {"export__print_sheet__owner": owner_pk}
    files = ExportFile.objects.filter(**only).order_by().values_list("export__print_sheet__owner")
    for owner, size_bytes in files.annotate(Sum("size_bytes")):
        used[owner] = used.get(owner, 0) + size_bytes
    return used


def check_quota(owner_pk: int, more_bytes: int = 0) -> None:
    """Raise NoRoom if this designer's files and `more_bytes` are more than their quota.

    It locks the designer's row to the end of the transaction, so that many requests at once don't pass together.
    """
    quota: int = settings.STORAGE_QUOTA_BYTES
    if not quota:
        return
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner_pk)
        used = used_bytes(owner_pk)
    if used + more_bytes > quota:
        raise NoRoom(
            f"Your files take {filesizeformat(used)} of {filesizeformat(quota)}, so there is no room for more. "
            "Delete what you do not need and empty the trash, or ask an admin."
        )


def check_disk(more_bytes: int) -> None:
    """Raise NoRoom if `more_bytes` would take the room that ordered sheets need."""
    free = storage.free_bytes()
    if free is not None and free - more_bytes < reserved_bytes():
        raise NoRoom(
            "The studio's disk is full. What is left is kept for pictures that are paid for. "
            "Please tell whoever runs the studio.",
            is_disk=True,
        )


def reserved_bytes() -> int:
    """What has to stay free on the disk: room for every sheet that is ordered."""
    ordered = Generation.objects.filter(state__in=ACTIVE).aggregate(sheets=Sum("samples", default=0))["sheets"]
    return storage.LEAST_FREE_BYTES + ORDERED_SHEET_BYTES * int(ordered)

"""Delete what nobody needs any more: old trash, exports, sessions, keys and requests, and files without a row.

A file is deleted only if no row names it and nobody has written it for a day, because a row follows its file within
seconds. Rows are deleted and committed first. So a kill in between leaves files for the next time, and never a row
without its file.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import FieldDoesNotExist
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import ProtectedError, Q
from django.utils import timezone

from stickers.accounts import lockout
from stickers.files import references, storage
from stickers.models import Invitation, Mail, Segmentation, Sheet, Sticker
from stickers.orders import api_keys

GRACE: Final = timedelta(hours=24)
MOST_MEASURED: Final = 500  # sheets in one run; a bucket is asked for each of their files
logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Cleared:
    """What was deleted, or would be."""

    binned: int  # rows of the trash; scripts read this name
    exports: int
    sessions: int
    files: list[str]
    is_dry_run: bool


def clear(*, dry_run: bool = False) -> Cleared:
    now = timezone.now()
    trashed = sum(_purge(model, due, dry_run=dry_run) for model, due in _in_trash(now))
    exports = sum(_purge(model, Q(keep_until__lt=now), dry_run=dry_run) for model in _models_with("keep_until"))
    sessions = Session.objects.filter(expire_date__lt=now)
    ended = sessions.count() if dry_run else sessions.delete()[0]
    files = list(_orphans(now))
    if not dry_run:
        files = [name for name in files if _remove(name, now)]
        _measure()
        api_keys.forget_replaced()
        lockout.forget_old_signins()
        Mail.objects.outdated().delete()
        Invitation.objects.orphaned().delete()
    cleared = Cleared(binned=trashed, exports=exports, sessions=ended, files=files, is_dry_run=dry_run)
    if not dry_run and (trashed or exports or files):
        logger.info("Cleared away: %d rows of the trash, %d exports, %d files.", trashed, exports, len(files))
    return cleared


def _models_with(column: str) -> Iterator[type[models.Model]]:
    for model in apps.get_app_config("stickers").get_models():
        try:
            model._meta.get_field(column)
        except FieldDoesNotExist:
            continue
        yield model


def _in_trash(now: datetime) -> Iterator[tuple[type[models.Model], Q]]:
    """Every model with a trash, and the condition for rows that have been in it long enough."""
    if not settings.TRASH_DAYS:
        return
    long_enough = Q(deleted_at__lt=now - timedelta(days=settings.TRASH_DAYS))
    for model in _models_with("deleted_at"):
        yield model, _unless_being_cut(model, long_enough)


def empty_trash(owner_pk: int) -> tuple[int, int]:
    """Delete for good what this designer has put into the trash. Returns how many rows went, and how many stay.

    What is being cut stays, and so does what is still in use. The next housekeeping deletes the files.
    """
    gone = stay = 0
    now = timezone.now()
    for model in _models_with("deleted_at"):
        owner = "sheet__owner" if model is Sticker else "owner"
        due = Q(deleted_at__lte=now, **{owner: owner_pk})
        gone += _purge(model, _unless_being_cut(model, due), dry_run=False)
        # the stickers of a sheet that stays are not shown beside it
        shown = due & Q(sheet__deleted_at=None) if model is Sticker else due
        stay += model._base_manager.filter(shown).count()
    return gone, stay


def _unless_being_cut(model: type[models.Model], due: Q) -> Q:
    """A sheet that is being segmented has files that are not in its rows yet, so it stays."""
    if model is not Sheet:
        return due
    # This is a subquery, because PostgreSQL locks no outer join.
    return due & ~Q(pk__in=Segmentation.objects.open().values("pk"))


def _purge(model: type[models.Model], due: Q, *, dry_run: bool) -> int:
    """Delete the rows for good, one by one, and count them. A row restored meanwhile or still in use stays."""
    rows = model._base_manager
    pks: list[Any] = list(rows.filter(due).values_list("pk", flat=True))
    if dry_run:
        return len(pks)
    gone = 0
    for pk in pks:
        try:
            with transaction.atomic():
                row = rows.select_for_update().filter(due, pk=pk).first()
                if row is not None:
                    row.delete()
                    gone += 1
        except ProtectedError:
            continue
    return gone


def _orphans(now: datetime) -> Iterator[str]:
    """The names of old files that no row names.

    The rows are read twice, before and after the files' times. A file that got its row meanwhile is in the second
    answer. A file that was written again meanwhile is young.
    """
    named = references.file_names()
    suspects = [name for folder in storage.FOLDERS for name in _files_below(folder) if name not in named]
    old = [name for name in suspects if _is_older(name, now - GRACE)]
    named = references.file_names() if old else named
    yield from (name for name in old if name not in named and _is_older(name, now - GRACE))


def _remove(name: str, now: datetime) -> bool:
    """Delete the file. False if it has come into use meanwhile, because deleting many files takes a while."""
    if not _is_older(name, now - GRACE) or references.is_named(name):
        return False
    storage.remove([name])
    return True


def _measure() -> None:
    """Write down what the files of a sheet take, for sheets from before that was noted. A later run does the rest."""
    for sheet in Sheet.objects.filter(stored_bytes=0).order_by("pk").prefetch_related("stickers")[:MOST_MEASURED]:
        names = {file.name for file in (sheet.file, sheet.thumb_256, sheet.thumb_512) if file.name}
        names = names.union(*(sticker.files for sticker in sheet.stickers.all()))
        names |= set(sheet.cut_steps.exclude(engine="").values_list("engine", flat=True))
        size_bytes = storage.size_bytes(names)
        # A sheet without any file would be measured for ever. One that was cut meanwhile knows better.
        Sheet.objects.filter(pk=sheet.pk, stored_bytes=0).update(stored_bytes=max(size_bytes, 1))


def _is_older(name: str, moment: datetime) -> bool:
    try:
        written: datetime = default_storage.get_modified_time(name)
    except OSError:  # already deleted
        return False
    return written < moment


def _files_below(folder: str) -> Iterable[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for file in files:
        if file:  # some stores list the folder itself, without a name
            yield f"{folder}/{file}"
    for inner in folders:
        yield from _files_below(f"{folder}/{inner}")

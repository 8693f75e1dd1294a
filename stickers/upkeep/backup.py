"""Makes and restores backups: all rows and all their files in one tar, from any database engine and for any.

The tar holds `rows.jsonl` (Django's own serialization, read in one snapshot while the studio runs), the files below
`media/`, the secret key where the studio keeps it itself, and last `manifest.json` with the SHA-256 of everything.

A restore checks all of it before it touches anything. Then files are stored, under names that hold a hash of their
content, so nothing is lost by it; then the rows are replaced in one transaction. A kill in between leaves the studio
as it was, and some files for the housekeeping.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.template.defaultfilters import pluralize
from django.utils import timezone

from stickers.accounts.current_user import SINGLE_DESIGNER
from stickers.files import references, storage
from stickers.models import Generation, State
from stickers.pipeline import journal
from stickers.running import data_folder, release
from stickers.running.environment import APPLICATION

FORMAT: Final = 1
ROWS: Final = "rows.jsonl"
KEY: Final = "secret_key"
MANIFEST: Final = "manifest.json"
MEDIA: Final = "media/"
# Rows that hold only for a moment: who is signed in, mails to send, which part was alive a second ago.
_PASSING: Final = {"sessions.session", "stickers.heartbeat", "stickers.mail"}
_TRIES: Final = 3
_DOUBT: Final = (
    "This order was waiting to be sent when the backup was made. It may have been sent and billed since, "
    "so it is not sent again by itself."
)
# PostgreSQL lists a connection for a moment after its end, as when a studio has just stopped.
_LOOKS: Final = 10
_LOOK_SECONDS: Final = 0.3
logger = logging.getLogger(__name__)


class BackupError(Exception):
    """A backup or a restore cannot be done. The message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a backup or a restore did."""

    file: str
    rows: dict[str, int]
    files: int
    bytes: int
    missing: list[str]  # files that rows name but the storage does not give
    secret_key: str
    release: str  # that made the backup
    doubtful_orders: int = 0


def _models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy and model._meta.label_lower not in _PASSING
    ]


def _migrations() -> list[str]:
    """The applied migrations. Rows fit only into a database with the same ones."""
    applied = MigrationRecorder(connection).applied_migrations()
    installed = {config.label for config in apps.get_app_configs()}
    return sorted(f"{app}.{name}" for app, name in applied if app in installed)


# --- backup ----------------------------------------------------------------------------------------------------


def backup(out: Path) -> Report:
    """Write a backup to `out`, whole or not at all. Raises BackupError."""
    if out.exists():
        raise BackupError(f"{out} is there already.")
    if is_empty():
        raise BackupError(
            f"There is nothing to back up: this studio, in {settings.DATA_DIR}, is empty. "
            "Is that the one you meant? On a server run deploy/manage, which knows its settings."
        )
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    with _not_written(f"{out} could not be written"):
        # The file holds everybody's password hash and the secret key.
        opened = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(opened, "w+b") as stream:
                report = _write(stream, out)
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(out)
        finally:
            draft.unlink(missing_ok=True)
    return report


@contextmanager
def _not_written(words: str) -> Iterator[None]:
    """Turn an OSError inside into a BackupError of these words and the cause."""
    try:
        yield
    except OSError as error:
        raise BackupError(f"{words}: {error.strerror or error}.") from error


def _write(stream: IO[bytes], out: Path) -> Report:
    for attempt in range(_TRIES):
        stream.seek(0)
        stream.truncate()
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
            writer = _Writer(tar)
            counts = _write_rows(writer)
            missing = [name for name in sorted(writer.names) if not writer.add_stored(name)]
            # A sheet that was segmented again meanwhile has new files now. Then everything is read again, from new
            # rows.
            if set(missing) - references.file_names() and attempt + 1 < _TRIES:
                continue
            key_words = _write_key(writer)
            made_by = release.name()
            manifest = {
                "format": FORMAT,
                "made_at": timezone.now().isoformat(),
                "release": made_by,
                "migrations": _migrations(),
                "rows": counts,
                "missing": missing,
                "sha256": writer.sums,
            }
            writer.add(MANIFEST, json.dumps(manifest, indent=1).encode())
            files = sum(name.startswith(MEDIA) for name in writer.sums)
            break
    return Report(
        file=str(out),
        rows=counts,
        files=files,
        bytes=stream.tell(),
        missing=missing,
        secret_key=key_words,
        release=made_by,
    )


class _Exactly(DjangoJSONEncoder):
    """Write times to the microsecond. Django's own encoder cuts them to the millisecond."""

    def default(self, o: object) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


class _Writer:
    """Puts members into the tar and keeps their SHA-256 sums."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.sums: dict[str, str] = {}
        self.names: set[str] = set()
        """The stored files that the rows name."""

    def add(self, member: str, data: bytes) -> None:
        info = tarfile.TarInfo(member)
        info.size, info.mode, info.mtime = len(data), 0o600, int(timezone.now().timestamp())
        self._tar.addfile(info, io.BytesIO(data))
        self.sums[member] = hashlib.sha256(data).hexdigest()

    def add_stored(self, name: str) -> bool:
        """Add a stored file. False if the storage does not give it: one bad file must not cost all the others.

        It may be gone, unreadable, on a bad sector, or named as no file of the studio ever was. Only one file at a
        time is in memory.
        """
        if not _is_ours(name):  # no restore would take it in
            logger.warning("%r is not in the backup: the studio gives no such names.", name)
            return False
        try:
            data = storage.get(name)
        except OSError as error:
            logger.warning("%r is not in the backup: %s", name, error)
            return False
        self.add(MEDIA + name, data)
        return True


def _write_rows(writer: _Writer) -> dict[str, int]:
    counts: Counter[str] = Counter()
    lines = io.StringIO()
    with _snapshot():
        for model in _models():
            rows = model._base_manager.order_by("pk")
            counts[model._meta.label] = rows.count()
            serializers.serialize("jsonl", rows.iterator(chunk_size=500), stream=lines, cls=_Exactly)
        writer.names = references.file_names()
    writer.add(ROWS, lines.getvalue().encode())
    return dict(counts)


def _is_ours(name: str) -> bool:
    """Whether the studio gives such names to files. A backup from elsewhere may name any place."""
    parts = PurePosixPath(name).parts
    return len(parts) > 1 and parts[0] in storage.FOLDERS and ".." not in parts and "\\" not in name


@contextmanager
def _snapshot() -> Iterator[None]:
    """Read everything inside as of one moment. Others can still write."""
    if connection.in_atomic_block:
        yield
        return
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.vendor == "postgresql" else "BEGIN DEFERRED"
    with connection.cursor() as cursor:
        cursor.execute(begin)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")


def _key_file() -> Path:
    return Path(settings.DATA_DIR) / KEY


def _write_key(writer: _Writer) -> str:
    try:
        data = _key_file().read_bytes()
    except FileNotFoundError:
        data = b""
    if data.decode() != settings.SECRET_KEY:
        return "not in the backup: it is set by SECRET_KEY; keep it yourself"
    writer.add(KEY, data)
    return "in the backup"


# --- restore ---------------------------------------------------------------------------------------------------


def restore(path: Path, *, replace: bool = False) -> Report:
    """Restore the studio from the backup. Raises BackupError; except for the key, that is before rows are changed."""
    folder = Path(settings.DATA_DIR)
    try:
        with _not_written(f"The data folder {folder} cannot be used"), data_folder.alone(folder):
            return _restored(path, replace=replace)
    except data_folder.InUseError as error:
        raise BackupError(str(error)) from error


def _restored(path: Path, *, replace: bool) -> Report:
    try:
        with tarfile.open(path, "r:") as tar:
            _check_stopped()
            members = _checked(tar)
            manifest = json.loads(members.read(MANIFEST))
            _check_fit(manifest, replace=replace)
            for member in members.stored:
                name, data = member.removeprefix(MEDIA), members.read(member)
                with _not_written(f"The rows are as they were, because {name} cannot be stored"):
                    storage.put(name, data)
            lines = members.read(ROWS).decode()
            with _not_written("The rows are as they were, because the orders' journal cannot be put aside"):
                doubtful = _replace_rows(lines)
            with _not_written(f"Rows and files are restored, but not {KEY}, which is in the backup"):
                key_words = _restore_key(members)
    except (tarfile.TarError, OSError, EOFError) as error:
        words = (isinstance(error, OSError) and error.strerror) or str(error)
        raise BackupError(f"{path} cannot be read: {words}.") from error
    except (serializers.base.DeserializationError, DatabaseError) as error:
        raise BackupError(f"The rows do not fit into this database, which is as it was: {error}") from error
    return Report(
        file=str(path),
        rows=manifest["rows"],
        files=len(members.stored),
        bytes=path.stat().st_size,
        missing=manifest["missing"],
        secret_key=key_words,
        release=_release_of(manifest),
        doubtful_orders=doubtful,
    )


class _Members:
    """The members of a backup, after their sums were checked."""

    def __init__(self, tar: tarfile.TarFile, infos: dict[str, tarfile.TarInfo]) -> None:
        self._tar = tar
        self._infos = infos
        self.stored = sorted(name for name in infos if name.startswith(MEDIA))

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    def read(self, name: str) -> bytes:
        stream = self._tar.extractfile(self._infos[name])
        if stream is None:
            raise BackupError(f"{name} in the backup is no file.")
        return stream.read()


def _checked(tar: tarfile.TarFile) -> _Members:
    infos = {info.name: info for info in tar.getmembers()}
    if MANIFEST not in infos or ROWS not in infos:
        raise BackupError("This is no backup of a studio, or it is cut short.")
    members = _Members(tar, infos)
    try:
        manifest = json.loads(members.read(MANIFEST))
        sums = dict(manifest["sha256"])
        version = manifest["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError("The backup's list of contents cannot be read.") from error
    if version != FORMAT:
        raise BackupError(f"The backup has format {version}; this release reads {FORMAT}.")
    if set(sums) != set(infos) - {MANIFEST}:
        raise BackupError("The backup does not hold what its list of contents says.")
    for name, wanted in sums.items():
        if not (name in {ROWS, KEY} or (name.startswith(MEDIA) and _is_ours(name.removeprefix(MEDIA)))):
            raise BackupError(f"The backup holds a file of a strange name: {name!r}.")
        if hashlib.sha256(members.read(name)).hexdigest() != wanted:
            raise BackupError(f"{name} in the backup is damaged.")
    return members


def _check_stopped() -> None:
    """Refuse while parts of the studio are connected to this database. They may run on machines with other disks."""
    if connection.vendor != "postgresql":
        return
    looks_left = _LOOKS
    while others := _other_connections():
        looks_left -= 1
        if not looks_left:
            found = f"{others} connection{pluralize(others)}"
            raise BackupError(f"A studio is connected to this database ({found}). Stop it first, on every machine.")
        time.sleep(_LOOK_SECONDS)


def _other_connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = %s AND pid <> pg_backend_pid()",
            [APPLICATION],
        )
        return int(cursor.fetchone()[0])


def _release_of(manifest: dict[str, Any]) -> str:
    return str(manifest.get("release", "one that did not write down its name"))


def _check_fit(manifest: dict[str, Any], *, replace: bool) -> None:
    here, there = set(_migrations()), set(manifest["migrations"])
    if here != there:
        named = ", ".join(sorted(here ^ there)[:5])
        raise BackupError(
            f"The backup is of another release, {_release_of(manifest)} (they differ in {named}); "
            f"this is {release.name()}. "
            "Restore it with the release that made it, then upgrade; or run `manage.py migrate` first."
        )
    if not replace and not is_empty():
        raise BackupError("This studio is not empty. With --replace everything in it is replaced by the backup.")


def is_empty() -> bool:
    """Whether nobody has made anything here yet. The account that the first page makes does not count."""
    if User.objects.exclude(username=SINGLE_DESIGNER).exists():
        return False
    with_owner = (
        model
        for model in apps.get_app_config("stickers").get_models()
        if any(field.related_model is User for field in model._meta.concrete_fields)
    )
    return not any(model._base_manager.exists() for model in with_owner)


def _replace_rows(lines: str) -> int:
    """Replace all rows at once. Returns the number of generations that may have been sent since the backup."""
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    with journal.put_back_on_error() as set_aside, transaction.atomic():
        connection.ops.execute_sql_flush(
            connection.ops.sql_flush(no_style(), tables, reset_sequences=False, allow_cascade=False)
        )
        for row in serializers.deserialize("jsonl", lines):
            row.save()
        now = timezone.now()
        doubtful = Generation.objects.filter(state__in=[State.CREATED, State.SUBMITTING]).update(
            state=State.UNKNOWN, error=_DOUBT, next_at=None, finished_at=now, changed_at=now
        )
        connection.check_constraints()
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
                cursor.execute(statement)
        # the journal's ids belong to the old rows; this comes last, since only the commit can still fail after it
        set_aside()
    ContentType.objects.clear_cache()
    return doubtful


def _restore_key(members: _Members) -> str:
    if KEY not in members:
        return "not in the backup: set SECRET_KEY to the one that the studio had"
    data = members.read(KEY)
    if data.decode() == settings.SECRET_KEY:
        return "the same"
    if not _key_file().exists() or _key_file().read_text() != settings.SECRET_KEY:
        return "in the backup, but this studio's is set by SECRET_KEY, which stays"
    draft = _key_file().with_name(f"{KEY}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(data)
    draft.replace(_key_file())
    return "restored; start the studio again"

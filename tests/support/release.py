"""The previous release's database with work in it: SQLite as dumped, or the same rows on a PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import psycopg
from dj_database_url import parse
from psycopg import sql
from psycopg.rows import dict_row

ROOT: Final = Path(__file__).parents[2]
# Rows of every state, a trash, an import, a sheet still to be cut; see its first line.
DUMP: Final = ROOT / "tests/support/release_0001.sql"
# The tables of that release, without the rows that the dump brings.
TABLES: Final = """
import django
django.setup()
from django.core.management import call_command
for target in (["contenttypes"], ["auth"], ["admin"], ["sessions"], ["stickers", "0001"]):
    call_command("migrate", *target, verbosity=0)
call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
"""


class Release(Protocol):
    """`data` is the studio's folder; `environment` leads it to the database."""

    data: Path
    environment: dict[str, str]

    def table(self, name: str) -> dict[int, dict[str, Any]]:
        """All rows by their keys, which are the first column of each table."""


def run(release: Release, *command: str) -> str:
    """The output of a Python command over this database. The command must succeed."""
    environment = {
        "PATH": os.environ["PATH"],
        "STUDIO_DATA": str(release.data),
        "DJANGO_SETTINGS_MODULE": "stickers.settings",
        **release.environment,
    }
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class OnSQLite:
    def __init__(self, data: Path) -> None:
        self.data = data
        self.environment: dict[str, str] = {}
        self._file = data / "studio.sqlite3"
        with closing(sqlite3.connect(self._file)) as database:
            database.executescript(DUMP.read_text())

    def table(self, name: str) -> dict[int, dict[str, Any]]:
        with closing(sqlite3.connect(self._file)) as database:
            database.row_factory = sqlite3.Row
            return {row[0]: dict(row) for row in database.execute(f"SELECT * FROM {name}")}  # noqa: S608  (ours)


@dataclass
class OnPostgreSQL:
    data: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.url}

    def fill(self) -> None:
        run(self, "-c", TABLES)
        with closing(sqlite3.connect(":memory:")) as dumped, psycopg.connect(self.url) as database:
            dumped.executescript(DUMP.read_text())
            database.execute("SET TIME ZONE 'UTC'")
            tables = dumped.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            for (table,) in tables.fetchall():
                if table != "django_migrations":
                    _copy(dumped, database, table)

    def table(self, name: str) -> dict[int, dict[str, Any]]:
        with psycopg.connect(self.url, row_factory=dict_row) as database:
            found = database.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(name)))
            return {next(iter(row.values())): row for row in found}


@contextmanager
def on_postgresql(data: Path, server: str) -> Iterator[OnPostgreSQL]:
    """A database of its own on the running server. It is dropped at the end."""
    name = f"release_{os.getpid()}"
    database = parse(server)["NAME"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            release = OnPostgreSQL(data, f"{server.removesuffix(database)}{name}")
            release.fill()
            yield release
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _copy(dumped: sqlite3.Connection, database: psycopg.Connection, table: str) -> None:
    """As text: PostgreSQL reads it by the column's type. Foreign keys are checked when all rows are there."""
    found = dumped.execute(f"SELECT * FROM {table}")  # noqa: S608  (ours)
    names = [column for column, *_ in found.description]
    insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(sql.Placeholder() * len(names)),
    )
    rows = [tuple(None if value is None else str(value) for value in row) for row in found]
    if rows:
        database.cursor().executemany(insert, rows)
    if "id" in names:
        after = sql.SQL("SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM {} HAVING max(id) IS NOT NULL")
        database.execute(after.format(sql.Identifier(table)), [table])

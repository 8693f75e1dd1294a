"""The stand-in's memory: jobs, money and recorded calls in SQLite, so that they survive a kill."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from stickers.recipes.specs import ModelSpec, unlisted
from stickers.sandbox.jobs import Job
from stickers.sandbox.recording import Call

# Most calls are polls. Older ones are of no use.
KEEP_CALLS_SECONDS: Final = 7 * 86400
_MICROS: Final = 1_000_000

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS account (balance_micros INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS job (
    request_id TEXT PRIMARY KEY, body TEXT NOT NULL, seed INTEGER NOT NULL,
    created_at REAL NOT NULL, starts_at REAL NOT NULL, ends_at REAL NOT NULL, drawn_at REAL,
    failure TEXT NOT NULL, cost_micros INTEGER NOT NULL, lost INTEGER NOT NULL DEFAULT 0,
    model TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS job_ends_at ON job (ends_at);
CREATE TABLE IF NOT EXISTS call (
    number INTEGER PRIMARY KEY, at REAL NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
    headers TEXT NOT NULL, body TEXT NOT NULL
);
"""


class JobStore:
    """One connection behind one lock. The stand-in answers a few hundred calls a second; that is enough."""

    def __init__(self, path: Path | None, *, models: Mapping[str, ModelSpec], balance: Decimal, now: float) -> None:
        """Open `path`, or keep everything in memory if it is None. `balance` is what a new store starts with."""
        self._models = models
        self._lock = threading.Lock()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False, timeout=20)
        # NORMAL survives the death of the process. Only a power cut could lose the last calls.
        self._database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _TABLES)
        self._add_model_column()
        self._run("INSERT INTO account SELECT ? WHERE NOT EXISTS (SELECT 1 FROM account)", int(balance * _MICROS))
        self._run("DELETE FROM call WHERE at < ?", now - KEEP_CALLS_SECONDS)

    def _add_model_column(self) -> None:
        """Add the column to an older stand-in's file. All its jobs belong to the first model."""
        if not any(column["name"] == "model" for column in self._rows("PRAGMA table_info(job)")):
            self._run("ALTER TABLE job ADD COLUMN model TEXT NOT NULL DEFAULT ''")
            self._run("UPDATE job SET model = ?", next(iter(self._models)))

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def add_job(self, job: Job) -> bool:
        """Store a new job if the balance covers it and all jobs under way. True if it was stored."""
        row = (
            job.request_id, json.dumps(job.values), job.seed, job.created_at, job.starts_at, job.ends_at,
            job.failure, int(job.cost * _MICROS), job.spec.slug,
        )  # fmt: skip
        added = self._run(
            "INSERT INTO job (request_id, body, seed, created_at, starts_at, ends_at, failure, cost_micros, model)"
            " SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE (SELECT balance_micros FROM account)"
            " >= ? + (SELECT coalesce(sum(cost_micros), 0) FROM job WHERE failure = '')",
            *row,
            int(job.cost * _MICROS),
        )
        return bool(added)

    def job(self, request_id: str) -> Job | None:
        jobs = self._jobs("WHERE request_id = ?", request_id)
        return jobs[0] if jobs else None

    def jobs(self) -> list[Job]:
        """All jobs, in the order of their submission."""
        return self._jobs("ORDER BY created_at, rowid")

    def undrawn_jobs(self) -> list[Job]:
        """Jobs whose pictures do not exist yet. After a kill they have to be drawn again."""
        return self._jobs("WHERE drawn_at IS NULL AND failure = '' ORDER BY created_at, rowid")

    def free_worker_at(self, workers: int) -> float:
        """When the next of `workers` pretended GPUs is free; 0 if one was never used."""
        rows = self._rows("SELECT ends_at FROM job ORDER BY ends_at DESC LIMIT 1 OFFSET ?", workers - 1)
        return float(rows[0]["ends_at"]) if rows else 0.0

    def mark_drawn(self, request_id: str, at: float) -> None:
        self._run("UPDATE job SET drawn_at = ? WHERE request_id = ? AND drawn_at IS NULL", at, request_id)

    def mark_failed(self, request_id: str, failure: str) -> None:
        self._run("UPDATE job SET failure = ? WHERE request_id = ?", failure, request_id)

    def mark_lost(self, request_id: str) -> None:
        self._run("UPDATE job SET lost = 1 WHERE request_id = ?", request_id)

    def balance(self, now: float) -> Decimal:
        """The balance in US dollars. Completion charges a job, so no job can be charged twice."""
        (row,) = self._rows(
            "SELECT (SELECT balance_micros FROM account) - coalesce(sum(cost_micros), 0) AS left FROM job"
            " WHERE failure = '' AND drawn_at <= ? AND ends_at <= ?",
            now,
            now,
        )
        return Decimal(row["left"]) / _MICROS

    def record(self, call: Call) -> None:
        self._run(
            "INSERT INTO call (at, method, path, headers, body) VALUES (?, ?, ?, ?, ?)",
            call.at,
            call.method,
            call.path,
            json.dumps(dict(call.headers)),
            call.body,
        )

    def calls(self) -> tuple[Call, ...]:
        """Every recorded call, in the order of arrival."""
        return tuple(
            Call(
                method=row["method"],
                path=row["path"],
                headers=json.loads(row["headers"]),
                body=row["body"],
                at=row["at"],
            )
            for row in self._rows("SELECT * FROM call ORDER BY number")
        )

    def clear_calls(self) -> None:
        self._run("DELETE FROM call")

    def _jobs(self, condition: str, *values: Any) -> list[Job]:
        # Every condition is a constant of this module.
        return [self._read_job(row) for row in self._rows(f"SELECT * FROM job {condition}", *values)]  # noqa: S608

    def _read_job(self, row: dict[str, Any]) -> Job:
        return Job(
            request_id=row["request_id"],
            spec=self._models.get(row["model"]) or unlisted(row["model"]),
            values=json.loads(row["body"]),
            seed=row["seed"],
            created_at=row["created_at"],
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            drawn_at=row["drawn_at"],
            failure=row["failure"],
            cost=Decimal(row["cost_micros"]) / _MICROS,
            lost=bool(row["lost"]),
        )

    def _run(self, statement: str, *values: Any) -> int:
        with self._lock:
            return self._database.execute(statement, values).rowcount

    def _rows(self, query: str, *values: Any) -> Sequence[dict[str, Any]]:
        with self._lock:
            cursor = self._database.execute(query, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

"""Turns moments into numbers that a database can add up, because Django can't sum moments."""

from __future__ import annotations

from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Func
from django.db.models.sql.compiler import SQLCompiler

SPAN: Final = 10**12  # eleven days; nine million of them add up to what 64 bits hold


class Microseconds(Func):
    """The whole microseconds of a moment since 1970, modulo `SPAN`."""

    arity = 1
    output_field = BigIntegerField()

    # Each per cent sign is read twice: here, and when the parameters are inserted.

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> tuple[str, Any]:
        # SQLite stores text: "2026-01-31 12:34:56.789012". If the fraction is zero, point and fraction are missing. The
        # seconds are read separately, because a fraction above 0.9995 would round them up.
        seconds = "CAST(strftime('%%%%s', substr(%(expressions)s, 1, 19)) AS integer)"
        rest = "CAST(substr(%(expressions)s, 21) AS integer)"
        sql, parameters = self.as_sql(compiler, connection, template=f"(({seconds} * 1000000 + {rest}) %%%% {SPAN})")
        return sql, [*parameters, *parameters]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> tuple[str, Any]:
        microseconds = "CAST(EXTRACT(EPOCH FROM %(expressions)s) * 1000000 AS bigint)"
        return self.as_sql(compiler, connection, template=f"({microseconds} %%%% {SPAN})")

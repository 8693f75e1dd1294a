"""Tables that tests write: each row is a property of its test, and all rows are one file at the end.

A property travels from a parallel run's workers to the process that reports; a list in memory does not.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "test-results"
# Name of the property and of the file: title of the table, heads of its columns.
TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "idor": (
        "Every address, what each person gets there: GET / POST",
        ("address", "seen by", "anonymous", "another designer", "a member", "a former member", "the owner", "an admin"),
    ),
    "uploads": ("Every file of the upload corpus, and what became of it", ("file", "outcome", "words")),
}


def table(name: str, rows: list[tuple[str, ...]]) -> str:
    title, heads = TABLES[name]
    lines = [f"# {title}", "", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    escaped = ([cell.replace("|", "\\|") for cell in row] for row in rows)
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in escaped), ""])


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    reports = [
        report
        for kind in ("passed", "failed")
        for report in terminalreporter.stats.get(kind, [])
        if isinstance(report, pytest.TestReport)
    ]
    for name in TABLES:
        rows = sorted({tuple(value) for report in reports for key, value in report.user_properties if key == name})
        if rows:
            RESULTS.mkdir(exist_ok=True)
            path = RESULTS / f"{name}.md"
            path.write_text(table(name, rows))
            terminalreporter.write_line(f"{TABLES[name][0]}: {len(rows)} rows in {path.relative_to(ROOT)}")

"""The audit of the locked packages: its list fits the lock, and what it could not look up is not called clean."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import pytest

from tests.audit import (
    LOCK,
    NEVER,
    PINNED,
    Line,
    Pin,
    Verdict,
    audit,
    differences,
    pins,
    read_report,
    read_table,
    renewed,
    table_of,
)

A, B = ("a", "1.0"), ("b", "2.0")
CLEAN = {"name": "a", "version": "1.0", "vulns": []}
FAULTY = {"name": "b", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]}
SKIPPED = {"name": "c", "skip_reason": "Dependency not found"}


def report(*dependencies: dict[str, Any]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


def test_the_list_fits_the_lock() -> None:
    wanted = pins(LOCK.read_text())
    assert len(wanted) > 40
    assert differences(wanted, read_table(PINNED.read_text())) == []


def test_the_list_is_as_renewing_writes_it() -> None:
    lines = read_table(PINNED.read_text())
    assert table_of(lines) == PINNED.read_text()
    for line in lines.values():
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", line.pinned)
        assert line.audited == NEVER or line.audited >= line.pinned


def test_pins_of_a_lock() -> None:
    lock = (
        "# made\na==1.0 \\\n    --hash=sha256:00\n    # via b\nb==2.0 ; python_full_version < '3.12' \\\nb==2.1 ; x\n"
    )
    assert pins(lock) == {A, B, ("b", "2.1")}


def test_a_pin_too_many_or_too_few_is_named_with_the_way_out() -> None:
    [extra, missing] = differences({A}, {B: Line("2026-01-01")})
    assert missing.startswith("b 2.0 is in pinned.tsv, not in the lock")
    assert extra.startswith("a 1.0 is in the lock, not in pinned.tsv")
    assert "make lock" in missing


def test_renewing_keeps_the_days_of_what_stays() -> None:
    before = {A: Line("2026-01-01", "2026-02-01"), ("b", "1.9"): Line("2026-01-01")}
    assert renewed({A, B}, before, today="2026-03-01", clean=frozenset()) == {
        A: before[A],
        B: Line("2026-03-01", NEVER),
    }
    lines = renewed({A, B}, before, today="2026-03-01", clean=frozenset({A}))
    assert lines == {A: Line("2026-01-01", "2026-03-01"), B: Line("2026-03-01", NEVER)}


@pytest.mark.parametrize(
    ("text", "faults", "clean", "unknown"),
    [
        (report(CLEAN), [], {A}, ""),
        (report(CLEAN, FAULTY), ["b 2.0: PYSEC-1, mended in 2.1"], {A}, ""),
        (report(CLEAN, SKIPPED), [], {A}, "1 of 2 packages"),
        (report(FAULTY, SKIPPED), ["b 2.0: PYSEC-1, mended in 2.1"], set(), "1 of 2 packages"),
        (report(), [], set(), "looked at nothing"),
    ],
)
def test_reports(text: str, faults: list[str], clean: set[Pin], unknown: str) -> None:
    verdict = read_report(text)
    assert verdict is not None
    assert (verdict.faults, verdict.clean) == (faults, clean)
    assert unknown in verdict.unknown
    assert bool(unknown) == bool(verdict.unknown)


@pytest.mark.parametrize("text", ["", "Traceback", "[]", "{}"])
def test_what_is_no_report(text: str) -> None:
    assert read_report(text) is None


def test_without_a_network_it_neither_hangs_nor_passes_for_clean() -> None:
    hanging = [sys.executable, "-c", "import time; time.sleep(60)"]
    assert "no answer within" in audit(hanging, seconds=0.2).unknown
    failing = [sys.executable, "-c", "import sys; sys.exit('ConnectionError: no such host')"]
    assert audit(failing) == Verdict(unknown="pip-audit failed: ConnectionError: no such host")

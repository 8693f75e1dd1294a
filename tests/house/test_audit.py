"""The audit of the locked packages: what it could not look up is not called clean."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.audit import Verdict, audit, read_report, said

CLEAN = {"name": "a", "version": "1.0", "vulns": []}
FAULTY = {"name": "b", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]}
SKIPPED = {"name": "c", "skip_reason": "Dependency not found"}


def report(*dependencies: dict[str, Any]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


@pytest.mark.parametrize(
    ("text", "faults", "judged", "words"),
    [
        (report(CLEAN), [], 1, "Audited by pip-audit for known faults: 1 packages, 0 faults."),
        (report(CLEAN, FAULTY), ["b 2.0: PYSEC-1, fixed in 2.1"], 2, "2 packages, 1 faults"),
        (
            report(CLEAN, SKIPPED),
            [],
            1,
            "NOT ALL AUDITED for known faults. pip-audit could not look up 1 of 2 packages",
        ),
        (report(FAULTY, SKIPPED), ["b 2.0: PYSEC-1, fixed in 2.1"], 1, "1 of 2 packages: Dependency not found."),
        (report(SKIPPED), [], 0, "NOT AUDITED for known faults. pip-audit could not look up 1 of 1"),
        (report(), [], 0, "NOT AUDITED for known faults. pip-audit looked at nothing."),
    ],
)
def test_reports(text: str, faults: list[str], judged: int, words: str) -> None:
    verdict = read_report(text)
    assert verdict is not None
    assert (verdict.faults, verdict.judged) == (faults, judged)
    assert words in said(verdict)


@pytest.mark.parametrize("text", ["", "Traceback", "[]", "{}"])
def test_what_is_no_report(text: str) -> None:
    assert read_report(text) is None


def test_without_a_network_it_neither_hangs_nor_passes_for_clean() -> None:
    hanging = [sys.executable, "-c", "import time; time.sleep(60)"]
    assert "no answer within" in audit(hanging, seconds=0.2).unknown
    failing = [sys.executable, "-c", "import sys; sys.exit('ConnectionError: no such host')"]
    assert audit(failing) == Verdict(unknown="pip-audit failed: ConnectionError: no such host")

"""The audit of the packages that the studio uses: `python -m tests.audit` asks pip-audit for known faults of every pin.

If pip-audit can't reach the advisories, nothing is known, and the output says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

LOCK: Final = Path(__file__).parents[1] / "requirements.lock"
SECONDS: Final = 20
COMMAND: Final = (
    *(sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--no-deps", "--disable-pip"),
    *("--format", "json", "--progress-spinner", "off", "--timeout", "5"),
)


@dataclass(frozen=True)
class Verdict:
    """What pip-audit found. `unknown` says why it did not judge all packages."""

    judged: int = 0
    faults: list[str] = field(default_factory=list)
    unknown: str = ""


def audit(command: Sequence[str] = COMMAND, *, seconds: float = SECONDS) -> Verdict:
    """Ask pip-audit, for at most `seconds`."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return Verdict(unknown=f"pip-audit had no answer within {seconds:g} s")
    return read_report(done.stdout) or Verdict(unknown=f"pip-audit failed: {_last_line(done.stderr)}")


def read_report(text: str) -> Verdict | None:
    """Read pip-audit's JSON; None if it is none. A package that it skipped is not called faultless."""
    try:
        dependencies = json.loads(text)["dependencies"]
    except (ValueError, LookupError, TypeError):
        return None
    judged = [one for one in dependencies if "vulns" in one]
    skipped = [one["skip_reason"] for one in dependencies if "skip_reason" in one]
    faults = [
        f"{one['name']} {one['version']}: {fault['id']}, fixed in {', '.join(fault['fix_versions']) or 'no version'}"
        for one in judged
        for fault in one["vulns"]
    ]
    if not dependencies:
        return Verdict(unknown="pip-audit looked at nothing")
    if skipped:
        why = f"pip-audit could not look up {len(skipped)} of {len(dependencies)} packages: {skipped[0]}"
        return Verdict(len(judged), faults, why)
    return Verdict(len(judged), faults)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["without a word"])[-1][:300]


def said(verdict: Verdict) -> str:
    """The verdict in one sentence. It never calls clean what nobody checked."""
    if not verdict.unknown:
        return f"Audited by pip-audit for known faults: {verdict.judged} packages, {len(verdict.faults)} faults."
    return f"{'NOT ALL' if verdict.judged else 'NOT'} AUDITED for known faults. {verdict.unknown}."


def main() -> int:
    verdict = audit()
    sys.stdout.write("\n".join([said(verdict), *verdict.faults, ""]))
    return 1 if verdict.faults else 0


if __name__ == "__main__":
    sys.exit(main())

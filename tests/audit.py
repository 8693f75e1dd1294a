"""The audit of what the studio runs on: `python -m tests.audit` asks pip-audit for known faults of every pin.

Where pip-audit reaches no advisories, nothing is known of faults, and the output says so. What is left to hold then is
`.ci/pinned.tsv`: a line for each pin of requirements.lock, with the day it was pinned and the day of its last clean
audit. It must fit the lock to the letter. `--renew` writes it anew, as `make lock` does.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from tests.lock import ROOT

LOCK: Final = ROOT / "requirements.lock"
PINNED: Final = ROOT / ".ci" / "pinned.tsv"
HEADER: Final = "package\tversion\tpinned\taudited"
NEVER: Final = "never"
RENEW: Final = "run `make lock`, or `.ci/audit --renew` if the lock is as it should be."
SECONDS: Final = 20
COMMAND: Final = (
    *(sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--no-deps", "--disable-pip"),
    *("--format", "json", "--progress-spinner", "off", "--timeout", "5"),
)

Pin = tuple[str, str]


@dataclass(frozen=True)
class Line:
    pinned: str
    audited: str = NEVER


@dataclass(frozen=True)
class Verdict:
    """What pip-audit found: faults, the pins that have none, and in `unknown` why it could not judge all."""

    faults: list[str] = field(default_factory=list)
    clean: frozenset[Pin] = frozenset()
    unknown: str = ""


def pins(lock: str) -> set[Pin]:
    """Name and version of each pin in the text of a lock."""
    return {(name, version) for name, version in re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^\s;]+)", lock, re.MULTILINE)}


def read_table(text: str) -> dict[Pin, Line]:
    header, *lines = text.splitlines()
    if header != HEADER:
        raise ValueError(f"{PINNED.name} must begin with the line {HEADER!r}.")
    rows = [line.split("\t") for line in lines]
    return {(name, version): Line(pinned, audited) for name, version, pinned, audited in rows}


def table_of(lines: dict[Pin, Line]) -> str:
    rows = [f"{name}\t{version}\t{line.pinned}\t{line.audited}" for (name, version), line in sorted(lines.items())]
    return "\n".join([HEADER, *rows, ""])


def differences(wanted: set[Pin], lines: dict[Pin, Line]) -> list[str]:
    missing = [f"{name} {version} is in the lock, not in {PINNED.name}" for name, version in wanted - lines.keys()]
    extra = [f"{name} {version} is in {PINNED.name}, not in the lock" for name, version in lines.keys() - wanted]
    return sorted(f"{words}; {RENEW}" for words in missing + extra)


def renewed(wanted: set[Pin], lines: dict[Pin, Line], *, today: str, clean: frozenset[Pin]) -> dict[Pin, Line]:
    """The lines of `wanted`: what was there keeps its days; an audit that found nothing is of today."""
    kept = {pin: lines.get(pin, Line(today)) for pin in wanted}
    return {pin: Line(line.pinned, today) if pin in clean else line for pin, line in kept.items()}


def audit(command: Sequence[str] = COMMAND, *, seconds: float = SECONDS) -> Verdict:
    """Ask pip-audit, for no longer than `seconds`."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return Verdict(unknown=f"pip-audit had no answer within {seconds:g} s")
    return read_report(done.stdout) or Verdict(unknown=f"pip-audit failed: {_last_line(done.stderr)}")


def read_report(text: str) -> Verdict | None:
    """pip-audit's JSON; None when it is none. A package that it skips is not one without faults, as its status says."""
    try:
        dependencies = json.loads(text)["dependencies"]
    except (ValueError, LookupError, TypeError):
        return None
    faults = [
        f"{one['name']} {one['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'no version'}"
        for one in dependencies
        for fault in one.get("vulns", [])
    ]
    # pins for other Pythons are in the lock, not in the report
    clean = frozenset((one["name"], one["version"]) for one in dependencies if one.get("vulns") == [])
    skipped = [one for one in dependencies if "skip_reason" in one]
    if not dependencies:
        return Verdict(unknown="pip-audit looked at nothing")
    if skipped:
        count = f"{len(skipped)} of {len(dependencies)}"
        return Verdict(faults, clean, f"pip-audit could not look up {count} packages: {skipped[0]['skip_reason']}")
    return Verdict(faults, clean)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["without a word"])[-1][:300]


def summary(lines: dict[Pin, Line]) -> str:
    never = sum(line.audited == NEVER for line in lines.values())
    oldest = min(line.pinned for line in lines.values())
    return f"{len(lines)} pins, the oldest of {oldest}, {never} without a clean audit so far"


def main(*, renew: bool) -> int:
    wanted = pins(LOCK.read_text())
    lines = read_table(PINNED.read_text())
    verdict = audit()
    if renew:
        lines = renewed(wanted, lines, today=f"{datetime.now(UTC):%Y-%m-%d}", clean=verdict.clean)
        PINNED.write_text(table_of(lines))
    if verdict.unknown:
        part = "NOT ALL" if verdict.clean else "NOT"
        said = f"{part} AUDITED for known faults. {verdict.unknown}.\n{LOCK.name} was compared with {PINNED.name}"
    else:
        said = f"Audited by pip-audit, and compared with {PINNED.name}"
    wrong = [*verdict.faults, *differences(wanted, lines)]
    sys.stdout.write("\n".join([f"{said}: {summary(lines)}.", *wrong, ""]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(renew=sys.argv[1:] == ["--renew"]))

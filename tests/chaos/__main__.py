"""`python -m tests.chaos --runs 280`: strikes at every state, prints the outcome, and fails if anything was lost.

With `--engines` the studio runs on a PostgreSQL and a Redis.
"""

from __future__ import annotations

import argparse
import itertools
import os
import queue
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.chaos.grounds import Blow, Embedded, Engines, Ground
from tests.chaos.runs import run
from tests.chaos.states import ORDERS, STORING, Where
from tests.chaos.studio import LEASE_SECONDS, studio
from tests.chaos.verdict import Verdict
from tests.engines.servers import MissingError

STUDIOS: Final = 2
POLL_SECONDS: Final = 2.0  # how often an open page asks for the state of its orders
WITHIN_SECONDS: Final = 2 * POLL_SECONDS
STRIDE: Final = 5  # from state to state in the list of blows; it has no divisor in common with their number
MISSES_MOST: Final = 3  # tries of a run until it hits its state


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    arguments.add_argument("--runs", type=int, default=280, help="how many runs are to hit their state (280)")
    arguments.add_argument("--only", default="", help="only states and blows whose names hold this word")
    arguments.add_argument(
        "--engines",
        dest="ground",
        action="store_const",
        const=Engines,
        default=Embedded,
        help="over a real PostgreSQL and Redis, which are killed as well",
    )
    given = arguments.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sticker-studio-chaos-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL, which does not run as root, must get through
        try:
            verdicts, disk = strike(folder, given.ground, list(plan_of(given.runs, given.only, given.ground.blows)))
        except MissingError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    objections = objections_to(verdicts, runs=given.runs, blows=() if given.only else given.ground.blows)
    report(verdicts, objections, disk, time.monotonic() - begun)
    return 1 if objections else 0


def plan_of(runs: int, only: str, hits: tuple[Blow, ...]) -> Iterator[tuple[Where, Blow]]:
    """States and blows in diagonals, so that even a short plan meets every state and every blow."""
    diagonals = (
        (where, _befitting(where, hits[(STRIDE * index + shift) % len(hits)]))
        for shift in range(len(hits))
        for index, where in enumerate(Where)
    )
    pairs = dict.fromkeys(diagonals)
    yield from itertools.islice(itertools.cycle([pair for pair in pairs if any(only in name for name in pair)]), runs)


def _befitting(where: Where, blow: Blow) -> Blow:
    """A full disk lasts long only where that says more than a moment does, because it costs the suite time, too."""
    return Blow.DISK if blow is Blow.DISK_LONG and where not in STORING else blow


def strike(folder: Path, ground: type[Ground], plan: list[tuple[Where, Blow]]) -> tuple[list[Verdict], str]:
    """All runs of the plan, by a few studios side by side."""
    waiting: queue.SimpleQueue[tuple[int, Where, Blow]] = queue.SimpleQueue()
    for number, (where, blow) in enumerate(plan):
        waiting.put((number, where, blow))
    verdicts: list[Verdict] = []
    disks: list[str] = []
    failures: list[BaseException] = []

    def work(place: Path) -> None:
        try:
            with studio(place, ground) as running:
                disks.append(running.disk.kind)
                while True:
                    try:
                        number, where, blow = waiting.get_nowait()
                    except queue.Empty:
                        return
                    for again in range(MISSES_MOST):
                        verdict = run(running, where, blow, f"{number}-{again}", place)
                        _say(number, verdict)
                        verdicts.append(verdict)
                        if not verdict.missed:
                            break
                    if any((verdict.lost, verdict.doubled, verdict.false_done)) and "CHAOS_LOG" in os.environ:
                        Path(os.environ["CHAOS_LOG"]).write_text(running.running.log)
        except BaseException as error:  # noqa: BLE001  raised again in the main thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(folder / str(number),)) for number in range(min(STUDIOS, len(plan)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return verdicts, disks[0]


def _say(number: int, verdict: Verdict) -> None:
    trouble = verdict.missed or "; ".join(verdict.words) or f"well, {verdict.recovery_s:.2f} s"
    sys.stderr.write(f"{number + 1:4}  {verdict.where:26} {verdict.blow:20} {trouble}\n")
    sys.stderr.flush()


def objections_to(verdicts: list[Verdict], *, runs: int, blows: tuple[Blow, ...]) -> list[str]:
    """Why this is no pass, in words. With `blows` the plan has to meet every state and all of these blows."""
    hits = [verdict for verdict in verdicts if not verdict.missed]
    objections = [
        f"{verdict.where}, {verdict.blow}: {verdict.lost} lost, {verdict.doubled} doubled,"
        f" {verdict.false_done} falsely done"
        for verdict in verdicts
        if verdict.lost or verdict.doubled or verdict.false_done
    ]
    if len(hits) < runs:
        objections.append(f"{runs - len(hits)} of {runs} runs never hit their state.")
    if blows:
        left = [*(set(Where) - {hit.where for hit in hits}), *(set(blows) - {hit.blow for hit in hits})]
        objections += [f"Nothing was struck: {name}." for name in sorted(left)]
    slow = [hit for hit in hits if hit.recovery_s > WITHIN_SECONDS]
    return objections + [f"{hit.where}, {hit.blow}: back only after {hit.recovery_s:.2f} s" for hit in slow]


def report(verdicts: list[Verdict], objections: list[str], disk: str, took_s: float) -> None:
    hits = [verdict for verdict in verdicts if not verdict.missed]
    by_pair: dict[tuple[Where, Blow], list[Verdict]] = defaultdict(list)
    for verdict in hits:
        by_pair[verdict.where, verdict.blow].append(verdict)
    heads = ("state", "struck", "runs", "lost", "doubled", "false done", "unknown", "slowest recovery")
    lines = ["{:26} {:20} {:>4} {:>5} {:>8} {:>11} {:>8} {:>17}".format(*heads)]
    for (where, blow), found in sorted(by_pair.items(), key=lambda item: (list(Where).index(item[0][0]), item[0][1])):
        lines.append(_line(where, blow, found))
    lines.append(_line("all", "", hits))
    missed = [verdict for verdict in verdicts if verdict.missed]
    lines.append(_line("missed, judged, too", "", missed))
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.write(f"""
{len(hits)} runs of {ORDERS} orders each hit their state, {len(missed)} missed it. {took_s:.0f} s in all.
Recovery: from the studio's return to the next step of its slowest order, or to the page of a new export; at most
two polls of a page, {WITHIN_SECONDS:g} s. An order that was on its way when its sender was killed is left alone until
its lease of {LEASE_SECONDS:g} s is over, and one under a rate limit until that ends: counted from there.
Unknown: on its way when its worker was killed, and said so on its card: "may have been made and billed".
Disk: {disk}.
""")
    sys.stdout.writelines(f"NOT WELL: {words}\n" for words in objections)


def _line(where: str, blow: str, found: list[Verdict]) -> str:
    slowest_s = max((verdict.recovery_s for verdict in found), default=0.0)

    def total(name: str) -> int:
        return sum(getattr(verdict, name) for verdict in found)

    return (
        f"{where:26} {blow:20} {len(found):4} {total('lost'):5} {total('doubled'):8} {total('false_done'):11}"
        f" {total('unknown'):8} {slowest_s:15.2f} s"
    )


if __name__ == "__main__":
    sys.exit(main())

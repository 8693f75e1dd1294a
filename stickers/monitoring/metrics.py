"""Give Prometheus its metrics. Most are counts of rows, so every process gives the same ones."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from stickers.messaging import wakeups
from stickers.models import (
    ACTIVE,
    Export,
    Generation,
    Heartbeat,
    Nesting,
    Segmentation,
    State,
    Sticker,
    Trouble,
    Upstream,
    WorkState,
)

# A line of values takes about 200 bytes, a request's histogram 13 lines: room for 1,600 kinds of request.
VALUES_BYTES: Final = 4 * 2**20
_reserving: Final = threading.Lock()
_with_room: Final[set[int]] = set()  # the process that has its file; a fork inherits this, but not the file

TROUBLES: Final = (State.FAILED, State.UNKNOWN, State.EXPIRED, State.UNSAVED)

_own: Final = CollectorRegistry()  # of this process alone; with PROMETHEUS_MULTIPROC_DIR its values lie in files there
REQUESTS: Final = Histogram(
    "studio_request_seconds",
    "Time until a request's answer began.",
    ["view", "method", "status"],
    registry=_own,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 10),
)


def observe_request(view: str, method: str, status: int, seconds: float) -> None:
    """Count an answered request, unless its process has no room to count in."""
    if _has_room():
        REQUESTS.labels(view, method, status).observe(seconds)


def _has_room() -> bool:
    """Whether this process's file of values is there at its full size.

    prometheus_client maps a file with holes into memory. A write into a hole on a full disk is a SIGBUS, which kills
    the web server and so every page. So the file is filled before it is mapped. Where the disk has no room for it, the
    request is not counted.
    """
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder is None or os.getpid() in _with_room:
        return True
    path = Path(folder) / f"histogram_{os.getpid()}.db"  # as prometheus_client names it
    with _reserving:
        if not path.exists():
            draft = path.with_suffix(".draft")
            try:
                draft.write_bytes(bytes(VALUES_BYTES))
                draft.replace(path)
            except OSError:
                draft.unlink(missing_ok=True)
                return False
        _with_room.add(os.getpid())
    return True


def exposition() -> bytes:
    """All metrics, in Prometheus's text format."""
    registry = _own
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    rows = CollectorRegistry()
    rows.register(_Rows())
    return generate_latest(registry) + generate_latest(rows)


class _Rows(Collector):
    """Metrics from the rows, read again for each scrape."""

    def collect(self) -> Iterable[Metric]:
        orders = Generation.objects.all()
        yield _by("studio_generations", "Orders by state.", "state", _counted(orders, "state", State.values))
        yield _by("studio_generation_oldest_seconds", "Age of the oldest unfinished order by state.", "state", _ages())
        yield _gauge(
            "studio_generations_due",
            "Orders whose next step is due now.",
            orders.filter(state__in=ACTIVE, next_at__lte=timezone.now()).count(),
        )
        # Each row is sent at most once, so the rows with a time of POST are the POSTs.
        yield _gauge(
            "studio_posts", "Orders that were sent to the model.", orders.filter(submitted_at__isnull=False).count()
        )
        troubles = _counted(orders.filter(state__in=TROUBLES), "state", [state.value for state in TROUBLES])
        yield _by("studio_failures", "Orders that brought no sheet, by kind.", "kind", troubles)
        yield _by(
            "studio_sheets",
            "Sheets by state of their cutting.",
            "state",
            _sheets(),
        )
        yield _gauge("studio_stickers", "Stickers that were cut.", Sticker.objects.count())
        for name, words, work in (
            ("export", "Exports of print files", Export.objects.all()),
            ("layout", "Layouts of print pages", Nesting.objects.all()),
        ):
            yield _by(f"studio_{name}s", f"{words} by state.", "state", _counted(work, "state", WorkState.values))
            oldest = work.open().aggregate(since=Min("created_at"))["since"]
            age_seconds = (timezone.now() - oldest).total_seconds() if oldest else 0.0
            yield _gauge(f"studio_{name}_oldest_seconds", f"Age of the oldest unfinished {name}.", age_seconds)
        stopped = [row.trouble for row in Upstream.objects.stopped()]
        yield _by(
            "studio_upstream_stopped",
            "Stopped keys, by reason.",
            "trouble",
            ((trouble, stopped.count(trouble)) for trouble in Trouble.values),
        )
        age = Heartbeat.objects.age(Heartbeat.SCHEDULER)
        if age is not None:
            yield _gauge(
                "studio_scheduler_tick_age_seconds", "Time since the last tick was noted.", age.total_seconds()
            )
        waiting = wakeups.waiting()
        if waiting is not None:
            yield _gauge("studio_broker_messages", "Hints that no worker has taken yet.", waiting)


def _counted(rows: QuerySet[Any], field: str, values: Iterable[str]) -> Iterator[tuple[str, float]]:
    """How many rows have each of `values`. A value without rows counts 0, or an alert on it would never end."""
    found = dict(rows.order_by().values_list(field).annotate(Count("pk")))
    return ((value, found.get(value, 0)) for value in values)


def _sheets() -> Iterator[tuple[str, float]]:
    found = dict(_counted(Segmentation.objects.all(), "state", WorkState.values))
    yield "waiting", found[WorkState.QUEUED] + found[WorkState.WORKING]
    yield "cut", found[WorkState.DONE]
    yield "failed", found[WorkState.FAILED]


def _ages() -> Iterator[tuple[str, float]]:
    oldest = Generation.objects.aggregate(**{state.value: Min("created_at", filter=Q(state=state)) for state in ACTIVE})
    now = timezone.now()
    return ((state, (now - since).total_seconds() if since else 0.0) for state, since in oldest.items())


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _by(name: str, words: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for which, value in values:
        family.add_metric([which], value)
    return family

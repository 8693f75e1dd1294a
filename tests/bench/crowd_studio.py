"""Part of the load bench: many orders of many designers at one worker, while their open pages poll.

`python -m tests.bench.crowd_studio DESIGNERS ORDERS PAGES`: ORDERS is the number for each designer.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db.models import Count, Q

from stickers.running import runner
from tests.bench import rows
from tests.bench.busy import Span, seconds
from tests.bench.rig import running, say, wait_for_page
from tests.support.models import recipe
from tests.support.running_studio import ROOT, until


def main(designers: int, orders: int, pages: int) -> None:
    busy = Path(os.environ["BENCH_BUSY"])
    data = busy.parent
    rows.migrate()
    owners = [rows.User.objects.create(username=f"designer-{number}") for number in range(designers)]
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        listener.set_inheritable(True)
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        worker = (*runner._worker().command, "--include", "tests.bench.recorder")
        with (
            running(runner._web(listener).command, data / "web.log", inherited=(listener.fileno(),)) as web,
            running(worker, data / "worker.log", CELERY_SKIP_CHECKS="1") as working,
            running(runner._scheduler().command, data / "scheduler.log"),
        ):
            wait_for_page(f"http://{host}/healthz", web, data / "web.log")
            # so that no start-up time counts
            rows.order_for(owners[:1], 1, recipe=recipe(img_width=512, img_height=512))
            until(lambda: not rows.unfinished(), seconds=120, what="the worker to start")
            found = _crowd(host, owners, orders, pages)
            found["worker_cpu_s"] = _cpu_seconds(working.pid)
    spans = Span.read_all(busy)
    inside = {"since": found["begun"], "until": found["begun"] + found["makespan_s"]}
    found["waiting_s"] = seconds((span for span in spans if span.task.endswith((".reconcile", ".tick"))), **inside)
    found["cutting_s"] = seconds((span for span in spans if span.task.endswith(".cut")), **inside)
    say(found)


def _crowd(host: str, owners: list[Any], orders: int, pages: int) -> dict[str, Any]:
    """Everything at once, until the last sheet is segmented."""
    command = [sys.executable, "-m", "tests.bench.pages", host, str(pages)]
    looking = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert looking.stdin is not None
    looking.stdin.write(json.dumps([_cookie(owner) for owner in owners]) + "\n")
    looking.stdin.flush()
    begun, most = time.time(), 0
    rows.order_for(owners, orders, recipe=recipe(img_width=512, img_height=512))
    while True:
        states = _states()
        most = max(most, states["in_flight"])
        if not states["unfinished"]:
            break
        if time.time() - begun > 900:
            raise RuntimeError(f"Not done within 15 minutes: {states}")
        time.sleep(0.5)
    makespan_s = time.time() - begun
    out, _ = looking.communicate(timeout=60)
    return {**json.loads(out), "begun": begun, "makespan_s": makespan_s, "in_flight": most, "undone": rows.undone()}


def _states() -> dict[str, int]:
    """The states of all orders, by one query. `in_flight` are those that Segmind has and has not finished."""
    orders = rows.Generation.objects
    return orders.aggregate(
        in_flight=Count("pk", filter=Q(state=rows.State.WAITING)),
        unfinished=Count("pk", filter=Q(state__in=rows.ACTIVE)),
    )


def _cookie(owner: Any) -> str:
    """A session cookie, as after the login page."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(owner.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = owner.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _cpu_seconds(pid: int) -> float:
    """The processor time of a process, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

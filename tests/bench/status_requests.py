"""Part of the bench: how many polls of the queue the web server answers, beside an empty view of the same server.

The addresses take turns, so that a busy moment of the machine meets all of them.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Final

import httpx
from django.utils import timezone

from stickers.running import runner
from tests.bench import rows
from tests.bench.rig import median, running, say, wait_for_page
from tests.support.running_studio import ROOT

ROUNDS: Final = 4
SECONDS: Final = 0.8


def main() -> None:
    data = Path(os.environ["STUDIO_DATA"])
    rows.migrate()
    make_cards(1)
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        listener.set_inheritable(True)
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        command = ["tests.bench.wsgi" if word == "stickers.wsgi" else word for word in runner._web(listener).command]
        log = data / "web.log"
        with running(command, log, inherited=(listener.fileno(),)) as server:
            wait_for_page(f"http://{host}/empty/", server, log)
            rates: dict[str, list[float]] = {"empty": [], "unchanged": [], "one card": [], "20 cards": []}
            for _ in range(ROUNDS):
                rates["empty"].append(measure(host, "/empty/", 204))
                rates["unchanged"].append(measure(host, unchanged(host), 204))
                rates["one card"].append(measure(host, "/queue/", 200))
            make_cards(19)
            for _ in range(ROUNDS):
                rates["20 cards"].append(measure(host, "/queue/", 200))
    say({name: median(rate) for name, rate in rates.items()})


def make_cards(unfinished: int) -> None:
    """Orders that nobody moves, because no worker runs here."""
    owner = rows.the_designer()
    now = timezone.now()
    waiting = {"state": rows.State.WAITING, "submitted_at": now, "next_at": None, "sandbox": True}
    rows.Generation.objects.bulk_create(
        rows.Generation(owner=owner, prompt=f"cats {n}", seed=n, request_id=uuid.uuid4().hex, **waiting)
        for n in range(unfinished)
    )


def unchanged(host: str) -> str:
    """The address that the page itself requests."""
    page = httpx.get(f"http://{host}/queue/", trust_env=False).text
    found = re.search(r'hx-get="([^"]+\?v=[^"]+)"', page)
    if found is None:
        raise RuntimeError("The queue does not look again.")
    return found[1]


def measure(host: str, path: str, http_status: int) -> float:
    command = [sys.executable, "-m", "tests.bench.load", host, path, str(SECONDS), str(http_status)]
    return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    main()

"""Open pages that poll their queue every two seconds as the page's own script does, in a process of their own.

`python -m tests.bench.pages HOST:PORT PAGES < COOKIES` takes a JSON list of Cookie headers, which the pages share, then
waits for the end of stdin. It prints the answers' times in seconds, and what was no answer.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import sys
import threading
import time
from typing import Final

EVERY_SECONDS: Final = 2.0  # as in the page's hx-trigger
_VERSION: Final = re.compile(r'hx-get="[^"]*\?v=([^"]+)"')


class Page:
    """One open page: its connection, the version that it shows, and how long each poll took."""

    def __init__(self, host: str, cookie: str) -> None:
        self._host = host
        self._headers = {"HX-Request": "true", "HX-Target": "queue", "Cookie": cookie}
        self._version = ""
        self._connection = self._connect()
        self.times: list[float] = []
        self.errors: list[str] = []

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._host, timeout=30)

    def stay_open(self, closed: threading.Event) -> None:
        pause = random.uniform(0, EVERY_SECONDS)  # pages are not opened in step
        while not closed.wait(pause):
            try:
                self._look() if self._version else self._open()
            except (http.client.HTTPException, OSError) as error:
                self.errors.append(repr(error))
                self._connection = self._connect()
            pause = EVERY_SECONDS

    def _open(self) -> None:
        """Open the page itself, which is no poll. It polls nothing while no order is unfinished."""
        self._read("/", {"Cookie": self._headers["Cookie"]})

    def _look(self) -> None:
        if self._connection.sock is None:
            self._connection.connect()
        begun = time.perf_counter()
        self._read(f"/queue/?v={self._version}", self._headers)
        self.times.append(time.perf_counter() - begun)

    def _read(self, path: str, headers: dict[str, str]) -> None:
        self._connection.request("GET", path, headers=headers)
        response = self._connection.getresponse()
        body = response.read().decode()
        if response.status not in {200, 204}:
            self.errors.append(f"{response.status}: {body[:200]}")
        if found := _VERSION.search(body):
            self._version = found[1]


def main(host: str, many: int) -> None:
    cookies = json.loads(sys.stdin.readline())
    pages = [Page(host, cookies[number % len(cookies)]) for number in range(many)]
    closed = threading.Event()
    threads = [threading.Thread(target=page.stay_open, args=[closed]) for page in pages]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    closed.set()
    for thread in threads:
        thread.join()
    times = [taken for page in pages for taken in page.times]
    sys.stdout.write(json.dumps({"times_s": times, "errors": [error for page in pages for error in page.errors]}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

"""A few keep-alive connections that request one address as fast as it answers, in a process of their own.

`python -m tests.bench.load HOST:PORT PATH SECONDS HTTP_STATUS`: prints the requests per second.
"""

from __future__ import annotations

import http.client
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

CONNECTIONS: Final = 4


def ask(host: str, path: str, seconds: float, http_status: int) -> int:
    connection = http.client.HTTPConnection(host, timeout=10)
    answered = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        connection.request("GET", path, headers={"HX-Request": "true"})
        response = connection.getresponse()
        response.read()
        if response.status != http_status:
            raise RuntimeError(f"{path} was answered with {response.status}.")
        answered += 1
    connection.close()
    return answered


def main(host: str, path: str, seconds: float, http_status: int) -> None:
    begun = time.monotonic()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        asked = [pool.submit(ask, host, path, seconds, http_status) for _ in range(CONNECTIONS)]
        answered = sum(each.result() for each in asked)
    sys.stdout.write(str(answered / (time.monotonic() - begun)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))

"""What nginx does with `deploy/nginx.conf`: the real program before a server that stands in for the studio."""

from __future__ import annotations

import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conftest import wait_until
from tests.support.proxy import BODIES, before
from tests.support.running_studio import descendants

pytestmark = [
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed here."),
    pytest.mark.skipif(sys.platform != "linux", reason="looks for open files in /proc"),
]
PATIENCE_SECONDS = 60.0
HEAD = "POST /import/ HTTP/1.1\r\nHost: x\r\nContent-Length: 150000000\r\nContent-Type: a/b\r\nCookie: {cookie}\r\n\r\n"


class StandIn(BaseHTTPRequestHandler):
    """Answers as the studio does to whoever is signed in, and to others."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, str, str | None]]

    def do_GET(self) -> None:
        self.asked.append((self.command, self.path, self.headers["Content-Length"]))
        is_in = self.headers["Cookie"] == "signed=in" or self.path == "/healthz"
        self.send_response(204 if is_in else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def stand_in() -> Iterator[ThreadingHTTPServer]:
    StandIn.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), StandIn) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def front(stand_in: ThreadingHTTPServer, tmp_path: Path) -> Iterator[int]:
    with before(stand_in.server_port, folder=tmp_path) as port:
        StandIn.asked.clear()
        yield port


def stored(folder: Path) -> int:
    """How many bytes of bodies the proxy has stored. It removes their names at once and keeps the files open."""
    found = 0
    for process in descendants(int((folder / "pid").read_text())):
        for link in Path(f"/proc/{process}/fd").iterdir():
            with suppress(FileNotFoundError):
                found += link.stat().st_size if str(folder / BODIES) in str(link.readlink()) else 0
    return found


def begun(port: int, cookie: str) -> socket.socket:
    """An upload of 150 MB of which the first megabyte is sent."""
    client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
    client.sendall(HEAD.format(cookie=cookie).encode() + bytes(2**20))
    return client


def test_it_works(front: int, tmp_path: Path) -> None:
    with begun(front, "signed=in"):
        wait_until(lambda: stored(tmp_path) > 500_000, seconds=PATIENCE_SECONDS)
    assert StandIn.asked == [("GET", "/import/allowed/", None)]


def test_nothing_is_stored_of_whoever_is_not_signed_in(front: int, tmp_path: Path) -> None:
    with begun(front, "") as client:
        answer = client.recv(2**16).decode()
        assert answer.startswith("HTTP/1.1 303 ")
        assert "/login/?next=/import/" in answer
        assert stored(tmp_path) == 0
    assert StandIn.asked == [("GET", "/import/allowed/", None)]


def test_nobody_outside_asks_the_question(front: int) -> None:
    with socket.create_connection(("127.0.0.1", front), timeout=PATIENCE_SECONDS) as client:
        client.sendall(b"GET /import/allowed/ HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(2**16).startswith(b"HTTP/1.1 404 ")
    assert StandIn.asked == []

"""Clients that read or send slowly hold no thread, get all that is theirs, and are dropped when they stand still.

The server is a real one, with two threads, and the clients are real sockets. More of them than threads stand still,
and somebody else is answered all the same.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from tests.conftest import wait_until
from tests.support import slow_app
from tests.support.running_studio import descendants, free_port
from tests.support.slow_app import BLOCK, LARGE

THREADS = 2
MANY = 3 * THREADS
PATIENCE_SECONDS = 60.0  # for a busy machine; nothing here waits so long


class Server:
    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port

    def ask(self, path: str = "/", body: bytes | None = None) -> bytes:
        """An answer, as a client gets it that is not slow."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)) as connection:
            connection.request("POST" if body else "GET", path, body)
            return connection.getresponse().read()

    def open_files(self) -> int:
        """How many files and sockets its worker has open."""
        [worker] = descendants(self.process.pid)
        return len(list(Path(f"/proc/{worker}/fd").iterdir()))

    def connections(self) -> int:
        """How many connections the server has not closed (Linux's states ESTABLISHED and CLOSE_WAIT)."""
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(row[1].endswith(f":{self.port:04X}") and row[3] in {"01", "08"} for row in rows)

    def raw(self, text: str) -> socket.socket:
        """A client that has sent this and reads nothing."""
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
        client.settimeout(PATIENCE_SECONDS)
        client.connect(("127.0.0.1", self.port))
        client.sendall(text.encode())
        return client


Start = Callable[..., Server]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts servers, one for each way to be impatient, and stops them at the end."""
    running: dict[str, Server] = {}

    def begin(*impatient: str) -> Server:
        names = ",".join(impatient)
        if names not in running:
            running[names] = serve(names, tmp_path_factory.mktemp("served"))
        return running[names]

    yield begin
    for server in running.values():
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE_SECONDS) == 0


def serve(impatient: str, folder: Path) -> Server:
    port = free_port()
    (folder / "large").write_bytes(BLOCK * (LARGE // len(BLOCK)))
    environment = os.environ | {"IMPATIENT": impatient, "LARGE_FILE": str(folder / "large")}
    command = (
        *(sys.executable, "-m", "gunicorn", f"{slow_app.__name__}:app", "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "stickers.running.slow_clients.Worker", "--threads", str(THREADS)),
        *("--keep-alive", "75", "--graceful-timeout", "1", "--no-control-socket", "--log-level", "warning"),
    )
    with (folder / "log").open("wb") as log:
        server = Server(subprocess.Popen(command, env=environment, stderr=log), port)

    def answers() -> bool:
        try:
            return server.ask() == b"ok"
        except OSError:
            assert server.process.poll() is None, (folder / "log").read_text()
            return False

    wait_until(answers, seconds=PATIENCE_SECONDS)
    return server


def read_all(client: socket.socket) -> bytes:
    """The rest of an answer that ends with its connection, however that ends."""
    found = bytearray()
    with suppress(ConnectionResetError):
        while data := client.recv(2**20):
            found += data
    return bytes(found)


def whole(path: str, answer: bytes) -> bool:
    """Whether the answer holds all that the address has, and nothing else."""
    head, _, body = answer.partition(b"\r\n\r\n")
    if path == "/stream":
        assert b"chunked" in head
        size, piece = b"%X\r\n" % len(BLOCK), BLOCK + b"\r\n"
        return body == (size + piece) * (LARGE // len(BLOCK)) + b"0\r\n\r\n"
    expected = hashlib.sha256(BLOCK * (LARGE // len(BLOCK))).digest()
    return hashlib.sha256(body).digest() == expected


@pytest.mark.parametrize("path", ["/file", "/bytes", "/stream"])
def test_it_works(start: Start, path: str) -> None:
    """More slow readers than threads, somebody else, and then they read on."""
    server = start()
    with ExitStack() as stack:
        request = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        slow = [stack.enter_context(server.raw(request)) for _ in range(MANY)]
        begun = [client.recv(100) for client in slow]
        assert server.ask() == b"ok"
        for client, first in zip(slow, begun, strict=True):
            assert whole(path, first + read_all(client))


def test_the_connection_is_used_again_after_a_large_answer(start: Start) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", start().port, timeout=PATIENCE_SECONDS)) as connection:
        for path, length in (("/file", LARGE), ("/", 2), ("/bytes", LARGE), ("/stream", LARGE), ("/", 2)):
            connection.request("GET", path)
            assert len(connection.getresponse().read()) == length


def test_two_requests_at_once_are_answered_in_order(start: Start) -> None:
    with start().raw(
        "GET /file HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    ) as client:
        answer = read_all(client)
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.endswith(b"\r\n\r\nok")
    assert len(answer) > LARGE


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files in /proc")
@pytest.mark.parametrize("path", ["/file", "/bytes", "/stream"])
def test_a_reader_who_hangs_up_leaves_nothing_open(start: Start, path: str) -> None:
    server = start("WAIT_SECONDS")
    server.ask()
    wait_until(lambda: server.connections() == 0, seconds=PATIENCE_SECONDS)
    before = server.open_files()
    for client in [server.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(MANY)]:
        client.recv(100)
        client.close()
    wait_until(lambda: server.open_files() <= before, seconds=PATIENCE_SECONDS)
    assert server.ask() == b"ok"


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files in /proc")
def test_a_reader_who_stands_still_is_dropped(start: Start) -> None:
    server = start("STALL_SECONDS")
    server.ask()
    wait_until(lambda: server.connections() == 0, seconds=PATIENCE_SECONDS)
    before = server.open_files()
    with server.raw("GET /file HTTP/1.1\r\nHost: x\r\n\r\n") as client:
        client.recv(100)  # the answer has begun
        wait_until(lambda: server.connections() == 0, seconds=PATIENCE_SECONDS)
        wait_until(lambda: server.open_files() <= before, seconds=PATIENCE_SECONDS)
    assert server.ask() == b"ok"


def test_a_reader_far_behind_a_stream_is_dropped_when_too_slow(start: Start) -> None:
    """The stream may be a megabyte ahead here, and then its thread waits half a second."""
    server = start("MOST_WAITING_BYTES", "WAIT_SECONDS")
    with ExitStack() as stack:
        request = "GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        slow = [stack.enter_context(server.raw(request)) for _ in range(MANY)]
        assert server.ask() == b"ok"
        assert not any(whole("/stream", read_all(client)) for client in slow)


def test_a_reader_close_behind_a_stream_gets_all_of_it(start: Start) -> None:
    assert len(start("MOST_WAITING_BYTES").ask("/stream")) == LARGE


def test_readers_who_have_too_much_waiting_together_are_dropped_when_too_slow(start: Start) -> None:
    """All together may have a megabyte waiting here. Then threads wait for their readers, for half a second."""
    server = start("MOST_IN_ALL_BYTES", "WAIT_SECONDS")
    with ExitStack() as stack:
        request = "GET /bytes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        slow = [stack.enter_context(server.raw(request)) for _ in range(2 * THREADS)]
        assert server.ask() == b"ok"
        # It was answered after them, so the first of them have been given up.
        assert not any(whole("/bytes", read_all(client)) for client in slow[:THREADS])
    assert len(server.ask("/bytes")) == len(server.ask("/stream")) == LARGE, "their room is free again"


def test_readers_at_a_good_pace_get_all_though_all_together_have_too_much(start: Start) -> None:
    server = start("MOST_IN_ALL_BYTES")
    request = "GET /bytes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with server.raw(request) as first, server.raw(request) as second:
        assert whole("/bytes", read_all(first))
        assert whole("/bytes", read_all(second))


@pytest.mark.parametrize(
    "text",
    [
        "GET / HT",
        "GET / HTTP/1.1\r\nHost: x\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf",
    ],
)
def test_clients_who_never_end_their_request_are_dropped(start: Start, text: str) -> None:
    server = start("WAIT_SECONDS")
    with ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(server.raw(text))
        assert server.ask() == b"ok"


def test_a_large_request_at_a_good_pace_is_read(start: Start) -> None:
    body = BLOCK * 64
    assert start("WAIT_SECONDS").ask("/", body) == b"ok" + body


def test_clients_who_do_not_hang_up_stop_nobody(start: Start) -> None:
    server = start()
    with ExitStack() as stack:
        for _ in range(MANY):
            client = stack.enter_context(server.raw("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
            assert read_all(client).endswith(b"ok")
        assert server.ask() == b"ok"


def test_a_stop_ends_the_server_although_somebody_reads_slowly(tmp_path: Path, start: Start) -> None:
    server = serve("", tmp_path)
    with server.raw("GET /file HTTP/1.1\r\nHost: x\r\n\r\n") as client:
        client.recv(100)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE_SECONDS) == 0

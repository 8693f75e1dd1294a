"""The connections: the key stays secret, a POST has a connection of its own, and nothing hangs for ever."""

from __future__ import annotations

import itertools
import logging
import pickle
import re
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from stickers.sandbox.faults import Fault
from stickers.segmind.client import Client
from stickers.segmind.errors import Ambiguous, NotSent, SegmindError, Unavailable
from stickers.segmind.wire import Key, Timeouts
from tests.support.stand_in import IMPATIENT, KEY, ORDER, SLUG, quick_client, quick_sandbox, wait_for


@contextmanager
def raw_server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A socket that does what `serve` says with each connection. Yields its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    served: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            served.append(threading.Thread(target=handle, args=(connection,)))
            served[-1].start()

    def handle(connection: socket.socket) -> None:
        with connection:
            serve(connection)

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join()
        for thread in served:
            thread.join()


def read_request(connection: socket.socket) -> str:
    """The method of the next request, read to its end, in however many pieces it comes. Empty at the end of all."""
    got = bytearray()
    while b"\r\n\r\n" not in got:
        if not (piece := connection.recv(65536)):
            return ""
        got += piece
    head, _, body = bytes(got).partition(b"\r\n\r\n")
    length = re.search(rb"(?i)^content-length: (\d+)", head, re.MULTILINE)
    missing = int(length[1]) - len(body) if length else 0
    while missing > 0:
        missing -= len(connection.recv(missing))
    return head.split(b" ")[0].decode()


def test_a_request_is_read_however_it_arrives() -> None:
    pieces = [b"POST / HT", b"TP/1.1\r\nContent-Length: 4\r", b"\n\r\n", b"bo", b"dy"]
    here, there = socket.socketpair()
    here.setblocking(True)

    def send() -> None:
        for piece in pieces:
            there.sendall(piece)
        there.shutdown(socket.SHUT_WR)

    with here, there:
        sender = threading.Thread(target=send)
        sender.start()
        assert [read_request(here), read_request(here)] == ["POST", ""]
        sender.join()


def test_a_post_never_reuses_a_connection() -> None:
    seen: list[tuple[str, int]] = []
    numbers = itertools.count()  # not ports: the system gives the port of a closed connection to the next one

    def serve(connection: socket.socket) -> None:
        number = next(numbers)
        while method := read_request(connection):
            seen.append((method, number))
            body = b'{"request_id": "a", "status": "QUEUED"}'
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    with raw_server(serve) as url, Client(api_key=KEY, base_url=url) as client:
        for _ in range(3):
            client.status("a")
            client.submit(SLUG, ORDER)
    posts = [number for method, number in seen if method == "POST"]
    gets = [number for method, number in seen if method == "GET"]
    assert (len(posts), len(gets)) == (3, 3)
    assert len(set(posts)) == 3
    assert len(set(gets)) == 1
    assert not set(posts) & set(gets)


def test_a_dripping_answer_is_given_up() -> None:
    stopped = threading.Event()

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        try:
            while not stopped.wait(0.01):
                connection.sendall(b" ")
        except OSError:
            pass

    timeouts = Timeouts(submit_s=60, read_s=60, whole_factor=0.01)  # there is progress, and too little of it
    with raw_server(serve) as url, Client(api_key=KEY, base_url=url, timeouts=timeouts) as client:
        with pytest.raises(Unavailable, match="too long"):
            client.status("a")
        with pytest.raises(Ambiguous, match="too long"):
            client.submit(SLUG, ORDER)
        stopped.set()


@pytest.mark.parametrize(
    "part", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"re']
)
def test_a_connection_that_breaks_off_is_ambiguous(part: bytes) -> None:
    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(part)

    with raw_server(serve) as url, Client(api_key=KEY, base_url=url) as client:
        with pytest.raises(Ambiguous):
            client.submit(SLUG, ORDER)
        with pytest.raises(Unavailable):
            client.status("a")


def failures() -> Iterator[SegmindError]:
    """One error of each kind, from calls that all carried the key."""
    with quick_sandbox() as sandbox, quick_client(sandbox) as client:
        sandbox.set_fault(Fault.SUBMIT_HUNG)
        with quick_client(sandbox, timeouts=IMPATIENT) as impatient:
            try:
                impatient.submit(SLUG, ORDER)
            except SegmindError as error:
                yield error
        for fault in Fault:
            if fault.stage == "submit" and fault.manner != "hung":
                sandbox.clear_faults()
                sandbox.set_fault(fault)
                try:
                    client.submit(SLUG, ORDER)
                except SegmindError as error:
                    yield error
        sandbox.clear_faults()
        request_id = client.submit(SLUG, ORDER).request_id
        wait_for(client, request_id)
        url = client.result(request_id).pictures[0].url
        calls = {
            "status": lambda: client.status(request_id),
            "result": lambda: client.result(request_id),
            "image": lambda: client.download(url),
        }
        for fault in Fault:
            if fault.stage in calls and fault.manner != "hung":
                sandbox.clear_faults()
                sandbox.set_fault(fault)
                try:
                    calls[fault.stage]()
                except SegmindError as error:
                    yield error


def test_the_key_is_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    for name in ("", "httpx", "httpcore", "stickers"):
        caplog.set_level(logging.DEBUG, logger=name)
    seen = 0
    for error in failures():
        seen += 1
        told = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        told += repr(error) + str(error) + repr(vars(error)) + repr(pickle.loads(pickle.dumps(error)))  # noqa: S301
        assert KEY not in told
        assert error.__cause__ is None
        assert not isinstance(error.__context__, httpx.HTTPError)
    assert seen > 50
    assert "HTTP Request" in caplog.text  # the loggers did write
    assert KEY not in caplog.text
    assert KEY not in "".join(repr(vars(record)) for record in caplog.records)


def test_the_key_is_taken_out_of_the_services_own_words() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        key = request.headers["x-api-key"]
        return httpx.Response(401, json={"error": f"Key {key} is not valid"})

    with Client(api_key=KEY, transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(SegmindError, match=r"Key SG_\*\*\* is not valid"):
            client.credits()
        with pytest.raises(SegmindError, match=r"Key SG_\*\*\* is not valid"):
            client.submit(SLUG, ORDER)


def test_neither_client_nor_key_show_it() -> None:
    with Client(api_key=KEY) as client:
        assert KEY not in repr(client) + str(client) + repr(vars(client)) + repr(vars(client._wire))
    assert KEY not in repr(Key(KEY)) + str(Key(KEY))


def test_errors_survive_pickling() -> None:
    error = pickle.loads(pickle.dumps(Unavailable("words", http_status=502, retry_after=3)))  # noqa: S301
    assert (error.message, error.http_status, error.retry_after) == ("words", 502, 3)
    assert str(error) == "words"


def test_proxy_settings_do_not_hide_the_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with quick_sandbox() as sandbox, quick_client(sandbox) as client:
        request_id = client.submit(SLUG, ORDER).request_id
        wait_for(client, request_id)
        assert client.fetch(client.result(request_id).pictures[0]).format == "JPEG"


def test_an_unreachable_proxy_means_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with Client(api_key=KEY) as client, pytest.raises(NotSent):
        client.submit(SLUG, ORDER)

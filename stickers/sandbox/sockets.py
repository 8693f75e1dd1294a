"""The stand-in's sockets: they deliver replies, also late, broken or not at all."""

from __future__ import annotations

import contextlib
import logging
import select
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

from stickers.sandbox.replies import Reply, row_reply
from stickers.sandbox.requests import Request

MAX_BODY_BYTES: Final = 1024 * 1024
_GRACE_S: Final = 5.0
_LOOK_S: Final = 2.0  # how often it checks for its end, in case the last call did not come through

_log = logging.getLogger(__name__)

Answer = Callable[[Request], Reply]


class _Stopped(Exception):  # noqa: N818  no fault: it ends the loop
    pass


class Server(ThreadingHTTPServer):
    """A threaded HTTP server that can be stopped while clients hang on it."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], answer: Answer, *, hang_s: float) -> None:
        self.answer = answer
        self.hang_s = hang_s
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._closed = threading.Condition()
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)
        self._thread = threading.Thread(target=self._serve, name="sandbox", daemon=True)

    def server_bind(self) -> None:
        # HTTPServer would look up the host's full name, which takes seconds without a name server.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread and all connections, hung ones included."""
        self.stopping.set()
        with contextlib.suppress(OSError):  # a last call wakes the thread
            socket.create_connection((self.server_name, self.server_port), timeout=_LOOK_S).close()
        self._thread.join()
        with self._closed:
            for connection in self._open:
                drop(connection)
            self._closed.wait_for(lambda: not self._open, _GRACE_S)
        self.server_close()

    def service_actions(self) -> None:
        """Run after each call. `shutdown` is of no use here: it needs a thread that checks many times a second."""
        if self.stopping.is_set():
            raise _Stopped

    def _serve(self) -> None:
        with contextlib.suppress(_Stopped):
            self.serve_forever(_LOOK_S)

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002
        return not self.stopping.is_set()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._closed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._closed:
            self._open.discard(request)
            self._closed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        error = sys.exception()
        if not isinstance(error, ConnectionError | TimeoutError):  # clients may leave at any time
            _log.error("A call failed in the stand-in", exc_info=error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one packet
    timeout = 75
    server: Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        _log.debug(format, *args)

    def handle_call(self) -> None:
        request = self._read_request()
        if request is not None:
            self._deliver(self.server.answer(request))

    # The base class finds methods by these names.
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_call  # noqa: N815

    def _read_request(self) -> Request | None:
        """The request with its body; None if it was answered already or the client has left."""
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not length.isdecimal():
            self.close_connection = True
            self._deliver(row_reply("400"))
            return None
        if int(length) > MAX_BODY_BYTES:
            self.close_connection = True
            self._deliver(row_reply("413"))
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return None
        address = urlsplit(self.path)
        return Request(
            method=self.command,
            path=address.path,
            query=address.query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )

    def _deliver(self, reply: Reply) -> None:
        if reply.hung:
            self._wait(self.server.hang_s)
        if (reply.delay_s and not self._wait(reply.delay_s)) or reply.hung or reply.dropped:
            self.close_connection = True
            drop(self.connection)
            return
        self.send_response(reply.http_status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in (reply.headers or {}).items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body if reply.cut_after is None else reply.body[: reply.cut_after])
        self.wfile.flush()
        if reply.cut_after is not None:
            self.close_connection = True
            drop(self.connection)

    def _wait(self, seconds: float) -> bool:
        """Hold the answer back. True if somebody still waits for it afterwards."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self.server.stopping.wait(min(left, 0.05)):
                return False
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return False
        return True


def drop(connection: socket.socket) -> None:
    """Break off a connection for both sides, in whatever state it is."""
    with contextlib.suppress(OSError):  # the other side was faster
        connection.shutdown(socket.SHUT_RDWR)

"""gunicorn's threaded worker, in which no slow client holds a thread that others need.

gunicorn sends an answer from the thread that made it, so a few clients that read slowly stop the whole server. Here
that thread writes only what the network takes at once. The rest of the answer goes to the worker's main loop, which
sends it whenever the client has read some more, and the thread takes the next request. Bytes wait in a temporary file
where they are many; a stored file is sent straight from the disk. Once all clients together have too much waiting in
temporary files, each further answer is sent at its reader's pace.

A request is read by its thread. So a client that sends one has to keep a pace.
"""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import socket
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import IO, Any, Final, Self

from gunicorn.workers.gthread import TConn, ThreadWorker

# A client that takes nothing for so long has gone away.
STALL_SECONDS: Final = 60.0
# An answer that is made while it is sent may be this far ahead of its reader. Then its thread waits for the reader.
MOST_WAITING_BYTES: Final = 256 * 2**20
# All answers of a process together may have so much in temporary files. Then a thread waits for its reader, too.
MOST_IN_ALL_BYTES: Final = 2 * 2**30
MOST_IN_MEMORY_BYTES: Final = 256 * 2**10  # of one client; the rest lies in a temporary file
# Clients whose answers are still being sent. The one that began first makes room for another.
MOST_SLOW_CLIENTS: Final = 200
# The pace of a client that a thread waits for: these seconds, and one more for each 64 kB that it has sent or taken.
WAIT_SECONDS: Final = 10.0
BYTES_PER_SECOND: Final = 64_000
# After an answer that ends the connection the client has so long to read it. A socket that is closed with unread bytes
# in it would take the end of the answer away.
LINGER_SECONDS: Final = 2.0
_PIECE_BYTES: Final = 256 * 2**10
_PIECES_AT_A_TIME: Final = 8  # then other clients have their turn


class _Total:
    """The bytes in temporary files of all answers that wait. The pool's threads add to it at the same time."""

    def __init__(self) -> None:
        self.bytes = 0
        self._lock = threading.Lock()

    def add(self, number: int) -> None:
        with self._lock:
            self.bytes += number


_total: Final = _Total()


class _Piece:
    """A part of an answer that waits: the bytes of an open file from `start` to `end`.

    A piece that may grow is a temporary file. It keeps its size until all of it is sent.
    """

    def __init__(self, file: IO[bytes], start: int, end: int, *, may_grow: bool) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.may_grow = may_grow

    def append(self, data: bytes | memoryview) -> None:
        self.file.seek(self.end)
        self.file.write(data)
        self.end += len(data)
        _total.add(len(data))

    def close(self) -> None:
        self.file.close()
        if self.may_grow:
            _total.add(-self.end)

    def read(self) -> bytes:
        self.file.seek(self.start)
        return self.file.read(min(_PIECE_BYTES, self.end - self.start))


class ClientSocket:
    """A client's socket whose `sendall` and `sendfile` never wait, and whose `recv` doesn't wait for ever.

    Everything else is the socket's own. A thread of the pool uses it, and then the main loop: never both at once.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._waiting: deque[_Piece] = deque()
        self.begin()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    # --- reading a request -----------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A request begins: its pace counts from here."""
        self._begun, self._received = time.monotonic(), 0
        self._waited_seconds, self._taken = 0.0, 0  # by a thread for a reader who was too far behind

    def recv(self, size: int) -> bytes:
        """Some bytes of the request. Raises ConnectionResetError when the client is too slow."""
        asked = self._sock.gettimeout()
        if asked == 0:
            return self._sock.recv(size)
        left = self._begun + WAIT_SECONDS + self._received / BYTES_PER_SECOND - time.monotonic()
        if left <= 0:
            raise ConnectionResetError(errno.ECONNRESET, "The client sends too slowly.")
        self._sock.settimeout(left if asked is None else min(left, asked))
        try:
            data = self._sock.recv(size)
        except TimeoutError:
            if asked is not None and asked < left:
                raise
            raise ConnectionResetError(errno.ECONNRESET, "The client sends too slowly.") from None
        finally:
            self._sock.settimeout(asked)
        self._received += len(data)
        return data

    # --- sending the answer ----------------------------------------------------------------------------------------

    @property
    def is_waiting(self) -> bool:
        """Whether some of the answer is still to be sent."""
        return bool(self._waiting)

    def sendall(self, data: bytes) -> None:
        """Send what the network takes now, and keep the rest for `send_more`."""
        rest = memoryview(data)
        if not self._waiting:
            with contextlib.suppress(BlockingIOError):
                while rest:
                    rest = rest[self._sock.send(rest, socket.MSG_DONTWAIT) :]
        if not rest:
            return
        if not (self._waiting and self._waiting[-1].may_grow):
            file = tempfile.SpooledTemporaryFile(MOST_IN_MEMORY_BYTES)  # noqa: SIM115  `send_more` closes it
            self._waiting.append(_Piece(file, 0, 0, may_grow=True))
        self._waiting[-1].append(rest)
        self._keep_within_reach()

    def sendfile(self, file: IO[bytes], offset: int = 0, count: int | None = None) -> int:
        """Send what the network takes now of `count` bytes of the file, and keep the rest for `send_more`.

        Bytes that wait stay on the disk.
        """
        own = os.fdopen(os.dup(file.fileno()), "rb", buffering=0)  # the caller closes its own
        end = os.fstat(own.fileno()).st_size if count is None else offset + count
        self._waiting.append(_Piece(own, offset, end, may_grow=False))
        self.send_more()
        return end - offset

    def send_more(self) -> bool:
        """Send what the network takes now. True if that was anything. Raises OSError when the client is gone."""
        has_sent = False
        for _ in range(_PIECES_AT_A_TIME):
            if not self._waiting:
                break
            piece = self._waiting[0]
            data = piece.read()
            try:
                sent = self._sock.send(data, socket.MSG_DONTWAIT) if data else 0
            except BlockingIOError:
                break
            piece.start += sent
            has_sent = has_sent or sent > 0
            if not data and piece.start < piece.end:
                raise ConnectionAbortedError("The file has become shorter than it was.")
            if piece.start >= piece.end:
                self._waiting.popleft().close()
        return has_sent

    def forget(self) -> None:
        """Drop what is still to be sent."""
        while self._waiting:
            self._waiting.popleft().close()

    def _keep_within_reach(self) -> None:
        """Wait in this thread for a reader who is too far behind. Raises ConnectionResetError if they are too slow.

        That is one who has too much waiting, or anything at all while all readers together have too much.
        """
        while (behind := self._waiting_bytes()) > (MOST_WAITING_BYTES if _total.bytes <= MOST_IN_ALL_BYTES else 0):
            begun = time.monotonic()
            left = WAIT_SECONDS + self._taken / BYTES_PER_SECOND - self._waited_seconds
            with selectors.DefaultSelector() as selector:
                selector.register(self._sock, selectors.EVENT_WRITE)
                if left <= 0 or not selector.select(left):
                    self.forget()
                    raise ConnectionResetError(errno.ECONNRESET, "The client reads too slowly.")
            self.send_more()
            self._taken += behind - self._waiting_bytes()
            self._waited_seconds += time.monotonic() - begun

    def _waiting_bytes(self) -> int:
        return sum(piece.end - piece.start for piece in self._waiting)


class Connection(TConn):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's connection, over a ClientSocket.

    `linger` closes it once its client has read everything. gunicorn waits for that in its main loop, so that a client
    that doesn't hang up stops the server for two seconds.
    """

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any, linger: Callable[[Self], None]) -> None:
        super().__init__(cfg, ClientSocket(sock), client, server)
        self.deadline = 0.0  # when it is closed unless its client moves
        self._linger = linger

    def close(self, graceful: bool = False) -> None:  # noqa: FBT001, FBT002  gunicorn's own signature
        self.sock.forget()
        if graceful:
            self._linger(self)
        else:
            super().close()


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's worker, whose main loop also sends what slow readers have not taken yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._slow: dict[Connection, Future[Any]] = {}  # whose answers are being sent, the oldest first
        self._lingering: dict[Connection, None] = {}

    def accept(self, listener: socket.socket) -> None:
        """As gunicorn does, but with a connection of ours."""
        try:
            sock, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        sock.settimeout(None)
        self.enqueue_req(Connection(self.cfg, sock, address, listener.getsockname(), self._linger))

    def handle(self, conn: Connection) -> Any:
        conn.sock.begin()
        return super().handle(conn)

    def finish_request(self, conn: Connection, fs: Future[Any]) -> None:
        """Send the rest of the answer before gunicorn closes the connection or waits for its next request."""
        if not conn.sock.is_waiting:
            super().finish_request(conn, fs)
            return
        if len(self._slow) >= MOST_SLOW_CLIENTS:
            self._drop(next(iter(self._slow)))
        conn.sock.settimeout(0)
        conn.deadline = time.monotonic() + STALL_SECONDS
        self._slow[conn] = fs
        self.poller.register(conn.sock, selectors.EVENT_WRITE, partial(self._send_more, conn))

    def murder_keepalived(self, force: bool = False) -> None:  # noqa: FBT001, FBT002  gunicorn's own signature
        """As gunicorn does, which calls this every second, and drop clients that stand still."""
        super().murder_keepalived(force)
        now = time.monotonic()
        for conn in [conn for conn in self._slow if conn.deadline < now]:
            self._drop(conn)
        for conn in [conn for conn in self._lingering if conn.deadline < now]:
            self._hang_up(conn)

    def _send_more(self, conn: Connection, _: Any) -> None:
        try:
            has_sent = conn.sock.send_more()
        except OSError:
            self._drop(conn)
            return
        if has_sent:
            conn.deadline = time.monotonic() + STALL_SECONDS
        if not conn.sock.is_waiting:
            self.poller.unregister(conn.sock)
            super().finish_request(conn, self._slow.pop(conn))

    def _drop(self, conn: Connection) -> None:
        del self._slow[conn]
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    def _linger(self, conn: Connection) -> None:
        """Say that the answer is complete, and hang up when the client does."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:  # it has hung up already
            conn.close()
            return
        if len(self._lingering) >= MOST_SLOW_CLIENTS:
            self._hang_up(next(iter(self._lingering)))
        conn.sock.settimeout(0)
        conn.deadline = time.monotonic() + LINGER_SECONDS
        self._lingering[conn] = None
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._read_rest, conn))

    def _read_rest(self, conn: Connection, _: Any) -> None:
        """Throw away what the client still sends of its request."""
        try:
            is_over = not conn.sock.recv(_PIECE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            is_over = True
        if is_over:
            self._hang_up(conn)

    def _hang_up(self, conn: Connection) -> None:
        del self._lingering[conn]
        self.poller.unregister(conn.sock)
        conn.close()

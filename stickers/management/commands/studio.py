"""`manage.py studio`: the whole studio as one foreground command."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import select
import signal
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from stickers.processes import Part, PartFailedError, Parts, StopAskedError, die_with_parent

logger = logging.getLogger(__name__)

START_SECONDS: Final = 60.0
LOOPBACK: Final = "127.0.0.1"


class Command(BaseCommand):
    help = "Start web server, worker, scheduler and the stand-in of Segmind; Ctrl-C stops them all."
    requires_system_checks: Any = []  # the web server runs them; twice would only be slower

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--follow-parent", action="store_true", help="stop when the process that started this one ends"
        )

    def handle(self, *, follow_parent: bool, **_: Any) -> None:
        if follow_parent:
            die_with_parent(os.getppid(), signal.SIGTERM)
        with _listening() as listener, _data_folder_to_itself(), _parts() as parts:
            _migrate()
            try:
                self._start(parts, listener)
                parts.ready = True
                while True:
                    parts.wait(60)
            except PartFailedError as error:
                raise CommandError(f"{error} What it said is above.") from None
            except StopAskedError:
                self.stdout.write("Stopping …")

    def _start(self, parts: Parts, listener: socket.socket) -> None:
        """The web server first and, while it loads, the stand-in; the others when the first page can be served."""
        parts.start(_web(listener))
        if settings.SANDBOX_IS_OURS:
            parts.start(_sandbox())
        _wait_for_page(parts, listener)
        parts.start(_worker())
        parts.start(_scheduler())
        if settings.SANDBOX_IS_OURS:
            _wait_for_port(parts, settings.SANDBOX_PORT)
        self.stdout.write(f"Sticker Studio is ready at {_address(settings.STUDIO_HOST, settings.PORT)}")
        if settings.SANDBOX_IN_USE:
            self.stdout.write(
                f"Pictures come from the local stand-in at {settings.SEGMIND_BASE_URL}: nothing is billed."
            )
        else:
            self.stdout.write(f"Pictures come from {settings.SEGMIND_BASE_URL}: each is billed.")
        self.stdout.write(f"Your sheets are in {settings.DATA_DIR}. Ctrl-C stops the studio.")
        self.stdout.flush()


# --- What has to be had alone ------------------------------------------------------------------------------------


@contextlib.contextmanager
def _listening() -> Iterator[socket.socket]:
    """The web server's socket, opened here: a port in use is known before anything starts.

    It also stays open while a killed web server is started again, so that a browser waits instead of failing.
    """
    family = socket.AF_INET6 if ":" in settings.STUDIO_HOST else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.STUDIO_HOST, settings.PORT))
        except OSError as error:
            raise CommandError(
                f"Cannot listen at {_address(settings.STUDIO_HOST, settings.PORT)}: {error.strerror}. "
                f"PORT={settings.PORT + 1 if settings.PORT < 65535 else 8000} make run chooses another port."
            ) from None
        listener.listen(512)
        yield listener


@contextlib.contextmanager
def _data_folder_to_itself() -> Iterator[None]:
    """Two studios over one data folder would cut the same sheets and start two stand-ins over one file."""
    with (settings.DATA_DIR / "studio.lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"A studio is already running over {settings.DATA_DIR}.") from None
        yield


# --- The parts ---------------------------------------------------------------------------------------------------


def _parts() -> Parts:
    if settings.SANDBOX_IS_OURS:
        settings.SANDBOX_PORT = _free_port(settings.SANDBOX_PORT)
        settings.SEGMIND_BASE_URL = _address(LOOPBACK, settings.SANDBOX_PORT)
        settings.SANDBOX_PORT_FILE.write_text(str(settings.SANDBOX_PORT), encoding="ascii")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "stickers.settings",
        "SANDBOX_PORT": str(settings.SANDBOX_PORT),
        "STUDIO_DATA": str(settings.DATA_DIR),
        # The worker's threads cut side by side already; NumPy's and OpenCV's own threads would only get in the way.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }
    return Parts(folder=settings.BASE_DIR, environment=environment)


def _web(listener: socket.socket) -> Part:
    return Part(
        name="web server",
        command=(
            *(sys.executable, "-m", "gunicorn", "stickers.wsgi"),
            *("--bind", f"fd://{listener.fileno()}"),
            *("--worker-class", "gthread"),
            *("--workers", str(settings.WEB_PROCESSES), "--threads", str(settings.WEB_THREADS)),
            *("--graceful-timeout", "3", "--log-level", "warning"),
            "--no-control-socket",  # its default place is one for all studios of a user
        ),
        inherited=(listener.fileno(),),
        orphan_signal=signal.SIGTERM,  # so that it takes its own processes with it
    )


def _sandbox() -> Part:
    state = settings.DATA_DIR / "sandbox.sqlite3"
    return Part(
        name="stand-in",
        command=(
            *(sys.executable, "manage.py", "sandbox"),
            *("--port", str(settings.SANDBOX_PORT), "--state", str(state)),
        ),
        stops_last=True,  # an order on its way to it would end as "unknown"
    )


def _worker() -> Part:
    return Part(
        name="worker",
        command=(
            *(sys.executable, "-m", "celery", "-A", "stickers.celery", "--quiet", "worker"),
            *("--pool", "threads", "--concurrency", str(settings.WORKER_THREADS)),
            *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"),
        ),
    )


def _scheduler() -> Part:
    return Part(
        name="scheduler",
        command=(
            *(sys.executable, "-m", "celery", "-A", "stickers.celery", "--quiet", "beat"),
            # In memory: the tick needs no history, and a schedule file can be torn by a kill.
            *("--scheduler", "celery.beat:Scheduler", "--loglevel", "WARNING"),
        ),
    )


# --- Starting ----------------------------------------------------------------------------------------------------


def _migrate() -> None:
    """Bring the rows up to date; asking first spares every start but the first the machinery behind `migrate`."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
    connection.close()


def _free_port(wanted: int) -> int:
    """`wanted` where it is free, else any free port."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((LOOPBACK, port))
                free: int = probe.getsockname()[1]
                return free
    raise CommandError("There is no free port for the stand-in.")


def _wait_for_page(parts: Parts, listener: socket.socket) -> None:
    """Until the web server answers a request, whatever it says. The request waits in the socket while it loads."""
    port = listener.getsockname()[1]
    host = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(settings.STUDIO_HOST, settings.STUDIO_HOST)  # noqa: S104
    with socket.create_connection((host, port), timeout=1) as asking:
        asking.sendall(f"GET / HTTP/1.1\r\nHost: {_known_host(host, port)}\r\nConnection: close\r\n\r\n".encode())
        deadline = time.monotonic() + START_SECONDS
        while not select.select([asking], [], [], 0)[0]:
            if time.monotonic() > deadline:
                raise PartFailedError(f"The web server did not answer within {START_SECONDS:.0f} s.")
            parts.wait(0.02)


def _known_host(host: str, port: int) -> str:
    """A name that the studio answers to, so that its own first request is not reported as an attack."""
    if host in settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        return f"{host}:{port}"
    names: list[str] = settings.ALLOWED_HOSTS
    return names[0].removeprefix(".")


def _wait_for_port(parts: Parts, port: int) -> None:
    """Until something listens there."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
            return
        parts.wait(0.05)
    raise PartFailedError(f"The stand-in did not answer within {START_SECONDS:.0f} s.")


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

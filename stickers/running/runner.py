"""Run the whole studio as one foreground program: `python -m stickers.running.runner`, which `make run` starts.

It loads each module once. The parts are forks that share this memory; `processes.py` says why a fork is safe. So
nothing here may start a thread or leave a connection open. The runner loads first what the pages need, and starts the
web server before it loads what the worker needs. `manage.py studio` leads here, too.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import fcntl
import gc
import importlib
import logging.config
import os
import random
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from stickers.running import data_folder, memory, schema
from stickers.running.processes import Part, PartFailedError, Parts, StopAskedError, die_with_parent

logger = logging.getLogger("stickers.running.runner")

START_SECONDS: Final = 60.0
LOOPBACK: Final = "127.0.0.1"
# A worker's threads beside those that segment: two that talk to Segmind, an export, a layout and a mail, each of which
# is done one at a time, and one that hands out work. None of them waits for another, however long it takes.
THREADS_BESIDE: Final = 6
_DISK_FAULTS: Final = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}  # a full disk, a full quota, a read-only disk
IS_WARM: Final = sys.platform == "linux"


class CannotStartError(Exception):
    """The studio cannot start. The message says why, in one line for the terminal."""


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m stickers.running.runner", description=__doc__)
    arguments.add_argument("--follow-parent", action="store_true", help="stop when the process that started this ends")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stickers.settings")
    try:
        if arguments.parse_args().follow_parent:
            die_with_parent(os.getppid(), signal.SIGTERM)
        _make_data_folder()
        memory.share_arenas()
        logging.config.dictConfig(settings.LOGGING)
        with _listening() as listener, _data_folder_to_itself(), _parts() as parts:
            try:
                _run(parts, listener)
            except StopAskedError:
                _say("Stopping … An order on its way is waited for; Ctrl-C again ends everything now.")
    except (ImproperlyConfigured, CannotStartError, data_folder.InUseError) as error:
        _say(str(error), to_error=True)
        return 1
    except PartFailedError as error:
        _say(f"{error} What it said is above.", to_error=True)
        return 1
    except OSError as error:
        if error.errno not in _DISK_FAULTS:
            raise
        _say(data_folder.refusal(error), to_error=True)
        return 1
    return 0


def _run(parts: Parts, listener: socket.socket | None) -> None:
    """Start the web server first, and the other parts once it serves a page.

    What is ordered before the worker runs waits in its row.
    """
    # the web server has one end, and its end becomes readable when the gate closes
    rows_ready, gate = socket.socketpair()
    with rows_ready, gate:
        with _migrating(parts):
            if listener is not None:
                _load("stickers.wsgi", "stickers.urls", "gunicorn.app.wsgiapp", "stickers.running.slow_clients")
                parts.start(_web(listener, rows_ready))
        _discard_torn_broker()
        gate.close()
        if listener is not None:
            _wait_for_page(parts, listener)
        if _starts_sandbox():
            _load("stickers.management.commands.sandbox")
            parts.start(_sandbox())
        if "worker" in settings.PARTS:
            _load("stickers.tasks", "celery.bin.worker", "celery.apps.worker", "celery.concurrency.thread")
            for number in range(1, settings.WORKER_PROCESSES + 1):
                parts.start(_worker(number))
        if "scheduler" in settings.PARTS:
            _load("celery.bin.beat", "celery.apps.beat")
            parts.start(_scheduler())
        if _starts_sandbox():
            _wait_for_port(parts, settings.SANDBOX_PORT)
        _say_ready()
        parts.ready = True
        while True:
            parts.wait(60)


def _load(*modules: str) -> None:
    """Load what the next part needs into this program. That part and all later ones share it."""
    if not IS_WARM:
        return
    gc.disable()  # looking for garbage meanwhile takes a fifth of the time and finds next to none
    if {"web", "worker"} & set(settings.PARTS):
        django.setup()  # loads the rows' modules, which a scheduler or a stand-in alone does not need
    for module in modules:
        importlib.import_module(module)
    gc.freeze()  # otherwise the collector of each part would write to these objects, and so copy their memory
    gc.enable()


def _starts_sandbox() -> bool:
    return settings.SANDBOX_IS_OURS and "sandbox" in settings.PARTS


def _say_ready() -> None:
    if "web" not in settings.PARTS:
        _say(f"Running: {', '.join(settings.PARTS)}.")
        return
    _say(f"Sticker Studio is ready at {_address(settings.STUDIO_HOST, settings.PORT)}")
    if settings.SANDBOX_IN_USE:
        _say(f"Pictures come from the local stand-in at {settings.SEGMIND_BASE_URL}: nothing is billed.")
    else:
        _say(f"Pictures come from {settings.SEGMIND_BASE_URL}: each is billed.")
    place = f"the bucket {settings.S3_BUCKET}" if settings.S3_BUCKET else settings.DATA_DIR
    _say(f"Your sheets are in {place}. Ctrl-C stops the studio.")


def _say(line: str, *, to_error: bool = False) -> None:
    stream = sys.stderr if to_error else sys.stdout
    # A closed terminal or pipe must not stop the studio, nor keep it from stopping.
    with contextlib.suppress(OSError):
        stream.write(f"{line}\n")
        stream.flush()


# --- What has to be had alone ------------------------------------------------------------------------------------


@contextlib.contextmanager
def _listening() -> Iterator[socket.socket | None]:
    """The web server's socket. It is opened here, so that a port in use is noticed before anything starts.

    It also stays open while a killed web server is started again, so that a browser waits instead of failing. None if
    no web server runs here.
    """
    if "web" not in settings.PARTS:
        yield None
        return
    family = socket.AF_INET6 if ":" in settings.STUDIO_HOST else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.STUDIO_HOST, settings.PORT))
        except OSError as error:
            raise CannotStartError(
                f"Cannot listen at {_address(settings.STUDIO_HOST, settings.PORT)}: {error.strerror}. "
                f"PORT={settings.PORT + 1 if settings.PORT < 65535 else 8000} make run chooses another port."
            ) from None
        listener.listen(512)
        yield listener


def _make_data_folder() -> None:
    os.umask(data_folder.OTHERS)
    try:
        data_folder.make()
        if data_folder.is_open():
            _say(f"Other users of this machine can look into {data_folder.path()}: chmod 700 closes it.", to_error=True)
    except OSError as error:
        raise CannotStartError(data_folder.refusal(error)) from None


@contextlib.contextmanager
def _data_folder_to_itself() -> Iterator[None]:
    """Lock the data folder.

    Two studios in one folder would start two stand-ins with one file. Parts of one studio may share it. Machines may
    share it, too. Each has locks of its own, because a shared disk shows one machine's locks to the others.
    """
    is_whole = set(settings.PARTS) == set(settings.ALL_PARTS)
    words = [*sorted(settings.PARTS), *([] if _starts_sandbox() else [socket.gethostname()])]
    name = "studio.lock" if is_whole else f"studio-{'-'.join(words)}.lock"
    with (settings.DATA_DIR / name).open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            what = "A studio" if is_whole else f"The same part of a studio ({', '.join(settings.PARTS)})"
            raise CannotStartError(f"{what} is already running over {settings.DATA_DIR}.") from None
        with data_folder.in_use(settings.DATA_DIR):
            yield


# --- The parts ---------------------------------------------------------------------------------------------------


def _parts() -> Parts:
    if _starts_sandbox():
        settings.SANDBOX_PORT = _sandbox_port()
        settings.SEGMIND_BASE_URL = _address(LOOPBACK, settings.SANDBOX_PORT)
        settings.SANDBOX_PORT_FILE.write_text(str(settings.SANDBOX_PORT), encoding="ascii")
    # It holds for this program, too: NumPy and the metrics read it when they are loaded.
    os.environ.update(_environment())
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    return Parts(folder=settings.BASE_DIR, warm_title="sticker-studio" if IS_WARM else None)


def _environment() -> dict[str, str]:
    environment = {
        "DJANGO_SETTINGS_MODULE": "stickers.settings",
        "SANDBOX_PORT": str(settings.SANDBOX_PORT),
        "STUDIO_DATA": str(settings.DATA_DIR),
        # The worker's threads already cut side by side. Threads of NumPy and OpenCV would only disturb them.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "CELERY_SKIP_CHECKS": "1",  # these checks would load every page into the worker
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": os.environ.get("PYTHONWARNINGS", "ignore"),
    }
    if "web" in settings.PARTS:
        environment["PROMETHEUS_MULTIPROC_DIR"] = str(_empty_metrics_folder())
    return environment


def _empty_metrics_folder() -> Path:
    """The folder where the web server's processes count together. Counts from before the last stop are deleted.

    Each machine has its own, because machines may share the data folder.
    """
    path: Path = settings.DATA_DIR / "metrics" / f"{socket.gethostname()}-{settings.PORT}"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True, exist_ok=True)
    return path


def _web(listener: socket.socket, rows_ready: socket.socket | None = None) -> Part:
    gate = () if rows_ready is None else (rows_ready.fileno(),)
    return Part(
        name="web server",
        module="gunicorn",
        arguments=(
            *("stickers.wsgi", "--config", "python:stickers.running.gunicorn"),
            *("--bind", f"fd://{listener.fileno()}"),
            *("--worker-class", "stickers.running.slow_clients.Worker"),
            *("--workers", str(settings.WEB_PROCESSES), "--threads", str(settings.WEB_THREADS)),
            *("--graceful-timeout", "3", "--log-level", "warning"),
            # Longer than nginx (60 s) and the pages' polls (2 s). The server must not be the first to hang up, or it
            # loses a request that arrives at that moment.
            *("--keep-alive", "75"),
            *(word for file in gate for word in ("--env", f"ROWS_READY={file}")),
            "--no-control-socket",  # its default path is the same for all studios of a user
        ),
        inherited=(listener.fileno(), *gate),
        orphan_signal=signal.SIGTERM,  # so that it ends its own processes, too
    )


def _sandbox() -> Part:
    state = settings.DATA_DIR / "sandbox.sqlite3"
    return Part(
        name="stand-in",
        module="django",
        arguments=(
            *("sandbox", "--port", str(settings.SANDBOX_PORT), "--state", str(state)),
            *(["--real-time"] if settings.SANDBOX_REAL_TIME else []),
        ),
        stops_last=True,  # a generation on its way to it would end as "unknown"
        grace_seconds=2.0,  # a picture that it draws is not waited for: drawn again, it comes out the same
    )


def _worker(number: int = 1) -> Part:
    return Part(
        name="worker" if number == 1 else f"worker {number}",
        module="celery",
        arguments=(
            *("-A", "stickers.messaging.app", "--quiet", "worker"),
            *("--pool", "threads", "--concurrency", str(settings.WORKER_THREADS + THREADS_BESIDE)),
            # two workers of one name would take each other's commands
            *("--hostname", f"studio-{number}-{os.getpid()}@%h"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"),
        ),
        grace_seconds=_worker_grace_seconds(),
        niceness=15,  # pages come first: cutting takes what processor time they leave
    )


def _worker_grace_seconds() -> float:
    """Longer than a POST can take.

    If its sender is killed, a generation is paid and in doubt. An idle worker ends at once. It must not be less than
    `submitting.lease()`. That is not called here, because it would load the models into this program.
    """
    return 2.5 * settings.SEGMIND_SUBMIT_SECONDS + 15


def _scheduler() -> Part:
    return Part(
        name="scheduler",
        module="celery",
        arguments=(
            *("-A", "stickers.messaging.scheduler", "--quiet", "beat"),
            *("--scheduler", "stickers.messaging.scheduler:Scheduler", "--loglevel", "WARNING"),
        ),
    )


# --- Starting ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _migrating(parts: Parts) -> Iterator[None]:
    """Migrate the database while the body of the `with` loads modules. At its end the rows are up to date.

    Without Django's checks, which load every page and double the time.
    """
    if _is_migrated():
        yield
        return
    command = (sys.executable, "manage.py", "migrate", "--no-input", "--skip-checks", "--verbosity", "0")
    with subprocess.Popen(command, cwd=settings.BASE_DIR) as migrating:  # noqa: S603
        try:
            yield
            while migrating.poll() is None:
                parts.wait(0.02)
        finally:
            migrating.terminate()
    if migrating.returncode != 0:
        raise CannotStartError("The database could not be brought up to date; the reason is above.")


def _is_migrated() -> bool:
    """Whether every migration on disk is applied. It reads SQLite's file; in any doubt `migrate` decides."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] != "django.db.backends.sqlite3":
        return False
    path = Path(database["NAME"])
    if not path.exists():
        return False
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection:
            applied = set(connection.execute("SELECT app, name FROM django_migrations"))
    except sqlite3.Error:
        return False
    return applied >= schema.on_disk()


def _discard_torn_broker() -> None:
    """Delete the embedded broker's file if a bad disk made it unreadable. It holds only hints; the rows know all."""
    path = Path(unquote(settings.CELERY_BROKER_URL.removeprefix("embedded://")))
    if not settings.CELERY_BROKER_URL.startswith("embedded:") or not path.exists():
        return
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection:
            verdict = connection.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.OperationalError:
        return  # locked, or no permission: the file may still be whole
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        logger.warning("The queue in %s is unreadable (%s); starting with an empty one.", path, verdict)
        for torn in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            torn.unlink(missing_ok=True)


def _sandbox_port() -> int:
    """A port for the stand-in: the one that was named or used last, if it is free, else a random free one.

    It is random, so that two studios that start at once do not choose the same.
    """
    is_wanted = "SANDBOX_PORT" in os.environ or settings.SANDBOX_PORT_FILE.exists()
    by_chance = random.sample(range(18_000, 28_000), 50)  # below the ports for outgoing connections
    for port in [settings.SANDBOX_PORT, *by_chance] if is_wanted else by_chance:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
            return port
    raise CannotStartError("There is no free port for the stand-in.")


def _wait_for_page(parts: Parts, listener: socket.socket) -> None:
    """Wait until the web server answers a request, with whatever status.

    The request waits in the socket while it loads.
    """
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
    """A host name that the studio accepts, so that its own first request is not reported as an attack."""
    if host in settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        return f"{host}:{port}"
    names: list[str] = settings.ALLOWED_HOSTS
    return names[0].removeprefix(".")


def _wait_for_port(parts: Parts, port: int) -> None:
    """Wait until something listens at the port."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
            return
        parts.wait(0.05)
    raise PartFailedError(f"The stand-in did not answer within {START_SECONDS:.0f} s.")


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


if __name__ == "__main__":
    sys.exit(main())

"""Real engines for tests: each is a process on a free port, with a folder and a password of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import amqp
import boto3
import httpx
import psycopg
import redis

from tests.support.running_studio import free_port, kill_family, until

START_SECONDS: Final = 60
PASSWORD: Final = "engine-password-4711"  # of every engine, so that one search finds it in any log
KEY: Final = "AKIAENGINES"
BUCKET: Final = "stickers"


class MissingError(Exception):
    """An engine is not installed. This is never a reason to skip: `.ci/engines` installs them."""


@dataclass
class Server:
    """A running engine: where it is, and its process to kill."""

    url: str
    process: subprocess.Popen[bytes]

    @property
    def port(self) -> int:
        """The port, to start the engine again where its clients look for it."""
        port = urlsplit(self.url).port
        assert port is not None
        return port

    def kill(self) -> None:
        """SIGKILL to it and to all that it started, so that it has no time for anything."""
        kill_family(self.process)


@contextmanager
def postgres(folder: Path, *, port: int | None = None) -> Iterator[Server]:
    """A cluster of its own, or the one already in `folder`. PostgreSQL refuses root, so another user runs it."""
    port = port or free_port()
    nobody = _somebody_else(folder)
    data = folder / "cluster"
    if not data.exists():
        _make_cluster(folder, data, nobody)
    # Nothing here has to survive a power cut.
    options = ("fsync=off", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "max_connections=200")
    command = [
        _found("postgres"),
        "-D",
        str(data),
        "-p",
        str(port),
        *(word for each in options for word in ("-c", each)),
    ]
    url = f"postgres://studio:{PASSWORD}@127.0.0.1:{port}/postgres"
    with _running(command, folder / "postgres.log", **nobody) as process:
        _wait(process, lambda: psycopg.connect(url).close(), psycopg.OperationalError, folder / "postgres.log")
        yield Server(url, process)


def _make_cluster(folder: Path, data: Path, nobody: dict[str, Any]) -> None:
    (folder / "password").write_text(PASSWORD)
    words = ("--username=studio", f"--pwfile={folder / 'password'}", "--auth=scram-sha-256", "--encoding=UTF8")
    made = subprocess.run(
        [_found("initdb"), f"--pgdata={data}", *words, "--no-sync", "--no-locale"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        **nobody,
    )
    if made.returncode:
        raise RuntimeError(made.stderr)


@contextmanager
def redis_server(folder: Path, *, port: int | None = None) -> Iterator[Server]:
    port = port or free_port()
    command = [_found("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    url = f"redis://:{PASSWORD}@127.0.0.1:{port}/0"
    with (
        _running([*command, "--requirepass", PASSWORD], folder / "redis.log") as process,
        closing(redis.Redis.from_url(url)) as asking,
    ):
        _wait(process, asking.ping, redis.ConnectionError, folder / "redis.log")
        yield Server(url, process)


@contextmanager
def rabbitmq(folder: Path, *, port: int | None = None) -> Iterator[Server]:
    """A node with a register of names of its own, or the one that is in `folder` already.

    Debian's program in /usr/sbin runs the system's one node as another user. The program that it starts runs as
    anybody.
    """
    port = port or free_port()
    names = str(free_port())
    (folder / "rabbitmq.conf").write_text(f"default_user = studio\ndefault_pass = {PASSWORD}\n")
    (folder / "plugins").write_text("[].")
    environment = {
        **os.environ,
        "HOME": str(folder),  # where the nodes' shared secret is
        "ERL_EPMD_PORT": names,
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": f"studio-{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "rows"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
    }
    log = folder / "rabbitmq.log"
    server = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    command = [str(server) if server.exists() else _found("rabbitmq-server")]
    url = f"amqp://studio:{PASSWORD}@127.0.0.1:{port}//"

    def ask() -> None:
        with amqp.Connection(f"127.0.0.1:{port}", userid="studio", password=PASSWORD, connect_timeout=5):
            pass

    with (
        _running([_found("epmd"), "-port", names, "-address", "127.0.0.1"], folder / "names.log", env=environment),
        _running(command, log, env=environment) as process,
    ):
        try:
            _wait(process, ask, OSError, log)
            yield Server(url, process)
        finally:
            kill_family(process)  # the script that was started is not the node itself


@contextmanager
def s3(folder: Path) -> Iterator[Server]:
    """moto's server, with an empty bucket."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _running(command, folder / "s3.log") as process:
        ask = f"{url}/moto-api/data.json"
        _wait(
            process, lambda: httpx.get(ask, trust_env=False).raise_for_status(), httpx.TransportError, folder / "s3.log"
        )
        store(url).create_bucket(Bucket=BUCKET)
        yield Server(url, process)


def store(url: str) -> Any:
    """A client of the store, with the studio's key."""
    return boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id=KEY, aws_secret_access_key=PASSWORD
    )


def _found(program: str) -> str:
    """The program, also where Debian hides PostgreSQL's programs."""
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)
    found = shutil.which(program) or (str(newest[0]) if newest else None)
    if found is None:
        raise MissingError(f"There is no {program} here; .ci/engines installs it.")
    return found


def _somebody_else(folder: Path) -> dict[str, Any]:
    """How to run a program that refuses root, as the owner of `folder`. Nothing to do if this is not root."""
    if os.getuid() != 0:
        return {}
    shutil.chown(folder, "postgres", "postgres")
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


@contextmanager
def _running(command: Sequence[str], log: Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=log.parent, **options)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], ask: Callable[[], object], no: type[Exception], log: Path) -> None:
    """Wait until the engine answers instead of raising `no`."""

    def answers() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended:\n{log.read_text()}")
        with suppress(no):
            ask()
            return True
        return False

    until(answers, seconds=START_SECONDS, what=f"{process.args} to answer")

"""The embedded broker: order, several processes, kills, purge, odd places."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from kombu import Connection, Queue
from kombu.exceptions import OperationalError
from kombu.simple import SimpleQueue

from stickers.messaging import broker

broker.register()

SENDER = """
import sys
from kombu import Connection
from stickers.messaging import broker

broker.register()
with Connection(sys.argv[1]) as connection:
    queue = connection.SimpleQueue("work")
    for number in range(int(sys.argv[2])):
        queue.put([sys.argv[3], number])
        print(number, flush=True)
"""
TAKER = """
import sys
import time
from queue import Empty
from kombu import Connection
from stickers.messaging import broker

broker.register()
with Connection(sys.argv[1]) as connection:
    queue = connection.SimpleQueue("work")
    try:
        for _ in range(int(sys.argv[2])):
            message = queue.get(timeout=3)
            print(*message.payload, flush=True)
            message.ack()
        time.sleep(60)  # it has had its share
    except Empty:
        pass
"""


def url(path: Path) -> str:
    return f"embedded://{quote(str(path))}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "broker.sqlite3"


@pytest.fixture
def queue(file: Path) -> Iterator[SimpleQueue]:
    with Connection(url(file)) as connection:
        opened = connection.SimpleQueue("work")
        yield opened
        opened.close()


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


def take_all(queue: SimpleQueue) -> list[object]:
    taken = []
    while True:
        try:
            message = queue.get(block=False)
        except queue.Empty:
            return taken
        message.ack()
        taken.append(message.payload)


def test_it_works(queue: SimpleQueue, file: Path) -> None:
    for number in range(5):
        queue.put(number)
    assert queue.qsize() == 5
    assert take_all(queue) == [0, 1, 2, 3, 4]
    assert queue.qsize() == 0
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT count(*) FROM message").fetchone() == (0,), "taken messages leave no trace"
    database.close()


def test_blocking_get_waits_for_a_message(queue: SimpleQueue, file: Path) -> None:
    with start(SENDER, url(file), 1, "late") as sender:
        message = queue.get(timeout=20)
        assert message.payload == ["late", 0]
        message.ack()
        assert sender.wait(20) == 0


def test_blocking_get_gives_up(queue: SimpleQueue) -> None:
    with pytest.raises(queue.Empty):
        queue.get(timeout=0.1)


def test_purge(queue: SimpleQueue) -> None:
    for number in range(3):
        queue.put(number)
    assert queue.clear() == 3
    assert take_all(queue) == []


def test_queues_do_not_mix(file: Path) -> None:
    with Connection(url(file)) as connection:
        work, other = connection.SimpleQueue("work"), connection.SimpleQueue("other")
        work.put("a")
        other.put("b")
        assert take_all(other) == ["b"]
        assert take_all(work) == ["a"]


def test_deleting_a_queue_drops_its_messages(file: Path) -> None:
    with Connection(url(file)) as connection:
        work = connection.SimpleQueue("work")
        work.put("a")
        Queue("work", channel=connection.default_channel).delete()
        assert take_all(connection.SimpleQueue("work")) == []


@pytest.mark.parametrize("name", ["with space", "100%", "a#b?c", "ümlaut;x"])
def test_odd_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with Connection(url(folder / "broker.sqlite3")) as connection:
        queue = connection.SimpleQueue("work")
        queue.put("a")
        assert take_all(queue) == ["a"]
    assert (folder / "broker.sqlite3").exists()


def test_two_senders_two_takers_each_message_once(file: Path) -> None:
    senders = [start(SENDER, url(file), 40, name) for name in ("one", "two")]
    takers = [start(TAKER, url(file), 1000) for _ in range(2)]
    for sender in senders:
        sender.communicate(timeout=60)
    taken = [line for taker in takers for line in taker.communicate(timeout=60)[0].splitlines()]
    assert sorted(taken) == sorted(f"{name} {number}" for name in ("one", "two") for number in range(40))


def test_killed_takers_lose_at_most_what_was_in_hand(file: Path, queue: SimpleQueue) -> None:
    kills, messages = 3, 60
    share = 15  # of each process that takes, however late the kill comes, so that something is left for the next one
    for number in range(messages):
        queue.put(["x", number])
    seen: list[str] = []
    for _ in range(kills):
        with start(TAKER, url(file), share) as taker:
            assert taker.stdout is not None
            seen += [taker.stdout.readline().strip() for _ in range(5)]
            taker.send_signal(signal.SIGKILL)
            seen += taker.stdout.read().splitlines()
    rest = [" ".join(map(str, message)) for message in take_all(queue)]
    assert len(seen) == len(set(seen))
    assert not set(seen) & set(rest), "no message twice"
    assert len(seen) + len(rest) >= messages - kills
    with sqlite3.connect(file) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_killed_sender_leaves_whole_messages(file: Path, queue: SimpleQueue) -> None:
    with start(SENDER, url(file), 100_000, "x") as sender:
        assert sender.stdout is not None
        for _ in range(20):
            sender.stdout.readline()
        sender.send_signal(signal.SIGKILL)
        sent = 20 + len(sender.stdout.read().splitlines())
    taken = take_all(queue)
    assert taken == [["x", number] for number in range(len(taken))]
    assert len(taken) >= sent


def test_child_of_a_fork_opens_its_own_handle(queue: SimpleQueue) -> None:
    queue.put("before")
    pid = os.fork()
    if pid == 0:
        try:
            queue.put("from the child")
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    time.sleep(0.01)
    queue.put("after")
    assert take_all(queue) == ["before", "from the child", "after"]


def test_a_file_that_is_deleted_under_everybody_parts_nobody(file: Path) -> None:
    with Connection(url(file)) as sending, Connection(url(file)) as taking:
        there, here = sending.SimpleQueue("work"), taking.SimpleQueue("work")
        there.put("before")
        assert here.get(timeout=60).payload == "before"
        file.unlink()
        there.put("after")
        assert here.get(timeout=60).payload == "after"


def test_a_torn_file_is_replaced(file: Path) -> None:
    file.write_bytes(os.urandom(8192))
    with Connection(url(file)) as connection:
        with pytest.raises((sqlite3.DatabaseError, OperationalError)):
            connection.SimpleQueue("work").put("refused")
        queue = connection.SimpleQueue("work")
        queue.put("well")
        assert queue.get(timeout=60).payload == "well"

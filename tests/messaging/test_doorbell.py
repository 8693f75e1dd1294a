"""The doorbell: a ring wakes a waiting process, and any fault of it costs no more than the wait."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path

import pytest

from stickers.messaging.doorbell import Doorbell, ring

LONG = 60.0


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "broker.sqlite3")


def waited(path: str, doorbell: Doorbell, *, rings: int = 1) -> bool:
    """Whether a ring from another thread ends a long wait."""

    def ring_later() -> None:
        while not done.wait(0.02):  # the first rings may come before anybody waits
            for _ in range(rings):
                ring(path)

    done = threading.Event()
    thread = threading.Thread(target=ring_later)
    thread.start()
    try:
        return doorbell.wait(LONG)
    finally:
        done.set()
        thread.join()


def test_it_works(path: str) -> None:
    assert waited(path, Doorbell(path))


def test_nobody_rings(path: str) -> None:
    assert not Doorbell(path).wait(0.01)


def test_a_ring_since_the_last_wait_counts_once(path: str) -> None:
    doorbell = Doorbell(path)
    assert not doorbell.wait(0)
    ring(path)
    ring(path)
    assert doorbell.wait(LONG)
    assert not doorbell.wait(0.01)


def test_nobody_waits(path: str) -> None:
    ring(path)
    doorbell = Doorbell(path)
    doorbell.wait(0)
    doorbell.close()
    ring(path)
    assert not Doorbell(path).wait(0), "a ring that nobody waited for is over"


def test_more_rings_than_it_holds_keep_nobody(path: str) -> None:
    doorbell = Doorbell(path)
    doorbell.wait(0)
    bell = os.open(f"{path}-bell", os.O_WRONLY | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while os.write(bell, bytes(4096)):
            pass
    os.close(bell)
    ring(path)
    assert doorbell.wait(LONG)


def test_a_bell_that_is_deleted_is_made_again(path: str) -> None:
    doorbell = Doorbell(path)
    doorbell.wait(0)
    Path(f"{path}-bell").unlink()
    assert waited(path, doorbell)


def test_where_none_can_be_made_waits_are_short(path: str) -> None:
    Path(f"{path}-bell").write_bytes(b"")  # as on a disk without FIFOs
    ring(path)
    begun = time.monotonic()
    assert Doorbell(path).wait(LONG)
    assert time.monotonic() - begun < LONG / 2


def test_a_child_of_a_fork_has_its_own(path: str) -> None:
    doorbell = Doorbell(path)
    doorbell.wait(0)
    pid = os.fork()
    if pid == 0:
        try:
            doorbell.wait(0)
            doorbell.close()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    assert waited(path, doorbell)

"""Freed memory goes back to the system."""

from __future__ import annotations

import re
import sys
import weakref
from pathlib import Path

import pytest

from stickers.running import memory

MB = 1024 * 1024


def anonymous_mb() -> float:
    found = re.search(r"^Pss_Anon:\s+(\d+) kB", Path("/proc/self/smaps_rollup").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


@pytest.mark.skipif(sys.platform != "linux" or memory._malloc_trim is None, reason="glibc alone can return memory")
def test_freed_memory_goes_back_to_the_system() -> None:
    """Blocks below glibc's size for a mapping of their own, with one kept above them that holds the heap open."""
    with memory.returned():
        blocks = [bytearray(100_000) for _ in range(1000)]
        kept = bytearray(100_000)
        full = anonymous_mb()
        blocks.clear()
        held = anonymous_mb()
    assert full - held < 50, "without the call the memory stays with the process"
    assert full - anonymous_mb() > 80
    assert len(kept) == 100_000


def test_work_that_fails_gives_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    monkeypatch.setattr(memory, "_malloc_trim", calls.append)
    with pytest.raises(ZeroDivisionError), memory.returned():
        raise ZeroDivisionError
    assert calls == [0]


class Circle:
    """Refers to itself, as a form and its fields do to each other."""

    def __init__(self, size: int) -> None:
        self.me, self.picture = self, bytearray(size)


def test_circles_are_found() -> None:
    with memory.returned():
        circle = weakref.ref(Circle(1))
    assert circle() is None


def test_a_watch_returns_what_a_process_has_grown_by(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = iter([100 * MB, 120 * MB, 140 * MB, 101 * MB, 120 * MB, 90 * MB, 110 * MB, 130 * MB, 95 * MB])
    returns: list[int] = []
    monkeypatch.setattr(memory, "_resident_bytes", lambda: next(sizes))
    monkeypatch.setattr(memory, "_malloc_trim", returns.append)
    watch = memory.Watch(grown_mb=32)
    told = []
    for _ in range(7):
        watch.look(sender=None)
        told.append(len(returns))
    assert told == [0, 0, 1, 1, 1, 1, 2]  # at 140 MB, which leaves 101, and at 130 after it was 90


def test_heavy_work_beside_does_not_hide_the_next_return(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer is sent while another request holds 400 MB; once that one is over, memory goes back, too."""
    sizes = iter([100 * MB, 500 * MB, 400 * MB, 300 * MB, 110 * MB])
    returns: list[int] = []
    monkeypatch.setattr(memory, "_resident_bytes", lambda: next(sizes))
    monkeypatch.setattr(memory, "_malloc_trim", returns.append)
    watch = memory.Watch(grown_mb=32)
    for _ in range(3):
        watch.look()
    assert len(returns) == 2


def test_threads_share_arenas(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(memory, "_mallopt", lambda *wish: asked.append(wish))
    memory.share_arenas()
    monkeypatch.setattr(memory, "_mallopt", None)
    memory.share_arenas()
    assert asked == [(-8, 2)]


def test_a_system_that_tells_no_size_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_resident_bytes", lambda: None)
    memory.Watch(grown_mb=0).look()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_the_size_is_read() -> None:
    before = memory._resident_bytes()
    kept = b"x" * (64 * MB)
    after = memory._resident_bytes()
    assert before is not None
    assert after is not None
    assert after - before > 32 * MB
    assert len(kept) == 64 * MB


def test_a_library_without_it_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_malloc_trim", None)
    with memory.returned():
        pass

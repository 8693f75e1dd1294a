"""Freed memory goes back to the system."""

from __future__ import annotations

import re
import sys
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


def test_a_library_without_it_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_malloc_trim", None)
    with memory.returned():
        pass

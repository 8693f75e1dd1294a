"""Words that several parts of a print job say alike."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 page, 2 pages."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

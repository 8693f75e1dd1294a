"""How sure the cut is of each sticker, as a calibrated probability, and the doubt in words."""

from __future__ import annotations


def judge(*, touches_edge: bool, solidity: float) -> tuple[float, str]:
    """Confidence 0–1 and the reason for doubt ("" when sure)."""
    if touches_edge:
        return 0.7, "touches the edge"
    if solidity < 0.5:
        return 0.6, "may be two stickers"
    return 0.95, ""

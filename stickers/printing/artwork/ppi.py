"""Measure the effective resolution of the source: how many pixels of its picture one printed inch has.

Output DPI says how fine the file is. Effective ppi says how much of that is real detail and not enlargement.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final, Literal

from stickers.printing.geometry.lengths import MM_PER_INCH, px_to_mm

SHARP_PPI: Final = 300  # what Sticker Mule, StickerGiant and StickerNinja ask for
GOOD_PPI: Final = 200  # from here on, nothing warns
# Redrawn art looks like art with so many times its pixels: Lanczos reaches the net's PSNR from a source 2.2 times as
# wide (`enlarger.json`, held-out art). A fifth less is said, because drawings by generators are softer than that art.
REDRAWN_GAIN: Final = 1.7

Level = Literal["fine", "note", "warn", "strong", "ask"]


@dataclass(frozen=True, kw_only=True)
class PpiVerdict:
    """What an effective ppi means for the print: a level for the colours on the page, and words for the designer."""

    level: Level
    label: str
    words: str

    @property
    def warns(self) -> bool:
        """Whether the words belong among the warnings of a file."""
        return self.level in {"warn", "strong", "ask"}

    @property
    def asks(self) -> bool:
        """Whether the designer should confirm before such a file is made."""
        return self.level == "ask"


# The least ppi of each verdict, best first. At 150 softness shows at arm's length, at 100 single source pixels show.
VERDICTS: Final[tuple[tuple[float, PpiVerdict], ...]] = (
    (SHARP_PPI, PpiVerdict(level="fine", label="Sharp", words="Full detail at this size.")),
    (
        GOOD_PPI,
        PpiVerdict(
            level="note",
            label="Good",
            words="A little under the 300 ppi that shops ask for; looks sharp on most stickers.",
        ),
    ),
    (
        150,
        PpiVerdict(
            level="warn",
            label="Soft",
            words="Fine lines and small words will look soft; a smaller size prints sharper.",
        ),
    ),
    (
        100,
        PpiVerdict(
            level="strong",
            label="Blurred",
            words="Edges and details will look blurred in print; choose a smaller size.",
        ),
    ),
    (
        0,
        PpiVerdict(
            level="ask",
            label="Too coarse",
            words="The picture has far too few pixels for this size; print it only if that look is wanted.",
        ),
    ),
)


def effective_ppi(source_px: float, printed_mm: float) -> float:
    """Source pixels per printed inch, if `source_px` pixels are printed `printed_mm` wide.

    Raises ValueError unless both are above zero and finite.
    """
    if not (0 < source_px < math.inf and 0 < printed_mm < math.inf):
        raise ValueError("Effective ppi needs a picture and a printed size above zero.")
    return source_px * MM_PER_INCH / printed_mm


def sharp_up_to_mm(art_px: float, border_mm: float) -> int:
    """The longest side, in whole mm and with its border, up to which art of `art_px` pixels has `SHARP_PPI`.

    `art_px` is the longest side of the art's outline (see `die_cut.art_px`). Tiles, dialogs, the preflight and
    manifests all say this number.
    """
    return math.floor(px_to_mm(art_px, SHARP_PPI) + 2 * border_mm + 1e-9)


def shown_ppi(ppi: float) -> int:
    """An effective ppi as pages and files say it. Raises ValueError for NaN and OverflowError for infinity."""
    return math.floor(ppi + 0.5)


def prints_like_ppi(ppi: float) -> int:
    """The ppi of art that looks about as sharp as redrawn art of `ppi`, in tens."""
    return 10 * shown_ppi(REDRAWN_GAIN * ppi / 10)


def counted_ppi(ppi: float, *, redrawn: bool) -> float:
    """The ppi that the verdict goes by. For redrawn art it is higher by one verdict at most, and at most Good.

    Only the outlines are sharper: small lettering is still made of `ppi` pixels per inch.
    """
    below = [least for least, _ in VERDICTS if least > ppi]
    if not redrawn or not below or below[-1] == SHARP_PPI:
        return ppi
    return max(ppi, min(prints_like_ppi(ppi), below[-1]))


def ppi_verdict(ppi: float, *, redrawn: bool = False) -> PpiVerdict:
    """The verdict on an effective ppi, of art that is redrawn or not. Raises ValueError below zero and for NaN."""
    if redrawn:
        found = ppi_verdict(counted_ppi(ppi, redrawn=True))
        like = f"Outlines redrawn, prints like about {prints_like_ppi(ppi)} ppi; small lettering stays as it is."
        return replace(found, words=like)
    # Rounded as it is shown, so that a page never says "300 ppi: a little under 300".
    shown = shown_ppi(ppi) if math.isfinite(ppi) else ppi
    for least, verdict in VERDICTS:
        if shown >= least:
            return verdict
    raise ValueError(f"{ppi!r} is not a resolution.")

"""From rows to print files: which stickers an export holds, what they are called, what is said of each beforehand.

The page and `manage.py export` both go through here; the printing itself is `stickers.printing`'s.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from stickers.files import storage
from stickers.models import Sheet, Sticker
from stickers.printing.artwork.die_cut import DieCut, die_cut
from stickers.printing.artwork.ppi import PpiVerdict, effective_ppi, ppi_verdict
from stickers.printing.artwork.sticker_png import PrintedPng, print_png
from stickers.printing.delivery.archive import Entry
from stickers.printing.errors import ArtError
from stickers.printing.filenames import safe_name
from stickers.printing.geometry.lengths import MM_PER_INCH, px_to_mm
from stickers.printing.options import PrintOptions

SHARP_PPI: Final = 300  # what shops ask for
PREVIEW_MM: Final = 34.0  # at 300 DPI about 400 px: what the page has room for
# A number and a hyphen are added to the name of a sheet, and a suffix by the archive.
_STEM_BYTES: Final = 60


def ordered(sheets: Iterable[Sheet], stickers: Iterable[Sticker]) -> list[Sticker]:
    """Every kept sticker of the sheets, then those picked one by one; each once."""
    found: dict[int, Sticker] = {}
    for sheet in sheets:
        for sticker in sheet.stickers.filter(deleted_at=None):
            sticker.sheet = sheet  # with its generation: the recipe costs no further query
            found[sticker.pk] = sticker
    for sticker in stickers:
        found.setdefault(sticker.pk, sticker)
    return list(found.values())


def stem(sticker: Sticker) -> str:
    """The file's name without suffix: the sticker's title, or its sheet's name and its number."""
    if sticker.title:
        return safe_name(sticker.title, f"sticker-{sticker.pk}", max_bytes=_STEM_BYTES)
    return f"{safe_name(sticker.sheet.name, f'sheet-{sticker.sheet_id}', max_bytes=_STEM_BYTES)}-{sticker.number:02d}"


def archive_stem(stickers: Sequence[Sticker], options: PrintOptions) -> str:
    """The ZIP's name without suffix: what is in it and how large."""
    sheets = {sticker.sheet_id for sticker in stickers}
    what = safe_name(stickers[0].sheet.name, "sheet", max_bytes=_STEM_BYTES) if len(sheets) == 1 else "stickers"
    return f"{what}-{len(stickers)}x-{f'{options.size_mm:.4g}'.replace('.', '_')}mm"


def entry(sticker: Sticker, options: PrintOptions) -> Entry:
    """One sticker as a file to be made when its turn comes."""
    return Entry(
        stem=stem(sticker), make=partial(printed, sticker, options), source=_source(sticker), recipe=_recipe(sticker)
    )


def printed(sticker: Sticker, options: PrintOptions) -> PrintedPng:
    """The print file of one sticker. Raises PrintError."""
    return print_png(_pixels(sticker), options)


def die_cut_of(sticker: Sticker, options: PrintOptions, name: str, *, keep_holes: bool = False) -> DieCut:
    """The sticker with its cut line, ready for pages. Raises PrintError."""
    return die_cut(_pixels(sticker), options, name=name, keep_holes=keep_holes)


def _pixels(sticker: Sticker) -> npt.NDArray[np.uint8]:
    try:
        with Image.open(io.BytesIO(storage.get(sticker.file.name or ""))) as picture:
            return np.asarray(picture.convert("RGBA"))
    except OSError as error:
        raise ArtError("The sticker's own file is missing or damaged.") from error


def preview(sticker: Sticker, options: PrintOptions) -> bytes:
    """A small PNG of how it will look: size and border shrunk together, so that their proportion is true."""
    scale = min(1.0, PREVIEW_MM / options.size_mm)
    small = PrintOptions(size_mm=options.size_mm * scale, border_mm=options.border_mm * scale)
    return printed(sticker, small).data


@dataclass(frozen=True)
class Outlook:
    """What can be said of a sticker's print before it is made, from its row alone."""

    sticker: Sticker
    width_mm: float
    height_mm: float
    ppi: int
    verdict: PpiVerdict

    @property
    def width_in(self) -> float:
        return self.width_mm / MM_PER_INCH

    @property
    def height_in(self) -> float:
        return self.height_mm / MM_PER_INCH


def outlook(sticker: Sticker, options: PrintOptions) -> Outlook:
    longest_px = max(sticker.width_px, sticker.height_px)
    mm_per_px = options.art_mm / longest_px
    ppi = effective_ppi(longest_px, options.art_mm)
    return Outlook(
        sticker,
        width_mm=sticker.width_px * mm_per_px + 2 * options.border_mm,
        height_mm=sticker.height_px * mm_per_px + 2 * options.border_mm,
        ppi=round(ppi),
        verdict=ppi_verdict(ppi),
    )


def sharp_mm(sticker: Sticker, options: PrintOptions) -> int:
    """The largest whole size, border included, at which the sticker still has the pixels that shops ask for."""
    longest_px = max(sticker.width_px, sticker.height_px)
    return math.floor(px_to_mm(longest_px, SHARP_PPI) + 2 * options.border_mm)


def provenance(sticker: Sticker) -> dict[str, Any]:
    """Where a sticker comes from and what its sheet was made from: JSON values for a manifest."""
    return {"source": _source(sticker), "recipe": _recipe(sticker)}


def _source(sticker: Sticker) -> dict[str, Any]:
    return {
        "sheet": sticker.sheet_id,
        "sticker": sticker.pk,
        "number": sticker.number,
        "title": sticker.title,
        "sheet_name": sticker.sheet.name,
        "box_px": [sticker.x, sticker.y, sticker.width_px, sticker.height_px],
        "confidence": sticker.confidence,
    }


def _recipe(sticker: Sticker) -> dict[str, Any]:
    """What the sheet was made from; empty for an imported one."""
    generation = sticker.sheet.generation
    if generation is None:
        return {}
    about = {"model": generation.model, "sandbox": generation.sandbox, "add_trigger": generation.add_trigger}
    return about | generation.values

"""From rows to print files: which stickers an export holds, their names, and what is said of each beforehand.

The page and `manage.py export` both use this module. `stickers.printing` does the printing itself.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from stickers.files import storage
from stickers.models import Sheet, Sticker
from stickers.printing.artwork.die_cut import DieCut, die_cut, is_redrawn
from stickers.printing.artwork.ppi import PpiVerdict, effective_ppi, ppi_verdict, prints_like_ppi, sharp_up_to_mm
from stickers.printing.delivery.singles import Single
from stickers.printing.errors import ArtError, PrintError
from stickers.printing.filenames import safe_name
from stickers.printing.geometry.lengths import MM_PER_INCH
from stickers.printing.options import PrintOptions
from stickers.printing.preflight.fixups import FIXUPS
from stickers.printing.writers.png import write_single

PREVIEW_PX: Final = 400  # what the page has room for
CUT_BEFOREHAND: Final = 24  # stickers whose cut is made for the outlook: a sheet's worth, half a second
# A number and a hyphen follow the name of a sheet, and a suffix follows both
_STEM_BYTES: Final = 60


def ordered(sheets: Iterable[Sheet], stickers: Iterable[Sticker]) -> list[Sticker]:
    """Every kept sticker of the sheets, then the stickers picked one by one; each once."""
    by_pk = {sheet.pk: sheet for sheet in sheets}
    of_sheet: dict[int, list[Sticker]] = {pk: [] for pk in by_pk}
    for sticker in Sticker.objects.filter(sheet__in=by_pk, deleted_at=None):
        sticker.sheet = by_pk[sticker.sheet_id]  # with its generation, so that the recipe costs no further query
        of_sheet[sticker.sheet_id].append(sticker)
    found = {sticker.pk: sticker for sheet_stickers in of_sheet.values() for sticker in sheet_stickers}
    return list((found | {one.pk: one for one in stickers if one.pk not in found}).values())


def stem(sticker: Sticker) -> str:
    """The file's name without suffix: the sticker's title, or its sheet's name and its number."""
    if sticker.title:
        return safe_name(sticker.title, f"sticker-{sticker.pk}", max_bytes=_STEM_BYTES)
    return f"{safe_name(sticker.sheet.name, f'sheet-{sticker.sheet_id}', max_bytes=_STEM_BYTES)}-{sticker.number:02d}"


def archive_stem(stickers: Sequence[Sticker], sizes_mm: Collection[float]) -> str:
    """The ZIP's name without suffix: what is in it and, if all have one size, how large."""
    sheets = {sticker.sheet_id for sticker in stickers}
    what = safe_name(stickers[0].sheet.name, "sheet", max_bytes=_STEM_BYTES) if len(sheets) == 1 else "stickers"
    common_mm = set(sizes_mm)
    size = f"-{common_mm.pop():.4g}mm".replace(".", "_") if len(common_mm) == 1 else ""
    return f"{what}-{len(stickers)}x{size}"


def single(sticker: Sticker, options: PrintOptions) -> Single:
    """One sticker as a file of its own, made when its turn comes."""
    return Single(
        stem=stem(sticker), cut=partial(single_cut, sticker, options), source=_source(sticker), recipe=_recipe(sticker)
    )


def single_cut(sticker: Sticker, options: PrintOptions) -> DieCut:
    """The sticker as its own file shows it. Raises PrintError.

    Without a border there is no colour to fill a hole with, so wide holes stay open.
    """
    return die_cut_of(sticker, options, stem(sticker), keep_holes=not options.border_mm)


def single_png(sticker: Sticker, options: PrintOptions) -> bytes:
    """The print file of one sticker. Raises PrintError."""
    return write_single(single_cut(sticker, options), dpi=options.dpi)


def die_cut_of(
    sticker: Sticker,
    options: PrintOptions,
    name: str,
    *,
    keep_holes: bool = False,
    fixups: Sequence[str] = (),
    least_line_mm: float = 0.0,
) -> DieCut:
    """The sticker with its cut line after the fixups, in their order. Raises PrintError.

    Every writer, preview, page, and finding of the preflight gets a sticker's pixels from here. `least_line_mm` is how
    thick the fixup of thin lines makes them.
    """
    cut = die_cut(_pixels(sticker), options, name=name, keep_holes=keep_holes)
    for fixup in fixups:
        if fixup not in FIXUPS:
            raise ArtError(f"“{fixup}” is no known fixup.")
        fixed = FIXUPS[fixup](cut.source, MM_PER_INCH / cut.effective_ppi, least_line_mm)
        cut = die_cut(fixed, options, name=name, keep_holes=keep_holes)
    return cut


def _pixels(sticker: Sticker) -> npt.NDArray[np.uint8]:
    try:
        with Image.open(io.BytesIO(storage.get(original(sticker).name))) as picture:
            return np.asarray(picture.convert("RGBA"))
    except OSError as error:
        raise ArtError("The sticker's own file is missing or damaged.") from error


def preview(sticker: Sticker, options: PrintOptions) -> bytes:
    """A small PNG of the print: the file's own cut, drawn with fewer pixels. Raises PrintError."""
    cut = single_cut(sticker, options)
    return write_single(cut, dpi=min(options.dpi, PREVIEW_PX * MM_PER_INCH / max(cut.width_mm, cut.height_mm)))


@dataclass(frozen=True)
class Original:
    """The picture that a sticker is printed from: its file's name, its size, and the longest side of its art."""

    name: str
    width_px: int
    height_px: int
    art_px: int


def original(sticker: Sticker) -> Original:
    """The one place that says which of a sticker's pictures is printed, and so how sharp a size can be."""
    return Original(sticker.file.name or "", sticker.width_px, sticker.height_px, sticker.longest_px)


@dataclass(frozen=True)
class Outlook:
    """What can be said of a sticker's print before it is made."""

    sticker: Sticker
    width_mm: float
    height_mm: float
    ppi: float
    redrawn: bool
    border_mm: float

    @property
    def verdict(self) -> PpiVerdict:
        return ppi_verdict(self.ppi, redrawn=self.redrawn)

    @property
    def like_ppi(self) -> int | None:
        """The ppi that redrawn art prints like; None for art as drawn."""
        return prints_like_ppi(self.ppi) if self.redrawn else None

    @property
    def width_in(self) -> float:
        return self.width_mm / MM_PER_INCH

    @property
    def height_in(self) -> float:
        return self.height_mm / MM_PER_INCH

    @property
    def sharp_mm(self) -> int:
        """The largest whole size, border included, at which it still has the pixels that shops ask for."""
        return sharp_up_to_mm(original(self.sticker).art_px, self.border_mm)


def outlooks(stickers: Sequence[Sticker], orders: Mapping[int, PrintOptions]) -> list[Outlook]:
    """What to expect of each. `orders` are by the stickers' keys.

    The first `CUT_BEFOREHAND` are measured on the cut that their files are made of. One cut takes about 20 ms. So the
    others of a very large selection are estimated by their pixels, and so are those that cannot be cut; the manifest
    will say why.
    """
    return [
        (_measured if place < CUT_BEFOREHAND else _estimated)(sticker, orders[sticker.pk])
        for place, sticker in enumerate(stickers)
    ]


def _measured(sticker: Sticker, options: PrintOptions) -> Outlook:
    try:
        cut = single_cut(sticker, options)
    except PrintError:
        return _estimated(sticker, options)
    return Outlook(sticker, cut.width_mm, cut.height_mm, cut.effective_ppi, cut.redrawn, options.border_mm)


def _estimated(sticker: Sticker, options: PrintOptions) -> Outlook:
    """An estimate from the row alone: the art's box, with the border around it."""
    picture = original(sticker)
    mm_per_px = options.art_mm / max(picture.width_px, picture.height_px)
    ppi = effective_ppi(picture.art_px, options.art_mm)
    return Outlook(
        sticker,
        width_mm=picture.width_px * mm_per_px + 2 * options.border_mm,
        height_mm=picture.height_px * mm_per_px + 2 * options.border_mm,
        ppi=ppi,
        redrawn=is_redrawn(ppi, picture.width_px * picture.height_px, as_drawn=options.as_drawn),
        border_mm=options.border_mm,
    )


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

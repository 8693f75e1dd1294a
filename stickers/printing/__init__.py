"""Stickers as print files: lengths, options, PNG, names and the ZIP of them. Pure: no Django, no Celery."""

from stickers.printing.archive import MANIFEST_NAME, Entry, describe, manifest, zip_stream
from stickers.printing.errors import ArtError, OptionsError, PrintError
from stickers.printing.lengths import MAX_LENGTH_MM, MM_PER_INCH, mm_to_px, parse_length, px_to_mm
from stickers.printing.names import MAX_NAME_BYTES, UniqueNames, safe_name, unique_names
from stickers.printing.options import (
    DEFAULT_BORDER_MM,
    DPI_CHOICES,
    MIN_CUT_MM,
    PrintOptions,
    default_border_mm,
)
from stickers.printing.png import PrintedPng, print_png
from stickers.printing.ppi import PpiVerdict, effective_ppi, ppi_verdict

__all__ = [
    "DEFAULT_BORDER_MM",
    "DPI_CHOICES",
    "MANIFEST_NAME",
    "MAX_LENGTH_MM",
    "MAX_NAME_BYTES",
    "MIN_CUT_MM",
    "MM_PER_INCH",
    "ArtError",
    "Entry",
    "OptionsError",
    "PpiVerdict",
    "PrintError",
    "PrintOptions",
    "PrintedPng",
    "UniqueNames",
    "default_border_mm",
    "describe",
    "effective_ppi",
    "manifest",
    "mm_to_px",
    "parse_length",
    "ppi_verdict",
    "print_png",
    "px_to_mm",
    "safe_name",
    "unique_names",
    "zip_stream",
]

"""Describe a finished print job: manifest and summary for programs, a README for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from stickers.printing.artwork import redraw
from stickers.printing.artwork.die_cut import DieCut
from stickers.printing.artwork.ppi import ppi_verdict, sharp_up_to_mm
from stickers.printing.delivery.job import PrintJob
from stickers.printing.imposition.layout import Layout
from stickers.printing.preflight.rules import Finding
from stickers.printing.words import counted
from stickers.printing.writers.formats import File

MANIFEST: Final = "manifest.json"
README: Final = "README.txt"


def as_json(said: Mapping[str, Any]) -> bytes:
    """`said` as UTF-8 JSON for programs, which a person can read, too."""
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def listing(file: File, path: str) -> dict[str, Any]:
    """A file's entry in lists of files: its format, path and page."""
    return {"format": file.format, "path": path, "page": file.page}


def describe(sticker: DieCut, warnings: Sequence[str] = ()) -> dict[str, Any]:
    """A sticker's entry in every list, as JSON values. `warnings` come after the sticker's own."""
    return {
        "cut_mm": [round(sticker.width_mm, 2), round(sticker.height_mm, 2)],
        "effective_ppi": sticker.effective_ppi,
        "warnings": list(dict.fromkeys((*sticker.warnings, *warnings))),
    }


def sharpness(sticker: DieCut) -> dict[str, Any]:
    """What manifests add about a sticker's sharpness, as JSON values."""
    return {
        "border_mm": sticker.border_mm,
        "sharpness": ppi_verdict(sticker.effective_ppi, redrawn=sticker.redrawn).level,
        "prints_like_ppi": sticker.like_ppi,
        "redrawn_by": redraw.version() if sticker.redrawn else None,
        "sharp_up_to_mm": sharp_up_to_mm(sticker.art_px, sticker.border_mm),
    }


def summary(layout: Layout, files: Iterable[Mapping[str, Any]], findings: Sequence[Finding] = ()) -> dict[str, Any]:
    """What a job made, as JSON values for scripts. `files` are in the order of writing.

    Findings of the preflight are added to each sticker's warnings.
    """
    by_name: dict[str, list[str]] = {}
    for finding in findings:
        # The sticker's own warnings say the same of its resolution and size in the same words.
        if finding.level != "note" and finding.rule != "ppi":
            by_name.setdefault(finding.sticker, []).append(finding.words)
    stickers = [
        {"name": one.sticker.name, "page": page.number} | describe(one.sticker, by_name.get(one.sticker.name, ()))
        for page in layout.pages
        for one in page.placed
    ]
    return {
        "pages": len(layout.pages),
        "placed": len(stickers),
        "page_use": round(layout.page_use, 4),
        "files": list(files),
        "stickers": stickers,
    }


def manifest(layout: Layout, job: PrintJob, findings: Sequence[Finding]) -> dict[str, Any]:
    """All that is known of a job, as JSON values: sizes, resolution, inks, places, warnings, recipes."""
    options, spots = layout.options, job.spots
    said = summary(layout, [])
    for entry, one in zip(said["stickers"], layout.placed, strict=True):
        entry |= {
            "x_mm": round(one.x_mm, 3),
            "y_mm": round(one.y_mm, 3),
            "rotation_deg": one.rotation_deg,
            **sharpness(one.sticker),
        }
    return said | {
        "page": {
            "name": options.size.name,
            "width_mm": round(options.size.width_mm, 3),
            "height_mm": round(options.size.height_mm, 3),
            "margin_mm": round(options.margin_mm, 3),
            "gap_mm": options.gap_mm,
        },
        "dpi": job.dpi,
        "bleed_mm": job.bleed_mm,
        "cmyk": job.condition.description if job.condition else None,
        "profile": job.profile.as_json(),
        "spots": {
            "kiss": spots.kiss.name,
            "through": spots.through.name if spots.through else None,
            "white": spots.white.name if spots.white else None,
        },
        "overflow": [sticker.name for sticker in layout.overflow],
        "warnings": [
            {
                "rule": found.rule,
                "level": found.level,
                "sticker": found.sticker,
                "page": found.page,
                "words": found.words,
            }
            for found in findings
        ],
        "recipes": dict(job.recipes),
    }


def readme(layout: Layout, job: PrintJob, findings: Sequence[Finding]) -> str:
    """Plain text for whoever prints and cuts."""
    size, spots = layout.options.size, job.spots
    stickers = counted(sum(len(page.placed) for page in layout.pages), "sticker")
    pages = counted(len(layout.pages), "page")
    lines = [
        f"{stickers} on {pages} of {size.width_mm:g} x {size.height_mm:g} mm ({size.name}).",
        "",
        "Print at 100 %, without fitting to the page.",
        f"Pictures: {job.dpi} DPI, sRGB. Bleed: {job.bleed_mm:g} mm.",
        f"Kiss cut: spot colour “{spots.kiss.name}”, {spots.kiss.stroke_pt:g} pt, overprinting, on a layer of its own.",
    ]
    if job.condition is not None:
        lines.append(f"PDF/X-4: CMYK for “{job.condition.description}”; black lines and letters in black ink alone.")
    if spots.through is not None:
        lines.append(f"Through cut around the sheet: spot colour “{spots.through.name}”.")
    if spots.white is not None:
        lines.append(f"White under the art: spot colour “{spots.white.name}”.")
    if job.marks is not None:
        lines.append(job.marks.words() + ". Set these values in the cutter's software.")
    contents = [line for wanted in job.zipped for line in wanted.contents]
    contents.append((MANIFEST, "every sticker's size, place and source"))
    lines += ["", *(f"{pattern:<16} {words}" for pattern, words in contents)]
    grave = [found for found in findings if found.level != "note"]
    if grave:
        lines += ["", "To look at before printing:"]
        lines += [f"- {found.sticker + ': ' if found.sticker else ''}{found.words}" for found in grave]
    return "\n".join(lines) + "\n"

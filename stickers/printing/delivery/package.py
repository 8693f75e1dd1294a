"""Make all files of a print job from one layout: the files of each format, and a ZIP with manifest and README.

All files draw the same placed cut lines, so print and cut agree, whichever two files are used together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from stickers.printing.delivery.job import PrintJob
from stickers.printing.delivery.manifest import MANIFEST, README, as_json, listing, manifest, readme
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.layout import Layout
from stickers.printing.preflight.rules import examine
from stickers.printing.writers import formats
from stickers.printing.writers.cutters import calibration
from stickers.printing.writers.formats import ZIP, File
from stickers.printing.writers.zip_archive import zip_stream

_FIXED_DATE: Final = datetime(2024, 1, 1, tzinfo=UTC)  # fixed, so that equal jobs give equal archives


def write_files(layout: Layout, job: PrintJob) -> Iterator[File]:
    """The files of `job` one after the other, so that only one is in memory. A ZIP holds them all.

    Raises OptionsError or ArtError if a format cannot be made of this layout. What can be known in advance is raised
    before the first file.
    """
    _check(layout, job)
    for name in job.formats:
        if name == ZIP.name:
            yield File(f"{job.stem}{ZIP.suffix}", write_zip(layout, job), format=ZIP.name)
        else:
            yield from formats.named(name).files(layout, job)


def write_zip(layout: Layout, job: PrintJob) -> bytes:
    """A ZIP with everything for a shop, the other ordered formats, a manifest and a README."""
    return b"".join(zip_job(layout, job))


def zip_job(layout: Layout, job: PrintJob, *, each: Callable[[], object] | None = None) -> Iterator[bytes]:
    """The ZIP of `write_zip` in pieces, so that only one of its files is in memory. `each` is called after every file.

    Equal jobs give equal bytes.
    """
    _check(layout, job)
    yield from zip_stream(_zipped(layout, job, each), made_at=_FIXED_DATE)


def _zipped(layout: Layout, job: PrintJob, each: Callable[[], object] | None) -> Iterator[tuple[str, bytes]]:
    findings = examine(layout, job.profile, bleed_mm=job.bleed_mm)
    listed: list[dict[str, Any]] = []
    for wanted in job.zipped:
        for file in wanted.files(layout, job):
            listed.append(listing(file, file.name))
            yield file.name, file.data
            if each is not None:
                each()
    if _calibrates(layout, job):
        page = File(
            "calibration.pdf", calibration(layout.options.size, job.marks, job.spots.kiss), format="calibration"
        )
        listed.append(listing(page, page.name))
        yield page.name, page.data
    yield MANIFEST, as_json(manifest(layout, job, findings) | {"files": listed})
    yield README, readme(layout, job, findings).encode()


def expected_files(layout: Layout, job: PrintJob) -> int:
    """About how many files `write_files` yields, for a progress bar."""
    return sum(wanted.count(layout) for wanted in job.written) + (ZIP.name in job.formats)


def _calibrates(layout: Layout, job: PrintJob) -> bool:
    size = layout.options.size
    return job.profile.kind != "shop" and min(size.width_mm, size.height_mm) >= 95


def _check(layout: Layout, job: PrintJob) -> None:
    if not layout.pages:
        raise OptionsError("size_mm", "None of the stickers fits on this page: choose a larger page or a smaller size.")
    if job.needs_condition and job.condition is None:
        raise OptionsError("cmyk", "PDF/X-4 needs the CMYK profile of a press.")
    for wanted in job.written:
        wanted.check(layout)

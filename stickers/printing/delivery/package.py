"""Everything that a print job hands out of one layout: the files of each format, and a ZIP with manifest and README.

All files draw the same placed cut lines, so print and cut agree whichever two of them are used together.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import IO, Any, Final

from stickers.printing.delivery.job import PrintJob
from stickers.printing.delivery.manifest import MANIFEST, README, as_json, listing, manifest, readme
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.layout import Layout
from stickers.printing.preflight.rules import examine
from stickers.printing.writers import formats
from stickers.printing.writers.cutters import calibration
from stickers.printing.writers.formats import ZIP, File

_FIXED_DATE: Final = (2024, 1, 1, 0, 0, 0)  # equal jobs give equal archives


def write_files(layout: Layout, job: PrintJob) -> Iterator[File]:
    """The files of `job` one after the other, so that one at a time is held; a ZIP holds them all.

    Raises OptionsError or ArtError where a format cannot be made of this layout. What can be known beforehand is
    found before the first file.
    """
    _check(layout, job)
    for name in job.formats:
        if name == ZIP.name:
            yield File(f"{job.stem}{ZIP.suffix}", write_zip(layout, job), format=ZIP.name)
        else:
            yield from formats.named(name).files(layout, job)


def write_zip(layout: Layout, job: PrintJob) -> bytes:
    """A ZIP of everything for a shop, what else was ordered, a manifest and a README."""
    archive = io.BytesIO()
    write_zip_into(archive, layout, job)
    return archive.getvalue()


def write_zip_into(
    archive: IO[bytes], layout: Layout, job: PrintJob, *, each: Callable[[], object] | None = None
) -> None:
    """`write_zip` into an open file, so that no more than one of its members is held in memory; `each` is called
    after every member."""
    _check(layout, job)
    findings = examine(layout, job.profile, bleed_mm=job.bleed_mm)
    listed: list[dict[str, Any]] = []
    with zipfile.ZipFile(archive, "w") as folder:
        for wanted in job.zipped:
            for file in wanted.files(layout, job):
                listed.append(listing(file, file.name))
                _store(folder, file.name, file.data, is_text=wanted.is_text)
                if each is not None:
                    each()
        if _calibrates(layout, job):
            page = File("calibration.pdf", calibration(layout.options.size, job.marks, job.spots.kiss))
            listed.append(listing(replace(page, format="calibration"), page.name))
            _store(folder, page.name, page.data, is_text=False)
        said = manifest(layout, job, findings) | {"files": listed}
        _store(folder, MANIFEST, as_json(said), is_text=True)
        _store(folder, README, readme(layout, job, findings).encode(), is_text=True)


def expected_files(layout: Layout, job: PrintJob) -> int:
    """About how many files `write_files` yields: a progress bar goes by it."""
    return sum(wanted.count(layout) for wanted in job.written) + (ZIP.name in job.formats)


def _calibrates(layout: Layout, job: PrintJob) -> bool:
    size = layout.options.size
    return job.profile.kind != "shop" and min(size.width_mm, size.height_mm) >= 95


def _check(layout: Layout, job: PrintJob) -> None:
    if not layout.pages:
        raise OptionsError("size_mm", "None of the stickers fits on this page: choose a larger page or a smaller size.")
    for wanted in job.written:
        wanted.check(layout)


def _store(folder: zipfile.ZipFile, name: str, data: bytes, *, is_text: bool) -> None:
    entry = zipfile.ZipInfo(name, date_time=_FIXED_DATE)
    entry.external_attr = 0o100644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED  # else compressed already
    folder.writestr(entry, data)

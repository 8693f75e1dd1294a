"""Names the files of a print sheet by the designer's pattern."""

from __future__ import annotations

from datetime import date

from stickers.printing.filenames import safe_name
from stickers.prints.plan import Plan

WORDS = ("{title}", "{size}", "{copies}", "{page}", "{profile}", "{date}")


def file_stem(plan: Plan, title: str, today: date) -> str:
    """The plan's pattern with `{title}` and its other words filled in, as a safe name without suffix.

    An empty pattern stands for the title and the number of copies.
    """
    sizes = sorted({copy.size_mm for copy in plan.copies})
    span = "" if not sizes else f"{sizes[0]:g}mm" if len(sizes) == 1 else f"{sizes[0]:g}-{sizes[-1]:g}mm"
    said = plan.file_name.strip() or "{title}-{copies}x"
    for word, value in zip(
        WORDS,
        (title, span, str(len(plan.copies)), plan.page, plan.profile, today.isoformat()),
        strict=True,
    ):
        said = said.replace(word, value)
    return safe_name(said, "print-sheet", max_bytes=90)

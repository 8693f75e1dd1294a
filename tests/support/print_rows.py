"""Print sheets for the tests of pages, with their stickers in place."""

from __future__ import annotations

from typing import Any

from stickers.files import storage
from stickers.models import Export, ExportFile, PrintSheet, Sheet, WorkState
from stickers.printing.profiles import DEFAULT_PROFILE
from stickers.prints import history
from stickers.prints.desk import Desk
from stickers.prints.editing import added
from stickers.prints.imposing import nested
from stickers.prints.plan import Plan

SIZE_MM = 30.0


def make_print_sheet(
    *sheets: Sheet, title: str = "", size_mm: float = SIZE_MM, owner_pk: int | None = None, **settings: Any
) -> PrintSheet:
    """A print sheet with all stickers of the sheets, nested. Without `owner_pk` the first sheet's owner has it."""
    owner_pk = owner_pk or sheets[0].owner_id
    pks = [pk for sheet in sheets for pk in sheet.stickers.order_by("number").values_list("pk", flat=True)]
    plan = added(Plan(**settings), dict.fromkeys(pks, size_mm))
    desk = Desk.with_plan(PrintSheet(owner_id=owner_pk), plan)
    return history.begin(owner_pk, nested(plan, desk.cuts), title=title)


def order(print_sheet: PrintSheet, *formats: str, **fields: Any) -> Export:
    """An export, as the page orders it."""
    plan = history.plan_of(print_sheet)
    values = {
        "print_sheet": print_sheet,
        "plan": plan.as_json() | ({"formats": list(formats)} if formats else {}),
        "profile": DEFAULT_PROFILE.as_json(),
        "file_name": "cats",
        "folder": f"exports/{print_sheet.pk}/{Export.objects.count()}",
    }
    return Export.objects.create(**(values | fields))


def make_export(print_sheet: PrintSheet) -> Export:
    """A finished export of a single file."""
    export = order(print_sheet, state=WorkState.DONE, next_at=None, progress=1.0)
    name = storage.put(f"{export.folder}/001.pdf", b"%PDF-1.6 a small file")
    ExportFile.objects.create(export=export, format="pdf", name="cats.pdf", file=name, size_bytes=21)
    return export

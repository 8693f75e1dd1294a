"""The page of the cut editor: a sheet with its outlines, and the tools that mend them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from stickers.accounts.current_user import current_designer
from stickers.forms.segmentation import SegmentationForm
from stickers.models import Sheet
from stickers.views.sheets import may_cut


@dataclass(frozen=True)
class Tool:
    """A tool as the page shows it. `name` is the one that the scripts know."""

    name: str
    label: str
    key: str
    icon: str
    hint: str


TOOLS: Final = (
    Tool("select", "Select", "V", "pointer", "Click a sticker to pick it, with Shift one more. A drag pans."),
    Tool("merge", "Merge", "M", "merge", "Click the stickers that are one: two clicks, or one if a sticker is picked."),
    Tool("knife", "Split", "K", "knife", "Draw a line where to part a sticker, or click its points and press Enter."),
    Tool("add", "Add", "B", "brush-add", "Paint what belongs to the picked sticker."),
    Tool("erase", "Erase", "E", "eraser", "Paint over what does not belong to the picked sticker."),
    Tool("outline", "Outline", "N", "lasso", "Draw round a sticker: a new one, or the picked one anew."),
    Tool("seed", "Find", "S", "pin", "Click on a sticker that was missed or removed."),
    Tool("hole", "Hole", "H", "hole", "Click into a hole of a sticker: open is see-through, closed is filled."),
    Tool("ground", "Ground", "G", "drop", "Click on a colour that is background."),
)


@require_GET
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The page. Its scripts ask for the stickers and send the edits."""
    sheets = Sheet.objects.editable_by(current_designer(request).pk).kept()
    row = get_object_or_404(sheets.select_related("generation", "segmentation", "owner"), pk=pk)
    return render(
        request,
        "edit.html",
        {
            "sheet": row,
            "tools": TOOLS,
            "may_cut": may_cut(request, row),
            "keeps_edits": True,
            "cut_form": SegmentationForm.of(row.segmentation.options),
        },
    )

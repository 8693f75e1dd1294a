"""Sizes that fit the art, for rows: the scale of a sheet is found from all of its stickers."""

from __future__ import annotations

from collections.abc import Iterable

from stickers.models import Sticker
from stickers.printing.artwork.sizes import Bounds, Fit, common_ppi, fitted_mm
from stickers.prints import artwork


def fitted(fit: Fit, stickers: Iterable[Sticker], bounds: Bounds) -> dict[int, float]:
    """The size of each sticker by its key.

    A sheet's scale does not depend on which of its stickers are asked for, so one that is added later fits the others.
    """
    wanted = list(stickers)
    # A contour is long, and only a sticker that was never measured needs it
    others = Sticker.objects.kept().filter(sheet_id__in={one.sheet_id for one in wanted}).defer("contour")
    by_sheet: dict[int, dict[int, int]] = {}
    for sticker in (*others.exclude(pk__in=[one.pk for one in wanted]), *wanted):
        by_sheet.setdefault(sticker.sheet_id, {})[sticker.pk] = artwork.original(sticker).art_px
    scales = {sheet_pk: common_ppi(list(of_sheet.values()), bounds) for sheet_pk, of_sheet in by_sheet.items()}
    return {one.pk: fitted_mm(fit, by_sheet[one.sheet_id][one.pk], bounds, ppi=scales[one.sheet_id]) for one in wanted}

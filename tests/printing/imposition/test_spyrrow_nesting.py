"""“Nest tighter”: never worse, never wrong, and refused with a reason where it is not possible."""

from __future__ import annotations

import pytest

from stickers.printing.errors import OptionsError
from stickers.printing.imposition import spyrrow_nesting
from stickers.printing.imposition.layout import Item, clashes, lay_out
from stickers.printing.imposition.pages import PageOptions, parse_page
from tests.support.print_art import die_cuts


def test_without_the_engine_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spyrrow_nesting, "spyrrow", None)
    assert not spyrrow_nesting.is_available()
    with pytest.raises(OptionsError) as caught:
        spyrrow_nesting.lay_out_tighter([Item(die_cuts()[0])], PageOptions(), seconds=2)
    assert caught.value.field == "tighter"


@pytest.mark.parametrize("seconds", [0, -1, 1e6, float("nan")])
def test_the_budget_must_be_a_time(seconds: float) -> None:
    with pytest.raises(OptionsError) as caught:
        spyrrow_nesting.lay_out_tighter([Item(die_cuts()[0])], PageOptions(), seconds=seconds)
    assert caught.value.field == "tighter"


def test_it_works() -> None:
    if not spyrrow_nesting.is_available():
        pytest.skip("The optional engine is not installed.")
    items = [Item(sticker) for sticker in die_cuts()[:10]]
    options = PageOptions(size=parse_page("A5"))
    plain, tight = lay_out(items, options), spyrrow_nesting.lay_out_tighter(items, options, seconds=3)
    assert clashes(tight) == []
    assert sum(len(page.placed) for page in tight.pages) == 10
    assert tight.page_use_of(tight.pages[0]) >= plain.page_use_of(plain.pages[0]) or len(tight.pages) < len(plain.pages)

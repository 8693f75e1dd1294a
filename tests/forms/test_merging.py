"""A form's values merged with what another window has changed."""

from __future__ import annotations

import json

import pytest
from django.http import QueryDict

from stickers.forms.merging import merged, words_for

WAS = {"size": ["30"], "copies": ["1"], "formats": ["zip", "pdf"], "holes": []}


def sent(was: object = WAS, **fields: list[str]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, values in {"size": ["30"], "copies": ["1"], "formats": ["pdf", "zip"], "holes": []}.items():
        data.setlist(name, fields.get(name, values))
    if was is not None:
        data["was"] = json.dumps(was)
    return data


def test_what_only_one_has_changed_is_as_that_one_made_it() -> None:
    now = WAS | {"copies": ["4"], "holes": ["on"]}
    data, clashes = merged(sent(size=["40"]), now)
    assert clashes == {}
    assert [data.getlist(name) for name in ("size", "copies", "formats", "holes")] == [
        ["40"],
        ["4"],
        ["zip", "pdf"],
        ["on"],
    ]


def test_what_both_have_changed_clashes_unless_they_agree() -> None:
    now = WAS | {"copies": ["4"], "formats": ["svg"], "size": ["40"]}
    data, clashes = merged(sent(copies=["2"], formats=[], size=["40"]), now)
    assert clashes == {"copies": "4", "formats": "svg"}
    assert data.getlist("copies") == ["2"]


def test_a_field_may_come_and_go() -> None:
    now = {name: value for name, value in WAS.items() if name != "size"} | {"size-2": ["7"]}
    data, clashes = merged(sent(), now)
    assert clashes == {}
    assert data.getlist("size-2") == ["7"]
    assert merged(sent(size=["8"]), now)[1] == {"size": ""}


@pytest.mark.parametrize("was", [None, [], {"size": "30"}])
def test_a_form_that_does_not_say_what_it_showed_means_all_of_it(was: object) -> None:
    form = sent(was)
    assert merged(form, WAS | {"copies": ["4"]}) == (form, {})
    assert merged(None, WAS) == (None, {})


def test_the_words_name_what_is_there_now() -> None:
    assert words_for("4") == "Another window has made it “4” meanwhile."
    assert words_for("") == "Another window has taken it away meanwhile."

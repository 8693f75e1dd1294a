"""Merge what a form sends with what another window has changed since the form was shown.

A form carries what it showed in its field `was`. What the designer has not changed since then is left as it is now, so
two windows, or two quick changes in one, do not undo each other. A field that both have changed is for the designer to
decide.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from django.http import QueryDict

Shown: TypeAlias = Mapping[str, list[str]]  # the values of every field as a form sends them; none for an empty box


def merged(sent: Any, now: Shown) -> tuple[Any, dict[str, str]]:
    """What the form means on what is there `now`, and the fields that both have changed, each with its value now.

    A form that does not say what it showed means everything that it sends.
    """
    was = _was(sent)
    if was is None:
        return sent, {}
    data = sent.copy()
    clashes: dict[str, str] = {}
    for name in was.keys() | now.keys():
        # Boxes that belong together are sent in the order of the page.
        mine, before, theirs = (sorted(values) for values in (sent.getlist(name), was.get(name, []), now.get(name, [])))
        if mine == before:
            data.setlist(name, now.get(name, []))
        elif theirs not in (before, mine):
            clashes[name] = ", ".join(theirs)
    return data, clashes


def _was(sent: Any) -> dict[str, list[str]] | None:
    if not isinstance(sent, QueryDict):
        return None
    try:
        was = json.loads(sent.get("was", ""))
    except ValueError:
        return None
    return was if isinstance(was, dict) and all(isinstance(value, list) for value in was.values()) else None


def words_for(theirs: str) -> str:
    return (
        f"Another window has made it “{theirs}” meanwhile." if theirs else "Another window has taken it away meanwhile."
    )

"""The print profiles of a designer: the built-in ones and their own, by the names that forms use."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from stickers.models import PrintProfile
from stickers.printing.errors import OptionsError
from stickers.printing.profiles import DEFAULT_PROFILE, MOST_NAME, PROFILES, UNSOURCED, Profile, find_profile

log = logging.getLogger(__name__)

_NOT_KEPT: Final = {"name", "label", *UNSOURCED}  # a row has names of its own, and its numbers are its owner's


def profiles_of(owner_pk: int) -> dict[str, Profile]:
    """The profiles by name, the built-in ones first. A damaged row is left out: its page says what is wrong."""
    found = dict(PROFILES)
    for row in PrintProfile.objects.owned_by(owner_pk).kept():
        try:
            found[row.key] = profile_of(row)
        except OptionsError as error:
            log.warning("Print profile %s cannot be used: %s", row.pk, error.message)
    return found


def profile_of(row: PrintProfile) -> Profile:
    """The row as a profile. Raises OptionsError if its data make no profile (any more)."""
    if not isinstance(row.data, Mapping):
        raise OptionsError("name", "The profile's data are damaged.")
    return DEFAULT_PROFILE.edited({**row.data, **UNSOURCED, "name": row.key, "label": row.name})


def profile_named(name: str, owner_pk: int) -> Profile:
    """The designer's profile with this name, key or label. Raises OptionsError (field `profile`)."""
    return find_profile(name, profiles_of(owner_pk))


def data_of(profile: Profile) -> dict[str, Any]:
    """The fields of a profile that a row keeps."""
    return {field: value for field, value in profile.as_json().items() if field not in _NOT_KEPT}


def copied(profile: Profile, owner_pk: int) -> PrintProfile:
    """A new row of the designer's own with the same values and a free name."""
    name = free_name(f"{profile.label} copy", owner_pk)
    return PrintProfile.objects.create(owner_id=owner_pk, name=name, data=data_of(profile))


def free_name(wanted: str, owner_pk: int, *, but: int = 0) -> str:
    """`wanted`, followed by a number if another profile than `but` has that name already."""
    taken = taken_names(owner_pk, but=but)
    name, number = wanted[:MOST_NAME].strip(), 1
    while name.casefold() in taken:
        number += 1
        ending = f" {number}"
        name = wanted[: MOST_NAME - len(ending)].strip() + ending
    return name


def taken_names(owner_pk: int, *, but: int = 0) -> set[str]:
    """The names in use, case-folded. Built-in names count too, so that a name in a command means one profile."""
    rows = PrintProfile.objects.owned_by(owner_pk).kept().exclude(pk=but)
    built_in = {name.casefold() for profile in PROFILES.values() for name in (profile.name, profile.label)}
    return built_in | {name.casefold() for name in rows.values_list("name", flat=True)}

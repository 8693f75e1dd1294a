"""Says which press a print is made for: that of the print profile, else the operator's, else a usual one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from django.conf import settings

from stickers.printing.artwork import conditions
from stickers.printing.artwork.cmyk import PrintingCondition
from stickers.printing.errors import OptionsError
from stickers.printing.profiles import Profile
from stickers.printing.writers import formats


def condition_of(profile: Profile) -> PrintingCondition:
    """The press of this profile. Raises OptionsError (field `cmyk`) in words if it is not installed here."""
    return conditions.named(profile.cmyk, _folders()) if profile.cmyk else studios()


def studios() -> PrintingCondition:
    """The press for profiles that name none. Raises OptionsError (field `cmyk`)."""
    return chosen(settings.STUDIO_CMYK) if settings.STUDIO_CMYK else conditions.usual(_folders())


def chosen(name: str) -> PrintingCondition:
    """The press by the name or the path of its ICC profile, as an operator says it. Raises OptionsError."""
    path = Path(name).expanduser()
    return conditions.at(path) if path.is_file() else conditions.named(name, _folders())


def installed() -> list[PrintingCondition]:
    """All presses that a designer can choose, by name."""
    return conditions.installed(_folders())


def check(names: Iterable[str], profile: Profile) -> None:
    """Raises OptionsError (field `cmyk`) if a format of these names needs the profile's press and it is not there."""
    if any(map(formats.is_in_cmyk, names)):
        condition_of(profile)


def makeable(names: Sequence[str], profile: Profile) -> tuple[str, ...]:
    """The formats of these names that can be made for the profile: without its press there are none in CMYK."""
    try:
        check(names, profile)
    except OptionsError:
        return tuple(name for name in names if not formats.is_in_cmyk(name))
    return tuple(names)


def _folders() -> tuple[Path, ...]:
    return settings.STUDIO_ICC, *conditions.SYSTEM_FOLDERS

"""Words for print profiles in templates."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from stickers.forms.profiles import KIND_LABELS
from stickers.printing.writers import formats

register = template.Library()


@register.filter
def format_labels(names: Iterable[str]) -> str:
    return ", ".join(formats.named(name).label for name in names)


@register.filter
def kind_label(kind: str) -> str:
    return KIND_LABELS[kind]


@register.filter
def percent(share: float) -> str:
    return f"{share * 100:g} %"


@register.filter
def plain(number: float) -> str:
    """As few digits as it takes: 6.4, 2."""
    return f"{number:g}"

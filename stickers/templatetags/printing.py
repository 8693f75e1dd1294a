"""Words for print profiles in templates."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from stickers.forms.profiles import FORMAT_LABELS, KIND_LABELS

register = template.Library()


@register.filter
def format_labels(formats: Iterable[str]) -> str:
    return ", ".join(FORMAT_LABELS[kind] for kind in formats)


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

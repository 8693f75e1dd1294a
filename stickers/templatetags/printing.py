"""Lengths, shares, words and form fields for the templates of print sheets and print profiles."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField

from stickers.forms.print_sheets import in_unit
from stickers.forms.profiles import KIND_LABELS
from stickers.printing.artwork.ppi import shown_ppi
from stickers.printing.writers import formats
from stickers.prints.board import BoardRow

register = template.Library()


@register.filter
def n(length_mm: float) -> str:
    """A number of an SVG: to a thousandth of a millimetre, with a point in every language."""
    return f"{length_mm:.3f}".rstrip("0").rstrip(".")


@register.filter
def twice(length_mm: float) -> str:
    """A stroke's width: half of it lies on each side of its line."""
    return n(2 * length_mm)


@register.filter
def length_in(length_mm: float, unit: str) -> str:
    """A length in the designer's unit, as the form fields show it."""
    return in_unit(length_mm, unit)


@register.filter
def middle(length_mm: float, unit: str) -> str:
    return in_unit(length_mm / 2, unit)


@register.filter
def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


@register.filter
def name_parts(name: str) -> tuple[str, str]:
    """A file's name in two: what may be cut short, and its end, by which it differs from the others of its job."""
    stem, dot, suffix = name.rpartition(".")
    head, hyphen, last = stem.rpartition("-")
    return (head, f"{hyphen}{last}{dot}{suffix}") if hyphen and len(last) < 12 else (stem, f"{dot}{suffix}")


@register.filter
def exact_percent(share: float) -> str:
    return f"{100 * share:g} %"


@register.filter
def ppi(number: float) -> str:
    return str(shown_ppi(number))


@register.filter
def plain(number: float) -> str:
    """As few digits as possible: 6.4, 2."""
    return f"{number:g}"


@register.filter
def format_labels(names: Iterable[str]) -> str:
    return ", ".join(formats.named(name).label for name in names)


@register.filter
def kind_label(kind: str) -> str:
    """A shop or a cutter, in words."""
    return KIND_LABELS[kind]


@register.simple_tag
def row_field(form: BaseForm, name: str, row: BoardRow) -> BoundField | None:
    """A row's own field of the form: `size` or `copies`."""
    field = f"{name}-{row.key}"
    return form[field] if field in form.fields else None


@register.simple_tag
def form_field(form: BaseForm, name: str) -> BoundField:
    """The field of a name that only the including template knows."""
    return form[name]

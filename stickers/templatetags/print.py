"""Lengths, shares and fields of the print page's templates."""

from __future__ import annotations

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField

from stickers.forms.print_sheets import in_unit
from stickers.prints.board import BoardRow

register = template.Library()


@register.filter
def n(length_mm: float) -> str:
    """A number of an SVG: to a thousandth of a millimetre, with a point whatever the language."""
    return f"{length_mm:.3f}".rstrip("0").rstrip(".")


@register.filter
def twice(length_mm: float) -> str:
    """A stroke's width, half of which lies on each side of its line."""
    return n(2 * length_mm)


@register.filter
def length_in(length_mm: float, unit: str) -> str:
    """In the designer's unit, as their fields have it."""
    return in_unit(length_mm, unit)


@register.filter
def middle(length_mm: float, unit: str) -> str:
    return in_unit(length_mm / 2, unit)


@register.filter
def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


@register.simple_tag
def row_field(form: BaseForm, name: str, row: BoardRow) -> BoundField | None:
    """A row's own field of the form: `size` or `copies`."""
    field = f"{name}-{row.key}"
    return form[field] if field in form.fields else None


@register.simple_tag
def form_field(form: BaseForm, name: str) -> BoundField:
    """The field under a name that only the template's caller knows."""
    return form[name]

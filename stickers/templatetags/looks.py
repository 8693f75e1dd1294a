"""Icons, money, the direction of text, and pixels in millimetres, for all templates."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Final

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from stickers.printing.geometry.lengths import px_to_mm

register = template.Library()

PRINT_DPI: Final = 300  # the form and the model's sheets are measured at this resolution


@register.simple_tag
def icon(name: str, extra_class: str = "") -> SafeString:
    """One icon of static/icons.svg. The words beside it, or the button's aria-label, say what it means."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>', extra_class, static("icons.svg"), name
    )


@register.filter
def dollars(cost: Decimal) -> str:
    """US dollars with as many places as needed, at least two: a generation costs a cent or two."""
    places = max(2, -int(cost.normalize().as_tuple().exponent))
    return f"${cost:.{places}f}"


@register.filter
def direction(text: str) -> str:
    """`rtl` or `ltr`, by the first letter with a direction. For a placeholder, which dir="auto" does not read."""
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return "rtl" if next((kind for kind in kinds if kind in {"L", "R", "AL"}), "L") != "L" else "ltr"


@register.filter
def mm(pixels: float) -> str:
    """The printed length of so many pixels at 300 dots per inch, in millimetres."""
    return f"{px_to_mm(float(pixels), PRINT_DPI):.1f}"

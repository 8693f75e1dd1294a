"""The ledger: a month's generations and their cost, as a page and as CSV. Designers see their own, admins all."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from stickers.accounts.current_user import current_designer, may_operate
from stickers.models.generation import GenerationQuerySet
from stickers.orders import costs as ledgers

PER_PAGE: Final = 100


@require_GET
def ledger(request: HttpRequest) -> HttpResponse:
    everything, month, chosen = _asked(request)
    orders = chosen.select_related("owner").prefetch_related("sheets")
    context: dict[str, Any] = {
        "month": month,
        "months": ledgers.months(everything),
        "page": Paginator(orders, PER_PAGE).get_page(request.GET.get("page")),
        "totals": ledgers.Totals.of(chosen.order_by()),
        "designers": ledgers.by_designer(ledgers.in_month(everything, month)) if _sees_all(request) else [],
        "designer": request.GET.get("designer", ""),
    }
    return render(request, "ledger.html", context)


@require_GET
def ledger_csv(request: HttpRequest) -> StreamingHttpResponse:
    _, month, chosen = _asked(request)
    orders = chosen.select_related("owner").prefetch_related("sheets").iterator(chunk_size=500)
    name = f"ledger-{month:%Y-%m}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return StreamingHttpResponse(ledgers.lines(orders), content_type="text/csv; charset=utf-8", headers=headers)


def _sees_all(request: HttpRequest) -> bool:
    return may_operate(request.user)


def _asked(request: HttpRequest) -> tuple[GenerationQuerySet, datetime, GenerationQuerySet]:
    """What this person may see, the month in the address (else the current one), and what the address selects."""
    everything = ledgers.orders_of(current_designer(request), everybodys=_sees_all(request))
    month = timezone.localtime()
    try:
        # The range keeps four digits, and lets the month after it exist.
        asked = datetime.strptime(request.GET.get("month", ""), "%Y-%m").replace(tzinfo=timezone.get_current_timezone())
        month = asked if 2000 <= asked.year < 9000 else month
    except ValueError:
        pass  # empty or nonsense: the current month
    chosen = ledgers.in_month(everything, month)
    designer = request.GET.get("designer", "")
    if designer.isascii() and designer.isdecimal() and len(designer) < 18:
        chosen = chosen.owned_by(int(designer))
    return everything, month, chosen

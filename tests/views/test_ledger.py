"""The ledger: each order with its cost, or "unpriced"; whose orders one may see; and the same as CSV."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from stickers.models import Generation, State
from tests.support.models import SPEC
from tests.support.rows import make_generation, make_sheet

pytestmark = pytest.mark.django_db


def sent(owner: User, **fields: object) -> Generation:
    values = {"submitted_at": timezone.now(), "sandbox": True, "cost": Decimal("0.018")} | fields
    return make_generation(owner, **values)


def read_csv(client: Client, query: str = "") -> list[list[str]]:
    response = client.get(f"/ledger/csv/{query}")
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))  # type: ignore[attr-defined]


def test_it_works(client: Client, designer: User) -> None:
    order = sent(designer, prompt="happy cats", samples=2)
    sheet = make_sheet(designer, generation=order)
    page = client.get("/ledger/").content.decode()
    for words in ("happy cats", "$0.018", f'href="/sheets/{sheet.pk}/"', "1 order, 2 sheets", "pretended prices"):
        assert words in page


def test_what_has_no_cost_is_unpriced_and_never_nothing(client: Client, designer: User) -> None:
    sent(designer, cost=None)
    page = client.get("/ledger/").content.decode()
    assert "unpriced" in page
    assert "$0" not in page
    sent(designer)
    page = client.get("/ledger/").content.decode()
    assert "1 unpriced, not in the sum" in page
    assert "<strong>$0.018</strong>" in page
    assert [row[5] for row in read_csv(client)[1:]] == ["0.01800", "unpriced"]
    assert [row[7] for row in read_csv(client)] == ["model", SPEC.slug, SPEC.slug]


def test_what_was_not_billed_is_not_in_it(client: Client, designer: User) -> None:
    sent(designer, prompt="refused", state=State.FAILED)
    sent(designer, prompt="queued", submitted_at=None)
    sent(designer, prompt="for real money", sandbox=False)
    page = client.get("/ledger/").content.decode()
    assert not any(words in page for words in ("refused", "queued", "for real money"))
    assert "Nothing was ordered" in page


def test_by_month_in_the_studios_time(client: Client, designer: User, settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    sent(designer, prompt="new year", submitted_at=datetime(2025, 12, 31, 16, tzinfo=ZoneInfo("UTC")))
    sent(designer, prompt="old year", submitted_at=datetime(2025, 12, 31, 14, tzinfo=ZoneInfo("UTC")))
    january = client.get("/ledger/?month=2026-01").content.decode()
    december = client.get("/ledger/?month=2025-12").content.decode()
    assert ("new year" in january, "old year" in january) == (True, False)
    assert ("new year" in december, "old year" in december) == (False, True)
    assert "January 2026" in december


@pytest.mark.parametrize("query", ["?month=nonsense", "?month=0001-01", "?month=9999-12", "?designer=x", "?page=x"])
def test_nonsense_in_the_address(client: Client, designer: User, query: str) -> None:
    sent(designer)
    assert client.get(f"/ledger/{query}").status_code == 200


def test_designers_see_their_own_and_admins_all(client: Client, settings: Settings, other_designer: User) -> None:
    settings.STUDIO_ACCOUNTS = True
    ann = User.objects.create(username="ann")
    sent(ann, prompt="of ann")
    sent(other_designer, prompt="of another")
    client.force_login(other_designer)
    for query in ("", f"?designer={ann.pk}"):
        assert "of ann<" not in client.get(f"/ledger/{query}").content.decode()
        assert "of ann" not in str(read_csv(client, query))
    client.force_login(User.objects.create(username="boss", is_staff=True))
    page = client.get("/ledger/").content.decode()
    assert "of ann" in page
    assert "of another" in page
    assert "By designer" in page
    assert "of another" not in client.get(f"/ledger/?designer={ann.pk}").content.decode()


@pytest.mark.parametrize("prompt", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_spreadsheet_takes_a_prompt_for_a_formula(client: Client, designer: User, prompt: str) -> None:
    sent(designer, prompt=prompt)
    [_, row] = read_csv(client)
    assert row[2].startswith("'")


def test_more_orders_need_no_more_queries(
    client: Client, designer: User, django_assert_max_num_queries: object
) -> None:
    for _ in range(12):
        make_sheet(designer, generation=sent(designer))
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        client.get("/ledger/")

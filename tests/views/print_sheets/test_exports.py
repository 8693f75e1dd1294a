"""Finished files of a print sheet: ordered, shown with their progress, downloaded by their owner."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django import Settings

from stickers.models import Export, Nesting, PrintSheet, Sheet, WorkState
from stickers.templatetags.printing import name_parts
from tests.support.print_rows import make_export, make_print_sheet, order
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def row(designer: User) -> PrintSheet:
    return make_print_sheet(make_sheet(designer), page="4x6in", title="Cats / dogs")


def test_it_works(client: Client, row: PrintSheet) -> None:
    page = client.post(f"/prints/{row.pk}/export/", headers=HTMX).content.decode()
    export = Export.objects.get()
    assert export.state == "queued"
    assert export.file_name == "Cats-dogs-3x"
    assert [copy["number"] for copy in export.plan["copies"]] == [1, 2, 3]
    assert "Queued" in page
    assert 'hx-trigger="every 1s, look-now"' in page
    assert "print-file" not in page.partition("print-jobs")[2]


def test_wrong_places_are_exported_and_said(client: Client, row: PrintSheet) -> None:
    """The page says so at once, while the files are made, and beside the finished files."""
    assert "wrong place" not in client.post(f"/prints/{row.pk}/export/", headers=HTMX).content.decode()
    place = row.items.values("x_mm", "y_mm").get(number=1)
    row.items.filter(number=2).update(**place)
    row.items.filter(number=3).update(x_mm=-3)
    words = "3 stickers lay in a wrong place: the files show them as on the page"
    assert words in client.post(f"/prints/{row.pk}/export/", headers=HTMX).content.decode()
    export = Export.objects.order_by("pk").last()
    assert export is not None
    assert export.clashing == 3
    Export.objects.filter(pk=export.pk).update(state=WorkState.DONE, next_at=None)
    assert words in client.get(f"/prints/{row.pk}/exports/").content.decode()


def test_progress_and_end(client: Client, row: PrintSheet) -> None:
    export = order(row, state=WorkState.WORKING, progress=0.42)
    page = client.get(f"/prints/{row.pk}/exports/").content.decode()
    assert "42 %" in page
    Export.objects.filter(pk=export.pk).update(state=WorkState.FAILED, next_at=None, error="The paper is out.")
    page = client.get(f"/prints/{row.pk}/exports/").content.decode()
    assert "The paper is out." in page
    assert "hx-trigger" not in page


def test_its_state_is_told_beside_the_button(client: Client, row: PrintSheet) -> None:
    def beside(page: str) -> str:
        return page.partition('id="print-export-state"')[2]

    page = beside(client.post(f"/prints/{row.pk}/export/", headers=HTMX).content.decode())
    assert 'hx-swap-oob="true"' in page
    assert "Making the files…" in page
    Export.objects.update(state=WorkState.WORKING, progress=0.42)
    assert "42 %" in beside(client.get(f"/prints/{row.pk}/exports/", headers=HTMX).content.decode())
    assert "42 %" in beside(client.get(f"/prints/{row.pk}/").content.decode())
    Export.objects.all().delete()
    make_export(row)
    assert "cats" in beside(client.get(f"/prints/{row.pk}/exports/", headers=HTMX).content.decode())
    before, _, _ = beside(client.get(f"/prints/{row.pk}/").content.decode()).partition("</div>")
    assert "cats" not in before, "of a layout that may have changed since"
    row.items.update(page=0)
    refused = client.post(f"/prints/{row.pk}/export/", headers=HTMX).content.decode()
    assert "nothing on the pages to export" in beside(refused)


@pytest.mark.parametrize(
    ("name", "head", "end"),
    [
        ("Cats-dogs-3x.pdf", "Cats-dogs", "-3x.pdf"),
        ("a rather long name-12x-2.png", "a rather long name-12x", "-2.png"),
        ("onewithouthyphens.zip", "onewithouthyphens", ".zip"),
    ],
)
def test_the_end_of_a_name_is_never_cut_off(name: str, head: str, end: str) -> None:
    assert name_parts(name) == (head, end)


def test_files_are_kept_and_handed_out(client: Client, row: PrintSheet) -> None:
    file = make_export(row).files.get()
    page = client.get(f"/prints/{row.pk}/").content.decode()
    assert f'href="/print-files/{file.pk}/"' in page
    assert "kept until" in page
    assert "Print at 100 %" in page
    response = client.get(f"/print-files/{file.pk}/")
    assert b"".join(response.streaming_content).startswith(b"%PDF")  # type: ignore[arg-type]
    assert response["Content-Disposition"] == 'attachment; filename="cats.pdf"'
    assert response["Content-Type"] == "application/pdf"
    assert response["Cache-Control"] == "private, no-store"


def test_a_file_that_is_gone(client: Client, row: PrintSheet) -> None:
    file = make_export(row).files.get()
    default_storage.delete(file.file.name)
    assert client.get(f"/print-files/{file.pk}/").status_code == 404


def test_nothing_to_export(client: Client, row: PrintSheet) -> None:
    row.items.update(page=0)
    response = client.post(f"/prints/{row.pk}/export/", headers=HTMX)
    assert response.status_code == 422
    assert not Export.objects.exists()


def test_not_while_it_is_arranged(client: Client, row: PrintSheet) -> None:
    Nesting.objects.create(print_sheet=row)
    assert client.post(f"/prints/{row.pk}/export/", headers=HTMX).status_code == 422
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("{title} {size} on {page}", "Cats-dogs-30mm-on-4x6in"),
        ("../../etc/passwd", "etc-passwd"),
        ("😀", "print-sheet"),
    ],
)
def test_file_names(client: Client, row: PrintSheet, pattern: str, name: str) -> None:
    PrintSheet.objects.filter(pk=row.pk).update(file_name=pattern)
    client.post(f"/prints/{row.pk}/export/")
    assert Export.objects.get().file_name == name


def test_without_room_nothing_is_ordered(client: Client, row: PrintSheet, settings: Settings) -> None:
    settings.STORAGE_QUOTA_BYTES = 10
    Sheet.objects.update(stored_bytes=11)
    answer = client.post(f"/prints/{row.pk}/export/", headers=HTMX)
    assert answer.status_code == 422
    assert "there is no room for more" in answer.content.decode()
    assert not Export.objects.exists()

"""A print sheet with stickers that are no longer shared: it says so, draws none, and can take them off."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from stickers import pipeline
from stickers.models import Export, Nesting, PrintItem, PrintSheet, Project, Sheet
from stickers.prints import history
from tests.support.print_rows import make_print_sheet, order
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
SAID = "are of stickers that were deleted or are no longer shared with you"


@pytest.fixture(autouse=True)
def _accounts(settings: Settings, hints: list[str]) -> None:
    settings.STUDIO_ACCOUNTS = True


@pytest.fixture
def shared(member: User) -> Sheet:
    project = Project.objects.create(owner=User.objects.create(username="owner"), name="Animals")
    project.members.add(member)
    return make_sheet(project.owner, stickers=2, title="secret plans", project=project)


@pytest.fixture
def row(member: User, shared: Sheet) -> PrintSheet:
    """Copies 1 and 2 are of shared stickers, copy 3 is of the member's own."""
    return make_print_sheet(shared, make_sheet(member, stickers=1), owner_pk=member.pk, page="4x6in")


@pytest.fixture
def revoked(row: PrintSheet, shared: Sheet, member: User) -> PrintSheet:
    assert shared.project is not None
    shared.project.members.remove(member)
    return row


def page(client: Client, row: PrintSheet) -> str:
    return client.get(f"/prints/{row.pk}/").content.decode()


def test_it_works(client: Client, revoked: PrintSheet) -> None:
    """The copies stay on the plan unseen. The place of the member's own copy does not change."""
    said = page(client, revoked)
    assert f"2 copies {SAID}" in said
    assert 'id="item-3"' in said
    assert 'id="item-1"' not in said
    assert "secret plans" not in said
    assert "1 on 1 page" in said
    assert revoked.items.count() == 3


def test_while_it_is_shared(client: Client, row: PrintSheet) -> None:
    said = page(client, row)
    assert "no longer shared" not in said
    assert "3 on 1 page" in said


@pytest.mark.parametrize("how", ["trash", "moved"])
def test_other_ways_to_be_no_longer_shared(client: Client, row: PrintSheet, shared: Sheet, how: str) -> None:
    changes = {"deleted_at": timezone.now()} if how == "trash" else {"project": None}
    Sheet.objects.filter(pk=shared.pk).update(**changes)
    assert f"2 copies {SAID}" in page(client, row)


def test_shared_again_they_are_where_they_were(
    client: Client, revoked: PrintSheet, shared: Sheet, member: User
) -> None:
    before = history.plan_of(revoked)
    assert shared.project is not None
    shared.project.members.add(member)
    assert "3 on 1 page" in page(client, revoked)
    assert history.plan_of(revoked) == before


def test_taken_off_and_undone(client: Client, revoked: PrintSheet) -> None:
    said = client.post(f"/prints/{revoked.pk}/unshared/", headers=HTMX).content.decode()
    assert "no longer shared" not in said
    assert list(revoked.items.values_list("number", flat=True)) == [3]
    undone = client.post(f"/prints/{revoked.pk}/step/", {"do": "undo"}, headers=HTMX).content.decode()
    assert f"2 copies {SAID}" in undone
    assert 'id="item-1"' not in undone


def test_one_of_them_is_taken_off_in_the_list(client: Client, revoked: PrintSheet) -> None:
    sizes = {f"size-{number}": "30" for number in (1, 2, 3)}
    copies = {"copies-1": "0", "copies-2": "1", "copies-3": "2"}
    response = client.post(f"/prints/{revoked.pk}/stickers/", sizes | copies, headers=HTMX)
    assert response.status_code == 200
    assert "1 copy is of a sticker that was deleted or is no longer shared with you" in response.content.decode()
    assert list(revoked.items.values_list("number", flat=True)) == [2, 3, 4]


def test_its_picture_forgets_them(client: Client, row: PrintSheet, shared: Sheet, member: User) -> None:
    """The picture that was drawn while they were shared is not served again, and not kept."""

    def drawn() -> tuple[str, int]:
        response = client.get(f"/prints/{row.pk}/thumb/?v={row.version}")
        assert response["Cache-Control"] == "private, no-cache"
        with Image.open(io.BytesIO(response.content)) as picture:
            white = sum(count for count, colour in picture.convert("RGB").getcolors(1 << 20) or [] if min(colour) > 250)
        return response["ETag"], white

    etag, white = drawn()
    assert shared.project is not None
    row.refresh_from_db()
    before = row.picture
    shared.project.members.remove(member)
    later, whiter = drawn()
    assert later != etag
    assert whiter > white + 5000
    row.refresh_from_db()
    assert row.picture != before
    again = client.get(f"/prints/{row.pk}/thumb/?v={row.version}", headers={"If-None-Match": etag})
    assert again.status_code == 200
    shared.project.members.add(member)
    assert drawn() == (etag, white)


def test_no_fixed_picture_and_no_light(client: Client, revoked: PrintSheet) -> None:
    PrintItem.objects.filter(print_sheet=revoked).update(fixups=["stray"])
    assert client.get(f"/prints/{revoked.pk}/picture/1/").status_code == 404
    assert client.get(f"/prints/{revoked.pk}/picture/3/").status_code == 200
    assert "secret plans" not in client.get(f"/prints/{revoked.pk}/preflight/").content.decode()


def test_the_button_exports_nothing(client: Client, revoked: PrintSheet) -> None:
    response = client.post(f"/prints/{revoked.pk}/export/", headers=HTMX)
    said = response.content.decode()
    assert response.status_code == 422
    assert f"Not exported. 2 copies {SAID}" in said
    assert said.strip().startswith('<section class="card print-exports" id="print-exports"')
    assert not Export.objects.exists()
    assert f"2 copies {SAID}" in client.post(f"/prints/{revoked.pk}/export/", follow=True).content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_worker_exports_nothing(revoked: PrintSheet, media: Path) -> None:
    """The sharing ends after the export was ordered and before it begins."""
    export = order(revoked, "pdf", "zip")
    pipeline.next_exports()
    assert not pipeline.export(export.pk)
    export.refresh_from_db()
    assert export.state == "failed"
    assert f"2 copies {SAID}" in export.error
    assert "secret plans" not in export.error
    assert not export.files.exists()
    assert not [path for path in media.rglob("exports/**/*") if path.is_file()]


@pytest.mark.django_db(transaction=True)
def test_the_worker_arranges_the_others(revoked: PrintSheet) -> None:
    before = history.plan_of(revoked)
    nesting = Nesting.objects.create(print_sheet=revoked)
    pipeline.next_nestings()
    assert pipeline.nest(nesting.pk)
    after = history.plan_of(revoked)
    assert (after.copy(1), after.copy(2)) == (before.copy(1), before.copy(2))


def test_settings_still_change(client: Client, revoked: PrintSheet) -> None:
    said = {"unit": "mm", "page": "A4", "profile": "home", "dpi": "300", "formats": ["pdf"]}
    lengths = {"margin": "10", "gap": "3", "border": "2", "bleed": "0"}
    assert client.post(f"/prints/{revoked.pk}/settings/", said | lengths, headers=HTMX).status_code == 200
    revoked.refresh_from_db()
    assert revoked.page == "A4"

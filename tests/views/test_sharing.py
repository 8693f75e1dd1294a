"""A shared project: what its members may do with each other's sheets, and what only the owner may do."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from stickers.models import Generation, Project, Segmentation, Sheet, Sticker
from tests.support.rows import make_generation, make_sheet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _accounts(settings: Settings, hints: list[str]) -> None:
    settings.STUDIO_ACCOUNTS = True


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create(username="owner")


@pytest.fixture
def shared(owner: User, member: User) -> Sheet:
    project = Project.objects.create(owner=owner, name="Animals")
    project.members.add(member)
    return make_sheet(owner, title="shared title", project=project)


def answer(client: Client, method: str, url: str, data: dict[str, str] | None = None) -> Any:
    response = getattr(client, method)(url, data or {})
    for close in response._resource_closers:
        close()
    return response


def test_it_works(client: Client, member: User, shared: Sheet) -> None:
    sticker = shared.stickers.get(number=1)
    for url in [
        f"/sheets/{shared.pk}/",
        f"/sheets/{shared.pk}/file/",
        f"/sheets/{shared.pk}/thumb/256/",
        f"/stickers/{sticker.pk}/file/",
        f"/stickers/{sticker.pk}/thumb/256/",
        f"/export/?sheets={shared.pk}",
        f"/?from={shared.generation_id}",
    ]:
        assert answer(client, "get", url).status_code == 200, url
    for url in ["/gallery/", "/gallery/stickers/"]:
        assert "shared title" in client.get(url).content.decode()


def test_members_name_and_star(client: Client, shared: Sheet) -> None:
    sticker = shared.stickers.get(number=1)
    answer(client, "post", f"/sheets/{shared.pk}/title/", {"title": "better"})
    answer(client, "post", f"/stickers/{sticker.pk}/star/", {"on": "1"})
    shared.refresh_from_db()
    sticker.refresh_from_db()
    assert (shared.title, sticker.starred) == ("better", True)


def test_a_refusal_is_logged_in_one_line(client: Client, shared: Sheet, caplog: pytest.LogCaptureFixture) -> None:
    assert answer(client, "post", f"/sheets/{shared.pk}/cut/").status_code == 403
    [line] = caplog.records
    assert line.getMessage() == f"Forbidden (Permission denied): /sheets/{shared.pk}/cut/"
    assert line.exc_info is None


def test_members_do_not_cut_again(client: Client, shared: Sheet) -> None:
    """The owner may have laid out stickers that a new cut does not find again."""
    for state in ("done", "failed"):
        Segmentation.objects.update(state=state)
        page = client.get(f"/sheets/{shared.pk}/").content.decode()
        assert f"/sheets/{shared.pk}/cut/" not in page
        assert "Only owner can cut this sheet again: its stickers may lie on print sheets." in page
    refused = answer(client, "post", f"/sheets/{shared.pk}/cut/")
    assert refused.status_code == 403
    assert "Only owner can cut this sheet again." in refused.content.decode()
    shared.refresh_from_db()
    assert shared.segmentation.state == "failed"


@pytest.mark.parametrize("who", ["owner", "an admin who shares it"])
def test_owner_and_admin_cut_again(client: Client, owner: User, member: User, shared: Sheet, who: str) -> None:
    if who == "owner":
        client.force_login(owner)
    else:
        User.objects.filter(pk=member.pk).update(is_staff=True)
    assert f"/sheets/{shared.pk}/cut/" in client.get(f"/sheets/{shared.pk}/").content.decode()
    assert answer(client, "post", f"/sheets/{shared.pk}/cut/").status_code == 302
    shared.refresh_from_db()
    assert shared.segmentation.state == "queued"


@pytest.mark.parametrize("row", ["sheets", "stickers"])
def test_only_the_owner_deletes(client: Client, shared: Sheet, row: str) -> None:
    pk = shared.pk if row == "sheets" else shared.stickers.get(number=1).pk
    assert answer(client, "post", f"/{row}/{pk}/delete/").status_code == 404
    refused = client.post("/selection/delete/", {row: str(pk)}, follow=True)
    assert "deleted by the one whose sheet it is" in refused.content.decode()
    assert not Sheet.objects.exclude(deleted_at=None).exists()
    assert not Sticker.objects.exclude(deleted_at=None).exists()
    assert "Move to trash" not in client.get("/gallery/").content.decode()


def test_what_its_owner_threw_away_is_the_owners_alone(client: Client, shared: Sheet) -> None:
    Sheet.objects.update(deleted_at=timezone.now())
    assert answer(client, "get", f"/sheets/{shared.pk}/").status_code == 404
    assert answer(client, "get", f"/sheets/{shared.pk}/file/").status_code == 404
    assert answer(client, "get", f"/?from={shared.generation_id}").status_code == 404
    assert answer(client, "post", "/selection/restore/", {"sheets": str(shared.pk)}).status_code == 404


def test_sheets_of_the_same_order_are_not_shared_along(client: Client, owner: User, shared: Sheet) -> None:
    sibling = make_sheet(owner, generation=shared.generation, index=1, title="not shared")
    page = client.get(f"/sheets/{shared.pk}/").content.decode()
    assert f"/sheets/{sibling.pk}/" not in page
    assert answer(client, "get", f"/sheets/{sibling.pk}/").status_code == 404


def test_a_former_member_sees_nothing(client: Client, member: User, shared: Sheet) -> None:
    assert shared.project is not None
    shared.project.members.remove(member)
    assert answer(client, "get", f"/sheets/{shared.pk}/").status_code == 404
    assert "shared title" not in client.get("/gallery/").content.decode()


def test_an_order_is_still_its_owners(client: Client, shared: Sheet) -> None:
    for action in ("cancel", "retry", "dismiss", "resume"):
        assert answer(client, "post", f"/generations/{shared.generation_id}/{action}/").status_code == 404


def test_rows_by_whose_eyes(owner: User, member: User, shared: Sheet) -> None:
    stranger = User.objects.create(username="stranger")
    hidden = make_generation(owner)
    for model in (Sheet, Sticker, Generation):
        assert model.objects.visible_to(member.pk).count() == (3 if model is Sticker else 1)
        assert model.objects.visible_to(stranger.pk).count() == 0
    assert hidden not in Generation.objects.visible_to(member.pk)
    assert Generation.objects.visible_to(owner.pk).count() == 2


def test_a_deleted_project_leaves_its_sheets(client: Client, owner: User, shared: Sheet) -> None:
    assert shared.project is not None
    shared.project.delete()
    assert list(Sheet.objects.owned_by(owner.pk)) == [shared]
    assert answer(client, "get", f"/sheets/{shared.pk}/").status_code == 404

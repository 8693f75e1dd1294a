"""The pages of projects: making, sharing, leaving and deleting them, and putting sheets in and out."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from stickers.models import Project, Sheet
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(client: Client, settings: Settings) -> User:
    settings.STUDIO_ACCOUNTS = True
    ann = User.objects.create(username="ann")
    client.force_login(ann)
    return ann


@pytest.fixture
def bob(ann: User) -> User:
    return User.objects.create(username="bob")


@pytest.fixture
def project(ann: User) -> Project:
    return Project.objects.create(owner=ann, name="Animals")


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_it_works(client: Client, ann: User, bob: User) -> None:
    client.post("/projects/", {"name": "Animals"})
    project = Project.objects.get()
    assert project.owner == ann
    client.post(f"/projects/{project.pk}/members/", {"username": "bob"})
    sheet = make_sheet(ann, title="a fox")
    assert "Animals" in client.get(f"/sheets/{sheet.pk}/").content.decode()
    client.post(f"/sheets/{sheet.pk}/project/", {"project": str(project.pk)})
    theirs = as_(bob)
    assert "Animals" in theirs.get("/projects/").content.decode()
    assert "a fox" in theirs.get(f"/gallery/?project={project.pk}").content.decode()
    assert "A sheet of ann" in theirs.get(f"/sheets/{sheet.pk}/").content.decode()


def test_the_gallery_by_project(client: Client, ann: User, project: Project) -> None:
    make_sheet(ann, title="a fox", project=project)
    make_sheet(ann, title="a mug")
    page = client.get(f"/gallery/?project={project.pk}").content.decode()
    assert ("a fox" in page, "a mug" in page) == (True, False)
    stickers = client.get(f"/gallery/stickers/?project={project.pk}").content.decode()
    assert ("a fox" in stickers, "a mug" in stickers) == (True, False)
    nonsense = client.get("/gallery/?project=nonsense").content.decode()
    assert ("There is no such project." in nonsense, "a mug" in nonsense) == (True, False)


def test_without_a_name_nothing_is_made(client: Client, ann: User) -> None:
    refused = client.post("/projects/", {"name": " "})
    assert refused.status_code == 422
    assert "Give it a name." in refused.content.decode()
    assert not Project.objects.exists()


def test_nobody_of_that_name(client: Client, project: Project) -> None:
    refused = client.post(f"/projects/{project.pk}/members/", {"username": "nobody"})
    assert refused.status_code == 422
    assert "Nobody in this studio has that name." in refused.content.decode()


def test_a_member_leaves_with_what_they_put_in(client: Client, ann: User, bob: User, project: Project) -> None:
    project.members.add(bob)
    theirs = make_sheet(bob, project=project)
    mine = make_sheet(ann, project=project)
    left = as_(bob).post(f"/projects/{project.pk}/members/{bob.pk}/remove/", follow=True)
    assert "You have left" in left.content.decode()
    assert list(Sheet.objects.visible_to(bob.pk)) == [theirs]
    assert list(Sheet.objects.visible_to(ann.pk)) == [mine]


def test_the_owner_removes_a_member(client: Client, bob: User, project: Project) -> None:
    project.members.add(bob)
    client.post(f"/projects/{project.pk}/members/{bob.pk}/remove/")
    assert as_(bob).get(f"/projects/{project.pk}/").status_code == 404


def test_members_see_a_project_and_change_nothing_of_it(bob: User, project: Project) -> None:
    eve = User.objects.create(username="eve")
    project.members.add(bob, eve)
    theirs = as_(bob)
    assert theirs.get(f"/projects/{project.pk}/").status_code == 200
    for path, data in [
        ("rename", {"name": "x"}),
        ("members", {"username": "bob"}),
        ("delete", {}),
        (f"members/{eve.pk}/remove", {}),
    ]:
        assert theirs.post(f"/projects/{project.pk}/{path}/", data).status_code == 404, path
    project.refresh_from_db()
    assert (project.name, project.members.count()) == ("Animals", 2)


def test_a_sheet_is_moved_by_its_owner_into_a_project_of_theirs(client: Client, ann: User, bob: User) -> None:
    sheet = make_sheet(ann)
    foreign = Project.objects.create(owner=bob, name="Secret")
    assert client.post(f"/sheets/{sheet.pk}/project/", {"project": str(foreign.pk)}).status_code == 404
    assert (
        "no such project" in client.post(f"/sheets/{sheet.pk}/project/", {"project": "x"}, follow=True).content.decode()
    )
    foreign.members.add(ann)
    client.post(f"/sheets/{sheet.pk}/project/", {"project": str(foreign.pk)})
    assert as_(bob).post(f"/sheets/{sheet.pk}/project/", {"project": ""}).status_code == 404
    client.post(f"/sheets/{sheet.pk}/project/", {"project": ""})
    sheet.refresh_from_db()
    assert sheet.project is None


def test_renaming_and_deleting(client: Client, ann: User, project: Project) -> None:
    sheet = make_sheet(ann, project=project)
    client.post(f"/projects/{project.pk}/rename/", {"name": "Beasts"})
    project.refresh_from_db()
    assert project.name == "Beasts"
    assert "not changed" in client.post(f"/projects/{project.pk}/rename/", {"name": ""}, follow=True).content.decode()
    assert "stay with their owners" in client.post(f"/projects/{project.pk}/delete/", follow=True).content.decode()
    sheet.refresh_from_db()
    assert sheet.project is None

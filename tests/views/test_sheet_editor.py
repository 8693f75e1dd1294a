"""The page of the cut editor: its tools and addresses, who may open it, and the ways that lead there."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from stickers.models import Project
from stickers.views.sheet_editor import TOOLS
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db


def test_the_page_has_all_tools_and_addresses(client: Client, designer: User) -> None:
    sheet = make_sheet(designer)
    content = client.get(f"/sheets/{sheet.pk}/edit/").content.decode()
    assert re.findall(r'data-tool="(\w+)"', content) == [tool.name for tool in TOOLS]
    assert f'data-edits="/sheets/{sheet.pk}/edits/"' in content
    assert f'data-preview="/sheets/{sheet.pk}/edits/preview/"' in content
    assert re.findall(r'name="edits" value="(\w+)"', content) == ["keep", "add", "replace"]


def test_every_tool_has_a_key_of_its_own() -> None:
    assert len({tool.key for tool in TOOLS}) == len(TOOLS)


def test_the_sheets_page_and_each_doubt_lead_there(client: Client, designer: User) -> None:
    sheet = make_sheet(designer)
    doubtful = sheet.stickers.get(number=2)
    sheet.stickers.filter(pk=doubtful.pk).update(reason="may be two stickers")
    content = client.get(f"/sheets/{sheet.pk}/").content.decode()
    assert f'href="/sheets/{sheet.pk}/edit/"' in content
    assert re.findall(r'href="[^"]*sticker=(\d+)">Mend the cut', content) == [str(doubtful.pk)]


def test_a_sheet_in_the_trash_is_not_edited(client: Client, designer: User) -> None:
    sheet = make_sheet(designer)
    sheet.delete_softly()
    assert client.get(f"/sheets/{sheet.pk}/edit/").status_code == 404
    assert "/edit/" not in client.get(f"/sheets/{sheet.pk}/").content.decode()


def test_a_member_of_the_project_edits_but_does_not_cut_again(
    client: Client, settings: Settings, member: User, other_designer: User
) -> None:
    settings.STUDIO_ACCOUNTS = True
    sheet = make_sheet(other_designer)
    assert client.get(f"/sheets/{sheet.pk}/edit/").status_code == 404
    project = Project.objects.create(owner=other_designer, name="Cats")
    project.members.add(member)
    sheet.project = project
    sheet.save()
    content = client.get(f"/sheets/{sheet.pk}/edit/").content.decode()
    assert "edit-stage" in content
    assert 'id="recut"' not in content


def test_it_is_only_read(client: Client, designer: User) -> None:
    assert client.post(f"/sheets/{make_sheet(designer).pk}/edit/").status_code == 405

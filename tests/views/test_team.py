"""The team page: inviting, roles, deactivation, budgets and links to a new password, for admins only."""

from __future__ import annotations

import re
import time
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core import mail, signing
from django.test import Client
from pytest_django import Settings

from stickers.models import Budget, Invitation, Sheet
from stickers.upkeep import housekeeping
from tests.support.rows import make_sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client, settings: Settings) -> User:
    settings.STUDIO_ACCOUNTS = True
    admin = User.objects.create(username="boss", is_staff=True)
    client.force_login(admin)
    return admin


@pytest.fixture
def person(admin: User) -> User:
    return User.objects.create(username="ann", email="ann@studio.example")


def text(client: Client, url: str, **data: str) -> str:
    return client.post(url, data, follow=True).content.decode()


def link_on(page: str) -> str:
    found = re.search(r'id="team-link"', page) and re.search(r'value="(http://testserver[^"]+)"', page)
    assert found
    return found[1].removeprefix("http://testserver")


def test_it_works(client: Client, person: User) -> None:
    page = client.get("/team/").content.decode()
    for words in ("boss", "ann@studio.example", "Invite", "No mail server is set up"):
        assert words in page


def test_how_much_everybody_stores(client: Client, person: User, settings: Settings) -> None:
    settings.STORAGE_QUOTA_BYTES = 2**30
    Sheet.objects.filter(pk=make_sheet(person).pk).update(stored_bytes=3 * 2**20)
    page = client.get("/team/").content.decode()
    assert "3.0\xa0MB of 1.0\xa0GB stored" in page
    assert "0\xa0bytes of 1.0\xa0GB stored" in page
    client.force_login(person)
    assert "Your files take 3.0\xa0MB of 1.0\xa0GB" in client.get("/account/").content.decode()


def test_an_invitation_is_shown_once_and_kept_as_a_hash(client: Client, admin: User) -> None:
    page = text(client, "/team/invite/", email="new@studio.example")
    link = link_on(page)
    row = Invitation.objects.get()
    assert (row.email, row.is_admin, row.invited_by) == ("new@studio.example", False, admin)
    assert link.split("/")[2] not in str(vars(row))
    assert link not in client.get("/team/").content.decode()
    assert client.get(link).status_code == 200
    assert mail.outbox == []


def test_links_lead_where_the_studio_says_it_is(client: Client, admin: User, person: User, settings: Settings) -> None:
    settings.MAIL_IS_SET_UP, settings.STUDIO_URL = True, "https://studio.example"
    assert 'value="https://studio.example/welcome/' in text(client, "/team/invite/", email="new@studio.example")
    [sent] = mail.outbox
    assert "https://studio.example/welcome/" in sent.body
    assert "the Sticker Studio on studio.example" in sent.body
    assert 'value="https://studio.example/password/' in text(client, f"/team/{person.pk}/reset/")


def test_with_a_mail_server_the_link_is_mailed_too(client: Client, admin: User, settings: Settings) -> None:
    settings.MAIL_IS_SET_UP = True
    link = link_on(text(client, "/team/invite/", email="new@studio.example", is_admin="on"))
    [sent] = mail.outbox
    assert sent.to == ["new@studio.example"]
    assert f"http://testserver{link}" in sent.body
    assert Invitation.objects.get().is_admin


def test_a_mail_server_that_does_not_answer_loses_no_invitation(
    client: Client, admin: User, settings: Settings
) -> None:
    settings.MAIL_IS_SET_UP = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    page = text(client, "/team/invite/", email="new@studio.example")
    assert "could not be sent (ConnectionRefusedError). Copy the link instead." in page
    assert client.get(link_on(page)).status_code == 200


def test_no_address_is_refused_in_words(client: Client, admin: User) -> None:
    assert "That is no e-mail address" in text(client, "/team/invite/", email="nonsense")
    assert not Invitation.objects.exists()


def test_a_withdrawn_invitation_no_longer_works(client: Client, admin: User) -> None:
    link = link_on(text(client, "/team/invite/"))
    assert "withdrawn" in text(client, f"/team/invitations/{Invitation.objects.get().pk}/revoke/")
    assert client.get(link).status_code == 404


def test_roles(client: Client, person: User) -> None:
    assert "ann is an admin now" in text(client, f"/team/{person.pk}/role/", admin="1")
    person.refresh_from_db()
    assert person.is_staff
    text(client, f"/team/{person.pk}/role/", admin="0")
    person.refresh_from_db()
    assert not person.is_staff


@pytest.fixture(params=["superuser", "with a permission", "in a group"])
def above(request: pytest.FixtureRequest, person: User) -> User:
    """Somebody with more rights than a plain admin of the team."""
    permission = Permission.objects.get(codename="change_user")
    if request.param == "superuser":
        User.objects.filter(pk=person.pk).update(is_superuser=True)
    elif request.param == "with a permission":
        person.user_permissions.add(permission)
    else:
        group = Group.objects.create(name="keepers")
        group.permissions.add(permission)
        person.groups.add(group)
    User.objects.filter(pk=person.pk).update(is_staff=True)
    return User.objects.get(pk=person.pk)


def test_no_admin_climbs_by_managing_somebody_above(client: Client, above: User) -> None:
    before = User.objects.values().get(pk=above.pk)
    for path, data in (("role", {"admin": "0"}), ("active", {"active": "0"}), ("reset", {})):
        page = text(client, f"/team/{above.pk}/{path}/", **data)
        assert "ann has more rights than you: only a superuser may do that." in page
        assert 'id="team-link"' not in page
        assert f"/team/{above.pk}/{path}/" not in page, "no button for it either"
    assert User.objects.values().get(pk=above.pk) == before


def test_a_superuser_manages_everybody(client: Client, admin: User, above: User) -> None:
    User.objects.filter(pk=admin.pk).update(is_superuser=True)
    assert link_on(text(client, f"/team/{above.pk}/reset/"))
    text(client, f"/team/{above.pk}/role/", admin="0")
    above.refresh_from_db()
    assert (above.is_staff, above.is_superuser) == (False, False)


def test_a_link_to_a_new_password_ends_when_the_person_rises_above_its_maker(client: Client, person: User) -> None:
    link = link_on(text(client, f"/team/{person.pk}/reset/"))
    User.objects.filter(pk=person.pk).update(is_superuser=True)
    assert "This link does not work" in Client().get(link, follow=True).content.decode()


def test_an_admins_invitation_makes_an_admin_and_no_superuser(client: Client, admin: User) -> None:
    link = link_on(text(client, "/team/invite/", is_admin="on"))
    words = {"username": "new", "password1": "stickers are fun 7", "password2": "stickers are fun 7"}
    Client().post(link, words | {"is_superuser": "on", "is_staff": "on"})
    new = User.objects.get(username="new")
    assert (new.is_staff, new.is_superuser) == (True, False)


def test_a_deactivated_person_is_signed_out_and_kept_out(client: Client, person: User) -> None:
    theirs = Client()
    theirs.force_login(person)
    assert theirs.get("/gallery/").status_code == 200
    assert "can no longer sign in" in text(client, f"/team/{person.pk}/active/", active="0")
    assert theirs.get("/gallery/").status_code == 302
    text(client, f"/team/{person.pk}/active/", active="1")
    person.refresh_from_db()
    assert person.is_active


@pytest.mark.parametrize("path", ["role", "active"])
def test_nobody_takes_away_their_own_role(client: Client, admin: User, path: str) -> None:
    assert "You cannot take away your own role" in text(client, f"/team/{admin.pk}/{path}/", admin="0", active="0")
    admin.refresh_from_db()
    assert admin.is_staff
    assert admin.is_active


def test_a_link_to_a_new_password(client: Client, person: User) -> None:
    link = link_on(text(client, f"/team/{person.pk}/reset/"))
    theirs = Client()
    form = theirs.get(link, follow=True)
    assert "Choose a new password" in form.content.decode()
    url = form.redirect_chain[-1][0]
    words = {"new_password1": "a long new password", "new_password2": "a long new password"}
    assert "Your password is changed" in theirs.post(url, words, follow=True).content.decode()
    person.refresh_from_db()
    assert person.check_password("a long new password")
    assert "This link does not work" in Client().get(link, follow=True).content.decode()


def test_a_link_to_a_new_password_ends_within_an_hour(
    client: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = link_on(text(client, f"/team/{person.pk}/reset/"))
    later = time.time() + 3601
    monkeypatch.setattr(time, "time", lambda: later)
    assert "This link does not work" in Client().get(link, follow=True).content.decode()


@pytest.mark.parametrize("lost", ["is_active", "is_staff"])
def test_a_link_to_a_new_password_ends_with_its_makers_rights(
    client: Client, admin: User, person: User, lost: str
) -> None:
    link = link_on(text(client, f"/team/{person.pk}/reset/"))
    theirs = Client()
    url = theirs.get(link, follow=True).redirect_chain[-1][0]
    User.objects.filter(pk=admin.pk).update(**{lost: False})
    words = {"new_password1": "a long new password", "new_password2": "a long new password"}
    assert "This link does not work" in theirs.post(url, words, follow=True).content.decode()
    assert "This link does not work" in Client().get(link, follow=True).content.decode()
    person.refresh_from_db()
    assert not person.check_password("a long new password")


def test_what_an_admins_link_signs_is_no_link_by_itself(client: Client, person: User) -> None:
    link = link_on(text(client, f"/team/{person.pk}/reset/"))
    *start, token, _ = link.split("/")
    _, inner = signing.loads(token, salt="stickers.reset_links")
    page = Client().get("/".join([*start, inner, ""]), follow=True).content.decode()
    assert "This link does not work" in page


@pytest.mark.parametrize(("path", "field"), [("active", "active"), ("role", "admin")])
def test_invitations_end_with_their_makers_rights_for_good(
    client: Client, admin: User, person: User, path: str, field: str
) -> None:
    User.objects.filter(pk=person.pk).update(is_staff=True)
    _, theirs = Invitation.objects.invite(is_admin=True, invited_by_pk=person.pk)
    _, mine = Invitation.objects.invite(invited_by_pk=admin.pk)
    _, printed = Invitation.objects.invite()
    text(client, f"/team/{person.pk}/{path}/", **{field: "0"})
    text(client, f"/team/{person.pk}/{path}/", **{field: "1"})
    assert Client().get(f"/welcome/{theirs}/").status_code == 404
    for token in (mine, printed):
        assert Client().get(f"/welcome/{token}/").status_code == 200


@pytest.mark.parametrize("lost", ["is_active", "is_staff"])
def test_invitations_end_with_their_makers_rights_wherever_those_went(admin: User, lost: str) -> None:
    invitation, token = Invitation.objects.invite(is_admin=True, invited_by_pk=admin.pk)
    User.objects.filter(pk=admin.pk).update(**{lost: False})  # in Django's admin, or in a shell
    words = {"username": "eve", "password1": "stickers are fun 7", "password2": "stickers are fun 7"}
    assert Client().post(f"/welcome/{token}/", words).status_code == 404
    assert not invitation.use()
    housekeeping.clear()
    User.objects.filter(pk=admin.pk).update(**{lost: True})
    assert Client().get(f"/welcome/{token}/").status_code == 404


def test_invitations_go_with_their_maker(admin: User) -> None:
    _, token = Invitation.objects.invite(is_admin=True, invited_by_pk=admin.pk)
    admin.delete()
    assert Client().get(f"/welcome/{token}/").status_code == 404


def test_budgets(client: Client, person: User) -> None:
    assert "budget of ann is saved" in text(client, f"/team/{person.pk}/budget/", dollars="12.50", sheets="")
    text(client, "/team/budget/", dollars="", sheets="400")
    text(client, "/team/budget/", dollars="", sheets="500")
    assert Budget.objects.get(owner=person).dollars == Decimal("12.50")
    assert Budget.objects.get(owner=None).sheets == 500
    page = client.get("/team/").content.decode()
    assert 'value="12.50"' in page
    assert 'value="500"' in page


def test_nonsense_is_no_budget(client: Client, person: User) -> None:
    assert "The budget was not saved. Dollars a month:" in text(client, f"/team/{person.pk}/budget/", dollars="-1")
    assert not Budget.objects.exists()


def test_designers_find_no_such_page(client: Client, person: User) -> None:
    client.force_login(person)
    assert client.get("/team/").status_code == 404
    for path in ("invite", "budget", f"{person.pk}/role", f"{person.pk}/reset", f"{person.pk}/active"):
        assert client.post(f"/team/{path}/", {"admin": "1"}).status_code == 404
    person.refresh_from_db()
    assert not person.is_staff


def test_without_accounts_there_is_no_team(client: Client, designer: User) -> None:
    assert client.get("/team/").status_code == 404

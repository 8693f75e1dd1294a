"""What every page of a studio on the internet keeps: the deployment checks, its headers, and no script from a text."""

from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from stickers.models import Invitation, PrintProfile, Project, Sticker
from tests.running.test_deploy import variables
from tests.support.addresses import EVERY, WITH_ACCOUNTS, Found, SeenBy, Studio, entry, filled, furnish, path_of
from tests.support.models import recipe
from tests.support.print_rows import make_export, make_print_sheet
from tests.support.rows import make_generation, make_sheet

ROOT = Path(__file__).parents[2]
PRODUCTION = {
    "STUDIO_ACCOUNTS": "1",
    "HTTPS_ONLY": "1",
    "ALLOWED_HOSTS": "studio.example",
    "CSRF_TRUSTED_ORIGINS": "https://studio.example",
}
# Of the admin's hundred addresses, those of the studio's own rows, and its first page.
EXAMPLE = variables() | {"SECRET_KEY": "".join(map(chr, range(48, 112)))}  # whoever copies it fills that in
WALKED = [one for one in EVERY if not one.name.startswith("admin:") or "sheet" in one.name or one.name == "admin:index"]
ELSEWHERE = ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)")
EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7|add:7 }}</title></textarea>\u202e"


@pytest.mark.django_db
def test_private_pages_stay_in_no_cache(client: Client, settings: Settings) -> None:
    settings.STUDIO_ACCOUNTS = True
    ann = User.objects.create(username="ann")
    sheet = make_sheet(ann, stickers=1)
    assert "no-store" not in client.get("/password/").headers.get("Cache-Control", "")
    client.force_login(ann)
    for path in ("/", "/gallery/", f"/sheets/{sheet.pk}/", "/account/", "/sheets/987654/"):
        assert client.get(path).headers["Cache-Control"] == "no-store, private", path
    assert "no-store, private" in client.get("/gallery/", headers={"HX-Request": "true"}).headers["Cache-Control"]
    picture = client.get(f"/sheets/{sheet.pk}/thumb/256/")
    assert "no-store" not in picture.headers["Cache-Control"]
    for close in picture._resource_closers:
        close()


@pytest.mark.django_db
def test_without_accounts_pages_may_be_kept_for_the_way_back(client: Client, designer: User) -> None:
    assert "no-store" not in client.get("/gallery/").headers.get("Cache-Control", "")


@pytest.mark.parametrize("settings_of", [PRODUCTION, EXAMPLE], ids=["least", "example"])
def test_the_deployment_checks_have_nothing_to_say(tmp_path: Path, settings_of: dict[str, str]) -> None:
    """With the least that docs/operate.md asks for, and with the example for servers."""
    environment = {"PATH": os.environ["PATH"], "STUDIO_DATA": str(tmp_path), **settings_of}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.fixture
def studio(db: None, settings: Settings) -> Studio:
    settings.STUDIO_ACCOUNTS = True
    settings.ROOT_URLCONF = WITH_ACCOUNTS.__name__
    return furnish()


def check_headers(response: Any) -> None:
    policy = {
        name: values
        for name, *values in (directive.split() for directive in response["Content-Security-Policy"].split(";"))
    }
    assert policy["default-src"] == ["'none'"]
    if "sandbox" not in policy:
        check_policy_of_pages(policy)
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]


def check_policy_of_pages(policy: dict[str, list[str]]) -> None:
    assert policy["script-src"] == policy["style-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]


@pytest.mark.parametrize("found", WALKED, ids=lambda found: found.name)
def test_headers_of_every_address(found: Found, studio: Studio) -> None:
    client = Client()
    client.force_login(studio.admin if entry(found).seen_by is SeenBy.ADMIN else studio.owner)
    response = client.get(path_of(found, studio), filled(entry(found).get, studio))
    check_headers(response)
    for close in response._resource_closers:
        close()


@pytest.mark.django_db
def test_headers_of_errors(client: Client) -> None:
    check_headers(client.get("/nowhere/"))
    check_headers(client.get("/static/nowhere.js"))
    check_headers(Client(enforce_csrf_checks=True).post("/import/"))
    check_headers(client.get("/login/"))


class Page(HTMLParser):
    """Collects scripts without an address, and attributes that run."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.titles = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.titles += tag == "title"
        if tag == "script" and not (names.get("src") or "").startswith("/static/"):
            self.bad.append(f"<script {names}>")
        self.bad += [f"<{tag} {name}>" for name in names if name.startswith("on") or name == "style"]
        self.bad += [f"<{tag} {value}>" for value in names.values() if (value or "").lower().startswith("javascript:")]
        if tag == "img" and names.get("src") == "x":
            self.bad.append("<img src=x>")


def evil(what: str, most: int = 400) -> str:
    """A text that would run if it is not escaped, and that differs from the others on a page."""
    return f"{what}{EVIL}"[:most]


@pytest.fixture
def desk(db: None, client: Client, settings: Settings) -> dict[str, int]:
    """An admin in a studio where every text that people can write would run. Returns the rows' ids."""
    settings.STUDIO_ACCOUNTS = True
    settings.ROOT_URLCONF = WITH_ACCOUNTS.__name__
    admin = User.objects.create(username=evil("admin", 150), email=evil("mail", 200), is_staff=True)
    client.force_login(admin)
    sent = {"cost": "0.018", "sandbox": settings.SANDBOX_IN_USE, "submitted_at": timezone.now()}
    texts = {"prompt": evil("prompt"), "error": evil("error"), "recipe": recipe(negative_prompt=evil("negative"))}
    generation = make_generation(admin, state="failed", **texts, **sent)
    make_generation(admin, prompt=evil("order"), **sent)
    project = Project.objects.create(owner=admin, name=evil("project", 80))
    project.members.add(User.objects.create(username=evil("member", 150)))
    sheet = make_sheet(
        admin, generation=generation, title=evil("sheet", 120), error=evil("cut"), project=project, stickers=1
    )
    make_sheet(admin, is_imported=True, source_name=evil("source", 200), deleted_at=sheet.created_at)
    Sticker.objects.filter(sheet=sheet).update(title=evil("sticker", 120), reason=evil("reason", 200))
    profile = PrintProfile.objects.create(owner=admin, name=evil("profile", 40), data={})
    print_sheet = make_print_sheet(sheet, title=evil("print", 120), profile=profile.key)
    export = make_export(print_sheet)
    export.files.update(name=evil("file", 200))
    Invitation.objects.invite(email=evil("guest", 200), invited_by_pk=admin.pk)
    rows = {
        "admin": admin,
        "sheet": sheet,
        "generation": generation,
        "project": project,
        "profile": profile,
        "print": print_sheet,
    }
    return {name: row.pk for name, row in rows.items()}


# Each page, and some of the texts that it shows. A page that shows none would prove nothing.
PAGES = {
    "/": ("admin", "error", "order", "prompt"),
    "/queue/": ("error", "order", "prompt"),
    "/gallery/": ("project", "sheet"),
    "/gallery/stickers/": ("project", "sheet", "sticker"),
    "/trash/": ("source",),
    "/import/": ("admin",),
    "/sheets/{sheet}/": ("negative", "project", "prompt", "reason", "sheet", "sticker"),
    "/export/?sheets={sheet}": ("sheet", "sticker"),
    "/?from={generation}": ("negative", "prompt"),
    "/gallery/?q={evil}": ("project", "prompt", "sheet"),
    "/?prompt={evil}": ("prompt",),
    "/prints/": ("print",),
    "/prints/{print}/": ("file", "print", "profile", "sheet", "sticker"),
    "/prints/{print}/exports/": ("file",),
    "/prints/new/?sheets={sheet}": ("print", "sticker"),
    "/profiles/": ("profile",),
    "/profiles/own-{profile}/": ("profile",),
    "/profiles/{profile}/edit/": ("profile",),
    "/projects/": ("project",),
    "/projects/{project}/": ("member", "project"),
    "/ledger/": ("admin", "order"),
    "/ledger/?designer={admin}": ("admin", "order"),
    "/team/": ("guest", "mail", "member"),
    "/account/": ("mail",),
}


@pytest.mark.parametrize(("path", "texts"), PAGES.items())
def test_no_text_of_anybody_runs(client: Client, desk: dict[str, int], path: str, texts: tuple[str, ...]) -> None:
    response = client.get(path.format(**desk, evil="prompt%22%27%3E%3Cscript%3Ealert(1)%3C/script%3E"))
    assert response.status_code == 200
    content = response.content.decode()
    page = Page()
    page.feed(content)
    assert page.bad == []
    assert "<script>alert" not in content
    for text in texts:
        assert f"{text}&quot;&#x27;&gt;&lt;" in content


@pytest.mark.parametrize("target", ELSEWHERE)
def test_next_leads_nowhere_else(client: Client, desk: dict[str, int], target: str) -> None:
    response = client.post(f"/sheets/{desk['sheet']}/star/", {"on": "1", "next": target})
    assert response["Location"] == f"/sheets/{desk['sheet']}/"


def test_the_session_changes_when_somebody_signs_in(studio: Studio) -> None:
    studio.owner.set_password("a long enough word of passing")
    studio.owner.save()
    client = Client()
    client.force_login(studio.other)
    before = client.session.session_key
    sent = {"username": "owner", "password": "a long enough word of passing"}
    client.post("/logout/")
    assert client.post("/login/?next=https://evil.example/", sent)["Location"] == "/"
    assert client.session.session_key != before
    assert client.get("/logout/").status_code == 405

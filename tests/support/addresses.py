"""Every address of the studio and who may see what is there, for the tests that walk the URLconf.

An address that is not listed here fails `tests/house/test_ownership.py`. To add one, put its name into `ADDRESSES` with

- `seen_by`: who may see it (`SeenBy` says what each means),
- `values`: the names of its converters, each with what makes one of a row of the owner's, and
- `get`, `post`: what has to be sent for its right reader to be let in, where nothing is not enough.

An address of several kinds of rows is walked once for each: `star` of `sheets` is listed as `star_sheets`.

A row that an address names in its query or its form, not in its path, goes into `NAMED_OTHERWISE`.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import ModuleType
from typing import Any

from django.apps import apps
from django.contrib.admindocs.views import simplify_regex
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.test import override_settings
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

from stickers import urls
from stickers.models import ExportFile, Generation, Invitation, PrintProfile, PrintSheet, Project, Sheet, State, Sticker
from stickers.printing.profiles import PROFILES
from stickers.prints import editing, history
from stickers.prints.desk import Desk
from stickers.prints.plan import Copy, Plan
from stickers.prints.profiles import data_of
from tests.support.print_rows import make_export
from tests.support.rows import make_generation, make_sheet

SECRET = "my secret"
ORDER = {"size": "30", "unit": "mm", "dpi": "300", "bordered": "on", "border": "2"}
PRINT_SETTINGS = {
    "unit": "mm",
    "page": "A5",
    "profile": "home",
    "margin": "10",
    "gap": "3",
    "border": "2",
    "bleed": "0",
    "dpi": "300",
    "formats": "pdf",
}
KINDS = re.compile(r"<(?:shelved|trashable):(\w+)>")  # an address of several kinds of rows
HOW_TO_ADD = "Say in ADDRESSES of tests/support/addresses.py who may see it and what its values are made of."


class SeenBy(Enum):
    ANYONE = "anyone"
    SIGNED_IN = "every account, its own work only"
    OWNER = "the owner"
    ADMIN = "admins"


@dataclass(frozen=True)
class Studio:
    """A studio with accounts and one row of everything. All of it belongs to the owner and is secret."""

    owner: User
    other: User
    admin: User
    member: User  # of the sheet's project
    former: User  # was a member until a moment ago
    friend: User  # a member, too
    project: Project
    invitation: Invitation
    token: str  # the invitation's
    generation: Generation
    sheet: Sheet
    sticker: Sticker
    profile: PrintProfile
    print_sheet: PrintSheet
    print_file: ExportFile


def furnish() -> Studio:
    owner, other, member, former, friend = (
        User.objects.create(username=name) for name in ("owner", "other", "member", "former", "friend")
    )
    admin = User.objects.create(username="admin", is_staff=True, is_superuser=True)
    generation = make_generation(owner, prompt=f"{SECRET} prompt", state=State.FAILED)
    sheet = make_sheet(owner, stickers=1, generation=generation, title=f"{SECRET} title")
    profile = PrintProfile.objects.create(owner=owner, name=f"{SECRET} profile", data=data_of(PROFILES["home"]))
    sticker = sheet.stickers.get(number=1)
    copy = Copy(number=1, sticker_pk=sticker.pk, size_mm=30, page=1, x_mm=40, y_mm=40, fixups=("hole",))
    plan = Plan(page="80x80mm", copies=(copy,))
    print_sheet = history.begin(owner.pk, plan, title=f"{SECRET} print sheet")
    print_file = make_export(print_sheet).files.get()
    Desk.of(print_sheet).change("Locked", lambda desk: editing.locked(desk.plan, 1, is_locked=True))
    project = Project.objects.create(owner=owner, name=f"{SECRET} project")
    project.members.add(member, former, friend)
    Sheet.objects.filter(pk=sheet.pk).update(project=project)
    project.members.remove(former)
    invitation, token = Invitation.objects.invite(email="secret@studio.example", invited_by_pk=admin.pk)
    return Studio(
        *(owner, other, admin, member, former, friend, project, invitation, token),
        *(generation, sheet, sticker, profile, print_sheet, print_file),
    )


Maker = Callable[[Studio], object]


@dataclass(frozen=True, kw_only=True)
class Address:
    seen_by: SeenBy
    shared: bool = False  # also seen by a member of the project that the sheet is in
    values: Mapping[str, Maker] = field(default_factory=dict)
    get: Mapping[str, str] = field(default_factory=dict)
    post: Mapping[str, str] = field(default_factory=dict)
    version: int | None = None  # a POST is JSON that is made on this version
    also: tuple[str, ...] = ()  # further answers that only somebody gets who was let in


@dataclass(frozen=True)
class Found:
    """An address of the URLconf. Without a name of its own, its route is its name."""

    name: str
    route: str
    converters: tuple[str, ...]

    def path(self, values: Mapping[str, object]) -> str:
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values[match[1]]), self.route)


def _generation(studio: Studio) -> object:
    return studio.generation.pk


def _sheet(studio: Studio) -> object:
    return studio.sheet.pk


def _sticker(studio: Studio) -> object:
    return studio.sticker.pk


def _project(studio: Studio) -> object:
    return studio.project.pk


def _side(_: Studio) -> object:
    return 256


def _print_sheet(studio: Studio) -> object:
    return studio.print_sheet.pk


_ANYONE = Address(seen_by=SeenBy.ANYONE)
_SIGNED_IN = Address(seen_by=SeenBy.SIGNED_IN)
_SHELF = Address(seen_by=SeenBy.SIGNED_IN, shared=True)
_GENERATION = Address(seen_by=SeenBy.OWNER, values={"pk": _generation})
_SHEET = Address(seen_by=SeenBy.OWNER, values={"pk": _sheet})
_SHARED_SHEET = Address(seen_by=SeenBy.OWNER, shared=True, values={"pk": _sheet})
# There is nothing to undo, which only somebody is told who may.
_STEP = Address(seen_by=SeenBy.OWNER, shared=True, values={"pk": _sheet}, version=0, also=("409", "422"))
_STICKER = Address(seen_by=SeenBy.OWNER, values={"pk": _sticker})
_SHARED_STICKER = Address(seen_by=SeenBy.OWNER, shared=True, values={"pk": _sticker})
_PRINT_SHEET = Address(seen_by=SeenBy.OWNER, values={"pk": _print_sheet})
_PROFILE = Address(
    seen_by=SeenBy.OWNER, values={"pk": lambda studio: studio.profile.pk, "name": lambda studio: studio.profile.key}
)

_PROJECT = Address(seen_by=SeenBy.OWNER, values={"pk": _project})
_PERSON = Address(seen_by=SeenBy.ADMIN, values={"pk": lambda studio: studio.other.pk})

ADDRESSES: dict[str, Address] = {
    "studio": _SIGNED_IN,
    "estimate": _SIGNED_IN,
    "tokens": _SIGNED_IN,
    "model": _SIGNED_IN,
    "queue": _SIGNED_IN,
    "cancel": _GENERATION,
    "retry": _GENERATION,
    "resume": _GENERATION,
    "dismiss": _GENERATION,
    "gallery": _SHELF,
    "gallery_stickers": _SHELF,
    "selection": Address(  # what a member may change of it: tests/views/test_sharing.py
        seen_by=SeenBy.OWNER,
        shared=True,
        values={"action": lambda _: "delete"},
        post={"sheet": "{sheet}", "sticker": "{sticker}"},
    ),
    "sheet": _SHARED_SHEET,
    "sheet_file": _SHARED_SHEET,
    "sheet_thumb": Address(seen_by=SeenBy.OWNER, shared=True, values={"pk": _sheet, "side": _side}),
    "sheet_cut": _SHEET,
    "sheet_edit": _SHARED_SHEET,
    "sheet_edits": _SHARED_SHEET,
    "sheet_edits_undo": _STEP,
    "sheet_edits_redo": _STEP,
    "sheet_edits_preview": _SHARED_SHEET,
    "sticker_file": _SHARED_STICKER,
    "sticker_thumb": Address(seen_by=SeenBy.OWNER, shared=True, values={"pk": _sticker, "side": _side}),
    "star_sheets": _SHARED_SHEET,
    "star_stickers": _SHARED_STICKER,
    "star_prints": _PRINT_SHEET,
    "title_sheets": _SHARED_SHEET,
    "title_stickers": _SHARED_STICKER,
    "title_prints": _PRINT_SHEET,
    "delete_sheets": _SHEET,
    "delete_stickers": _STICKER,
    "delete_prints": _PRINT_SHEET,
    "delete_profiles": _PROFILE,
    "restore_sheets": _SHEET,
    "restore_stickers": _STICKER,
    "restore_prints": _PRINT_SHEET,
    "restore_profiles": _PROFILE,
    "import_sheet": _SIGNED_IN,
    "import_allowed": _SIGNED_IN,
    "export": Address(
        seen_by=SeenBy.OWNER, shared=True, get={"sheets": "{sheet}"}, post={"sheets": "{sheet}", **ORDER}
    ),
    "export_preview": Address(seen_by=SeenBy.OWNER, shared=True, values={"pk": _sticker}, get=ORDER),
    "upstream_again": Address(seen_by=SeenBy.ADMIN),
    "profiles": _SIGNED_IN,
    "profile": _PROFILE,
    "profile_copy": _PROFILE,
    "profile_calibration": _PROFILE,
    "profile_edit": _PROFILE,
    "prints": _SIGNED_IN,
    "print_new": Address(seen_by=SeenBy.OWNER, shared=True, get={"sheets": "{sheet}"}, post={"stickers": "{sticker}"}),
    "printsheet": _PRINT_SHEET,
    "printsheet_thumb": _PRINT_SHEET,
    "printsheet_duplicate": _PRINT_SHEET,
    "print_settings": Address(seen_by=SeenBy.OWNER, values={"pk": _print_sheet}, post=PRINT_SETTINGS),
    "print_stickers": Address(
        seen_by=SeenBy.OWNER, values={"pk": _print_sheet}, post={"size-1": "30", "copies-1": "1"}
    ),
    "print_fit": Address(seen_by=SeenBy.OWNER, values={"pk": _print_sheet}, post={"fit": "same-scale"}),
    "print_move": Address(
        seen_by=SeenBy.OWNER,
        values={"pk": _print_sheet},
        post={"number": "1", "x": "30", "y": "30", "rotation": "0", "page": "1"},
    ),
    "print_arrange": _PRINT_SHEET,
    "print_newest": _PRINT_SHEET,
    "print_unshared": _PRINT_SHEET,
    "print_step": _PRINT_SHEET,
    "print_fix": _PRINT_SHEET,
    "print_preflight": _PRINT_SHEET,
    "print_picture": Address(seen_by=SeenBy.OWNER, values={"pk": _print_sheet, "number": lambda _: 1}),
    "print_proof": Address(seen_by=SeenBy.OWNER, values={"pk": _print_sheet, "number": lambda _: 1}),
    "print_export": _PRINT_SHEET,
    "print_exports": _PRINT_SHEET,
    "print_file": Address(seen_by=SeenBy.OWNER, values={"pk": lambda studio: studio.print_file.pk}),
    "trash": _SIGNED_IN,
    "trash_empty": _SIGNED_IN,
    "projects": _SHELF,
    "project": Address(seen_by=SeenBy.OWNER, shared=True, values={"pk": _project}),
    "project_rename": _PROJECT,
    "project_add": Address(seen_by=SeenBy.OWNER, values={"pk": _project}, post={"username": "friend"}),
    "project_remove": Address(seen_by=SeenBy.OWNER, values={"pk": _project, "user": lambda studio: studio.friend.pk}),
    "project_delete": _PROJECT,
    "sheet_project": _SHEET,
    "own_key": _SIGNED_IN,
    "own_key_remove": _SIGNED_IN,
    "ledger": _SIGNED_IN,
    "ledger_csv": _SIGNED_IN,
    "team": Address(seen_by=SeenBy.ADMIN),
    "team_invite": Address(seen_by=SeenBy.ADMIN),
    "team_revoke": Address(seen_by=SeenBy.ADMIN, values={"pk": lambda studio: studio.invitation.pk}),
    "team_studio_budget": Address(seen_by=SeenBy.ADMIN),
    "team_budget": _PERSON,
    "team_role": _PERSON,
    "team_active": _PERSON,
    "team_reset": _PERSON,
    "welcome": Address(seen_by=SeenBy.ANYONE, values={"token": lambda studio: studio.token}),
    "account": _SIGNED_IN,
    "password_changed": _SIGNED_IN,
    "password_reset": _ANYONE,
    "password_reset_done": _ANYONE,
    "password_reset_confirm": Address(
        seen_by=SeenBy.ANYONE, values={"uidb64": lambda _: "MQ", "token": lambda _: "no-token"}
    ),
    "password_reset_complete": _ANYONE,
    "healthz": _ANYONE,
    "readyz": _ANYONE,
    "metrics": _ANYONE,  # from this machine, like the tests; its own test checks the token
    "login": _ANYONE,
    "logout": _SIGNED_IN,
    "admin:login": _ANYONE,
    "admin:logout": _SIGNED_IN,
}
# Rows that an address names in its query or a form in its fields: name of the address, what is sent, and how
NAMED_OTHERWISE: list[tuple[str, str, dict[str, str]]] = [
    ("studio", "get", {"from": "{generation}"}),
    ("studio", "get", {"from": "{generation}", "remix": "1"}),
    ("export", "get", {"sheets": "{sheet}"}),
    ("export", "get", {"stickers": "{sticker}"}),
    ("export", "post", {"sheets": "{sheet}", **ORDER}),
    ("export", "post", {"sticker": "{sticker}", **ORDER}),
    ("selection", "post", {"sheet": "{sheet}"}),
    ("selection", "post", {"stickers": "{sticker}"}),
    ("print_new", "get", {"sheets": "{sheet}"}),
    ("print_new", "post", {"stickers": "{sticker}"}),
    ("print_new", "post", {"stickers": "{sticker}", "into": "{print_sheet}"}),
]


def entry(found: Found) -> Address:
    """The registry's entry for `found`. AssertionError, in words that tell what to do, if there is none."""
    listed = ADDRESSES.get(found.name)
    if listed is None and found.name.startswith("admin:"):
        makers: dict[str, Maker] = {
            "object_id": lambda _: _any_row_of(found.name),
            "id": lambda _: _any_row_of(found.name),
            "content_type_id": lambda _: ContentType.objects.get_for_model(Sheet).pk,
            "app_label": lambda _: "stickers",
            "url": lambda _: "nowhere/",
        }
        listed = Address(seen_by=SeenBy.ADMIN, values={name: makers[name] for name in found.converters})
    assert listed is not None, f"Nobody says who may see /{found.route} ({found.name!r}). {HOW_TO_ADD}"
    missing = set(found.converters) - set(listed.values)
    assert not missing, f"Nobody says what {sorted(missing)} in /{found.route} ({found.name!r}) may be. {HOW_TO_ADD}"
    return listed


def _any_row_of(name: str) -> object:
    """The id of a row of the model of an admin page. If there is no row, an id that does not exist."""
    start = name.removeprefix("admin:")
    model = next(
        (one for one in apps.get_models() if start.startswith(f"{one._meta.label_lower.replace('.', '_')}_")), None
    )
    row = model._default_manager.order_by("pk").last() if model else None
    return row.pk if row else 987654


def path_of(found: Found, studio: Studio) -> str:
    return found.path({name: make(studio) for name, make in entry(found).values.items()})


def filled(data: Mapping[str, str], studio: Studio) -> dict[str, str]:
    """`data` with the ids of the studio's rows in place of words such as "{sheet}"."""
    ids = {name: getattr(row, "pk", row) for name, row in vars(studio).items()}
    return {name: text.format(**ids) for name, text in data.items()}


def _walk(patterns: list[Any], route: str = "", namespace: str = "") -> Iterator[Found]:
    for pattern in patterns:
        part = str(pattern.pattern)
        own = part if isinstance(pattern.pattern, RoutePattern) else simplify_regex(part).lstrip("/")
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, route + own, inner)
        elif isinstance(pattern, URLPattern):
            whole = route + own
            name = f"{namespace}{pattern.name or whole}"
            kinds = KINDS.search(whole)
            for kind in _regex_of(pattern, kinds[1]).split("|") if kinds else [""]:
                one = KINDS.sub(kind, whole)
                named = f"{name}_{kind}" if kind else name
                yield Found(named, one, tuple(re.findall(r"<(?:\w+:)?(\w+)>", one)))


def _regex_of(pattern: URLPattern, name: str) -> str:
    """The words for the kinds of rows in this address, between bars."""
    return str(pattern.pattern.converters[name].regex)


def _urlconf_with_accounts() -> ModuleType:
    """The URLconf of a studio with accounts, beside the one of the tests' own settings."""
    assert urls.__file__ is not None
    spec = importlib.util.spec_from_file_location("stickers_urls_with_accounts", urls.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with override_settings(STUDIO_ACCOUNTS=True):
        spec.loader.exec_module(module)
    sys.modules[spec.name] = module
    return module


WITH_ACCOUNTS = _urlconf_with_accounts()
EVERY: list[Found] = list(_walk(WITH_ACCOUNTS.urlpatterns))

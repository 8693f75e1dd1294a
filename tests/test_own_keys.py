"""Keys of designers' own: encrypted at rest, shown by four characters, and used for their orders alone."""

from __future__ import annotations

import io

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from stickers import keys, pipeline
from stickers.models import OwnKey, State
from stickers.sandbox.recording import fingerprint
from stickers.sandbox.server import Sandbox
from stickers.sealing import seal, unseal
from tests.jobs import order
from tests.rows import make_generation

KEY = "SG_my_very_own_key"


@pytest.fixture
def ann(client: Client, db: None, settings: Settings) -> User:
    settings.STUDIO_ACCOUNTS = settings.STUDIO_OWN_KEYS = True
    settings.SANDBOX_IN_USE = False
    settings.SEGMIND_API_KEY = "SG_of_the_studio"
    ann = User.objects.create(username="ann")
    client.force_login(ann)
    return ann


def test_it_works(client: Client, ann: User) -> None:
    page = client.post("/account/key/", {"key": KEY}, follow=True).content.decode()
    assert "_key</span>" in page
    assert KEY not in page
    own = OwnKey.objects.get(owner=ann)
    assert KEY not in own.sealed
    assert keys.key_of(ann.pk) == KEY
    assert keys.key_of(ann.pk + 1) == "SG_of_the_studio"
    assert keys.in_use() == ["SG_of_the_studio", KEY]


@pytest.mark.django_db(transaction=True)
def test_each_order_goes_out_with_its_owners_key(
    ann: User, other_designer: User, studio_settings: Settings, sandbox: Sandbox
) -> None:
    studio_settings.SEGMIND_API_KEY = "SG_of_the_studio"
    OwnKey.objects.create(owner=ann, sealed=seal(KEY), last_four=KEY[-4:])
    order(ann, "cats")
    order(other_designer, "dogs")
    pipeline.reconcile()
    shown = {post.json["prompt"]: post.key for post in sandbox.posts()}
    assert shown == {
        "StickerSheet, cats": fingerprint(KEY),
        "StickerSheet, dogs": fingerprint("SG_of_the_studio"),
    }


def test_the_stand_in_is_never_shown_a_real_key(ann: User, settings: Settings) -> None:
    OwnKey.objects.create(owner=ann, sealed=seal(KEY), last_four=KEY[-4:])
    settings.SANDBOX_IN_USE = True
    assert keys.key_of(ann.pk) == "SG_of_the_studio"
    assert keys.in_use() == ["SG_of_the_studio"]


def test_a_key_that_cannot_be_read_is_none_and_not_the_studios(ann: User, settings: Settings) -> None:
    settings.FIELD_KEYS = ["first"]
    OwnKey.objects.create(owner=ann, sealed=seal(KEY), last_four=KEY[-4:])
    settings.FIELD_KEYS = ["second"]
    assert keys.key_of(ann.pk) == ""


def test_keys_are_rotated(ann: User, settings: Settings) -> None:
    own = OwnKey.objects.create(owner=ann, sealed=seal(KEY), last_four=KEY[-4:])
    settings.FIELD_KEYS = ["new", "old"]
    assert unseal(own.sealed) == KEY  # what SECRET_KEY has sealed stays readable
    out = io.StringIO()
    call_command("reseal", stdout=out)
    assert out.getvalue() == "1 encrypted anew.\n"
    settings.SECRET_KEY = "another secret key, and long enough to be one"
    settings.FIELD_KEYS = ["new"]
    own.refresh_from_db()
    assert unseal(own.sealed) == KEY
    settings.FIELD_KEYS = ["newest"]
    with pytest.raises(CommandError, match="those of ann"):
        call_command("reseal", stdout=out)


@pytest.mark.parametrize("key", ["", "short", "with spaces in it", "x" * 201, "SG_schlüssel"])
def test_nonsense_is_no_key(client: Client, ann: User, key: str) -> None:
    assert "The key was not saved." in client.post("/account/key/", {"key": key}, follow=True).content.decode()
    assert not OwnKey.objects.exists()


def test_removing_it_waits_for_the_orders_sent_with_it(client: Client, ann: User) -> None:
    client.post("/account/key/", {"key": KEY})
    sent = make_generation(ann, state=State.WAITING, submitted_at="2026-01-01T00:00Z")
    assert "are under way (1)" in client.post("/account/key/remove/", follow=True).content.decode()
    assert OwnKey.objects.exists()
    sent.move(frm=[State.WAITING], to=State.FAILED)
    assert "Your key is removed" in client.post("/account/key/remove/", follow=True).content.decode()
    assert not OwnKey.objects.exists()


def test_where_keys_of_ones_own_are_not_wanted(client: Client, ann: User, settings: Settings) -> None:
    settings.STUDIO_OWN_KEYS = False
    assert client.post("/account/key/", {"key": KEY}).status_code == 404
    assert client.post("/account/key/remove/").status_code == 404
    assert "Segmind key" not in client.get("/account/").content.decode()

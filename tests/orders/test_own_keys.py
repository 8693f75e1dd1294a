"""Designers' own keys: encrypted at rest, shown by four characters, and used for their owners' orders only."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from stickers import pipeline
from stickers.models import Budget, Generation, OrderRefused, OwnKey, State, Trouble, Upstream
from stickers.orders import api_keys
from stickers.orders.encryption import unseal
from stickers.pipeline import holds, submitting
from stickers.sandbox.recording import fingerprint
from stickers.sandbox.server import Sandbox
from stickers.upkeep.housekeeping import clear
from tests.support.jobs import finish, let_time_pass, order, talk
from tests.support.rows import make_generation

KEY = "SG_my_very_own_key"
STUDIOS = "SG_of_the_studio"


def own_key(owner: User, key: str = KEY) -> OwnKey:
    api_keys.save_own(owner.pk, key)
    return OwnKey.objects.present().get(owner=owner)


@pytest.fixture
def ann(client: Client, db: None, settings: Settings) -> User:
    settings.STUDIO_ACCOUNTS = settings.STUDIO_OWN_KEYS = True
    settings.SANDBOX_IN_USE = False
    settings.SEGMIND_API_KEY = STUDIOS
    ann = User.objects.create(username="ann")
    client.force_login(ann)
    return ann


def test_it_works(client: Client, ann: User) -> None:
    page = client.post("/account/key/", {"key": KEY}, follow=True).content.decode()
    assert "_key</span>" in page
    assert KEY not in page
    own = OwnKey.objects.get(owner=ann)
    assert KEY not in own.sealed
    assert api_keys.key_of(ann.pk) == KEY
    assert api_keys.key_of(ann.pk + 1) == STUDIOS
    assert api_keys.in_use() == [STUDIOS, KEY]


@pytest.mark.django_db(transaction=True)
def test_each_order_goes_out_with_its_owners_key(
    ann: User, other_designer: User, studio_settings: Settings, sandbox: Sandbox
) -> None:
    studio_settings.SEGMIND_API_KEY = STUDIOS
    own_key(ann)
    order(ann, "cats")
    order(other_designer, "dogs")
    pipeline.reconcile()
    shown = {post.json["prompt"]: post.key for post in sandbox.posts()}
    assert shown == {
        "StickerSheet, cats": fingerprint(KEY),
        "StickerSheet, dogs": fingerprint(STUDIOS),
    }


def test_the_stand_in_is_never_shown_a_real_key(ann: User, settings: Settings) -> None:
    own_key(ann)
    settings.SANDBOX_IN_USE = True
    assert api_keys.key_of(ann.pk) == STUDIOS
    assert api_keys.in_use() == [STUDIOS]


def test_a_key_that_cannot_be_read_is_none_and_not_the_studios(ann: User, settings: Settings) -> None:
    settings.FIELD_KEYS = ["first"]
    own_key(ann)
    settings.FIELD_KEYS = ["second"]
    assert api_keys.key_of(ann.pk) == ""


def test_keys_are_rotated(ann: User, settings: Settings) -> None:
    own = own_key(ann)
    settings.FIELD_KEYS = ["new", "old"]
    assert unseal(own.sealed) == KEY  # what SECRET_KEY has encrypted stays readable
    out = io.StringIO()
    call_command("reseal", stdout=out)
    assert out.getvalue() == "1 encrypted again.\n"
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


def test_removing_it(client: Client, ann: User) -> None:
    own_key(ann)
    assert "Your key is removed" in client.post("/account/key/remove/", follow=True).content.decode()
    assert api_keys.key_of(ann.pk) == STUDIOS
    assert "your key that ends in" not in client.get("/account/").content.decode()
    assert "Your key is removed" not in client.post("/account/key/remove/", follow=True).content.decode()


# --- orders on their way --------------------------------------------------------------------------------------------


@pytest.fixture
def at_segmind(ann: User, studio_settings: Settings, sandbox: Sandbox) -> Sandbox:
    studio_settings.SEGMIND_API_KEY = STUDIOS
    studio_settings.SANDBOX_IN_USE = False
    return sandbox


def sent(owner: User) -> Generation:
    generation = order(owner, "cats")
    pipeline.reconcile()
    generation.refresh_from_db()
    assert generation.state == State.WAITING
    return generation


def keys_shown(sandbox: Sandbox, generation: Generation) -> set[str | None]:
    """The keys of every poll of this job. Its pictures are fetched without a key."""
    shown = {call.key for call in sandbox.calls if call.path.startswith(f"/v2/requests/{generation.request_id}")}
    assert shown
    return shown


@pytest.mark.django_db(transaction=True)
def test_a_poll_carries_the_studios_key_that_the_order_was_sent_with(ann: User, at_segmind: Sandbox) -> None:
    waiting = sent(ann)
    own_key(ann)
    finish(waiting)
    assert waiting.state == State.DONE
    assert keys_shown(at_segmind, waiting) == {fingerprint(STUDIOS)}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("then", ["another", "removed", "switched off"])
def test_a_poll_carries_the_own_key_that_the_order_was_sent_with(
    client: Client, ann: User, at_segmind: Sandbox, studio_settings: Settings, then: str
) -> None:
    own_key(ann)
    waiting = sent(ann)
    if then == "another":
        own_key(ann, "SG_of_another_account")
    elif then == "removed":
        client.post("/account/key/remove/")
    else:
        studio_settings.STUDIO_OWN_KEYS = False
    finish(waiting)
    assert waiting.state == State.DONE
    assert keys_shown(at_segmind, waiting) == {fingerprint(KEY)}
    next_key = "SG_of_another_account" if then == "another" else STUDIOS
    sent(ann)
    assert at_segmind.posts()[-1].key == fingerprint(next_key)


@pytest.mark.django_db(transaction=True)
def test_a_rotated_key_of_the_studio_polls_what_the_old_one_sent(
    ann: User, at_segmind: Sandbox, studio_settings: Settings
) -> None:
    waiting = sent(ann)
    studio_settings.SEGMIND_API_KEY = "SG_rotated"
    own_key(ann)
    finish(waiting)
    assert waiting.state == State.DONE
    assert keys_shown(at_segmind, waiting) == {fingerprint("SG_rotated")}


def test_an_order_of_before_that_was_written_down_goes_by_its_owner(ann: User) -> None:
    old = make_generation(ann, state=State.WAITING)
    assert api_keys.key_for(old) == STUDIOS
    own_key(ann)
    assert (api_keys.key_for(old), api_keys.name_for(old)) == (KEY, api_keys.fingerprint(KEY))


def test_without_the_key_it_was_sent_with_no_other_is_shown(ann: User, settings: Settings) -> None:
    own_key(ann)
    waiting = make_generation(ann, state=State.WAITING, key=api_keys.fingerprint(KEY), own_key=True)
    settings.SECRET_KEY = "another secret key, and long enough to be one"
    assert api_keys.key_for(waiting) == ""
    OwnKey.objects.all().delete()
    assert api_keys.key_for(waiting) == ""


@pytest.mark.django_db(transaction=True)
def test_a_refused_key_rests_the_polls_that_carry_it_and_no_others(ann: User, at_segmind: Sandbox) -> None:
    with_the_studios = sent(ann)
    own_key(ann)
    with_their_own = sent(ann)
    own_key(ann, "SG_of_another_account")
    Upstream.objects.stop(api_keys.fingerprint(KEY), Trouble.KEY, "Invalid API key")
    Upstream.objects.update(probe_at=timezone.now() + timedelta(seconds=50))
    finish(with_the_studios)
    let_time_pass(timedelta(0))
    pipeline.reconcile()
    assert keys_shown(at_segmind, with_the_studios) == {fingerprint(STUDIOS)}
    assert not [call for call in at_segmind.calls if with_their_own.request_id in call.path]
    Upstream.objects.update(probe_at=timezone.now())
    finish(with_their_own)  # the probe goes out with the replaced key, too
    assert with_their_own.state == State.DONE


@pytest.mark.parametrize("state", [State.WAITING, State.READY, State.EXPIRED, State.UNSAVED, State.CANCELLED])
def test_a_replaced_key_is_kept_while_a_job_can_be_polled(ann: User, state: State) -> None:
    own_key(ann)
    job = make_generation(ann, state=state, key=api_keys.fingerprint(KEY), own_key=True)
    api_keys.remove_own(ann.pk)
    assert api_keys.forget_replaced() == 0
    OwnKey.objects.update(replaced_at=timezone.now() - timedelta(hours=2))
    assert api_keys.forget_replaced() == 0
    Generation.objects.filter(pk=job.pk).update(state=State.CANCELLED, dismissed_at=timezone.now())
    clear(dry_run=True)
    assert OwnKey.objects.exists()
    clear()
    assert not OwnKey.objects.exists()


def test_a_key_that_was_replaced_just_now_may_be_of_an_order_being_sent(ann: User) -> None:
    own_key(ann)
    own_key(ann, "SG_another")
    own_key(ann)  # back to the first key
    assert api_keys.forget_replaced() == 0
    OwnKey.objects.filter(replaced_at__isnull=False).update(replaced_at=timezone.now() - timedelta(hours=2))
    assert api_keys.forget_replaced() == 1
    assert api_keys.key_of(ann.pk) == KEY


# --- the studio's budget and key ------------------------------------------------------------------------------------


def test_what_an_own_key_pays_for_counts_against_its_owners_budget_alone(ann: User, other_designer: User) -> None:
    own_key(ann)
    Budget.objects.create(dollars=Decimal("0.05"))
    Budget.objects.create(owner=ann, dollars=Decimal("0.50"))
    now = timezone.now()
    paid = {"state": State.DONE, "submitted_at": now, "finished_at": now, "cost": Decimal("0.02")}
    for _ in range(5):
        make_generation(ann, key=api_keys.fingerprint(KEY), own_key=True, **paid)
    order_for(ann)  # it is queued, and does not count for the studio either
    order_for(other_designer)
    order_for(other_designer)
    with pytest.raises(OrderRefused, match=r"The studio's budget of \$0.05"):
        order_for(other_designer)
    api_keys.remove_own(ann.pk)
    with pytest.raises(OrderRefused, match=r"The studio's budget of \$0.05"):
        order_for(ann)
    own_key(ann)
    Budget.objects.filter(owner=ann).update(dollars=Decimal("0.12"))
    with pytest.raises(OrderRefused, match=r"Your budget of \$0.12"):
        order_for(ann)


def order_for(owner: User) -> None:
    Generation.objects.order(owner_pk=owner.pk, click=None, prompt="cats", seed=1)


@pytest.mark.django_db(transaction=True)
def test_a_claim_holds_the_studios_budget_to_the_studios_orders(
    ann: User, other_designer: User, at_segmind: Sandbox
) -> None:
    own_key(ann)
    Budget.objects.create(sheets=0)
    mine, theirs = order(ann), order(other_designer)
    pipeline.reconcile()
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.state, mine.own_key, mine.key) == (State.WAITING, True, api_keys.fingerprint(KEY))
    assert (theirs.state, theirs.own_key) == (State.FAILED, False)


def test_an_admin_with_an_own_key_lets_the_studio_try_again(client: Client, ann: User) -> None:
    own_key(ann)
    Upstream.objects.stop(api_keys.fingerprint(STUDIOS), Trouble.MONEY, "No credits")
    Upstream.objects.stop(api_keys.fingerprint("SG_of_somebody_else"), Trouble.MONEY, "No credits")
    Upstream.objects.update(probe_at=timezone.now() + timedelta(hours=1))
    assert "/upstream/again/" not in client.get("/queue/").content.decode()
    User.objects.filter(pk=ann.pk).update(is_staff=True)
    page = client.get("/").content.decode()
    assert "Nothing is ordered with the studio's key just now." in page
    assert page.count("/upstream/again/") == 2  # the form's action, with and without scripts
    assert client.post("/upstream/again/").status_code == 302
    assert asked_now() == {api_keys.fingerprint(STUDIOS)}
    Upstream.objects.stop(api_keys.fingerprint(KEY), Trouble.KEY, "Invalid API key")
    Upstream.objects.update(probe_at=timezone.now() + timedelta(hours=1))
    client.post("/upstream/again/")
    assert asked_now() == {api_keys.fingerprint(STUDIOS), api_keys.fingerprint(KEY)}


def asked_now() -> set[str]:
    return set(Upstream.objects.filter(probe_at__lte=timezone.now()).values_list("key", flat=True))


def test_where_keys_of_ones_own_are_not_wanted(client: Client, ann: User, settings: Settings) -> None:
    settings.STUDIO_OWN_KEYS = False
    assert client.post("/account/key/", {"key": KEY}).status_code == 404
    assert client.post("/account/key/remove/").status_code == 404
    assert "Segmind key" not in client.get("/account/").content.decode()


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (Trouble.KEY, ["Segmind does not accept your key: Bad key.", "or you save another one in"]),
        (Trouble.MONEY, ["Segmind does not let your account order: Bad key.", "account at Segmind has more credits."]),
    ],
)
def test_a_stopped_key_of_ones_own_is_called_so_and_can_be_tried_again(
    client: Client, ann: User, hints: list[str], trouble: Trouble, told: list[str]
) -> None:
    own = own_key(ann)
    order(ann)
    Upstream.objects.stop(own.fingerprint, trouble, "Bad key")
    Upstream.objects.stop(api_keys.fingerprint(STUDIOS), trouble, "Bad key")
    Upstream.objects.update(probe_at=None)
    page = client.get("/").content.decode()
    assert all(words in page for words in told)
    assert told[0] in client.get("/account/").content.decode()
    assert "the studio" not in page.partition('id="queue"')[2].partition("</section>")[0].lower()
    assert 'id="upstream-again"' in page
    assert client.post("/upstream/again/").status_code == 302
    assert Upstream.objects.get(key=own.fingerprint).probe_at is not None
    assert Upstream.objects.get(key=api_keys.fingerprint(STUDIOS)).probe_at is None, (
        "the studio's is no designer's to try"
    )


def test_the_log_says_whose_key_is_stopped(ann: User, caplog: pytest.LogCaptureFixture) -> None:
    Upstream.objects.stop(own_key(ann).fingerprint, Trouble.KEY, "Bad key")
    assert "Segmind does not accept a designer's own key: Bad key." in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_trial_resumes_the_key_it_was_sent_with(ann: User, studio_settings: Settings, sandbox: Sandbox) -> None:
    """The trial does not resume the key that its owner has saved while it was being sent."""
    studio_settings.SEGMIND_API_KEY = STUDIOS
    first = own_key(ann).fingerprint
    Upstream.objects.stop(first, Trouble.MONEY, "No credits")
    Upstream.objects.ask_now(first)
    Upstream.objects.filter(key=first).update(probe_at=None)
    order(ann)
    [trial] = submitting.exchanges(holds.allowed_now())
    second = own_key(ann, "SG_another_key").fingerprint
    Upstream.objects.stop(second, Trouble.MONEY, "No credits")
    talk([trial])
    assert list(Upstream.objects.stopped().values_list("key", flat=True)) == [second]

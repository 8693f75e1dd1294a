"""A second model by one file and no code, from form and script to a sheet; and a model that is retired."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from stickers import pipeline
from stickers.models import Budget, Generation, OrderRefused, State
from stickers.models.generation import columns
from stickers.orders import cards
from stickers.orders.estimate import estimate
from stickers.pipeline import timing
from stickers.recipes.reading import read_models
from stickers.recipes.specs import ModelSpec
from stickers.sandbox.server import Sandbox
from stickers.settings import MODELS
from tests.conftest import wait_until
from tests.support.jobs import finish
from tests.support.models import SECOND, SECOND_SLUG, SPEC
from tests.support.stand_in import draw_discs


@pytest.fixture(autouse=True)
def models(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "second.toml").write_text(SECOND)
    settings.MODELS = read_models(tmp_path)
    assert SECOND_SLUG not in MODELS


@pytest.fixture
def sandbox(settings: Settings, models: None) -> Iterator[Sandbox]:
    with Sandbox(queue_seconds=0, run_seconds=0.05, jitter=0, draw=draw_discs, models=settings.MODELS) as running:
        yield running


def over(generation: Generation) -> Generation:
    wait_until(lambda: not Generation.objects.get(pk=generation.pk).is_active, seconds=60)
    generation.refresh_from_db()
    return generation


def test_from_the_form_to_a_sheet(client: Client, worker: None, sandbox: Sandbox) -> None:
    page = client.get(f"/?model={SECOND_SLUG}").content.decode()
    for name in ("text", "num_images", "cfg", "random_seed", "mood", "model_style", "glossy"):
        assert f'name="{name}"' in page
    assert "FORGED" in page
    assert "guidance_scale" not in page
    form = {"model": SECOND_SLUG, "text": "two cats", "num_images": "2", "random_seed": "77", "mood": "wild"}
    form |= {"cfg": "4.5", "glossy": "off", "model_style": "thin lines", "preset": "ink"}
    assert client.post("/", form).headers["Location"] == "/"
    generation = over(Generation.objects.get())
    assert (generation.state, generation.error) == (State.DONE, "")
    assert generation.sheets.count() == 2
    [post] = sandbox.posts()
    assert post.path == f"/v2/{SECOND_SLUG}"
    assert post.json == {
        "text": "FORGED, two cats, black ink on white",
        "num_images": 2,
        "cfg": 4.5,
        "random_seed": 77,
        "mood": "wild",
        "style": "thin lines",
        "glossy": False,
    }
    sheet = client.get(f"/sheets/{generation.sheets.first().pk}/").content.decode()  # type: ignore[union-attr]
    assert SECOND_SLUG in sheet
    assert "Strictness" in sheet
    again = client.get(f"/?from={generation.pk}").content.decode()
    assert f'<option value="{SECOND_SLUG}" selected' in again
    assert ">two cats</textarea>" in again
    assert 'value="77"' in again


def test_from_a_script_to_a_sheet(worker: None, sandbox: Sandbox) -> None:
    out = io.StringIO()
    arguments = ("--model", SECOND_SLUG, "--text", "a fox", "--glossy", "no", "--model-style", "thick", "--cfg", "2")
    call_command("generate", *arguments, "--wait", stdout=out, stderr=io.StringIO())
    said = json.loads(out.getvalue())
    assert (said["state"], len(said["sheets"])) == ("done", 1)
    [post] = sandbox.posts()
    assert post.path == f"/v2/{SECOND_SLUG}"
    sent = {"text": "FORGED, a fox", "num_images": 1, "cfg": 2.0, "random_seed": said["seed"], "mood": "calm"}
    assert post.json == sent | {"style": "thick", "glossy": False}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--text", "a fox", "--cfg", "11"), "--cfg: Strictness must be at most 10."),
        (("--text", "a fox", "--lora-scale", "1"), f"--lora-scale: the model {SECOND_SLUG} has no such parameter."),
        (("--cfg", "3"), "--text: Words is required."),
    ],
)
def test_a_script_is_held_to_the_model_that_it_names(arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("generate", "--model", SECOND_SLUG, *arguments)
    assert words in str(refusal.value)
    assert not Generation.objects.exists()


@pytest.mark.django_db
def test_a_model_that_is_not_there_is_refused(client: Client) -> None:
    with pytest.raises(CommandError, match=f"'wool' is none of {SPEC.slug}, {SECOND_SLUG}"):
        call_command("generate", "--model", "wool", "--prompt", "cats")
    page = client.post("/", {"model": "wool", "prompt": "cats"}).content.decode()
    assert "The studio does not offer this model any more." in page
    assert not Generation.objects.exists()


# --- a model that goes --------------------------------------------------------------------------------------------


def queued(designer: User, prompt: str, spec: ModelSpec = SPEC) -> Generation:
    made = columns(spec, {spec.prompt.name: prompt})
    order = Generation.objects.order(owner_pk=designer.pk, click=None, **made)
    assert order is not None
    return order


def test_a_retired_model_ends_its_queued_orders_and_no_other(
    designer: User, client: Client, studio_settings: Settings, sandbox: Sandbox
) -> None:
    second = studio_settings.MODELS[SECOND_SLUG]
    first = queued(designer, "cats [fault:submit-410]")
    late = [queued(designer, f"dogs {number}") for number in range(30)]
    Generation.objects.filter(pk__in=[row.pk for row in late]).update(next_at=timezone.now() + timedelta(minutes=5))
    other = queued(designer, "foxes", second)
    Generation.objects.filter(pk=other.pk).update(next_at=timezone.now() + timedelta(minutes=5))
    pipeline.reconcile()
    for row in (first, *late):
        row.refresh_from_db()
        assert row.state == State.FAILED
        assert row.error == (
            "Segmind has retired the model SDXL StickerSheet and makes no more sheets with it: “This model has been "
            "retired”. Nothing was billed. Gallery, cutting, import and export work as before. "
            "You can still order from: Sticker Forge."
        )
        assert (row.cost, row.tries, row.next_at, row.request_id) == (None, 0, None, "")
    other.refresh_from_db()
    assert other.state == State.CREATED
    [post] = sandbox.posts()
    assert post.json["prompt"].endswith("cats [fault:submit-410]")
    assert sandbox.balance == 10
    assert "Segmind has retired the model" in client.get("/").content.decode()
    # A later order asks again: the model may be back, and a 410 costs nothing.
    finish(queued(designer, "owls"))
    assert Generation.objects.latest("pk").state == State.DONE


def test_an_order_waits_for_the_file_of_its_model(
    designer: User, client: Client, studio_settings: Settings, sandbox: Sandbox
) -> None:
    both = studio_settings.MODELS
    order = queued(designer, "foxes", both[SECOND_SLUG])
    studio_settings.MODELS = {SPEC.slug: SPEC}
    pipeline.reconcile()
    order.refresh_from_db()
    assert (order.state, order.tries, sandbox.posts()) == (State.CREATED, 0, ())
    assert pipeline.next_due() is None  # so it does not keep the studio awake
    assert f"no file for the model {SECOND_SLUG}" in client.get("/").content.decode()
    assert "no file for the model" in cards.hold(order)
    studio_settings.MODELS = both
    finish(order)
    assert (order.state, len(sandbox.posts())) == (State.DONE, 1)
    studio_settings.MODELS = {SPEC.slug: SPEC}
    page = client.get(f"/sheets/{order.sheets.get().pk}/").content.decode()
    assert SECOND_SLUG in page
    assert "mood" in page  # by the name, because its label is gone
    assert client.get(f"/?from={order.pk}").status_code == 200
    Generation.objects.filter(pk=order.pk).update(state=State.FAILED)
    order.refresh_from_db()
    with pytest.raises(OrderRefused, match="does not offer the model"):
        order.retry()


# --- prices and times are told apart ------------------------------------------------------------------------------


def test_each_model_has_its_own_price_and_time(designer: User, settings: Settings) -> None:
    second = settings.MODELS[SECOND_SLUG]
    sent = timezone.now() - timedelta(seconds=100)
    for spec, seconds, cost in ((SPEC, 10, "0.01"), (second, 90, "0.40")):
        ends = sent + timedelta(seconds=seconds)
        times = {"submitted_at": sent, "completed_at": ends, "finished_at": ends}
        money = {"cost": Decimal(cost), "state": State.DONE, "sandbox": True}
        Generation.objects.create(owner=designer, **columns(spec, {spec.prompt.name: "cats"}), **times, **money)
    assert timing.typical_run_seconds(SPEC.slug, sandbox=True) == 10
    assert timing.typical_run_seconds(SECOND_SLUG, sandbox=True) == 90
    assert estimate(designer.pk, second, second.defaults(), sandbox=True).cost == Decimal("0.4000")
    Budget.objects.create(owner=designer, dollars=Decimal("0.60"))
    queued(designer, "cats")
    with pytest.raises(OrderRefused, match=r"this order takes about \$0\.400"):
        queued(designer, "foxes", second)


def test_the_price_words_stand_until_an_order_tells_it(client: Client, db: None, settings: Settings) -> None:
    assert "Cost unknown" in client.get(f"/estimate/?model={SECOND_SLUG}").content.decode()  # practice has its own
    settings.SANDBOX_IN_USE = False
    assert "about $0.03 a sheet" in client.get(f"/estimate/?model={SECOND_SLUG}").content.decode()
    assert "Cost unknown" in client.get("/estimate/").content.decode()


# --- the choice in the form ---------------------------------------------------------------------------------------


def test_changing_the_model_keeps_what_was_changed_and_fits(client: Client, db: None) -> None:
    form = {"model": SECOND_SLUG, "model_was": SPEC.slug, "prompt": "two cats", "samples": "3", "seed": "70000"}
    answer = client.post("/model/", form, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in page
    assert f'data-model="{SECOND_SLUG}"' in page
    assert ">two cats</textarea>" in page
    assert 'name="random_seed" value=""' in page
    assert "StickerSheet" not in page.replace("SDXL StickerSheet", "").replace(SPEC.slug, "")
    whole = client.post("/model/", form).content.decode()
    assert "<html" in whole
    assert ">two cats</textarea>" in whole
    assert not Generation.objects.exists()


def test_with_one_model_there_is_nothing_to_choose(client: Client, db: None, settings: Settings) -> None:
    assert 'id="model"' in client.get("/").content.decode()
    settings.MODELS = {SPEC.slug: SPEC}
    assert 'id="model"' not in client.get("/").content.decode()

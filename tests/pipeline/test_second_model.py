"""A second model by one file and no code: from the form, and from a script, to a sheet."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from stickers.models import Generation, State
from stickers.recipes.reading import read_models
from stickers.sandbox.server import Sandbox
from stickers.settings import MODELS
from tests.conftest import wait_until
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

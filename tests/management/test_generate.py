"""`manage.py generate`: JSON and nothing else on stdout, words on stderr, and every parameter an option."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from PIL import Image
from pytest_django import Settings

from stickers.models import Budget, Generation, State, Trouble, Upstream
from stickers.orders import api_keys
from stickers.sandbox.server import Sandbox
from tests.support.models import PARAMETERS
from tests.support.stand_in import draw_discs

NEEDED = ("--prompt", "happy cats")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(queue_seconds=0.02, run_seconds=0.05, jitter=0, draw=draw_discs) as running:
        yield running


def generate(*arguments: object) -> tuple[Any, str]:
    """The command's JSON and its words."""
    out, err = io.StringIO(), io.StringIO()
    call_command("generate", *map(str, arguments), stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


def refused(*arguments: object) -> str:
    out = io.StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("generate", *map(str, arguments), stdout=out, stderr=io.StringIO())
    assert out.getvalue() == ""
    return str(refusal.value)


# --- with a worker ------------------------------------------------------------------------------------------------


def test_it_works(worker: None, sandbox: Sandbox) -> None:
    said, words = generate(*NEEDED, "--samples", 2, "--seed", 7, "--wait")
    assert list(said) == ["id", "state", "seed", "error", "sheets", "hold"]
    assert said["hold"] == ""
    generation = Generation.objects.get()
    assert (said["id"], said["state"], said["seed"], said["error"]) == (generation.pk, "done", 7, "")
    assert f"Generation {generation.pk} is queued" in words
    assert [sheet["id"] for sheet in said["sheets"]] == [row.pk for row in generation.sheets.order_by("index")]
    for sheet in said["sheets"]:
        assert list(sheet) == ["id", "file", "stickers"]
        assert Path(sheet["file"]).is_absolute()
        with Image.open(sheet["file"]) as image:
            width_px, height_px = image.size
        assert len(sheet["stickers"]) == 2
        for sticker in sheet["stickers"]:
            assert list(sticker) == ["id", "file", "box", "confidence"]
            x, y, width, height = sticker["box"]
            assert 0 <= x < x + width <= width_px
            assert 0 <= y < y + height <= height_px
            assert 0 <= sticker["confidence"] <= 1
            with Image.open(sticker["file"]) as image:
                assert (image.mode, image.size) == ("RGBA", (width, height))
    [post] = sandbox.posts()
    assert post.json["prompt"] == "StickerSheet, happy cats"


def test_a_job_that_fails_gives_the_reason_of_the_api(worker: None) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError, match="CUDA out of memory"):
        call_command("generate", "--prompt", "[fault:job-failed] cats", "--wait", stdout=out, stderr=io.StringIO())
    said = json.loads(out.getvalue())
    assert (said["state"], said["sheets"]) == ("failed", [])
    assert "CUDA out of memory" in said["error"]


def test_an_order_in_doubt_says_that_it_may_be_billed(worker: None, sandbox: Sandbox) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError, match="may have been made and billed"):
        call_command("generate", "--prompt", "[fault:submit-dropped] cats", "--wait", stdout=out, stderr=io.StringIO())
    assert json.loads(out.getvalue())["state"] == "unknown"
    assert len(sandbox.posts()) == 1


# --- without one --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_without_wait_it_only_queues() -> None:
    said, words = generate(*NEEDED)
    generation = Generation.objects.get()
    as_ordered = {
        "id": generation.pk,
        "state": "created",
        "seed": generation.seed,
        "error": "",
        "sheets": [],
        "hold": "",
    }
    assert said == as_ordered
    assert words == ""
    assert generation.seed > 0  # -1 became a concrete number
    assert generation.owner.username == "designer"


@pytest.mark.django_db
@pytest.mark.parametrize("trouble", [*Trouble, ""])
def test_waiting_says_once_why_and_ends_with_the_reason(trouble: str) -> None:
    key = api_keys.fingerprint(api_keys.studio_key())
    if trouble == Trouble.DOUBT:
        Upstream.objects.doubt(key, "Bad key")
        Upstream.objects.doubt(key, "Bad key")
    elif trouble:
        Upstream.objects.stop(key, Trouble(trouble), "Bad key")
    else:
        Upstream.objects.hold(key, seconds=60)
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError) as ended:
        call_command("generate", *NEEDED, "--wait", "--timeout", "0.7", stdout=out, stderr=err)
    said = json.loads(out.getvalue())
    reason = {
        "key": "Segmind does not accept the studio's key: Bad key.",
        "money": "Segmind does not let the studio's account order: Bad key.",
        "doubt": "Segmind gives no clear answer to orders with the studio's key: Bad key.",
        "": "Segmind's rate limit holds all calls back",
    }[trouble]
    assert said["state"] == "created"
    assert said["hold"].startswith(reason)
    assert err.getvalue().count(reason) == 1
    assert (str(ended.value), ended.value.returncode) == (said["hold"], 1)


@pytest.mark.django_db
def test_waiting_ends_with_the_time_given() -> None:
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"Still queued\. Is the studio running\?"):
        call_command("generate", *NEEDED, "--wait", "--timeout", "0.1", stdout=out, stderr=io.StringIO())
    assert json.loads(out.getvalue())["state"] == "created"


@pytest.mark.django_db
def test_every_parameter_is_an_option() -> None:
    values: dict[str, Any] = {
        "prompt": "tiny robots",
        "negative_prompt": "blurry, 100 % grey",
        "scheduler": "DPM2 a Karras",
        "num_inference_steps": 42,
        "guidance_scale": 9.25,
        "samples": 3,
        "seed": 999_999_999_999_999,
        "img_width": 768,
        "img_height": 512,
        "base64": True,
        "lora_scale": 0.6,
    }
    assert set(values) == set(PARAMETERS)
    arguments: list[object] = []
    for name, value in values.items():
        arguments += [option(name)] if value is True else [option(name), value]
    generate(*arguments, "--no-trigger")
    generation = Generation.objects.get()
    assert (generation.values, generation.add_trigger) == (values, False)
    assert generation.payload() == values


def option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("prompt", " ", "Prompt is required."),
        ("prompt", "x" * 2001, "at most 2000 characters"),
        ("negative_prompt", "x" * 2001, "at most 2000 characters"),
        ("scheduler", "Euler b", "must be one of DDIM"),
        ("num_inference_steps", "19", "at least 20"),
        ("num_inference_steps", "101", "at most 100"),
        ("num_inference_steps", "many", "a whole number"),
        ("guidance_scale", "0", "at least 0.1"),
        ("guidance_scale", "25.5", "at most 25"),
        ("guidance_scale", "nan", "at least 0.1"),
        ("samples", "0", "at least 1"),
        ("samples", "5", "at most 4"),
        ("samples", "1.5", "a whole number"),
        ("seed", "-2", "at least -1"),
        ("seed", "1000000000000000", "at most 999999999999999"),
        ("seed", "lucky", "a whole number"),
        ("img_width", "600", "must be one of 512, 768, 1024"),
        ("img_height", "0", "must be one of 512, 768, 1024"),
        ("lora_scale", "-0.1", "at least 0"),
        ("lora_scale", "2.1", "at most 2"),
    ],
)
def test_a_bad_value_is_refused_at_its_option(name: str, text: str, words: str) -> None:
    refusal = refused(*NEEDED, f"{option(name)}={text}")
    assert option(name) in refusal
    assert words in refusal
    assert not Generation.objects.exists()


@pytest.mark.django_db
def test_a_prompt_is_required() -> None:
    assert "--prompt" in refused()


@pytest.mark.django_db
def test_with_accounts_the_owner_is_named(settings: Settings, other_designer: User) -> None:
    settings.STUDIO_ACCOUNTS = True
    assert "--owner" in refused(*NEEDED)
    assert "no account named 'nobody'" in refused(*NEEDED, "--owner", "nobody")
    assert not Generation.objects.exists()
    generate(*NEEDED, "--owner", "other")
    assert Generation.objects.get().owner == other_designer


# --- as a process -------------------------------------------------------------------------------------------------


def test_as_a_process_its_streams_and_status_can_be_relied_on(tables: Path, tmp_path: Path) -> None:
    shutil.copyfile(tables, tmp_path / "studio.sqlite3")  # migrating takes longer than the rest of this test

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", "generate", *arguments],
            cwd=django_settings.BASE_DIR,
            env={**os.environ, "STUDIO_DATA": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    # All at once, because most of such a process is its start.
    with (
        start(*NEEDED) as good,
        start(*NEEDED, "--wait", "--timeout", "0.1") as late,
        start(*NEEDED, "--samples", "9") as bad,
    ):
        json_of_good, words_of_good = good.communicate(timeout=60)
        json_of_late, words_of_late = late.communicate(timeout=60)
        json_of_bad, words_of_bad = bad.communicate(timeout=60)
    assert (good.returncode, words_of_good) == (0, "")
    assert json.loads(json_of_good)["state"] == State.CREATED
    assert late.returncode == 1
    assert json.loads(json_of_late)["state"] == State.CREATED
    assert "Still queued" in words_of_late
    assert (bad.returncode, json_of_bad) == (2, "")
    assert "--samples: Sheets must be at most 4." in words_of_bad


def test_a_budget_binds_scripts_too(designer: User) -> None:
    Budget.objects.create(owner=designer, sheets=0)
    with pytest.raises(CommandError, match="Your budget of 0 sheets this month has room for no more"):
        call_command("generate", "--prompt", "cats")
    assert not Generation.objects.exists()

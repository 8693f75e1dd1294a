"""Models from files: the built-in one, an operator's, and a reason for every mistake."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from stickers.recipes.parameters import RANDOM_SEED, Kind, Role
from stickers.recipes.reading import (
    CHOICE_KEYS,
    MODEL_KEYS,
    PARAMETER_KEYS,
    PRESET_KEYS,
    BadModelError,
    read_model,
    read_models,
)
from tests.support.models import SECOND, SECOND_SLUG, SPEC

ROOT = Path(__file__).parents[2]


def written(folder: Path, text: str = SECOND, name: str = "second.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_it_works(tmp_path: Path) -> None:
    written(tmp_path)
    models = read_models(tmp_path)
    assert list(models) == [SPEC.slug, SECOND_SLUG]
    second = models[SECOND_SLUG]
    assert (second.label, second.trigger_word, second.price) == ("Sticker Forge", "FORGED", "about $0.03 a sheet")
    assert [parameter.name for parameter in second.parameters] == [
        *("text", "num_images", "cfg", "random_seed", "mood", "style", "glossy"),
    ]
    assert second.prompt.name == "text"
    assert second.by_name["mood"].choices == ("calm", "wild")
    assert second.by_name["mood"].choice_hints == {"wild": "Anything goes"}
    assert second.by_name["style"].default is None
    assert second.by_name["random_seed"].label == "Random seed"
    assert [style.name for style in second.styles] == ["ink"]
    assert second.styles[0].advice == {"cfg": 6.0, "glossy": False}


def test_the_built_in_model_is_the_page_of_its_model() -> None:
    assert SPEC.slug == "Norod78-SDXL-StickerSheet-Lora"
    assert [parameter.name for parameter in SPEC.parameters] == [
        *("prompt", "negative_prompt", "scheduler", "num_inference_steps", "guidance_scale", "samples", "seed"),
        *("img_width", "img_height", "base64", "lora_scale"),
    ]
    assert SPEC.of_role(Role.SEED).default == RANDOM_SEED  # type: ignore[union-attr]
    assert SPEC.trigger_word == "StickerSheet"
    assert [parameter.name for parameter in SPEC.priced] == [
        *("scheduler", "num_inference_steps", "samples", "img_width", "img_height"),
    ]


def test_a_file_can_replace_the_built_in_model_and_take_it_off_the_form(tmp_path: Path) -> None:
    written(tmp_path, f'slug = "{SPEC.slug}"\noffered = false\n' + SECOND.replace(f'slug = "{SECOND_SLUG}"', ""))
    with pytest.raises(BadModelError, match="no model is left to order with"):
        read_models(tmp_path)
    written(tmp_path, name="third.toml")
    models = read_models(tmp_path)
    assert [spec.offered for spec in models.values()] == [False, True]


PARAMETER = '[[parameters]]\nname = "cfg"\nkind = "number"\nlow = 1\nhigh = 10\n'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('slug = "made-up-sticker-forge"', "", "slug must be a name such as"),
        ('slug = "made-up-sticker-forge"', 'slug = "a/b"', "slug must be a name such as"),
        ('slug = "made-up-sticker-forge"', 'slug = "requests"', "slug must not be 'requests'"),
        ('slug = "made-up-sticker-forge"', "slug = 5", "slug must be text, not 5"),
        ('label = "Sticker Forge"', "", "label must say something"),
        ('price = "about', 'prize = "about', "prize is no key here. Allowed are slug, label, parameters"),
        ("[[parameters]]\n", "[parameters]\n", "is no TOML"),
        ('role = "prompt"', "", "must hold one with role = 'prompt' and required = true"),
        ("required = true", "", "must hold one with role = 'prompt' and required = true"),
        ('role = "prompt"', 'role = "promt"', "role must be one of prompt, negative_prompt, seed"),
        ('role = "prompt"\n', 'role = "prompt"\nchoices = ["a"]\n', "choices are not for role = 'prompt'"),
        ('name = "cfg"', 'name = "num_images"', "parameters name 'num_images' more than once"),
        ('name = "cfg"', 'name = "c.f.g"', "name must be a name such as guidance_scale, not 'c.f.g'"),
        ('kind = "number"', 'kind = "float"', "(cfg): kind must be one of text, whole, number, switch, not 'float'"),
        ('kind = "number"', "", "parameters[3] (cfg): kind is missing. Allowed are text, whole, number, switch"),
        ('kind = "number"', 'kind = "number"\nmin = 3', "(cfg): min is no key here. Allowed are name, kind, label"),
        ("default = 3.5", "default = 11", "(cfg): default cannot be sent: Strictness must be at most 10."),
        ("default = 3.5", 'default = "much"', "(cfg): default must be a number, not 'much'"),
        (
            "default = 3.5",
            "default = 3.5\nmax_length = 5",
            "(cfg): max_length must be from 1 to 100000, and is for text",
        ),
        ("default = 3.5", "default = 3.5\nstep = 0", "(cfg): step must be more than 0"),
        ("low = 1\nhigh = 10", "low = nan\nhigh = 10", "(cfg): low must be a number, not nan"),
        ("low = 1\nhigh = 10", "low = 11\nhigh = 10", "(cfg): low must not be more than high"),
        ("low = 1\nhigh = 10", "choices = [3.5]\nhigh = 10", "(cfg): high and choices exclude each other"),
        ("low = 1\nhigh = 8", "low = 1", "(num_images): role 'samples' needs choices, or low and high, from 1 to 100"),
        ("low = 0\nhigh = 65535", "low = 0\nhigh = 0", "(random_seed): high of a seed must be at least 1"),
        ("low = 0\nhigh = 65535", "", "(random_seed): role 'seed' needs choices, or low and high"),
        ('kind = "whole"\nrole = "seed"', 'kind = "number"\nrole = "seed"', "kind must be whole for role = 'seed'"),
        ('"calm", {', '"calm", "calm", {', "(mood): choices name calm more than once"),
        ('"calm", {', '"calm", 7, {', "(mood): choices[2] value must be text, not 7"),
        ('"calm", {', '"calm", "", {', "(mood): choices[2] value must say something"),
        ('hint = "Anything goes" }', 'tip = "x" }', "choices[2] tip is no key here. Allowed are value, hint"),
        ('default = "calm"\n', 'default = "calm"\nlow = 3\n', "(mood): low is for numbers only"),
        ("default = true", "default = true\nchoices = [true]", "(glossy): choices are not for a switch"),
        (
            "advice = { cfg = 6,",
            "advice = { cfg = 60,",
            "(ink): advice.cfg cannot be sent: Strictness must be at most 10",
        ),
        ("advice = { cfg = 6,", "advice = { steps = 6,", "(ink): advice.steps is no key here"),
        ('prompt_suffix = "black ink on white"', "", "(ink): prompt_suffix must say something"),
    ],
)
def test_a_mistake_is_refused_with_file_key_and_what_is_allowed(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in SECOND
    path = written(tmp_path, SECOND.replace(old, new, 1))
    with pytest.raises(BadModelError) as refusal:
        read_model(path)
    assert str(refusal.value).startswith(str(path))
    assert words in str(refusal.value)


def test_two_files_of_one_slug_are_refused(tmp_path: Path) -> None:
    written(tmp_path)
    written(tmp_path, name="third.toml")
    with pytest.raises(BadModelError, match=r"more than one file: second\.toml, third\.toml"):
        read_models(tmp_path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadModelError, match="cannot be read"):
        read_model(tmp_path / "missing.toml")
    (tmp_path / "latin.toml").write_bytes(b'slug = "\xe9"')
    with pytest.raises(BadModelError, match="is no TOML"):
        read_model(tmp_path / "latin.toml")


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("models", "kind must be one of text, whole, number, switch"),
        ("none", "STUDIO_MODELS must name a folder"),
    ],
)
def test_the_studio_does_not_start_with_a_wrong_model(tmp_path: Path, folder: str, words: str) -> None:
    (tmp_path / "models").mkdir()
    written(tmp_path / "models", SECOND.replace('"switch"', '"wool"'))
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "STUDIO_DATA": str(tmp_path), "STUDIO_MODELS": str(tmp_path / folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert words in done.stderr


def test_the_manual_names_every_key() -> None:
    manual = (ROOT / "docs/models.md").read_text()
    words = set(re.findall(r"`([a-z0-9_]+)`", manual))
    assert words >= {*MODEL_KEYS, *PARAMETER_KEYS, *PRESET_KEYS, *CHOICE_KEYS, *Role, *Kind}

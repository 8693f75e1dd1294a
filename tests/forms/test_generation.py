"""The form of the studio page."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stickers.forms.generation import GenerationForm, initial_from, joined
from stickers.models import Generation
from stickers.recipes.parameters import PARAMETERS, RANDOM_SEED, defaults
from stickers.recipes.presets import PRESETS

FULL = {
    "prompt": "two cats",
    "negative_prompt": "dogs",
    "scheduler": "Euler a",
    "num_inference_steps": "31",
    "guidance_scale": "8.25",
    "samples": "3",
    "seed": "42",
    "img_width": "512",
    "img_height": "768",
    "base64": "on",
    "lora_scale": "0.85",
    "add_trigger": "off",
}


def recipe(**data: Any) -> dict[str, Any]:
    form = GenerationForm({"prompt": "two cats"} | data)
    assert form.is_valid(), form.errors
    return form.recipe()


def test_it_works() -> None:
    assert recipe(**FULL) == {
        "prompt": "two cats",
        "negative_prompt": "dogs",
        "scheduler": "Euler a",
        "num_inference_steps": 31,
        "guidance_scale": 8.25,
        "samples": 3,
        "seed": 42,
        "img_width": 512,
        "img_height": 768,
        "base64": True,
        "lora_scale": 0.85,
        "add_trigger": False,
    }


def test_every_parameter_has_a_field() -> None:
    assert set(GenerationForm().fields) == {*PARAMETERS, "preset", "add_trigger"}


def test_a_prompt_is_enough() -> None:
    made = recipe()
    usual = defaults() | {"prompt": "two cats", "add_trigger": True, "seed": made["seed"]}
    assert made == usual
    assert made["seed"] >= 1


@pytest.mark.parametrize("seed", ["", "-1", " -1 "])
def test_a_random_seed_becomes_a_number(seed: str) -> None:
    assert recipe(seed=seed)["seed"] != recipe(seed=seed)["seed"] >= 1


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("prompt", "", "Prompt is required."),
        ("prompt", "   ", "Prompt is required."),
        ("prompt", "x" * 2001, "Prompt may have at most 2000 characters."),
        ("prompt", "a\x00b", "Null characters are not allowed."),
        ("scheduler", "Sundial", "Scheduler must be one of DDIM"),
        ("num_inference_steps", "19", "Steps must be at least 20."),
        ("num_inference_steps", "101", "Steps must be at most 100."),
        ("num_inference_steps", "20.5", "Steps must be a whole number."),
        ("guidance_scale", "0", "Guidance must be at least 0.1."),
        ("guidance_scale", "nan", "Guidance must be at least 0.1."),
        ("guidance_scale", "much", "Guidance must be a number."),
        ("samples", "5", "Sheets must be at most 4."),
        ("seed", "-2", "Seed must be at least -1."),
        ("seed", "1e3", "Seed must be a whole number."),
        ("seed", "9" * 5000, "Seed must be a whole number."),
        ("img_width", "640", "Width must be one of 512, 768, 1024."),
        ("img_height", "0", "Height must be one of 512, 768, 1024."),
        ("lora_scale", "2.1", "Sticker style strength must be at most 2."),
        ("preset", "none-such", "Select a valid choice."),
    ],
)
def test_refusals_stand_at_their_field(name: str, value: str, words: str) -> None:
    form = GenerationForm({**FULL, name: value})
    assert not form.is_valid()
    assert list(form.errors) == [name]
    assert words in form.errors[name][0]


@given(
    st.fixed_dictionaries(
        {},
        optional={name: st.text(max_size=12) | st.integers().map(str) | st.floats().map(str) for name in FULL},
    )
)
def test_whatever_is_sent_is_either_refused_or_within_the_ranges(data: dict[str, str]) -> None:
    form = GenerationForm(data)
    if form.is_valid():
        assert not any(parameter.problem(form.recipe()[name]) for name, parameter in PARAMETERS.items())


def test_a_style_adds_its_words() -> None:
    preset = PRESETS[0]
    made = recipe(preset=preset.name, negative_prompt="dogs")
    assert made["prompt"] == f"two cats, {preset.prompt_suffix}"
    assert made["negative_prompt"] == joined("dogs", preset.negative_prompt)


def test_a_style_whose_words_do_not_fit_is_refused_at_the_prompt() -> None:
    form = GenerationForm({"prompt": "x" * 1995, "preset": PRESETS[0].name})
    assert "the style's words included" in form.errors["prompt"][0]


def test_words_that_are_there_are_not_added_twice() -> None:
    assert joined("a Blurry cat", "blurry") == "a Blurry cat"
    assert joined("", "blurry") == "blurry"
    assert joined("cat", "") == "cat"


@pytest.mark.parametrize("preset", ["", *(preset.name for preset in PRESETS)])
def test_use_all_brings_back_every_field(preset: str) -> None:
    made = recipe(**FULL, preset=preset)
    again = GenerationForm(initial_from(Generation(**made), with_seed=True))
    assert again.is_valid()
    assert again.recipe() == made
    assert again.cleaned_data["preset"] == preset


def test_use_all_adds_no_words_to_those_of_a_style_that_were_typed() -> None:
    made = recipe(**FULL | {"prompt": f"two cats, {PRESETS[0].prompt_suffix}"})
    again = GenerationForm(initial_from(Generation(**made), with_seed=True))
    assert again.is_valid()
    assert again.recipe() == made


def test_remix_brings_back_all_but_the_seed() -> None:
    made = recipe(**FULL)
    again = initial_from(Generation(**made), with_seed=False)
    assert again == made | {"seed": RANDOM_SEED}


def test_a_refused_form_shows_what_was_typed() -> None:
    form = GenerationForm({**FULL, "num_inference_steps": "many", "add_trigger": "off"})
    assert form["num_inference_steps"].value() == "many"
    assert form["prompt"].value() == "two cats"
    assert form["add_trigger"].value() is False
    assert form["base64"].value() is True


def test_an_error_in_the_folded_group_opens_it() -> None:
    assert GenerationForm({**FULL, "guidance_scale": "99"}).advanced_errors
    assert not GenerationForm({**FULL, "seed": "-5"}).advanced_errors

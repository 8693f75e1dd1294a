"""The form of the studio page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stickers.forms.generation import GenerationForm, initial_from, joined
from stickers.models import Generation
from stickers.recipes.parameters import RANDOM_SEED
from stickers.recipes.presets import PRESETS
from stickers.recipes.reading import read_model
from stickers.recipes.specs import ModelSpec
from tests.support.models import PARAMETERS, SECOND, SPEC

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


def ordered(**data: Any) -> Generation:
    form = GenerationForm({"prompt": "two cats"} | data, spec=SPEC)
    assert form.is_valid(), form.errors
    return Generation(**form.columns())


def recipe(**data: Any) -> dict[str, Any]:
    row = ordered(**data)
    return row.values | {"add_trigger": row.add_trigger}


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
    assert set(GenerationForm(spec=SPEC).fields) == {*PARAMETERS, "preset", "add_trigger"}


def test_a_prompt_is_enough() -> None:
    made = recipe()
    usual = SPEC.defaults() | {"prompt": "two cats", "add_trigger": True, "seed": made["seed"]}
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
    form = GenerationForm({**FULL, name: value}, spec=SPEC)
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
    form = GenerationForm(data, spec=SPEC)
    if form.is_valid():
        assert SPEC.problems(Generation(**form.columns()).values) == {}


def test_a_style_adds_its_words() -> None:
    preset = PRESETS[0]
    made = recipe(preset=preset.name, negative_prompt="dogs")
    assert made["prompt"] == f"two cats, {preset.prompt_suffix}"
    assert made["negative_prompt"] == joined("dogs", preset.negative_prompt)


def test_a_style_whose_words_do_not_fit_is_refused_at_the_prompt() -> None:
    form = GenerationForm({"prompt": "x" * 1995, "preset": PRESETS[0].name}, spec=SPEC)
    assert "the style's words included" in form.errors["prompt"][0]


def test_the_trigger_word_has_to_fit_too() -> None:
    form = GenerationForm({"prompt": "x" * 1995}, spec=SPEC)
    assert "at most 2000 characters, the trigger word included" in form.errors["prompt"][0]
    assert GenerationForm({"prompt": "x" * 1995, "add_trigger": "off"}, spec=SPEC).is_valid()


@pytest.mark.parametrize("prompt", ["\u200b", "\u200b\u2060 ", "\u202e"])
def test_a_prompt_of_which_nothing_is_seen_is_none(prompt: str) -> None:
    assert "is required" in GenerationForm({"prompt": prompt}, spec=SPEC).errors["prompt"][0]


def test_words_that_are_there_are_not_added_twice() -> None:
    assert joined("a Blurry cat", "blurry") == "a Blurry cat"
    assert joined("", "blurry") == "blurry"
    assert joined("cat", "") == "cat"


@pytest.mark.parametrize("preset", ["", *(preset.name for preset in PRESETS)])
def test_use_all_brings_back_every_field(preset: str) -> None:
    made = ordered(**FULL, preset=preset)
    again = GenerationForm(initial_from(made, SPEC, with_seed=True), spec=SPEC)
    assert again.is_valid()
    assert Generation(**again.columns()).values == made.values
    assert again.cleaned_data["add_trigger"] is False
    assert again.cleaned_data["preset"] == preset


def test_use_all_adds_no_words_to_those_of_a_style_that_were_typed() -> None:
    made = ordered(**FULL | {"prompt": f"two cats, {PRESETS[0].prompt_suffix}"})
    again = GenerationForm(initial_from(made, SPEC, with_seed=True), spec=SPEC)
    assert again.is_valid()
    assert Generation(**again.columns()).values == made.values


def test_remix_brings_back_all_but_the_seed() -> None:
    made = ordered(**FULL)
    again = initial_from(made, SPEC, with_seed=False)
    assert again == made.values | {"add_trigger": False, "preset": "", "seed": RANDOM_SEED}


def test_a_refused_form_shows_what_was_typed() -> None:
    form = GenerationForm({**FULL, "num_inference_steps": "many", "add_trigger": "off"}, spec=SPEC)
    assert form["num_inference_steps"].value() == "many"
    assert form["prompt"].value() == "two cats"
    assert form["add_trigger"].value() is False
    assert form["base64"].value() is True


def test_an_error_in_the_folded_group_opens_it() -> None:
    assert GenerationForm({**FULL, "guidance_scale": "99"}, spec=SPEC).folded_errors
    assert not GenerationForm({**FULL, "seed": "-5"}, spec=SPEC).folded_errors


# --- another model ------------------------------------------------------------------------------------------------


@pytest.fixture
def second(tmp_path: Path) -> ModelSpec:
    file = tmp_path / "second.toml"
    file.write_text(SECOND)
    return read_model(file)


def test_the_form_follows_the_model(second: ModelSpec) -> None:
    form = GenerationForm({"text": "two cats", "num_images": "2", "glossy": "off", "model_style": "thin"}, spec=second)
    assert form.is_valid(), form.errors
    columns = form.columns()
    assert 0 < columns.pop("seed") <= 65535
    assert columns == {
        "model": second.slug,
        "prompt": "two cats",
        "samples": 2,
        "recipe": {"cfg": 3.5, "mood": "calm", "style": "thin", "glossy": False},
        "add_trigger": True,
    }
    looks = {field.name: field.field.look for field in form.folded}
    assert looks == {"cfg": "slider", "mood": "select", "model_style": "text", "glossy": "switch"}
    assert form.priced_names == "model,num_images,mood"
    assert [style.name for style, _ in form.styles] == ["ink"]


def test_another_model_takes_what_was_changed_and_fits(second: ModelSpec) -> None:
    form = GenerationForm(FULL | {"seed": "70000", "preset": "kawaii"}, spec=SPEC)
    assert form.carried_to(second) == {"text": "two cats", "num_images": 3, "add_trigger": False, "preset": "kawaii"}
    back = GenerationForm({"text": "a fox", "num_images": "8", "random_seed": "9"}, spec=second)
    assert back.carried_to(SPEC) == {"prompt": "a fox", "seed": 9, "add_trigger": True, "preset": ""}


def test_an_order_of_a_model_that_is_not_offered_is_refused(second: ModelSpec) -> None:
    form = GenerationForm({"prompt": "cats", "model": second.slug}, spec=SPEC)
    assert not form.is_valid()
    assert form.non_field_errors() == ["The studio does not offer this model any more."]


def test_use_all_of_a_model_that_is_gone_keeps_what_fits() -> None:
    row = Generation(model="gone", prompt="two cats", seed=5, samples=2, recipe={"lora_scale": 0.5, "wool": "soft"})
    assert initial_from(row, SPEC, with_seed=True) == {"prompt": "two cats", "add_trigger": True, "preset": ""}

"""The eleven parameters: the ranges and defaults of the model's page, and a reason for every other value."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stickers.recipes.parameters import RANDOM_SEED, Kind, Parameter
from tests.support.models import PARAMETERS, SPEC


def test_it_works() -> None:
    values = SPEC.defaults() | {"prompt": "happy cats"}
    assert SPEC.problems(values) == {}
    assert SPEC.payload(values) == {
        "prompt": "happy cats",
        "scheduler": "UniPC",
        "num_inference_steps": 20,
        "guidance_scale": 7.5,
        "samples": 1,
        "seed": -1,
        "img_width": 1024,
        "img_height": 1024,
        "base64": False,
        "lora_scale": 1.0,
    }


def test_all_eleven_are_here() -> None:
    assert len(PARAMETERS) == 11
    assert len(PARAMETERS["scheduler"].choices) == 12


@pytest.mark.parametrize("name", PARAMETERS)
def test_each_default_is_within_its_own_rules(name: str) -> None:
    parameter = PARAMETERS[name]
    assert parameter.required or parameter.problem(parameter.default) is None


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("prompt", "", "required"),
        ("prompt", "   ", "required"),
        ("prompt", None, "required"),
        ("prompt", "x" * 2001, "at most 2000 characters"),
        ("scheduler", "unipc", "one of"),
        ("num_inference_steps", 19, "at least 20"),
        ("num_inference_steps", 101, "at most 100"),
        ("num_inference_steps", 20.5, "whole number"),
        ("num_inference_steps", True, "whole number"),
        ("guidance_scale", 0.0, "at least 0.1"),
        ("guidance_scale", 25.01, "at most 25"),
        ("guidance_scale", math.nan, "at least"),
        ("guidance_scale", math.inf, "at most"),
        ("guidance_scale", "7", "a number"),
        ("samples", 5, "at most 4"),
        ("seed", -2, "at least -1"),
        ("seed", 10**15, "at most 999999999999999"),
        ("img_width", 640, "512, 768, 1024"),
        ("base64", "yes", "yes or no"),
        ("lora_scale", -0.1, "at least 0"),
    ],
)
def test_what_cannot_be_sent_is_said_in_words(name: str, value: object, words: str) -> None:
    assert words in SPEC.problems(SPEC.defaults() | {"prompt": "cats", name: value})[name]


def test_whole_numbers_are_numbers_too() -> None:
    assert PARAMETERS["guidance_scale"].problem(8) is None


@given(st.text(max_size=60))
def test_the_trigger_word_is_in_every_prompt_once(prompt: str) -> None:
    sent = SPEC.with_trigger(prompt)
    assert sent.lower().count(SPEC.trigger_word.lower()) == max(1, prompt.lower().count(SPEC.trigger_word.lower()))
    assert SPEC.with_trigger(sent) == sent


@pytest.mark.parametrize("seed", [None, RANDOM_SEED])
def test_a_random_seed_becomes_one_that_can_be_named(seed: Any) -> None:
    seeds = {PARAMETERS["seed"].concrete_seed(seed) for _ in range(50)}
    assert len(seeds) > 40
    assert all(PARAMETERS["seed"].problem(found) is None and found > 0 for found in seeds)


def test_a_given_seed_stays() -> None:
    assert PARAMETERS["seed"].concrete_seed(0) == 0
    assert PARAMETERS["seed"].concrete_seed(3426017487) == 3426017487


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 65535), (5, 9), (-1, 10**15)])
def test_a_random_seed_keeps_to_the_range_of_its_model(low: int, high: int) -> None:
    seed = Parameter(name="seed", kind=Kind.WHOLE, label="Seed", low=low, high=high)
    assert all(seed.problem(seed.concrete_seed(None)) is None for _ in range(200))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.TEXT, "cats", "cats"),
        (Kind.WHOLE, "12", 12),
        (Kind.NUMBER, "12", 12.0),
        (Kind.SWITCH, "on", True),
        (Kind.SWITCH, "No", False),
        (Kind.WHOLE, "many", "many"),
        (Kind.SWITCH, "perhaps", "perhaps"),
    ],
)
def test_text_is_read_as_its_kind_or_left_to_be_refused(kind: Kind, text: str, value: object) -> None:
    parameter = Parameter(name="x", kind=kind, label="X")
    assert parameter.read(text) == value
    assert type(parameter.read(text)) is type(value)
    assert (parameter.problem(parameter.read(text)) is None) == (type(value) is kind.type)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_without_a_range_is_still_finite(value: float) -> None:
    assert "finite" in (Parameter(name="x", kind=Kind.NUMBER, label="X").problem(value) or "")

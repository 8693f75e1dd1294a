"""The eleven parameters: the page's ranges and defaults, and words for everything else."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stickers.recipes.parameters import (
    PARAMETERS,
    RANDOM_SEED,
    SCHEDULERS,
    TRIGGER_WORD,
    concrete_seed,
    defaults,
    payload,
    problems,
    with_trigger,
)


def test_it_works() -> None:
    values = defaults() | {"prompt": "happy cats"}
    assert problems(values) == {}
    assert payload(values) == {
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
    assert len(SCHEDULERS) == 12


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
    assert words in problems(defaults() | {"prompt": "cats", name: value})[name]


def test_whole_numbers_are_numbers_too() -> None:
    assert PARAMETERS["guidance_scale"].problem(8) is None


@given(st.text(max_size=60))
def test_the_trigger_word_is_in_every_prompt_once(prompt: str) -> None:
    sent = with_trigger(prompt)
    assert sent.lower().count(TRIGGER_WORD.lower()) == max(1, prompt.lower().count(TRIGGER_WORD.lower()))
    assert with_trigger(sent) == sent


@pytest.mark.parametrize("seed", [None, RANDOM_SEED])
def test_a_random_seed_becomes_one_that_can_be_named(seed: Any) -> None:
    seeds = {concrete_seed(seed) for _ in range(50)}
    assert len(seeds) > 40
    assert all(PARAMETERS["seed"].problem(found) is None and found > 0 for found in seeds)


def test_a_given_seed_stays() -> None:
    assert concrete_seed(0) == 0
    assert concrete_seed(3426017487) == 3426017487

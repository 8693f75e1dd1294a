"""What follows from a model's file: the body of the POST, sizes, work, and what fits another model."""

from __future__ import annotations

from pathlib import Path

import pytest

from stickers.recipes.reading import read_model
from stickers.recipes.specs import ModelSpec, offered, unlisted
from tests.support.models import SECOND, SPEC


@pytest.fixture
def second(tmp_path: Path) -> ModelSpec:
    (tmp_path / "second.toml").write_text(SECOND)
    return read_model(tmp_path / "second.toml")


def test_it_works(second: ModelSpec) -> None:
    values = second.defaults() | {"text": "cats", "random_seed": 9, "more": 1}
    assert second.problems(values) == {}
    assert second.payload(values) == {
        "text": "cats", "num_images": 1, "cfg": 3.5, "random_seed": 9, "mood": "calm", "glossy": True,
    }  # fmt: skip


def test_a_model_without_sizes_steps_or_samples_is_counted_all_the_same(second: ModelSpec) -> None:
    assert second.size_px({}) == (1024, 1024)
    assert second.work({"num_images": 2}) == 2 * 1024 * 1024
    assert unlisted("gone").samples({}) == 1
    assert SPEC.size_px({"img_width": 512}) == (512, 1024)
    assert SPEC.work({"num_inference_steps": 40}) == 2 * SPEC.work({})


def test_what_fits_goes_over_by_role_and_else_by_name(second: ModelSpec) -> None:
    values = {"prompt": "cats", "samples": 4, "seed": 70_000, "cfg": 6, "scheduler": "DDIM"}
    extra = ModelSpec(slug="a", label="A", parameters=(*SPEC.parameters, second.by_name["cfg"]))
    assert second.adopt(values, extra) == {"text": "cats", "num_images": 4, "cfg": 6.0}
    assert SPEC.adopt({"text": "cats", "num_images": 8, "random_seed": 9}, second) == {"prompt": "cats", "seed": 9}


def test_without_a_trigger_word_the_prompt_stays() -> None:
    assert unlisted("gone").with_trigger("cats") == "cats"


def test_styles_for_all_lose_the_advice_that_does_not_fit(second: ModelSpec) -> None:
    plain = ModelSpec(slug="plain", label="Plain", parameters=second.parameters)
    assert [style.name for style in plain.styles] == [style.name for style in SPEC.styles]
    assert not any(style.advice for style in plain.styles)
    assert any(style.advice for style in SPEC.styles)


def test_what_is_offered(second: ModelSpec) -> None:
    assert offered([unlisted("gone"), second, SPEC]) == [second, SPEC]

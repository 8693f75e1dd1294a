from __future__ import annotations

import io
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from stickers.recipes.presets import PRESETS
from stickers.sandbox.artist import Drawing, draw_sheet, jpeg
from stickers.sandbox.artist.figures import FIGURES
from stickers.sandbox.artist.figures.lettering import LETTERING
from stickers.sandbox.artist.figures.trinkets import TRINKETS
from stickers.sandbox.artist.figures.wardrobe import WARDROBE
from stickers.sandbox.artist.lexicon import LEXICON
from stickers.sandbox.artist.pen import Pen
from stickers.sandbox.artist.styles import look_for
from stickers.sandbox.artist.vocabulary import read

SIDE = 384  # smaller than the service draws, and quick


def small(prompt: str, seed: int = 1, index: int = 0) -> Drawing:
    return draw_sheet(prompt, seed=seed, width_px=SIDE, height_px=SIDE, index=index)


def test_it_works() -> None:
    drawing = draw_sheet("StickerSheet, cute cats in space", seed=7, width_px=1024, height_px=1024)
    assert drawing.image.size == (1024, 1024)
    assert drawing.image.mode == "RGB"
    assert drawing.labels.shape == drawing.coverage.shape == (1024, 1024)
    assert drawing.labels.dtype == np.uint16
    assert 8 <= len(drawing.names) <= 30
    assert {"cat", "calico"} & set(drawing.names)
    assert set(LEXICON.themes["space"].figures) & set(drawing.names)


@pytest.mark.parametrize(("width", "height"), [(512, 512), (512, 1024), (768, 512)])
def test_size_and_count(width: int, height: int) -> None:
    drawing = draw_sheet("garden", seed=3, width_px=width, height_px=height)
    assert drawing.image.size == (width, height)
    assert len(drawing.names) >= 7
    assert (drawing.labels > 0).mean() > 0.35


def test_same_order_same_pixels() -> None:
    first, second = small("frogs"), small("frogs")
    assert jpeg(first) == jpeg(second)
    assert first.names == second.names
    assert np.array_equal(first.labels, second.labels)


def test_seed_index_and_prompt_change_the_sheet() -> None:
    sheets = [small("frogs"), small("frogs", seed=2), small("frogs", index=1), small("frogs and owls")]
    assert len({jpeg(sheet) for sheet in sheets}) == len(sheets)


def test_jpeg() -> None:
    drawing = small("sushi")
    with Image.open(io.BytesIO(jpeg(drawing))) as image:
        assert image.format == "JPEG"
        assert image.size == (SIDE, SIDE)


@settings(max_examples=6, deadline=None)
@given(
    prompt=st.sampled_from(["cats", "party words", "ocean watercolor", "pixel food", "clay animals", "neon space"]),
    seed=st.integers(0, 2**50),
)
def test_labels_are_separate_stickers(prompt: str, seed: int) -> None:
    drawing = small(prompt, seed)
    labels = drawing.labels
    assert sorted(set(np.unique(labels).tolist()) - {0}) == list(range(1, len(drawing.names) + 1))
    gap = 0.008 * SIDE
    for label in range(1, len(drawing.names) + 1):
        mask = (labels == label).astype(np.uint8)
        assert cv2.connectedComponents(mask)[0] == 2, drawing.names[label - 1]
        others = ((labels != 0) & (labels != label)).astype(np.uint8)
        away = cv2.distanceTransform(1 - others, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        assert away[mask > 0].min() >= gap
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    assert not edge.any()
    assert (drawing.coverage[labels > 0] >= 128).all()


def test_labels_lie_on_the_picture() -> None:
    drawing = next(sheet for seed in range(40) if (sheet := small("dark cats", seed)).edge == "outline")
    pixels = np.asarray(drawing.image).astype(int)
    inner, deeper = (cv2.erode((drawing.labels > 0).astype(np.uint8), np.ones((side, side))) for side in (3, 5))
    white = pixels.min(axis=2) > 225
    assert white[(inner == 1) & (deeper == 0)].mean() > 0.9  # the outline runs along the labels' rim
    ground = cv2.dilate(drawing.coverage, np.ones((15, 15))) == 0
    assert white[ground].mean() < 0.05


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("kittens", "cat"),
        ("a puppy", "dog"),
        ("ice cream cones", "ice cream"),
        ("red panda", "red panda"),
        ("hot air balloons", "hot-air balloon"),
        ("T-Rex", "dino"),
        ("StickerSheet, mushrooms, Very detailed", "mushroom"),
        ("berries", "strawberry"),
    ],
)
def test_words_choose_figures(prompt: str, name: str) -> None:
    assert name in read(prompt).figures
    assert name in small(prompt).names


@pytest.mark.parametrize("name", sorted(name for name in FIGURES if " " not in name and not name.endswith("s")))
def test_plurals_choose_figures_too(name: str) -> None:
    """A designer asks for owls, not for owl; "balloons" is a figure of its own."""
    assert {name, f"{name}s"} & set(read(f"a StickerSheet of {name}s in a forest").figures)


def test_every_named_figure_appears() -> None:
    drawing = small("owl, cactus, donut and a rocket")
    assert {"owl", "cactus", "donut", "rocket"} <= set(drawing.names)


def test_themes_choose_figures() -> None:
    assert read("deep sea life").themes == ("ocean",)
    assert read("sea animals").themes == ("ocean",)
    assert len(set(LEXICON.themes["ocean"].figures) & set(small("ocean").names)) >= 4


def test_unknown_words_give_a_mix() -> None:
    drawing = small("qwertz uiop")
    assert len(set(drawing.names)) >= 5


def test_quoted_words_are_lettered_and_none_on_request() -> None:
    assert any(name.endswith(": Ahoy") for name in small('cats saying "Ahoy"').names)
    assert not any(":" in name for name in small("cats, no text").names)


@pytest.mark.parametrize("prompt", ["", " ", "🐱🐱", "\x00\ud800", "x" * 5000, '"<script>"', "“\n”"])
def test_odd_prompts_are_drawn(prompt: str) -> None:
    assert small(prompt).names


@pytest.mark.thorough
def test_threads_draw_the_same() -> None:
    alone = [jpeg(small("party", seed)) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda seed: jpeg(small("party", seed)), range(4))) == alone


def drawn(draw: object, *arguments: object) -> None:
    pen = Pen(unit_px=30, line_px=2, look=look_for(""), rng=random.Random(1), wear=("crown",))
    draw(pen, *arguments)  # type: ignore[operator]
    alpha = pen.canvas[..., 3]
    assert (alpha > 128).sum() > 100
    rim = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
    assert not rim.any(), "drawn beyond the canvas"


@pytest.mark.thorough
@pytest.mark.parametrize("name", [*FIGURES])
def test_figure(name: str) -> None:
    drawn(FIGURES[name])


@pytest.mark.thorough
@pytest.mark.parametrize("name", [*TRINKETS])
def test_trinket(name: str) -> None:
    drawn(TRINKETS[name])


@pytest.mark.thorough
@pytest.mark.parametrize("name", [*LETTERING])
@pytest.mark.parametrize("text", ["HI", "so long a text", "i", "a b c"])
def test_lettering(name: str, text: str) -> None:
    drawn(LETTERING[name], text)


@pytest.mark.thorough
@pytest.mark.parametrize("name", [*WARDROBE])
def test_garment(name: str) -> None:
    drawn(WARDROBE[name], 0.7, 0.6)


def test_there_is_enough_to_draw() -> None:
    assert len(FIGURES) >= 40


@pytest.mark.thorough
def test_presets_look_different() -> None:
    sheets = {preset.name: small(f"fox, {preset.prompt_suffix}") for preset in PRESETS}
    assert len(sheets) == 8
    looks = {look_for(f"fox, {preset.prompt_suffix}").name for preset in PRESETS}
    assert len(looks) == 8
    assert all("fox" in sheet.names for sheet in sheets.values())


def test_presets_choose_no_figures() -> None:
    for preset in PRESETS:
        assert read(preset.prompt_suffix).figures == (), preset.name


def test_colour_words_tint_the_sheet() -> None:
    pink, green = (np.asarray(small(f"{word} hearts").image).reshape(-1, 3).mean(axis=0) for word in ("pink", "green"))
    assert pink[0] - pink[1] > green[0] - green[1] + 15


def test_preset_pictures_are_there_and_light() -> None:
    for preset in PRESETS:
        file = Path(__file__).parents[2] / "static" / preset.picture
        assert file.stat().st_size < 8192
        with Image.open(file) as image:
            assert image.size == (192, 128)


@pytest.mark.thorough
def test_bare_stickers_leave_no_scraps() -> None:
    drawing = next(sheet for seed in range(200) if (sheet := small("clouds, no text", seed)).edge == "bare")
    bare = cv2.dilate(drawing.coverage, np.ones((15, 15))) == 0
    pixels = np.asarray(drawing.image).astype(int)
    assert np.ptp(pixels[bare], axis=0).max() < 60  # the ground and its shadows only

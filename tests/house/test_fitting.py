"""The composer of training sheets: its truth fits its pixels, and judging shares no art with learning."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.fitting import art
from tests.fitting.cutting.compose import (
    ARTWORK,
    BORDER,
    FURNITURE,
    HELD_OUT_SEED,
    IGNORE,
    KINDS,
    SHADOW,
    compose,
)


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_tells_the_truth_about_its_pixels(kind: str) -> None:
    sheet = compose(3, kind, 256, library=art.EMPTY)

    assert sheet.rgb.shape == (*sheet.labels.shape, 3)
    assert max(sheet.labels.shape) == 256
    numbers = np.unique(sheet.labels)
    assert numbers.max() >= 1
    assert np.array_equal(numbers[numbers > 0], np.arange(1, numbers.max() + 1))
    on_stickers = sheet.parts[sheet.labels > 0]
    assert np.isin(on_stickers, (ARTWORK, BORDER, IGNORE)).all()
    off_stickers = sheet.parts[sheet.labels == 0]
    assert not np.isin(off_stickers, (ARTWORK, BORDER)).any()


def test_the_same_seed_gives_the_same_pixels() -> None:
    one, two = (compose(5, "overlap", 256, library=art.EMPTY) for _ in range(2))

    assert np.array_equal(one.rgb, two.rgb)
    assert np.array_equal(one.labels, two.labels)


def test_another_seed_gives_another_sheet() -> None:
    one, two = (compose(seed, "cards", 256, library=art.EMPTY) for seed in (1, 2))

    assert one.rgb.shape != two.rgb.shape or not np.array_equal(one.rgb, two.rgb)


def test_a_seed_without_a_kind_draws_one() -> None:
    assert len({compose(seed, side=128, library=art.EMPTY).kind for seed in range(8)}) > 2


@pytest.mark.parametrize(("kind", "part"), [("knolling", SHADOW), ("cards", FURNITURE), ("white_on_cream", BORDER)])
def test_a_kind_has_what_it_is_named_after(kind: str, part: int) -> None:
    assert any((compose(seed, kind, 256, library=art.EMPTY).parts == part).any() for seed in range(4))


def test_what_judges_was_never_learned_from() -> None:
    names = [f"picture-{number}" for number in range(1000)]
    kept = sum(art.is_held_out(name) for name in names)

    assert 80 < kept < 160
    assert art.FAMILIES["noto"].judging


def test_a_folder_without_art_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(art.NotFetchedError, match=r"python -m tests\.fitting\.art"):
        art.library(folder=tmp_path)


def test_no_sheet_for_training_has_a_seed_that_is_held_apart(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "tests.fitting.cutting.sheets", tmp_path / "sheets")
    wrong = ("--first", str(HELD_OUT_SEED - 1), "--sheets", "2")
    done = subprocess.run((*command, *wrong), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "held apart for the bench" in done.stderr
    assert not (tmp_path / "sheets").exists()

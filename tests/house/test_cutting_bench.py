"""The cutting bench's own arithmetic: scores of made-up cuts, and what a baseline lets pass."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from tests.bench import cutting_scores as scores
from tests.bench.cutting import ROOT, Engine, Sheet, kept, measured, ratios, summaries, table, worse
from tests.bench.cutting_mutants import Number, mutated, numbers_of
from tests.bench.cutting_scores import Judged, Piece

SIDE = 100


def sheet() -> npt.NDArray[np.int32]:
    """Two squares, the second with a hole and a loose part."""
    labels = np.zeros((SIDE, SIDE), np.int32)
    labels[10:40, 10:40] = 1
    labels[50:90, 50:90] = 2
    labels[65:75, 65:75] = 0
    labels[40:45, 60:65] = 2
    return labels


def piece(mask: npt.NDArray[np.bool_], *, confidence: float = 0.9, reason: str = "") -> Piece:
    return Piece(mask.astype(np.uint8) * 255, 0, 0, confidence, reason)


def scored(*pieces: Piece, ignored: npt.NDArray[np.bool_] | None = None) -> scores.Score:
    return scores.composed(sheet(), np.zeros((SIDE, SIDE), bool) if ignored is None else ignored, pieces)


def test_the_truth_itself_is_perfect() -> None:
    score = scored(piece(sheet() == 1), piece(sheet() == 2))

    assert (score.pq, score.f1, score.perfect, score.boundary, score.halo) == (1, 1, 1, 0, 0)
    assert (score.satellites, score.holes, score.over, score.under) == (1, 1, 0, 0)
    assert all(one.right for one in score.judged)


def test_no_piece_scores_nothing() -> None:
    score = scored()

    assert (score.pq, score.f1, score.perfect, score.boundary, score.satellites) == (0, 0, 0, None, 0)


def test_a_filled_hole_a_lost_satellite_and_a_rim_of_ground_show() -> None:
    lost = sheet() == 2
    lost[40:45] = False
    lost[50:90, 50:90] = True
    grown = cv2.dilate((sheet() == 1).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    score = scored(piece(grown), piece(lost))

    assert (score.holes, score.satellites) == (0, 0)
    assert score.halo is not None
    assert 1 < score.halo < 2
    assert score.boundary is not None
    assert score.boundary > 0.5


def test_a_split_and_a_merged_sticker_are_counted() -> None:
    left, right = sheet() == 1, sheet() == 1
    left[:, 25:] = right[:, :25] = False

    assert scored(piece(left), piece(right), piece(sheet() == 2)).over == 1
    assert scored(piece(sheet() > 0)).under == 1


def test_ignored_pixels_count_for_nobody() -> None:
    ignored = np.zeros((SIDE, SIDE), bool)
    ignored[:8] = True
    crumb = np.zeros((SIDE, SIDE), bool)
    crumb[2:6, 2:6] = True

    assert scored(piece(sheet() == 1), piece(sheet() == 2), piece(crumb)).perfect == 0
    assert scored(piece(sheet() == 1), piece(sheet() == 2), piece(crumb), ignored=ignored).perfect == 1


def test_a_real_sheet_is_whole_with_one_piece_too_many_and_no_more() -> None:
    boxes = [(10.0, 10.0, 40.0, 40.0), (50.0, 40.0, 90.0, 90.0)]
    extra = np.zeros((SIDE, SIDE), bool)
    extra[0:5, 90:95] = True
    pieces = [piece(sheet() == 1), piece(sheet() == 2)]

    good = scores.real(boxes, (SIDE, SIDE), [*pieces, piece(extra)])
    assert (good.whole, good.matched, good.found) == (True, 2, 3)
    assert not scores.real(boxes, (SIDE, SIDE), [*pieces, piece(extra), piece(extra)]).whole
    assert not scores.real(boxes, (SIDE, SIDE), pieces[:1]).whole


def test_a_smooth_piece_is_clean_and_a_ragged_one_is_not() -> None:
    comb = np.zeros((400, 400), bool)
    comb[50:350, 50:350] = True
    boxes = [(50.0, 50.0, 350.0, 350.0)]
    assert scores.real(boxes, comb.shape, [piece(comb)]).clean
    comb[50:350:4, 300:350] = False
    comb[51:350:4, 300:350] = False
    score = scores.real(boxes, comb.shape, [piece(comb)])

    assert (score.whole, score.clean) == (True, False)
    assert score.roughness is not None
    assert score.roughness > 1.3


def test_confidence_is_measured_against_what_is_right() -> None:
    judged = [Judged(0.9, "", True), Judged(0.8, "", True), Judged(0.85, "faint", False), Judged(0.1, "", False)]

    assert scores.auroc(judged) == pytest.approx(0.75)
    assert scores.auroc(judged[:2]) is None
    assert scores.with_reason(judged, right=False) == 0.5
    assert scores.with_reason(judged, right=True) == 0
    assert scores.calibration_error([Judged(0.95, "", True)] * 4) == pytest.approx(0.05)


def test_a_regression_is_told_in_words_and_an_improvement_is_none() -> None:
    before = {"bare": {"pq": 0.95, "boundary": 0.4, "holes": None}, "real": {"whole": 0.5}}

    assert worse(before, {"bare": {"pq": 0.96, "boundary": 0.3, "holes": 0.1}}) == []
    assert worse(before, {"bare": {"pq": 0.9498, "boundary": 0.4015}, "real": {"whole": 0.5}}) == []
    found = worse(before, {"bare": {"pq": 0.94, "boundary": None}, "real": {"whole": 0.49}})
    assert [words.split(" was ")[0] for words in found] == ["bare: pq", "bare: boundary", "real: whole"]
    assert found[0] == "bare: pq was 0.9500, is 0.9400, allowed slack 0.0003"


def test_a_sheet_is_cut_in_a_process_of_its_own_and_summed_up(tmp_path: Path) -> None:
    picture = np.full((240, 240, 3), 255, np.uint8)
    cv2.circle(picture, (120, 120), 70, (40, 60, 200), -1)
    truth = (cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) < 250).astype(np.int32)
    _, data = cv2.imencode(".png", picture)
    made = Sheet(
        "disc",
        "one",
        data.tobytes(),
        lambda pieces, ms, mb: scores.composed(truth, np.zeros(truth.shape, bool), pieces, ms=ms, peak_mb=mb),
    )
    engine = Engine(ROOT)
    try:
        rows = summaries(measured([made], [engine])[0])
    finally:
        engine.close()

    assert rows["disc"]["pq"] == pytest.approx(1, abs=0.05)
    assert rows["disc"]["ms"]
    assert rows["disc"]["peak_mb"]
    assert "disc" in table(rows)
    assert ratios(rows, rows) == "all: 1.00 × the CPU time, 1.00 × the memory\n"
    assert "ms" not in kept(rows)["disc"]


def test_every_number_of_a_module_and_of_a_data_file_is_found_and_moved(tmp_path: Path) -> None:
    (tmp_path / "stage.py").write_text('LIMIT: Final = 0.5\nPAIR = (2, -3.0)\nNAME = "x"\n\ndef f():\n    return 7.5\n')
    (tmp_path / "judge.json").write_text('{"weights": {"seam": -8.0}, "scores": {"loss": 0.1}, "list": [1.0, 0.0]}')
    found = {number.name: number for number in numbers_of(tmp_path)}

    assert set(found) == {
        "stage.py LIMIT",
        "stage.py PAIR[0]",
        "stage.py PAIR[1]",
        "judge.json weights.seam",
        "judge.json list.0",
    }
    assert "LIMIT: Final = 0.6" in mutated(found["stage.py LIMIT"], 1.2)
    assert "PAIR = (2, -2.4)" in mutated(found["stage.py PAIR[1]"], 0.8)
    assert '"seam": -9.6' in mutated(found["judge.json weights.seam"], 1.2)


def test_a_whole_number_moves_by_at_least_one() -> None:
    assert Number(Path("a.py"), "a", 3, ()).moved(1.2) == 4
    assert Number(Path("a.py"), "a", 3, ()).moved(0.8) == 2
    assert Number(Path("a.py"), "a", 100, ()).moved(0.8) == 80

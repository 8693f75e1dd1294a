"""Profiles: the shops' numbers, edited copies, and nonsense refused at its field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stickers.printing.errors import OptionsError
from stickers.printing.profiles import MOST_NAME, PROFILES, find_profile


def test_it_works() -> None:
    assert set(PROFILES) == {
        *("stickerapp", "stickermule", "stickergiant", "stickerninja"),
        *("cricut", "silhouette", "home", "messenger"),
        *("silhouette-extension", "silhouette-four", "silhouette-feeder"),
    }
    assert find_profile("Sticker Mule").bleed_mm == 1.6
    assert find_profile("stickergiant").border_for(20) == 3.2
    assert PROFILES["silhouette"].marks is not None


@pytest.mark.parametrize("name", PROFILES)
def test_each_says_where_its_numbers_come_from(name: str) -> None:
    assert len(PROFILES[name].source) > 20
    assert PROFILES[name].as_of >= "2026-11"


def test_published_numbers() -> None:
    """Inches as the shops' pages give them. What the profile rounds, it rounds to the safe side."""
    giant, ninja, app = (PROFILES[name] for name in ("stickergiant", "stickerninja", "stickerapp"))
    eighth, quarter = 25.4 / 8, 25.4 / 4
    assert giant.least_radius_mm == pytest.approx(eighth)
    assert eighth <= giant.bleed_mm <= eighth + 0.05
    assert eighth <= giant.border_for(25) <= eighth + 0.05
    assert giant.least_border_mm == pytest.approx(25.4 / 16, abs=0.05)
    assert (ninja.dpi, ninja.gap_mm) == (300, quarter)
    assert eighth <= min(ninja.safe_mm, ninja.edge_mm) <= max(ninja.safe_mm, ninja.edge_mm) <= eighth + 0.05
    assert (app.gap_mm, app.edge_mm, app.bleed_mm, app.least_cut_mm) == (2, 2, 2, 6)


@pytest.mark.parametrize("name", PROFILES)
def test_a_copy_goes_through_json_and_back(name: str) -> None:
    profile = PROFILES[name]
    assert profile.edited(json.loads(json.dumps(profile.as_json()))) == profile
    mine = profile.edited({"name": "mine", "label": "My shop", "gap_mm": 5, "spot_name": "Kiss"})
    assert (mine.gap_mm, mine.spots().kiss.name) == (5, "Kiss")
    assert profile.gap_mm == PROFILES[name].gap_mm


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("cmyk", {"cmyk": "../../etc/passwd"}),
        ("cmyk", {"cmyk": "a\\b"}),
        ("cmyk", {"cmyk": "c" * 81}),
        ("cmyk", {"cmyk": None}),
        ("gap_mm", {"gap_mm": -1}),
        ("gap_mm", {"gap_mm": "wide"}),
        ("gap_mm", {"gap_mm": None}),
        ("gap_mm", {"gap_mm": float("nan")}),
        ("gap_mm", {"gap_mm": True}),
        ("bleed_mm", {"bleed_mm": 40}),
        ("least_cut_mm", {"least_cut_mm": 0}),
        ("dpi", {"dpi": 72}),
        ("least_ppi", {"least_ppi": -4}),
        ("formats", {"formats": ["bmp"]}),
        ("formats", {"formats": []}),
        ("formats", {"formats": "pdf"}),
        ("kind", {"kind": "bakery"}),
        ("name", {"name": ""}),
        ("label", {"label": "x" * 41}),
        ("spot_name", {"spot_name": "All"}),
        ("spot_name", {"spot_name": 7}),
        ("spot_name", {"through_name": "CutContour"}),
        ("through_name", {"through_name": "Black"}),
        ("border_mm", {"border_mm": 1, "least_border_mm": 2}),
        ("border_mm", {"size_mm": 6, "border_mm": 2.5}),
        ("margin_mm", {"margin_mm": 1, "edge_mm": 2}),
        ("size_mm", {"size_mm": 20, "least_cut_mm": 30}),
        ("size_mm", {"size_mm": 2000}),
        ("spot_tint", {"spot_tint": 2}),
        ("stroke_pt", {"stroke_pt": "thin"}),
        ("marks", {"marks": "type 1"}),
        ("marks.arm_mm", {"marks": {"arm_mm": 99}}),
        ("marks.legs", {"marks": {"legs": 3}}),
        ("source", {"source": "x" * 301}),
        ("source", {"source": None}),
        ("as_of", {"as_of": "last week"}),
        ("as_of", {"as_of": "2026-13"}),
        ("as_of", {"as_of": 2026}),
        ("colour", {"colour": "red"}),
    ],
)
def test_nonsense_is_refused_at_its_field(field: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(OptionsError) as caught:
        PROFILES["home"].edited(wrong)
    assert caught.value.field == field
    assert caught.value.message.endswith(".")


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(OptionsError, match="stickerapp") as caught:
        find_profile("nobody")
    assert caught.value.field == "profile"


def test_own_profiles_are_found_among_the_others() -> None:
    mine = PROFILES["home"].edited({"name": "own-3", "label": "Corner shop"})
    known = {**PROFILES, mine.name: mine}
    assert find_profile("corner shop", known) is find_profile("own-3", known) is mine
    assert find_profile("Sticker Mule", known) is PROFILES["stickermule"]
    twin = mine.edited({"name": "own-4"})
    with pytest.raises(OptionsError, match="own-3, own-4"):
        find_profile("Corner Shop", {**known, twin.name: twin})


def test_the_marks_of_silhouettes_are_as_their_sources_say() -> None:
    by_name = {name: profile.marks for name, profile in PROFILES.items() if profile.marks}
    extension, four, feeder = (by_name[f"silhouette-{kind}"] for kind in ("extension", "four", "feeder"))
    for marks in (extension, four):
        assert (marks.arm_mm, marks.line_mm, marks.inset_mm, marks.centred) == (20, 0.3, 10, True)
    assert (extension.square_mm, extension.count, four.count) == (5, 3, 4)
    assert feeder.inset_mm >= 0.625 * 25.4
    assert all(marks.clearance_mm == 20 for marks in by_name.values())


@pytest.mark.parametrize(
    ("field", "marks"),
    [
        ("marks.count", {"count": 2.5}),
        ("marks.count", {"count": "four"}),
        ("marks.centred", {"centred": "yes"}),
        ("marks.clearance_mm", {"clearance_mm": 300}),
        ("marks.legs", {"legs": 4}),
    ],
)
def test_marks_that_cannot_be_are_refused(field: str, marks: dict[str, object]) -> None:
    with pytest.raises(OptionsError) as caught:
        PROFILES["home"].edited({"marks": marks})
    assert caught.value.field == field


def test_the_name_of_a_copy_fits() -> None:
    assert all(len(f"{profile.label} copy") <= MOST_NAME for profile in PROFILES.values())


def test_marks_survive_json() -> None:
    profile = PROFILES["silhouette-four"]
    assert PROFILES["home"].edited(profile.as_json()) == profile

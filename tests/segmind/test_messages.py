"""Reading bodies whose keys vary."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stickers.segmind.messages import (
    JobState,
    Metrics,
    PictureRef,
    read_metrics,
    read_money,
    read_result,
    read_state,
    read_status,
)

A, B = "https://images.example/a.jpeg", "https://images.example/b.jpeg"


def test_it_works() -> None:
    body = {
        "status": "COMPLETED",
        "error": None,
        "output": A,
        "images": [{"url": A, "content_type": "image/jpeg"}, {"url": B}],
        "seed": "3426017487",
        "metrics": {"cost": Decimal("0.018"), "inference_time": Decimal("13.9"), "queue_time": 1},
    }
    result = read_result(body, JobState.COMPLETED)
    assert result.pictures == (PictureRef(url=A), PictureRef(url=B))
    assert result.seed == 3426017487
    assert result.metrics == Metrics(cost=Decimal("0.018"), inference_time=13.9, queue_time=1.0)
    assert result.error == ""


@pytest.mark.parametrize(
    ("body", "pictures"),
    [
        ({"output": A}, [PictureRef(url=A)]),
        ({"output": [A, B]}, [PictureRef(url=A), PictureRef(url=B)]),
        ({"images": [], "output": [A]}, [PictureRef(url=A)]),
        ({"images": [{"content_type": "image/jpeg"}], "output": A}, [PictureRef(url=A)]),
        ({"images": [A], "output": B}, [PictureRef(url=A)]),
        ({"output": {"url": A}}, [PictureRef(url=A)]),
        ({"output": {"images": [{"url": A}]}}, [PictureRef(url=A)]),
        ({"output": " aGVsbG8= "}, [PictureRef(encoded="aGVsbG8=")]),
        ({"output": ["aGVsbG8=", "data:image/png;base64,aGVsbG8="]},
         [PictureRef(encoded="aGVsbG8="), PictureRef(encoded="data:image/png;base64,aGVsbG8=")]),
        ({"output": "ftp://example/a"}, [PictureRef(url="ftp://example/a")]),
        ({"output": None, "images": None}, []),
        ({"output": "", "images": []}, []),
        ({"output": 5}, []),
        ({"output": [None, 5, A]}, [PictureRef(url=A)]),
        ({}, []),
    ],
)  # fmt: skip
def test_every_shape_of_output(body: dict[str, object], pictures: list[PictureRef]) -> None:
    assert read_result(body, JobState.COMPLETED).pictures == tuple(pictures)


def test_brackets_by_the_hundred_are_no_picture() -> None:
    nested: object = A
    for _ in range(500):
        nested = [nested]
    assert read_result({"output": nested}, JobState.COMPLETED).pictures == ()


def test_a_failed_job_has_a_reason_and_no_pictures() -> None:
    result = read_result({"error": "flagged", "output": A}, JobState.FAILED)
    assert (result.error, result.pictures) == ("flagged", ())
    assert read_status({"error": None}, JobState.FAILED).error == "The model failed and gave no reason."
    assert read_status({"error": {"message": "inner"}}, JobState.FAILED).error == "inner"


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("QUEUED", JobState.QUEUED),
        ("Processing", JobState.PROCESSING),
        ("completed", JobState.COMPLETED),
        ("FAILED", JobState.FAILED),
        ("WARMING_UP", None),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_states(value: object, state: JobState | None) -> None:
    assert read_state({"status": value}) is state


@pytest.mark.parametrize(
    ("value", "seed"),
    [("12", 12), (12, 12), ("-1", -1), (True, None), ("a", None), (None, None), (1.5, None), ([], None)],
)
def test_seeds(value: object, seed: int | None) -> None:
    assert read_result({"seed": value}, JobState.COMPLETED).seed == seed


@pytest.mark.parametrize(
    ("value", "money"),
    [
        ("0.018", Decimal("0.018")),
        (Decimal("0.018"), Decimal("0.018")),
        (12, Decimal(12)),
        (0.1, Decimal("0.1")),
        ("NaN", None),
        ("Infinity", None),
        ("1e999", None),
        (True, None),
        (None, None),
        ("free", None),
    ],
)
def test_money(value: object, money: Decimal | None) -> None:
    assert read_money(value) == money


def test_nothing_that_a_database_refuses() -> None:
    """A row that cannot be written is a paid job that is never seen again."""
    said = read_status({"error": "bad\x00 news\ud800 \n for\tyou 🦦"}, JobState.FAILED).error
    assert said == "bad news for you 🦦"
    assert read_metrics({"metrics": {"cost": "100000"}}).cost is None
    assert read_metrics({"metrics": {"cost": "99999.5", "remaining_credits": 100_000}}) == Metrics(
        cost=Decimal("99999.5"), remaining_credits=Decimal(100_000)
    )
    [picture] = read_result({"output": "https://images.example/a\x00.jpeg"}, JobState.COMPLETED).pictures
    assert picture.url == ""


def test_metrics_that_are_none() -> None:
    assert read_metrics({}) == read_metrics({"metrics": []}) == read_metrics({"metrics": None}) == Metrics()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, max_examples=50)
@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("status", "error", "output", "images", "seed", "metrics"), json_values)
    )
)
def test_no_body_is_too_strange(body: dict[str, object]) -> None:
    read_state(body)
    for state in JobState:
        read_status(body, state)
        assert all(ref.url or ref.encoded for ref in read_result(body, state).pictures)

"""Whatever answers come in whatever order: orders stop after two doubts in a row, and an answer lets them go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pytest
from django.db.models import F
from hypothesis import example, given
from hypothesis import strategies as st

from stickers.models import Trouble, Upstream
from stickers.models.upstream import DOUBTS, UpstreamQuerySet

KEY: Final = "a key"
PAUSES: Final = (1, 2, 4, 8, 16, 32, 60)  # minutes until the next order tries; the last one from then on
events = st.lists(
    st.one_of(
        st.sampled_from(["doubt", "answer", "no money", "refused key", "solved", "try again", "trial"]),
        st.integers(1, 70),  # minutes that pass
    ),
    max_size=30,
)


@dataclass
class Expected:
    """The brake as the docstring of `Upstream` tells it."""

    doubts: int = 0
    trouble: str = ""
    trials: int = 0
    waited: float = 0  # minutes since the stop or the last trial

    def stop(self, trouble: Trouble) -> None:
        if not self.trouble:
            self.trouble, self.trials, self.waited = trouble, 0, 0

    def trial(self) -> bool:
        pauses = {Trouble.DOUBT: PAUSES[min(self.trials, len(PAUSES) - 1)], Trouble.MONEY: 60}
        if self.waited < pauses.get(Trouble(self.trouble), float("inf")) if self.trouble else True:
            return False
        self.trials, self.waited = self.trials + 1, 0
        return True


@given(story=events)
@example(story=["doubt", "doubt", 1, "trial", "trial", "doubt", 1, "trial", 1, "trial", "answer"])
@example(story=["doubt", "no money", "doubt", "answer", 60, "trial"])
@example(story=["doubt", "doubt", "try again", "trial", "trial", 2, "trial"])
@pytest.mark.django_db
def test_the_brake(story: list[str | int]) -> None:
    Upstream.objects.all().delete()
    Upstream.objects.create(key="of somebody else")
    expected, rows = Expected(), Upstream.objects
    for event in story:
        match event:
            case int(minutes):
                rows.update(stopped_at=F("stopped_at") - timedelta(minutes=minutes))
                expected.waited += minutes
            case "doubt":
                rows.doubt(KEY, "No answer.")
                expected.doubts += 1
                if expected.doubts >= DOUBTS:
                    expected.stop(Trouble.DOUBT)
            case "answer":
                rows.answered(KEY)
                expected.doubts = 0
                if expected.trouble == Trouble.DOUBT:
                    expected.trouble = ""
            case "no money":
                rows.stop(KEY, Trouble.MONEY, "No credits.")
                expected.stop(Trouble.MONEY)
            case "refused key":
                rows.stop(KEY, Trouble.KEY, "Bad key.")
                expected.stop(Trouble.KEY)
            case "solved":
                rows.resume(KEY, Trouble.KEY, Trouble.MONEY)
                if expected.trouble != Trouble.DOUBT:
                    expected.trouble = ""
            case "try again":
                rows.ask_now(KEY)
                if expected.trouble:
                    expected.trials, expected.waited = 0, 60
            case "trial":
                assert rows.claim_trial(KEY) == expected.trial(), story
        row = rows.filter(key=KEY).first()
        assert (row.doubts, row.trouble) if row else (expected.doubts, expected.trouble) == (0, ""), story
        assert rows.get(key="of somebody else").trouble == ""


@pytest.mark.django_db
def test_of_two_workers_one_has_the_trial() -> None:
    for _ in range(DOUBTS):
        Upstream.objects.doubt(KEY, "No answer.")
    Upstream.objects.ask_now(KEY)
    assert [Upstream.objects.claim_trial(KEY) for _ in range(3)] == [True, False, False]


@pytest.mark.django_db
def test_an_answer_between_two_halves_of_a_doubt_keeps_the_key_open(monkeypatch: pytest.MonkeyPatch) -> None:
    Upstream.objects.doubt(KEY, "No answer.")
    stop = UpstreamQuerySet.stop

    def answered_first(rows: UpstreamQuerySet, key: str, trouble: Trouble, reason: str) -> None:
        rows.answered(key)
        stop(rows, key, trouble, reason)

    monkeypatch.setattr(UpstreamQuerySet, "stop", answered_first)
    Upstream.objects.doubt(KEY, "No answer.")
    assert Upstream.objects.get(key=KEY).trouble == ""

"""Lanes: calls that hang cost one thread, delay no other lane, and lose no answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError
from pytest_django import Settings

from stickers import pipeline, tasks
from stickers.models import Generation, Segmentation, Sheet, State, WorkState
from stickers.pipeline import lanes
from stickers.pipeline.exchange import Exchange
from stickers.pipeline.lanes import Lane
from stickers.sandbox.faults import Fault
from stickers.sandbox.jobs import SheetOrder
from stickers.sandbox.server import Sandbox
from tests.conftest import wait_until
from tests.support.jobs import order, three_discs


@pytest.fixture(autouse=True)
def _address(settings: Settings) -> None:
    settings.SEGMIND_BASE_URL = "http://127.0.0.1:9"  # nobody is asked there


@dataclass
class Service:
    """Calls that are answered when the test says so."""

    due: list[str] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    answered: dict[str, threading.Event] = field(default_factory=dict)
    asked: dict[str, threading.Event] = field(default_factory=dict)

    def claim(self, room: int) -> list[Exchange]:
        names, self.due = self.due[:room], self.due[room:]
        return [self.exchange(name) for name in names]

    def exchange(self, name: str, then: Callable[[], Exchange] | None = None) -> Exchange:
        answered, asked = threading.Event(), threading.Event()
        self.answered[name], self.asked[name] = answered, asked

        def ask(_: object) -> str:
            asked.set()
            assert answered.wait(60)
            return name

        def settle(answer: Future[str]) -> Exchange | None:
            self.settled.append(answer.result())
            return then() if then else None

        return Exchange(None, "SG_key", ask=ask, settle=settle)


@pytest.fixture
def service() -> Iterator[Service]:
    running = Service()
    yield running
    for answered in running.answered.values():
        answered.set()


def kept(lane: Lane, **options: Any) -> threading.Thread:
    thread = threading.Thread(target=lane.keep, kwargs=options, daemon=True)
    thread.start()
    return thread


def test_it_works(service: Service) -> None:
    service.due = ["a", "b"]
    lane = Lane("test", calls=8, claim=service.claim)
    keeper = kept(lane)
    wait_until(lambda: "b" in service.asked)
    service.answered["b"].set()
    wait_until(lambda: service.settled == ["b"])
    assert keeper.is_alive()
    service.answered["a"].set()
    keeper.join(60)
    assert service.settled == ["b", "a"]


def test_whoever_finds_it_kept_goes_at_once_and_the_keeper_claims(service: Service) -> None:
    service.due = ["hangs"]
    lane = Lane("test", calls=8, claim=service.claim)
    keeper = kept(lane)
    wait_until(lambda: "hangs" in service.asked)
    service.due = ["new"]
    lane.keep()  # by this thread, which is not held up
    wait_until(lambda: "new" in service.asked)
    service.answered["new"].set()
    wait_until(lambda: service.settled == ["new"])
    service.answered["hangs"].set()
    keeper.join(60)


def test_no_more_calls_at_once_than_it_has_places(service: Service) -> None:
    service.due = list("abcde")
    keeper = kept(Lane("test", calls=2, claim=service.claim))
    wait_until(lambda: service.asked.keys() == {"a", "b"})
    service.answered["a"].set()
    wait_until(lambda: "c" in service.asked)
    assert service.asked.keys() == {"a", "b", "c"}
    for name in "bcde":
        wait_until(lambda name=name: name in service.answered)
        service.answered[name].set()
    keeper.join(60)
    assert sorted(service.settled) == list("abcde")


def test_an_answer_may_lead_to_another_call(service: Service) -> None:
    follow_up = service.exchange("result")
    service.answered["result"].set()
    first = service.exchange("status", then=lambda: follow_up)
    service.answered["status"].set()
    exchanges = [first]
    Lane("test", calls=8, claim=lambda _: [exchanges.pop()] if exchanges else []).keep()
    assert service.settled == ["status", "result"]


def test_news_comes_while_another_call_hangs(service: Service) -> None:
    service.due = ["hangs", "answers"]
    told = threading.Event()
    keeper = kept(Lane("test", calls=8, claim=service.claim), news=told.set)
    wait_until(lambda: "answers" in service.asked)
    service.answered["answers"].set()
    assert told.wait(60)
    assert keeper.is_alive()


def test_a_refusal_loses_no_answer_that_is_under_way(service: Service) -> None:
    service.due = ["a"]
    rounds: list[int] = []

    def claim(room: int) -> list[Exchange]:
        rounds.append(room)
        if len(rounds) == 2:
            raise DatabaseError("the disk is full")
        return service.claim(room)

    lane, raised = Lane("test", calls=8, claim=claim), []

    def keep() -> None:
        try:
            lane.keep()
        except DatabaseError as error:
            raised.append(error)

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    wait_until(lambda: "a" in service.asked)
    lane.keep()
    wait_until(lambda: len(rounds) == 2)
    service.answered["a"].set()
    keeper.join(60)
    assert (service.settled, len(raised)) == (["a"], 1)


def test_a_worker_that_ends_claims_nothing_more(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "_claims_end", threading.Event())
    service.due = ["a"]
    lane = Lane("test", calls=8, claim=service.claim)
    keeper = kept(lane)
    wait_until(lambda: "a" in service.asked)
    pipeline.end_claims()
    service.due = ["b"]
    lane.keep()
    service.answered["a"].set()
    keeper.join(60)
    assert (service.settled, service.due) == (["a"], ["b"])


@pytest.mark.usefixtures("resting_worker")
def test_hanging_status_calls_hold_up_neither_a_cut_nor_an_order(designer: User, settings: Settings) -> None:
    settings.SEGMIND_READ_SECONDS = 60
    with Sandbox(run_seconds=0.02, queue_seconds=0, hang_seconds=120, draw=three_discs) as service:
        settings.SEGMIND_BASE_URL = service.url
        service.set_fault(Fault.STATUS_HUNG)
        hanging = [order(designer, f"hangs {number}").pk for number in range(32)]
        tasks.hint()
        wait_until(lambda: sum(call.method == "GET" for call in service.calls) == len(hanging), seconds=60)
        sheet = imported(designer)
        new = order(designer)
        tasks.hint()

        def both_went_on() -> bool:
            new.refresh_from_db()
            is_cut = Segmentation.objects.get(sheet=sheet).state == WorkState.DONE
            return is_cut and new.state == State.WAITING

        wait_until(both_went_on, seconds=50)
        still_hanging = Generation.objects.filter(pk__in=hanging, state=State.WAITING, tries=0)
        assert still_hanging.count() == len(hanging)
        Generation.objects.all().delete()


def imported(owner: User) -> Sheet:
    picture = three_discs(SheetOrder(prompt="", seed=1, width_px=512, height_px=512))
    return Sheet.objects.import_picture(
        owner_pk=owner.pk, data=picture, picture_format="JPEG", width_px=512, height_px=512, source_name="own.jpg"
    )

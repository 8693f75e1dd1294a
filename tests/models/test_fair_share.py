"""Fair share: however much one designer has ordered, the next one's order goes out with the next batch."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from stickers.models import Generation, Segmentation, Sheet, State


def queue(owner: User, count: int, *, age: timedelta = timedelta(seconds=1)) -> None:
    due = timezone.now() - age
    orders = (Generation(owner=owner, prompt="x", seed=number, next_at=due) for number in range(count))
    Generation.objects.bulk_create(orders)


def send(limit: int) -> list[Generation]:
    now = timezone.now()
    lease = now + timedelta(seconds=60)
    return Generation.objects.claim(
        State.CREATED, limit=limit, lease_until=lease, state=State.SUBMITTING, submitted_at=now
    )


@pytest.fixture
def crowd(transactional_db: None) -> list[User]:
    return [User.objects.create(username=f"designer {number}") for number in range(3)]


def test_it_works(crowd: list[User]) -> None:
    """Five hundred older orders of one designer do not keep the others waiting."""
    queue(crowd[0], 500, age=timedelta(minutes=5))
    queue(crowd[1], 1)
    queue(crowd[2], 2)
    assert Counter(order.owner_id for order in send(8)) == {crowd[0].pk: 5, crowd[1].pk: 1, crowd[2].pk: 2}


def test_one_designer_alone_waits_for_nobody(crowd: list[User]) -> None:
    queue(crowd[0], 20)
    assert [len(send(8)) for _ in range(3)] == [8, 8, 4]


def test_the_oldest_of_each_goes_first(crowd: list[User]) -> None:
    for owner in crowd:
        queue(owner, 3)
    oldest = [Generation.objects.owned_by(owner.pk).order_by("pk").first() for owner in crowd]
    assert {order.pk for order in send(3)} == {order.pk for order in oldest if order}


def test_turns_are_remembered_from_batch_to_batch(crowd: list[User]) -> None:
    """If batches are smaller than the crowd, nobody is left out, though the same ones are always the oldest."""
    for minutes, owner in enumerate(crowd):
        queue(owner, 50, age=timedelta(minutes=10 - minutes))
    served = Counter(order.owner_id for _ in range(6) for order in send(1))
    assert served == dict.fromkeys([owner.pk for owner in crowd], 2)


def test_segmentations_take_turns_too(crowd: list[User]) -> None:
    def pictures(owner: User, count: int, age_s: int) -> None:
        due = timezone.now() - timedelta(seconds=age_s)
        fields = {"file": "x.png", "format": "PNG", "width_px": 1, "height_px": 1}
        sheets = Sheet.objects.bulk_create(Sheet(owner=owner, **fields) for _ in range(count))
        Segmentation.objects.bulk_create(Segmentation(sheet=sheet, next_at=due) for sheet in sheets)

    pictures(crowd[0], 100, 60)
    pictures(crowd[1], 1, 1)
    taken = Segmentation.objects.claim(at_once=2)
    assert {Sheet.objects.get(pk=pk).owner_id for pk in taken} == {crowd[0].pk, crowd[1].pk}
    assert Segmentation.objects.claim(at_once=2) == []
    [third] = Segmentation.objects.claim(at_once=3)
    assert Sheet.objects.get(pk=third).owner_id == crowd[0].pk


@pytest.mark.django_db
def test_what_another_worker_holds_is_passed_over(crowd: list[User]) -> None:
    queue(crowd[0], 6)
    first, second = send(4), send(4)
    assert len({order.pk for order in [*first, *second]}) == 6


class Fairness(TestCase):
    """For all queues and batches: of two designers who both still wait, neither was served two orders more."""

    databases = {"default"}

    @hypothesis_settings(max_examples=25)
    @given(
        queues=st.lists(st.integers(min_value=1, max_value=15), min_size=2, max_size=5),
        limits=st.lists(st.integers(min_value=1, max_value=6), min_size=1, max_size=8),
    )
    def test_nobody_gets_ahead(self, queues: list[int], limits: list[int]) -> None:
        owners = [User.objects.create(username=f"owner {number}") for number in range(len(queues))]
        for age, (owner, count) in enumerate(zip(owners, queues, strict=True)):
            queue(owner, count, age=timedelta(minutes=age + 1))
        left = dict(zip((owner.pk for owner in owners), queues, strict=True))
        served = Counter(dict.fromkeys(left, 0))
        for limit in limits:
            batch = Counter(order.owner_id for order in send(limit))
            assert batch.total() == min(limit, sum(left.values()))
            served.update(batch)
            left = {owner: count - batch[owner] for owner, count in left.items()}
            waiting = [served[owner] for owner, count in left.items() if count]
            assert max(waiting, default=0) - min(waiting, default=0) <= 1

"""The pipeline against the stand-in over real HTTP: each way that a job can go, each place where a worker can die."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.db.models import F
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from stickers import pipeline
from stickers.files.s3 import StoreError
from stickers.models import Generation, Segmentation, Sheet, State, Sticker, WorkState
from stickers.models.work import OFFER
from stickers.sandbox.jobs import SheetOrder
from stickers.sandbox.server import Sandbox
from tests.support.jobs import cut, finish, let_time_pass, order, talk, three_discs, work_until
from tests.support.models import recipe
from tests.support.running_studio import until

INLINE = recipe(img_width=512, img_height=512, base64=True)  # the picture comes inside the answer

pytestmark = pytest.mark.usefixtures("impatient")


def test_it_works(designer: User, sandbox: Sandbox, media: Path) -> None:
    generation = order(designer)
    finish(generation)
    assert (generation.state, generation.error) == (State.DONE, "")
    assert generation.sandbox
    assert generation.cost is not None
    [sheet] = generation.sheets.all()
    assert (sheet.owner, sheet.width_px, sheet.height_px, sheet.format) == (designer, 512, 512, "JPEG")
    assert sheet.stickers.count() == 3
    files = [sheet.file.name, sheet.thumb_256.name, sheet.thumb_512.name]
    files += [name for sticker in sheet.stickers.all() for name in (sticker.file.name, sticker.thumb_256.name)]
    for name in files:
        with Image.open(media / name) as image:
            image.load()
    plane = sheet.cut_steps.get().engine.name
    assert sheet.stored_bytes == sum((media / name).stat().st_size for name in {*files, plane})
    [post] = sandbox.posts()
    assert post.json["prompt"] == "StickerSheet, happy cats"
    assert post.json["seed"] == 7


def test_a_paid_picture_is_stored_whatever_the_quota(
    designer: User, sandbox: Sandbox, media: Path, settings: Settings
) -> None:
    settings.STORAGE_QUOTA_BYTES = 1
    generation = order(designer)
    finish(generation)
    assert (generation.state, generation.error) == (State.DONE, "")
    assert generation.sheets.get().stickers.count() == 3


def test_four_samples_are_four_sheets(designer: User) -> None:
    generation = order(designer, samples=4)
    finish(generation)
    assert generation.state == State.DONE
    assert [sheet.index for sheet in generation.sheets.order_by("index")] == [0, 1, 2, 3]
    assert generation.sheets.filter(segmentation__state=WorkState.DONE).count() == 4


def test_pictures_inside_the_answer(designer: User) -> None:
    generation = order(designer, recipe=INLINE, samples=2)
    finish(generation)
    assert (generation.state, generation.sheets.count()) == (State.DONE, 2)


def test_many_at_once(designer: User, sandbox: Sandbox) -> None:
    generations = [order(designer, f"cats {number}") for number in range(20)]
    finish(*generations)
    assert {generation.state for generation in generations} == {State.DONE}
    assert len(sandbox.posts()) == 20


def test_the_key_goes_to_the_api_only(designer: User, sandbox: Sandbox) -> None:
    finish(order(designer, "[fault:foreign-urls] cats"))
    assert any(call.path.startswith("/images") or not call.path.startswith("/v") for call in sandbox.calls)
    for call in sandbox.calls:
        assert (call.key is not None) == call.path.startswith(("/v1/", "/v2/")), call.path


# --- where a worker can die ---------------------------------------------------------------------------------------


def claim(due_in: State, **fields: Any) -> None:
    """Do what a worker does before it sends, and no more, as if it was killed there. Its lease is over at once."""
    over = timezone.now() - timedelta(seconds=1)
    assert Generation.objects.claim(due_in, limit=1, lease_until=over, **fields)


def test_killed_before_the_post(designer: User, sandbox: Sandbox) -> None:
    generation = order(designer)
    claim(State.CREATED, state=State.SUBMITTING, submitted_at=timezone.now())
    finish(generation)
    assert generation.state == State.UNKNOWN
    assert "may have been made and billed" in generation.error
    assert not sandbox.posts()


def test_killed_while_waiting(designer: User, sandbox: Sandbox) -> None:
    generation = order(designer)
    pipeline.reconcile()
    let_time_pass(timedelta(0))
    claim(State.WAITING)
    finish(generation)
    assert (generation.state, len(sandbox.posts())) == (State.DONE, 1)


def test_killed_before_the_download(designer: User, sandbox: Sandbox) -> None:
    generation = order(designer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stickers.files.storage.put", _full_disk)
        work_until(lambda: Generation.objects.filter(state=State.READY).exists())
    let_time_pass(timedelta(0))
    claim(State.READY)
    finish(generation)
    assert (generation.state, generation.sheets.count(), len(sandbox.posts())) == (State.DONE, 1, 1)


def _full_disk(*_: object) -> str:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("fields", [{}, {"recipe": INLINE}], ids=["files", "inside the answer"])
def test_a_full_disk_is_waited_for_however_long_it_is_full(
    designer: User, sandbox: Sandbox, fields: dict[str, Any]
) -> None:
    generation = order(designer, samples=2, **fields)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stickers.files.storage.put", _full_disk)
        work_until(lambda: Generation.objects.filter(state=State.READY).exists())
        for _ in range(2 * pipeline.collecting.GONE_TRIES):
            let_time_pass(timedelta(minutes=30))
            pipeline.reconcile()
    generation.refresh_from_db()
    assert (generation.state, generation.tries) == (State.READY, 0)
    assert generation.error == "The picture is made, but the disk is full; it is stored as soon as there is room."
    finish(generation)
    assert (generation.state, generation.error, generation.sheets.count()) == (State.DONE, "", 2)
    assert len(sandbox.posts()) == 1


def test_a_store_that_is_away_says_so_and_is_asked_again_ever_more_rarely(designer: User, sandbox: Sandbox) -> None:
    def away(*_: object) -> str:
        raise StoreError("The store does not answer: EndpointConnectionError.")

    generation = order(designer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stickers.files.storage.put", away)
        work_until(lambda: Generation.objects.filter(state=State.READY).exclude(error="").exists())
        pauses = []
        for waited in (timedelta(seconds=2), timedelta(minutes=2), timedelta(days=2)):
            now = timezone.now()
            Generation.objects.update(completed_at=now - waited, next_at=now)
            pipeline.reconcile()
            generation.refresh_from_db()
            assert generation.next_at is not None
            pauses.append((generation.next_at - now).total_seconds())
    assert "cannot be stored: The store does not answer: EndpointConnectionError. It is stored" in generation.error
    assert [0.8 * base <= pause < 1.2 * base + 5 for base, pause in zip((1, 10, 30), pauses, strict=True)] == [True] * 3


def test_a_picture_that_cannot_be_had_for_minutes_is_fetched_all_the_same(designer: User, sandbox: Sandbox) -> None:
    generation = order(designer, f"[fault:image-404*{pipeline.collecting.GONE_TRIES - 1}] cats")
    finish(generation)
    assert (generation.state, generation.error, len(sandbox.posts())) == (State.DONE, "", 1)
    pauses_s = [
        pipeline.timing.pause(tries, None).total_seconds() for tries in range(pipeline.collecting.GONE_TRIES - 1)
    ]
    assert sum(pauses_s) > 180


def test_killed_while_cutting(designer: User) -> None:
    generation = order(designer)
    work_until(lambda: Generation.objects.filter(state=State.CUTTING).exists() or pipeline.reconcile() == [])
    finish(generation)
    sheet = Sheet.objects.get()
    sheet.segmentation.ask_again()
    assert Segmentation.objects.claim(at_once=1) == [sheet.pk]
    assert Segmentation.objects.begin(sheet.pk)
    Segmentation.objects.update(next_at=timezone.now())  # its lease is over
    assert pipeline.reconcile() == [sheet.pk]
    assert pipeline.segment(sheet.pk)
    assert not pipeline.segment(sheet.pk)
    assert sheet.stickers.count() == 3


def test_killed_between_the_last_cut_and_done(designer: User) -> None:
    generation = order(designer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stickers.pipeline.segmenting.finish_if_cut", _killed)
        work_until(lambda: _is_killed(pipeline.reconcile()))
    assert not Sticker.objects.exists()
    pipeline.take_over()
    finish(generation)
    assert (generation.state, Sticker.objects.count()) == (State.DONE, 3)


def _killed(*_: object) -> None:
    raise SystemExit


def _is_killed(sheet_pks: list[int]) -> bool:
    for sheet_pk in sheet_pks:
        with pytest.raises(SystemExit):
            pipeline.segment(sheet_pk)
    return bool(sheet_pks)


def test_a_new_worker_waits_for_no_lease_but_that_of_a_post(designer: User) -> None:
    later = timezone.now() + timedelta(minutes=2)
    waiting = order(designer, "cats", state=State.WAITING, request_id="abc", next_at=later)
    ready = order(designer, "dogs", state=State.READY, request_id="def", next_at=later)
    sending = order(designer, "mice", state=State.SUBMITTING, next_at=later)
    sheet = imported(designer, three_discs(SheetOrder(prompt="", seed=1, width_px=512, height_px=512)))
    assert Segmentation.objects.claim(at_once=1) == [sheet.pk]
    pipeline.take_over()
    now = timezone.now()
    assert [row.pk for row in Generation.objects.due(State.WAITING, now)] == [waiting.pk]
    assert [row.pk for row in Generation.objects.due(State.READY, now)] == [ready.pk]
    assert Segmentation.objects.claim(at_once=1) == [sheet.pk]
    sending.refresh_from_db()
    assert (sending.state, sending.next_at) == (State.SUBMITTING, later)


def test_a_late_id_rescues_an_unknown_order(designer: User, sandbox: Sandbox) -> None:
    generation = order(designer, "[fault:submit-slow] cats")
    steps = pipeline.submitting.exchanges()
    Generation.objects.update(next_at=timezone.now())
    pipeline.submitting.give_up_lost_posts()
    generation.refresh_from_db()
    assert generation.state == State.UNKNOWN
    talk(steps)
    finish(generation)
    assert (generation.state, len(sandbox.posts())) == (State.DONE, 1)


def test_an_id_that_comes_after_cancelling_is_kept(designer: User, sandbox: Sandbox) -> None:
    generation = order(designer)
    steps = pipeline.submitting.exchanges()
    generation.refresh_from_db()
    assert generation.cancel()
    talk(steps)
    generation.refresh_from_db()
    assert generation.state == State.CANCELLED
    assert generation.can_resume
    assert generation.resume()
    finish(generation)
    assert (generation.state, len(sandbox.posts())) == (State.DONE, 1)


def test_a_passing_404_is_survived(designer: User, sandbox: Sandbox) -> None:
    generation = order(designer, f"[fault:status-404*{pipeline.polling.LOST_TRIES - 1}] cats")
    finish(generation)
    assert (generation.state, generation.error, len(sandbox.posts())) == (State.DONE, "", 1)


def test_many_404s_in_one_minute_are_no_lost_job(designer: User, sandbox: Sandbox) -> None:
    """As if workers are restarted again and again, and each polls at once."""
    generation = order(designer, f"[fault:status-404*{pipeline.polling.LOST_TRIES + 5}] cats")
    pipeline.reconcile()
    for _ in range(pipeline.polling.LOST_TRIES + 5):
        Generation.objects.update(next_at=timezone.now())
        pipeline.reconcile()
    generation.refresh_from_db()
    assert (generation.state, generation.tries) == (State.WAITING, pipeline.polling.LOST_TRIES + 5)
    finish(generation)
    assert (generation.state, len(sandbox.posts())) == (State.DONE, 1)


def test_a_lost_job_leaves_a_free_way_back(designer: User, sandbox: Sandbox) -> None:
    generation = order(designer, f"[fault:status-404*{pipeline.polling.LOST_TRIES}] cats")
    finish(generation)
    assert generation.state == State.EXPIRED
    assert "not found" in generation.error
    assert generation.resume()
    finish(generation)
    assert (generation.state, len(sandbox.posts())) == (State.DONE, 1)


def test_an_order_is_claimed_only_when_it_can_be_sent(
    designer: User, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = order(designer)

    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("database is locked")

    for module in ("polling", "collecting"):
        with monkeypatch.context() as patch:
            patch.setattr(f"stickers.pipeline.{module}.exchanges", refuse)
            with pytest.raises(OperationalError):
                pipeline.reconcile()
        generation.refresh_from_db()
        assert generation.state == State.CREATED


def test_one_broken_row_does_not_lose_the_id_of_another(
    designer: User, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = order(designer, "dogs"), order(designer, "cats")
    move = Generation.move

    def refuse(self: Generation, **fields: Any) -> bool:
        if self.pk == broken.pk:
            raise RuntimeError("the database said no")
        return move(self, **fields)

    monkeypatch.setattr(Generation, "move", refuse)
    pipeline.reconcile()
    pipeline.reconcile()  # the id that waits on disk stops nobody
    whole.refresh_from_db()
    assert whole.state == State.WAITING
    monkeypatch.undo()
    finish(broken, whole)
    assert (broken.state, whole.state) == (State.DONE, State.DONE)
    assert len(sandbox.posts()) == 2


# --- cutting ------------------------------------------------------------------------------------------------------


def imported(owner: User, data: bytes) -> Sheet:
    return Sheet.objects.import_picture(
        owner_pk=owner.pk, data=data, picture_format="JPEG", width_px=512, height_px=512, source_name="discs.jpg"
    )


def test_only_so_many_are_cut_at_once(designer: User, settings: Settings) -> None:
    settings.CUTS_AT_ONCE = 2
    data = three_discs(SheetOrder(prompt="", seed=1, width_px=512, height_px=512))
    first, second, third = (imported(designer, data).pk for _ in range(3))
    assert pipeline.reconcile() == [first, second]
    assert pipeline.reconcile() == []
    assert pipeline.segment(first)
    assert pipeline.next_segmentations() == [third]


def test_an_imported_sheet_is_cut_the_same_way(designer: User) -> None:
    sheet = imported(designer, three_discs(SheetOrder(prompt="", seed=1, width_px=512, height_px=512)))
    assert pipeline.reconcile() == [sheet.pk]
    assert pipeline.segment(sheet.pk)
    sheet.refresh_from_db()
    assert (sheet.segmentation.state, sheet.stickers.count()) == (WorkState.DONE, 3)


def test_cutting_again_keeps_what_is_still_there(designer: User, media: Path) -> None:
    sheet = imported(designer, three_discs(SheetOrder(prompt="", seed=1, width_px=512, height_px=512)))
    assert cut(sheet)
    first, second, third = sheet.stickers.all()
    Sticker.objects.filter(pk=first.pk).update(title="My favourite", starred=True)
    second.delete_softly()
    # The third sticker is gone from the picture, as a cut with other options might lose it.
    with Image.open(media / sheet.file.name) as picture:
        picture.paste(picture.getpixel((5, 5)), (330, 100, 480, 400))
        picture.save(media / sheet.file.name, quality=92)
    assert sheet.segmentation.ask_again({"tolerance": 0.4})
    assert cut(sheet)
    kept, trashed = sheet.stickers.order_by("x")
    assert (kept.pk, kept.title, kept.starred) == (first.pk, "My favourite", True)
    assert trashed.pk == second.pk
    assert trashed.deleted_at is not None
    assert not (media / third.file.name).exists()
    assert (media / kept.file.name).exists()


def test_what_a_cut_no_longer_has_waits_in_the_trash_if_it_is_dear_to_somebody(designer: User) -> None:
    sheet = imported(designer, three_discs(SheetOrder(prompt="", seed=1, width_px=512, height_px=512)))
    assert cut(sheet)
    named, trashed, plain = sheet.stickers.all()
    Sticker.objects.filter(pk=named.pk).update(title="My favourite")
    trashed.delete_softly()
    assert sheet.segmentation.ask_again({"min_size_px": 400})
    assert cut(sheet)
    assert set(sheet.stickers.filter(deleted_at__isnull=False)) == {named, trashed}
    assert not Sticker.objects.filter(pk=plain.pk).exists()
    assert sheet.segmentation.ask_again({"min_size_px": 0})
    assert cut(sheet)
    named.refresh_from_db()
    trashed.refresh_from_db()
    assert (named.title, named.deleted_at) == ("My favourite", None)
    assert trashed.deleted_at is not None  # by a person
    assert sheet.stickers.count() == 3


def test_a_picture_that_cannot_be_cut_says_so(designer: User) -> None:
    sheet = imported(designer, b"no picture at all")
    assert not cut(sheet)
    sheet.refresh_from_db()
    assert sheet.segmentation.state == WorkState.FAILED
    assert sheet.segmentation.error


def test_a_picture_that_ends_its_process_is_given_up(designer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = imported(designer, three_discs(SheetOrder(prompt="", seed=1, width_px=512, height_px=512)))
    Segmentation.objects.update(tries=3)
    monkeypatch.setattr("stickers.pipeline.segmenting.fate_of", lambda *_: "ends the process that does it")
    assert not cut(sheet)
    sheet.refresh_from_db()
    assert sheet.segmentation.state == WorkState.FAILED
    assert "ends the process" in sheet.segmentation.error


def test_a_sheet_whose_workers_were_restarted_is_cut_all_the_same(designer: User) -> None:
    sheet = imported(designer, three_discs(SheetOrder(prompt="", seed=1, width_px=512, height_px=512)))
    Segmentation.objects.update(tries=7)
    assert cut(sheet)
    assert sheet.stickers.count() == 3


def test_a_full_disk_does_not_make_a_sheet_uncuttable(designer: User) -> None:
    sheet = imported(designer, three_discs(SheetOrder(prompt="", seed=1, width_px=512, height_px=512)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stickers.files.storage.put", _full_disk)
        for _ in range(5):
            assert not cut(sheet)
            Segmentation.objects.update(next_at=timezone.now())
    sheet.refresh_from_db()
    assert (sheet.segmentation.state, sheet.segmentation.tries) == (WorkState.QUEUED, 0)
    assert cut(sheet)
    assert sheet.stickers.count() == 3


def test_a_sheet_without_its_file_says_so(designer: User, media: Path) -> None:
    sheet = imported(designer, b"x")
    (media / sheet.file.name).unlink()
    assert not cut(sheet)
    sheet.refresh_from_db()
    assert (sheet.segmentation.state, sheet.segmentation.error) == (
        WorkState.FAILED,
        "The picture's file is no longer there.",
    )


def test_what_a_refusing_database_interrupted_is_taken_up_at_once(
    designer: User, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = order(designer)
    pipeline.reconcile()
    let_time_pass(timedelta(0))

    def refuse(*_: object, **__: object) -> bool:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(Generation, "move", refuse)
        until(lambda: sandbox.jobs[0].state(time.time()) == "COMPLETED", seconds=20, what="the job")
        pipeline.reconcile()
    looks = len(sandbox.calls)
    pipeline.reconcile()  # without waiting a minute for a lease
    assert len(sandbox.calls) > looks
    generation.refresh_from_db()
    assert generation.state == State.CUTTING


def test_a_lost_hint_costs_moments_and_one_that_comes_twice_nothing(designer: User) -> None:
    sheet = imported(designer, three_discs(SheetOrder(prompt="", seed=1, width_px=512, height_px=512)))
    assert pipeline.reconcile() == [sheet.pk]
    assert pipeline.reconcile() == []
    Segmentation.objects.update(next_at=F("next_at") - OFFER)  # no worker got the hint
    assert pipeline.reconcile() == [sheet.pk]
    assert Segmentation.objects.begin(sheet.pk)
    assert not pipeline.segment(sheet.pk)  # the first hint arrives after all
    Segmentation.objects.update(next_at=F("next_at") - OFFER)
    assert pipeline.reconcile() == []
    sheet.refresh_from_db()
    assert (sheet.segmentation.state, sheet.segmentation.tries) == (WorkState.WORKING, 1)

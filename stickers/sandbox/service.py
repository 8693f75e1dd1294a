"""The stand-in's service: reads a request, updates the records and makes the answer. It knows nothing of sockets."""

from __future__ import annotations

import json
import logging
import random
import threading
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from stickers.recipes.parameters import RANDOM_SEED, Role
from stickers.recipes.specs import ModelSpec
from stickers.sandbox.database import JobStore
from stickers.sandbox.easel import Easel
from stickers.sandbox.faults import Fault, Faults
from stickers.sandbox.jobs import Job, find_failure, prompt_of
from stickers.sandbox.recording import Call, recorded_headers, without_keys
from stickers.sandbox.replies import (
    ROWS,
    Reply,
    html_reply,
    json_reply,
    page_reply,
    redirect_reply,
    request_not_found,
    row_reply,
)
from stickers.sandbox.requests import Request
from stickers.sandbox.results import picture_reply, result_body

FOREIGN_ORIGIN: Final = "https://requests.segmind.example"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long things take, in seconds. `jitter` 0.1 means ± 10 %; `workers` bounds how many jobs run at once."""

    queue_s: float
    run_s: float
    jitter: float
    expiry_s: float
    slow_s: float
    reset_s: float
    workers: int | None

    def shake(self, seconds: float) -> float:
        return seconds * random.uniform(1 - self.jitter, 1 + self.jitter)


class Service:
    """Answers requests as Segmind's v2 does. Safe to share between threads."""

    def __init__(
        self,
        *,
        models: Mapping[str, ModelSpec],
        store: JobStore,
        easel: Easel,
        faults: Faults,
        pace: Pace,
        price: Decimal,
        now: Callable[[], float],
    ) -> None:
        self._models = models
        self._store = store
        self._easel = easel
        self._faults = faults
        self._pace = pace
        self._price = price
        self._now = now
        self._queueing = threading.Lock()
        for job in store.undrawn_jobs():
            self._have_drawn(job)

    def answer(self, request: Request) -> Reply:
        """Record the request and answer it."""
        self._store.record(
            Call(
                method=request.method,
                path=without_keys(request.path + (f"?{request.query}" if request.query else "")),
                headers=recorded_headers(request.headers),
                body=without_keys(request.body.decode(errors="replace")),
                at=self._now(),
            )
        )
        match request.path.strip("/").split("/"):
            case ["generations", name]:
                return self._for(request, {"GET", "HEAD"}, lambda: self._picture(request, name))
            case ["v1", "get-user-credits"]:
                return self._for(request, {"GET"}, lambda: self._credits(request))
            case ["v2", "requests", request_id, "status"]:
                return self._for(request, {"GET"}, lambda: self._status(request, request_id))
            case ["v2", "requests", request_id]:
                return self._for(request, {"GET"}, lambda: self._result(request, request_id))
            case ["inference-request", "request-history", request_id]:
                return self._for(request, {"GET"}, lambda: self._history(request, request_id))
            case ["v2", slug]:
                return self._for(request, {"POST"}, lambda: self._submit(request, slug))
        return json_reply({"error": "Not found"}, 404)

    # --- the endpoints -----------------------------------------------------------------------------------------

    def _submit(self, request: Request, slug: str) -> Reply:
        if refusal := _check_key(request):
            return refusal
        spec = self._models.get(slug)
        if spec is None:
            return row_reply("404")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return row_reply("406-type")
        try:
            values = json.loads(without_keys(request.body.decode()))
        except (ValueError, RecursionError):
            return row_reply("400")
        if not isinstance(values, dict):
            return row_reply("400")
        fault = self._take_for_order("submit", spec, values)
        return self._spoil(fault, lambda: self._make_job(request, spec, values, fault))

    def _make_job(self, request: Request, spec: ModelSpec, values: dict[str, Any], fault: Fault | None) -> Reply:
        if fault in {Fault.SUBMIT_UNMADE, Fault.SUBMIT_302}:
            return json_reply({})
        failure = find_failure(spec, values, self._take_for_order("job", spec, values))
        job = Job(
            request_id=str(uuid.uuid4()),
            spec=spec,
            values=values,
            seed=RANDOM_SEED if failure else _seed(spec, values),
            created_at=0,
            starts_at=0,
            ends_at=0,
            failure=failure,
        )
        if not failure:
            job = replace(job, cost=self._price * job.samples)
        with self._queueing:
            job = self._schedule(job)
            if not self._store.add_job(job):
                return row_reply("406-credits")
        self._have_drawn(job)
        origin = FOREIGN_ORIGIN if fault is Fault.FOREIGN_URLS else request.origin
        body = {"request_id": job.request_id, "status": "QUEUED", **_addresses(origin, job.request_id)}
        if fault is Fault.SUBMIT_NO_ID:
            del body["request_id"]
        return json_reply({**body, "poll_url": f"{origin}/v1/requests/{job.request_id}"})

    def _status(self, request: Request, request_id: str) -> Reply:
        if refusal := _check_key(request):
            return refusal
        job = self._find(request_id)
        fault = self._take(job, "status", "record")
        if job is None or fault in {Fault.LOST, Fault.STATUS_404}:
            return request_not_found(request_id)

        def say() -> Reply:
            now = self._now()
            state = "PROCESSING" if fault is Fault.STUCK else job.state(now)
            body: dict[str, Any] = {"status": state, "request_id": request_id}
            if fault is Fault.STATUS_UNKNOWN_STATE:
                return json_reply({**body, "status": "WARMING_UP", "metrics": {}})
            if state == "FAILED":
                return _failed(job)
            if state == "COMPLETED":
                return json_reply({**body, "metrics": {"inference_time": job.run_seconds}})
            return json_reply({**body, **_addresses(request.origin, request_id), "metrics": {}})

        return self._spoil(fault, say)

    def _result(self, request: Request, request_id: str) -> Reply:
        if refusal := _check_key(request):
            return refusal
        job = self._find(request_id)
        now = self._now()
        if job is not None and job.state(now) in {"QUEUED", "PROCESSING"}:
            return json_reply({"status": job.state(now), "request_id": request_id, "output": None, "metrics": {}})
        fault = self._take(job, "result", "record")
        if job is None or fault in {Fault.LOST, Fault.RESULT_404}:
            return request_not_found(request_id)
        if job.failure:
            return _failed(job)

        def say() -> Reply:
            links = [f"{request.origin}/generations/{request_id}-{sheet.index}.jpeg" for sheet in job.sheets]
            draw = [sheet.result for sheet in map(self._easel.order, job.sheets)]
            return json_reply(result_body(job, fault, links, draw, remaining=self._store.balance(now)))

        return self._spoil(fault, say)

    def _picture(self, request: Request, name: str) -> Reply:
        """A picture file. It is public and outlives the record of its request."""
        request_id, _, index = name.removesuffix(".jpeg").rpartition("-")
        job = self._store.job(request_id)
        if (
            job is None
            or job.state(self._now()) != "COMPLETED"
            or not name.endswith(".jpeg")
            or index not in map(str, range(job.samples))
        ):
            return page_reply(404)
        data = self._easel.order(job.sheets[int(index)]).result()
        # A caller who followed the redirect gets the picture.
        fault = None if request.query == "moved" else self._take(job, "image")
        if fault is not None and fault.manner in ROWS:  # a file host has no JSON envelope for errors
            return page_reply(ROWS[fault.manner].http_status)
        return self._spoil(fault, lambda: picture_reply(fault, data, request.path))

    def _history(self, request: Request, request_id: str) -> Reply:
        """The record of a request of any age, with the fields that SDK 1.3.0 names."""
        if refusal := _check_key(request):
            return refusal
        job = self._store.job(request_id)
        if job is None or self._take(job, "history") is not None:
            return json_reply({"error": "Request not found"}, 404)
        state = job.state(self._now())
        is_completed = state == "COMPLETED"
        row = {
            "request_id": request_id,
            "model_name": job.spec.slug,
            "model_status": state if state in {"COMPLETED", "FAILED"} else "PENDING",
            "credits_deduction": float(job.cost) if is_completed else None,
            "request_body": dict(job.values),
            "generation_url": f"{request.origin}/generations/{request_id}-0.jpeg" if is_completed else None,
            "error": job.failure or None,
        }
        return json_reply(row)

    def _credits(self, request: Request) -> Reply:
        return _check_key(request) or json_reply({"credits": float(self._store.balance(self._now()))})

    # --- what they share ---------------------------------------------------------------------------------------

    def _for(self, request: Request, methods: set[str], say: Callable[[], Reply]) -> Reply:
        if request.method in methods:
            return say()
        return replace(row_reply("405"), headers={"allow": ", ".join(sorted(methods))})

    def _schedule(self, job: Job) -> Job:
        """`job` with its times, queued behind the jobs that hold the pretended GPUs."""
        now = self._now()
        starts_at = now + self._pace.shake(self._pace.queue_s)
        if self._pace.workers is not None:
            starts_at = max(starts_at, self._store.free_worker_at(self._pace.workers))
        return replace(job, created_at=now, starts_at=starts_at, ends_at=starts_at + self._pace.shake(self._pace.run_s))

    def _have_drawn(self, job: Job) -> None:
        """Order the job's pictures. The job is complete when the last one is drawn."""
        if job.failure:
            return
        sheets = [self._easel.order(sheet) for sheet in job.sheets]

        def note(sheet: Future[bytes]) -> None:
            if sheet.cancelled():
                return
            if error := sheet.exception():
                _log.error("The artist failed at %s", job.request_id, exc_info=error)
                self._store.mark_failed(job.request_id, "The stand-in's artist failed; its log says why.")
            elif all(other.done() for other in sheets):
                self._store.mark_drawn(job.request_id, self._now())

        for sheet in sheets:
            sheet.add_done_callback(note)

    def _find(self, request_id: str) -> Job | None:
        """The job of an id; None if its record is lost or older than the retention time."""
        job = self._store.job(request_id)
        if job is None or job.lost or self._now() >= job.created_at + self._pace.expiry_s:
            return None
        return job

    def _take_for_order(self, stage: str, spec: ModelSpec, values: dict[str, Any]) -> Fault | None:
        """The fault that strikes a submission. The same order sent again, with the same seed, continues the count."""
        whose = json.dumps([spec.slug, values], sort_keys=True)
        return self._faults.take(stage, prompt=prompt_of(spec, values), job=whose)

    def _take(self, job: Job | None, *stages: str) -> Fault | None:
        """The fault that strikes this call about `job`. LOST holds for ever, whatever its number is."""
        if job is None:
            return None
        fault = self._faults.take(*stages, prompt=job.prompt, job=job.request_id)
        if fault is Fault.LOST:
            self._store.mark_lost(job.request_id)
        return fault

    def _spoil(self, fault: Fault | None, say: Callable[[], Reply]) -> Reply:
        """The answer, spoiled by the fault. Faults that change the content are left to `say`."""
        if fault is None:
            return say()
        if fault.manner in ROWS:
            return row_reply(fault.manner, reset_seconds=self._pace.reset_s)
        reply = say()
        match fault.manner:
            case "slow":
                return replace(reply, delay_s=self._pace.slow_s)
            case "hung":
                return replace(reply, hung=True)
            case "dropped" | "unmade":
                return replace(reply, dropped=True)
            case "cut":
                return replace(reply, cut_after=len(reply.body) // 2)
            case "502-made":
                return row_reply("502")
            case "html":
                return html_reply(200, "Just a moment…")
            case "302":
                return redirect_reply(FOREIGN_ORIGIN)
            case "garbage":
                return replace(reply, body=reply.body[: len(reply.body) // 2])
        return reply


def _seed(spec: ModelSpec, values: Mapping[str, Any]) -> int:
    """The seed of a sound order; a random one if none is named, or if the model takes none."""
    parameter = spec.of_role(Role.SEED)
    if parameter is None:
        return random.randrange(1, 2**31)
    return parameter.concrete_seed(values.get(parameter.name))


def _check_key(request: Request) -> Reply | None:
    """The refusal of a call without a good key. A bearer token is no key."""
    key = request.headers.get("x-api-key", "")
    if not key:
        return row_reply("401-missing")
    # Real keys look like "SG_" and more. Which key it is does not matter here.
    return None if key.startswith("SG_") and len(key) > 3 else row_reply("401-invalid")


def _failed(job: Job) -> Reply:
    """A FAILED job answers 422 on both addresses and costs nothing."""
    body = {
        "status": "FAILED",
        "error": job.failure,
        "metrics": {"inference_time": job.run_seconds},
        "request_id": job.request_id,
    }
    return json_reply(body, 422)


def _addresses(origin: str, request_id: str) -> dict[str, str]:
    return {
        "status_url": f"{origin}/v2/requests/{request_id}/status",
        "response_url": f"{origin}/v2/requests/{request_id}",
    }

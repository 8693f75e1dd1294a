"""The stand-in's own pages under /sandbox/: set faults, read the recording, list the jobs. Segmind has no such ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs

from stickers.sandbox.database import JobStore
from stickers.sandbox.faults import PASSING, Fault, Faults
from stickers.sandbox.replies import Reply, json_reply, text_reply
from stickers.sandbox.requests import Request

PREFIX: Final = "/sandbox"

_INDEX: Final = """\
A local stand-in for Segmind's asynchronous v2 API. Its pictures are drawn by a program, no model is involved.

POST   /v2/<model>               order a sheet
GET    /v2/requests/<id>/status  see how it stands
GET    /v2/requests/<id>         fetch the result
GET    /v1/get-user-credits      see the balance
GET    /inference-request/request-history/<id>  look for a request of any age
GET    /generations/<file>       a picture, no key needed

GET    /sandbox/faults           faults in force
POST   /sandbox/faults           {"fault": "<name>", "times": 2}; without times until cleared
DELETE /sandbox/faults           all well again
GET    /sandbox/calls            recorded calls, ?method=POST for the submissions; keys are fingerprints
DELETE /sandbox/calls            forget them
GET    /sandbox/jobs             jobs and their states

Faults. In a prompt, [fault:<name>] strikes that job alone and [fault:<name> 3] three times;
those marked * strike """


class Control:
    """Answers the requests under PREFIX. They need no key and are not recorded."""

    def __init__(self, faults: Faults, store: JobStore, now: Callable[[], float]) -> None:
        self._faults = faults
        self._store = store
        self._now = now

    def answer(self, request: Request) -> Reply:
        match request.method, request.path.removeprefix(PREFIX).strip("/"):
            case "GET", "":
                return text_reply(_index())
            case "GET", "faults":
                return json_reply({fault.value: left for fault, left in self._faults.in_force().items()})
            case "POST", "faults":
                return self._set_fault(request)
            case "DELETE", "faults":
                self._faults.clear()
                return json_reply({})
            case "GET", "calls":
                return self._calls(parse_qs(request.query).get("method", []))
            case "DELETE", "calls":
                self._store.clear_calls()
                return json_reply({})
            case "GET", "jobs":
                return self._jobs()
        return json_reply({"error": "GET /sandbox/ lists what there is"}, 404)

    def _set_fault(self, request: Request) -> Reply:
        try:
            asked = json.loads(request.body)
            fault, times = Fault.named(asked["fault"]), asked.get("times")
        except (ValueError, KeyError, TypeError, AttributeError):
            fault, times = None, None
        if fault is None:
            return json_reply({"error": 'Expected {"fault": "<one of those at /sandbox/>", "times": 2}'}, 400)
        if times is not None and (not isinstance(times, int) or times < 1):
            return json_reply({"error": "times must be a number from 1, or left out"}, 400)
        self._faults.set(fault, times)
        return json_reply({fault.value: times})

    def _calls(self, methods: list[str]) -> Reply:
        calls = [call for call in self._store.calls() if not methods or call.method in methods]
        return json_reply(
            [
                {
                    "method": call.method,
                    "path": call.path,
                    "headers": dict(call.headers),
                    "body": call.body,
                    "at": call.at,
                }
                for call in calls
            ]
        )

    def _jobs(self) -> Reply:
        now = self._now()
        return json_reply(
            [
                {
                    "request_id": job.request_id,
                    "state": job.state(now),
                    "prompt": job.prompt,
                    "seed": job.seed,
                    "model": job.spec.slug,
                    "samples": job.samples,
                    "created_at": job.created_at,
                    "finished_at": job.finishes_at,
                    "failure": job.failure,
                    "cost": float(job.cost),
                }
                for job in self._store.jobs()
            ]
        )


def _index() -> str:
    width = max(map(len, Fault)) + 3
    faults = "".join(f"{fault.value + (' *' if fault.passes else ''):{width}}{fault.meaning}\n" for fault in Fault)
    return f"{_INDEX}{PASSING} times unless a number says otherwise, the rest always.\n\n{faults}"

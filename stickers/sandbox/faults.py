"""Every fault that the stand-in can play, and the record of which ones are in force.

A fault is set for all calls (`Faults.set`), or for one job by a marker in its prompt: `[fault:moderation]`, or
`[fault:status-502 3]` for three times. A marker without a number holds for ever. If the fault is a passing one, it
holds for the first PASSING calls.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Self

PASSING: Final = 2

_MARKER: Final = re.compile(r"\[fault:\s*([a-z0-9-]+)(?:[\s*x]+(\d+))?\s*\]", re.IGNORECASE)
_PASSING_MANNERS: Final = frozenset(
    {"429", "500", "502", "503", "504", "slow", "hung", "dropped", "html", "302", "garbage", "unknown-state"}
)
_PASSING_ELSEWHERE: Final = frozenset(
    {"submit-429", "image-429", "image-503", "image-slow", "image-hung", "image-dropped"}
)


class Fault(StrEnum):
    """One way to misbehave: its name, the stage of a job at which it strikes, and what happens."""

    stage: str
    meaning: str

    def __new__(cls, name: str, stage: str, meaning: str) -> Self:
        fault = str.__new__(cls, name)
        fault._value_ = name
        fault.stage = stage
        fault.meaning = meaning
        return fault

    @property
    def manner(self) -> str:
        """The name without its stage. The same manner means the same at every stage."""
        return self.value.removeprefix(f"{self.stage}-")

    @property
    def passes(self) -> bool:
        """Whether a marker for it holds only for a few calls, so that the job recovers."""
        if self.stage in {"status", "result"}:
            return self.manner in _PASSING_MANNERS
        # A POST in doubt is never repeated, and a web page does not become a picture when it is asked for again.
        return self.value in _PASSING_ELSEWHERE

    @classmethod
    def named(cls, name: str) -> Fault | None:
        """The fault with this name; None if there is none."""
        return _BY_NAME.get(name.strip().lower())

    # The rows of the error table, on the POST: no job is made.
    SUBMIT_400 = "submit-400", "submit", "The POST is refused as malformed."
    SUBMIT_401_MISSING = "submit-401-missing", "submit", "The POST is refused as if it had no key."
    SUBMIT_401_INVALID = "submit-401-invalid", "submit", "The POST is refused as if its key were wrong."
    SUBMIT_402 = "submit-402", "submit", "The POST is refused for lack of credits, with the code seen on v2."
    SUBMIT_403 = "submit-403", "submit", "The POST is refused: the team may not use the model."
    SUBMIT_404 = "submit-404", "submit", "The POST is refused: there is no such model."
    SUBMIT_405 = "submit-405", "submit", "The POST is refused as the wrong verb, in HTML."
    SUBMIT_406_CREDITS = "submit-406-credits", "submit", "The POST is refused for lack of credits."
    SUBMIT_406_TYPE = "submit-406-type", "submit", "The POST is refused for its content type."
    SUBMIT_406_VALUE = "submit-406-value", "submit", "The POST is refused for one of its values."
    SUBMIT_406_CAP = "submit-406-cap", "submit", "The POST is refused: the team's spend cap is reached."
    SUBMIT_410 = "submit-410", "submit", "The POST is refused: the model is retired."
    SUBMIT_422 = "submit-422", "submit", "The POST is refused at once by validation."
    SUBMIT_429 = "submit-429", "submit", "The POST is refused by the rate limit."
    SUBMIT_500 = "submit-500", "submit", "The POST ends in an internal error; no job is made."
    SUBMIT_502 = "submit-502", "submit", "The gateway answers the POST with an HTML page; no job is made."
    SUBMIT_504 = "submit-504", "submit", "The gateway gives up on the POST; no job is made."
    # Faults that leave the sender in doubt.
    SUBMIT_DROPPED = "submit-dropped", "submit", "The job is made and the connection dropped before the answer."
    SUBMIT_UNMADE = "submit-unmade", "submit", "The connection is dropped and no job is made."
    SUBMIT_CUT = "submit-cut", "submit", "The job is made and the answer breaks off in the middle."
    SUBMIT_HUNG = "submit-hung", "submit", "The job is made and the answer never comes."
    SUBMIT_SLOW = "submit-slow", "submit", "The job is made and the answer comes late."
    SUBMIT_502_MADE = "submit-502-made", "submit", "The job is made, but the gateway answers with 502."
    SUBMIT_NO_ID = "submit-no-id", "submit", "The job is made and answered with 200, but without an id."
    SUBMIT_HTML = "submit-html", "submit", "The job is made and answered with 200 and a web page."
    SUBMIT_302 = "submit-302", "submit", "The POST is redirected; no job is made."
    FOREIGN_URLS = "foreign-urls", "submit", "The answer's status_url and response_url name a foreign host."

    # The ways in which a job can end.
    MODERATION = "moderation", "job", "The job fails with a text about its content."
    JOB_FAILED = "job-failed", "job", "The job fails with a text about the machine."
    LOST = "lost", "record", "The job is forgotten: 404 from now on."

    STATUS_401_MISSING = "status-401-missing", "status", "The look is refused as if it had no key."
    STATUS_401_INVALID = "status-401-invalid", "status", "The look is refused as if its key were wrong."
    STATUS_403 = "status-403", "status", "The look is forbidden."
    STATUS_404 = "status-404", "status", "The look finds no such request."
    STATUS_405 = "status-405", "status", "The look is refused as the wrong verb, in HTML."
    STATUS_429 = "status-429", "status", "The look is refused by the rate limit."
    STATUS_500 = "status-500", "status", "The look ends in an internal error."
    STATUS_502 = "status-502", "status", "The gateway answers the look with an HTML page."
    STATUS_504 = "status-504", "status", "The gateway gives up on the look."
    STATUS_SLOW = "status-slow", "status", "The look is answered late."
    STATUS_HUNG = "status-hung", "status", "The look is never answered."
    STATUS_DROPPED = "status-dropped", "status", "The look's connection is dropped."
    STATUS_HTML = "status-html", "status", "The look is answered with 200 and a web page."
    STATUS_302 = "status-302", "status", "The look is redirected."
    STATUS_GARBAGE = "status-garbage", "status", "The look is answered with broken JSON."
    STATUS_UNKNOWN_STATE = "status-unknown-state", "status", "The look names a state outside the four."
    STUCK = "stuck", "status", "The job seems to run for ever."

    RESULT_401_INVALID = "result-401-invalid", "result", "COMPLETED, then the result is refused for the key."
    RESULT_404 = "result-404", "result", "COMPLETED, then the result is not found."
    RESULT_429 = "result-429", "result", "COMPLETED, then the result is refused by the rate limit."
    RESULT_500 = "result-500", "result", "COMPLETED, then an internal error."
    RESULT_502 = "result-502", "result", "COMPLETED, then an HTML page of the gateway."
    RESULT_504 = "result-504", "result", "COMPLETED, then the gateway gives up."
    RESULT_HUNG = "result-hung", "result", "COMPLETED, then the result never comes."
    RESULT_DROPPED = "result-dropped", "result", "COMPLETED, then the connection is dropped."
    RESULT_HTML = "result-html", "result", "COMPLETED, then 200 and a web page."
    RESULT_302 = "result-302", "result", "COMPLETED, then a redirect."
    RESULT_GARBAGE = "result-garbage", "result", "COMPLETED, then broken JSON."

    HISTORY_404 = "history-404", "history", "The history does not know the request either."

    # The shapes that a result may have.
    OUTPUT_STRING = "output-string", "result", "Only `output`, one address, whatever the samples."
    OUTPUT_LIST = "output-list", "result", "Only `output`, a list of addresses."
    OUTPUT_IMAGES = "output-images", "result", "Only `images[]`, `output` is missing."
    OUTPUT_BASE64 = "output-base64", "result", "`output` is one bare base64 string."
    OUTPUT_BASE64_LIST = "output-base64-list", "result", "`output` is a list of base64 strings."
    OUTPUT_DATA_URI = "output-data-uri", "result", "`output` is a data URI."
    OUTPUT_NULL = "output-null", "result", "COMPLETED and charged, but `output` is null."
    OUTPUT_NOISE = "output-noise", "result", "`output` is a string that is no picture at all."
    OUTPUT_PRIVATE = "output-private", "result", "`output` points into a private network."

    IMAGE_404 = "image-404", "image", "The picture is not there."
    IMAGE_403 = "image-403", "image", "The picture may not be fetched."
    IMAGE_429 = "image-429", "image", "The picture's host limits the rate."
    IMAGE_503 = "image-503", "image", "The picture's host is unavailable."
    IMAGE_SLOW = "image-slow", "image", "The picture comes late."
    IMAGE_HUNG = "image-hung", "image", "The picture never comes."
    IMAGE_DROPPED = "image-dropped", "image", "The connection is dropped halfway through the picture."
    IMAGE_TRUNCATED = "image-truncated", "image", "The file itself ends halfway."
    IMAGE_EMPTY = "image-empty", "image", "200 without a byte."
    IMAGE_HTML = "image-html", "image", "200, but a web page."
    IMAGE_WRONG_TYPE = "image-wrong-type", "image", "A GIF that says it is a JPEG."
    IMAGE_OVERSIZE = "image-oversize", "image", "More bytes than any sheet has."
    IMAGE_TOO_MANY_PIXELS = "image-too-many-pixels", "image", "A small file that unpacks to 196 megapixels."
    IMAGE_REDIRECT = "image-redirect", "image", "The picture has moved, and is there."
    IMAGE_REDIRECT_LOOP = "image-redirect-loop", "image", "The picture has moved, and moved, and moved."
    IMAGE_REDIRECT_PRIVATE = "image-redirect-private", "image", "The picture has moved into a private network."
    IMAGE_PNG = "image-png", "image", "A whole PNG that says it is a JPEG: a good picture."
    IMAGE_WEBP = "image-webp", "image", "A whole WebP that says it is a JPEG: a good picture."
    IMAGE_TURNED = "image-turned", "image", "A good picture that lies on its side and says so in EXIF."
    IMAGE_ODD_WORDS = "image-odd-words", "image", "A good picture with EXIF that nobody can read."


class Faults:
    """Which faults are in force and how often each still strikes. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[Fault, int | None] = {}
        self._struck: Counter[tuple[str, Fault]] = Counter()

    def set(self, fault: Fault, times: int | None = None) -> None:
        """Let `fault` strike the next `times` calls of its stage; with None until it is cleared."""
        with self._lock:
            self._left[fault] = times

    def clear(self) -> None:
        with self._lock:
            self._left.clear()
            self._struck.clear()

    def in_force(self) -> Mapping[Fault, int | None]:
        """Each fault that was set for all calls, with the number of strikes left."""
        with self._lock:
            return dict(self._left)

    def take(self, *stages: str, prompt: str, job: str) -> Fault | None:
        """The fault that strikes this call and uses up one strike. A marker counts its strikes for each `job`."""
        with self._lock:
            for fault, left in self._left.items():
                if fault.stage in stages:
                    if left is not None and left <= 1:
                        del self._left[fault]
                    elif left is not None:
                        self._left[fault] = left - 1
                    return fault
            for fault, times in read_markers(prompt).items():
                if fault.stage in stages and (times is None or self._struck[job, fault] < times):
                    self._struck[job, fault] += 1
                    return fault
        return None


def read_markers(prompt: str) -> dict[Fault, int | None]:
    """The faults that a prompt asks for, with the number of strikes (None: for ever)."""
    asked: dict[Fault, int | None] = {}
    for name, times in _MARKER.findall(prompt):
        if fault := Fault.named(name):
            asked[fault] = int(times) if times else PASSING if fault.passes else None
    return asked


def unknown_markers(prompt: str) -> list[str]:
    """Names in markers that are no fault. The job reports such a typing error."""
    return [name for name, _ in _MARKER.findall(prompt) if Fault.named(name) is None]


def without_markers(prompt: str) -> str:
    """The prompt without its markers, as the artist reads it."""
    return " ".join(_MARKER.sub(" ", prompt).split())


_BY_NAME: Final[Mapping[str, Fault]] = {fault.value: fault for fault in Fault}

"""A job of the stand-in: what was ordered, and its state as a function of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from stickers.recipes.parameters import Role
from stickers.recipes.specs import ModelSpec
from stickers.sandbox.faults import Fault, unknown_markers, without_markers

# The API's own sentence for a prompt that is missing or no text, as other developers saw it.
_PROMPT_PROBLEM: Final = "Prompt is Mandatory and must be string"
_FAULT_FAILURES: Final[Mapping[Fault, str]] = {
    Fault.MODERATION: "Content policy violation: the prompt was flagged as sensitive. Please change it.",
    Fault.JOB_FAILED: "CUDA out of memory while generating the image",
}


@dataclass(frozen=True, kw_only=True)
class SheetOrder:
    """Everything that a sheet's picture depends on. The same order gives the same picture."""

    prompt: str
    seed: int
    width_px: int
    height_px: int
    index: int = 0


@dataclass(frozen=True, kw_only=True)
class Job:
    """One request. Moments are Unix times in seconds; `drawn_at` is None until its pictures exist.

    `values` is the body of the POST, under the model's own names.
    """

    request_id: str
    spec: ModelSpec
    values: Mapping[str, Any]
    seed: int
    created_at: float
    starts_at: float
    ends_at: float
    drawn_at: float | None = None
    failure: str = ""
    cost: Decimal = Decimal(0)
    lost: bool = False

    @property
    def prompt(self) -> str:
        return prompt_of(self.spec, self.values)

    @property
    def samples(self) -> int:
        return self.spec.samples(self.values)

    @property
    def wants_base64(self) -> bool:
        return bool(self.spec.value(self.values, Role.BASE64))

    @property
    def sheets(self) -> tuple[SheetOrder, ...]:
        """The pictures to draw. Only for a job with sound values."""
        width_px, height_px = self.spec.size_px(self.values)
        return tuple(
            SheetOrder(
                prompt=without_markers(self.prompt),
                seed=self.seed,
                width_px=width_px,
                height_px=height_px,
                index=index,
            )
            for index in range(self.samples)
        )

    @property
    def finishes_at(self) -> float | None:
        """When the job is over; None while that depends on the artist."""
        if self.failure:
            return self.ends_at
        return None if self.drawn_at is None else max(self.ends_at, self.drawn_at)

    @property
    def run_seconds(self) -> float:
        """What the API calls its inference time."""
        return round(self.ends_at - self.starts_at, 3)

    def state(self, now: float) -> str:
        """QUEUED, PROCESSING, COMPLETED or FAILED."""
        finishes_at = self.finishes_at
        if finishes_at is not None and now >= finishes_at:
            return "FAILED" if self.failure else "COMPLETED"
        return "QUEUED" if now < self.starts_at else "PROCESSING"


def prompt_of(spec: ModelSpec, values: Mapping[str, Any]) -> str:
    """The prompt among `values`; empty if it is missing or no text."""
    prompt = values.get(spec.prompt.name)
    return prompt if isinstance(prompt, str) else ""


def find_failure(spec: ModelSpec, values: Mapping[str, Any], fault: Fault | None) -> str:
    """Why a job with these values will fail once it runs; empty if it will not. Validation is late, as at Segmind."""
    if fault is not None and fault in _FAULT_FAILURES:
        return _FAULT_FAILURES[fault]
    found = spec.problems({**spec.defaults(), **values})
    if spec.prompt.name in found:
        return _PROMPT_PROBLEM
    if found:
        return "; ".join(f"{name}: {problem}" for name, problem in found.items())
    if unknown := unknown_markers(prompt_of(spec, values)):
        return f"The stand-in knows no fault {', '.join(unknown)}; GET /sandbox/ lists them."
    return ""

"""The desk: one print sheet with its row, plan, profile and stickers read once, its cut lines and pages found once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Self

from django.db import transaction

from stickers.models import PrintSheet, Sticker
from stickers.printing.artwork.sizes import FITS, SAME_SCALE, Bounds, Fit
from stickers.printing.errors import OptionsError
from stickers.printing.profiles import DEFAULT_PROFILE, Profile
from stickers.prints import editing, history, sizes
from stickers.prints.cut_lines import Cuts, cuts_of
from stickers.prints.imposing import Imposition, checked, imposed, job_of, nested_beside, page_options, settled
from stickers.prints.plan import Plan
from stickers.prints.profiles import profiles_of

TRIES: Final = 4
SOON: Final = 30  # copies that are placed while the designer waits; the worker places more


class BusyError(Exception):
    """Another window changes the print sheet faster than this change can be worked out."""


@dataclass(frozen=True)
class Desk:
    """A change gives the next desk. Cut lines and pages are found when they are first asked for."""

    row: PrintSheet
    plan: Plan
    profiles: Mapping[str, Profile]
    stickers: Mapping[int, Sticker]  # those on the plan that the owner may see

    @classmethod
    def of(cls, row: PrintSheet) -> Self:
        """The desk of what the rows say."""
        return cls.with_plan(row, history.plan_of(row))

    @classmethod
    def with_plan(cls, row: PrintSheet, plan: Plan) -> Self:
        """The desk of a plan that is not in the rows; of `row` only the owner has to be set."""
        return cls(row, plan, profiles_of(row.owner_id), shown_to(row.owner_id, plan))

    @cached_property
    def profile(self) -> Profile:
        """The plan's profile. If it is gone, the home printer's."""
        return self.profiles.get(self.plan.profile, DEFAULT_PROFILE)

    @cached_property
    def cuts(self) -> Cuts:
        return cuts_of(self.plan, self.profile, self.stickers)

    @cached_property
    def pages(self) -> Imposition:
        """Raises OptionsError for settings that make no page."""
        return imposed(self.plan, self.cuts)

    @property
    def arts(self) -> dict[int, str]:
        """The files of the stickers by their keys."""
        return {pk: sticker.file.name or "" for pk, sticker in self.stickers.items()}

    @property
    def edited(self) -> list[Sticker]:
        """The stickers that were edited since they were laid out."""
        arts = self.arts
        pks = {one.sticker_pk for one in self.plan.copies if one.art and arts.get(one.sticker_pk, one.art) != one.art}
        return [sticker for pk, sticker in self.stickers.items() if pk in pks]

    @property
    def places_soon(self) -> bool:
        """Whether placing all copies again is fast enough to wait for."""
        return len(self.plan.copies) <= SOON

    @property
    def bounds(self) -> Bounds:
        """What sizes have to keep to. Raises OptionsError for settings that make no page."""
        live = page_options(self.plan, job_of(self.plan, self.profile)).live
        return Bounds(
            usual_mm=self.profile.size_mm,
            border_mm=self.plan.border_mm,
            least_mm=self.profile.least_cut_mm,
            most_mm=min(live.width_mm, live.height_mm),
        )

    @cached_property
    def fit(self) -> Fit | None:
        """How all stickers are sized, if it is by one rule. Raises OptionsError for settings that make no page."""
        return next((fit for fit in FITS if self.plan.copies and self.fitted(fit) == self.plan), None)

    def fitted(self, fit: Fit) -> Plan:
        """The plan with sizes that fit the art. What is no longer shared keeps its size. Raises OptionsError."""
        found = sizes.fitted(fit, self.stickers.values(), self.bounds)
        return editing.resized(
            self.plan,
            {design: found[design.sticker_pk] for design in self.plan.designs if design.sticker_pk in found},
            {},
        )

    def with_new(self, stickers: Iterable[Sticker]) -> Plan:
        """The plan with one more copy of each sticker, sized as those that are there; see `editing.added`.

        That is by the same rule, or else with their common size. Otherwise, and at first, it is the same scale; but
        each picture of a messenger pack is filled by its sticker, so there they have one size. Raises OptionsError.
        """
        new = list(stickers)
        common_mm = {copy.size_mm for copy in self.plan.copies}
        if not common_mm and self.profile.kind == "messenger":
            common_mm = {self.profile.size_mm}
        if self.fit is None and len(common_mm) == 1:
            return editing.added(self.plan, dict.fromkeys((one.pk for one in new), common_mm.pop()))
        return editing.added(self.plan, sizes.fitted(self.fit or SAME_SCALE, new, self.bounds))

    def on(self, plan: Plan) -> Self:
        """The same desk with another plan on it, which is not written to the rows."""
        known = {copy.sticker_pk for copy in self.plan.copies}
        fresh = any(copy.sticker_pk not in known for copy in plan.copies)
        return replace(self, plan=plan, stickers=shown_to(self.row.owner_id, plan) if fresh else self.stickers)

    def change(self, words: str, edit: Callable[[Self], Plan], *, and_end: Callable[[], None] = lambda: None) -> Self:
        """Write what `edit` makes of the plan as one step, and return the desk after it.

        The edit is worked out before the rows are locked, because finding cut lines and places takes seconds. If
        another window was faster, it is worked out again on the new plan. Raises what `edit` raises, with nothing
        changed, and BusyError. `and_end` is called in the transaction of the change; what it raises undoes the change.
        """
        desk = self
        for _ in range(TRIES):
            plan = edit(desk)
            with transaction.atomic():
                written = plan if plan == desk.plan else history.add(desk.row, plan, words)
                if written is not None:
                    and_end()
                    return desk.on(written)
            desk = type(self).of(PrintSheet.objects.get(pk=self.row.pk))
        raise BusyError

    def settled(self) -> Plan:
        """The plan after other settings or sizes. What lies right stays; see `imposing.settled`.

        Raises OptionsError if a sticker can no longer be cut. What is no longer shared stays as it is: no setting
        brings it back, and only the print sheet's owner clears its place.
        """
        checked(self.plan, self.profile)  # faults of the page are reported before faults of a sticker
        for reason in self.cuts.uncut:
            raise OptionsError("", reason)
        return settled(self.plan, self.cuts)

    def filled(self) -> Plan:
        """The plan with a place for every copy that lies on no page yet. If they are many, the worker does it."""
        return nested_beside(self.plan, self.cuts) if self.places_soon else self.plan


def shown_to(owner_pk: int, plan: Plan) -> dict[int, Sticker]:
    """The plan's stickers by key. One that is no longer shared with the owner stays on the plan, but is not here."""
    wanted = {copy.sticker_pk for copy in plan.copies}
    seen = Sticker.objects.visible_to(owner_pk).filter(pk__in=wanted)
    return seen.select_related("sheet__generation").in_bulk()

"""The cards of the queue: which generations it shows, how far each one is, and in which words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.cache import caches
from django.core.cache.utils import make_template_fragment_key
from django.db.models import Count, Max, Prefetch, Q, Subquery, Sum
from django.utils import timezone

from stickers.models import ACTIVE, Generation, Sheet, State, Trouble, Upstream, WorkState
from stickers.models.microseconds import Microseconds
from stickers.orders import api_keys
from stickers.orders.estimate import spell_seconds, typical_seconds, waited

FINISHED_SHOWN: Final = 30
LATE_SECONDS: Final = 5.0  # a change may be committed some time after the moment that it names
STEPS: Final = (State.CREATED, State.SUBMITTING, State.WAITING, State.READY, State.CUTTING, State.DONE)
# Prompts that an empty queue suggests.
EXAMPLES: Final = (
    "Cosy forest animals drinking tea",
    "Tiny astronauts, planets and rockets",
    "A kawaii bakery: donuts, cupcakes, boba",
)
# The note beside a state when there is nothing more to say.
NOTES: Final = {
    State.CREATED: "Waiting for its turn.",
    State.SUBMITTING: "Handing the order over.",
    State.READY: "Fetching the picture.",
    State.CUTTING: "Finding the stickers on the sheet.",
    State.FAILED: "The order failed.",
    State.UNKNOWN: "No answer came back. It may have been billed.",
    State.EXPIRED: "Segmind no longer has it. It may have been billed.",
    State.UNSAVED: "It was made, but the picture could not be stored.",
}


@dataclass(frozen=True)
class CardStep:
    label: str
    place: str  # "past", "now" or "ahead"


@dataclass(frozen=True, kw_only=True)
class Card:
    order: Generation  # has only its state and moment if the card is shown or drawn already
    sheets: tuple[Sheet, ...] = ()
    typical_seconds: float | None = None  # None means unknown
    upstream: Upstream | None = None  # the reason why its key cannot order now
    is_shown: bool = False  # the asking page already has exactly this card
    html: str = ""  # the card as it was drawn before

    @property
    def steps(self) -> tuple[CardStep, ...]:
        at = STEPS.index(State(self.order.state))
        return tuple(
            CardStep(step.label, "past" if index < at else "now" if index == at else "ahead")
            for index, step in enumerate(STEPS)
        )

    @property
    def note(self) -> str:
        return self.hold or self.order.error or NOTES.get(State(self.order.state), "")

    @property
    def hold(self) -> str:
        """Why the order does not go on by itself now; empty when nothing holds it."""
        if self.is_stopped and self.upstream is not None:
            if self.upstream.trouble == Trouble.DOUBT:
                return f"{self.upstream.words} It goes out once Segmind answers again; nothing was billed."
            return f"{self.upstream.words} It waits until that is solved; nothing was billed."
        if self.order.state in {State.WAITING, State.READY} and self.order.sandbox != settings.SANDBOX_IN_USE:
            verb = "go back to" if self.order.sandbox else "leave"
            return f"Waits for the studio to {verb} practice mode."
        if self.order.state == State.CREATED and self.order.model not in settings.MODELS:
            return f"The studio has no file for the model {self.order.model}. It waits for one; cancelling is free."
        return ""

    @property
    def has_news(self) -> bool:
        """Whether an active order has more to say than its state."""
        return bool(self.order.error or self.hold)

    @property
    def is_stopped(self) -> bool:
        return self.order.state == State.CREATED and self.upstream is not None

    @property
    def mark(self) -> str:
        """A mark that changes whenever the card shows something else."""
        moments = [self.order.changed_at, *([self.upstream.changed_at] if self.upstream and self.is_stopped else [])]
        return "-".join(f"{moment.timestamp():.6f}".replace(".", "") for moment in moments)

    @property
    def key(self) -> str:
        """The cache key under which `_queue.html` keeps the drawn card."""
        return make_template_fragment_key("card", [self.order.pk, self.mark])

    @property
    def reason(self) -> str:
        """Why the order ended like this, and whether it may have been billed where the reason does not say so."""
        note = self.note if self.note.endswith((".", "!", "?")) else f"{self.note}."
        if "billed" in note:
            return note
        if self.order.state == State.FAILED:
            return f"{note} Not billed."
        return f"{note} It may have been billed." if self.order.may_be_billed else note

    @property
    def resume_words(self) -> str:
        is_gone = self.order.state == State.EXPIRED and settings.SEGMIND_HISTORY
        return "Look in the history" if is_gone else "Look again – free"

    @property
    def is_done(self) -> bool:
        return self.order.state == State.DONE

    @property
    def has_problem(self) -> bool:
        return not self.order.is_active and not self.is_done

    @property
    def is_generating(self) -> bool:
        return self.order.state == State.WAITING

    @property
    def since(self) -> datetime:
        """When the order was sent, while it is being made; its last step otherwise."""
        return (self.order.submitted_at if self.is_generating else None) or self.order.changed_at

    @property
    def elapsed(self) -> str:
        return spell_seconds(max(0, int((timezone.now() - self.since).total_seconds())))

    @property
    def typical(self) -> str:
        return "" if self.typical_seconds is None else spell_seconds(max(1, round(self.typical_seconds)))

    @property
    def took(self) -> str:
        seconds = waited(self.order)
        return "" if seconds is None else spell_seconds(max(1, round(seconds)))

    @property
    def sticker_count(self) -> int:
        return sum(sheet.sticker_count for sheet in self.sheets)  # type: ignore[attr-defined]

    @property
    def uncut(self) -> tuple[Sheet, ...]:
        return tuple(sheet for sheet in self.sheets if sheet.segmentation.state == WorkState.FAILED)


def hold(order: Generation) -> str:
    """Why an unfinished order does not go on by itself now, for a command that waits without a page."""
    name = api_keys.name_of(order.owner_id)
    upstream = Upstream.objects.filter(key=name).first()
    if upstream is not None and upstream.trouble:
        upstream.is_own = name != api_keys.fingerprint(api_keys.studio_key())
        return Card(order=order, sheets=(), typical_seconds=None, upstream=upstream).hold
    if upstream is not None and order.state in {State.CREATED, State.WAITING} and upstream.is_held(timezone.now()):
        return "Segmind's rate limit holds all calls back for a while."
    return Card(order=order, sheets=(), typical_seconds=None).hold


@dataclass(frozen=True, kw_only=True)
class Queue:
    cards: tuple[Card, ...]
    version: str
    last_seed: int | None  # of the designer's latest generation that has one
    is_watched: bool = False  # the asking page has the queue already and will ask again
    upstream: Upstream | None = None  # only while nothing can be ordered
    others: Upstream | None = None  # the studio's stopped key, if this designer orders with another key
    has_sheets: bool = False  # looked up only if there is no card: the gallery then has earlier sheets
    examples: tuple[str, ...] = EXAMPLES

    @property
    def stopped(self) -> int:
        return sum(card.is_stopped for card in self.cards)

    @property
    def unfinished(self) -> int:
        return sum(card.order.is_active for card in self.cards)


def version(owner_pk: int) -> str:
    """A mark that changes with every change of a card. It costs one quick query: each page asks every two seconds."""
    cards = Generation.objects.owned_by(owner_pk).filter(dismissed_at=None)
    known = Upstream.objects.filter(key__in=_names(owner_pk)).order_by("-changed_at")
    upstream = known.values("changed_at")[:1]
    seen = cards.aggregate(
        count=Count("pk"),
        sum=Sum(Microseconds("changed_at")),
        newest=Max("changed_at"),
        upstream=Max(Subquery(upstream)),
    )
    moments = [moment.timestamp() for moment in (seen["newest"], seen["upstream"]) if moment]
    # The sum also shows a change whose moment is earlier than another one, for example after the clock was set back.
    return "-".join([f"{seen['count']}.{seen['sum'] or 0}", *(f"{moment:.6f}" for moment in moments)])


def _names(owner_pk: int) -> tuple[str, str]:
    """The fingerprints of the key with which this designer orders, and of the studio's key."""
    return api_keys.name_of(owner_pk), api_keys.fingerprint(api_keys.studio_key())


def queue(owner_pk: int, *, sandbox: bool, shown: str = "", mark: str = "") -> Queue:
    """All unfinished orders and the newest finished ones, in the order of their places.

    `shown` is the version of the page that asks. Cards that this page already has are not read, drawn and sent again.
    With fifty orders on the page that saves most of the work. `mark` is the present version, if the caller knows it.
    """
    # The mark is read before the rows. A change in between is then shown twice rather than never.
    mark = mark or version(owner_pk)
    cards = Generation.objects.owned_by(owner_pk).cards()
    newest_finished = cards.exclude(state__in=ACTIVE).values("pk")[:FINISHED_SHOWN]
    places = list(cards.filter(Q(state__in=ACTIVE) | Q(pk__in=newest_finished)).only("state", "changed_at"))
    mine, studios = _names(owner_pk)
    stopped = Upstream.objects.stopped().in_bulk([mine, studios])
    upstream = stopped.get(mine)
    if upstream is not None:
        upstream.is_own = mine != studios
    since = _unchanged_since(shown, mark)
    outlines = [
        Card(order=order, upstream=upstream, is_shown=order.changed_at.timestamp() <= since) for order in places
    ]
    drawn = _drawn(outlines) if shown else {}
    wanted = [card.order.pk for card in outlines if not card.is_shown and card.key not in drawn]
    whole = cards.filter(pk__in=wanted).prefetch_related(_sheets()).in_bulk()
    specs = {order.model: order.spec for order in whole.values() if order.is_active}
    typical = {slug: typical_seconds(owner_pk, spec, sandbox=sandbox) for slug, spec in specs.items()}
    seeded = Generation.objects.owned_by(owner_pk).exclude(seed=None)
    return Queue(
        cards=tuple(_cards(outlines, drawn, whole, typical)),
        version=mark,
        is_watched=bool(shown),
        upstream=upstream,
        others=stopped.get(studios) if studios != mine else None,
        has_sheets=not places and Sheet.objects.visible_to(owner_pk).kept().exists(),
        last_seed=seeded.order_by("-pk").values_list("seed", flat=True).first(),
    )


def _unchanged_since(shown: str, mark: str) -> float:
    """The Unix time up to which cards are unchanged in the page of version `shown`; -inf if that is in doubt.

    It is in doubt if something has changed but the newest moment is not later, because a clock was set back.

    One case remains: if another tab dismisses a card, a finished card moves up that no page had. It comes empty, and
    the page then asks for everything.
    """
    sums_shown, newest_shown, upstream_shown = _split(shown)
    sums, newest, upstream = _split(mark)
    if upstream_shown != upstream:
        return -math.inf
    try:
        since = float(newest_shown)
        is_in_order = float(newest) > since or sums == sums_shown
    except ValueError:
        return -math.inf
    return since - LATE_SECONDS if is_in_order else -math.inf


def _split(version: str) -> tuple[str, str, str]:
    sums, _, moments = version.partition("-")
    newest, _, upstream = moments.partition("-")
    return sums, newest, upstream


def _drawn(outlines: Iterable[Card]) -> Mapping[str, str]:
    """Cards that `_queue.html` has drawn for an earlier request, by their keys."""
    return caches["cards"].get_many([card.key for card in outlines if not card.is_shown])


def _cards(
    outlines: Iterable[Card],
    drawn: Mapping[str, str],
    whole: Mapping[int, Generation],
    typical: Mapping[str, float | None],
) -> Iterator[Card]:
    for card in outlines:
        if card.is_shown:
            yield card
        elif card.key in drawn:
            yield replace(card, html=drawn[card.key])
        elif order := whole.get(card.order.pk):  # missing if it was dismissed just now
            yield replace(card, order=order, sheets=tuple(order.sheets.all()), typical_seconds=typical.get(order.model))


def _sheets() -> Prefetch[str]:
    counted = Count("stickers", filter=Q(stickers__deleted_at=None))
    kept = Sheet.objects.kept().select_related("segmentation").annotate(sticker_count=counted)
    return Prefetch("sheets", queryset=kept.order_by("index"))

"""A generation: one order to Segmind, from the form to its sheets, and the moves between its states."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Self
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Q
from django.utils import timezone

from stickers.models.budget import Budget, OrderRefused, TooManyOrders, month_start
from stickers.models.fair_share import in_turn
from stickers.models.leases import Leased, LeasedQuerySet
from stickers.models.ownkey import OwnKey
from stickers.models.project import Project
from stickers.recipes.parameters import Role
from stickers.recipes.specs import ModelSpec, offered, unlisted

logger = logging.getLogger("stickers.orders")


class State(models.TextChoices):
    """Where an order stands; the label is the word that the designer reads."""

    CREATED = "created", "Queued"
    SUBMITTING = "submitting", "Sending"
    WAITING = "waiting", "Generating"
    READY = "ready", "Saving"
    CUTTING = "cutting", "Cutting"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Unknown"
    EXPIRED = "expired", "Expired"
    UNSAVED = "unsaved", "Not saved"
    CANCELLED = "cancelled", "Cancelled"


ACTIVE: Final = (State.CREATED, State.SUBMITTING, State.WAITING, State.READY, State.CUTTING)
CLAIMABLE: Final = (State.CREATED, State.SUBMITTING, State.WAITING, State.READY)
CANCELLABLE: Final = (State.CREATED, State.SUBMITTING, State.WAITING)
RESUMABLE: Final = (State.EXPIRED, State.UNSAVED, State.CANCELLED)  # if Segmind has given an id
RETRYABLE: Final = (State.FAILED, State.UNKNOWN, State.EXPIRED, State.UNSAVED, State.CANCELLED)

# One click can arrive twice: a double click without scripts, or a browser that sends again. A second order with the
# same values a little later is intended.
SAME_CLICK: Final = timedelta(seconds=10)


# How long an order that was sent counts as a turn that its owner has had.
TURN: Final = timedelta(minutes=1)

_COLUMN_ROLES: Final = (Role.PROMPT, Role.SAMPLES, Role.SEED)


def default_model() -> str:
    """The slug of the model that the form begins with."""
    return offered(settings.MODELS.values())[0].slug


def default_recipe() -> dict[str, Any]:
    return columns(settings.MODELS[default_model()], {})["recipe"]  # type: ignore[no-any-return]


def columns(spec: ModelSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row for an order of `values`, which have the model's own names.

    The seed is a number from here on.
    """
    rest = {name: value for name, value in (spec.defaults() | dict(values)).items() if value is not None}
    seed = spec.of_role(Role.SEED)
    own = {parameter.name for role in _COLUMN_ROLES if (parameter := spec.of_role(role))}
    return {
        "model": spec.slug,
        "prompt": rest.get(spec.prompt.name, ""),
        "samples": spec.samples(rest),
        "seed": seed and seed.concrete_seed(rest.get(seed.name)),
        "recipe": {name: value for name, value in rest.items() if name not in own},
    }


class GenerationQuerySet(LeasedQuerySet["Generation"]):
    def owned_by(self, owner_pk: int) -> Self:
        return self.filter(owner_id=owner_pk)

    def cards(self) -> Self:
        """What the queue shows, newest first. A retry keeps the place of the card that it replaces."""
        return self.filter(dismissed_at=None).order_by("-placed_at", "-pk")

    def of_the_active(self) -> Self:
        """The orders of owners whose accounts are not switched off."""
        return self.filter(owner_id__in=User.objects.filter(is_active=True).values("pk"))

    def of_this_mode(self) -> Self:
        """The orders of the present mode: practice jobs are at the stand-in, all others at Segmind."""
        return self.filter(sandbox=settings.SANDBOX_IN_USE)

    def active(self) -> Self:
        return self.filter(state__in=ACTIVE)

    def claimable(self) -> Self:
        """The rows with a next step of their own.

        The condition on `next_at` lets the database use the index of what is due.
        """
        return self.filter(state__in=CLAIMABLE, next_at__isnull=False)

    def worked_at(self) -> Self:
        """The generations with a next step that this studio takes.

        A job of the other mode rests until the mode changes. A queued order whose model's file is gone rests until the
        file is back. Neither may keep the studio awake.
        """
        elsewhere = Q(state__in=[State.WAITING, State.READY]) & ~Q(sandbox=settings.SANDBOX_IN_USE)
        fileless = Q(state=State.CREATED) & ~Q(model__in=settings.MODELS)
        return self.claimable().exclude(elsewhere | fileless)

    def within_reach(self) -> Self:
        """The orders whose jobs may be polled again: now, when their owners ask for it, or when a late id arrives."""
        resting = Q(state__in=[*RESUMABLE, State.UNKNOWN], dismissed_at=None)
        return self.filter(Q(state__in=ACTIVE) | resting)

    def owners(self) -> list[int]:
        """The primary keys of the owners of these rows, each once."""
        return list(self.order_by().values_list("owner_id", flat=True).distinct())

    def under_way_by_key(self) -> Counter[str]:
        """How many orders are being sent with each key, by its fingerprint."""
        sending = self.claimable().filter(state=State.SUBMITTING)
        return Counter(dict(sending.order_by().values_list("key").annotate(Count("pk"))))

    def answered_since(self, key: str, moment: datetime) -> bool:
        """Whether an order that was sent with this key since then got a clear answer."""
        answered = ~Q(request_id="") | Q(state=State.FAILED)
        return self.filter(answered, key=key, submitted_at__gt=moment).exists()

    def due(self, state: State, now: datetime) -> Self:
        return self.filter(state=state).awake(now)

    def visible_to(self, user_pk: int) -> Self:
        """The user's own orders, and those behind the sheets that a project shares with the user."""
        shared = Q(sheets__project__in=Project.objects.visible_to(user_pk), sheets__deleted_at=None)
        return self.filter(Q(owner_id=user_pk) | Q(pk__in=self.model.objects.filter(shared).values("pk")))

    def counted(self, *, queued: bool) -> Self:
        """The orders that count against this month's budgets: sent ones that may be billed, and queued ones."""
        sent = ~Q(state=State.FAILED) & Q(submitted_at__gte=month_start(timezone.now()))
        return self.filter((sent & Q(sandbox=settings.SANDBOX_IN_USE)) | Q(state__in=[State.CREATED] if queued else []))

    def rooms(self, owner_pk: int) -> list[str]:
        """In words, what is left of each budget that the designer's next order would count against."""
        own_keys = OwnKey.objects.fingerprints()
        return Budget.objects.rooms(Generation.objects.counted(queued=True), owner_pk, own_keys)

    def order(self, *, owner_pk: int, click: UUID | None, **fields: Any) -> Generation | None:
        """Queue an order. None if the same click has queued it already. With None for `click` it is always a new one.

        Raises OrderRefused, in words for the designer, if a budget or the limit per minute is used up, or if the model
        is not offered.
        """
        with transaction.atomic():
            # The owner's row is the lock, because both arrivals of a click may run at once, even on two machines.
            User.objects.select_for_update().get(pk=owner_pk)
            lately = self.filter(owner_id=owner_pk, click=click, created_at__gt=timezone.now() - SAME_CLICK)
            if click is not None and lately.exists():
                return None
            self._check_pace(owner_pk)
            order = Generation(owner_id=owner_pk, click=click, **fields)
            if not order.spec.offered:
                raise OrderRefused(f"The studio does not offer the model {order.spec.label} any more.")
            own_keys = OwnKey.objects.fingerprints()
            [objection] = Budget.objects.objections(Generation.objects.counted(queued=True), [order], own_keys)
            if objection:
                raise OrderRefused(objection)
            order.save(force_insert=True)
            return order

    def _check_pace(self, owner_pk: int) -> None:
        """Raise TooManyOrders if the owner has ordered as often within the minute as anybody may."""
        most = settings.ORDERS_PER_MINUTE
        if not settings.STUDIO_ACCOUNTS or not most:
            return
        now = timezone.now()
        latest = self.filter(owner_id=owner_pk).order_by("-pk").values_list("created_at", flat=True)
        first_of_them = next(iter(latest[most - 1 : most]), None)
        if first_of_them is not None and now - timedelta(minutes=1) < first_of_them <= now:
            raise TooManyOrders(most, first_of_them + timedelta(minutes=1) - now)

    def claim(self, due_in: State, *, limit: int, lease_until: datetime, **fields: Any) -> list[Generation]:
        """Take up to `limit` due rows of one state, one of each owner in turn.

        Nobody else gets them before `lease_until`. Queued orders for which no budget has room are refused here. The
        others get the fingerprint of the key that sends them.

        It is one short durable transaction. Two workers never take the same row: the second waits for the lock and then
        no longer finds the row due.
        """
        now = timezone.now()
        due = self.due(due_in, now)
        if limit <= 0 or not due.exists():  # spares an idle studio the write lock
            return []
        with transaction.atomic(durable=True):
            turns_had = self._turns_had(now) if due_in == State.CREATED else Counter()
            rows = in_turn(due, owner=Generation.OWNER, key="next_at", turns_had=turns_had, limit=limit)
            own_keys = OwnKey.objects.fingerprints() if due_in == State.CREATED else {}
            if due_in == State.CREATED:
                rows = self._within_budget(rows, own_keys)
                fields["own_key"] = False
            fields = {"next_at": lease_until, **fields}
            if "state" in fields:
                fields["changed_at"] = now
            self.filter(pk__in=[row.pk for row in rows]).update(**fields)
            for row in rows:
                row.assign(fields)
                if row.owner_id in own_keys:
                    row.assign(own := {"key": own_keys[row.owner_id], "own_key": True})
                    self.model.objects.filter(pk=row.pk).update(**own)
        return rows

    def _turns_had(self, now: datetime) -> Counter[int]:
        return Generation.objects.filter(submitted_at__gt=now - TURN, submitted_at__lte=now).by_owner()

    def _within_budget(self, rows: list[Generation], own_keys: Mapping[int, str]) -> list[Generation]:
        """The rows that may be sent. The others end here: prices and budgets may have changed in the meantime."""
        objections = Budget.objects.objections(Generation.objects.counted(queued=False), rows, own_keys)
        for row, words in zip(rows, objections, strict=True):
            if words:
                row.move(frm=[State.CREATED], to=State.FAILED, error=f"{words} It was not sent.")
        return [row for row in rows if row.state == State.CREATED]


class Generation(Leased):
    """One order to the model, paid at most once: a row POSTs at most once in its life.

    ::

        CREATED ──claimed──▶ SUBMITTING ──id saved──▶ WAITING ──COMPLETED──▶ READY ──stored──▶ CUTTING ──cut──▶ DONE
           ▲ │                │   │   │                 │ │ │                  │
           │ │   surely not   │   │   └─refused─▶ FAILED◀─┘ │                  └─picture unusable──▶ UNSAVED
           │ │   sent, or 429 │   │                         ├─404, hour over──▶ EXPIRED
           └─┼────────────────┘   └─lease over, connection  │
             │                      dropped, 5xx, no id     │
             │                            ▼                 │
             │                         UNKNOWN ──late id──▶ WAITING
             └──────cancel (free)──────▶ CANCELLED ◀──────stop waiting (may be billed)

    - CREATED -> SUBMITTING: the row is claimed, and that is committed before any byte leaves.
    - SUBMITTING -> WAITING: `request_id` is saved the moment the answer is read.
    - SUBMITTING -> CREATED: it is certain that Segmind made no job (no connection, or 429).
    - SUBMITTING -> FAILED: Segmind refused the order; `error` is its reason. Not billed.
    - CREATED -> FAILED: a budget has no room for it any more, or Segmind has retired its model. Never sent.
    - SUBMITTING -> UNKNOWN: the order may have been made and billed. Never sent again by itself.
    - UNKNOWN -> WAITING: the answer came after all.
    - WAITING -> READY: completed; `image_urls` are saved, since the record lives an hour and its files a week.
    - WAITING -> FAILED: the job failed; `error` is Segmind's reason. Not billed.
    - WAITING -> EXPIRED: the record is gone, or its hour is over. May have been billed.
    - READY -> CUTTING: every picture is on disk, each with a Sheet. CUTTING -> DONE: every sheet was cut.
    - READY or WAITING -> UNSAVED: paid, but no picture could be stored; UNSAVED -> READY tries again, free.
    - CREATED -> CANCELLED is free: by the designer, or by itself once the account is switched off.
    - SUBMITTING or WAITING -> CANCELLED only stops waiting; READY, too, for a studio that has changed its mode since.
    - CANCELLED or EXPIRED -> WAITING: waits again for a job whose id is known, free; READY where its files are known.

    A retry is a new row with `retry_of` set, and takes the old card's place.
    """

    OWNER: ClassVar = "owner_id"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="generations")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    placed_at = models.DateTimeField(default=timezone.now)
    retry_of = models.OneToOneField("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="retried_as")
    dismissed_at = models.DateTimeField(null=True, blank=True)
    # identifies the click that queued it, from the form's token and its values
    click = models.UUIDField(null=True, blank=True, editable=False)

    # The studio searches prompts, shows seeds and counts sheets, so these three have columns of their own. All other
    # parameters are in `recipe`, under the model's own names.
    model = models.CharField(max_length=100, default=default_model)  # its slug
    recipe = models.JSONField(default=default_recipe, blank=True)
    prompt = models.TextField()
    add_trigger = models.BooleanField(default=True)
    samples = models.PositiveSmallIntegerField(default=1)  # how many sheets
    seed = models.BigIntegerField(null=True, blank=True)  # concrete, never -1; None if the model takes no seed

    state = models.CharField(max_length=10, choices=State, default=State.CREATED)
    changed_at = models.DateTimeField(default=timezone.now)
    request_id = models.CharField(max_length=200, blank=True, default="")
    error = models.TextField(blank=True, default="")  # the API's own reason, or ours
    image_urls = models.JSONField(default=list, blank=True)
    cost = models.DecimalField(max_digits=10, decimal_places=5, null=True, blank=True)  # US dollars; None is unknown
    inference_seconds = models.FloatField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    sandbox = models.BooleanField(default=False)  # drawn by the local stand-in
    # The key that sent it. The key of another account knows nothing of the job.
    key = models.CharField(max_length=24, blank=True, default="", editable=False)  # its fingerprint
    # the owner's own key, so the owner is billed; else the studio's
    own_key = models.BooleanField(default=False, editable=False)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        indexes = [
            # A row without a next step has no `next_at`. SQLite never uses an index with the condition `state IN (...)`
            # for a query with parameters. But like PostgreSQL it concludes from any comparison with `next_at` that it
            # is not null.
            models.Index(fields=["state", "next_at"], condition=Q(next_at__isnull=False), name="generation_due"),
            models.Index(
                fields=["owner", "-placed_at", "-id"], condition=Q(dismissed_at=None), name="generation_cards"
            ),
            models.Index(fields=["submitted_at"], name="generation_sent"),
            models.Index(fields=["click"], condition=Q(click__isnull=False), name="generation_click"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(seed__gte=0), name="generation_seed_concrete"),
            models.CheckConstraint(condition=~Q(state="waiting") | ~Q(request_id=""), name="generation_waiting_has_id"),
            models.UniqueConstraint(fields=["request_id"], condition=~Q(request_id=""), name="generation_request_id"),
        ]

    def __str__(self) -> str:
        return f"generation {self.pk}, {self.state}"

    def clean(self) -> None:
        """Check the values against the ranges of the model. Raises ValidationError, by the parameters' names."""
        if problems := self.spec.problems(self.values):
            raise ValidationError(problems)

    @property
    def spec(self) -> ModelSpec:
        """The model of this order; a bare one if the model's file is gone."""
        found: ModelSpec | None = settings.MODELS.get(self.model)
        return found or unlisted(self.model)

    @property
    def values(self) -> dict[str, Any]:
        """Every parameter as the designer gave it, by the model's own names. The seed is concrete."""
        own: dict[Role | None, Any] = {Role.PROMPT: self.prompt, Role.SAMPLES: self.samples, Role.SEED: self.seed}
        named = {each.name: own.get(each.role, self.recipe.get(each.name)) for each in self.spec.parameters}
        return {name: value for name, value in (self.recipe | named).items() if value is not None}

    @property
    def sent_prompt(self) -> str:
        return self.spec.with_trigger(self.prompt) if self.add_trigger else self.prompt

    @property
    def negative_prompt(self) -> str:
        """The negative prompt; empty if the model takes none."""
        return str(self.spec.value(self.recipe, Role.NEGATIVE) or "")

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of each ordered sheet in pixels."""
        return self.spec.size_px(self.recipe)

    def payload(self) -> dict[str, Any]:
        """The JSON body of the POST."""
        return self.spec.payload(self.values | {self.spec.prompt.name: self.sent_prompt})

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def may_be_billed(self) -> bool:
        """Whether the order may have cost money although there is no sheet."""
        paid_states = (State.UNKNOWN, State.EXPIRED, State.UNSAVED)
        return self.state in paid_states or (self.state == State.CANCELLED and self.submitted_at is not None)

    @property
    def can_cancel(self) -> bool:
        return self.state in CANCELLABLE or (self.state == State.READY and self.is_of_other_mode)

    @property
    def is_of_other_mode(self) -> bool:
        """Whether it was sent in the other mode (practice or paid). In this mode nobody works on it."""
        return self.submitted_at is not None and self.sandbox != settings.SANDBOX_IN_USE

    @property
    def can_retry(self) -> bool:
        return self.state in RETRYABLE

    @property
    def can_resume(self) -> bool:
        """Whether the designer can take up the job again without paying again."""
        # EXPIRED, too: a 404 within the hour may come from a gateway, and asking again costs nothing.
        resting = self.state in RESUMABLE and self.dismissed_at is None
        return resting and bool(self.request_id)

    def assign(self, fields: dict[str, Any]) -> None:
        for name, value in fields.items():
            setattr(self, name, value)

    def move(self, *, frm: Iterable[State], to: State, **fields: Any) -> bool:
        """Change the state if it still is one of `frm`. True if this call did it."""
        now = timezone.now()
        fields = {"state": to, "changed_at": now, **fields}
        if to not in ACTIVE:
            fields = {"next_at": None, "finished_at": now, **fields}
        won = self.change({"state__in": list(frm)}, fields)
        if won:
            logger.info("Generation %s is %s.", self.pk, to.value, extra={"generation": self.pk, "state": to.value})
        return won

    def put_off(self, pause: timedelta, words: str = "", *, tries: int) -> bool:
        """Stay in this state and be due again after a pause. False if this try no longer has the lease.

        The end of the lease is the fence here: a late try must not put off what a newer one has found out.
        """
        now = timezone.now()
        fields: dict[str, Any] = {"next_at": now + pause, "tries": tries}
        if words != self.error:
            fields |= {"error": words, "changed_at": now}
        return self.change({"state": self.state, "next_at": self.next_at}, fields)

    # --- what the designer can do ------------------------------------------------------------------------------

    def cancel(self) -> bool:
        """Cancel: free before the POST. Afterwards it only stops waiting, because the API has no cancel.

        A sheet that is ready will arrive in a moment. It can be cancelled only if nobody fetches it.
        """
        return self.move(
            frm=[State.CREATED], to=State.CANCELLED, error="Cancelled before it was sent: free."
        ) or self.move(
            frm=[State.SUBMITTING, State.WAITING, *([State.READY] if self.is_of_other_mode else [])],
            to=State.CANCELLED,
            error="No longer waited for. " + self._words_on_money,
        )

    @property
    def _words_on_money(self) -> str:
        if self.sandbox:
            return "It was practice: nothing is billed."
        return "It is made already, and billed." if self.completed_at else "It was sent already, so it may be billed."

    def resume(self) -> bool:
        """Wait for a job again, or fetch its pictures again; never a second POST."""
        if not self.can_resume:
            return False
        to = State.READY if self.state in {State.UNSAVED, State.CANCELLED} and self.image_urls else State.WAITING
        again = {"error": "", "tries": 0, "next_at": timezone.now(), "finished_at": None}
        return self.move(frm=[State(self.state)], to=to, **again)

    def dismiss(self) -> bool:
        return self._dismiss_in([state for state in State if state not in ACTIVE])

    def _dismiss_in(self, states: Iterable[State]) -> bool:
        now = timezone.now()
        cards = Generation.objects.filter(pk=self.pk, dismissed_at=None, state__in=list(states))
        return bool(cards.update(dismissed_at=now, changed_at=now))

    def retry(self) -> Generation | None:
        """Make a new order with the same recipe in the place of this card. None if there is one already.

        Raises OrderRefused; the card then stays.
        """
        with transaction.atomic():
            # The row itself decides, not an older copy of it. An order with a late id must not be paid twice.
            if not self._dismiss_in(RETRYABLE):
                return None
            return Generation.objects.order(
                owner_pk=self.owner_id, click=None, placed_at=self.placed_at, retry_of=self, **self._as_ordered
            )

    @property
    def _as_ordered(self) -> dict[str, Any]:
        """The columns that the designer filled."""
        return {name: getattr(self, name) for name in ("model", "recipe", "prompt", "add_trigger", "samples", "seed")}

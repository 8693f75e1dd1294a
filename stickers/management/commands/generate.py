"""`manage.py generate`: order a sheet from a script, through the same rows and the same worker as the page."""

from __future__ import annotations

import json
import time
from argparse import BooleanOptionalAction
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser

from stickers import tasks
from stickers.accounts.current_user import owner_named
from stickers.models import Generation, OrderRefused, State
from stickers.models.generation import columns, default_model
from stickers.orders import cards
from stickers.recipes.parameters import Kind, Parameter
from stickers.recipes.specs import ModelSpec, offered

LOOK_EVERY_SECONDS: Final = 0.25


class Command(BaseCommand):
    help = "Order a sticker sheet; the running worker makes it. Prints JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--model", help=f"one of {', '.join(spec.slug for spec in _models())} (the first)")
        options: dict[str, list[Parameter]] = {}
        for spec in _models():
            for parameter in spec.parameters:
                options.setdefault(parameter.field_name, []).append(parameter)
        for parameters in options.values():
            _add_option(parser, parameters)
        parser.add_argument(
            "--trigger",
            action=BooleanOptionalAction,
            default=True,
            help="add the model's trigger word when the prompt lacks it",
        )
        parser.add_argument("--owner", help="the account that owns the result; needed where accounts are on")
        parser.add_argument("--wait", action="store_true", help="wait until the sheet is cut, or has failed")
        parser.add_argument("--timeout", type=float, default=900, help="seconds to wait at most (%(default)g)")

    def handle(self, **options: Any) -> None:
        spec = _model(options["model"])
        values = spec.defaults() | _given(spec, options)
        if wrong := spec.problems(values):
            said = [f"{_option(spec.by_name[name])}: {words}" for name, words in wrong.items()]
            raise CommandError("\n".join(said), returncode=2)
        owner = owner_named(options["owner"])
        generation = _order(owner, add_trigger=options["trigger"], **columns(spec, values))
        tasks.hint()
        if options["wait"]:
            # without colour, because it is no error
            self.stderr.write(f"Generation {generation.pk} is queued; waiting for it.", str)
            generation = self._wait_for(generation.pk, options["timeout"])
        hold = cards.hold(generation) if generation.is_active else ""
        self.stdout.write(json.dumps(report(generation) | {"hold": hold}))
        if options["wait"] and generation.state != State.DONE:
            raise CommandError(hold or generation.error or _unfinished(generation))

    def _wait_for(self, pk: int, timeout_seconds: float) -> Generation:
        """The row once it has ended, or as it is when the time is over. Says once why it waits."""
        deadline = time.monotonic() + timeout_seconds
        said = ""
        while True:
            generation = Generation.objects.get(pk=pk)
            if not generation.is_active or time.monotonic() > deadline:
                return generation
            if (hold := cards.hold(generation)) and hold != said:
                self.stderr.write(hold, str)
                said = hold
            time.sleep(LOOK_EVERY_SECONDS)


def _order(owner: User, **fields: Any) -> Generation:
    Generation(owner=owner, **fields).full_clean()
    try:
        generation = Generation.objects.order(owner_pk=owner.pk, click=None, **fields)
    except OrderRefused as refusal:
        raise CommandError(refusal.message) from None
    if generation is None:
        raise AssertionError("An order without a click is always a new one.")
    return generation


def _models() -> list[ModelSpec]:
    return offered(settings.MODELS.values())


def _model(slug: str | None) -> ModelSpec:
    slugs = {spec.slug: spec for spec in _models()}
    if slug and slug not in slugs:
        raise CommandError(f"--model: {slug!r} is none of {', '.join(slugs)}.", returncode=2)
    return slugs[slug or default_model()]


def _option(parameter: Parameter) -> str:
    return f"--{parameter.field_name.replace('_', '-')}"


def _add_option(parser: CommandParser, alike: list[Parameter]) -> None:
    """One option for the parameters with this name, of all models that have one. The ordered model reads its value."""
    parameter = alike[0]
    is_switch = any(each.kind is Kind.SWITCH for each in alike)
    # argparse reads % as the start of a format.
    words = (parameter.hint or parameter.label).replace("%", "%%")
    parser.add_argument(
        _option(parameter),
        dest=parameter.field_name,
        metavar=parameter.name.upper(),
        help=f"{words} ({parameter.default})" if parameter.default not in (None, "") else words,
        nargs="?" if is_switch else None,
        const="yes" if is_switch else None,
    )


def _given(spec: ModelSpec, options: dict[str, Any]) -> dict[str, Any]:
    """The values of the given options. Raises CommandError if one belongs to another model."""
    others = {parameter.field_name: parameter for other in _models() for parameter in other.parameters}
    own = {parameter.field_name: parameter for parameter in spec.parameters}
    given = {name: options[name] for name in others if options.get(name) is not None}
    if strange := [_option(others[name]) for name in given if name not in own]:
        raise CommandError(f"{', '.join(strange)}: the model {spec.slug} has no such parameter.", returncode=2)
    return {own[name].name: _read(own[name], value) for name, value in given.items()}


def _read(parameter: Parameter, value: object) -> object:
    return parameter.read(value) if isinstance(value, str) else value


def _unfinished(generation: Generation) -> str:
    words = f"Still {generation.get_state_display().lower()}."
    return f"{words} Is the studio running?" if generation.state == State.CREATED else words


def report(generation: Generation) -> dict[str, Any]:
    """What scripts read: the state, the API's reason for a failure, and the path of every file."""
    return {
        "id": generation.pk,
        "state": generation.state,
        "seed": generation.seed,
        "error": generation.error,
        "sheets": [
            {
                "id": sheet.pk,
                "file": _path(sheet.file.name),
                "stickers": [
                    {
                        "id": sticker.pk,
                        "file": _path(sticker.file.name),
                        "box": [sticker.x, sticker.y, sticker.width_px, sticker.height_px],
                        "confidence": round(sticker.confidence, 3),
                    }
                    for sticker in sheet.stickers.kept()
                ],
            }
            for sheet in generation.sheets.kept().order_by("index")
        ],
    }


def _path(name: str) -> str:
    """A path on this machine if the storage has one, else the storage's own name."""
    try:
        return str(Path(default_storage.path(name)))
    except NotImplementedError:
        return name

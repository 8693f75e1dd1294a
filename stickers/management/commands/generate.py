"""`manage.py generate`: order a sheet from a script, through the same rows and the same worker as the page."""

from __future__ import annotations

import json
import time
from argparse import ArgumentTypeError, BooleanOptionalAction
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser

from stickers import tasks
from stickers.accounts.current_user import owner_named
from stickers.models import Generation, OrderRefused, State
from stickers.orders import cards
from stickers.recipes.parameters import PARAMETERS, Parameter, concrete_seed, problems

LOOK_EVERY_SECONDS: Final = 0.25


class Command(BaseCommand):
    help = "Order a sticker sheet; the running worker makes it. Prints JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        for parameter in PARAMETERS.values():
            _add_option(parser, parameter)
        parser.add_argument(
            "--trigger",
            action=BooleanOptionalAction,
            default=True,
            help="add the word StickerSheet when the prompt lacks it",
        )
        parser.add_argument("--owner", help="the account that owns the result; needed where accounts are on")
        parser.add_argument("--wait", action="store_true", help="wait until the sheet is cut, or has failed")
        parser.add_argument("--timeout", type=float, default=900, help="seconds to wait at most (%(default)g)")

    def handle(self, **options: Any) -> None:
        values = {name: options[name] for name in PARAMETERS}
        wrong = problems(values)
        if wrong:
            raise CommandError("\n".join(f"--{name.replace('_', '-')}: {words}" for name, words in wrong.items()))
        values["seed"] = concrete_seed(values["seed"])
        generation = _order(owner_named(options["owner"]), add_trigger=options["trigger"], **values)
        tasks.nudge()
        if options["wait"]:
            self.stderr.write(f"Generation {generation.pk} is queued; waiting for it.", str)  # in no colour: no error
            generation = self._wait_for(generation.pk, options["timeout"])
        hold = cards.hold(generation) if generation.is_active else ""
        self.stdout.write(json.dumps(report(generation) | {"hold": hold}))
        if options["wait"] and generation.state != State.DONE:
            raise CommandError(hold or generation.error or _unfinished(generation))

    def _wait_for(self, pk: int, timeout_seconds: float) -> Generation:
        """The row once nothing moves it any more, or as it stands when the time is over. Says once why it waits."""
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


def _add_option(parser: CommandParser, parameter: Parameter) -> None:
    name = f"--{parameter.name.replace('_', '-')}"
    # argparse reads % as the start of a format
    words = (parameter.hint or parameter.label).replace("%", "%%")
    if parameter.kind is bool:
        parser.add_argument(name, action="store_true", help=words)
        return
    parser.add_argument(
        name,
        type=_reader(parameter),
        default=parameter.default,
        required=parameter.required,
        help=f"{words} ({parameter.default})" if parameter.default not in (None, "") else words,
    )


def _reader(parameter: Parameter) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            value = parameter.kind(text)
        except ValueError:
            value = text
        problem = parameter.problem(value)
        if problem:
            raise ArgumentTypeError(problem)
        return value

    return read


def _unfinished(generation: Generation) -> str:
    words = f"Still {generation.get_state_display().lower()}."
    return f"{words} Is the studio running?" if generation.state == State.CREATED else words


def report(generation: Generation) -> dict[str, Any]:
    """What scripts read: the state, the API's reason if it failed, and where every file is."""
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
    """A path on this machine where the storage has one, else the name that the storage knows."""
    try:
        return str(Path(default_storage.path(name)))
    except NotImplementedError:
        return name

"""Reads plans from rows and writes them back: every change of a print sheet is one step that can be undone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from stickers.models import PrintItem, PrintSheet, PrintStep, Sticker
from stickers.prints.plan import COPY_FIELDS, SETTINGS, Copy, Plan

STEPS_KEPT: Final = 40


def plan_of(print_sheet: PrintSheet) -> Plan:
    """The plan in the rows. Stickers in the trash stay on a print sheet until its owner takes them off."""
    settings = {name: getattr(print_sheet, name) for name in SETTINGS}
    copies = tuple(
        Copy(
            number=item.number,
            sticker_pk=item.sticker_id,
            **{name: getattr(item, name) for name in COPY_FIELDS} | {"fixups": tuple(item.fixups)},
        )
        for item in print_sheet.items.all()
    )
    return Plan(**settings | {"formats": tuple(print_sheet.formats)}, copies=copies)


def begin(owner_pk: int, plan: Plan, *, title: str = "") -> PrintSheet:
    """A new print sheet with its first step."""
    with transaction.atomic():
        print_sheet = PrintSheet.objects.create(owner_id=owner_pk, title=title, **_columns(plan))
        _write_items(print_sheet, plan)
        PrintStep.objects.create(print_sheet=print_sheet, number=0, words="Began", state=plan.as_json())
    return print_sheet


def add(print_sheet: PrintSheet, plan: Plan, words: str) -> Plan | None:
    """Write the plan as the next step; None if the rows have changed since `print_sheet` was read.

    The plan as it was written is without stickers that are gone for good.
    """
    return _write(print_sheet, plan, print_sheet.step + 1, words)


def undo(print_sheet: PrintSheet) -> str | None:
    """Go one step back. The words of what was undone, or None at the beginning."""
    undone = print_sheet.steps.filter(number=print_sheet.step).first()
    return undone.words if undone and _go_to(print_sheet, print_sheet.step - 1) else None


def redo(print_sheet: PrintSheet) -> str | None:
    """Go one step forward. The words of what was done again, or None at the end."""
    step = print_sheet.steps.filter(number=print_sheet.step + 1).first()
    return step.words if step and _go_to(print_sheet, step.number) else None


def reach(print_sheet: PrintSheet) -> tuple[str, str]:
    """The words of the step that undo takes back, and of the one that redo does again. Empty where there is none."""
    near = dict(
        print_sheet.steps.filter(number__in=[print_sheet.step - 1, print_sheet.step, print_sheet.step + 1]).values_list(
            "number", "words"
        )
    )
    back = near.get(print_sheet.step, "") if print_sheet.step - 1 in near else ""
    return back, near.get(print_sheet.step + 1, "")


def duplicate(print_sheet: PrintSheet) -> PrintSheet:
    return begin(print_sheet.owner_id, plan_of(print_sheet), title=f"{print_sheet.name[:110]} copy")


def _go_to(print_sheet: PrintSheet, number: int) -> bool:
    step = print_sheet.steps.filter(number=number).first()
    return step is not None and _write(print_sheet, Plan.of_json(step.state), number, "") is not None


def _write(print_sheet: PrintSheet, plan: Plan, step: int, words: str) -> Plan | None:
    """Write the plan if the rows still are those that were read. With `words` it becomes a new step."""
    with transaction.atomic():
        unchanged = PrintSheet.objects.filter(pk=print_sheet.pk, version=print_sheet.version)
        fields = _columns(plan) | {"version": print_sheet.version + 1, "step": step, "changed_at": timezone.now()}
        if not unchanged.update(**fields):
            return None
        for name, value in fields.items():
            setattr(print_sheet, name, value)
        plan = _write_items(print_sheet, plan)
        if words:
            print_sheet.steps.filter(number__gte=step).delete()
            PrintStep.objects.create(print_sheet=print_sheet, number=step, words=words[:120], state=plan.as_json())
            print_sheet.steps.filter(number__lt=step - STEPS_KEPT).delete()
    return plan


def _columns(plan: Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in SETTINGS} | {"formats": list(plan.formats)}


def _write_items(print_sheet: PrintSheet, plan: Plan) -> Plan:
    """Write the copies, and return the plan with those that were written."""
    rows = {item.number: item for item in print_sheet.items.all()}
    # An undone step may name stickers that are gone for good since then. What is no longer shared stays on the plan.
    wanted = {copy.sticker_pk for copy in plan.copies}
    known: dict[int, str] = dict(Sticker.objects.filter(pk__in=wanted).values_list("pk", "file"))
    copies = {
        copy.number: copy if copy.art else replace(copy, art=known[copy.sticker_pk])
        for copy in plan.copies
        if copy.sticker_pk in known
    }
    print_sheet.items.exclude(number__in=copies).delete()
    fresh, changed = [], []
    for number, copy in copies.items():
        fields = {name: getattr(copy, name) for name in COPY_FIELDS} | {"fixups": list(copy.fixups)}
        row = rows.get(number)
        if row is None:
            fresh.append(PrintItem(print_sheet=print_sheet, number=number, sticker_id=copy.sticker_pk, **fields))
        elif row.sticker_id != copy.sticker_pk or any(getattr(row, name) != value for name, value in fields.items()):
            row.sticker_id = copy.sticker_pk
            for name, value in fields.items():
                setattr(row, name, value)
            changed.append(row)
    PrintItem.objects.bulk_create(fresh)
    if changed:
        PrintItem.objects.bulk_update(changed, ["sticker", *COPY_FIELDS])
    return replace(plan, copies=tuple(copies.values()))

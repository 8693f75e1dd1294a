"""The segmentation of a sheet becomes work of its own, beside the sheet. Each sheet has one."""

from typing import Any

import django.utils.timezone
from django.db import migrations, models

STATES = {"waiting": "queued", "cut": "done", "failed": "failed"}


def from_the_sheets(apps: Any, schema_editor: Any) -> None:
    """Whoever had begun one keeps its lease: it is claimed again when that is over, as it would have been."""
    segmentations = apps.get_model("stickers", "Segmentation").objects
    columns = ("pk", "cut_state", "cut_next_at", "cut_tries", "cut_error", "cut_at", "cut_options", "created_at")
    sheets = apps.get_model("stickers", "Sheet").objects.order_by("pk").values_list(*columns)
    segmentations.bulk_create(
        (
            segmentations.model(
                sheet_id=pk,
                state="working" if state == "waiting" and tries else STATES[state],
                next_at=next_at,
                tries=tries,
                error=error,
                finished_at=None if state == "waiting" else at,
                options=options,
                created_at=created_at,
            )
            for pk, state, next_at, tries, error, at, options, created_at in sheets.iterator(1000)
        ),
        batch_size=1000,
    )


def back_to_the_sheets(apps: Any, schema_editor: Any) -> None:
    sheets = apps.get_model("stickers", "Sheet").objects
    states = {"working": "waiting", **{new: old for old, new in STATES.items()}}
    for row in apps.get_model("stickers", "Segmentation").objects.iterator(1000):
        sheets.filter(pk=row.pk).update(
            cut_state=states[row.state],
            cut_next_at=row.next_at,
            cut_tries=row.tries,
            cut_error=row.error,
            cut_at=row.finished_at,
            cut_options=row.options,
        )


class Migration(migrations.Migration):
    dependencies = [("stickers", "0021_fixups")]

    operations = [
        migrations.CreateModel(
            name="Segmentation",
            fields=[
                (
                    "sheet",
                    models.OneToOneField(
                        on_delete=models.CASCADE, primary_key=True, serialize=False, to="stickers.sheet"
                    ),
                ),
                ("next_at", models.DateTimeField(default=django.utils.timezone.now, null=True)),
                ("tries", models.PositiveIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("working", "Working"), ("done", "Done"), ("failed", "Failed")],
                        default="queued",
                        max_length=7,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("fence", models.PositiveIntegerField(default=0, editable=False)),
                ("error", models.TextField(blank=True, default="")),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("options", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        fields=["state", "next_at"],
                        condition=models.Q(("next_at__isnull", False)),
                        name="segmentation_due",
                    ),
                    models.Index(fields=["finished_at"], name="segmentation_finished"),
                ],
            },
        ),
        migrations.RunPython(from_the_sheets, back_to_the_sheets, elidable=True),
        migrations.RemoveIndex("sheet", "sheet_due"),
        *(
            migrations.RemoveField("sheet", name)
            for name in ("cut_state", "cut_next_at", "cut_tries", "cut_error", "cut_at", "cut_options")
        ),
    ]

"""What the preflight changes in a sticker's pixels is called a fixup: in the rows, and in plans that are kept as JSON."""

from typing import Any

from django.db import migrations


def _rename(apps: Any, old: str, new: str) -> None:
    for model, field in (("PrintStep", "state"), ("Export", "plan")):
        rows = apps.get_model("stickers", model).objects.only("pk", field)
        for row in rows.iterator(chunk_size=200):
            plan = getattr(row, field)
            copies = [copy for copy in plan.get("copies", []) if old in copy]
            for copy in copies:
                copy[new] = copy.pop(old)
            if copies:
                row.save(update_fields=[field])


def forwards(apps: Any, _: object) -> None:
    _rename(apps, "mends", "fixups")


def backwards(apps: Any, _: object) -> None:
    _rename(apps, "fixups", "mends")


class Migration(migrations.Migration):
    dependencies = [("stickers", "0020_model_and_recipe")]

    operations = [
        migrations.RenameField("printitem", "mends", "fixups"),
        migrations.RunPython(forwards, backwards),
    ]

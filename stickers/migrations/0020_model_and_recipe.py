"""A generation says which model it is for; what was a column for each parameter is one recipe.

Prompt, seed and the number of sheets stay columns: the studio searches the first, offers the second again and sums up
the third, whatever the model calls them.
"""

from typing import Any

from django.db import migrations, models

import stickers.models.generation

# The only model until now, and its parameters that leave their columns.
MODEL = "Norod78-SDXL-StickerSheet-Lora"
NAMES = (
    "negative_prompt",
    "scheduler",
    "num_inference_steps",
    "guidance_scale",
    "img_width",
    "img_height",
    "base64",
    "lora_scale",
)
AT_ONCE = 500


def fill_recipes(apps: Any, schema_editor: Any) -> None:
    """In Python, since SQLite's own JSON knows no booleans and rounds numbers."""
    rows = apps.get_model("stickers", "Generation").objects
    batch = []
    for row in rows.order_by("pk").iterator(chunk_size=AT_ONCE):
        row.model, row.recipe = MODEL, {name: getattr(row, name) for name in NAMES}
        batch.append(row)
        if len(batch) == AT_ONCE:
            rows.bulk_update(batch, ["model", "recipe"])
            batch.clear()
    rows.bulk_update(batch, ["model", "recipe"])


def fill_columns(apps: Any, schema_editor: Any) -> None:
    """The way back. What another model has that this one has not is lost."""
    for row in apps.get_model("stickers", "Generation").objects.iterator(chunk_size=AT_ONCE):
        for name in NAMES:
            setattr(row, name, row.recipe.get(name, getattr(row, name)))
        row.save(update_fields=NAMES)


class Migration(migrations.Migration):
    dependencies = [("stickers", "0019_work")]

    operations = [
        migrations.AddField(
            model_name="generation",
            name="model",
            field=models.CharField(default=stickers.models.generation.default_model, max_length=100),
        ),
        migrations.AddField(
            model_name="generation",
            name="recipe",
            field=models.JSONField(blank=True, default=stickers.models.generation.default_recipe),
        ),
        migrations.RunPython(fill_recipes, fill_columns),
        *(migrations.RemoveField(model_name="generation", name=name) for name in NAMES),
        migrations.AlterField(model_name="generation", name="prompt", field=models.TextField()),
        migrations.AlterField(
            model_name="generation", name="samples", field=models.PositiveSmallIntegerField(default=1)
        ),
        migrations.AlterField(
            model_name="generation", name="seed", field=models.BigIntegerField(blank=True, null=True)
        ),
    ]

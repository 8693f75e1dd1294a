from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def note_the_art(apps: Any, _schema_editor: Any) -> None:
    """What lies on print sheets now was laid out with the stickers as they are now."""
    Sticker, PrintItem = apps.get_model("stickers", "Sticker"), apps.get_model("stickers", "PrintItem")
    file = Sticker.objects.filter(pk=OuterRef("sticker_id")).values("file")[:1]
    PrintItem.objects.update(art=Subquery(file))


class Migration(migrations.Migration):
    dependencies = [("stickers", "0031_print_as_drawn")]

    operations = [
        migrations.AddField("printitem", "art", models.CharField(blank=True, db_default="", default="", max_length=200)),
        migrations.RunPython(note_the_art, migrations.RunPython.noop),
    ]

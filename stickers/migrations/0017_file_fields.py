"""The columns that name files become FileFields. In the database they stay as they are: no row and no file changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stickers", "0016_heartbeat")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("exportfile", "file", models.FileField(max_length=200)),
                migrations.AlterField("printsheet", "picture", models.FileField(blank=True, default="", max_length=200)),
                migrations.AlterField("sheet", "thumb_256", models.FileField(blank=True, default="", max_length=200)),
                migrations.AlterField("sheet", "thumb_512", models.FileField(blank=True, default="", max_length=200)),
                migrations.AlterField("sticker", "thumb_256", models.FileField(blank=True, default="", max_length=200)),
                migrations.AlterField("sticker", "thumb_512", models.FileField(blank=True, default="", max_length=200)),
            ]
        )
    ]

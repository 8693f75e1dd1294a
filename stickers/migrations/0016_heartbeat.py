"""A pulse is called a heartbeat."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("stickers", "0015_nesting")]

    operations = [migrations.RenameModel("Pulse", "Heartbeat")]

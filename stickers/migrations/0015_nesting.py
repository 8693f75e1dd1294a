"""A packing is called a nesting, as the trade calls it. The rows stay as they are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stickers", "0014_sticker_lost_in_a_cut")]

    operations = [
        migrations.RemoveConstraint(model_name="packing", name="packing_one_at_a_time"),
        migrations.RemoveIndex(model_name="packing", name="packing_due"),
        migrations.RenameModel("Packing", "Nesting"),
        migrations.AlterField(
            model_name="nesting",
            name="print_sheet",
            field=models.ForeignKey(
                on_delete=models.CASCADE, related_name="nestings", to="stickers.printsheet"
            ),
        ),
        migrations.AddIndex(
            model_name="nesting",
            index=models.Index(
                fields=["next_at"], condition=models.Q(("state__in", ["queued", "working"])), name="nesting_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="nesting",
            constraint=models.UniqueConstraint(
                fields=("print_sheet",),
                condition=models.Q(("state__in", ["queued", "working"])),
                name="nesting_one_at_a_time",
            ),
        ),
    ]

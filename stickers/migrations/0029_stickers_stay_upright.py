"""A new print sheet keeps its stickers upright. Those that exist stay as they are."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stickers', '0028_layout_by_hand'),
    ]

    operations = [
        migrations.AlterField(
            model_name='printsheet',
            name='keep_upright',
            field=models.BooleanField(default=True),
        ),
    ]

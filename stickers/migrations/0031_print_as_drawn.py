"""A print sheet says whether its art is printed as drawn. Those that exist are redrawn where their art has few pixels."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stickers', '0030_cut_steps'),
    ]

    operations = [
        migrations.AddField(
            model_name='printsheet',
            name='as_drawn',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]

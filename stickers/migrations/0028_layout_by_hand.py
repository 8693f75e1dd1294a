"""Print sheets know whether their layout was made by hand. Those of earlier versions are read from their steps."""

from typing import Any

from django.db import migrations, models

BY_HAND = {'Moved a sticker', 'Turned a sticker'}
BY_ENGINE = ('Began', 'Arranged', 'Nested')


def remember(apps: Any, schema_editor: Any) -> None:
    PrintSheet = apps.get_model('stickers', 'PrintSheet')
    PrintStep = apps.get_model('stickers', 'PrintStep')
    moved = PrintStep.objects.filter(words__in=BY_HAND).values('print_sheet')
    for sheet in PrintSheet.objects.filter(pk__in=moved).iterator():
        by_hand = False
        for step in PrintStep.objects.filter(print_sheet=sheet).order_by('number'):
            if step.words in BY_HAND:
                by_hand = True
            elif step.words.startswith(BY_ENGINE):
                by_hand = False
            if not by_hand:
                continue
            PrintStep.objects.filter(pk=step.pk).update(state=step.state | {'by_hand': True})
            if step.number == sheet.step:
                PrintSheet.objects.filter(pk=sheet.pk).update(by_hand=True)


class Migration(migrations.Migration):

    dependencies = [
        ('stickers', '0027_pack_details'),
    ]

    operations = [
        migrations.AddField(
            model_name='printsheet',
            name='by_hand',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]

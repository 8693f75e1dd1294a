"""Every begin of work gets a number, and a mail about an account becomes work like the others."""

from typing import Any

import django.utils.timezone
from django.db import migrations, models


def state_of_each_mail(apps: Any, schema_editor: Any) -> None:
    """An open request keeps its moment and its tries. A closed one is done: whether it was taken is not known.

    Back there is nothing to do: what is open is known by `next_at` there, and no mail is under way in a migration.
    """
    mails = apps.get_model("stickers", "Mail").objects
    mails.filter(next_at=None).update(state="done", finished_at=django.utils.timezone.now())
    mails.filter(is_mailing=True, next_at__isnull=False).update(state="working")


class Migration(migrations.Migration):
    dependencies = [("stickers", "0018_due_indexes")]

    operations = [
        *(
            operation
            for model in ("export", "nesting")
            for operation in (
                migrations.AddField(model, "fence", models.PositiveIntegerField(default=0, editable=False)),
                migrations.AlterField(model, "tries", models.PositiveIntegerField(default=0)),
            )
        ),
        migrations.RemoveIndex("passwordreset", "passwordreset_due"),
        migrations.RenameIndex("passwordreset", "mail_email", "passwordreset_email"),
        migrations.RenameIndex("passwordreset", "mail_address", "passwordreset_address"),
        migrations.RenameModel("PasswordReset", "Mail"),
        migrations.AddField(
            "mail",
            "state",
            models.CharField(
                choices=[("queued", "Queued"), ("working", "Working"), ("done", "Done"), ("failed", "Failed")],
                default="queued",
                max_length=7,
            ),
        ),
        migrations.AddField("mail", "fence", models.PositiveIntegerField(default=0, editable=False)),
        migrations.AddField("mail", "error", models.TextField(blank=True, default="")),
        migrations.AddField("mail", "finished_at", models.DateTimeField(blank=True, null=True)),
        migrations.AlterField("mail", "tries", models.PositiveIntegerField(default=0)),
        migrations.RunPython(state_of_each_mail, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField("mail", "is_mailing"),
        migrations.AddIndex(
            "mail",
            models.Index(
                fields=["state", "next_at"], condition=models.Q(("next_at__isnull", False)), name="mail_due"
            ),
        ),
        migrations.AddIndex("mail", models.Index(fields=["finished_at"], name="mail_finished")),
    ]

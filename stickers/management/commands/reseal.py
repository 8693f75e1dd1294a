"""`manage.py reseal`: encrypt the designers' keys with the first of FIELD_KEYS, so that older ones can be dropped."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from stickers.models import OwnKey
from stickers.orders.encryption import seal, unseal


class Command(BaseCommand):
    help = "Encrypt the designers' own keys again, after FIELD_KEYS or SECRET_KEY has changed."

    def handle(self, **_: Any) -> None:
        lost = []
        done = 0
        for own in OwnKey.objects.select_related("owner"):
            key = unseal(own.sealed)
            if key is None:
                lost.append(own.owner.username)
                continue
            # Only if the designer has not just saved another key.
            done += OwnKey.objects.filter(pk=own.pk, sealed=own.sealed).update(sealed=seal(key))
        self.stdout.write(f"{done} encrypted again.")
        if lost:
            raise CommandError(
                f"No key of FIELD_KEYS fits those of {', '.join(dict.fromkeys(lost))}: they have to enter theirs again."
            )

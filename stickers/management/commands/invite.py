"""`manage.py invite`: a link that makes an account, for the first admin or from a script."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.urls import reverse

from stickers.models import Invitation


class Command(BaseCommand):
    help = "Print a link with which one person makes an account, once, within seven days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--admin", action="store_true", help="the account is an admin's")
        parser.add_argument("--email", default="", help="the account's address; nothing is mailed")
        parser.add_argument("--base-url", help="where the studio is reached (STUDIO_URL, else localhost)")

    def handle(self, **options: Any) -> None:
        if not settings.STUDIO_ACCOUNTS:
            raise CommandError("This studio has no accounts: start it with STUDIO_ACCOUNTS=1.")
        if options["email"]:
            try:
                validate_email(options["email"])
            except ValidationError as error:
                raise CommandError(f"{options['email']!r} is no e-mail address.") from error
        _, token = Invitation.objects.invite(email=options["email"], is_admin=options["admin"])
        base = options["base_url"] or settings.STUDIO_URL or f"http://127.0.0.1:{settings.PORT}"
        self.stdout.write(f"{base.rstrip('/')}{reverse('welcome', args=[token])}")

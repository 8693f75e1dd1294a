"""Mails: the link to a new password for whoever asked, a notice of a change of an account, an alarm for operators."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Final, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone

from stickers.models.work import Work, WorkQuerySet

PER_ACCOUNT: Final = 3  # per hour, because a flooded mailbox is a nuisance to its owner
PER_ADDRESS: Final = 10  # a whole studio may share one address
HOUR: Final = timedelta(hours=1)


class TooManyResets(Exception):  # noqa: N818  no fault: an answer to whoever asks
    """Somebody asked too often within the hour."""


class MailQuerySet(WorkQuerySet["Mail"]):
    def ask(self, email: str, *, address: str) -> None:
        """Note that somebody asks for a link. It does not check whether an account has this e-mail address.

        So it takes the same time whether there is one or not. Raises TooManyResets, which depends only on the requests
        and never on the accounts.
        """
        lately = self.filter(notice="", alarm="", created_at__gt=timezone.now() - HOUR)
        email = email.casefold()
        if lately.filter(email=email).count() >= PER_ACCOUNT or lately.filter(address=address).count() >= PER_ADDRESS:
            raise TooManyResets
        self.create(email=email, address=address)

    def tell(self, person: AbstractBaseUser, notice: str) -> bool:
        """Note that this person must hear of a change. False if no mail can reach them."""
        email: str = getattr(person, "email", "")
        if not (settings.MAIL_IS_SET_UP and email):
            return False
        self.create(email=email, address="", notice=notice)
        return True

    def alarm(self, text: str) -> None:
        """Note that everybody who operates the studio must hear of this, as far as mail can reach them."""
        if settings.MAIL_IS_SET_UP:
            operators = User.objects.filter(is_active=True, is_staff=True).exclude(email="")
            self.bulk_create(self.model(email=operator.email, address="", alarm=text) for operator in operators)

    def outdated(self) -> Self:
        return self.filter(created_at__lt=timezone.now() - 24 * HOUR)


class Mail(Work):
    OWNER: ClassVar = "email"
    TRIES: ClassVar = 5
    PAUSE: ClassVar = timedelta(minutes=1)  # after the first failure; twice as long after each further one
    DOING: ClassVar = "Sending this mail"

    email = models.CharField(max_length=254)  # as it was typed, in lower case
    address = models.CharField(max_length=45)  # of the asking browser
    # what changed; empty for a link to a new password
    notice = models.CharField(max_length=100, blank=True, default="")
    alarm = models.TextField(blank=True, default="", db_default="")  # why nothing is ordered; for an operator

    objects = MailQuerySet.as_manager()

    class Meta(Work.Meta):
        indexes = [
            *Work.Meta.indexes,
            models.Index(fields=["email", "created_at"], name="mail_email"),
            models.Index(fields=["address", "created_at"], name="mail_address"),
        ]

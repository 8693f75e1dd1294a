"""What a worker mails about an account: the link to a new password, whoever asked for it, or word of a change."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

PER_ACCOUNT: Final = 3  # each hour; a mailbox that is flooded is a nuisance to its owner
PER_ADDRESS: Final = 10  # a whole studio may sit behind one
HOUR: Final = timedelta(hours=1)
MAIL_TRIES: Final = 5
LEASE: Final = timedelta(minutes=2)  # longer than any mail server may keep a worker waiting
PAUSE: Final = timedelta(minutes=1)  # after the first failure; twice as long after each further one


class TooManyResets(Exception):  # noqa: N818  no fault: an answer to whoever asks
    """Asked for too often within the hour."""


class PasswordResetQuerySet(models.QuerySet["PasswordReset"]):
    def ask(self, email: str, *, address: str, host: str, is_secure: bool) -> None:
        """Write the request down. Whether an account has the e-mail address is not looked at, so it takes no longer.

        Raises TooManyResets, by what was asked for and never by what there is.
        """
        lately = self.filter(notice="", created_at__gt=timezone.now() - HOUR)
        email = email.casefold()
        if lately.filter(email=email).count() >= PER_ACCOUNT or lately.filter(address=address).count() >= PER_ADDRESS:
            raise TooManyResets
        self.create(email=email, address=address, host=host, is_secure=is_secure)

    def tell(self, person: AbstractBaseUser, notice: str) -> bool:
        """Write down that this person is to hear of a change; False when no mail can reach them."""
        email: str = getattr(person, "email", "")
        if not (settings.MAIL_IS_SET_UP and email):
            return False
        self.create(email=email, address="", host="", is_secure=True, notice=notice)
        return True

    def claim(self) -> PasswordReset | None:
        """The next to be mailed, nobody else's until its lease is over. One at a time: a dead mail server must not
        hold all workers."""
        now = timezone.now()
        row = self.filter(next_at__lte=now, tries__lt=MAIL_TRIES).order_by("next_at", "pk").first()
        if row is None or self.filter(is_mailing=True, next_at__gt=now).exists():
            return None
        mine = self.filter(pk=row.pk, next_at=row.next_at, tries=row.tries)
        won = mine.update(next_at=now + LEASE, tries=F("tries") + 1, is_mailing=True)
        return row if won else None

    def outdated(self) -> PasswordResetQuerySet:
        return self.filter(created_at__lt=timezone.now() - 24 * HOUR)


class PasswordReset(models.Model):
    email = models.CharField(max_length=254)  # as it was typed, but for upper case
    address = models.CharField(max_length=45)  # of the asking browser
    host = models.CharField(max_length=255)  # that the link leads to
    is_secure = models.BooleanField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    next_at = models.DateTimeField(null=True, default=timezone.now)  # when to mail; a lease meanwhile; None once over
    tries = models.PositiveSmallIntegerField(default=0)
    is_mailing = models.BooleanField(default=False)
    notice = models.CharField(max_length=100, blank=True, default="")  # what changed; empty where a link is asked for

    objects = PasswordResetQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="passwordreset_due"),
            models.Index(fields=["email", "created_at"], name="passwordreset_email"),
            models.Index(fields=["address", "created_at"], name="passwordreset_address"),
        ]

    def __str__(self) -> str:
        return f"password reset {self.pk}"

    def end(self) -> None:
        PasswordReset.objects.filter(pk=self.pk).update(next_at=None, is_mailing=False)

    def try_again(self) -> bool:
        """Later; False when it was tried often enough, and then it is over."""
        if self.tries >= MAIL_TRIES:
            self.end()
            return False
        later = timezone.now() + PAUSE * 2 ** (self.tries - 1)
        PasswordReset.objects.filter(pk=self.pk, tries=self.tries).update(next_at=later, is_mailing=False)
        return True

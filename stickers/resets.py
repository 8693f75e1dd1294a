"""Mails the link to a new password, in a worker: how long that takes tells the asking page nothing."""

from __future__ import annotations

import logging

from stickers.forms.accounts import ResetForm
from stickers.models import PasswordReset

logger = logging.getLogger(__name__)


def next_reset() -> int | None:
    """The request to be mailed now, if there is one."""
    row = PasswordReset.objects.claim()
    return None if row is None else row.pk


def mail(pk: int) -> None:
    """Mail whoever has an account with the address. When the mail server does not take it, it is tried again."""
    reset = PasswordReset.objects.get(pk=pk)
    if not reset.is_mailing:
        return
    form = ResetForm({"email": reset.email})
    try:
        if form.is_valid():
            form.save(domain_override=reset.host, use_https=reset.is_secure)
    except OSError as error:  # a mail server's refusals are OSErrors, too
        words = "it is tried again" if reset.try_again() else "it was tried often enough"
        logger.warning("The mail of password reset %s was not taken (%s); %s.", pk, type(error).__name__, words)
    else:
        reset.end()

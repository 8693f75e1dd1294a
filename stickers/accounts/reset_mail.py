"""Mails the link to a new password, or word of a change, in a worker: how long it takes tells the page nothing."""

from __future__ import annotations

import logging

from django.core.mail import send_mail
from django.template.loader import render_to_string

from stickers.forms.accounts import ResetForm
from stickers.models import PasswordReset

logger = logging.getLogger(__name__)


def next_reset() -> int | None:
    """The request to be mailed now, if there is one."""
    row = PasswordReset.objects.claim()
    return None if row is None else row.pk


def mail(pk: int) -> None:
    """Mail the notice, or the link to whoever has an account with the address.

    When the mail server does not take it, it is tried again.
    """
    reset = PasswordReset.objects.get(pk=pk)
    if not reset.is_mailing:
        return
    try:
        if reset.notice:
            text = render_to_string("registration/notice_email.txt", {"notice": reset.notice, "at": reset.created_at})
            send_mail("A change of your account at Sticker Studio", text, None, [reset.email])
        else:
            _mail_link(reset)
    except OSError as error:  # a mail server's refusals are OSErrors, too
        words = "it is tried again" if reset.try_again() else "it was tried often enough"
        logger.warning("The mail of password reset %s was not taken (%s); %s.", pk, type(error).__name__, words)
    else:
        reset.end()


def _mail_link(reset: PasswordReset) -> None:
    form = ResetForm({"email": reset.email})
    if form.is_valid():
        form.save(domain_override=reset.host, use_https=reset.is_secure)

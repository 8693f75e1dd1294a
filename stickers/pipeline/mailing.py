"""Mails a link to a new password, or a notice of a change. A worker does it, so the page's time gives nothing away."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.core.mail import send_mail
from django.template.loader import render_to_string

from stickers.models import Mail, WorkState
from stickers.pipeline.working import HopelessError, carry_out

logger = logging.getLogger(__name__)


def mail(pk: int) -> bool:
    """Mail the notice, or the link to everyone with that address. True when the mail server took it."""
    return carry_out(Mail.objects.all(), pk, _mail)


def _mail(row: Mail) -> bool:
    try:
        _send(row)
    except OSError as error:  # a mail server's refusals are OSErrors, too
        is_last = row.tries >= Mail.TRIES
        words = "it was tried often enough" if is_last else "it is tried again"
        logger.warning("Mail %s was not taken (%s); %s.", row.pk, type(error).__name__, words)
        if is_last:
            raise HopelessError(f"The mail server did not take it ({type(error).__name__}).") from error
        row.put_off(Mail.PAUSE * 2 ** (row.tries - 1))
        return False
    return row.end(WorkState.DONE)


def _send(row: Mail) -> None:
    if row.alarm:
        text = f"{row.alarm}\n\n{settings.STUDIO_URL}"
        send_mail("Sticker Studio orders nothing at the moment", text, None, [row.email])
    elif row.notice:
        text = render_to_string("registration/notice_email.txt", {"notice": row.notice, "at": row.created_at})
        send_mail("A change of your account at Sticker Studio", text, None, [row.email])
    else:
        form = _LinkForm({"email": row.email})
        if form.is_valid():
            studio = urlsplit(settings.STUDIO_URL)
            form.save(domain_override=studio.netloc, use_https=studio.scheme == "https")


class _LinkForm(PasswordResetForm):
    """Django's form, which finds the accounts and makes the links. Here a refused mail raises its error."""

    def send_mail(  # noqa: PLR0917  as Django calls it
        self,
        subject_template_name: str,
        email_template_name: str,
        context: dict[str, Any],
        from_email: str | None,
        to_email: str,
        html_email_template_name: str | None = None,  # noqa: ARG002  the studio's mails are plain text
    ) -> None:
        subject = " ".join(render_to_string(subject_template_name, context).split())
        send_mail(subject, render_to_string(email_template_name, context), from_email, [to_email])

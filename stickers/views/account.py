"""A designer's own account: the password, and the way back in when it is forgotten."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import PasswordResetView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET


@require_GET
def password_changed(request: HttpRequest) -> HttpResponse:
    messages.success(request, "Your password is changed. You stay signed in here and are signed out elsewhere.")
    return redirect("account")


class PasswordReset(PasswordResetView):
    """Django's, which says the same whether the address has an account or not; without a mail server it sends nothing.

    A class, as Django's own views of this kind are.
    """

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(mail=settings.MAIL_IS_SET_UP, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.MAIL_IS_SET_UP:
            return redirect("password_reset")
        return super().post(request, *args, **kwargs)

"""The page behind an invitation: the invited person chooses a name and a password. The link works once."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from stickers.forms.accounts import WelcomeForm
from stickers.models import Invitation


@sensitive_post_parameters()
@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    invitation = Invitation.objects.with_token(token).first() if settings.STUDIO_ACCOUNTS else None
    if invitation is None:
        return render(request, "registration/welcome.html", {"form": None}, status=404)
    form = WelcomeForm(request.POST or None)
    if form.is_valid():
        person = _make(invitation, form)
        if person is not None:
            login(request, person, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("studio")
        form.add_error("username", "Somebody was quicker with this name or this link. Please look again.")
    status = 422 if form.is_bound else 200
    return render(request, "registration/welcome.html", {"form": form, "invitation": invitation}, status=status)


def _make(invitation: Invitation, form: WelcomeForm) -> User | None:
    """Make the account and use up the invitation: both or neither. None when somebody else was quicker."""
    try:
        with transaction.atomic():
            if not invitation.use():
                return None
            person = form.save(commit=False)
            person.email = invitation.email
            person.is_staff = invitation.is_admin
            person.save()
    except IntegrityError:
        return None
    return person

"""The pages of one's own account: change the password, reset a forgotten one, save a Segmind key of one's own."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView, PasswordResetConfirmView, PasswordResetView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from stickers import tasks
from stickers.accounts import reset_links
from stickers.accounts.current_user import current_designer
from stickers.accounts.sign_in import client_address
from stickers.forms.accounts import OwnKeyForm
from stickers.models import Mail, OwnKey, TooManyResets, Upstream
from stickers.models.quota import used_bytes
from stickers.orders import api_keys

CHANGED: Final = "Your account has a new password"


class AccountView(PasswordChangeView):
    """The account's page, with Django's form for a new password. A class, because Django's view is one."""

    template_name = "account.html"
    success_url = reverse_lazy("password_changed")

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        _tell(form.user, CHANGED)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        owner_pk = current_designer(self.request).pk
        own = OwnKey.objects.present().filter(owner_id=owner_pk).first() if settings.STUDIO_OWN_KEYS else None
        trouble = Upstream.objects.stopped().filter(key=own.fingerprint).first() if own else None
        if trouble is not None:
            trouble.is_own = True
        quota = settings.STORAGE_QUOTA_BYTES
        storage = {"quota": quota, "used": used_bytes(owner_pk) if quota else 0}
        own_keys = {"may_own": settings.STUDIO_OWN_KEYS, "own_key": own, "trouble": trouble}
        return super().get_context_data(**storage, **own_keys, **kwargs)


class ForgottenPasswordView(PasswordResetView):
    """Ask for a link to a new password. Without a mail server nothing is sent.

    Django's view answers the same whether or not an address has an account. So that the time of the answer doesn't
    tell either, this view only writes the request down, and a worker sends the mail.
    """

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(mail=settings.MAIL_IS_SET_UP, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.MAIL_IS_SET_UP:
            return redirect("password_reset")
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        request = self.request
        try:
            Mail.objects.ask(form.cleaned_data["email"], address=client_address(request))
        except TooManyResets:
            answer = render(request, "registration/too_many_resets.html", status=429)
            answer["Retry-After"] = "3600"
            return answer
        tasks.hint()
        return redirect("password_reset_done")


class NewPasswordView(PasswordResetConfirmView):
    """The page behind the link: choose a new password."""

    token_generator = reset_links.tokens

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        _tell(form.user, CHANGED)
        return answer


def _tell(person: User, notice: str) -> None:
    """Mail the owner about the change, so that nobody takes over an account unseen."""
    if Mail.objects.tell(person, notice):
        tasks.hint()


@require_GET
def password_changed(request: HttpRequest) -> HttpResponse:
    messages.success(request, "Your password is changed. You stay signed in here and are signed out elsewhere.")
    return redirect("account")


@sensitive_post_parameters()
@require_POST
def key(request: HttpRequest) -> HttpResponse:
    """Save a Segmind key of one's own, encrypted. Whether Segmind accepts it shows with the first generation."""
    owner = _may_own(request)
    form = OwnKeyForm(request.POST)
    if form.is_valid():
        api_keys.save_own(owner, form.cleaned_data["key"])
        _tell(current_designer(request), "Your account has a new Segmind key of your own")
        messages.success(request, "Your key is saved. It is used from your next order on.")
    else:
        messages.error(request, f"The key was not saved. {form.errors['key'][0]}")
    return redirect("account")


@require_POST
def key_remove(request: HttpRequest) -> HttpResponse:
    """Order nothing more with the own key. What was sent with it is finished with it."""
    if api_keys.remove_own(_may_own(request)):
        _tell(current_designer(request), "The Segmind key of your own was removed from your account")
        messages.success(
            request,
            "Your key is removed. Your orders go out with the studio's again. "
            "It stays encrypted while jobs sent with it can be looked at, and is then forgotten.",
        )
    return redirect("account")


def _may_own(request: HttpRequest) -> int:
    if not settings.STUDIO_OWN_KEYS:
        raise Http404("Designers of this studio have no keys of their own.")
    return current_designer(request).pk

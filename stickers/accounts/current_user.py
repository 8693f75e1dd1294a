"""Who is at the desk: the studio's one designer, signed in without a password, or an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.core.management.base import CommandError
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

SINGLE_DESIGNER = "designer"


class SingleDesignerMiddleware:
    """Signs the one designer in on every request of a studio without accounts.

    Safe because such a studio listens on the loopback address and answers to known host names only.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.STUDIO_ACCOUNTS:
            request.user = cast("User", _LazyDesigner(the_designer))
        return self.get_response(request)


class _LazyDesigner(SimpleLazyObject):
    """The designer, whose row is read when a page needs it: a look at the server's health asks no database."""

    is_authenticated = True  # as is known beforehand; the login wall asks for it on every page


def the_designer() -> User:
    """The owner of everything in a studio without accounts."""
    designer, is_new = User.objects.get_or_create(username=SINGLE_DESIGNER)
    if is_new:
        designer.set_unusable_password()
        designer.save(update_fields=["password"])
    return designer


def owner_named(username: str | None) -> User:
    """The owner for a command: the one designer, or the account named. CommandError when there is no such account."""
    if username:
        try:
            return User.objects.get(username=username)
        except User.DoesNotExist:
            raise CommandError(f"There is no account named {username!r}.") from None
    if settings.STUDIO_ACCOUNTS:
        raise CommandError("Accounts are on: name the owner with --owner.")
    return the_designer()


def current_designer(request: HttpRequest) -> User:
    """The signed-in designer; views behind the login wall always have one."""
    if not isinstance(request.user, User):
        raise TypeError("This page is for signed-in designers only.")
    return request.user


def may_operate(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether the studio itself is this person's business: its key, its account. Without accounts it is everybody's."""
    return not settings.STUDIO_ACCOUNTS or (isinstance(user, User) and user.is_staff)


def studio(request: HttpRequest) -> dict[str, object]:
    """What every page says about the studio itself."""
    # A page that is rendered before the middleware ran, such as a static file's 404, has nobody yet.
    user: AbstractBaseUser | AnonymousUser = getattr(request, "user", AnonymousUser())
    return {
        "accounts": settings.STUDIO_ACCOUNTS,
        "sandbox_in_use": settings.SANDBOX_IN_USE,
        "signed_in": user.is_authenticated,
        "may_operate": may_operate(user),
    }

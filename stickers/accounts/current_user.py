"""The current user: the one designer of a studio without accounts, or the account that is signed in."""

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
    """Signs in the one designer on every request, in a studio without accounts.

    That is safe because such a studio listens on the loopback address and answers to known host names only.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.STUDIO_ACCOUNTS:
            request.user = cast("User", _LazyDesigner(the_designer))
        return self.get_response(request)


class _LazyDesigner(SimpleLazyObject):
    """The designer, read from the database only when a page needs the row: a health check asks no database."""

    is_authenticated = True  # known without the row; the login wall asks for it on every page


def the_designer() -> User:
    """The owner of everything in a studio without accounts."""
    designer, is_new = User.objects.get_or_create(username=SINGLE_DESIGNER)
    if is_new:
        designer.set_unusable_password()
        designer.save(update_fields=["password"])
    return designer


def owner_named(username: str | None) -> User:
    """The owner for a command: the one designer, or the named account. Raises CommandError if there is none."""
    if username:
        try:
            return User.objects.get(username=username)
        except User.DoesNotExist:
            raise CommandError(f"There is no account named {username!r}.") from None
    if settings.STUDIO_ACCOUNTS:
        raise CommandError("Accounts are on: name the owner with --owner.")
    return the_designer()


def current_designer(request: HttpRequest) -> User:
    """The signed-in designer. Views behind the login wall always have one."""
    if not isinstance(request.user, User):
        raise TypeError("This page is for signed-in designers only.")
    return request.user


def may_operate(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether this person may operate the studio itself: its key, its account. Without accounts everybody may."""
    return not settings.STUDIO_ACCOUNTS or (isinstance(user, User) and user.is_staff)


def studio(request: HttpRequest) -> dict[str, object]:
    """The context that every page needs about the studio itself."""
    # A page that is rendered before the middleware, such as the 404 of a static file, has no user yet.
    user: AbstractBaseUser | AnonymousUser = getattr(request, "user", AnonymousUser())
    return {
        "accounts": settings.STUDIO_ACCOUNTS,
        "sandbox_in_use": settings.SANDBOX_IN_USE,
        "signed_in": user.is_authenticated,
        "may_operate": may_operate(user),
    }

"""The Team page, for admins: people, their roles and budgets, invitations, and links to a new password."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.views.decorators.http import require_GET, require_POST

from stickers.accounts import reset_links, roles
from stickers.accounts.current_user import current_designer
from stickers.forms.accounts import BudgetForm, InviteForm
from stickers.models import Budget, Invitation, quota
from stickers.orders import costs

LINK: Final = "team_link"  # the session key of a link that is shown once


@require_GET
def team(request: HttpRequest) -> HttpResponse:
    admin = _admin(request)
    month = costs.in_month(costs.orders_of(admin, everybodys=True), timezone.now())
    spent = {pk: totals for _, pk, totals in costs.by_designer(month)}
    budgets = {budget.owner_id: budget for budget in Budget.objects.all()}
    stored = quota.by_owner()
    people = User.objects.order_by("-is_active", "username")
    context: dict[str, Any] = {
        "people": [
            (
                person,
                budgets.get(person.pk),
                spent.get(person.pk),
                stored.get(person.pk, 0),
                roles.may_manage(admin, person),
            )
            for person in people
        ],
        "quota": settings.STORAGE_QUOTA_BYTES,
        "studio_budget": budgets.get(None),
        "studio_spent": costs.Totals.of(month.filter(own_key=False).order_by()),
        "invitations": Invitation.objects.open().select_related("invited_by").order_by("-created_at"),
        "link": request.session.pop(LINK, None),
        "mail": settings.MAIL_IS_SET_UP,
    }
    return render(request, "team.html", context)


@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Make an invitation. Its link is shown once, to copy, and also mailed if there is an address and a mail server."""
    admin = _admin(request)
    form = InviteForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for found in form.errors.values() for error in found))
        return redirect("team")
    email = form.cleaned_data["email"]
    _, token = Invitation.objects.invite(email=email, is_admin=form.cleaned_data["is_admin"], invited_by_pk=admin.pk)
    link = _link(request, reverse("welcome", args=[token]))
    if email and settings.MAIL_IS_SET_UP:
        _mail_invitation(request, email, link)
    request.session[LINK] = {"what": f"Invitation for {email}" if email else "Invitation", "url": link}
    return redirect("team")


def _mail_invitation(request: HttpRequest, email: str, link: str) -> None:
    text = render_to_string("registration/invitation_email.txt", {"link": link, "host": urlsplit(link).netloc})
    try:
        send_mail("Your invitation to Sticker Studio", text, None, [email])
    except OSError as error:  # SMTPException is an OSError, too
        messages.error(
            request, f"The mail to {email} could not be sent ({type(error).__name__}). Copy the link instead."
        )
    else:
        messages.success(request, f"Invited {email} by mail.")


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    _admin(request)
    get_object_or_404(Invitation.objects.open(), pk=pk).delete()
    messages.success(request, "The invitation is withdrawn; its link no longer works.")
    return redirect("team")


@require_POST
def role(request: HttpRequest, pk: int) -> HttpResponse:
    is_admin = request.POST.get("admin") == "1"
    # A designer may not enter Django's admin, so a superuser stops being one.
    person = _change(request, pk, is_staff=is_admin, **({} if is_admin else {"is_superuser": False}))
    if person:
        messages.success(request, f"{person.username} is {'an admin' if is_admin else 'a designer'} now.")
    return redirect("team")


@require_POST
def active(request: HttpRequest, pk: int) -> HttpResponse:
    is_active = request.POST.get("active") == "1"
    person = _change(request, pk, is_active=is_active)
    if person:
        words = "may sign in again" if is_active else "is signed out and can no longer sign in; the work stays"
        messages.success(request, f"{person.username} {words}.")
    return redirect("team")


@require_POST
def reset_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link to a new password for this person. For studios without a mail server."""
    admin = _admin(request)
    person = get_object_or_404(User, pk=pk, is_active=True)
    if not roles.may_manage(admin, person):
        messages.error(request, _beyond(person))
        return redirect("team")
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    path = reverse("password_reset_confirm", args=[uid, reset_links.handed_over(person, by=admin)])
    request.session[LINK] = {
        "what": f"New password for {person.username}, within an hour",
        "url": _link(request, path),
    }
    return redirect("team")


@require_POST
def budget(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Save a designer's budget, or the studio's when there is no `pk`."""
    _admin(request)
    owner = get_object_or_404(User, pk=pk) if pk is not None else None
    form = BudgetForm(request.POST)
    if form.is_valid():
        Budget.objects.update_or_create(owner=owner, defaults=form.cleaned_data)
        messages.success(request, f"The budget of {owner.username if owner else 'the studio'} is saved.")
    else:
        messages.error(request, f"The budget was not saved. {form.problems}")
    return redirect("team")


def _link(request: HttpRequest, path: str) -> str:
    """The full address of a page. Where none is configured, the host that the admin's own browser asked for."""
    return f"{settings.STUDIO_URL}{path}" if settings.STUDIO_URL else request.build_absolute_uri(path)


def _beyond(person: User) -> str:
    return f"{person.username} has more rights than you: only a superuser may do that."


def _admin(request: HttpRequest) -> User:
    """The signed-in admin. Anybody else gets a 404, as if the page didn't exist."""
    person = current_designer(request)
    if not (settings.STUDIO_ACCOUNTS and person.is_staff):
        raise Http404("For admins of a studio with accounts.")
    return person


def _change(request: HttpRequest, pk: int, **fields: bool) -> User | None:
    """Change a person. A message and None where that may not be.

    Nobody may change themselves, so that an admin always remains, and nobody changes who has more rights.
    """
    admin = _admin(request)
    with transaction.atomic():
        # When two admins deactivate each other at once, the second waits here and is no admin any more.
        admins = User.objects.filter(is_staff=True, is_active=True).order_by("pk").select_for_update()
        if admin.pk not in {one.pk for one in admins}:
            raise Http404("No admin any more.")
        person = get_object_or_404(User.objects.select_for_update(), pk=pk)
        if person.pk == admin.pk:
            messages.error(request, "You cannot take away your own role. Another admin can.")
            return None
        if not roles.may_manage(admin, person):
            messages.error(request, _beyond(person))
            return None
        User.objects.filter(pk=pk).update(**fields)
        Invitation.objects.orphaned().delete()
    return person

"""The queue, and what a designer can do with one of its cards."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from stickers import tasks
from stickers.accounts.current_user import current_designer, may_operate
from stickers.models import Generation, OrderRefused, State, Upstream
from stickers.orders import api_keys, cards
from stickers.views.answers import ORDERS_CHANGED, wants_fragment


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The queue's fragment: what has changed since `v`, and nothing at all if nothing has."""
    owner = current_designer(request)
    shown = request.GET.get("v", "") if wants_fragment(request) else ""
    mark = cards.version(owner.pk)
    if request.GET.get("v") == mark:
        return HttpResponse(status=204)
    queue = cards.queue(owner.pk, sandbox=settings.SANDBOX_IN_USE, shown=shown, mark=mark)
    return render(request, "_queue.html", {"queue": queue})


@require_POST
def upstream_again(request: HttpRequest) -> HttpResponse:
    """Ask Segmind at once whether a problem is solved: a designer for their own key, an operator for the studio's."""
    mine, studios = api_keys.name_of(current_designer(request).pk), api_keys.fingerprint(api_keys.studio_key())
    if mine == studios and not may_operate(request.user):
        raise PermissionDenied("Only an operator can let the studio try again.")
    for name in {mine, studios} if may_operate(request.user) else {mine}:
        Upstream.objects.ask_now(name)
    tasks.hint()
    return _answer(request, "Asking Segmind again.")


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    generation = _mine(request, pk)
    return _answer(request, "" if generation.cancel() else _why_not_cancelled(generation))


def _why_not_cancelled(generation: Generation) -> str:
    generation.refresh_from_db(fields=["state"])
    match generation.state:
        case State.CANCELLED:
            return "It is cancelled already."
        case State.READY | State.CUTTING | State.DONE:
            return "Too late to cancel: it is made already."
        case _:
            return "There is nothing left to cancel: it has ended."


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        again = _mine(request, pk).retry()
    except OrderRefused as refusal:
        return _answer(request, refusal.message)
    if again is not None:
        tasks.hint()
    return _answer(request, "" if again else "It was tried again already.")


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    generation = _mine(request, pk)
    resumed = generation.can_resume and generation.resume()
    if resumed:
        tasks.hint()
    return _answer(request, "" if resumed else "There is nothing to look for.")


@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    dismissed = _mine(request, pk).dismiss()
    return _answer(request, "" if dismissed else "Only a finished card can be dismissed.")


def _mine(request: HttpRequest, pk: int) -> Generation:
    return get_object_or_404(Generation.objects.owned_by(current_designer(request).pk), pk=pk)


def _answer(request: HttpRequest, words: str) -> HttpResponse | HttpResponseRedirect:
    """The queue as it is now, with `words` for a person who came too late."""
    if not wants_fragment(request):
        if words:
            messages.info(request, words)
        return redirect("studio")
    owner = current_designer(request)
    response = render(request, "_queue.html", {"queue": cards.queue(owner.pk, sandbox=settings.SANDBOX_IN_USE)})
    trigger_client_event(response, ORDERS_CHANGED)
    return trigger_client_event(response, "toast", {"text": words}) if words else response

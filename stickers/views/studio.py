"""The studio page: the form, and the queue of what it ordered."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from stickers import tasks
from stickers.accounts.current_user import current_designer
from stickers.forms.generation import GenerationForm, initial_from, model_named
from stickers.models import Generation, OrderRefused
from stickers.orders import cards
from stickers.orders import estimate as estimates
from stickers.views.answers import ORDERS_CHANGED, wants_fragment


@require_http_methods(["GET", "HEAD", "POST"])
def studio(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, _first_form(request))
    form = _form_of(request.POST)
    if not form.is_valid():
        return _refuse(request, form)
    owner = current_designer(request)
    try:
        if Generation.objects.order(owner_pk=owner.pk, click=_click(request), **form.columns()):
            tasks.hint()
    except OrderRefused as refusal:
        form.add_error(None, refusal.message)
        return _refuse(request, form)
    if wants_fragment(request):
        return trigger_client_event(render(request, "_ordered.html", _around(request)), ORDERS_CHANGED)
    return redirect("studio")


@require_GET
def estimate(request: HttpRequest) -> HttpResponse:
    """What the order in the form would cost and what the budgets have left, as a fragment."""
    form = _form_of(request.GET)
    return render(request, "_estimate.html", _outlook(request, form) | {"form": form})


@require_POST
def model(request: HttpRequest) -> HttpResponse:
    """The form of another model, with the values of the previous form that fit. Nothing is ordered."""
    before = _form_of(request.POST, named="model_was")
    spec = model_named(request.POST.get("model", ""))
    form = GenerationForm(spec=spec, initial=before.carried_to(spec))
    if wants_fragment(request):
        context = {"form": form, "token": uuid.uuid4().hex} | _outlook(request, GenerationForm(form.initial, spec=spec))
        return render(request, "_generation_form.html", context)
    return _page(request, form)


def _form_of(data: QueryDict, *, named: str = "model") -> GenerationForm:
    """The sent data, read as the form of the model that it names."""
    return GenerationForm(data, spec=model_named(data.get(named, "")))


def _first_form(request: HttpRequest) -> GenerationForm:
    """The form of the model in the address, with the values of the order in the address, or its words."""
    spec = model_named(request.GET.get("model", ""))
    if not request.GET.get("from", "").isdecimal():
        words = {spec.prompt.field_name: request.GET["prompt"]} if "prompt" in request.GET else {}
        return GenerationForm(spec=spec, initial=words)
    seen = Generation.objects.visible_to(current_designer(request).pk)
    generation = get_object_or_404(seen, pk=int(request.GET["from"]))
    spec = model_named(generation.model)
    return GenerationForm(spec=spec, initial=initial_from(generation, spec, with_seed="remix" not in request.GET))


def _page(request: HttpRequest, form: GenerationForm) -> HttpResponse:
    given = form if form.is_bound else GenerationForm(form.initial, spec=form.spec)
    context = _around(request) | _outlook(request, given) | {"form": form, "is_filled": bool(form.initial)}
    return render(request, "studio.html", context)


def _refuse(request: HttpRequest, form: GenerationForm) -> HttpResponse:
    if not wants_fragment(request):
        return _page(request, form)
    context = {"form": form, "token": uuid.uuid4().hex} | _outlook(request, form)
    response = render(request, "_generation_form.html", context, status=422)
    return reswap(retarget(response, "#generation-form"), "outerHTML")


def _around(request: HttpRequest) -> dict[str, Any]:
    queue = cards.queue(current_designer(request).pk, sandbox=settings.SANDBOX_IN_USE)
    return {"queue": queue, "token": uuid.uuid4().hex}


def _outlook(request: HttpRequest, form: GenerationForm) -> dict[str, Any]:
    owner = current_designer(request)
    return {
        "estimate": estimates.estimate(owner.pk, form.spec, form.priced_values(), sandbox=settings.SANDBOX_IN_USE),
        "rooms": Generation.objects.rooms(owner.pk),
    }


def _click(request: HttpRequest) -> uuid.UUID | None:
    """The same for both arrivals of one click. None for a form without a token, such as a script's."""
    token = request.POST.get("token", "")
    if not token:
        return None
    fields = sorted((name, request.POST.getlist(name)) for name in request.POST if name != "csrfmiddlewaretoken")
    return uuid.uuid5(uuid.NAMESPACE_URL, repr(fields))

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
    owner_pk = current_designer(request).pk
    if request.method != "POST":
        return _page(request, owner_pk, _first_form(request, owner_pk))
    form = _form_of(request.POST)
    if not form.is_valid():
        return _refuse(request, owner_pk, form)
    try:
        if Generation.objects.order(owner_pk=owner_pk, click=_click(request), **form.columns()):
            tasks.hint()
    except OrderRefused as refusal:
        form.add_error(None, refusal.message)
        return _refuse(request, owner_pk, form)
    if wants_fragment(request):
        return trigger_client_event(render(request, "_ordered.html", _around(owner_pk)), ORDERS_CHANGED)
    return redirect("studio")


@require_GET
def estimate(request: HttpRequest) -> HttpResponse:
    """What the order in the form would cost and what the budgets have left, as a fragment."""
    form = _form_of(request.GET)
    return render(request, "_estimate.html", _outlook(current_designer(request).pk, form) | {"form": form})


@require_POST
def tokens(request: HttpRequest) -> HttpResponse:
    """How many tokens the prompt in the form is, as a fragment. By POST: an address has no room for a long prompt."""
    return render(request, "_prompt_count.html", {"form": _form_of(request.POST)})


@require_POST
def model(request: HttpRequest) -> HttpResponse:
    """The form of another model, with the values of the previous form that fit. Nothing is ordered."""
    owner_pk = current_designer(request).pk
    before = _form_of(request.POST, named="model_was")
    spec = model_named(request.POST.get("model", ""))
    form = GenerationForm(spec=spec, initial=before.carried_to(spec))
    if wants_fragment(request):
        return render(request, "_generation_form.html", _fresh(owner_pk, form))
    return _page(request, owner_pk, form)


def _form_of(data: QueryDict, *, named: str = "model") -> GenerationForm:
    """The sent data, read as the form of the model that it names."""
    return GenerationForm(data, spec=model_named(data.get(named, "")))


def _first_form(request: HttpRequest, owner_pk: int) -> GenerationForm:
    """The form of the model in the address, with the values of the order in the address, or its words."""
    spec = model_named(request.GET.get("model", ""))
    if not request.GET.get("from", "").isdecimal():
        words = {spec.prompt.field_name: request.GET["prompt"]} if "prompt" in request.GET else {}
        return GenerationForm(spec=spec, initial=words)
    seen = Generation.objects.visible_to(owner_pk)
    generation = get_object_or_404(seen, pk=int(request.GET["from"]))
    spec = model_named(generation.model)
    return GenerationForm(spec=spec, initial=initial_from(generation, spec, with_seed="remix" not in request.GET))


def _page(request: HttpRequest, owner_pk: int, form: GenerationForm) -> HttpResponse:
    context = _around(owner_pk) | _fresh(owner_pk, form) | {"is_filled": bool(form.initial)}
    return render(request, "studio.html", context)


def _fresh(owner_pk: int, form: GenerationForm) -> dict[str, Any]:
    """The form with a token of its own, and what the order in it would cost."""
    given = form if form.is_bound else GenerationForm(form.initial, spec=form.spec)
    return {"form": form, "token": uuid.uuid4().hex} | _outlook(owner_pk, given)


def _refuse(request: HttpRequest, owner_pk: int, form: GenerationForm) -> HttpResponse:
    if not wants_fragment(request):
        return _page(request, owner_pk, form)
    response = render(request, "_generation_form.html", _fresh(owner_pk, form), status=422)
    return reswap(retarget(response, "#generation-form"), "outerHTML")


def _around(owner_pk: int) -> dict[str, Any]:
    queue = cards.queue(owner_pk, sandbox=settings.SANDBOX_IN_USE)
    return {"queue": queue, "token": uuid.uuid4().hex}


def _outlook(owner_pk: int, form: GenerationForm) -> dict[str, Any]:
    return {
        "estimate": estimates.estimate(owner_pk, form.spec, form.priced_values(), sandbox=settings.SANDBOX_IN_USE),
        "rooms": Generation.objects.rooms(owner_pk),
    }


def _click(request: HttpRequest) -> uuid.UUID | None:
    """The same for both arrivals of one click. None for a form without a token, such as a script's."""
    token = request.POST.get("token", "")
    if not token:
        return None
    fields = sorted((name, request.POST.getlist(name)) for name in request.POST if name != "csrfmiddlewaretoken")
    return uuid.uuid5(uuid.NAMESPACE_URL, repr(fields))

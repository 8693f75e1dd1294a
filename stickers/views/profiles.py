"""Print profiles: what each shop and cutter demands, copies to edit, and a page to measure a printer by."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stickers.accounts.current_user import current_designer
from stickers.forms.profiles import ProfileForm
from stickers.models import PrintProfile
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.pages import parse_page
from stickers.printing.profiles import PROFILES, Profile
from stickers.printing.writers.cutters import calibration as calibration_pdf
from stickers.prints.profiles import copied, profile_of, profiles_of


@require_GET
def profiles(request: HttpRequest) -> HttpResponse:
    owner_pk = current_designer(request).pk
    rows = list(PrintProfile.objects.owned_by(owner_pk).kept())
    known = profiles_of(owner_pk)
    context = {
        "built_in": PROFILES.values(),
        "own": [(row, known.get(row.key)) for row in rows],  # None for a damaged row: its page says what is wrong
    }
    return render(request, "profiles.html", context)


@require_GET
def profile(request: HttpRequest, name: str) -> HttpResponse:
    """One profile with all its requirements, to read."""
    return render(request, "profile.html", {"profile": _known(request, name), "is_built_in": name in PROFILES})


@require_POST
def copy(request: HttpRequest, name: str) -> HttpResponse:
    row = copied(_known(request, name), current_designer(request).pk)
    messages.success(request, f"“{row.name}” is yours to edit.")
    return redirect("profile_edit", row.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(PrintProfile.objects.owned_by(current_designer(request).pk).kept(), pk=pk)
    if request.method == "POST":
        form = ProfileForm(request.POST, row=row)
        if form.is_valid():
            form.save()
            messages.success(request, f"“{row.name}” is saved.")
            return redirect("profiles")
        return render(request, "profile_edit.html", {"form": form, "row": row}, status=422)
    context = {"form": ProfileForm(row=row), "row": row, "damage": _damage(row)}
    return render(request, "profile_edit.html", context)


@require_GET
def calibration(request: HttpRequest, name: str) -> HttpResponse:
    """A page with rulers, a square to cut and the profile's registration marks, as PDF."""
    known = _known(request, name)
    try:
        data = calibration_pdf(parse_page(request.GET.get("page", "A4")), known.marks, known.spots().kiss)
    except OptionsError as error:
        messages.error(request, error.message)
        return redirect("profile", name)
    disposition = content_disposition_header(as_attachment=True, filename=f"calibration-{known.name}.pdf")
    return HttpResponse(data, content_type="application/pdf", headers={"Content-Disposition": disposition or ""})


def _known(request: HttpRequest, name: str) -> Profile:
    found = profiles_of(current_designer(request).pk).get(name)
    if found is None:
        raise Http404("There is no such profile.")
    return found


def _damage(row: PrintProfile) -> str:
    """What is wrong with the row, in words. Empty if it makes a profile."""
    try:
        profile_of(row)
    except OptionsError as error:
        return error.message
    return ""

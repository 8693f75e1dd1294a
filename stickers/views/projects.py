"""Projects: folders of sheets that designers share, with their members and their sheets."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stickers.accounts.current_user import current_designer
from stickers.forms.projects import MemberForm, ProjectForm
from stickers.models import Project, Sheet


@require_http_methods(["GET", "POST"])
def projects(request: HttpRequest) -> HttpResponse:
    """All projects that this person sees, and the form for a new one."""
    person = current_designer(request)
    form = ProjectForm(request.POST or None)
    if form.is_valid():
        made = Project.objects.create(owner=person, name=form.cleaned_data["name"])
        return redirect("project", made.pk)
    seen = Project.objects.visible_to(person.pk).select_related("owner")
    counted = seen.annotate(sheet_count=Count("sheets", filter=Q(sheets__deleted_at=None)))
    status = 422 if form.is_bound else 200
    return render(request, "projects.html", {"projects": counted, "form": form}, status=status)


@require_GET
def project(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _visible(request, pk), MemberForm())


@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    row = _mine(request, pk)
    form = ProjectForm(request.POST)
    if form.is_valid():
        row.name = form.cleaned_data["name"]
        row.save(update_fields=["name"])
    else:
        messages.error(request, f"The name was not changed. {form.errors['name'][0]}")
    return redirect("project", pk)


@require_POST
def add_member(request: HttpRequest, pk: int) -> HttpResponse:
    row = _mine(request, pk)
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form, status=422)
    person = form.cleaned_data["username"]
    if person.pk != row.owner_id:
        row.members.add(person)
    return redirect("project", pk)


@require_POST
def remove_member(request: HttpRequest, pk: int, user: int) -> HttpResponse:
    """The owner removes a member, or a member leaves. The sheets that this member put in leave the project too."""
    row = _visible(request, pk)
    me = current_designer(request)
    if me.pk not in {row.owner_id, user}:
        row = _mine(request, pk)  # 404 for anyone else
    person = get_object_or_404(User.objects.filter(shared_projects=row), pk=user)
    row.members.remove(person)
    row.sheets.filter(owner=person).update(project=None)
    if person.pk == me.pk:
        messages.success(request, f"You have left “{row.name}”.")
        return redirect("projects")
    messages.success(request, f"{person.username} no longer sees “{row.name}”.")
    return redirect("project", pk)


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete the folder only: every sheet stays with its owner."""
    row = _mine(request, pk)
    row.delete()
    messages.success(request, f"“{row.name}” is deleted. Its sheets stay with their owners.")
    return redirect("projects")


@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a sheet of one's own into a project, or take it out."""
    me = current_designer(request).pk
    sheet = get_object_or_404(Sheet.objects.owned_by(me).kept(), pk=pk)
    asked = request.POST.get("project", "")
    if not asked:
        sheet.project = None
    elif asked.isascii() and asked.isdecimal() and len(asked) < 18:
        sheet.project = get_object_or_404(Project.objects.visible_to(me), pk=int(asked))
    else:
        messages.error(request, "There is no such project.")
        return redirect("sheet", pk)
    sheet.save(update_fields=["project"])
    words = f"Shared in “{sheet.project.name}”." if sheet.project else "It is shared with nobody any more."
    messages.success(request, words)
    return redirect("sheet", pk)


def _page(request: HttpRequest, row: Project, form: MemberForm, *, status: int = 200) -> HttpResponse:
    context = {
        "project": row,
        "form": form,
        "members": row.members.order_by("username"),
        "is_mine": row.owner_id == current_designer(request).pk,
        "sheet_count": row.sheets.kept().count(),
    }
    return render(request, "project.html", context, status=status)


def _visible(request: HttpRequest, pk: int) -> Project:
    seen = Project.objects.visible_to(current_designer(request).pk).select_related("owner")
    return get_object_or_404(seen, pk=pk)


def _mine(request: HttpRequest, pk: int) -> Project:
    return get_object_or_404(Project.objects.owned_by(current_designer(request).pk), pk=pk)

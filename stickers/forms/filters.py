"""The gallery's filters, read from its address: words, a star, the source of a sheet, a project."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from stickers.models import Sheet, Sticker

SOURCES = [("", "All"), ("generated", "Generated"), ("imported", "Imported")]


class FilterForm(forms.Form):
    q = forms.CharField(
        max_length=200,
        required=False,
        error_messages={"max_length": "A search has at most %(limit_value)d characters; this one has %(show_value)d."},
    )
    starred = forms.BooleanField(required=False)
    source = forms.ChoiceField(
        choices=SOURCES, required=False, error_messages={"invalid_choice": "Sheets come from no “%(value)s”."}
    )
    project = forms.IntegerField(
        min_value=1,
        max_value=2**53,
        required=False,
        error_messages=dict.fromkeys(["invalid", "min_value", "max_value"], "There is no such project."),
    )

    @property
    def chosen(self) -> dict[str, Any]:
        """The filters that are set and make sense, as values of an address."""
        self.is_valid()
        named = {"q": self.cleaned_data.get("q", "").strip(), "source": self.cleaned_data.get("source", "")}
        if self.cleaned_data.get("starred"):
            named["starred"] = "on"
        if self.cleaned_data.get("project"):
            named["project"] = str(self.cleaned_data["project"])
        return {name: value for name, value in named.items() if value}

    @property
    def problems(self) -> list[str]:
        """What cannot be looked for, in words."""
        return [str(problem) for problems in self.errors.values() for problem in problems]

    def sheets(self, rows: QuerySet[Sheet]) -> QuerySet[Sheet]:
        """The rows that match. A filter that makes no sense matches none: all of them would be the wrong answer."""
        return rows.filter(*self._conditions(sheet="")) if self.is_valid() else rows.none()

    def stickers(self, rows: QuerySet[Sticker]) -> QuerySet[Sticker]:
        return rows.filter(*self._conditions(sheet="sheet__")) if self.is_valid() else rows.none()

    def _conditions(self, *, sheet: str) -> list[Q]:
        chosen = self.chosen
        conditions = []
        for word in chosen.get("q", "").split():
            places = {"title", f"{sheet}title", f"{sheet}generation__prompt", f"{sheet}source_name"}
            condition = Q()
            for place in sorted(places):
                condition |= Q(**{f"{place}__icontains": word})
            conditions.append(condition)
        if "starred" in chosen:
            conditions.append(Q(starred=True))
        if "project" in chosen:
            conditions.append(Q(**{f"{sheet}project_id": int(chosen["project"])}))
        if "source" in chosen:
            conditions.append(Q(**{f"{sheet}generation__isnull": chosen["source"] == "imported"}))
        return conditions

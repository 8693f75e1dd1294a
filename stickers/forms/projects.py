"""The forms of a project: its name, and whom to share it with."""

from __future__ import annotations

from django import forms
from django.contrib.auth.models import User

from stickers.models import Project

MOST_CHARACTERS = Project._meta.get_field("name").max_length


class ProjectForm(forms.Form):
    name = forms.CharField(
        max_length=MOST_CHARACTERS,
        strip=True,
        error_messages={
            "required": "Give it a name.",
            "max_length": "A name may have at most %(limit_value)d characters.",
        },
    )


class MemberForm(forms.Form):
    """Asks for the full name: a list to choose from would tell everybody who is in the studio."""

    username = forms.CharField(max_length=150, error_messages={"required": "Whose name?"})

    def clean_username(self) -> User:
        person = User.objects.filter(username=self.cleaned_data["username"], is_active=True).first()
        if person is None:
            raise forms.ValidationError("Nobody in this studio has that name.")
        return person

"""The one-line form that names a sheet or a sticker."""

from __future__ import annotations

from django import forms

from stickers.models import Sheet

MOST_CHARACTERS = Sheet._meta.get_field("title").max_length


class TitleForm(forms.Form):
    title = forms.CharField(
        max_length=MOST_CHARACTERS,
        required=False,
        strip=True,
        error_messages={"max_length": "A title may have at most %(limit_value)d characters."},
    )

    def clean_title(self) -> str:
        """The title in one line: pasted line breaks and control characters become spaces."""
        title: str = self.cleaned_data["title"]
        return " ".join("".join(char if char.isprintable() else " " for char in title).split())

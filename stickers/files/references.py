"""Which stored files the rows point to, found in the models themselves, so that a new model's files are safe, too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.apps import apps
from django.db import models

# A column this wide may hold a file's name. Titles do as well, which costs a look and protects a file too many.
_NAME_LENGTH: Final = 100


def columns() -> Iterator[tuple[type[models.Model], str]]:
    """Every column of the studio's rows that can hold the name of a stored file."""
    for model in apps.get_app_config("stickers").get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            is_wide = isinstance(field, models.CharField) and (field.max_length or _NAME_LENGTH) >= _NAME_LENGTH
            if isinstance(field, models.FileField) or is_wide:
                yield model, field.attname


def is_named(name: str) -> bool:
    """Whether any of those columns holds this name now."""
    return any(model._base_manager.filter(**{column: name}).exists() for model, column in columns())


def file_names() -> set[str]:
    """The names in all of those columns."""
    found: set[str] = set()
    for model, column in columns():
        names = model._base_manager.exclude(**{column: ""}).values_list(column, flat=True)
        found.update(str(name) for name in names.iterator() if name)
    return found

"""Finds which stored files the rows name: every FileField of every model, so that a new model's files are safe too."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import models


def columns() -> Iterator[tuple[type[models.Model], str]]:
    """Every FileField of the studio's models, as model and column."""
    for model in apps.get_app_config("stickers").get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                yield model, field.attname


def is_named(name: str) -> bool:
    """Whether a row names this file now."""
    return any(model._base_manager.filter(**{column: name}).exists() for model, column in columns())


def file_names() -> set[str]:
    """The names of all files that the rows name."""
    found: set[str] = set()
    for model, column in columns():
        found.update(model._base_manager.exclude(**{column: ""}).values_list(column, flat=True).iterator())
    return found

"""Designers' own print profiles beside the built-in ones: found by name, copied, and each its owner's alone."""

from __future__ import annotations

import logging

import pytest
from django.contrib.auth.models import User

from stickers.models import PrintProfile
from stickers.printing.errors import OptionsError
from stickers.printing.profiles import MOST_NAME, PROFILES
from stickers.prints.profiles import copied, free_name, profile_named, profile_of, profiles_of

pytestmark = pytest.mark.django_db


def test_it_works(designer: User) -> None:
    row = copied(PROFILES["silhouette"], designer.pk)
    assert row.name == "Silhouette Print & Cut copy"
    found = profiles_of(designer.pk)
    assert list(found) == [*PROFILES, row.key]
    assert found[row.key].marks == PROFILES["silhouette"].marks
    assert found[row.key].label == row.name
    assert profile_named("silhouette print & cut COPY", designer.pk) == profile_of(row)


def test_each_sees_their_own(designer: User) -> None:
    other = User.objects.create(username="other")
    row = copied(PROFILES["home"], other.pk)
    assert set(profiles_of(designer.pk)) == set(PROFILES)
    with pytest.raises(OptionsError, match="no profile known here"):
        profile_named(row.key, designer.pk)


def test_a_deleted_one_is_gone_until_it_is_restored(designer: User) -> None:
    row = copied(PROFILES["home"], designer.pk)
    row.delete_softly()
    assert row.key not in profiles_of(designer.pk)
    row.restore()
    assert row.key in profiles_of(designer.pk)


def test_copies_have_names_of_their_own(designer: User) -> None:
    names = [copied(PROFILES["stickerninja"], designer.pk).name for _ in range(3)]
    assert names == ["StickerNinja sheets copy", "StickerNinja sheets copy 2", "StickerNinja sheets copy 3"]
    PrintProfile.objects.create(owner=designer, name="x" * MOST_NAME)
    assert free_name("x" * 60, designer.pk) == "x" * (MOST_NAME - 2) + " 2"
    assert free_name("Cricut", designer.pk) == "Cricut 2"  # a command must know which one is meant


@pytest.mark.parametrize("data", [{"gap_mm": -4}, {"colour": "red"}, ["gap"]])
def test_a_damaged_row_is_left_out(designer: User, data: object, caplog: pytest.LogCaptureFixture) -> None:
    row = PrintProfile.objects.create(owner=designer, name="Broken", data=data)
    with caplog.at_level(logging.WARNING):
        assert set(profiles_of(designer.pk)) == set(PROFILES)
    assert f"Print profile {row.pk} cannot be used" in caplog.text

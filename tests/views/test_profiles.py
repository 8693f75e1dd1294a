"""Print profiles: read, copied, edited with every refusal at its field, restored from the trash."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from stickers.forms.profiles import ProfileForm
from stickers.models import PrintProfile
from stickers.printing.profiles import PROFILES
from stickers.prints.profiles import copied, profile_of
from tests.support.print_art import press

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def row(designer: User) -> PrintProfile:
    return copied(PROFILES["silhouette"], designer.pk)


def said(row: PrintProfile, **changes: Any) -> dict[str, Any]:
    """What the form of `row` posts, with other values for some fields. None leaves a field out."""
    form = ProfileForm(row=row)
    values = {name: form[name].value() for name in form.fields} | changes
    return {name: value for name, value in values.items() if value is not None and value is not False}


def test_it_works(client: Client, designer: User) -> None:
    page = client.get("/profiles/").content.decode()
    assert all(profile.label.replace("&", "&amp;") in page for profile in PROFILES.values())
    copy = client.post("/profiles/stickergiant/copy/")
    row = PrintProfile.objects.get(owner=designer)
    assert copy["Location"] == f"/profiles/{row.pk}/edit/"
    assert 'value="6.4"' in client.get(copy["Location"]).content.decode()
    saved = client.post(copy["Location"], said(row, name="Corner shop", gap_mm="0.25 in"))
    assert saved["Location"] == "/profiles/"
    row.refresh_from_db()
    assert (row.name, profile_of(row).gap_mm) == ("Corner shop", 6.35)
    assert "Corner shop" in client.get("/profiles/").content.decode()


@pytest.mark.parametrize("name", PROFILES)
def test_what_each_demands_is_told(client: Client, name: str) -> None:
    page = client.get(f"/profiles/{name}/").content.decode()
    profile = PROFILES[name]
    assert f"<code>{profile.spot_name}</code>" in page
    assert f"{profile.gap_mm:g} mm between cuts" in page
    assert ("arm 15 mm" in page or "arm 20 mm" in page) == (profile.marks is not None)
    assert ("four L's" in page) == (profile.marks is not None and profile.marks.count == 4)


def test_the_source_of_the_numbers_is_told_and_a_copy_has_none(client: Client, designer: User) -> None:
    listed = client.get("/profiles/").content.decode()
    assert listed.count("(as of 2026-11)") == len(PROFILES)
    assert 'href="https://www.stickergiant.com/how-to-setup-artwork"' in listed
    assert "no published source found" in client.get("/profiles/stickermule/").content.decode()
    row = copied(PROFILES["stickergiant"], designer.pk)
    assert (profile_of(row).source, profile_of(row).as_of) == ("", "")
    assert "stickergiant.com" not in client.get(f"/profiles/{row.key}/").content.decode()


@pytest.mark.parametrize("name", PROFILES)
def test_a_copy_saved_as_it_is_changes_nothing(client: Client, designer: User, name: str) -> None:
    row = copied(PROFILES[name], designer.pk)
    before = profile_of(row)
    assert client.post(f"/profiles/{row.pk}/edit/", said(row)).status_code == 302
    row.refresh_from_db()
    assert profile_of(row) == before


def test_marks_and_inks_are_edited(client: Client, row: PrintProfile) -> None:
    changes = {"marks_arm_mm": "18", "marks_line_mm": "0,8", "marks_count": "4", "marks_centred": "on",
               "spot_name": "KnifeLine", "through_name": "Perf",
               "spot_tint": "80", "stroke_pt": "0.5", "formats": ["png", "dxf", "silhouette"]}  # fmt: skip
    assert client.post(f"/profiles/{row.pk}/edit/", said(row, **changes)).status_code == 302
    row.refresh_from_db()
    profile = profile_of(row)
    assert profile.marks is not None
    assert (profile.marks.arm_mm, profile.marks.line_mm) == (18, 0.8)
    assert (profile.marks.count, profile.marks.centred) == (4, True)
    assert (profile.spot_name, profile.through_name) == ("KnifeLine", "Perf")
    assert (profile.spot_tint, profile.stroke_pt) == (0.8, 0.5)
    assert profile.formats == ("silhouette", "dxf", "png")  # the preferred format stays first
    client.post(f"/profiles/{row.pk}/edit/", said(row, has_marks=None))
    row.refresh_from_db()
    assert profile_of(row).marks is None


def test_the_press_is_chosen_among_those_installed(
    client: Client, row: PrintProfile, tmp_path: Path, settings: Settings
) -> None:
    (tmp_path / "Labels.icc").write_bytes(press().icc)
    settings.STUDIO_ICC, settings.STUDIO_CMYK = tmp_path, "Labels"
    page = client.get(f"/profiles/{row.pk}/edit/").content.decode()
    assert '<option value="" selected>The studio&#x27;s: Artifex CMYK SWOP Profile</option>' in page
    assert '<option value="Labels">Artifex CMYK SWOP Profile (Labels)</option>' in page
    assert client.post(f"/profiles/{row.pk}/edit/", said(row, cmyk="Labels")).status_code == 302
    row.refresh_from_db()
    assert profile_of(row).cmyk == "Labels"
    assert "<code>Labels</code>" in client.get(f"/profiles/{row.key}/").content.decode()


def test_a_press_that_is_gone_stays_chosen_and_is_said(client: Client, row: PrintProfile) -> None:
    row.data |= {"cmyk": "Gravure"}
    row.save(update_fields=["data"])
    page = client.get(f"/profiles/{row.pk}/edit/").content.decode()
    assert '<option value="Gravure" selected>Gravure (not installed here)</option>' in page
    assert client.post(f"/profiles/{row.pk}/edit/", said(row)).status_code == 302
    row.refresh_from_db()
    assert profile_of(row).cmyk == "Gravure"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("cmyk", {"cmyk": "Nowhere"}),
        ("name", {"name": ""}),
        ("name", {"name": "Sticker Mule"}),
        ("name", {"name": "x" * 41}),
        ("name", {"name": "null\x00byte"}),
        ("kind", {"kind": "bakery"}),
        ("gap_mm", {"gap_mm": "wide"}),
        ("gap_mm", {"gap_mm": "-3"}),
        ("gap_mm", {"gap_mm": None}),
        ("gap_mm", {"gap_mm": "900"}),
        ("size_mm", {"size_mm": "2 m"}),
        ("bleed_mm", {"bleed_mm": "9 mm"}),
        ("border_mm", {"border_mm": "0.5", "least_border_mm": "1.6"}),
        ("margin_mm", {"margin_mm": "1", "edge_mm": "2"}),
        ("least_ppi", {"least_ppi": "nan"}),
        ("dpi", {"dpi": "72"}),
        ("formats", {"formats": None}),
        ("formats", {"formats": ["bmp"]}),
        ("spot_name", {"spot_name": "Cyan"}),
        ("spot_name", {"spot_name": " CutContour"}),
        ("through_name", {"through_name": "All"}),
        ("spot_tint", {"spot_tint": "0"}),
        ("spot_tint", {"spot_tint": "many"}),
        ("stroke_pt", {"stroke_pt": "5"}),
        ("marks_arm_mm", {"marks_arm_mm": "99"}),
        ("marks_line_mm", {"marks_line_mm": "thin"}),
        ("marks_inset_mm", {"marks_inset_mm": None}),
    ],
)
def test_nonsense_is_refused_at_its_field(
    client: Client, row: PrintProfile, field: str, changes: dict[str, Any]
) -> None:
    before = (row.name, row.data)
    response = client.post(f"/profiles/{row.pk}/edit/", said(row, **changes))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    message = response.context["form"].errors[field][0]
    assert f'id="{field}-error"' in response.content.decode()
    assert message.endswith(".")
    row.refresh_from_db()
    assert (row.name, row.data) == before


def test_every_wrong_field_is_named_at_once(client: Client, row: PrintProfile) -> None:
    wrong = {"gap_mm": "900", "bleed_mm": "9", "spot_name": "All", "marks_arm_mm": "99", "stroke_pt": "x"}
    response = client.post(f"/profiles/{row.pk}/edit/", said(row, **wrong))
    assert set(response.context["form"].errors) == set(wrong)
    assert "5 fields below need a look" in response.content.decode()


def test_a_name_taken_meanwhile_gets_a_number(client: Client, designer: User, row: PrintProfile) -> None:
    client.post(f"/profiles/{row.pk}/delete/")
    twin = copied(PROFILES["silhouette"], designer.pk)
    client.post(f"/profiles/{row.pk}/restore/")
    row.refresh_from_db()
    assert (twin.name, row.name) == ("Silhouette Print & Cut copy", "Silhouette Print & Cut copy 2")


def test_a_damaged_one_can_be_fixed(client: Client, row: PrintProfile) -> None:
    row.data = row.data | {"gap_mm": -4}
    row.save()
    assert "Needs fixing" in client.get("/profiles/").content.decode()
    page = client.get(f"/profiles/{row.pk}/edit/").content.decode()
    assert "The gap must be from 0 to 100 mm." in page
    assert client.get(f"/profiles/{row.key}/").status_code == 404
    assert client.post(f"/profiles/{row.pk}/edit/", said(row, gap_mm="4")).status_code == 302
    assert "Needs fixing" not in client.get("/profiles/").content.decode()


@pytest.mark.parametrize(("page", "width_mm"), [("A4", 210), ("Letter", 215.9), ("A5", 148), ("4x6in", 101.6)])
def test_the_calibration_page(client: Client, row: PrintProfile, page: str, width_mm: float) -> None:
    response = client.get(f"/profiles/{row.key}/calibration/", {"page": page})
    assert response["Content-Type"] == "application/pdf"
    assert f'filename="calibration-{row.key}.pdf"' in response["Content-Disposition"]
    with pikepdf.open(io.BytesIO(response.content)) as pdf:
        assert float(pdf.pages[0].mediabox[2]) / 72 * 25.4 == pytest.approx(width_mm, abs=0.1)
        assert b"inset 10 mm" in pdf.pages[0].Contents.read_bytes()


@pytest.mark.parametrize("page", ["A9", "20x20mm"])
def test_no_calibration_page_where_none_fits(client: Client, row: PrintProfile, page: str) -> None:
    response = client.get(f"/profiles/{row.key}/calibration/", {"page": page}, follow=True)
    assert response.redirect_chain == [(f"/profiles/{row.key}/", 302)]
    assert b"toast-bad" in response.content


@pytest.mark.parametrize("url", ["/profiles/nobody/", "/profiles/nobody/calibration/", "/profiles/own-987/"])
def test_unknown_profiles(client: Client, url: str) -> None:
    assert client.get(url).status_code == 404


def test_another_designers_profile_is_none(client: Client) -> None:
    theirs = copied(PROFILES["home"], User.objects.create(username="other").pk)
    for url in (f"/profiles/{theirs.key}/", f"/profiles/{theirs.key}/calibration/", f"/profiles/{theirs.pk}/edit/"):
        assert client.get(url).status_code == 404
    for action in (f"{theirs.key}/copy", f"{theirs.pk}/edit", f"{theirs.pk}/delete", f"{theirs.pk}/restore"):
        assert client.post(f"/profiles/{action}/").status_code == 404
    assert theirs.name not in client.get("/profiles/").content.decode()


@pytest.mark.parametrize("action", ["copy", "delete", "restore"])
def test_changes_are_posted(client: Client, row: PrintProfile, action: str) -> None:
    name = row.key if action == "copy" else row.pk
    assert client.get(f"/profiles/{name}/{action}/").status_code == 405

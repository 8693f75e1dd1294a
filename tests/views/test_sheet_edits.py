"""The cut editor's addresses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from PIL import Image

from stickers.files import storage
from stickers.models import PrintItem, PrintSheet, Sheet
from tests.cuts.test_hand import LEFT, MIDDLE, RIGHT, merge, sheet, split

__all__ = ["sheet"]  # the fixture
pytestmark = pytest.mark.django_db


def get(client: Client, sheet: Sheet) -> dict[str, Any]:
    response = client.get(f"/sheets/{sheet.pk}/edits/")
    assert response.status_code == 200
    said: dict[str, Any] = response.json()
    return said


def post(client: Client, sheet: Sheet, body: object, more: str = "", status: int = 200) -> dict[str, Any]:
    response = client.post(f"/sheets/{sheet.pk}/edits/{more}", json.dumps(body), content_type="application/json")
    assert response.status_code == status, response.content
    said: dict[str, Any] = response.json()
    return said


def fetched(client: Client, address: str) -> bytes:
    response = client.get(address)
    data = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    for close in response._resource_closers:
        close()  # only the file: the end of the response would close the test's database, too
    return data


def test_it_works(client: Client, sheet: Sheet) -> None:
    said = get(client, sheet)
    assert said["sheet"] | {"picture": ""} == {
        "id": sheet.pk,
        "name": "discs.jpg",
        "width": 512,
        "height": 512,
        "picture": "",
    }
    assert (said["version"], said["undo"], said["redo"], said["is_cutting"], said["may_cut"]) == (
        1,
        "",
        "",
        False,
        True,
    )
    assert (said["removed"], said["unplayed"]) == ([], [])
    first = said["stickers"][0]
    assert [sticker["number"] for sticker in said["stickers"]] == [1, 2, 3]
    assert abs(first["point"][0] - 100) < 4
    assert len(first["rings"]) == 1
    assert first["holes"] == []
    sticker = sheet.stickers.get(number=1)
    assert fetched(client, first["cutout"]) == storage.get(sticker.file.name or "")
    assert fetched(client, first["thumb"]) == storage.get(sticker.thumb_256.name or "")


def test_an_edit_tells_what_it_has_changed(client: Client, sheet: Sheet, designer: User) -> None:
    first, second, third = (row.pk for row in sheet.stickers.all())
    page = PrintSheet.objects.create(owner=designer, title="Page")
    PrintItem.objects.create(print_sheet=page, sticker_id=first, number=1)
    PrintItem.objects.create(print_sheet=page, sticker_id=second, number=2)
    said = post(client, sheet, {"version": 1, "operations": [merge(LEFT, MIDDLE)]})
    (changed,) = said["changed"]
    (gone,) = said["gone"]
    assert {changed["id"], gone} == {first, second}
    assert said["order"] == [changed["id"], third]
    assert said["numbers"] == {str(changed["id"]): 1, str(third): 2}
    assert (said["version"], said["undo"], said["redo"]) == (2, "Merge", "")
    assert said["prints"] == [{"id": page.pk, "name": "Page", "url": f"/prints/{page.pk}/"}]
    assert len(changed["rings"]) == 2
    shown = storage.get(sheet.stickers.get(pk=changed["id"]).file.name or "")
    assert fetched(client, changed["cutout"]) == shown


def test_undo_and_redo(client: Client, sheet: Sheet) -> None:
    before = get(client, sheet)
    post(client, sheet, {"version": 1, "operations": [{"op": "delete", "point": RIGHT}]})
    removed = get(client, sheet)["removed"]
    assert len(removed) == 1
    undone = post(client, sheet, {"version": 2}, "undo/")
    assert (undone["version"], undone["undo"], undone["redo"]) == (3, "", "Delete")
    assert get(client, sheet)["stickers"] == before["stickers"]
    assert post(client, sheet, {"version": 3}, "redo/")["removed"] == removed
    restored = post(client, sheet, {"version": 4, "operations": [{"op": "restore", "point": removed[0]["point"]}]})
    assert [sticker["rings"] for sticker in restored["changed"]] == [before["stickers"][2]["rings"]]
    assert post(client, sheet, {"version": 5}, "redo/", status=422) == {
        "error": "There is nothing to do again.",
        "operation": 0,
    }


def test_a_second_tab_is_told_and_loses_nothing(client: Client, sheet: Sheet) -> None:
    post(client, sheet, {"version": 1, "operations": [merge(LEFT, MIDDLE)]})
    mine = {"version": 1, "operations": [split(RIGHT)]}
    told = post(client, sheet, mine, status=409)
    assert told["version"] == 2
    assert [step["words"] for step in told["since"]] == ["Merge"]
    assert post(client, sheet, {"version": 1}, "undo/", status=409)["version"] == 2
    on_top = post(client, sheet, mine | {"version": told["version"]})
    assert on_top["undo"] == "Split"
    assert len(on_top["order"]) == 3


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ([], 400, "must be a JSON object with the version"),
        ({"operations": []}, 400, "with the version"),
        ({"version": True, "operations": []}, 400, "with the version"),
        ({"version": 1}, 422, "operations must be a list"),
        ({"version": 1, "operations": [{"op": "melt"}]}, 422, "Operation 1 must be an object"),
        ({"version": 1, "operations": [{"op": "delete", "point": [2, 2]}]}, 422, "delete: no sticker lies at 2, 2."),
    ],
)
def test_what_does_not_fit_is_refused(client: Client, sheet: Sheet, body: object, status: int, words: str) -> None:
    assert words in post(client, sheet, body, status=status)["error"]
    assert sheet.cut_steps.count() == 1


def test_a_form_is_no_edit(client: Client, sheet: Sheet) -> None:
    assert client.post(f"/sheets/{sheet.pk}/edits/", {"version": "1"}).status_code == 400


def test_a_preview_writes_nothing(client: Client, sheet: Sheet) -> None:
    address = f"/sheets/{sheet.pk}/edits/preview/"
    some = client.get(address, {"tolerance": "0.5", "keep_border": "on"})
    assert some.json()["count"] == 3
    x, y = zip(*some.json()["rings"][0], strict=True)
    assert abs(min(x) - 40) < 4
    assert abs(max(y) - 300) < 4
    assert client.get(address, {"min_size_px": "400", "keep_border": "on"}).json() == {"count": 0, "rings": []}
    refused = client.get(address, {"tolerance": "9"})
    assert refused.status_code == 422
    assert "Tolerance must be at most 1" in refused.json()["error"]
    assert sheet.cut_steps.count() == 1


def test_a_sheet_without_its_picture_says_so(client: Client, sheet: Sheet) -> None:
    Image.new("RGB", (4, 4)).save(storage.default_storage.path(sheet.file.name or ""), "PNG")
    Sheet.objects.update(file="imports/none/none.jpg")
    for response in (client.get(f"/sheets/{sheet.pk}/edits/"), client.get(f"/sheets/{sheet.pk}/edits/preview/")):
        assert response.status_code == 422
        assert response.json() == {"error": "The sheet's picture cannot be read."}

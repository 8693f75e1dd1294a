"""Pictures over HTTP: only for their owner, with the right type, kept by browsers until they change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.http import FileResponse
from django.test import Client

from stickers.files import storage
from stickers.models import Sheet
from stickers.templatetags.shelf import file_url, thumb_url
from tests.support.rows import make_generation, make_sheet

pytestmark = pytest.mark.django_db
Get = Callable[..., FileResponse]


@pytest.fixture
def sheet(designer: User) -> Sheet:
    return make_sheet(designer)


@pytest.fixture
def get(client: Client) -> Iterator[Get]:
    """GET an address, or send another method. The file is closed at the end, as a server does."""
    with ExitStack() as opened:

        def ask(url: str, method: str = "get", **headers: str) -> FileResponse:
            response = getattr(client, method)(url, headers=headers)
            for close in response._resource_closers:
                # only the file, because closing the response would close the test's database, too
                opened.callback(close)
            return response

        yield ask


def fetched(response: FileResponse) -> bytes:
    return b"".join(response.streaming_content)


def test_it_works(get: Get, sheet: Sheet) -> None:
    response = get(file_url(sheet))
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert fetched(response) == storage.get(sheet.file.name)
    sticker = sheet.stickers.first()
    assert fetched(get(file_url(sticker))) == storage.get(sticker.file.name)


def test_thumbnails(get: Get, sheet: Sheet) -> None:
    sticker = sheet.stickers.first()
    response = get(thumb_url(sticker, 256))
    assert response["Content-Type"] == "image/webp"
    assert "immutable" in response["Cache-Control"]
    assert fetched(response) == storage.get(sticker.thumb_256.name)


def test_before_the_worker_has_made_a_thumbnail(get: Get, sheet: Sheet) -> None:
    response = get(thumb_url(sheet, 512))
    assert response["Content-Type"] == "image/png"
    assert response["Cache-Control"] == "private, no-cache"  # the thumbnail will follow at this address
    assert fetched(response) == storage.get(sheet.file.name)


def test_a_browser_that_has_it_already(get: Get, sheet: Sheet) -> None:
    etag = get(f"/sheets/{sheet.pk}/file/")["ETag"]
    response = get(f"/sheets/{sheet.pk}/file/", **{"If-None-Match": etag})
    assert response.status_code == 304
    assert response["ETag"] == etag
    assert get(f"/sheets/{sheet.pk}/file/", **{"If-None-Match": '"other"'}).status_code == 200


def test_an_address_of_an_older_cut_is_not_kept(get: Get, sheet: Sheet) -> None:
    response = get(f"/stickers/{sheet.stickers.first().pk}/file/?v=001-0123456789abcdef")
    assert response["Cache-Control"] == "private, no-cache"


def test_head(get: Get, sheet: Sheet) -> None:
    response = get(f"/sheets/{sheet.pk}/file/", "head")
    assert response.status_code == 200
    assert int(response["Content-Length"]) == default_storage.size(sheet.file.name)


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("cats in space", 'filename="cats-in-space.png"'),
        ("../../etc/passwd\r\nX: y", 'filename="etc-passwd-X-y.png"'),
        ("猫のステッカー", "filename*=utf-8''%E7%8C%AB"),
    ],
)
def test_downloads_have_safe_names(get: Get, designer: User, prompt: str, name: str) -> None:
    sheet = make_sheet(designer, generation=make_generation(designer, prompt=prompt))
    assert "inline" in get(f"/sheets/{sheet.pk}/file/")["Content-Disposition"]
    disposition = get(f"/sheets/{sheet.pk}/file/?download=1")["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert name in disposition


def test_a_download_of_a_sticker_is_named_after_it(get: Get, sheet: Sheet) -> None:
    sticker = sheet.stickers.get(number=2)
    assert "cats-in-space-2.png" in get(f"/stickers/{sticker.pk}/file/?download=1")["Content-Disposition"]


@pytest.mark.parametrize("side", [0, 64, 1024])
def test_other_sizes(get: Get, sheet: Sheet, side: int) -> None:
    assert get(f"/sheets/{sheet.pk}/thumb/{side}/").status_code == 404


def test_a_file_that_is_gone(get: Get, sheet: Sheet) -> None:
    default_storage.delete(sheet.file.name)
    assert get(f"/sheets/{sheet.pk}/file/").status_code == 404


def test_pictures_in_the_trash_can_still_be_seen(get: Get, sheet: Sheet) -> None:
    sheet.delete_softly()
    assert get(f"/sheets/{sheet.pk}/file/").status_code == 200


def test_only_looking(get: Get, sheet: Sheet) -> None:
    assert get(f"/sheets/{sheet.pk}/file/", "post").status_code == 405

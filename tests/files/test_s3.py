"""Pictures in an S3-compatible store: private, whole, and shown by links that end after minutes."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import boto3
import httpx
import pytest
from django.contrib.auth.models import User
from django.core.files.base import File
from django.core.files.storage import default_storage, storages
from django.test import Client
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from stickers.files import storage
from stickers.files.s3 import Bucket, StoreError
from stickers.models import Sheet
from stickers.templatetags.shelf import file_url, thumb_url
from tests.support.rows import make_sheet

KEY, SECRET = "AKIA-studio", "the store's secret"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(server: str, settings: Settings) -> Bucket:
    """The default storage of this test: an empty bucket of the store."""
    httpx.post(f"{server}/moto-api/reset", trust_env=False).raise_for_status()
    boto3.client(
        "s3", endpoint_url=server, region_name="us-east-1", aws_access_key_id=KEY, aws_secret_access_key=SECRET
    ).create_bucket(Bucket="pictures")
    settings.S3_BUCKET, settings.S3_ENDPOINT_URL = "pictures", server
    settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = KEY, SECRET
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "stickers.files.s3.Bucket"}}
    return storages["default"]


def test_it_works(bucket: Bucket) -> None:
    name = storage.put("generations/7/0/abc.jpg", b"picture")
    assert name == "generations/7/0/abc.jpg"
    assert storage.get(name) == b"picture"
    assert default_storage.exists(name)
    assert default_storage.size(name) == 7
    assert default_storage.listdir("generations/7") == (["0"], [])
    assert default_storage.listdir("generations/7/0") == ([], ["abc.jpg"])


def test_the_same_name_twice_is_one_object(bucket: Bucket) -> None:
    storage.put("a/b.png", b"cut short")
    assert storage.put("a/b.png", b"whole") == "a/b.png"
    assert storage.get("a/b.png") == b"whole"
    assert default_storage.listdir("a") == ([], ["b.png"])


def test_a_large_file_that_was_just_written(bucket: Bucket) -> None:
    data = os.urandom(6_000_000)
    with tempfile.TemporaryFile() as archive:
        archive.write(data)
        assert default_storage.save("exports/1/a.zip", File(archive, name="a.zip")) == "exports/1/a.zip"
    assert storage.get("exports/1/a.zip") == data


def test_removing_what_is_gone_is_no_matter(bucket: Bucket) -> None:
    name = storage.put("imports/a/b.png", b"x")
    storage.remove([name, name, ""])
    assert not default_storage.exists(name)


def test_what_is_not_there_is_as_on_a_disk(bucket: Bucket) -> None:
    with pytest.raises(FileNotFoundError):
        storage.get("imports/a/b.png")
    with pytest.raises(FileNotFoundError):
        default_storage.size("imports/a/b.png")


def test_a_store_that_fails_is_as_a_disk_that_fails(bucket: Bucket, settings: Settings) -> None:
    bucket.check()
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    away = Bucket(endpoint_url=f"http://127.0.0.1:{port}")
    with pytest.raises(StoreError, match="does not answer: EndpointConnectionError"):
        away.save("a/b.png", default_storage.open(storage.put("a/b.png", b"x")))
    with pytest.raises(FileNotFoundError):
        Bucket(bucket_name="nowhere").check()


def test_files_are_written_whole_only(bucket: Bucket) -> None:
    with pytest.raises(ValueError, match="written whole"):
        default_storage.open("a/b.png", "wb")


@pytest.fixture
def sheet(bucket: Bucket, designer: User) -> Sheet:
    return make_sheet(designer)


@pytest.mark.django_db
def test_a_page_gets_a_link_that_ends_soon(client: Client, sheet: Sheet) -> None:
    response = client.get(file_url(sheet))
    assert response.status_code == 302
    link = urlsplit(response["Location"])
    signed = {name: value for name, [value] in parse_qs(link.query).items()}
    assert link.path == f"/pictures/{sheet.file.name}"
    assert int(signed["X-Amz-Expires"]) <= 300
    assert signed["X-Amz-Signature"]
    assert signed["response-content-type"] == "image/png"
    assert SECRET not in response["Location"]
    # The browser forgets the link before it ends, and never keeps one as the picture itself.
    assert response["Cache-Control"] == "private, max-age=240"
    assert "ETag" not in response
    assert httpx.get(response["Location"], trust_env=False).content == storage.get(sheet.file.name)


@pytest.mark.django_db
def test_a_link_is_for_what_was_asked(client: Client, sheet: Sheet) -> None:
    sticker = sheet.stickers.get(number=2)
    fetched = httpx.get(client.get(f"/stickers/{sticker.pk}/file/?download=1")["Location"], trust_env=False)
    assert fetched.headers["Content-Disposition"] == 'attachment; filename="cats-in-space-2.png"'
    assert fetched.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    head = client.head(file_url(sheet))["Location"]
    assert httpx.head(head, trust_env=False).status_code == 200
    thumb = httpx.get(client.get(thumb_url(sticker, 256))["Location"], trust_env=False)
    assert thumb.headers["Content-Type"] == "image/webp"


@pytest.mark.django_db
def test_nobody_else_gets_a_link(client: Client, settings: Settings, sheet: Sheet, other_designer: User) -> None:
    settings.STUDIO_ACCOUNTS = True
    assert "X-Amz-Signature" not in client.get(file_url(sheet))["Location"]  # to the login
    client.force_login(other_designer)
    assert client.get(file_url(sheet)).status_code == 404

"""Importing sheets: good ones become rows and files, bad ones a clear message and nothing else."""

from __future__ import annotations

import errno
import io
import struct
import zlib
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings

from stickers.files import storage
from stickers.forms.imports import ImportedPicture
from stickers.models import Sheet, WorkState
from stickers.pictures.opening import open_image
from stickers.views import imports
from tests.support.rows import make_sheet, picture_bytes

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def file(data: bytes, name: str = "sheet.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="image/png")


def files_on_disk(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def saved(image: Image.Image, picture_format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, picture_format, **options)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes whose header promises 50,000 × 50,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def animated(picture_format: str) -> bytes:
    frames = [Image.new("RGB", (80, 80), colour) for colour in ("red", "blue")]
    return saved(frames[0], picture_format, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize("picture_format", ["PNG", "JPEG", "WEBP"])
def test_it_works(client: Client, designer: User, picture_format: str) -> None:
    data = picture_bytes((300, 200), picture_format)
    response = client.post("/import/", {"files": file(data, "my sheet.png")})
    sheet = Sheet.objects.get()
    assert response["Location"] == f"/sheets/{sheet.pk}/"
    assert (sheet.owner, sheet.generation, sheet.source_name) == (designer, None, "my sheet.png")
    assert (sheet.format, sheet.width_px, sheet.height_px) == (picture_format, 300, 200)
    assert sheet.segmentation.state == WorkState.QUEUED
    assert storage.get(sheet.file.name) == data  # unchanged, to the byte


def test_the_page(client: Client, designer: User) -> None:
    content = client.get("/import/").content.decode()
    assert 'enctype="multipart/form-data"' in content
    assert "up to 30 MB" in content


def test_several_at_once(client: Client, designer: User) -> None:
    response = client.post("/import/", {"files": [file(picture_bytes(), f"{number}.png") for number in range(3)]})
    assert response["Location"] == "/gallery/"
    assert Sheet.objects.count() == 3
    assert len({sheet.file.name for sheet in Sheet.objects.all()}) == 3


def test_good_ones_are_taken_beside_a_bad_one(client: Client, designer: User) -> None:
    files = [file(picture_bytes(), "good.png"), file(b"nonsense", "bad.png"), file(picture_bytes(), "fine.png")]
    response = client.post("/import/", {"files": files}, follow=True)
    assert {sheet.source_name for sheet in Sheet.objects.all()} == {"good.png", "fine.png"}
    assert "bad.png is not a picture" in response.content.decode()


def fills_after(files: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full once it has taken so many files."""
    put, taken = storage.put, []

    def full(name: str, data: bytes) -> str:
        if len(taken) >= files:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken.append(name)
        return put(name, data)

    monkeypatch.setattr(storage, "put", full)


def test_on_a_full_disk_each_file_has_its_fate(
    client: Client, designer: User, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fills_after(2, monkeypatch)
    files = [file(picture_bytes((100 + number, 100)), f"{number}.png") for number in range(6)]
    page = client.post("/import/", {"files": files}, follow=True).content.decode()
    assert {sheet.source_name for sheet in Sheet.objects.all()} == {"0.png", "1.png"}
    assert "2 of 6 files were taken in." in page
    for number in range(2, 6):
        assert f"{number}.png was not taken in: the studio&#x27;s disk is full." in page
    assert len(files_on_disk(media)) == 2


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_on_a_full_disk_nothing_is_taken_in(
    client: Client, designer: User, media: Path, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    fills_after(0, monkeypatch)
    answer = client.post("/import/", {"files": file(picture_bytes(), "cat.png")}, headers=headers)
    assert answer.status_code == 507
    assert "cat.png was not taken in: the studio&#x27;s disk is full." in answer.content.decode()
    assert not Sheet.objects.exists()
    assert files_on_disk(media) == []


def test_one_file_at_a_time_is_in_memory(client: Client, designer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is stored before the next one is read."""
    steps: list[str] = []
    picture, put = imports.picture, storage.put

    def read(uploaded: UploadedFile) -> ImportedPicture:
        steps.append(f"read {uploaded.name}")
        return picture(uploaded)

    def stored(name: str, data: bytes) -> str:
        steps.append("store")
        return put(name, data)

    monkeypatch.setattr(imports, "picture", read)
    monkeypatch.setattr(storage, "put", stored)
    client.post("/import/", {"files": [file(picture_bytes(), f"{number}.png") for number in range(3)]})
    assert steps == ["read 0.png", "store", "read 1.png", "store", "read 2.png", "store"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "cat.png is empty"),
        (b"hello, this is text", "cat.png is not a picture; send PNG, JPEG, WebP or AVIF"),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "cat.png is an SVG, a kind that cannot be taken in; send",
        ),
        (picture_bytes((900, 900), "PNG")[:-3000], "damaged or cut off"),
        (picture_bytes((900, 900), "JPEG")[:3000], "damaged or cut off"),
        (picture_bytes((300, 300), "WEBP")[:100], "cat.png"),
        (picture_bytes()[:20], "cat.png"),
        (
            picture_bytes((300, 300), "GIF", "P"),
            "is a GIF, a kind that cannot be taken in; send PNG, JPEG, WebP or AVIF",
        ),
        (picture_bytes((300, 300), "BMP"), "is a BMP, a kind that cannot be taken in"),
        (animated("PNG"), "animated"),
        (animated("WEBP"), "animated"),
        (picture_bytes((63, 200)), "63 × 200 pixels; each side needs at least 64"),
        (bomb(), "megapixels; at most 17 can be opened."),
    ],
)
def test_refusals(client: Client, designer: User, media: Path, data: bytes, words: str) -> None:
    response = client.post("/import/", {"files": file(data, "cat.png")})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Sheet.objects.exists()
    assert files_on_disk(media) == []


def test_an_avif_is_stored_as_png(client: Client, designer: User, media: Path) -> None:
    assert client.post("/import/", {"files": file(picture_bytes((200, 100), "AVIF"), "cat.avif")}).status_code == 302
    sheet = Sheet.objects.get()
    assert (sheet.format, sheet.width_px, sheet.height_px) == ("PNG", 200, 100)
    with Image.open(io.BytesIO(storage.get(sheet.file.name or ""))) as image:
        assert image.format == "PNG"


def test_the_page_says_what_it_takes(client: Client, designer: User, settings: Settings) -> None:
    settings.IMPORT_MAX_BYTES = 12 * 2**20
    settings.IMPORT_MAX_PIXELS = 900 * 1_000_000  # more than the segmentation takes
    assert "up to 12 MB and 17 megapixels each" in client.get("/import/").content.decode()


def test_too_many_pixels(client: Client, designer: User, media: Path, settings: Settings) -> None:
    settings.IMPORT_MAX_PIXELS = 40_000
    response = client.post("/import/", {"files": file(picture_bytes((300, 200)))})
    assert "300 × 200 pixels; at most 0.04 megapixels" in response.content.decode()
    assert files_on_disk(media) == []


def test_too_many_bytes(client: Client, designer: User, media: Path, settings: Settings) -> None:
    settings.IMPORT_MAX_BYTES = 2 * 2**20
    large = picture_bytes() + b"\0" * (3 * 2**20)
    response = client.post("/import/", {"files": [file(large, "large.png")]})
    assert response.status_code == 422
    assert "large.png is larger than 2 MB." in response.content.decode()
    response = client.post(
        "/import/", {"files": [file(large, "large.png"), file(picture_bytes(), "small.png")]}, follow=True
    )
    assert "large.png is larger than 2 MB." in response.content.decode()
    assert Sheet.objects.get().source_name == "small.png"


def test_too_many_files(client: Client, designer: User, media: Path) -> None:
    for number in (21, 101, 300):
        response = client.post("/import/", {"files": [file(picture_bytes()) for _ in range(number)]})
        assert response.status_code == 422
        assert f"These are {number} files; at most 20 can be sent at once" in response.content.decode()
    assert files_on_disk(media) == []


def test_each_file_by_itself_is_told_its_fate(client: Client, designer: User) -> None:
    taken = client.post("/import/", {"files": file(picture_bytes())}, headers=HTMX)
    assert taken.status_code == 200
    assert f'taken in: <a href="/sheets/{Sheet.objects.get().pk}/">' in taken.content.decode()
    refused = client.post("/import/", {"files": file(b"no picture", "notes.png")}, headers=HTMX)
    assert refused.status_code == 422
    assert "notes.png is not a picture" in refused.content.decode()
    assert "<html" not in refused.content.decode()


def test_some_of_many_are_counted(client: Client, designer: User) -> None:
    files = [file(picture_bytes()), file(b"no picture", "notes.png"), file(picture_bytes())]
    page = client.post("/import/", {"files": files}, follow=True).content.decode()
    assert "2 of 3 files were taken in." in page
    assert "notes.png is not a picture" in page


def test_a_proxy_asks_whether_somebody_is_signed_in(client: Client, designer: User, settings: Settings) -> None:
    assert client.get("/import/allowed/").status_code == 204
    settings.STUDIO_ACCOUNTS = True
    client.force_login(designer)
    assert client.get("/import/allowed/").status_code == 204
    client.logout()
    assert client.get("/import/allowed/").status_code == 401


def test_the_form_for_the_dialog(client: Client, designer: User) -> None:
    dialog = client.get("/import/", headers=HTMX).content.decode()
    assert "<html" not in dialog
    assert "data-at-once" in dialog
    assert "data-at-once" not in client.get("/import/").content.decode()


def test_no_files(client: Client, designer: User) -> None:
    response = client.post("/import/")
    assert response.status_code == 422
    assert b"Choose at least one picture." in response.content


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying, shown upright
    return saved(Image.new("RGB", (300, 200), "#ffdd88"), "JPEG", exif=exif)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (turned(), (200, 300)),
        (saved(Image.new("CMYK", (300, 200), (0, 40, 80, 0)), "JPEG"), (300, 200)),
        (saved(Image.new("P", (300, 200), 3), "PNG"), (300, 200)),
        (saved(Image.new("I;16", (300, 200), 30000), "PNG"), (300, 200)),
        (saved(Image.new("LA", (300, 200), (80, 90)), "PNG"), (300, 200)),
    ],
    ids=["turned", "cmyk", "palette", "16 bit", "grey with alpha"],
)
def test_what_a_browser_would_show_otherwise_is_made_plain(
    client: Client, designer: User, data: bytes, size: tuple[int, int]
) -> None:
    client.post("/import/", {"files": file(data)})
    sheet = Sheet.objects.get()
    assert (sheet.width_px, sheet.height_px) == size
    assert sheet.format == "PNG"
    with Image.open(io.BytesIO(storage.get(sheet.file.name))) as stored:
        assert stored.mode in {"RGB", "RGBA"}
        assert stored.size == size
        assert stored.getexif() == {}
    assert open_image(storage.get(sheet.file.name)).size == size


def test_names_are_shown_but_never_used_for_files(client: Client, designer: User, media: Path) -> None:
    name = "<b>\u202egnp.exe\u0007" + "x" * 300 + ".png"
    client.post("/import/", {"files": file(picture_bytes(), name)})
    sheet = Sheet.objects.get()
    assert sheet.source_name.startswith("<b>gnp.exe")
    assert len(sheet.source_name) <= 200
    assert [path.suffix for path in files_on_disk(media)] == [".png"]
    assert "gnp" not in str(files_on_disk(media)[0])
    assert "&lt;b&gt;gnp.exe" in client.get(f"/sheets/{sheet.pk}/").content.decode()


def test_what_browsers_escape_in_a_name_is_undone(client: Client, designer: User) -> None:
    client.post("/import/", {"files": file(picture_bytes(), "The %22big%22%0D%0A one 100%25.png")})
    assert Sheet.objects.get().source_name == 'The "big" one 100%25.png'


def test_a_row_that_cannot_be_made_leaves_no_file(
    client: Client, designer: User, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(Sheet, "save", refuse)
    with pytest.raises(RuntimeError):
        client.post("/import/", {"files": file(picture_bytes())})
    assert files_on_disk(media) == []


def test_forged_posts_are_refused(designer: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/import/", {"files": file(picture_bytes())}).status_code == 403
    assert not Sheet.objects.exists()


def test_imports_stay_apart(client: Client, designer: User) -> None:
    """The same picture twice makes two sheets with a file each, so that removing one leaves the other."""
    data = picture_bytes()
    client.post("/import/", {"files": file(data)})
    client.post("/import/", {"files": file(data)})
    first, second = Sheet.objects.all()
    assert first.file.name != second.file.name
    assert make_sheet(designer).pk not in {first.pk, second.pk}


def test_without_room_nothing_is_taken_in_and_the_page_says_why(
    client: Client, designer: User, media: Path, settings: Settings
) -> None:
    settings.STORAGE_QUOTA_BYTES = 1000
    answer = client.post("/import/", {"files": file(picture_bytes((300, 200)), "mine.png")})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "mine.png was not taken in. Your files take 0" in page
    assert "empty the trash, or ask an admin" in page
    assert not Sheet.objects.exists()
    assert files_on_disk(media) == []
    assert (
        "Your files take"
        in client.post("/import/", {"files": file(picture_bytes((300, 200)))}, headers=HTMX).content.decode()
    )


def test_what_there_is_room_for_is_taken_in(client: Client, designer: User, settings: Settings) -> None:
    small, large = picture_bytes((100, 100)), saved(Image.effect_noise((300, 300), 90), "PNG")
    settings.STORAGE_QUOTA_BYTES = 2 * len(small) + 10
    page = client.post("/import/", {"files": [file(large, "large.png"), file(small, "small.png")]}, follow=True)
    assert Sheet.objects.get().source_name == "small.png"
    assert "large.png was not taken in. Your files take" in page.content.decode()


def test_the_import_page_says_how_much_is_used(client: Client, designer: User, settings: Settings) -> None:
    assert "Your files take" not in client.get("/import/").content.decode()
    settings.STORAGE_QUOTA_BYTES = 2**30
    Sheet.objects.filter(pk=make_sheet(designer).pk).update(stored_bytes=3 * 2**20)
    page = client.get("/import/").content.decode()
    assert "Your files take 3.0\xa0MB of 1.0\xa0GB" in page


def test_an_import_is_counted(client: Client, designer: User) -> None:
    data = picture_bytes((300, 200))
    client.post("/import/", {"files": file(data)})
    assert Sheet.objects.get().stored_bytes == len(data)


def test_the_room_that_ordered_sheets_need_stays_free(
    client: Client, designer: User, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "free_bytes", lambda: storage.LEAST_FREE_BYTES + 5)
    answer = client.post("/import/", {"files": file(picture_bytes((300, 200)), "mine.png")})
    assert answer.status_code == 507
    assert (
        "mine.png was not taken in. The studio&#x27;s disk is full. What is left is kept for" in answer.content.decode()
    )
    assert files_on_disk(media) == []

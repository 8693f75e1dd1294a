"""The form that takes in sheets of the designer's own. It checks every file before anything is stored.

A bad file is refused with a message that names it. The good files of the same drop are taken in all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from stickers.pictures import opening

MOST_FILES: Final = 20  # in one request
MOST_DROPPED: Final = 500  # in one drop, which a page sends file by file
LEAST_SIDE_PX: Final = 64  # smaller than any sticker worth cutting
MEGABYTE: Final = 2**20
# How each kind is stored. A phone's JPEG may call itself MPO, because it holds a second picture for 3-D.
_FORMATS: Final = {"PNG": "PNG", "JPEG": "JPEG", "MPO": "JPEG", "WEBP": "WEBP", "AVIF": "PNG"}
# Browsers write these three so in the name of a file that they send (HTML standard, "multipart/form-data encoding").
_ESCAPES: Final = {"%22": '"', "%0D": "\r", "%0A": "\n"}
WANTED: Final = "PNG, JPEG, WebP or AVIF" if opening.OPENS_AVIF else "PNG, JPEG or WebP"


@dataclass(frozen=True, kw_only=True)
class ImportedPicture:
    """A picture that can be stored and segmented: upright, 8 bits, with the bytes that a browser shows."""

    name: str
    data: bytes
    format: str
    width_px: int
    height_px: int


class ImportRefused(ValueError):  # noqa: N818  (reads as a sentence where it is raised)
    """The file can't be taken in. The message says why."""


class ByteCap(FileUploadHandler):
    """Counts the files of a request. Drops what is too many, and each file once it is larger than an import may be."""

    def __init__(self) -> None:
        super().__init__()
        self.files = 0
        self.oversized: list[str] = []  # their names
        self._received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.files += 1
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002  (Django's signature)
        if self.files > MOST_FILES:
            raise SkipFile
        self._received += len(raw_data)
        if self._received > settings.IMPORT_MAX_BYTES:
            self.oversized.append(self.file_name or "")
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002  (Django's signature)
        return None


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """A field of several files. Django's own takes one."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:  # noqa: ARG002  (Django's signature)
        return [file for file in data or [] if file]


class ImportForm(forms.Form):
    files = FilesField(required=False)  # type: ignore[assignment]  # fields leave the class: hides no BaseForm.files

    def __init__(self, *args: Any, cap: ByteCap | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cap = cap or ByteCap()
        self.refusals = [f"{shown(name)} is larger than {most_megabytes()} MB." for name in self._cap.oversized]
        """Why files of this drop were refused. Each message names its file."""

    def clean_files(self) -> list[UploadedFile]:
        """The files, unread. It is an error only when there is none."""
        files: list[UploadedFile] = self.cleaned_data["files"]
        if self._cap.files > MOST_FILES:
            raise forms.ValidationError(f"These are {self._cap.files} files; at most {MOST_FILES} can be sent at once.")
        if not files:
            raise forms.ValidationError(self.refusals or ["Choose at least one picture."])
        return files


def picture(file: UploadedFile) -> ImportedPicture:
    """The file as a picture to store. Raises ImportRefused with a message that names the file.

    The bytes stay as they are if a browser shows them just as the segmentation sees them. Else (turned by EXIF,
    CMYK, a palette, 16 bits, a colour space without a profile, AVIF) they become a plain PNG, so that the outlines lie
    where the picture is and the stickers have its colours.
    """
    name = shown(file.name or "")
    data = file.read()
    if not data:
        raise ImportRefused(f"{name} is empty.")
    if len(data) > settings.IMPORT_MAX_BYTES:
        raise ImportRefused(f"{name} is larger than {most_megabytes()} MB.")
    try:
        header = opening.header(data, max_pixels=most_pixels())
        _check_format(name, header.format)
        _check_size(name, header.width_px, header.height_px)
        image = opening.open_image(data)
    except opening.NoPicture as error:
        what = f"{error.kind}, a kind that cannot be taken in" if error.kind else "not a picture"
        raise ImportRefused(f"{name} is {what}; send {WANTED}.") from error
    except opening.UnreadableImage as error:
        raise ImportRefused(f"{name}: {error}") from error
    picture_format = _FORMATS[header.format]
    if not header.is_plain:
        data, picture_format = opening.plain_png(image), "PNG"
    return ImportedPicture(name=name, data=data, format=picture_format, width_px=image.width, height_px=image.height)


def _check_format(name: str, picture_format: str | None) -> None:
    if picture_format not in _FORMATS:
        raise ImportRefused(f"{name} is a {picture_format}, a kind that cannot be taken in; send {WANTED}.")


def _check_size(name: str, width_px: int, height_px: int) -> None:
    """Refuse a wrong size before anything is decoded: a header of a few bytes can promise gigabytes of pixels."""
    if min(width_px, height_px) < LEAST_SIDE_PX:
        raise ImportRefused(f"{name} is {width_px} × {height_px} pixels; each side needs at least {LEAST_SIDE_PX}.")
    most = most_pixels()
    if width_px * height_px > most:
        allowed = opening.megapixels(most)
        raise ImportRefused(
            f"{name} has {width_px} × {height_px} pixels; at most {allowed} megapixels can be taken in."
        )
    if max(width_px, height_px) > opening.MAX_SIDE_PX:
        raise ImportRefused(
            f"{name} is {width_px} × {height_px} pixels; a side may have at most {opening.MAX_SIDE_PX}."
        )


def shown(name: str) -> str:
    """The file's name as the designer knows it, fit to show and to store: no invisible characters, and not too long."""
    for escape, char in _ESCAPES.items():
        name = name.replace(escape, char)
    clean = "".join(char for char in name if char.isprintable()).strip()
    if len(clean) > 120:
        clean = f"{clean[:80]}…{clean[-30:]}"
    return clean or "The file"


def most_megabytes() -> int:
    return int(settings.IMPORT_MAX_BYTES) // MEGABYTE


def most_pixels() -> int:
    """The most pixels that both the settings and the segmentation allow."""
    return min(int(settings.IMPORT_MAX_PIXELS), opening.MAX_PIXELS)

"""Files: names of hashes and ids, written whole or again."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import SuspiciousFileOperation

from stickers.files import storage


def test_it_works(media: Path) -> None:
    name = storage.generated_sheet(7, 0, b"picture", "JPEG")
    assert storage.put(name, b"picture") == name
    assert storage.get(name) == b"picture"
    assert name.endswith(".jpg")


def test_files_and_folders_are_for_the_studio_alone(media: Path) -> None:
    before = os.umask(0)
    try:
        name = storage.put("imports/a/b/c.png", b"picture")
    finally:
        os.umask(before)
    assert (media / name).stat().st_mode & 0o777 == 0o600
    for folder in ("imports", "imports/a", "imports/a/b"):
        assert (media / folder).stat().st_mode & 0o777 == 0o700


def test_the_same_picture_lands_on_the_same_name(media: Path) -> None:
    assert storage.generated_sheet(7, 1, b"x", "PNG") == storage.generated_sheet(7, 1, b"x", "PNG")
    assert storage.generated_sheet(7, 1, b"x", "PNG") != storage.generated_sheet(7, 1, b"y", "PNG")
    assert storage.imported_sheet(b"x", "PNG") != storage.imported_sheet(b"x", "PNG")


def test_a_file_cut_short_is_written_again(media: Path) -> None:
    name = storage.put("generations/1/0/abc.jpg", b"whole picture")
    (media / name).write_bytes(b"who")
    assert storage.put(name, b"whole picture") == name
    assert storage.get(name) == b"whole picture"
    assert [path.name for path in (media / name).parent.iterdir()] == ["abc.jpg"]


def test_stickers_and_thumbs_lie_beside_their_sheet() -> None:
    sticker = storage.sticker("imports/abc/def.png", 3, b"x")
    assert sticker.startswith("imports/abc/stickers/003-")
    assert storage.thumb(sticker, 256).startswith("imports/abc/stickers/thumbs/003-")


def test_removing_what_is_gone_is_no_matter(media: Path) -> None:
    name = storage.put("imports/a/b.png", b"x")
    storage.remove([name, name, ""])
    assert not (media / name).exists()


def test_no_draft_stays_when_the_disk_is_full(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    storage.put("imports/a/b.png", b"before")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        storage.put("imports/a/b.png", b"after")
    assert [path.name for path in (media / "imports/a").iterdir()] == ["b.png"]
    assert storage.get("imports/a/b.png") == b"before"


def test_a_file_is_flushed_before_it_has_its_name(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[tuple[str, bool]] = []
    flush = os.fsync

    def note(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        flushed.append((path.name, (media / "imports/a/b.png").exists()))
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    storage.put("imports/a/b.png", b"x")
    [(draft, was_there), *folders] = flushed
    assert draft.startswith(".b.png.")
    assert not was_there
    # Then every folder with a new entry, with the file's own name in place.
    assert folders == [("a", True), ("imports", True), ("media", True), (media.parent.name, True)]


def test_two_that_store_the_same_at_once(media: Path) -> None:
    data = os.urandom(200_000)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: storage.put("imports/a/b.png", data), range(40))) == {"imports/a/b.png"}
    assert [path.name for path in (media / "imports/a").iterdir()] == ["b.png"]
    assert storage.get("imports/a/b.png") == data


def test_names_that_lead_elsewhere(media: Path) -> None:
    with pytest.raises(SuspiciousFileOperation):
        storage.put("../secret_key", b"x")


def test_many_at_once(media: Path) -> None:
    files = {f"imports/a/{number}.png": bytes([number]) for number in range(30)}
    storage.put_all(files)
    assert {name: storage.get(name) for name in files} == files


def test_one_of_many_that_fails_is_heard_of(media: Path) -> None:
    with pytest.raises(SuspiciousFileOperation):
        storage.put_all({"imports/a/1.png": b"1", "../2.png": b"2", "imports/a/3.png": b"3"})

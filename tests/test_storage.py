"""Files: names of hashes and ids, written whole or again."""

from __future__ import annotations

from pathlib import Path

from stickers import storage


def test_it_works(media: Path) -> None:
    name = storage.generated_sheet(7, 0, b"picture", "JPEG")
    assert storage.put(name, b"picture") == name
    assert storage.get(name) == b"picture"
    assert name.endswith(".jpg")


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

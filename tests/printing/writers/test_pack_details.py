"""Tests the words of messenger packs: the files that carry them, and words that no messenger takes."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import pytest
from PIL import Image

from stickers.printing.delivery.job import PrintJob
from stickers.printing.errors import OptionsError
from stickers.printing.imposition.layout import Item, Layout, lay_out
from stickers.printing.imposition.pages import PageOptions, parse_page
from stickers.printing.writers.formats import named
from stickers.printing.writers.messengers import MESSENGERS, write_pack
from stickers.printing.writers.pack_details import PackDetails
from tests.support.print_art import die_cuts

DETAILS = PackDetails(title="Space cats", author="Ada", emoji="🐱🚀")


def files(name: str) -> dict[str, bytes]:
    return {file.name: file.data for file in write_pack(die_cuts()[:8], MESSENGERS[name], DETAILS)}


@pytest.mark.parametrize("name", MESSENGERS)
def test_every_pack_names_its_title_author_and_emoji(name: str) -> None:
    made = files(name)
    assert (made["title.txt"], made["author.txt"]) == (b"Space cats\n", b"Ada\n")
    emoji = json.loads(made["emoji.txt"])
    assert len(emoji) == 8
    assert set(emoji.values()) == {"🐱🚀"}
    assert {f"{stem}{MESSENGERS[name].suffix}" for stem in emoji} <= set(made)


def test_whatsapp_s_contents_name_every_picture() -> None:
    made = files("whatsapp")
    [pack] = json.loads(made["contents.json"])["sticker_packs"]
    assert (pack["name"], pack["publisher"], pack["tray_image_file"]) == ("Space cats", "Ada", "tray.png")
    assert pack["tray_image_file"] in made
    assert [sticker["image_file"] for sticker in pack["stickers"]] == [name for name in made if name.endswith(".webp")]
    assert all(sticker["emojis"] == ["🐱", "🚀"] for sticker in pack["stickers"])


@pytest.mark.parametrize(
    ("title", "identifier"), [("Space cats 2", "Space-cats-2"), ("Кот 2", "2"), ("猫", "stickers")]
)
def test_whatsapp_s_identifier_has_plain_letters(title: str, identifier: str) -> None:
    made = write_pack(die_cuts()[:3], MESSENGERS["whatsapp"], replace(DETAILS, title=title))
    [contents] = [file.data for file in made if file.name == "contents.json"]
    [pack] = json.loads(contents)["sticker_packs"]
    assert (pack["name"], pack["identifier"]) == (title, identifier)


def test_the_wastickers_file_holds_the_pack() -> None:
    made = files("whatsapp")
    with zipfile.ZipFile(io.BytesIO(made["Space-cats.wastickers"])) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert archive.read("title.txt") == b"Space cats\n"
        assert archive.read("author.txt") == b"Ada\n"
        assert [name for name in names if name.endswith(".webp")] == [name for name in made if name.endswith(".webp")]
        [cover] = [name for name in names if name.endswith(".png")]
        assert Image.open(io.BytesIO(archive.read(cover))).size == (96, 96)
    assert files("whatsapp")["Space-cats.wastickers"] == made["Space-cats.wastickers"]


def test_signal_s_manifest_names_every_picture() -> None:
    made = files("signal")
    manifest = json.loads(made["manifest.json"])
    assert (manifest["title"], manifest["author"]) == ("Space cats", "Ada")
    assert manifest["cover"]["file"] == "cover.webp"
    assert len(manifest["stickers"]) == 8
    assert {sticker["file"] for sticker in manifest["stickers"]} <= set(made)
    assert {sticker["emoji"] for sticker in manifest["stickers"]} == {"🐱"}


def many(count: int) -> Layout:
    """Stickers of several sizes on several pages, so that the nesting changes their order."""
    stickers = [replace(die_cuts()[number % 8], name=f"cat-{number}") for number in range(count)]
    return lay_out([Item(sticker) for sticker in stickers], PageOptions(size=parse_page("A5")))


def test_a_pack_keeps_the_given_order_whatever_the_pages_hold() -> None:
    layout = many(20)
    assert len(layout.pages) > 1
    made = [file.name for file in named("telegram").files(layout, PrintJob(formats=("telegram",)))]
    assert [name for name in made if name.endswith(".webp")] == [
        f"telegram/{number + 1:02d}-cat-{number}.webp" for number in range(20)
    ]


def test_several_packs_have_folders_titles_and_the_chosen_cover() -> None:
    layout = many(31)
    job = PrintJob(formats=("whatsapp",), stem="cats", pack=replace(DETAILS, cover="cat-3"))
    made = {file.name: file.data for file in named("whatsapp").files(layout, job)}
    assert {name.partition("/")[0] for name in made} == {"whatsapp-1", "whatsapp-2"}
    assert made["whatsapp-2/title.txt"] == b"Space cats 2\n"
    assert made["whatsapp-1/tray.png"] == made["whatsapp-2/tray.png"]
    first = {file.name: file.data for file in named("whatsapp").files(layout, replace(job, pack=DETAILS))}
    assert first["whatsapp-1/tray.png"] != made["whatsapp-1/tray.png"]


def test_a_pack_without_a_title_has_the_job_s_name() -> None:
    job = PrintJob(formats=("imessage",), stem="cats")
    made = {file.name: file.data for file in named("imessage").files(many(2), job)}
    assert made["imessage/title.txt"] == b"cats\n"


@pytest.mark.parametrize(
    "emoji",
    ["🙂", "👩🏽‍🚀", "🇩🇪", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "1️⃣", "❤️", "🐱🚀 🌈"],
)
def test_all_kinds_of_emoji_are_taken(emoji: str) -> None:
    details = PackDetails(emoji=emoji)
    assert "".join(details.each_emoji) == emoji.replace(" ", "")
    assert len(details.each_emoji) == (3 if " " in emoji else 1)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("pack_emoji", {"emoji": ""}),
        ("pack_emoji", {"emoji": "cat"}),
        ("pack_emoji", {"emoji": "🐱 cat"}),
        ("pack_emoji", {"emoji": "🐱🐱🐱🐱"}),
        ("pack_title", {"title": "a" * 129}),
        ("pack_author", {"author": "two\nlines"}),
        ("pack_author", {"author": " "}),
    ],
)
def test_words_that_no_messenger_takes_are_refused(field: str, wrong: dict[str, str]) -> None:
    with pytest.raises(OptionsError) as caught:
        PackDetails(**wrong)
    assert caught.value.field == field

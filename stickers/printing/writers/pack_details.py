"""What a messenger asks of a pack besides its pictures: title, author, emoji, and the files that carry them.

Sources: WhatsApp's sample app (https://github.com/WhatsApp/stickers) for contents.json; sticker-convert
(https://github.com/laggykiller/sticker-convert) for .wastickers, title.txt, author.txt and emoji.txt; the manual of
signal-cli (uploadStickerPack) for manifest.json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, Final

from stickers.printing.errors import OptionsError
from stickers.printing.filenames import safe_name
from stickers.printing.writers.zip_archive import zip_stream

MOST_TEXT: Final = 128  # characters of a title or an author: WhatsApp's limit
MOST_EMOJI: Final = 3  # of a sticker: WhatsApp's limit
DEFAULT_EMOJI: Final = "🙂"
DEFAULT_AUTHOR: Final = "Sticker Studio"

_PICTURE = r"[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]"
_ONE_EMOJI: Final = re.compile(
    r"[\U0001f1e6-\U0001f1ff]{2}"  # a flag
    r"|\U0001f3f4[\U000e0061-\U000e007a]+\U000e007f"  # a flag of a part of a country
    r"|[0-9#*]\ufe0f?\u20e3"  # a keycap
    rf"|{_PICTURE}[\ufe0f\U0001f3fb-\U0001f3ff]*(?:\u200d{_PICTURE}[\ufe0f\U0001f3fb-\U0001f3ff]*)*"
)
_FIXED_DATE: Final = datetime(2024, 1, 1, tzinfo=UTC)  # equal packs give equal files


@dataclass(frozen=True, kw_only=True)
class PackDetails:
    """The words of a pack. Raises OptionsError, at its field, for words that no messenger takes.

    `emoji`: one to three, for each sticker. `cover`: the name of the sticker on the pack's cover; if it is empty, the
    first one. Without a `title` the pack has the job's name.
    """

    title: str = ""
    author: str = DEFAULT_AUTHOR
    emoji: str = DEFAULT_EMOJI
    cover: str = ""

    def __post_init__(self) -> None:
        for field in ("title", "author"):
            text = getattr(self, field)
            if len(text) > MOST_TEXT or not text.isprintable():
                words = f"A pack's {field} has at most {MOST_TEXT} characters, in one line."
                raise OptionsError(f"pack_{field}", words)
        if not self.author.strip():
            raise OptionsError("pack_author", "A pack needs an author.")
        if not 1 <= len(self.each_emoji) <= MOST_EMOJI or _ONE_EMOJI.sub("", self.emoji).strip():
            words = f"A sticker has one to {MOST_EMOJI} emoji, such as {DEFAULT_EMOJI}, and no words."
            raise OptionsError("pack_emoji", words)

    @property
    def each_emoji(self) -> list[str]:
        return _ONE_EMOJI.findall(self.emoji)


def detail_files(
    messenger: str, pictures: Sequence[tuple[str, bytes]], cover: tuple[str, bytes] | None, details: PackDetails
) -> list[tuple[str, bytes]]:
    """The files, name and data each, that carry the details of a pack with these stickers (name and data each)."""
    names = [name for name, _ in pictures]
    words = {"title.txt": f"{details.title}\n", "author.txt": f"{details.author}\n"}
    files = [(name, text.encode()) for name, text in words.items()]
    files.append(("emoji.txt", _json({PurePosixPath(name).stem: details.emoji for name in names})))
    if messenger == "whatsapp" and cover is not None:
        files.append(("contents.json", _json(_contents(names, cover[0], details))))
        stem = safe_name(details.title, "stickers")
        archive = [*files[:2], cover, *pictures]
        files.append((f"{stem}.wastickers", b"".join(zip_stream(archive, made_at=_FIXED_DATE))))
    if messenger == "signal" and cover is not None:
        files.append(("manifest.json", _json(_manifest(names, cover[0], details))))
    return files


def _contents(names: Sequence[str], cover: str, details: PackDetails) -> dict[str, Any]:
    pack = {
        "identifier": re.sub(r"[^A-Za-z0-9]+", "-", details.title).strip("-") or "stickers",  # no other letters allowed
        "name": details.title,
        "publisher": details.author,
        "tray_image_file": cover,
        "image_data_version": "1",
        "avoid_cache": False,
        "publisher_email": "",
        "publisher_website": "",
        "privacy_policy_website": "",
        "license_agreement_website": "",
        "stickers": [{"image_file": name, "emojis": details.each_emoji} for name in names],
    }
    return {"android_play_store_link": "", "ios_app_store_link": "", "sticker_packs": [pack]}


def _manifest(names: Sequence[str], cover: str, details: PackDetails) -> dict[str, Any]:
    emoji = details.each_emoji[0]
    return {
        "title": details.title,
        "author": details.author,
        "cover": {"file": cover, "emoji": emoji},
        "stickers": [{"file": name, "emoji": emoji} for name in names],
    }


def _json(said: dict[str, Any]) -> bytes:
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()

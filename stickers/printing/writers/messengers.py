"""Write sticker packs for messengers: the rules of each as data, files that fit them, and a check of their bytes."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from stickers.printing.artwork.die_cut import DieCut
from stickers.printing.artwork.drawing import draw
from stickers.printing.errors import ArtError, OptionsError
from stickers.printing.filenames import UniqueNames, safe_name
from stickers.printing.writers.pack_details import PackDetails, detail_files

Bytes = npt.NDArray[np.uint8]

_KB: Final = 1024
_WEBP_QUALITIES: Final = (90, 80, 70, 60, 50, 40, 30, 20, 10, 5)
_PNG_COLOURS: Final = (256, 128, 64, 32, 16)


@dataclass(frozen=True, kw_only=True)
class Extra:
    """A picture that comes with the pack, made from the first sticker: its name, exact canvas and most bytes."""

    name: str
    canvas_px: tuple[int, int]
    most_bytes: int
    suffix: str = ".png"


@dataclass(frozen=True, kw_only=True)
class Messenger:
    """The rules of one messenger.

    `canvas_px`: the largest width and height. `exact`: the picture has exactly that canvas. `one_side_full`: one side
    reaches it. `even`: both sides are even. `margin_px`: stays clear around the art. `counts`: the numbers of stickers
    that a pack may hold.
    """

    name: str
    label: str
    canvas_px: tuple[int, int]
    suffix: str
    most_bytes: int
    counts: tuple[int, ...]
    exact: bool = False
    one_side_full: bool = False
    even: bool = False
    margin_px: int = 0
    extras: tuple[Extra, ...] = ()


def _upto(most: int, least: int = 1) -> tuple[int, ...]:
    return tuple(range(least, most + 1))


MESSENGERS: Final[Mapping[str, Messenger]] = MappingProxyType(
    {
        rules.name: rules
        for rules in (
            Messenger(
                name="whatsapp",
                label="WhatsApp",
                canvas_px=(512, 512),
                suffix=".webp",
                most_bytes=100 * _KB - 1,
                counts=_upto(30, 3),
                exact=True,
                margin_px=16,
                extras=(Extra(name="tray", canvas_px=(96, 96), most_bytes=50 * _KB),),
            ),
            Messenger(
                name="telegram",
                label="Telegram",
                canvas_px=(512, 512),
                suffix=".webp",
                most_bytes=512 * _KB - 1,
                counts=_upto(120),
                one_side_full=True,
            ),
            Messenger(
                name="signal",
                label="Signal",
                canvas_px=(512, 512),
                suffix=".webp",
                most_bytes=300 * _KB,
                counts=_upto(200),
                exact=True,
                margin_px=16,
                extras=(Extra(name="cover", canvas_px=(512, 512), most_bytes=300 * _KB, suffix=".webp"),),
            ),
            Messenger(
                name="line",
                label="LINE",
                canvas_px=(370, 320),
                suffix=".png",
                most_bytes=1024 * _KB,
                counts=(8, 16, 24, 32, 40),
                even=True,
                margin_px=10,
                extras=(
                    Extra(name="main", canvas_px=(240, 240), most_bytes=1024 * _KB),
                    Extra(name="tab", canvas_px=(96, 74), most_bytes=1024 * _KB),
                ),
            ),
            Messenger(
                name="imessage",
                label="iMessage",
                canvas_px=(408, 408),
                suffix=".png",
                most_bytes=500 * _KB,
                counts=_upto(200),
                exact=True,
            ),
        )
    }
)


@dataclass(frozen=True, eq=False)
class PackFile:
    """One file of a pack. `sticker` is its index among the pack's stickers; None for an extra picture."""

    name: str
    data: bytes
    sticker: int | None = None


def write_pack(
    stickers: Sequence[DieCut],
    rules: Messenger,
    details: PackDetails = PackDetails(title="Stickers"),  # noqa: B008  (frozen)
    *,
    cover: DieCut | None = None,
) -> list[PackFile]:
    """The files of one pack: the stickers in their order, the pictures of `cover`, and the files with the pack's words.

    `cover` is the first sticker if none is given. All pictures are checked against the rules. Raises OptionsError
    (field `format`) for a number of stickers that one pack cannot hold, and ArtError if a picture cannot be made small
    enough.
    """
    if len(stickers) not in rules.counts:
        raise _wrong_count(len(stickers), rules)
    names = UniqueNames()
    files = []
    for index, sticker in enumerate(stickers):
        name = names.take(f"{index + 1:02d}-{safe_name(sticker.name, 'sticker', max_bytes=40)}", rules.suffix)
        pixels = _on_canvas(sticker, rules.canvas_px, rules.margin_px, exact=rules.exact, even=rules.even)
        files.append(PackFile(name, _small_enough(pixels, rules.suffix, rules.most_bytes, name), index))
    extras = []
    for extra in rules.extras:
        shown = cover or stickers[0]
        pixels = _on_canvas(shown, extra.canvas_px, min(extra.canvas_px) // 24, exact=True, even=False)
        name = names.take(extra.name, extra.suffix)
        extras.append(PackFile(name, _small_enough(pixels, extra.suffix, extra.most_bytes, name)))
    wrong = pack_faults([*files, *extras], rules)
    if wrong:
        raise ArtError(wrong[0])
    pictures = [(file.name, file.data) for file in files]
    first = next(((extra.name, extra.data) for extra in extras), None)
    words = [PackFile(name, data) for name, data in detail_files(rules.name, pictures, first, details)]
    return [*files, *extras, *words]


def split(stickers: Sequence[DieCut], rules: Messenger) -> list[Sequence[DieCut]]:
    """The stickers in as few packs as the messenger's largest allows, of about the same size, in their order.

    Raises OptionsError (field `format`) for a number that no packs can hold.
    """
    check_count(len(stickers), rules)
    step = rules.counts[1] - rules.counts[0]
    packs = math.ceil(len(stickers) / rules.counts[-1])
    units, over = divmod(len(stickers) // step, packs)
    found, at = [], 0
    for number in range(packs):
        size = step * (units + (number < over))
        found.append(stickers[at : at + size])
        at += size
    return found


def check_count(count: int, rules: Messenger) -> None:
    """Raises OptionsError (field `format`) if no packs of `rules` can hold `count` stickers."""
    step = rules.counts[1] - rules.counts[0]
    if count < rules.counts[0] or count % step:
        raise _wrong_count(count, rules)


def _wrong_count(count: int, rules: Messenger) -> OptionsError:
    least, most, step = rules.counts[0], rules.counts[-1], rules.counts[1] - rules.counts[0]
    holds = f"A {rules.label} pack holds {least} to {most} stickers"
    if step == 1:
        return OptionsError("format", f"{holds}, not {count}.")
    change = f"Add {step - count % step}" + (f" or take {count % step} away." if count > least else ".")
    return OptionsError("format", f"{holds} in steps of {step}, not {count}. {change}")


def pack_faults(files: Sequence[PackFile], rules: Messenger) -> list[str]:
    """What the messenger would refuse, read from the files' bytes; empty for a good pack."""
    found = []
    extras = {extra.name + extra.suffix: extra for extra in rules.extras}
    stickers = [file for file in files if file.name not in extras]
    if len(stickers) not in rules.counts:
        found.append(f"{rules.label} does not take {len(stickers)} stickers.")
    found += [f"{name} is missing." for name in extras if name not in {file.name for file in files}]
    for file in files:
        extra = extras.get(file.name)
        most = extra.most_bytes if extra else rules.most_bytes
        if len(file.data) > most:
            found.append(f"{file.name} has {len(file.data)} bytes, more than {most}.")
        with Image.open(io.BytesIO(file.data)) as picture:
            size, kind, mode = picture.size, picture.format, picture.mode
            alpha = np.asarray(picture.convert("RGBA"))[..., 3]
        if f".{(kind or '').lower()}" != (extra.suffix if extra else rules.suffix):
            found.append(f"{file.name} is {kind}.")
        if mode not in {"RGBA", "P"} or not (alpha == 0).any():
            found.append(f"{file.name} has no transparent ground.")
        if extra is None:
            found += [f"{file.name} {words}" for words in _canvas_faults(size, alpha, rules)]
        elif size != extra.canvas_px:
            found.append(f"{file.name} measures {size[0]} × {size[1]} px.")
    return found


def _canvas_faults(size: tuple[int, int], alpha: Bytes, rules: Messenger) -> list[str]:
    found = []
    width, height = size
    most_wide, most_high = rules.canvas_px
    if width > most_wide or height > most_high or (rules.exact and size != rules.canvas_px):
        found.append(f"measures {width} × {height} px.")
    if rules.one_side_full and most_wide not in size:
        found.append(f"has no side of {most_wide} px.")
    if rules.even and (width % 2 or height % 2):
        found.append("has an odd side.")
    margin = rules.margin_px
    if margin:
        rim = alpha.copy()
        rim[margin : height - margin, margin : width - margin] = 0
        # Compression may leave a trace of alpha.
        if rim.max() > 16:
            found.append(f"reaches into the margin of {margin} px.")
    return found


def _on_canvas(sticker: DieCut, canvas_px: tuple[int, int], margin_px: int, *, exact: bool, even: bool) -> Bytes:
    """The whole sticker in the middle of the canvas, as large as it allows: HxWx4 uint8."""
    clear = margin_px + 1  # one pixel more for the soft edge
    room = canvas_px[0] - 2 * clear, canvas_px[1] - 2 * clear
    scale = min(room[0] / sticker.width_mm, room[1] / sticker.height_mm)
    width, height = canvas_px
    if not exact:
        width, height = (
            min(most, max(1, round(side * scale) + 2 * clear))
            for side, most in zip((sticker.width_mm, sticker.height_mm), canvas_px, strict=True)
        )
        if even:
            width, height = width + width % 2, height + height % 2
            width, height = min(width, canvas_px[0]), min(height, canvas_px[1])
    patch = draw(sticker, scale, x_mm=width / 2 / scale, y_mm=height / 2 / scale)
    canvas = np.zeros((height, width, 4), np.uint8)
    canvas[..., :3] = 255
    patch.paste(canvas)
    canvas[canvas[..., 3] == 0, :3] = 255
    return canvas


def _small_enough(pixels: Bytes, suffix: str, most_bytes: int, name: str) -> bytes:
    """The file of the best quality that has at most `most_bytes`."""
    image = Image.fromarray(pixels)
    if suffix == ".webp":
        for quality in _WEBP_QUALITIES:
            data = _saved(image, "WEBP", quality=quality, method=4)
            if len(data) <= most_bytes:
                return data
    else:
        data = _saved(image, "PNG")
        if len(data) <= most_bytes:
            return data
        for colours in _PNG_COLOURS:
            data = _saved(image.quantize(colours, method=Image.Quantize.FASTOCTREE), "PNG", optimize=True)
            if len(data) <= most_bytes:
                return data
    raise ArtError(f"{name} cannot be made smaller than {most_bytes // _KB} KB.")


def _saved(image: Image.Image, kind: str, **how: int | bool) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()

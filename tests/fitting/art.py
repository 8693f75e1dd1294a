"""Fetches openly licensed art and fonts from the package registries, for programs that fit numbers to pictures.

    python -m tests.fitting.art [--folder FOLDER]

Nothing that is fetched enters the repository: only a few numbers that are fitted to it do. The pictures are kept as raw
RGBA, so that a program reads any of them in microseconds. The folder is STUDIO_ART, or one in the user's cache.

Licences: Fluent Emoji, Flat Color Icons and Tabler are MIT, FxEmoji and Noto Emoji are Apache-2.0, the fonts are OFL
1.1 or Apache-2.0 (Roboto). Noto Emoji is never learned from: it is kept for judging what was learned.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

RENDERER = "resvg-cli==0.44.0"  # a program in a wheel: no import, so no dependency of the tests
HELD_OUT_SHARE = 0.12  # of each family's pictures, by the hash of their name


@dataclass(frozen=True)
class Package:
    """An npm package at one version, whose tarball has this SHA-256."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Family:
    """Pictures of one style: at most `most` of the package's, rendered with the longer side at `side` px."""

    package: Package
    side: int
    most: int
    judging: bool = False  # the whole family is kept for judging


FAMILIES = {
    "fluent": Family(
        Package("@iconify-json/fluent-emoji@1.2.7", "8044210dbf11e016d4de85f15d01a243423bd832457e7e2491df1b751c0e272b"),
        512,
        500,
    ),
    "flat": Family(
        Package(
            "@iconify-json/fluent-emoji-flat@1.2.6", "7d064769dee690815f823bc5bcc511d957198caf9f5edd8dd9c1aa48a6aeb175"
        ),
        512,
        450,
    ),
    "fx": Family(
        Package("@iconify-json/fxemoji@1.2.2", "f3e72b3c59d05e1db03b7e308d55c0d05bd7ba3f625a90da1b79313c12858eef"),
        512,
        450,
    ),
    "solid": Family(
        Package("@lobehub/fluent-emoji-3d@1.1.0", "c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58"),
        256,
        600,
    ),
    "icons": Family(
        Package(
            "@iconify-json/flat-color-icons@1.2.3", "d8878a9b0f02d749bc8671eb7d47882eb711185cbcefbb365cbfb488773c4786"
        ),
        256,
        300,
    ),
    "thin": Family(
        Package("@iconify-json/tabler@1.2.41", "3bf99af156d28d05568aff524a35ed1ba238df640a7835a5e02e1f8e439685f6"),
        256,
        500,
    ),
    "noto": Family(
        Package("@iconify-json/noto@1.2.9", "3e918d88fc945c0bb3d468dbace6f88caef67f01c9f0e7bcae0915a042e8f1ad"),
        512,
        500,
        judging=True,
    ),
}
FONTS = {
    "zen-maru-gothic@0.4.1": "4511eb0b11847b3e4a7c9515271f65476f305458ebed04f55470bee92340cdb2",
    "dela-gothic-one@0.4.1": "872442c04c6eb9d1f1c4590ec41c1fa1fee9f3a8c8ac8dcbb8ff01299a10da37",
    "luckiest-guy@0.4.1": "24350178e8f8cc94c0718a433e0703706b37c34962409bc4935c199fef7de24c",
    "bangers@0.4.1": "bedff275786fa86283640c4d3d18dac54afbde90c72bdc8342e5b643ca935553",
    "caveat@0.4.2": "83d530c10d893c03c5d2e2c1a7c52532ffb4de7eb8d8cfcf81bad0dfedfc959f",
    "patrick-hand@0.4.1": "94b76c78752c8c11c36802eeac282c4c467599150800065e426f94e37212b0c5",
    "pacifico@0.4.1": "0db305f7c2a715a876071a53dc42b847e73d5072ca0853e1e4991164ab06d83f",
    "press-start-2p@0.4.1": "d7abf3452a12bc6440800e3df66854beb20e29f732653792e3adfaae992c408c",
    "fredoka-one@0.2.3": "bb802b381bacb8c3f757190efe447cb9cc8cfff80d02686d13e96f390c2cd915",
    "comic-neue@0.4.1": "9069ead52657d6ed80471db53167c73035c3fdf12790c1f596b189436bde41f6",
    "roboto@0.4.3": "d5fabe7f5e706dc3c6b4e39687c5a45f1b25975dd689d8d850a97f41a00fa85f",
}


class NotFetchedError(RuntimeError):
    """The art is not in the folder yet."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"No art in {folder}. Run: python -m tests.fitting.art")


@dataclass(frozen=True)
class Shelf:
    """One family's pictures: (name, offset in `pixels`, height, width) each, straight RGBA, cropped to what is seen."""

    pixels: npt.NDArray[np.uint8]
    index: tuple[tuple[str, int, int, int], ...]

    def __len__(self) -> int:
        return len(self.index)

    def picture(self, number: int) -> npt.NDArray[np.uint8]:
        """One picture: uint8 (height, width, 4), read-only."""
        _, start, height, width = self.index[number]
        return self.pixels[start : start + 4 * height * width].reshape(height, width, 4)


@dataclass(frozen=True)
class Library:
    """All that is fetched: a shelf of pictures for each family, and the files of the fonts."""

    shelves: dict[str, Shelf]
    fonts: tuple[Path, ...]


EMPTY = Library({}, ())


def default_folder() -> Path:
    """Where fetched art is kept: outside every checkout, so that all of them share it."""
    return Path(os.environ.get("STUDIO_ART") or Path.home() / ".cache" / "sticker-studio" / "art")


@cache
def library(*, held_out: bool = False, folder: Path | None = None) -> Library:
    """The art to learn from, or with `held_out` the art to judge by. They share no picture. Raises NotFetchedError."""
    folder = folder or default_folder()
    shelves = {}
    for name, family in FAMILIES.items():
        file = folder / f"{name}.json"
        if not file.exists():
            raise NotFetchedError(folder)
        index = tuple(
            (title, start, height, width)
            for title, start, height, width in json.loads(file.read_text())
            if (family.judging or is_held_out(title)) == held_out
        )
        if index:
            shelves[name] = Shelf(np.memmap(folder / f"{name}.rgba", np.uint8, "r"), index)
    return Library(shelves, tuple(sorted((folder / "fonts").glob("*.ttf"))))


def is_held_out(name: str) -> bool:
    """Whether the picture of this name is kept for judging. The digest's first bytes decide which ones are rendered."""
    return hashlib.sha256(name.encode()).digest()[-1] < 256 * HELD_OUT_SHARE


def fetch(folder: Path) -> None:
    """Download, check, render and store whatever the folder lacks."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {name: family for name, family in FAMILIES.items() if not (folder / f"{name}.json").exists()}
    with tempfile.TemporaryDirectory() as scratch:
        resvg = renderer(folder) if wanted else Path()
        for name, family in wanted.items():
            _say(f"{name}: {family.package.name}")
            files = _unpacked(family.package, Path(scratch))
            _store(folder, name, _pictures(files, family, resvg))
        if not (folder / "fonts").exists():
            fonts = Path(scratch) / "fonts"
            fonts.mkdir()
            for package, digest in FONTS.items():
                _say(f"font: {package}")
                for path, data in _unpacked(Package(f"@expo-google-fonts/{package}", digest), Path(scratch)).items():
                    if path.endswith(("400Regular.ttf", "700Bold.ttf", "900Black.ttf")):
                        (fonts / Path(path).name).write_bytes(data)
            _copied(fonts, folder / "fonts")


def _copied(fonts: Path, folder: Path) -> None:
    halfway = folder.with_name("fonts.part")
    halfway.mkdir(exist_ok=True)
    for font in fonts.iterdir():
        (halfway / font.name).write_bytes(font.read_bytes())
    halfway.rename(folder)  # in one step: a fetch that is cut off leaves no half set of fonts


def renderer(folder: Path) -> Path:
    """The program that renders SVG, installed into `folder` if it isn't there."""
    target = folder / "renderer"
    if not (target / "bin" / "resvg").exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), RENDERER]
        subprocess.run(command, check=True)
    return target / "bin" / "resvg"


def _unpacked(package: Package, scratch: Path) -> dict[str, bytes]:
    """The files of a package's tarball. Raises ValueError if it isn't the one that is pinned."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(scratch), package.name]
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=scratch)
    data = (scratch / said.stdout.split()[-1]).read_bytes()
    if hashlib.sha256(data).hexdigest() != package.sha256:
        raise ValueError(f"{package.name}: the tarball is another one than pinned")
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {entry.name: stream.read() for entry in tar if (stream := tar.extractfile(entry))}


def _pictures(files: dict[str, bytes], family: Family, resvg: Path) -> Iterator[tuple[str, npt.NDArray[np.uint8]]]:
    if "package/icons.json" in files:
        sources = _drawings(json.loads(files["package/icons.json"]))
    else:
        sources = {Path(path).stem: data for path, data in files.items() if path.endswith(".webp")}
    names = sorted(
        (name for name in sources if _is_wanted(name)), key=lambda name: hashlib.sha256(name.encode()).digest()
    )

    def rendered(name: str) -> npt.NDArray[np.uint8]:
        data = sources[name]
        if data[:4] != b"RIFF":
            command = [resvg, "--skip-system-fonts", "--width", str(family.side), "-", "-c"]
            data = subprocess.run(command, check=True, capture_output=True, input=data).stdout
        with Image.open(io.BytesIO(data)) as image:
            return np.asarray(image.convert("RGBA"))

    with ThreadPoolExecutor(2) as pool:
        chosen = names[: family.most]
        yield from zip(chosen, pool.map(rendered, chosen), strict=True)


def drawings(package: Package, folder: Path) -> dict[str, bytes]:
    """All SVG files of a set of icons, by their names, in their order. The tarball is kept in `folder`.

    Raises ValueError if the tarball isn't the one that is pinned.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / (package.name.replace("/", "-").removeprefix("@") + ".json")
    if not kept.exists():
        with tempfile.TemporaryDirectory() as scratch:
            part = kept.with_suffix(".part")
            part.write_bytes(_unpacked(package, Path(scratch))["package/icons.json"])
            part.rename(kept)
    return _drawings(json.loads(kept.read_bytes()))


def _drawings(icons: dict[str, object]) -> dict[str, bytes]:
    """A set of icons as SVG files."""
    side = icons.get("width", 24), icons.get("height", icons.get("width", 24))
    found = {}
    for name, icon in icons["icons"].items():  # type: ignore[attr-defined]
        width, height = icon.get("width", side[0]), icon.get("height", side[1])
        box = f"{icon.get('left', 0)} {icon.get('top', 0)} {width} {height}"
        found[name] = (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{box}"'
            f' width="{width}" height="{height}" color="#000">{icon["body"]}</svg>'
        ).encode()
    return found


def _is_wanted(name: str) -> bool:
    """One of each motif: no skin tones, no flags, no filled twins."""
    parts = name.split("-")
    tones = any(tone in name for tone in ("1f3fb", "1f3fc", "1f3fd", "1f3fe", "1f3ff", "skin-tone"))
    return not (tones or parts[-1] in {"light", "dark", "filled", "off"} or "medium" in parts or "flag" in parts)


def _store(folder: Path, name: str, pictures: Iterator[tuple[str, npt.NDArray[np.uint8]]]) -> None:
    index = []
    start = 0
    halfway = folder / f"{name}.part"
    with halfway.open("wb") as file:
        for title, picture in pictures:
            x, y, width, height = cv2.boundingRect((picture[..., 3] > 8).astype(np.uint8))
            if min(width, height) < 8:
                continue
            file.write(np.ascontiguousarray(picture[y : y + height, x : x + width]).tobytes())
            index.append((title, start, height, width))
            start += 4 * height * width
    halfway.rename(folder / f"{name}.rgba")
    (folder / f"{name}.json").write_text(json.dumps(index))  # last: it says that the shelf is whole


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> int:
    """Fetch what is missing. The exit code is 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=default_folder())
    fetch(parser.parse_args().folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

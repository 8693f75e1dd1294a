"""One studio of the chaos suite with its gated stand-in, and what is read from outside: rows, files, signs of life."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from PIL import Image

from stickers.models import ACTIVE, WorkState
from tests.chaos.disks import DATA, DISK, Disk, Limited, Mounted, mounted
from tests.chaos.gates import DISCS, GatedSandbox
from tests.chaos.grounds import Ground
from tests.support.running_studio import RunningStudio

SUBMIT_SECONDS: Final = 2
# The lease of an order that is being sent, as `submitting.lease` counts it. Nobody may judge the order before it is
# over.
LEASE_SECONDS: Final = 1.2 * (2 * SUBMIT_SECONDS + 2 * SUBMIT_SECONDS) + 1
HELD_SECONDS: Final = 4  # how long the stand-in's rate limit lasts
IN_DOUBT: Final = "may have been made and billed"
FORM: Final = {"add_trigger": "off", "img_width": "512", "img_height": "512"}
FINISH_SECONDS: Final = 60
LOOK_SECONDS: Final = 0.05
READY: Final = {"worker": "This worker is ready.", "scheduler": "The scheduler is ready."}


@dataclass(frozen=True)
class Row:
    """An order as one read of the database finds it."""

    pk: int
    prompt: str
    state: str
    error: str
    request_id: str
    mark: str  # changes with every step of the order

    @property
    def is_active(self) -> bool:
        return self.state in {state.value for state in ACTIVE}


@dataclass(frozen=True)
class Made:
    """The files of a print sheet as one read of the database finds them."""

    state: str
    error: str
    mark: str  # changes with every step


class Studio:
    def __init__(self, running: RunningStudio, ground: Ground, sandbox: GatedSandbox, disk: Disk) -> None:
        self.running = running
        self.ground = ground
        self.sandbox = sandbox
        self.disk = disk

    # --- what a designer does ------------------------------------------------------------------------------------

    def order(self, prompts: list[str]) -> None:
        with self.running.browser() as browser, ThreadPoolExecutor(len(prompts)) as hands:
            answers = list(hands.map(lambda prompt: browser.post("/", data={"prompt": prompt, **FORM}), prompts))
        if any(answer.status_code != httpx.codes.FOUND for answer in answers):
            raise RuntimeError(f"An order was refused: {answers}")

    def export_all(self, prompts: list[str], at_first_byte: Any = None) -> bytes | None:
        """The ZIP of all sheets of these orders; None if it breaks off or is refused."""
        data: dict[str, Any] = {"sheets": self._sheets(prompts), "size": "50", "unit": "mm"}
        data |= {"dpi": "300", "bordered": "on", "border": "2"}
        try:
            with (
                self.running.browser() as browser,
                browser.stream("POST", "/export/", data=data) as answer,
            ):
                if answer.status_code != httpx.codes.OK:
                    return None
                whole = b""
                for piece in answer.iter_raw(512):
                    whole += piece
                    if at_first_byte is not None:
                        at_first_byte()
                        at_first_byte = None
                return whole
        except httpx.HTTPError:
            return None

    def shows_export(self, prompts: list[str]) -> bool:
        """Whether the page that leads to the ZIP is there."""
        with suppress(httpx.HTTPError):
            address = f"{self.running.url}/export/"
            return httpx.get(address, params={"sheets": self._sheets(prompts)}, timeout=5, trust_env=False).is_success
        return False

    def lay_out(self, prompts: list[str]) -> int:
        """Make a print sheet of all stickers of these orders. Returns its id."""
        with self.running.browser() as browser:
            answer = browser.post("/prints/new/", data={"sheets": self._sheets(prompts), "into": "new"})
        return int(answer.headers["location"].strip("/").rpartition("/")[2])

    def order_files(self, print_sheet: int) -> int:
        """Order its files from the worker. Returns their id."""
        with self.running.browser() as browser:
            browser.post(f"/prints/{print_sheet}/export/")
        [(pk,)] = self.ground.rows("SELECT max(id) FROM stickers_export WHERE print_sheet_id = ?", print_sheet)
        return int(pk)

    def _sheets(self, prompts: list[str]) -> str:
        words = ",".join("?" * len(prompts))
        found = self.ground.rows(
            "SELECT s.id FROM stickers_sheet s JOIN stickers_generation g ON g.id = s.generation_id"
            f" WHERE g.prompt IN ({words})",
            *prompts,
        )
        return ",".join(str(pk) for (pk,) in found)

    # --- what is seen beside it ----------------------------------------------------------------------------------

    def rows(self, prompts: list[str]) -> dict[str, Row]:
        words = ",".join("?" * len(prompts))
        found = self.ground.rows(
            "SELECT g.id, g.prompt, g.state, g.error, g.request_id, g.next_at, g.changed_at, g.tries,"
            " c.state, c.next_at, c.tries"
            " FROM stickers_generation g LEFT JOIN stickers_sheet s ON s.generation_id = g.id"
            " LEFT JOIN stickers_segmentation c ON c.sheet_id = s.id"
            f" WHERE g.prompt IN ({words})",
            *prompts,
        )
        return {row[1]: Row(*row[:5], mark=str(row[2:])) for row in found}

    def being_cut(self, prompts: list[str]) -> int:
        words = ",".join("?" * len(prompts))
        [(sheets,)] = self.ground.rows(
            "SELECT count(*) FROM stickers_sheet s JOIN stickers_generation g ON g.id = s.generation_id"
            " JOIN stickers_segmentation c ON c.sheet_id = s.id"
            f" WHERE c.state = 'working' AND c.tries > 0 AND g.prompt IN ({words})",
            *prompts,
        )
        return int(sheets)

    def made(self, pk: int) -> Made:
        [row] = self.ground.rows("SELECT state, error, next_at, tries, progress FROM stickers_export WHERE id = ?", pk)
        return Made(*row[:2], mark=str(row))

    def files_are_whole(self, pk: int, stickers: int) -> bool:
        """Whether every listed file is there in its full size, and the ZIP holds a manifest of all."""
        listed = self.ground.rows("SELECT format, file, size_bytes FROM stickers_exportfile WHERE export_id = ?", pk)
        files = [(kind, self.running.data / "media" / name, size) for kind, name, size in listed]
        if {kind for kind, _, _ in files} != {"pdf", "zip"}:
            return False
        if not all(file.is_file() and file.stat().st_size == size for _, file, size in files):
            return False
        archive = next(file for kind, file, _ in files if kind == "zip")
        with zipfile.ZipFile(archive) as packed:
            manifest = json.loads(packed.read("manifest.json"))
            return packed.testzip() is None and int(manifest["placed"]) == stickers

    def jobs(self) -> Counter[str]:
        return Counter(job.prompt for job in self.sandbox.jobs)

    def posts(self) -> Counter[str]:
        return Counter(post.json["prompt"] for post in self.sandbox.posts())

    def is_whole(self, row: Row) -> bool:
        """Whether an order that is called done has its sheet and all its stickers as readable pictures."""
        sheets = self.ground.rows(
            "SELECT s.id, s.file, c.state FROM stickers_sheet s JOIN stickers_segmentation c ON c.sheet_id = s.id"
            " WHERE s.generation_id = ?",
            row.pk,
        )
        if len(sheets) != 1 or sheets[0][2] != WorkState.DONE.value:
            return False
        stickers = self.ground.rows("SELECT file FROM stickers_sticker WHERE sheet_id = ?", sheets[0][0])
        files = [sheets[0][1], *(name for (name,) in stickers)]
        return len(stickers) == DISCS and all(_is_picture(self.running.data / "media" / name) for name in files)

    def said(self, part: str) -> int:
        """How often this part has said that it is ready."""
        return self.running.log.count(READY[part])

    def answers(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.running.url}/healthz", timeout=1, trust_env=False).is_success
        return False


def zip_is_whole(data: bytes, stickers: int, folder: Path) -> bool:
    file = folder / "export.zip"
    file.write_bytes(data)
    try:
        with zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if name.endswith(".png")]
            return archive.testzip() is None and len(names) >= stickers
    except zipfile.BadZipFile:
        return False
    finally:
        file.unlink()


def _is_picture(file: Path) -> bool:
    try:
        with Image.open(file) as image:
            image.load()
    except (OSError, SyntaxError, ValueError):
        return False
    return True


@contextmanager
def studio(folder: Path, kind: type[Ground]) -> Iterator[Studio]:
    """A studio, started and ready on its ground. Its data lie on a disk that can be filled."""
    with ExitStack() as stack:
        is_mounted = stack.enter_context(mounted(folder / DISK))
        sandbox = stack.enter_context(GatedSandbox(reset_seconds=HELD_SECONDS))
        ground = stack.enter_context(kind.laid(folder))
        running = RunningStudio(
            folder / DATA,
            SEGMIND_BASE_URL=sandbox.url,
            SEGMIND_SUBMIT_SECONDS=str(SUBMIT_SECONDS),
            SEGMIND_READ_SECONDS="5",
            **ground.environment,
        )
        running.log_file = folder / "studio.log"  # not on the disk that fills up
        stack.enter_context(running)
        disk: Disk = Mounted(folder / DISK) if is_mounted else Limited(running.pids)
        yield Studio(running, ground, sandbox, disk)

"""Each file of `tests/support/corpus.py` goes through the import page: refused in clear words or imported rightly.

The outcome of each file is a table in `test-results/uploads.md`.
"""

from __future__ import annotations

import html
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings

from stickers.files import storage
from stickers.models import Sheet
from tests.support.corpus import CORPUS, SIZE, Upload

ROOT = Path(__file__).parents[2]
MOST_MEGABYTES = 600


@pytest.fixture
def drafts(settings: Settings, tmp_path: Path) -> Path:
    """Where Django puts a large upload while it arrives."""
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    return tmp_path / "uploads"


def sent(client: Client, upload: Upload) -> Any:
    return client.post(
        "/import/", {"files": SimpleUploadedFile(upload.name, upload.make(), content_type=upload.content_type)}
    )


def words(page: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def test_there_are_enough() -> None:
    assert len({upload.title for upload in CORPUS}) == len(CORPUS) >= 60


@pytest.mark.parametrize("upload", CORPUS, ids=lambda upload: upload.title)
@pytest.mark.usefixtures("designer")
def test_refused_or_right(
    upload: Upload, client: Client, media: Path, drafts: Path, record_property: Callable[[str, object], None]
) -> None:
    response = sent(client, upload)
    assert not list(drafts.iterdir())
    stored = [path for path in media.rglob("*") if path.is_file()]
    if upload.refusal:
        assert response.status_code == 422
        said = re.search(rf"[^.!]*(?:{upload.refusal})[^.!]*[.!]", words(response.content.decode()))
        assert said, words(response.content.decode())
        assert stored == []
        assert not Sheet.objects.exists()
        record_property("uploads", [upload.title, "refused", said[0].strip()[-160:]])
        return
    assert response.status_code == 302, words(response.content.decode())
    sheet = Sheet.objects.get()
    assert [str(path.relative_to(media)) for path in stored] == [sheet.file.name]
    assert re.fullmatch(r"imports/[0-9a-f]{32}/[0-9a-f]{16}\.(png|jpg|webp)", sheet.file.name or "")
    assert all(char.isprintable() for char in sheet.source_name)
    check_picture(sheet, upload)
    served = client.get(f"/sheets/{sheet.pk}/file/")
    assert served["Content-Type"] == f"image/{sheet.format.lower()}"
    assert served["X-Content-Type-Options"] == "nosniff"
    served.close()
    record_property("uploads", [upload.title, "taken in", f"{sheet.format}, {sheet.width_px} × {sheet.height_px}"])


def check_picture(sheet: Sheet, upload: Upload) -> None:
    """What the browser will show: upright, 8 bit, and of the right colours."""
    with Image.open(io.BytesIO(storage.get(sheet.file.name or ""))) as image:
        assert image.format == sheet.format
        assert image.mode in {"RGB", "RGBA", "L"}
        assert image.getexif().get(0x0112, 1) in {1, 99}
        assert image.size == (sheet.width_px, sheet.height_px) == SIZE
        seen = image.convert("RGB")
    width, height = SIZE
    for number, colour in enumerate(upload.colours):
        x, y = width // 4 + number % 2 * width // 2, height // 4 + number // 2 * height // 2
        got = seen.getpixel((x, y))
        assert isinstance(got, tuple)
        assert max(abs(a - b) for a, b in zip(got, colour, strict=True)) <= 12, (number, got, colour)


MEASURE = """
import json, re
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
from django.test import Client
from tests.support.corpus import CORPUS
from tests.views.test_uploads import sent
call_command("migrate", verbosity=0)
client = Client(SERVER_NAME="localhost")
codes = [sent(client, upload).status_code for upload in CORPUS]
# not getrusage: its peak begins with that of the process which this one was forked from
peak_kb = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
print(json.dumps({"codes": codes, "peak_mb": peak_kb / 1024}))
"""


@pytest.mark.thorough
def test_memory_is_bounded(record_property: Callable[[str, object], None]) -> None:
    """All of them, one after another, in a process of its own. Its peak is what the worst file takes."""
    with tempfile.TemporaryDirectory() as folder:
        variables = {"STUDIO_DATA": folder, "DJANGO_SETTINGS_MODULE": "stickers.settings", "PATH": os.environ["PATH"]}
        done = subprocess.run(
            [sys.executable, "-c", MEASURE], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert set(said["codes"]) == {302, 422}
    assert said["peak_mb"] < MOST_MEGABYTES
    record_property("uploads", [f"all {len(CORPUS)}, one after another", "memory", f"peak {said['peak_mb']:.0f} MB"])

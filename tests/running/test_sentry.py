"""Faults reported to Sentry: none unless the operator names one, and then without what people wrote."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROMPT = "an otter nobody may know of"
FAULT = f"""
import django
django.setup()
from django.test import Client
from stickers.models import Generation
from stickers.views import studio

def broken(self, *, prompt, **_):
    raise RuntimeError("value too long\\nDETAIL: Failing row contains (" + prompt + ")")

type(Generation.objects).order = broken
client = Client(raise_request_exception=False, headers={{"Host": "localhost"}})
client.cookies["sessionid"] = "a-cookie-of-mine"
order = {{"prompt": "{PROMPT}", "img_width": 512, "img_height": 512}}
answer = client.post("/?from=&prompt={PROMPT.replace(" ", "+")}", order)
assert answer.status_code == 500, answer.status_code
import sentry_sdk
sentry_sdk.flush(10)
"""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """Receives what Sentry's client sends: an address, and the received bodies."""
    came: list[bytes] = []

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Taker) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://public@127.0.0.1:{server.server_port}/1", came
        server.shutdown()


def run(tmp_path: Path, code: str, **variables: str) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "stickers.settings", "STUDIO_DATA": str(tmp_path)} | variables
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, env=environment, check=True, timeout=120)


def test_a_fault_is_told_without_what_people_wrote(
    tmp_path: Path, tables: Path, collector: tuple[str, list[bytes]]
) -> None:
    address, came = collector
    shutil.copyfile(tables, tmp_path / "studio.sqlite3")
    run(tmp_path, FAULT, SENTRY_DSN=address, SEGMIND_API_KEY="SG_0123456789", SEGMIND_BASE_URL="http://127.0.0.1:9")
    told = b"\n".join(came)
    events = [json.loads(line) for line in told.splitlines() if b'"exception"' in line]
    [raised] = [value for event in events for value in event["exception"]["values"]]
    assert (raised["type"], raised["value"]) == ("RuntimeError", "value too long")
    assert any(frame["module"] == "stickers.views.studio" for frame in raised["stacktrace"]["frames"])
    for secret in (PROMPT, "otter", "a-cookie-of-mine", "SG_0123456789"):
        assert secret.encode() not in told


def test_unset_it_is_not_even_loaded(tmp_path: Path) -> None:
    run(tmp_path, "import django, sys; django.setup(); sys.exit('sentry_sdk' in sys.modules)", SENTRY_DSN="")

"""nginx with `deploy/nginx.conf` before a studio, or before whatever stands in for one."""

from __future__ import annotations

import getpass
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from tests.support.running_studio import ROOT, free_port, until

PATIENCE_SECONDS: Final = 180
BODIES: Final = "body"  # the folder, in that of the proxy, where it stores bodies on their way
_FRONT: Final = """daemon off; user {user}; pid {folder}/pid; error_log {folder}/error.log; events {{}}
http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{site} }}"""


@contextmanager
def before(port: int, *, folder: Path, checkout: Path = ROOT) -> Iterator[int]:
    """nginx with the checkout's own file, but without a certificate, which is not here. Gives its port."""
    front = free_port()
    site = (checkout / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    site = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", site, flags=re.DOTALL)
    site = re.sub(r" *ssl_\w+ .*;\n| *listen \[.*;\n", "", site)
    site = site.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{front};")
    site = site.replace("server 127.0.0.1:8000;", f"server 127.0.0.1:{port};").replace(
        "Host $host;", "Host $http_host;"
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(_FRONT.format(folder=folder, site=site, user=getpass.getuser()), encoding="utf-8")
    with subprocess.Popen(["nginx", "-c", str(configuration)]) as server:
        try:
            until(lambda: _answers(front), seconds=PATIENCE_SECONDS, what="nginx to answer")
            yield front
        finally:
            server.terminate()


def _answers(port: int) -> bool:
    """Whether nginx passes on what the server behind it says."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=20, trust_env=False).is_success
    except httpx.TransportError:
        return False

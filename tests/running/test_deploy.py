"""What people copy from docs/operate.md: well-formed, and in step with the settings."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from stickers import settings
from stickers.running import runner
from tests.house.test_documents import OPERATE, settings_read

DEPLOY = Path(__file__).parents[2] / "deploy"
UNIT = DEPLOY / "sticker-studio@.service"


def unit() -> dict[str, dict[str, list[str]]]:
    """A unit's settings: by section and name, all values of a name."""
    values: dict[str, dict[str, list[str]]] = {}
    section = ""
    for line in UNIT.read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
            values[section] = {}
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            values[section].setdefault(name, []).append(value)
    return values


def variables() -> dict[str, str]:
    lines = (DEPLOY / "sticker-studio.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_operate_names_every_file() -> None:
    for path in DEPLOY.iterdir():
        assert f"deploy/{path.name}" in OPERATE, path


def test_the_unit() -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.read(UNIT)
    assert parser.sections() == ["Unit", "Service", "Install"]
    service = unit()["Service"]
    assert service["ExecStart"] == [f"{service['WorkingDirectory'][0]}/.venv/bin/python -m stickers.running.runner"]
    assert "PARTS=%i" in service["Environment"]
    assert service["KillMode"] == ["mixed"]
    named = {setting.partition("=")[0] for setting in service["Environment"]}
    assert named <= settings_read()
    assert {"sandbox", *re.findall(r"sticker-studio@(\w+)", UNIT.read_text())} == set(settings.ALL_PARTS)


def test_the_unit_kills_nothing_that_the_runner_waits_for() -> None:
    [seconds] = unit()["Service"]["TimeoutStopSec"]
    assert int(seconds) > runner._worker().grace_seconds + 8  # and then the stand-in's


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    verifier = shutil.which("systemd-analyze")
    if verifier is None:
        pytest.skip("No systemd here; the unit's form is tested above.")
    # The user, the folder and the interpreter that it names do not exist here.
    text = UNIT.read_text().replace("/opt/sticker-studio/.venv/bin/python", "/bin/sh")
    text = text.replace("User=sticker-studio\n", "").replace("WorkingDirectory=/opt/sticker-studio\n", "")
    copy = tmp_path / "sticker-studio@web.service"
    copy.write_text(text)
    run = subprocess.run([verifier, "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False)
    assert copy.name not in run.stderr, run.stderr


def test_manage_runs_as_the_services_do(tmp_path: Path) -> None:
    recorder = tmp_path / "systemd-run"
    recorder.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\nexit 3\n')
    recorder.chmod(0o755)
    command = [DEPLOY / "manage", "backup", "--out", "a file.tar"]
    run = subprocess.run(
        command, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 3, run.stderr
    given = run.stdout.splitlines()
    service = unit()["Service"]
    [python, *_] = service["ExecStart"][0].split()
    assert given[-5:] == [python, "manage.py", "backup", "--out", "a file.tar"]
    [data] = [setting for setting in service["Environment"] if setting.startswith("STUDIO_DATA=")]
    assert {
        f"--uid={service['User'][0]}",
        f"--working-directory={service['WorkingDirectory'][0]}",
        f"--setenv={data}",
        *(
            f"--property={name}={service[name][0]}"
            for name in ("EnvironmentFile", "StateDirectory", "StateDirectoryMode", "UMask")
        ),
    } <= set(given)


def test_the_environment() -> None:
    assert set(variables()) <= settings_read()
    assert variables()["CSRF_TRUSTED_ORIGINS"] == f"https://{variables()['ALLOWED_HOSTS']}"
    assert (DEPLOY / "sticker-studio.env").read_text().count("SG_") == 1, "a real key?"
    assert not variables()["SECRET_KEY"], "one that everybody can read signs nothing"
    assert "TRUSTED_PROXIES=1" in (DEPLOY / "sticker-studio.env").read_text(), "nginx stands before it"


def test_the_proxy() -> None:
    text = re.sub(r"#.*", "", (DEPLOY / "nginx.conf").read_text())
    assert text.count("{") == text.count("}")
    for line in filter(None, map(str.strip, text.splitlines())):
        assert line[-1] in ";{}", line
    assert f"server_name {variables()['ALLOWED_HOSTS']};" in text
    # What the studio relies on: the scheme that it trusts, the name that it checks, figures that are not public.
    assert "proxy_buffering off" not in text, "slow readers would reach the studio"
    for needed in ("X-Forwarded-Proto $scheme", "Host $host", "X-Forwarded-For $remote_addr", "location = /metrics"):
        assert needed in text
    [of_all, of_imports, of_the_question] = (
        int(megabytes) * 2**20 for megabytes in re.findall(r"client_max_body_size (\d+)m", text)
    )
    assert of_all == settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert of_imports >= settings.IMPORT_BODY_MAX_BYTES
    assert of_the_question == of_imports, "nginx measures the body of the request that asks"


def test_nginx_takes_the_proxy(tmp_path: Path) -> None:
    nginx = shutil.which("nginx")
    if nginx is None:
        pytest.skip("No nginx here; the file's form is tested above.")
    # The certificate is not here.
    site = re.sub(r" ssl http2;", ";", re.sub(r" *ssl_certificate\w* .*;\n", "", (DEPLOY / "nginx.conf").read_text()))
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {site} }}")
    run = subprocess.run([nginx, "-t", "-c", str(whole)], capture_output=True, text=True, check=False)
    assert "syntax is ok" in run.stderr, run.stderr

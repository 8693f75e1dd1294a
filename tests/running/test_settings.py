"""The settings run with nothing set, follow the environment, and refuse what would open the studio to strangers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SHOW = """
import json, sys
from stickers import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""


def load(data: Path, *names: str, **variables: str) -> dict[str, Any]:
    """The named settings, read in a process of their own."""
    environment = {"PATH": os.environ["PATH"], "STUDIO_DATA": str(data), **variables}
    command = [sys.executable, "-c", SHOW, *names]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(run.stderr.strip().splitlines()[-1])
    shown: dict[str, Any] = json.loads(run.stdout)
    return shown


def test_it_works_with_nothing_set(tmp_path: Path) -> None:
    shown = load(
        tmp_path / "data",
        *("DEBUG", "SEGMIND_BASE_URL", "SANDBOX_IN_USE", "SANDBOX_IS_OURS", "CELERY_BROKER_URL", "STUDIO_ACCOUNTS"),
        *("PORT", "STUDIO_HOST", "ALLOWED_HOSTS"),
    )
    assert shown == {
        "DEBUG": False,
        "SEGMIND_BASE_URL": "http://127.0.0.1:18000",
        "SANDBOX_IN_USE": True,
        "SANDBOX_IS_OURS": True,
        "CELERY_BROKER_URL": f"embedded://{tmp_path}/data/broker.sqlite3",
        "STUDIO_ACCOUNTS": False,
        "PORT": 8000,
        "STUDIO_HOST": "127.0.0.1",
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
    }


def test_reading_the_settings_makes_nothing(tmp_path: Path) -> None:
    key = load(tmp_path / "data", "SECRET_KEY")["SECRET_KEY"]
    assert len(key) >= 50
    assert list(tmp_path.iterdir()) == []


def test_the_kept_key_is_the_secret_key(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("a key that was kept")
    assert load(tmp_path, "SECRET_KEY") == {"SECRET_KEY": "a key that was kept"}


def test_with_a_key_of_ones_own(tmp_path: Path) -> None:
    names = ("SEGMIND_BASE_URL", "SANDBOX_IN_USE", "SANDBOX_IS_OURS")
    shown = load(tmp_path, *names, SEGMIND_API_KEY="SG_mine")
    assert shown == {
        "SEGMIND_BASE_URL": "https://api.segmind.com",
        "SANDBOX_IN_USE": False,
        "SANDBOX_IS_OURS": False,
    }


def test_somebody_elses_stand_in_is_not_started(tmp_path: Path) -> None:
    shown = load(tmp_path, "SANDBOX_IN_USE", "SANDBOX_IS_OURS", SEGMIND_BASE_URL="http://127.0.0.1:9")
    assert shown == {"SANDBOX_IN_USE": True, "SANDBOX_IS_OURS": False}


@pytest.mark.parametrize(("written", "port"), [("23456", 23456), ("", 18000), ("nonsense", 18000), ("70000", 18000)])
def test_stand_in_comes_back_at_its_last_port(tmp_path: Path, written: str, port: int) -> None:
    (tmp_path / "sandbox_port").write_text(written)
    assert load(tmp_path, "SANDBOX_PORT") == {"SANDBOX_PORT": port}


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"PORT": "0"}, "PORT must be from 1 to 65535"),
        ({"SEGMIND_BASE_URL": "api.segmind.com"}, "SEGMIND_BASE_URL must begin with"),
        ({"DATABASE_URL": "mysql://db/rows"}, "DATABASE_URL must begin with"),
        ({"CELERY_BROKER_URL": "host"}, "CELERY_BROKER_URL must begin with redis://"),
        ({"PARTS": "web,cook"}, "PARTS must hold some of"),
        ({"S3_BUCKET": "b", "S3_ACCESS_KEY_ID": "k"}, "S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY belong together"),
        ({"S3_BUCKET": "b", "S3_ENDPOINT_URL": "minio:9000"}, "S3_ENDPOINT_URL must begin with"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be one of"),
        ({"DEBUG": "perhaps"}, "DEBUG must be yes or no"),
        ({"STUDIO_URL": "studio.example"}, "STUDIO_URL must begin with"),
        ({"STUDIO_URL": "https://studio.example/here"}, "STUDIO_URL must be an address without a path"),
        (
            {"SECRET_KEY": "a-long-random-text-the-same-on-every-machine"},
            "SECRET_KEY is the one that everybody can read",
        ),
        ({"TIME_ZONE": "Mars"}, "TIME_ZONE must be a time zone"),
        ({"TIME_ZONE": "Europe"}, "TIME_ZONE must be a time zone"),
        ({"TIME_ZONE": "../etc"}, "TIME_ZONE must be a time zone"),
    ],
)
def test_refusals(tmp_path: Path, variables: dict[str, str], message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        load(tmp_path, "DEBUG", **variables)


def test_settings_that_open_the_studio_are_refused_all_at_once(tmp_path: Path) -> None:
    """`tests/running/test_exposure.py` has them one by one."""
    opened = {"ALLOWED_HOSTS": "*", "STUDIO_HOST": "192.0.2.1", "METRICS_TOKEN": "short"}
    with pytest.raises(RuntimeError, match=r"STUDIO_HOST=.*ALLOWED_HOSTS=\*.*METRICS_TOKEN needs"):
        load(tmp_path, "DEBUG", **opened)


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({}, ""),
        ({"CSRF_TRUSTED_ORIGINS": "https://other.example,https://studio.example"}, "https://studio.example"),
        ({"STUDIO_URL": "https://studio.example/"}, "https://studio.example"),
    ],
)
def test_where_the_studio_is(tmp_path: Path, variables: dict[str, str], url: str) -> None:
    accounts = {"STUDIO_ACCOUNTS": "1", "ALLOWED_HOSTS": "studio.example"}
    assert load(tmp_path, "STUDIO_URL", **accounts, **variables) == {"STUDIO_URL": url}


def test_links_to_a_new_password_work_for_an_hour(tmp_path: Path) -> None:
    assert load(tmp_path, "PASSWORD_RESET_TIMEOUT") == {"PASSWORD_RESET_TIMEOUT": 3600}


def test_without_accounts_there_is_nobody_to_mail(tmp_path: Path) -> None:
    assert load(tmp_path, "MAIL_IS_SET_UP", EMAIL_HOST="mail.example") == {"MAIL_IS_SET_UP": False}


def test_open_to_others_with_accounts(tmp_path: Path) -> None:
    shown = load(tmp_path, "STUDIO_HOST", STUDIO_HOST="192.0.2.1", STUDIO_ACCOUNTS="1", ALLOWED_HOSTS="studio.example")
    assert shown == {"STUDIO_HOST": "192.0.2.1"}


def test_pictures_in_a_bucket(tmp_path: Path) -> None:
    names = ("STORAGES", "CONTENT_SECURITY_POLICY", "S3_ENDPOINT_URL")
    shown = load(tmp_path, *names, S3_BUCKET="stickers", S3_REGION="eu-central-1")
    assert shown["STORAGES"]["default"]["BACKEND"] == "stickers.files.s3.Bucket"
    assert shown["S3_ENDPOINT_URL"] == "https://s3.eu-central-1.amazonaws.com"
    assert shown["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["img-src"][-1] == shown["S3_ENDPOINT_URL"]
    # An endpoint without a bucket opens nothing.
    shown = load(tmp_path, *names, S3_ENDPOINT_URL="https://s3.example")
    assert shown["STORAGES"]["default"]["BACKEND"] == "stickers.files.disk.Disk"
    assert "https://s3.example" not in shown["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["img-src"]


@pytest.mark.parametrize(("accounts", "bytes_each"), [("0", 0), ("1", 20 * 2**30)])
def test_a_quota_is_for_designers_who_share_a_disk(tmp_path: Path, accounts: str, bytes_each: int) -> None:
    shown = load(tmp_path, "STORAGE_QUOTA_BYTES", STUDIO_ACCOUNTS=accounts)
    assert shown == {"STORAGE_QUOTA_BYTES": bytes_each}


@pytest.mark.parametrize("command", [("manage.py", "check"), ("-m", "stickers.running.runner")])
def test_a_refusal_is_in_words_and_no_traceback(tmp_path: Path, command: tuple[str, ...]) -> None:
    environment = {"PATH": os.environ["PATH"], "STUDIO_DATA": str(tmp_path), "HTTPS_ONLY": "1"}
    run = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    [line] = run.stderr.splitlines()
    assert line.startswith("HTTPS_ONLY=1 needs STUDIO_ACCOUNTS=1")


def test_a_web_server_without_the_runner_refuses_too(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "STUDIO_DATA": str(tmp_path), "HTTPS_ONLY": "1"}
    command = [sys.executable, "-c", "import stickers.wsgi"]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "HTTPS_ONLY=1 needs STUDIO_ACCOUNTS=1" in run.stderr.splitlines()[-1]

"""What machines ask: whether the studio lives, whether it can work, and its figures."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from stickers.messaging.app import app
from stickers.models import Export, Heartbeat, Nesting, PrintSheet, State, WorkState
from stickers.monitoring.metrics import VALUES_BYTES
from stickers.tasks import tick
from stickers.views import monitoring
from tests.chaos.disks import Mounted, mounted
from tests.support.rows import make_generation, make_sheet

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _fresh() -> None:
    monitoring._checked.cache_clear()


def figures(client: Client, **headers: str) -> dict[str, float]:
    """Each sample by its name and labels, as Prometheus's own parser reads them."""
    response = client.get("/metrics", headers=headers)
    assert response.status_code == 200
    families = text_string_to_metric_families(response.content.decode())
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in families
        for sample in family.samples
    }


def test_it_lives(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("accounts", [True, False])
def test_it_lives_without_a_database(client: Client, settings: Settings, accounts: bool) -> None:
    settings.STUDIO_ACCOUNTS = accounts
    with connection.execute_wrapper(lambda *_: pytest.fail("It asked the database.")):
        assert client.get("/healthz").status_code == 200


def test_it_is_ready(client: Client) -> None:
    Heartbeat.objects.beat(Heartbeat.SCHEDULER)
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "checks": {"database": "ok", "broker": "ok", "storage": "ok", "scheduler": "ok"},
    }


def refusal(client: Client, what: str) -> str:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["ready"] is False
    said: str = response.json()["checks"][what]
    return said


def test_no_tick_yet(client: Client) -> None:
    assert refusal(client, "scheduler") == "It has not ticked yet."


def test_no_tick_for_long(client: Client) -> None:
    Heartbeat.objects.create(name=Heartbeat.SCHEDULER, at=timezone.now() - timedelta(minutes=5))
    assert refusal(client, "scheduler") == "Its last tick was taken 300 s ago."


def test_no_broker(client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for address in (f"embedded://{tmp_path}", "redis://127.0.0.1:9/0", "amqp://127.0.0.1:9//"):
        monitoring._checked.cache_clear()
        monkeypatch.setattr(app.conf, "broker_write_url", address)
        assert refusal(client, "broker") == "It does not answer."


def test_no_space_for_pictures(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stickers.files.disk.LEAST_FREE_BYTES", 1 << 80)
    assert "full" in refusal(client, "storage")


def test_no_database(client: Client) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("gone: password=secret")

    with connection.execute_wrapper(lambda *_: refuse()):
        response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["database"] == "It does not answer."
    assert b"secret" not in response.content


def test_everybody_may_ask_but_the_engines_are_asked_once_a_second(client: Client, settings: Settings) -> None:
    settings.STUDIO_ACCOUNTS = True
    client.get("/readyz")
    client.get("/readyz")
    assert monitoring._checked.cache_info().hits + monitoring._checked.cache_info().misses == 2


def test_the_scheduler_leaves_a_trace_with_its_tick() -> None:
    tick()
    first = Heartbeat.objects.get(name=Heartbeat.SCHEDULER).at
    tick()
    assert Heartbeat.objects.get(name=Heartbeat.SCHEDULER).at == first, "not every tick is worth a write"
    Heartbeat.objects.update(at=first + timedelta(hours=1))  # the clock was set back
    tick()
    assert Heartbeat.objects.get(name=Heartbeat.SCHEDULER).at < first + timedelta(minutes=1)


def test_figures(client: Client, designer: User) -> None:
    now = timezone.now()
    make_generation(designer, state=State.CREATED, request_id="", created_at=now - timedelta(seconds=90), next_at=now)
    make_generation(designer, state=State.UNKNOWN, request_id="", submitted_at=now)
    make_sheet(designer, stickers=2, generation=make_generation(designer, submitted_at=now))
    make_sheet(designer, stickers=0, is_imported=True, state=WorkState.FAILED)
    client.get("/healthz")
    found = figures(client)
    assert found["studio_generations created"] == found["studio_generations unknown"] == 1
    assert found["studio_generations done"] == 1
    assert found["studio_generations expired"] == 0
    assert found["studio_generation_oldest_seconds created"] == pytest.approx(90, abs=60)
    assert found["studio_generations_due"] == 1
    assert found["studio_posts"] == 2
    assert found["studio_failures unknown"] == 1
    assert found["studio_sheets cut"] == found["studio_sheets failed"] == 1
    assert found["studio_stickers"] == 2
    assert found["studio_broker_messages"] >= 0
    assert found["studio_request_seconds_count GET 200 healthz"] >= 1
    assert "studio_scheduler_tick_age_seconds" not in found
    Heartbeat.objects.beat(Heartbeat.SCHEDULER)
    assert 0 <= figures(client)["studio_scheduler_tick_age_seconds"] < 60


def test_figures_of_exports_and_layouts(client: Client, designer: User) -> None:
    none = figures(client)
    assert none["studio_exports queued"] == none["studio_layouts failed"] == none["studio_export_oldest_seconds"] == 0
    old = timezone.now() - timedelta(seconds=90)
    print_sheet = PrintSheet.objects.create(owner=designer)
    for number, state in enumerate((WorkState.QUEUED, WorkState.WORKING, WorkState.FAILED, WorkState.DONE)):
        Export.objects.create(
            print_sheet=print_sheet, state=state, plan={}, profile={}, folder=str(number), created_at=old
        )
    Nesting.objects.create(print_sheet=print_sheet, state=WorkState.FAILED, created_at=old)
    found = figures(client)
    assert found["studio_exports queued"] == found["studio_exports working"] == found["studio_exports failed"] == 1
    assert found["studio_export_oldest_seconds"] == pytest.approx(90, abs=60)
    assert found["studio_layouts failed"] == 1
    assert found["studio_layouts queued"] == found["studio_layout_oldest_seconds"] == 0


def test_figures_without_a_broker(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.conf, "broker_write_url", "redis://127.0.0.1:9/0")
    assert "studio_broker_messages" not in figures(client)


def test_figures_are_for_this_machine(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-Proto",  # the one that docs/operate.md asks for
        *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "Forwarded", "X-Real-IP", "Via", "X-Request-ID"),
    ],
)
def test_figures_are_for_nobody_behind_a_proxy_on_this_machine(client: Client, header: str) -> None:
    assert client.get("/metrics", headers={header: "whatever"}).status_code == 404


def test_figures_for_whoever_has_the_token(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "let me see"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer let me sée"}).status_code == 404
    answer = client.get("/metrics", REMOTE_ADDR="192.0.2.7", headers={"Authorization": "Bearer let me see"})
    assert answer.status_code == 200


def test_a_request_has_one_name_in_all_logs(client: Client) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "proxy-4711"})["X-Request-ID"] == "proxy-4711"
    for nonsense in ("short", "x" * 65, "a b c d e f g", 'quo"te-quote'):
        assert len(client.get("/healthz", headers={"X-Request-ID": nonsense})["X-Request-ID"]) == 32


_TWO_PROCESSES = """
import django, os
django.setup()
from stickers.monitoring.metrics import observe_request
observe_request("studio", "GET", 200, 0.1)
if os.fork() == 0:
    observe_request("studio", "GET", 200, 0.1)
    os._exit(0)
os.wait()
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
registry = CollectorRegistry()
MultiProcessCollector(registry)
print(generate_latest(registry).decode())
"""
COUNT = 'studio_request_seconds_count{method="GET",status="200",view="studio"}'


def counted(code: str, folder: Path) -> str:
    """What a process says that counts its requests in files there."""
    environment = os.environ | {
        "PROMETHEUS_MULTIPROC_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "stickers.settings",
        "STUDIO_DATA": str(folder.parent / "data"),
    }
    command = [sys.executable, "-W", "ignore", "-c", code]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def test_processes_count_together(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    assert f"{COUNT} 2.0" in counted(_TWO_PROCESSES, folder)
    for file in folder.iterdir():  # without holes, into which no full disk lets anybody write
        assert file.stat().st_blocks * 512 >= file.stat().st_size == VALUES_BYTES


def test_a_full_disk_ends_no_process(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with mounted(disk) as is_mounted:
        if not is_mounted:
            pytest.skip("No file system can be mounted here to be filled.")
        (disk / "metrics").mkdir()
        Mounted(disk).fill()
        assert counted(_TWO_PROCESSES, disk / "metrics") == "\n"
        assert list((disk / "metrics").iterdir()) == []
        Mounted(disk).empty()
        assert f"{COUNT} 2.0" in counted(_TWO_PROCESSES, disk / "metrics")


def test_what_is_not_counted_for_want_of_room_is_counted_later(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    code = _TWO_PROCESSES.replace("if os.fork", f"os.mkdir({str(folder)!r})\nif os.fork")
    assert f"{COUNT} 1.0" in counted(code, folder)

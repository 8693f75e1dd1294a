"""What all tests share: a data folder of their own, a database in a file, the stand-in, a worker and a browser.

The order matters: the environment is set before anything reads the settings, so that no test touches `data/`.
"""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Thousands of tests are collected, and nothing of that is garbage. It is enabled again when that is done.
gc.disable()

DATA = Path(tempfile.mkdtemp(prefix="sticker-studio-tests-"))
atexit.register(shutil.rmtree, DATA, ignore_errors=True)

for name in (
    *("SEGMIND_API_KEY", "SEGMIND_BASE_URL", "CELERY_BROKER_URL", "STUDIO_ACCOUNTS", "ALLOWED_HOSTS", "PORT", "PARTS"),
    *("DATABASE_URL", "S3_BUCKET", "STUDIO_MODELS", "STUDIO_ICC", "STUDIO_CMYK", "SEGMIND_API_KEY_FILE"),
):
    os.environ.pop(name, None)
if "TEST_DATABASE_URL" in os.environ:  # `make test-engines` runs part of these tests on PostgreSQL
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
os.environ["STUDIO_DATA"] = str(DATA)
os.environ["DJANGO_SETTINGS_MODULE"] = "stickers.settings"
# Playwright's synchronous interface keeps an event loop running in the test's own thread.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
# A suite that a shell starts in the background inherits that Ctrl-C is ignored, and so would the studios of its tests.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

import django  # noqa: E402

django.setup()
django.conf.settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a real one takes 0.5 s
# Each test client loads the middleware again. This spares it a walk through all static files, 50 ms of CPU.
django.conf.settings.WHITENOISE_AUTOREFRESH = True
os.fsync = lambda _: None  # nothing that a test writes has to survive a power cut

import pytest  # noqa: E402
from celery.contrib.testing.worker import start_worker  # noqa: E402
from celery.worker import state as worker_state  # noqa: E402
from django.conf import settings as django_settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402
from hypothesis import HealthCheck  # noqa: E402
from hypothesis import settings as hypothesis_settings  # noqa: E402
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright  # noqa: E402
from pytest_django import DjangoDbBlocker, Settings  # noqa: E402

from stickers import tasks  # noqa: E402
from stickers.accounts.current_user import the_designer  # noqa: E402
from stickers.messaging.app import app  # noqa: E402
from stickers.sandbox.server import Sandbox  # noqa: E402
from tests.support import chromium  # noqa: E402
from tests.support.jobs import stand_in  # noqa: E402
from tests.support.once import file_made_once  # noqa: E402
from tests.support.report import pytest_terminal_summary  # noqa: E402

__all__ = ["pytest_terminal_summary"]

# A busy machine is no failure. In CI the examples are always the same: new ones belong on a developer's desk.
hypothesis_settings.register_profile(
    "studio", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("studio")

# Parallel runs start their workers from here. With this name they would load the settings before the lines above have
# run there, and would share this process's data folder instead of having one each.
del os.environ["DJANGO_SETTINGS_MODULE"]


def wait_until(condition: Callable[[], object], *, seconds: float = 60, message: str = "") -> Any:
    """The first true answer of `condition`. The test fails if none comes within `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.02)
    pytest.fail(message or f"Waited {seconds} s in vain.")


def is_sqlite() -> bool:
    return bool(connections["default"].settings_dict["ENGINE"] == "django.db.backends.sqlite3")


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """A migrated SQLite file lies ready. It is deleted with the data folder."""
    return is_sqlite()


@pytest.fixture(scope="session")
def tables(django_db_blocker: DjangoDbBlocker) -> Path:
    """An SQLite file with all tables and no rows, migrated once in a run: over a copy a studio starts sooner."""
    connection = connections["default"]

    def migrate(path: Path) -> None:
        usual = connection.settings_dict["NAME"]
        with django_db_blocker.unblock():
            connection.settings_dict["NAME"] = str(path)
            call_command("migrate", verbosity=0)
            connection.close()
        connection.settings_dict["NAME"] = usual

    return file_made_once("studio.sqlite3", migrate)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, request: pytest.FixtureRequest
) -> None:
    """A database in a file: one in memory, shared by the threads of server and worker, is always "locked"."""
    if not is_sqlite():
        return
    connection = connections["default"]
    # Nothing here has to survive a power cut, and flushing to disk is most of what such a test costs.
    options = connection.settings_dict["OPTIONS"]
    options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    database = DATA / "test.sqlite3"
    shutil.copyfile(request.getfixturevalue("tables"), database)
    connection.settings_dict["TEST"]["NAME"] = connection.settings_dict["NAME"] = str(database)


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    """The folder of this test's own pictures."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def designer(db: None) -> User:
    """The one designer of a studio without accounts. The test client is signed in as this designer."""
    return the_designer()


@pytest.fixture
def other_designer(db: None) -> User:
    return User.objects.create_user("other", password="other designer's password")


@pytest.fixture
def member(client: Client, db: None) -> User:
    """A person in a studio with accounts. The test client is signed in as this person."""
    member = User.objects.create(username="member")
    client.force_login(member)
    return member


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each hint that would go to the workers. No broker is needed."""
    sent: list[str] = []
    monkeypatch.setattr(tasks, "hint", lambda: sent.append("hint"))
    return sent


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A stand-in of this test's own, fast enough to wait for."""
    with stand_in() as running:
        yield running


@pytest.fixture
def studio_settings(settings: Settings, sandbox: Sandbox) -> Settings:
    """The studio's settings, pointing at this test's stand-in."""
    settings.SEGMIND_API_KEY = ""
    settings.SEGMIND_BASE_URL = sandbox.url
    return settings


@pytest.fixture
def impatient(studio_settings: Settings) -> None:
    """The studio waits a second for an answer, so that a test of a silent service takes no longer."""
    studio_settings.SEGMIND_SUBMIT_SECONDS = 1
    studio_settings.SEGMIND_READ_SECONDS = 1


@pytest.fixture(scope="session")
def _running_worker(django_db_setup: None) -> Iterator[None]:
    # One worker for the whole run, because its end takes seconds.
    with start_worker(app, pool="threads", concurrency=8, perform_ping_check=False, loglevel="ERROR"):
        yield


class Ticker(threading.Thread):
    """The scheduler's part: the reconcile tick, without a process of its own."""

    def __init__(self, seconds: float) -> None:
        super().__init__(name="ticker", daemon=True)
        self.seconds = seconds
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(self.seconds):
            app.send_task("stickers.tasks.reconcile", expires=2)


@pytest.fixture
def resting_worker(_running_worker: None, transactional_db: None, studio_settings: Settings) -> Iterator[None]:
    """A real worker over the test's rows and stand-in, without a tick. It is idle again before the rows are deleted."""
    yield
    tasks.alarm.set(None)
    app.control.purge()
    wait_until(lambda: not worker_state.active_requests, seconds=40, message="The worker never became idle.")
    tasks.alarm.set(None)  # the last round has set it again


@pytest.fixture
def worker(resting_worker: None) -> Iterator[None]:
    """The worker, with a tick that is faster than the studio's."""
    ticker = Ticker(0.2)
    ticker.start()
    yield
    ticker.stopping.set()
    ticker.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium from the system's packages. Without it the tests that need it are skipped; in CI they fail."""
    executable = chromium.executable()
    if executable is None:
        reason = f"No browser: none of {', '.join(chromium.NAMES)} is installed and none could be."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=chromium.FLAGS)
        yield running
        running.close()


BROWSER_PATIENCE_MS = 60_000  # a busy machine is no failure
expect.set_options(timeout=BROWSER_PATIENCE_MS)
NO_COMPLAINTS = (
    "status of 409",  # a change that was made on an older version; the page asks what to do
    "status of 422",  # a refused form, which Chromium reports as an error of the page; the test itself checks that
    "ERR_INTERNET_DISCONNECTED",  # a test that takes the network away
    "status of 507",  # a full disk, likewise
    "htmx:sendAbort",  # a page that is left cancels the request under way
    "htmx:afterRequest",  # comes before each of htmx's own complaints, which say more
)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh browser page. Any complaint on its console, such as a blocked script, fails the test."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in NO_COMPLAINTS):
            complaints.append(message.text)

    with browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True) as context:
        context.set_default_timeout(BROWSER_PATIENCE_MS)
        opened = context.new_page()
        opened.on("console", listen)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
    assert complaints == []


@pytest.hookimpl(optionalhook=True)  # without xdist there is nobody to ask
def pytest_xdist_auto_num_workers() -> int:
    """Two workers for each core: many tests wait, for a service that hangs, a process that starts or a browser."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_finish() -> None:
    # What is loaded now stays to the end. The garbage collector need not walk through it again and again.
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_sessionstart() -> None:
    assert str(django_settings.DATA_DIR) == str(DATA.resolve()), "A test run must not touch the studio's own data."

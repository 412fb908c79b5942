"""What every test may ask for: a real broker and cache, a real worker, a browser, the shared data."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.utils import translation

from ems_supply.broker import BrokerAddress, server_command, wait_for

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("EMS_SHARED") or ROOT.parent / "shared")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, and count as left out, what this run cannot do, or would only repeat: races on SQLite, what asks no
    database on PostgreSQL, tests of data that is not here."""
    is_sqlite = "sqlite3" in settings.DATABASES["default"]["ENGINE"]
    elsewhere = "postgres" if is_sqlite else "embedded"
    left_out = [
        item
        for item in items
        if item.get_closest_marker(elsewhere)
        or ("shared" in getattr(item, "fixturenames", ()) and not SHARED.is_dir())
        or not (is_sqlite or _asks_the_database(item))
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _asks_the_database(item: pytest.Item) -> bool:
    marks = ("django_db", "postgres", "broker")
    return any(map(item.get_closest_marker, marks)) or not {"db", "transactional_db"}.isdisjoint(
        getattr(item, "fixturenames", ())
    )


def pytest_report_header() -> list[str]:
    database = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    shared = "found" if SHARED.is_dir() else "absent: tests of it are left out"
    return [f"database: {database}, broker: {settings.BROKER.server.partition(':')[0]}, shared data: {shared}"]


@pytest.fixture(scope="session", autouse=True)
def flush_of_append_only_tables() -> Iterator[None]:
    """Tests with real transactions leave rows behind, which the runner removes past the triggers."""
    from django.test import TransactionTestCase

    from tests.append_only import lifted

    flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # private, and not in the stubs

    def teardown(case: TransactionTestCase) -> None:
        with lifted():
            flush(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project: stations, calls, packs."""
    return SHARED / "data"


@pytest.fixture(scope="session", autouse=True)
def broker() -> Iterator[BrokerAddress]:
    """A real server for messages and cache, for as long as this process of pytest lives."""
    address: BrokerAddress = settings.BROKER
    if not address.server.startswith("unix:"):
        yield address
        return
    socket = Path(address.server.removeprefix("unix://"))
    socket.parent.mkdir(mode=0o700)
    log = socket.parent / "broker.log"
    with log.open("wb") as output:
        server = subprocess.Popen(server_command(socket, socket.parent), stdout=output, stderr=output)
    try:
        wait_for(address, server, log)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=10)
        shutil.rmtree(socket.parent, ignore_errors=True)


@pytest.fixture(autouse=True)
def no_language_stays() -> Iterator[None]:
    """Django lets the language of the last request stand until the next; a test that asks for none speaks English."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def empty_broker(broker: BrokerAddress) -> Iterator[None]:
    """No message and no cached value is handed from one test to the next."""
    import redis

    yield
    for address in (broker, broker.cache):
        with redis.from_url(address.url) as client:
            client.flushdb()


def test_database_url() -> str:
    """The database of this pytest process, as another process must write it."""
    from django.db import connection

    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{Path(str(database['NAME'])).resolve()}"
    login = ":".join(quote(part, safe="") for part in (database["USER"], database["PASSWORD"]) if part)
    return f"postgresql://{login}@/{database['NAME']}?host={quote(database['HOST'])}&port={database['PORT'] or 5432}"


test_database_url.__test__ = False  # type: ignore[attr-defined]


class Worker:
    """A real Celery worker in processes of its own, on this test's database and broker."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.log = folder / "worker.log"
        own = {
            "DATABASE_URL": test_database_url(),
            "DJANGO_SETTINGS_MODULE": "ems_supply.settings",
            "EMS_LOG_LEVEL": "INFO",
        }
        self.environment = os.environ | own | environment
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return once it takes tasks."""
        command = [sys.executable, "-m", "celery", "-A", "ems_supply", "worker", "--concurrency", "1", "-n", "test@%h"]
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
        before = self.log.read_text().count("ready.") if self.log.exists() else 0
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=output, stderr=output, start_new_session=True
            )
        wait_until(lambda: self.log.read_text().count("ready.") > before, "the worker to start", log=self.log)

    def kill(self) -> None:
        """``kill -9`` for the worker and all its children, as when a machine loses power."""
        self._signal(9)

    def stop(self) -> None:
        """Let it finish what it does, then end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self._signal(9)

    def _signal(self, number: int) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, number)
        self.process.wait(timeout=10)


def wait_until(is_true: Callable[[], Any], what: str, *, seconds: float = 30, log: Path | None = None) -> None:
    """Poll until something is true; fail naming it, with the end of a log."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            tail = log.read_text()[-3000:] if log is not None and log.exists() else ""
            pytest.fail(f"waited {seconds} s for {what}\n{tail}")
        time.sleep(0.05)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def celery_worker(transactional_db: None, tmp_path: Path) -> Iterator[Worker]:
    """A started worker. Tests that kill it may start it again; it always ends with the test."""
    worker = Worker(tmp_path, EMS_TASK_SECONDS="4")
    try:
        worker.start()
        yield worker
    finally:
        worker.stop()


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless browser that talks to nobody but the test's own server."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, launched(playwright.chromium) as browser:
        yield browser


@contextmanager
def launched(kind: Any, *more: str) -> Iterator[Any]:
    """The same of a Playwright that runs already, which allows no second; ``more`` are arguments of Chromium."""
    arguments = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    arguments += more
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    installed = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    browser = kind.launch(executable_path=installed, args=arguments)
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


# A page that is drawn before its scripts have come hears no press, so hands wait until it is all there.
HANDS_WAIT = """
const still = new CSSStyleSheet();
still.replaceSync("* { pointer-events: none !important }");
document.adoptedStyleSheets.push(still);
addEventListener("load", () => document.adoptedStyleSheets.splice(document.adoptedStyleSheets.indexOf(still), 1));
"""


@pytest.fixture
def new_page(browser: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """Open a page of somebody: ``new_page(width=360, height=740)``. Script and policy errors fail the test."""
    contexts: list[Any] = []
    errors: list[str] = []

    def open_page(*, width: int = 1440, height: int = 900, dark: bool = False, at: str = "") -> Any:
        context = browser.new_context(
            base_url=at or live_server.url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            has_touch=width < 600,
        )
        context.set_default_timeout(30_000)
        context.add_init_script(HANDS_WAIT)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def browser_page(new_page: Callable[..., Any]) -> Any:
    """One page at a desk's size."""
    return new_page()

"""What the tests stand on: a database of their own each, the application, people signed in, a real server, a browser.

`pytest` runs everything on SQLite; `pytest --database=postgresql` runs the tests that touch the database again,
on a PostgreSQL of their own. The tables are made once by the migrations, each test gets a cheap copy.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from hall import database as hall_database
from hall.accounts import actions as accounts
from hall.accounts.records import Person
from hall.accounts.rules import Role, SessionKind
from hall.database import Database
from hall.sealing import Keys, read_keys, write_key_file
from hall.sessions import COOKIE
from hall.settings import HOUSE, Settings
from tests.postgresql import Cluster, free_port, running_cluster

HALL_CODE = "BJ"
PASSWORD = "correct horse battery staple"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SERVER_SECONDS = 60
POLL_SECONDS = 0.05
FOREIGN_SETTINGS = ("HALL_", "DATABASE_URL")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="where the tests keep their tables; with postgresql only the tests that touch them run",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only_on(database): the test is about one kind of database")
    # The settings of the hall that happens to run on this machine are none of the tests' business.
    for name in [name for name in os.environ if name.startswith(FOREIGN_SETTINGS)]:
        del os.environ[name]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what says nothing new on the chosen database."""
    kind = config.getoption("--database")
    kept = [item for item in items if _belongs_to(kind, item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def _belongs_to(kind: str, item: pytest.Item) -> bool:
    marker = item.get_closest_marker("only_on")
    if marker is not None:
        return bool(marker.args[0] == kind)
    return kind == "sqlite" or "template_database" in getattr(item, "fixturenames", ())


# The database


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The master key of all tests of this run."""
    path = tmp_path_factory.mktemp("keys") / "master.key"
    write_key_file(path)
    return path


@pytest.fixture(scope="session")
def keys(key_file: Path) -> Keys:
    """The keys of all tests of this run."""
    return read_keys(key_file)


class Copies(Protocol):
    """A place that gives each test a database of its own."""

    def copy(self, folder: Path) -> str:
        """Return the URL of a fresh copy of the tables; `folder` is the test's own."""
        ...


@dataclass
class SqliteCopies:
    """Copies of one file, closed and without write-ahead log."""

    template: Path

    def copy(self, folder: Path) -> str:
        path = folder / "database" / "hall.db"
        path.parent.mkdir(parents=True)
        shutil.copyfile(self.template, path)
        return f"sqlite:///{path}"


@dataclass
class PostgresqlCopies:
    """Databases made with the first one as template; they go with their cluster, since each drop costs a checkpoint."""

    cluster: Cluster
    template: str

    def copy(self, folder: Path) -> str:
        return self.cluster.create_database(self.template)


@pytest.fixture(scope="session")
def postgresql(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A throw-away PostgreSQL cluster."""
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def template_database(request: pytest.FixtureRequest, keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """The tables of the hall, made once by the migrations; ask for `database_url` or `database` instead."""
    if request.config.getoption("--database") == "postgresql":
        cluster = request.getfixturevalue("postgresql")
        url = cluster.create_database()
        _migrate(url, keys)
        return PostgresqlCopies(cluster, url)
    path = tmp_path_factory.mktemp("template") / "hall.db"
    _migrate(f"sqlite:///{path}", keys)
    assert not path.with_name("hall.db-wal").exists(), "the template was not written back from its log"
    return SqliteCopies(path)


def _migrate(url: str, keys: Keys) -> None:
    database = open_database(url, keys)
    hall_database.upgrade(database)
    database.close()


def open_database(url: str, keys: Keys) -> Database:
    """Open a database as the hall does; close it afterwards."""
    return Database(Settings(database_url=url).database_address, keys, hall=HALL_CODE, busy_seconds=5.0)


@pytest.fixture
def database_url(template_database: Copies, tmp_path: Path) -> str:
    """The URL of an empty database with all tables, for this test alone."""
    return template_database.copy(tmp_path / "instance")


@pytest.fixture
def database(database_url: str, keys: Keys) -> Iterator[Database]:
    """An empty database with all tables, open, for this test alone."""
    database = open_database(database_url, keys)
    yield database
    database.close()


@pytest.fixture
def now() -> datetime:
    """A Tuesday morning in the hall: 10:00 in Beijing."""
    return datetime(2026, 3, 3, 2, 0, tzinfo=UTC)


# The application


@pytest.fixture
def settings(database_url: str, key_file: Path, tmp_path: Path) -> Settings:
    """The settings of a hall whose data lies in the test's own folder."""
    return Settings(
        code=HALL_CODE,
        data_folder=tmp_path / "instance",
        key_file=key_file,
        database_url=database_url,
        jobs="off",
        mail_url="",
    )


@pytest.fixture(scope="session")
def press_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the handbooks of this run are kept, by content: all processes of the run share it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "handbooks"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def kept_handbooks(settings: Settings, press_folder: Path) -> None:
    """A hall that finds the handbooks of other tests printed already."""
    settings.handbook_folder.parent.mkdir(parents=True, exist_ok=True)
    settings.handbook_folder.symlink_to(press_folder)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application, as the server runs it."""
    # Imported here by name: a test of pure rules does not wait for the whole hall, nor fail with it.
    app: Flask = import_module("hall.app").create_app(settings)
    app.testing = True
    yield app
    app.extensions["hall_orders"].close()
    app.extensions["hall_printing"].shutdown()
    app.extensions["hall_database"].close()


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Take the place of pytest-flask's fixture of this name.

    It holds one request open around each test; all requests of the test would then share `g`, and with it the
    first one's language and person.
    """


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that has not been here before."""
    return app.test_client()


class SignIn(Protocol):
    """Opens an account and returns a browser that is signed in to it."""

    def __call__(self, *roles: Role, window: str = "", counter: str = "", email: str = "") -> FlaskClient: ...


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """`sign_in(Role.CLERK, window="eu")` opens an account and returns a browser that is signed in to it.

    The address is the first role's name @hall.example unless given; the password is `PASSWORD`.
    """

    def enter(*roles: Role, window: str = "", counter: str = "", email: str = "") -> FlaskClient:
        moment = datetime.now(UTC)
        database: Database = app.extensions["hall_database"]
        with database.work() as session:
            person: Person = accounts.open_account(
                session,
                email=email or f"{roles[0]}@hall.example",
                name=str(roles[0]).replace("_", " ").title(),
                password=PASSWORD,
                grants=[(role, window if role is Role.CLERK else "") for role in roles],
                counter=counter,
                now=moment,
            )
            token = accounts.begin_session(session, SessionKind.PERSON, now=moment, data={}, person_id=person.id)
        client = app.test_client()
        client.set_cookie(COOKIE, token)
        return client

    return enter


@pytest.fixture
def clerk(sign_in: SignIn) -> FlaskClient:
    """The browser of a clerk at the window for Europe, counter 1."""
    return sign_in(Role.CLERK, window="eu", counter="1")


@pytest.fixture
def triager(sign_in: SignIn) -> FlaskClient:
    """The browser of a triager."""
    return sign_in(Role.TRIAGER)


@pytest.fixture
def conflict_officer(sign_in: SignIn) -> FlaskClient:
    """The browser of a conflict officer."""
    return sign_in(Role.CONFLICT_OFFICER)


@pytest.fixture
def supervisor(sign_in: SignIn) -> FlaskClient:
    """The browser of a supervisor."""
    return sign_in(Role.SUPERVISOR)


@pytest.fixture
def administrator(sign_in: SignIn) -> FlaskClient:
    """The browser of an administrator."""
    return sign_in(Role.ADMINISTRATOR)


@pytest.fixture
def advisor(sign_in: SignIn) -> FlaskClient:
    """The browser of an advisor of the panel."""
    return sign_in(Role.ADVISOR)


@pytest.fixture
def provider(sign_in: SignIn) -> FlaskClient:
    """The browser of a provider."""
    return sign_in(Role.PROVIDER)


# A real server


@dataclass
class Server:
    """A server process of the hall, started by the command that starts it in production."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    def url(self, path: str = "") -> str:
        """Return a whole address on this server."""
        return self.address + path

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the server and wait for it."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(SERVER_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment that gives a process these settings."""
    said = {f"HALL_{name.upper()}": _spelled(value) for name, value in settings.model_dump().items()}
    return dict(os.environ) | said


def _spelled(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


class StartServer(Protocol):
    """Starts a server of the hall on the test's database."""

    def __call__(self, *, workers: int = 1, prefix: Sequence[str] = ()) -> Server: ...


@pytest.fixture
def start_server(settings: Settings, tmp_path: Path) -> Iterator[StartServer]:
    """`start_server(workers=2)` starts a real server on the test's database and waits until it answers.

    `prefix` is put before the command (strace, faketime …).
    """
    with ExitStack() as stack:
        count = 0

        def start(*, workers: int = 1, prefix: Sequence[str] = ()) -> Server:
            nonlocal count
            count += 1
            server = _launch(settings, workers, prefix, tmp_path / f"server-{count}.log")
            stack.callback(server.stop)
            await_answer(server)
            return server

        yield start


def _launch(settings: Settings, workers: int, prefix: Sequence[str], log: Path) -> Server:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    own = settings.model_copy(update={"listen_port": port, "server_workers": workers, "public_address": address})
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "flask", "hall", "serve"],
            cwd=HOUSE,
            env=environment_of(own),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    return Server(address, process, log)


def await_answer(server: Server) -> None:
    patience = time.monotonic() + SERVER_SECONDS
    while not _is_listening(server.address):
        try:
            server.process.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            if time.monotonic() < patience:
                continue
        pytest.fail(f"the server did not come up:\n{server.log.read_text()}")


def _is_listening(address: str) -> bool:
    try:
        with urlopen(f"{address}/healthz"):
            return True
    except HTTPError as unwell:
        unwell.close()
        return True  # unwell, but there: what it answers is the test's business
    except (URLError, ConnectionError):
        return False


@pytest.fixture
def live_server(start_server: StartServer) -> Server:
    """A real server with one process on the test's database (in the place of pytest-flask's)."""
    return start_server()


# A real browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as the system has it."""
    program = next((path for path in map(shutil.which, CHROMIUM) if path), None)
    if program is None:
        pytest.fail("no Chromium on PATH (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def new_context(browser: Browser, live_server: Server) -> Iterator[Callable[..., BrowserContext]]:
    """`new_context(viewport=…)` is one more visitor's browser on the test's server, with nothing in it yet.

    The test fails when any page breaks its content security policy or a script of ours throws.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None,
        )

    def new(**settings: Any) -> BrowserContext:
        context = browser.new_context(base_url=live_server.address, **settings)
        context.on("page", watch)
        contexts.append(context)
        return context

    yield new
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """A page of a fresh browser; `page.goto("/en/")` goes to the test's server."""
    return new_context().new_page()

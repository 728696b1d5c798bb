"""What every test stands on: no network, two databases, and nothing skipped in silence."""

import gc
import ipaddress
import os
import shutil
import socket
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import hypothesis
import pytest
from playwright.sync_api import Playwright, expect, sync_playwright

from tests import compiled, database

CI = os.environ.get("HELPLINE_CI", "") not in {"", "0"}
THOROUGH = os.environ.get("HELPLINE_THOROUGH", "") not in {"", "0"}
FEW_VARIANTS = tuple(
    f"tests/{folder}/"
    for folder in ("accounts", "callbacks", "carrier", "cli", "demo", "pages", "privacy", "scenarios", "shifts")
)
FEW = 2
LATER_ON_POSTGRESQL = tuple(
    f"tests/{file}.py"
    for file in (
        "callbacks/test_use_cases",
        "figures/test_pool",
        "store/test_around",
        "store/test_erasures",
        "store/test_live",
    )
)
"""Plain statements, a test for each: PostgreSQL's turn comes in `make check`, that of the races beside them at once."""
BUSY_BROWSER = 20_000
"""Milliseconds until a page must say what it is expected to: a busy machine is no fault of the page."""
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")

SERVERS = pytest.StashKey[database.Servers]()
ALIVE = pytest.StashKey[int]()

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
Result = TypeVar("Result")

hypothesis.settings.register_profile("quick", max_examples=25, deadline=None, derandomize=CI)
hypothesis.settings.register_profile("thorough", max_examples=500, deadline=None, derandomize=CI)
hypothesis.settings.load_profile("thorough" if THOROUGH else "quick")


# --- The run: one folder for database servers, made here and handed to pytest-xdist's workers.


def pytest_configure(config: pytest.Config) -> None:
    """Makes the servers' folder in the process that was started by a person, and finds it in a worker."""
    compiled.share()
    worker_input: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker_input is not None:
        config.stash[SERVERS] = database.Servers(Path(worker_input["servers"]))
        return
    servers = database.Servers(Path(tempfile.mkdtemp(prefix="helpline-tests-")))
    servers.folder.chmod(0o711)  # root's servers run as nobody and must get through to their own folders
    os.mkfifo(servers.alive, 0o600)
    config.stash[SERVERS] = servers
    config.stash[ALIVE] = os.open(servers.alive, os.O_RDWR)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - xdist has no public type for it
    """Tells a worker where the servers' folder is."""
    node.workerinput["servers"] = str(node.config.stash[SERVERS].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stops the servers, once every worker is done."""
    if ALIVE in config.stash:
        config.stash[SERVERS].end()
        os.close(config.stash[ALIVE])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks tests by what they ask for, before `-m` selects."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "chromium_path" in fixtures:
            item.add_marker("browser")
        if "postgres_server" in fixtures or "postgres_url" in fixtures:
            item.add_marker("postgres")
        if item.nodeid.startswith(LATER_ON_POSTGRESQL) and "[postgresql" in item.nodeid:
            item.add_marker("slow")
    _keep_few(items)


def _keep_few(items: Iterable[pytest.Item]) -> None:
    """Where each variant of a test takes a service of its own, `make test` runs the first two, `make check` all."""
    seen: Counter[str] = Counter()
    for item in items:
        name, _, variant = item.nodeid.partition("[")
        if variant and name.startswith(FEW_VARIANTS) and item.get_closest_marker("slow") is None:
            seen[name] += 1
            if seen[name] > FEW:
                item.add_marker("slow")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """What a closed browser leaves to the garbage collector is complained of here, and not in the middle of a test.

    Playwright's tasks log an error when they are collected; a scenario that runs then would be blamed for it.
    """
    yield
    if item.get_closest_marker("browser") and not (nextitem and nextitem.get_closest_marker("browser")):
        gc.collect()


# --- Skips: said aloud with their remedy, and failures where HELPLINE_CI is set.


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test failed."""
    return _failed_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """In CI a skipped module failed."""
    return _failed_if_skipped((yield))


def _failed_if_skipped(report: Report) -> Report:
    if CI and report.skipped and not hasattr(report, "wasxfail"):
        report.longrepr = f"skipped, which CI doesn't allow: {_reason(report)}"
        report.outcome = "failed"
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    where = report.longrepr
    return str(where[2]).removeprefix("Skipped: ") if isinstance(where, tuple) else str(where)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says what this machine lacks, and how to mend it."""
    reasons = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", []))
    if reasons:
        terminalreporter.section("skipped on this machine", yellow=True)
        for reason, tests in reasons.items():
            terminalreporter.line(f"{reason} ({tests})")


# --- The network: this machine only.


class NetworkBlockedError(Exception):
    """A test tried to leave this machine."""


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guarded_socket(getattr(socket.socket, name)))
        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
            patch.setattr(socket, name, _guarded_lookup(getattr(socket, name)))
        yield


def _guarded_socket(real: Callable[..., Result]) -> Callable[..., Result]:
    def guarded(sock: socket.socket, *arguments: Any) -> Result:  # noqa: ANN401 - as the real one
        if sock.family in {socket.AF_INET, socket.AF_INET6}:
            _refuse_far(arguments[-1][0])
        return real(sock, *arguments)

    return guarded


def _guarded_lookup(real: Callable[..., Result]) -> Callable[..., Result]:
    def guarded(host: str | bytes | None, *arguments: Any, **named: Any) -> Result:  # noqa: ANN401 - as the real one
        _refuse_far(host)
        return real(host, *arguments, **named)

    return guarded


def _refuse_far(host: str | bytes | None) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return
    try:
        near = ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        near = False
    if not near:
        message = f"a test tried to reach {name!r}: tests reach this machine only (127.0.0.1, ::1, localhost)"
        raise NetworkBlockedError(message)


# --- Databases and the browser.


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An empty SQLite database in a file of its own."""
    return f"sqlite:///{tmp_path / 'helpline.db'}"


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest) -> str:
    """An empty PostgreSQL database, on the server that the whole run shares."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return _servers(request).shared().empty(f"test_{worker}")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database: the test runs once on SQLite and once on PostgreSQL."""
    return _url(request)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.slow])])
def either_database_url(request: pytest.FixtureRequest) -> str:
    """The same for what hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return _url(request)


def _url(request: pytest.FixtureRequest) -> str:
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
def postgres_server(request: pytest.FixtureRequest) -> Iterator[database.PostgresServer]:
    """A PostgreSQL server of this test's own (0.7 s), to be frozen, stopped or killed."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with _servers(request).private(f"private-{worker}") as server:
        yield server


def _servers(request: pytest.FixtureRequest) -> database.Servers:
    if not database.is_installed():
        pytest.skip(database.REMEDY)
    return request.config.stash[SERVERS]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What starts browsers. One for each process of the run: Playwright allows no second."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser that Playwright drives: `playwright.chromium.launch(executable_path=chromium_path)`."""
    for name in CHROMIUM_NAMES:
        if path := shutil.which(name):
            expect.set_options(timeout=BUSY_BROWSER)
            return path
    pytest.skip("no Chromium: apt-get install chromium")

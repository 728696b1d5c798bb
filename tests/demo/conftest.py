"""A demonstration: on a virtual clock for most tests, on a port of this machine for the browser."""

from __future__ import annotations

import itertools
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Playwright
from werkzeug.test import TestResponse

from helpline.accounts.service import make_accounts
from helpline.cli.setting_up import create_folder
from helpline.demo.accounts import furnish
from helpline.demo.filling import demo_config, fill
from helpline.demo.page import DemoPage
from helpline.demo.team import PEOPLE
from helpline.figures.closing import Office
from helpline.lines import load_lines
from helpline.rehearsal import Rehearsal, phones, rehearse
from helpline.settings import Secrets, Settings, load
from helpline.shifts.snapshot import read_people
from helpline.store.migrate import migrate
from helpline.store.sessions import Store
from helpline.twin import manual

NOON = int(datetime(2026, 3, 10, 12, tzinfo=UTC).timestamp())
"""A Tuesday: three psychologists are on call, of whom two are rung together."""
NUMBERS = {person.name.split()[0]: person.phone for person in PEOPLE[:3]} | {"Coordination": "+33199000190"}
SECRETS = Secrets(
    auth_tokens=("the auth token of the demonstration",),
    seal_keys=(b"the seal key of the demonstration",),
    link_key=b"the link key of the demonstration",
    report_secret=b"the report secret of the demonstration",
)


@dataclass
class Demo:
    """The page's server as a test meets it; time passes only when a test says so."""

    rehearsal: Rehearsal
    page: DemoPage
    browser: FlaskClient

    @property
    def store(self) -> Store:
        """The service's database."""
        return self.rehearsal.service.store

    def do(self, action: str, **posted: object) -> TestResponse:
        """What the page posts."""
        return self.browser.post(f"/demo/{action}?lang=en", json=posted)

    def dial(self, line: str = "france", **how: object) -> str:
        """Somebody dials a line; the call's id."""
        answer = self.do("dial", line=line, **how)
        assert answer.status_code == 200, answer.text
        assert answer.json is not None
        return str(answer.json["call"])

    def passes(self, seconds: float) -> None:
        """So many seconds pass."""
        self.rehearsal.twin.run_for(seconds)

    def state(self, call: str = "", lang: str = "en") -> dict[str, Any]:
        """What a page is told that dialled `call`."""
        answer = self.browser.get("/demo/state", query_string={"lang": lang, "call": call})
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def phone(self, name: str, lang: str = "en") -> dict[str, Any]:
        """One phone of the state."""
        return next(phone for phone in self.state(lang=lang)["phones"] if phone["key"] == NUMBERS[name])

    def ringing(self) -> list[str]:
        """Whose phones ring."""
        keys = [phone["key"] for phone in self.state()["phones"] if phone["state"] == "ringing"]
        return [name for name, number in NUMBERS.items() if number in keys]

    def rung(self) -> tuple[str, str]:
        """Somebody dials France, and a phone rings: the call's id, and whose phone it is."""
        call = self.dial()
        self.passes(16)
        return call, self.ringing()[0]

    def talking(self) -> tuple[str, str]:
        """The same, picked up and taken."""
        call, name = self.rung()
        self.do("pick_up", phone=NUMBERS[name])
        self.passes(4)
        self.do("press", phone=NUMBERS[name], keys="1")
        self.passes(5)
        return call, name


def told(phone: dict[str, Any]) -> list[str]:
    """A phone's story."""
    return [line["text"] for line in phone["story"]]


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration's database as it was made at noon."""
    folder = tmp_path_factory.mktemp("filled")
    template = resources.files("helpline").joinpath("config.template.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(demo_config(template), encoding="utf-8")
    settings = load(folder / "config.toml")
    store = Store(settings.database_url)
    migrate(store)
    fill(Office.of(settings, SECRETS, store), load_lines(settings), NOON)
    furnish(make_accounts(settings, SECRETS, store))
    store.close()
    return folder


@pytest.fixture
def settings(filled: Path, tmp_path: Path) -> Settings:
    """The settings of a demonstration of this test's own."""
    shutil.copytree(filled, tmp_path / "demo")
    return load(tmp_path / "demo" / "config.toml")


@pytest.fixture
def demo(settings: Settings) -> Iterator[Demo]:
    """The demonstration at noon, with all phones on the hook."""
    with rehearse(settings, SECRETS, NOON, seed=7, pages=True) as rehearsal:
        with rehearsal.service.store.read() as connection:
            people = {person.name: person.phone for person in read_people(connection).values()}
        for name, number in phones(settings, people).items():
            rehearsal.twin.phone(number, manual(), name=name)
        page = DemoPage(rehearsal.twin, rehearsal.service)
        rehearsal.service.web.register_blueprint(page.blueprint())
        yield Demo(rehearsal, page, rehearsal.service.web.test_client(use_cookies=False))
        assert rehearsal.twin.violations == []
        assert rehearsal.transport.crashes == []


# --- on a port of this machine


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `helpline demo` makes it, as seen from today."""
    return create_folder(tmp_path_factory.mktemp("made") / "demo", demo=True).parent


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """The same, for one test to use."""
    return Path(shutil.copytree(made, tmp_path / "demo"))


@pytest.fixture
def port() -> int:
    """A port of this machine that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture(scope="module")
def chromium(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    """The browser, started once. Sound needs no gesture in it, and comes out nowhere."""
    options = ["--no-sandbox", "--mute-audio", "--autoplay-policy=no-user-gesture-required"]
    browser = playwright.chromium.launch(executable_path=chromium_path, args=options)
    yield browser
    browser.close()


def demo_command(port: int, folder: Path) -> list[str]:
    """What `make demo` runs."""
    return [str(Path(sys.executable).with_name("helpline")), "demo", "--port", str(port), "--folder", str(folder)]


@contextmanager
def demo_process(port: int, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The demonstration in a process of its own, and what it has printed when it is ready; killed at the end."""
    command, pipe = demo_command(port, folder), subprocess.PIPE
    with subprocess.Popen(command, cwd=folder.parent, text=True, stdout=pipe, stderr=pipe) as process:
        try:
            assert process.stdout is not None
            said = list(itertools.takewhile(lambda line: "Ctrl-C" not in line, process.stdout))
            yield process, "".join(said)
        finally:
            process.kill()

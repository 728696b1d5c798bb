"""The whole service with a demonstration's data on a port of this machine, its clock stopped; who signs in there."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.serving import WSGIRequestHandler, make_server

from helpline.accounts.model import Role, read_roles
from helpline.accounts.sessions import Sessions
from helpline.app import Service, create_service
from helpline.demo import accounts
from helpline.demo.filling import demo_config, fill
from helpline.demo.shelving import lacking, shelve
from helpline.figures.closing import Office
from helpline.settings import load
from helpline.store.account_tables import Account
from helpline.store.migrate import migrate
from reports.words import Language
from tests.figures.released import drawn
from tests.shell import SetClock, some_secrets

NOON = int(datetime(2026, 3, 10, 12, tzinfo=UTC).timestamp())
"""A Tuesday."""
SECRET = bytes(32)
"""What its figures are rounded with."""
COOKIE = "helpline"
"""What the session's cookie is called where the service is reached by http."""


@dataclass
class House:
    """The service, and the port of this machine that it is served at, if it is."""

    service: Service
    clock: SetClock
    port: int

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://localhost:{self.port}"

    def account(self, role: Role, name: str = "") -> int:
        """The demonstration's account with this role; of the person called `name`, if asked."""
        with self.service.store.read() as connection:
            rows = connection.execute(select(Account.id, Account.name, Account.roles).order_by(Account.id)).all()
        return next(int(row.id) for row in rows if read_roles(row.roles) == {role} and name in {"", row.name})

    def token(self, role: Role, language: Language = "fr", name: str = "") -> str:
        """A session of somebody with this role, who has just proved that it is them: what their browser keeps."""
        account, now = self.account(role, name), int(self.clock.now())
        sessions = Sessions(some_secrets().link_key)
        with self.service.store.durable() as tx:
            tx.execute(update(Account).where(Account.id == account).values(language=language))
            token = sessions.open(tx, account, "Chromium, Linux", now)
            sessions.freshen(tx, token, now)
        return token

    def csrf(self, token: str) -> str:
        """What the forms carry that are shown to the browser with this token."""
        return Sessions(some_secrets().link_key).csrf(token)

    def client(self, role: Role | None, language: Language = "fr") -> FlaskClient:
        """A browser without a window, signed in."""
        client = self.service.web.test_client()
        if role:
            client.set_cookie(COOKIE, self.token(role, language), domain="localhost")
        return client


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing."""


def furnish(folder: Path) -> Path:
    """A folder with a demonstration's configuration and database, as made at noon."""
    template = resources.files("helpline").joinpath("config.template.toml").read_text(encoding="utf-8")
    # Nothing listens there: the carrier is away.
    text = demo_config(template).replace('api_base_url = ""', 'api_base_url = "http://127.0.0.1:9"')
    (folder / "config.toml").write_text(text, encoding="utf-8")
    service = create_service(load(folder / "config.toml"), some_secrets(), SetClock(NOON))
    migrate(service.store)
    fill(Office(service.store, service.taxonomy, SECRET, demo=True), service.lines, NOON)
    for frozen, sources in lacking(service.store):
        shelve(service.store, frozen, sources, drawn(frozen.figures, pages=True))
    accounts.furnish(service.site.accounts)
    service.stop()
    return folder


@contextmanager
def settled(furnished: Path, folder: Path) -> Iterator[House]:
    """The service on a copy of a furnished folder, asked without a server until the context ends."""
    shutil.copytree(furnished, folder, dirs_exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    config = folder / "config.toml"
    config.write_text(config.read_text().replace("http://localhost:8000", f"http://localhost:{port}"))
    clock = SetClock(NOON)
    settings = load(config)
    # A carrier with which nobody answers: whoever has their phone rung is told that it can't.
    carrier = settings.carrier.model_copy(update={"api_base_url": "http://127.0.0.1:9"})
    service = create_service(settings.model_copy(update={"carrier": carrier}), some_secrets(), clock)
    try:
        yield House(service, clock, port)
    finally:
        service.stop()


@contextmanager
def inhabited(furnished: Path, folder: Path) -> Iterator[House]:
    """The same, served by threads on a port of this machine."""
    with settled(furnished, folder) as house:
        server = make_server("127.0.0.1", house.port, house.service.web, threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever, name="house")
        thread.start()
        try:
            yield house
        finally:
            server.shutdown()
            server.server_close()
            thread.join(10)

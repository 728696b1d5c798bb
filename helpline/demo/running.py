"""The demonstration, in one process: the service, its jobs, the twin on real time, and a page of telephones."""

from __future__ import annotations

import errno
import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from helpline.app import Service, create_service
from helpline.demo.accounts import PASSWORD, furnish, logins
from helpline.demo.board import SERVICE
from helpline.demo.duty import names_on_duty, on_duty
from helpline.demo.filling import forget_calls, renew
from helpline.demo.page import DemoPage
from helpline.demo.shelving import EVERY, Shelving
from helpline.directory.entries import Entry
from helpline.directory.reading import read_all
from helpline.errors import UsageError
from helpline.rehearsal import own_numbers, phones
from helpline.settings import Secrets, Settings, load, read_secrets
from helpline.shifts.snapshot import RotaSnapshots, read_people
from helpline.signals import until_stopped
from helpline.store.migrate import migrate
from helpline.store.tables import Person
from helpline.twin import HttpTransport, RealClock, Twin, manual, serve
from helpline.worker import create_scheduler

KEPT = 10_000
"""Entries and requests that the twin remembers in a demonstration that runs for days."""


def run_demo(config: Path, port: int, say: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM. Raises `UsageError` when the port is taken."""
    with until_stopped() as wait, demo_server(config, port) as service:
        for text in what_to_open(service):
            say(text)
        wait()
        say("\nthe demonstration is over; its data stays in " + str(config.parent))


@contextmanager
def demo_server(config: Path, port: int) -> Iterator[Service]:
    """The whole demonstration on a port of this machine, for as long as the context lasts."""
    _set_public_url(config, f"http://localhost:{port}")
    settings, secrets = load(config), read_secrets(config.resolve().parent)
    twin = Twin(
        HttpTransport(),
        clock=RealClock(),
        account_sid=settings.carrier.account,
        auth_token=secrets.auth_tokens[0],
        seed=None,  # this database may have seen calls before, and an id is counted once
        keep=KEPT,
    )
    with serve(twin.rest) as api:
        carrier = settings.carrier.model_copy(update={"api_base_url": api})
        service = _service(settings.model_copy(update={"carrier": carrier}), secrets, twin)
        page = DemoPage(twin, service)
        service.web.register_blueprint(page.blueprint())
        with _running(service, secrets, twin, page, _listen(service, port)):
            yield service


def _service(settings: Settings, secrets: Secrets, twin: Twin) -> Service:
    service = create_service(settings, secrets)
    # Of a demonstration that an earlier version made: it holds nothing that anybody would miss.
    migrate(service.store)
    forget_calls(service.store)
    renew(service.store, service.lines, int(service.clock.now()))
    furnish(service.site.accounts)
    own_numbers(twin, service)
    with service.store.read() as connection:
        people = {person.name: person.phone for person in read_people(connection).values()}
        services = _services(read_all(connection))
    for name, number in (phones(settings, people) | services).items():
        twin.phone(number, manual(), name=name)
    return service


def _services(entries: Iterable[Entry]) -> dict[str, str]:
    """The phones of whoever of the directory a caller can be put through to: name -> number. Two may share one."""
    sharing: dict[str, list[str]] = {}
    for entry in entries:
        if entry.connect:
            sharing.setdefault(entry.phone, []).append(entry.name.partition(",")[0])
    return {SERVICE + " / ".join(names): number for number, names in sharing.items()}


class _Quiet(WSGIRequestHandler):
    """No access log: it would be a clock beside the calls."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing."""


def _listen(service: Service, port: int) -> BaseWSGIServer:
    try:
        taken = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        why = "is taken" if error.errno == errno.EADDRINUSE else f"can't be opened ({error.strerror})"
        raise UsageError(f"port {port} {why}; choose another: make demo PORT={port + 1}") from error
    with taken:
        # The server works on a copy of this descriptor; opening the port itself, it would print its own complaint.
        return make_server("127.0.0.1", port, service.web, threaded=True, request_handler=_Quiet, fd=taken.fileno())


@contextmanager
def _running(service: Service, secrets: Secrets, twin: Twin, page: DemoPage, server: BaseWSGIServer) -> Iterator[None]:
    scheduler = create_scheduler(service.settings, secrets, service.store)
    shelving = Shelving(service.store)
    scheduler.add_job(shelving.run, "interval", seconds=EVERY, id="shelving")
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="web")
    service.start()
    twin.start()
    scheduler.start()
    thread.start()
    try:
        yield
    finally:
        # Pages first, or they would keep asking a service that is going; then the carrier, which may be in the middle
        # of a webhook that the service still has to answer.
        page.stop()
        twin.stop()
        server.shutdown()
        thread.join()
        scheduler.shutdown()
        shelving.stop()
        service.stop()


def _set_public_url(config: Path, url: str) -> None:
    """The carrier signs the URL we configured, so the configuration must name the port in use."""
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r'(?m)^public_url = ".*"$', f'public_url = "{url}"', text), encoding="utf-8")


def what_to_open(service: Service) -> Iterator[str]:
    """What a newcomer is told: one address to open, the personal links of who is on call, and how to sign in."""
    base, now = service.settings.service.public_url, int(service.clock.now())
    yield f"\nopen {base}\n"
    yield "  dial the line there, pick up as a psychologist, press 1, talk, hang up; then code the call:"
    with service.store.read() as connection:
        names = names_on_duty(on_duty(connection, RotaSnapshots(), service.lines, now))
        for row in connection.execute(select(Person.id, Person.name, Person.link_version).order_by(Person.id)):
            if row.name in names:
                yield f"  {row.name}: {service.links.url(row.id, row.link_version)}"
    yield f"\n  sign in by a button there, or at {base}/sign-in with the password: {PASSWORD}"
    yield "  and the six digits that an authenticator app shows for the key:"
    for login in logins(service.site.accounts, names, now):
        yield f"  {login.role:12} {login.email:24} {login.secret}"
    yield "\nCtrl-C ends it."

"""What the tests of messages share: a small mail server, a carrier that keeps text messages, and shifts to tell of."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from io import BufferedRWPair
from pathlib import Path

from sqlalchemy import insert, update

from helpline.errors import CarrierError
from helpline.jobs.telling import Telling
from helpline.lines import Line, load_lines
from helpline.messages.composing import Composer
from helpline.messages.confirming import ShiftLinks
from helpline.messages.mail import Mailer
from helpline.messages.sending import Ways
from helpline.messages.sms import Texter
from helpline.settings import Messages, Settings
from helpline.store.rota_tables import Notice
from helpline.store.sessions import Store
from helpline.store.tables import Person, Shift
from tests.shell import ALIX, CONFIG, PUBLIC, opened, rows_of, settings_in, with_people

KEY = b"a link key of the tests"
SENDER = "rota@helpline.example.org"
COORDINATOR, COORDINATORS_PHONE = "coordinator@helpline.example.org", "+33199000190"
WITH_COORDINATOR = f"""{CONFIG}
[messages]
sms = true
[lines.france.rota]
coordinator_emails = ["{COORDINATOR}"]
coordinator_phones = ["{COORDINATORS_PHONE}"]
[lines.belgium.rota]
coordinator_phones = ["{COORDINATORS_PHONE}"]
"""
HOUR, DAY = 3600, 86_400
DOWN = CarrierError("message: no connection to the carrier", permanent=False, unknown=True)
REFUSED = CarrierError("message: the carrier answered 400 (code 21614)", permanent=True)


@dataclass
class Phones:
    """A carrier that keeps what it should send: `(to, from, text)`; `fails` is what it answers instead, by number."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)
    fails: dict[str, CarrierError] = field(default_factory=dict)
    tried: int = 0

    def send_message(self, to: str, from_: str, text: str) -> None:
        """One message."""
        self.tried += 1
        if to in self.fails:
            raise self.fails[to]
        self.sent.append((to, from_, text))

    @property
    def texts(self) -> list[str]:
        """What was written."""
        return [text for _, _, text in self.sent]


@dataclass
class Office:
    """A database with three people, both lines, and all ways of telling them, none of which leaves this machine."""

    store: Store
    settings: Settings
    lines: Mapping[str, Line]
    phones: Phones = field(default_factory=Phones)
    links: ShiftLinks = field(default_factory=lambda: ShiftLinks(KEY, PUBLIC))

    @property
    def messages(self) -> Messages:
        """The settings' part."""
        return self.settings.messages

    def telling(self, mailer: Mailer | None = None) -> Telling:
        """The job that sends."""
        return Telling(self.store, self.lines, Composer(self.links), Ways(mailer, Texter(self.phones)))

    def shift(
        self, start: int, hours: int = 8, person: int | None = ALIX, line: str = "france", **values: object
    ) -> int:
        """A published shift; its id."""
        row = {
            "line": line,
            "tier": 1,
            "person": person,
            "starts_at": start,
            "ends_at": start + hours * HOUR,
            "source": "import",
        }
        with self.store.durable() as tx:
            return int(tx.execute(insert(Shift).returning(Shift.id), row | values).scalar_one())

    def change(self, shift: int, **values: object) -> None:
        """Whatever becomes of a shift."""
        with self.store.durable() as tx:
            tx.execute(update(Shift).where(Shift.id == shift).values(values))

    def person(self, person: int, **values: object) -> None:
        """What is known of somebody."""
        with self.store.durable() as tx:
            tx.execute(update(Person).where(Person.id == person).values(values))

    def notices(self, *columns: str) -> list[tuple[object, ...]]:
        """These columns of every notice, in the order they were written."""
        return [
            tuple(row[name] for name in columns) for row in sorted(rows_of(self.store, Notice), key=lambda r: r["id"])
        ]


@contextmanager
def office_in(url: str, folder: Path, text: str = WITH_COORDINATOR) -> Iterator[Office]:
    """An office on an empty database."""
    settings = settings_in(folder, text)
    with opened(url) as store:
        with_people(store)
        yield Office(store, settings, load_lines(settings))


@dataclass
class MailServer:
    """Speaks just enough SMTP on a port of this machine. `answers` replaces its answer to a word such as RCPT."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[list[str]] = field(default_factory=list)
    answers: dict[str, bytes] = field(default_factory=dict)

    def serve(self, server: socket.socket) -> None:
        """One connection after another, until the socket is closed."""
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                self._converse(stream)

    def _converse(self, stream: BufferedRWPair) -> None:
        envelope: list[str] = []
        self._say(stream, b"220 a small mail server")
        for raw in iter(stream.readline, b""):
            line = raw.decode("ascii").strip()
            word = line[:4].upper()
            if word in ("MAIL", "RCPT"):
                envelope.append(line)
            if word == "DATA" and word not in self.answers:
                self._say(stream, b"354 go on")
                self._read(stream)
                self.envelopes.append(envelope)
                self._say(stream, self.answers.get(".", b"250 taken"))
                continue
            self._say(stream, self.answers.get(word, b"221 bye" if word == "QUIT" else b"250 fine"))
            if word == "QUIT":
                return

    def _read(self, stream: BufferedRWPair) -> None:
        lines = [raw.removeprefix(b".") for raw in iter(stream.readline, b".\r\n")]
        mail = message_from_bytes(b"".join(lines), policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)

    def _say(self, stream: BufferedRWPair, text: bytes) -> None:
        stream.write(text + b"\r\n")
        stream.flush()


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """One that runs."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        running = MailServer(server.getsockname()[1])
        thread = threading.Thread(target=running.serve, args=(server,))
        thread.start()
        try:
            yield running
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=10)


def mailer_to(port: int, **values: object) -> Mailer:
    """Hands e-mails to a server on this machine."""
    section = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "sender": SENDER}
    return Mailer(Messages.model_validate({**section, **values}), "a password of the tests")

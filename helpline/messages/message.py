"""One thing to tell, where to, and what may go wrong on the way. No address is ever part of an error or of a log."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address as MailAddress
from typing import Literal

from sqlalchemy import Connection, select

from helpline.errors import HelplineError
from helpline.lines import Line
from helpline.messages.texts import first_language
from helpline.store.tables import Person
from reports.words import Language

_MAIL = re.compile(r"[!-~]+@[!-~]+\.[!-~]+")
_NOT_IN_ONE = re.compile(r"[\s<>@,;:()\"\\\[\]]")


@dataclass(frozen=True, slots=True)
class Message:
    """What is told: `text` in a text message, `subject` and `body` in an e-mail."""

    text: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes. `key` is what it is called in the database, where it is nobody's address."""

    way: Literal["mail", "sms"]
    key: str
    to: str = field(repr=False)
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody to be told, in their own language."""

    id: int
    name: str
    language: Language
    phone: str = field(repr=False)
    email: str = field(repr=False)

    @property
    def addresses(self) -> tuple[Address, ...]:
        """All that are known of them."""
        mail = (Address("mail", "mail", self.email, self.name),) if is_mail(self.email) else ()
        return (*mail, Address("sms", "sms", self.phone, self.name)) if self.phone else mail


class NotSent(HelplineError):  # noqa: N818 - it is what became of the message
    """A message that wasn't taken. `permanent`: asking again won't help; `down`: nothing can be sent this way now.

    Not `permanent`, it may have been sent all the same. The message is fixed words and a number.
    """

    def __init__(self, message: str, *, permanent: bool, down: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.down = down


def is_mail(text: str) -> bool:
    """Whether this can be written to as it stands, without a chance to say anything else in a header."""
    local, _, domain = text.rpartition("@")
    if not _MAIL.fullmatch(text) or _NOT_IN_ONE.search(local) or _NOT_IN_ONE.search(domain):
        return False
    try:
        MailAddress(addr_spec=text)
    except (ValueError, MessageError):
        return False
    return True


def read_reader(connection: Connection, person: int, line: Line) -> Reader | None:
    """Somebody by id, who is told of this line."""
    wanted = select(Person.id, Person.name, Person.languages, Person.phone, Person.email).where(Person.id == person)
    row = connection.execute(wanted).first()
    if row is None:
        return None
    return Reader(row.id, row.name, first_language(row.languages.split(), line), row.phone, row.email)


def coordinators(line: Line) -> tuple[Address, ...]:
    """Those of a line, as it is configured."""
    rota = line.settings.rota
    mails = [Address("mail", f"mail{n}", to) for n, to in enumerate(rota.coordinator_emails)]
    phones = [Address("sms", f"sms{n}", to) for n, to in enumerate(rota.coordinator_phones)]
    return (*mails, *phones)

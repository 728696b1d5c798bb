"""`rota notices` and `rota test-message`: who was told what, and whether messages arrive."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from helpline.store.rota_tables import Notice
from helpline.store.sessions import Store
from helpline.store.tables import Person
from tests.cli.conftest import Run, refused
from tests.messages.post import SENDER, MailServer, mail_server

PEOPLE = [
    {"id": 1, "name": "Alix Exemple", "phone": "+33199000101", "languages": "fr en", "email": "alix@example.org"},
    {"id": 2, "name": "Bo Voorbeeld", "phone": "+33199000102", "languages": "nl", "email": ""},
]


@pytest.fixture
def filled(folder: Path) -> Path:
    """Two people, one of whom was reminded of a shift; the configuration's path."""
    store = Store(f"sqlite:///{folder / 'helpline.sqlite3'}")
    now = 4_000_000_000
    row = {"key": "r", "kind": "reminder", "line": "france", "person": 1, "shift": 7, "seq": 0, "state": "sent"}
    alarm = {"key": "g", "kind": "gap", "line": "belgium", "state": "wanted", "due_at": now + 60}
    with store.durable() as tx:
        tx.execute(insert(Person), PEOPLE)
        tx.execute(insert(Notice), row | {"due_at": now, "tries": 1, "sent_at": now, "confirmed_at": now + 3600})
        tx.execute(insert(Notice), alarm)
    store.close()
    return folder / "config.toml"


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server on this machine."""
    with mail_server() as server:
        yield server


def test_what_was_told_is_listed(helpline: Run, filled: Path) -> None:
    """By when it was due, in the line's time, with what became of it; a person's alone, or a line's."""
    reminder = "2096-10-02T09:06+02:00  france  reminder  Alix Exemple: sent, confirmed 2096-10-02T10:06+02:00\n"
    alarm = "2096-10-02T09:07+02:00  belgium  gap  coordinators: wanted\n"
    assert helpline("rota", "notices").out == reminder + alarm
    assert helpline("rota", "notices", "--person", "alix exemple").out == reminder
    assert helpline("rota", "notices", "--line", "belgium").out == alarm
    assert helpline("rota", "notices", "--state", "failed").out == "nobody was told anything, and nobody waits to be\n"
    assert helpline("rota", "notices", "--json").json[0] == {
        "id": 1,
        "line": "france",
        "kind": "reminder",
        "to": "Alix Exemple",
        "shift": 7,
        "due": "2096-10-02T09:06+02:00",
        "state": "sent",
        "tries": 1,
        "sent": "2096-10-02T09:06+02:00",
        "confirmed": "2096-10-02T10:06+02:00",
    }


def test_nobody_is_found_who_is_not_there(helpline: Run, filled: Path) -> None:
    """Names and lines are checked, with the nearest that there is."""
    refused(helpline("rota", "notices", "--person", "Alix Exempel"), "did you mean 'Alix Exemple'?")
    refused(helpline("rota", "notices", "--line", "spain"), "there is no line 'spain'", "belgium, france")


def _with_mail(config: Path, server: MailServer) -> None:
    text = config.read_text()
    for old, new in (
        ('smtp_host = ""', 'smtp_host = "127.0.0.1"'),
        ("smtp_port = 587", f"smtp_port = {server.port}"),
        ('smtp_security = "starttls"', 'smtp_security = "none"'),
        ('sender = ""', f'sender = "{SENDER}"'),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    config.write_text(text)


def test_a_test_message_arrives(helpline: Run, filled: Path, server: MailServer) -> None:
    """In the person's language, by what is configured and known of them."""
    _with_mail(filled, server)
    done = helpline("rota", "test-message", "Alix Exemple", "--line", "france")
    assert (done.code, done.out) == (0, "e-mail: taken; ask Alix Exemple whether it has arrived\n")
    assert server.mails[0]["Subject"] == "Message d’essai"
    refused(helpline("rota", "test-message", "Bo Voorbeeld", "--line", "france"), "has no e-mail address")


def test_a_test_message_that_is_not_taken_says_why(helpline: Run, filled: Path, server: MailServer) -> None:
    """Without the address."""
    server.answers["RCPT"] = b"550 no alix@example.org here"
    _with_mail(filled, server)
    done = helpline("rota", "test-message", "Alix Exemple", "--line", "france")
    assert (done.code, done.out) == (1, "e-mail: the mail server refused the recipient (550)\n")
    assert "alix@" not in done.err


def test_without_a_way_the_setting_is_named(helpline: Run, filled: Path) -> None:
    """What `helpline init` writes sends nothing."""
    refused(helpline("rota", "test-message", "Alix Exemple", "--line", "france"), "smtp_host", "[messages]")

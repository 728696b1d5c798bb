import smtplib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.messages.mail import compose
from helpline.messages.message import Address, Message, NotSent, is_mail
from tests.messages.post import SENDER, MailServer, mail_server, mailer_to
from tests.shell import NOON

TO = Address("mail", "mail", "alix@example.org", "Alix Exemple")
MESSAGE = Message("", "Votre garde du 10/03 à 20\u00a0h", "Bonjour Alix,\n\nvous êtes de garde. Grüße, Noël…\n")


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server on this machine."""
    with mail_server() as server:
        yield server


def test_an_email_arrives_as_it_was_written(server: MailServer) -> None:
    """Accents and all, with a date in UTC, an id of ours, and the sign that a machine wrote it."""
    mailer_to(server.port).send(MESSAGE, TO, "notice-7", NOON)
    mail = server.mails[0]
    assert mail["Subject"] == "Votre garde du 10/03 à 20 h"
    assert mail["To"] == "Alix Exemple <alix@example.org>"
    assert mail["From"] == SENDER
    assert mail["Message-ID"] == "<notice-7.mail@helpline.example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert datetime.strptime(mail["Date"], "%a, %d %b %Y %H:%M:%S %z") == datetime.fromtimestamp(NOON, UTC)
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"
    assert mail.get_content().replace("\r\n", "\n") == MESSAGE.body
    assert server.envelopes == [[f"mail FROM:<{SENDER}>", "rcpt TO:<alix@example.org>"]]


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_name_and_no_subject_adds_a_header(name: str, subject: str) -> None:
    """Whatever stands in them, line breaks included: the headers are ours and no others, and all of it is ASCII."""
    mail = compose(
        Message("", subject, "Hello"), Address("mail", "mail", "alix@example.org", name), SENDER, "notice-1", NOON
    )
    head = bytes(mail).split(b"\r\n\r\n")[0].decode("ascii")
    names = [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith((" ", "\t"))]
    assert sorted(names) == sorted([
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    ])  # fmt: skip


@pytest.mark.parametrize("name", ["Alix\r\nBcc: everybody@example.org", "Alix <other@example.org>", 'Alix "," Exemple'])
def test_a_name_is_never_an_address(name: str) -> None:
    """Line breaks, brackets, quotes: there is one recipient."""
    mail = compose(MESSAGE, Address("mail", "mail", "alix@example.org", name), SENDER, "notice-1", NOON)
    assert [each.addr_spec for each in mail["To"].addresses] == ["alix@example.org"]
    assert "Bcc" not in mail


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alix",
        "alix@",
        "@example.org",
        "a b@example.org",
        "a@example.org\r\nBcc: b@c.de",
        "a,b@c.de",
        "é@c.de",
        "a@@c.de",
        "a.@c.de",
        "a..b@c.de",
        "a@c.de.",
    ],
)
def test_what_is_no_address_is_not_written_to(text: str) -> None:
    """It would be refused at best."""
    assert not is_mail(text)
    assert is_mail("alix.exemple+rota@mail.example.org")


@pytest.mark.parametrize(
    ("word", "answer", "permanent", "down"),
    [
        ("rcpt", b"550 no such user alix@example.org", True, False),
        ("rcpt", b"451 alix@example.org: later", False, False),
        (".", b"554 spam from alix", True, False),
        ("mail", b"530 sign in first", False, True),
        ("ehlo", b"421 too busy", False, True),
    ],
)
def test_a_refusal_says_whether_to_try_again_and_no_address(
    server: MailServer, word: str, answer: bytes, *, permanent: bool, down: bool
) -> None:
    """A recipient that doesn't exist is given up, a server that won't have us is asked later."""
    server.answers |= {word.upper(): answer, "HELO": answer}
    with pytest.raises(NotSent) as refused:
        mailer_to(server.port).send(MESSAGE, TO, "notice-7", NOON)
    assert (refused.value.permanent, refused.value.down) == (permanent, down)
    assert "alix" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_a_server_that_is_not_there_is_asked_later() -> None:
    """No connection, nothing sent."""
    with mail_server() as gone:
        port = gone.port
    with pytest.raises(NotSent, match="can't be used: ConnectionRefusedError") as refused:
        mailer_to(port).send(MESSAGE, TO, "notice-7", NOON)
    assert refused.value.down
    assert not refused.value.permanent


def test_nothing_is_sent_in_the_clear_that_should_be_encrypted(server: MailServer) -> None:
    """A server that doesn't offer encryption gets neither password nor e-mail."""
    with pytest.raises(NotSent, match=smtplib.SMTPNotSupportedError.__name__):
        mailer_to(server.port, smtp_security="starttls", smtp_user="rota").send(MESSAGE, TO, "notice-7", NOON)
    assert server.mails == []


def test_an_address_that_no_mail_can_carry_is_given_up(server: MailServer) -> None:
    """As one that the server refuses: whoever else is told, and by whatever other way, is told all the same."""
    with pytest.raises(NotSent) as refused:
        mailer_to(server.port).send(MESSAGE, replace(TO, to="alix..exemple@example.org"), "notice-7", NOON)
    assert refused.value.permanent
    assert not refused.value.down
    assert "alix" not in str(refused.value)
    assert refused.value.__suppress_context__

"""E-mails: plain text, with headers that nobody's name can add to, handed to the configured mail server."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.policy import SMTP

from helpline.messages.message import Address, Message, NotSent
from helpline.settings import Messages

TIMEOUT = 10.0
"""Seconds for each step with the mail server."""
PLAIN = SMTP.clone(cte_type="7bit")
"""A server needn't know how to carry anything but ASCII."""
_NOT_TEXT = re.compile(r"[^ -\x7e\u00a1-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")


def header(text: str) -> str:
    """`text` as it may stand in a header: one line, no control signs."""
    return " ".join(_NOT_TEXT.sub(" ", text).split())


def compose(message: Message, to: Address, sender: str, ref: str, at: int) -> EmailMessage:
    """The e-mail, dated `at` (UTC seconds). With the same `ref` it has the same id: an e-mail that is sent twice."""
    mail = EmailMessage(PLAIN)
    mail["From"] = MailAddress(addr_spec=sender)
    mail["To"] = MailAddress(header(to.name), addr_spec=to.to)
    mail["Subject"] = header(message.subject)
    mail["Date"] = datetime.fromtimestamp(at, UTC)
    mail["Message-ID"] = f"<{ref}.{to.key}@{_domain(sender)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body)
    return mail


class Mailer:
    """Hands e-mails to the mail server, one connection each."""

    def __init__(self, settings: Messages, password: str) -> None:
        self._settings = settings
        self._password = password

    def send(self, message: Message, to: Address, ref: str, at: int) -> None:
        """Whether it was taken. Raises `NotSent`."""
        sender = self._settings.sender
        try:
            mail = compose(message, to, sender, ref, at)
        except (ValueError, MessageError):  # with the address in its words
            raise NotSent("an e-mail can't be addressed like this", permanent=True) from None
        with _mapped(), self._server() as server:
            server.send_message(mail, sender, [to.to])

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        # The library would look up this machine's name, which may take long.
        host, port, name = self._settings.smtp_host, self._settings.smtp_port, _domain(self._settings.sender)
        security = self._settings.smtp_security
        if security == "tls":
            secure = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, name, timeout=TIMEOUT, context=secure)
        else:
            server = smtplib.SMTP(host, port, name, timeout=TIMEOUT)
        with server:
            if security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self._settings.smtp_user:
                server.login(self._settings.smtp_user, self._password)
            yield server


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2]


@contextmanager
def _mapped() -> Iterator[None]:
    """The library's failures as ours, without their words: these hold addresses."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code = next((code for code, _ in error.recipients.values()), 0)
        raise NotSent(f"the mail server refused the recipient ({code})", permanent=code >= 500) from None
    except smtplib.SMTPDataError as error:
        code = error.smtp_code
        raise NotSent(f"the mail server refused the e-mail ({code})", permanent=code >= 500) from None
    except smtplib.SMTPResponseException as error:
        # Who may send what, and how to sign in: somebody has to mend it, and until then nothing goes out.
        raise NotSent(f"the mail server refused us ({error.smtp_code})", permanent=False, down=True) from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(f"the mail server can't be used: {type(error).__name__}", permanent=False, down=True) from None

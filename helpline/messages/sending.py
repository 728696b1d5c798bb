"""The ways in which messages leave: e-mail, text message, whichever are configured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helpline.carrier.rest import CarrierApi
from helpline.lines import Line
from helpline.messages.mail import Mailer
from helpline.messages.message import Address, Message
from helpline.messages.sms import Api, Texter
from helpline.settings import Messages, Secrets, Settings


@dataclass(frozen=True, slots=True)
class Ways:
    """What messages are sent by; None where it isn't configured."""

    mail: Mailer | None
    sms: Texter | None

    @property
    def any(self) -> bool:
        """Whether anything can be sent at all."""
        return self.mail is not None or self.sms is not None

    def reach(self, addresses: Sequence[Address]) -> tuple[Address, ...]:
        """Those of the addresses that messages can be sent to."""
        return tuple(to for to in addresses if (self.mail if to.way == "mail" else self.sms) is not None)

    def send(self, message: Message, to: Address, line: Line, ref: str, now: int) -> None:
        """Sends one message to one of the addresses that can be reached. Raises `NotSent`."""
        if to.way == "mail" and self.mail is not None:
            self.mail.send(message, to, ref, now)
        elif self.sms is not None:
            self.sms.send(message, to, line)


def configured(messages: Messages) -> bool:
    """Whether there is any way at all."""
    return bool(messages.sms or (messages.smtp_host and messages.sender))


def make_ways(settings: Settings, secrets: Secrets, api: Api | None = None) -> Ways:
    """The ways of these settings."""
    messages = settings.messages
    mail = Mailer(messages, secrets.smtp_password) if messages.smtp_host and messages.sender else None
    return Ways(mail, Texter(api or CarrierApi(settings.carrier, secrets)) if messages.sms else None)

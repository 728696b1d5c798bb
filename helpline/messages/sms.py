"""Text messages, through the carrier, from the number that psychologists see when the line rings them."""

from __future__ import annotations

from typing import Protocol

from helpline.errors import CarrierError
from helpline.lines import Line
from helpline.messages.gsm import spelt
from helpline.messages.message import Address, Message, NotSent


class Api(Protocol):
    """What is asked of the carrier."""

    def send_message(self, to: str, from_: str, text: str) -> None:
        """Sends a text message."""
        ...


class Texter:
    """Sends text messages."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def send(self, message: Message, to: Address, line: Line) -> None:
        """Hands it to the carrier. Raises `NotSent`; after a time-out it may have been sent."""
        try:
            self._api.send_message(to.to, line.settings.outbound_caller_id, spelt(message.text))
        except CarrierError as error:
            raise NotSent(str(error), permanent=error.permanent, down=not error.permanent) from None

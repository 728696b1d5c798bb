"""Text messages: accepted, sent a second later, redacted or deleted when asked; and those that come in.

None can be deleted while it is on its way: one that comes in is until the product has answered.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass

from helpline.twin.behaviours import Behaviour
from helpline.twin.calls import Call
from helpline.twin.params import text_params
from helpline.twin.phones import CallerPhone
from helpline.twin.process import Steps
from helpline.twin.transport import Answer
from helpline.twin.webhooks import Webhook, Webhooks
from helpline.twin.world import Owned, World

RECEIVING = "receiving"
ON_THE_WAY = frozenset({"queued", RECEIVING})


@dataclass(slots=True)
class Message:
    """One text message; `created` is the wall time."""

    sid: str
    from_: str
    to: str
    body: str
    created: float
    status: str = "queued"
    direction: str = "outbound-api"


class Texting:
    """Tells the product of messages to its numbers, and sends what it answers."""

    def __init__(self, world: World, webhooks: Webhooks) -> None:
        self._world = world
        self._webhooks = webhooks

    def receive(self, owned: Owned, from_: str, body: str) -> None:
        """A message has come in; under the lock."""
        world = self._world
        message = Message(world.new_sid("SM"), from_, owned.number, body, world.now(), RECEIVING, "inbound")
        world.messages[message.sid] = message
        world.kernel.spawn(self._tell(owned, message))

    def _tell(self, owned: Owned, message: Message) -> Steps[None]:
        params = text_params(self._world.account_sid, message.sid, message.from_, message.to, message.body)
        # The door to the product is made for legs; this one never rings, and nobody lists it.
        party = CallerPhone(self._world, message.from_, Behaviour())
        leg = Call(self._world, message.sid, message.from_, message.to, "inbound", party)
        answer = yield from self._webhooks.fetch(leg, Webhook("sms", owned.sms_url, "POST", params))
        message.status = "received"
        if isinstance(answer, Answer):
            self._answer(owned, message, answer)

    def _answer(self, owned: Owned, message: Message, answer: Answer) -> None:
        world = self._world
        try:
            texts = _texts(answer)
        except (ValueError, ET.ParseError) as error:
            world.violate(message.sid, "sms", owned.sms_url, str(error), answer.body)
            return
        for text in texts:
            sent = Message(world.new_sid("SM"), owned.number, message.from_, text, world.now())
            sent.status, sent.direction = "delivered", "outbound-reply"
            world.messages[sent.sid] = sent


def _texts(answer: Answer) -> list[str]:
    """What a document answers. ValueError when the carrier couldn't do as it says."""
    if answer.status != 200 or answer.media_type != "text/xml":
        raise ValueError(f"a document answered {answer.status} {answer.media_type}")
    root = ET.fromstring(answer.body)  # noqa: S314 - the product under test wrote it, and nobody else
    texts = [verb.text or "" for verb in root if verb.tag == "Message" and not verb.attrib]
    if root.tag != "Response" or len(texts) != len(root) or not all(texts):
        raise ValueError("only <Message> with text may stand in <Response>")
    return texts

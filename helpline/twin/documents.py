"""Fetches documents and has them checked: what can't be run is a violation and a DocumentFailed."""

from __future__ import annotations

import re

from helpline.twin import twiml
from helpline.twin.calls import Call, Goto
from helpline.twin.params import call_params
from helpline.twin.process import Steps
from helpline.twin.twiml import TwimlError
from helpline.twin.verbs import Context, Dial, Document, Reject, Verb
from helpline.twin.webhooks import Failed, Webhook, Webhooks
from helpline.twin.world import World

UNDIALLABLE = re.compile(r"\+(338|32800|3290\d|3270|3278)")
"""Freephone, shared-cost and premium numbers: no caller id, and not to be dialled out to."""


class DocumentFailed(Exception):  # noqa: N818 - an outcome the carrier handles by failing over
    """A document couldn't be fetched or run; `code` and `url` are what a fallback request reports."""

    def __init__(self, code: int, url: str, reason: str) -> None:
        super().__init__(f"{code} {url}: {reason}")
        self.code = code
        self.url = url
        self.reason = reason


class Documents:
    """Turns a Goto into a checked Document."""

    def __init__(self, world: World, webhooks: Webhooks) -> None:
        self._world = world
        self._webhooks = webhooks

    def get(self, call: Call, goto: Goto, context: Context) -> Steps[Document]:
        """The document, fit to run in `context`; or DocumentFailed."""
        if goto.body is not None:
            return self._checked(call, goto, goto.body, "text/xml", context)
        params = {**call_params(call), **goto.params}
        answer = yield from self._webhooks.fetch(call, Webhook(goto.kind, goto.url, goto.method, params))
        if isinstance(answer, Failed):
            raise DocumentFailed(answer.code, goto.url, answer.reason)
        if answer.status != 200:
            self._world.violate(call.sid, goto.kind, goto.url, f"a document answered {answer.status}", answer.body)
            raise DocumentFailed(11200, goto.url, f"status {answer.status}")
        return self._checked(call, goto, answer.body, answer.media_type, context)

    def _checked(self, call: Call, goto: Goto, body: bytes, media_type: str, context: Context) -> Document:
        try:
            document = twiml.parse(body, media_type, context, goto.url.partition("#")[0])
            for verb in document.verbs:
                self._check(call, verb)
        except TwimlError as error:
            self._world.violate(call.sid, goto.kind, goto.url, str(error), body)
            raise DocumentFailed(error.code, goto.url, error.reason) from error
        return document

    def _check(self, call: Call, verb: Verb) -> None:
        """What a document can't be judged by alone: the numbers it dials and shows, whether the call is answered."""
        if isinstance(verb, Dial):
            self._check_dial(call, verb)
        elif isinstance(verb, Reject) and call.answered is not None:
            raise TwimlError(12200, "<Reject> on a call that has been answered")

    def _check_dial(self, call: Call, dial: Dial) -> None:
        for noun in dial.numbers:
            if UNDIALLABLE.match(noun.number):
                raise TwimlError(13224, f"{noun.number} can't be dialled out to")
        if not dial.numbers:
            return
        caller_id = dial.caller_id
        if not caller_id:
            raise TwimlError(13214, "a Dial without callerId shows the caller's number")
        if caller_id == call.from_ and call.direction == "inbound":
            raise TwimlError(13214, "callerId is the caller's number")
        if UNDIALLABLE.match(caller_id):
            raise TwimlError(13214, f"callerId {caller_id} is an 08 or premium number")
        if caller_id not in self._world.owned:
            raise TwimlError(13214, f"callerId {caller_id} is not owned by the account")

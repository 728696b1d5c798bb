"""Text messages to a line: an operator pastes `/sms/<line>` beside the voice URLs.

Psychologists answer reminders. Whoever else writes, perhaps a caller, gets no answer: their number and their words end
here, and the answer is an empty document. The carrier keeps both: of every
message, whoever wrote, its id is remembered until it is erased there: in memory, while there is no database.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from xml.sax.saxutils import escape

from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError

from helpline.calls.unheard import About, Unheard, Word
from helpline.carrier.hooks import MAX_BODY, Hook, Refused, Tally, read_reply
from helpline.carrier.signature import Signature
from helpline.carrier.twiml import EMPTY, HEAD, TAIL
from helpline.clock import Clock
from helpline.lines import Line
from helpline.messages import answering
from helpline.messages.gsm import spelt
from helpline.settings import Service
from helpline.store.deadline import within
from helpline.store.sessions import Store

HEADERS = [("Content-Type", "text/xml; charset=utf-8"), ("Cache-Control", "no-store")]
log = logging.getLogger(__name__)


class ReplyRoutes:
    """`/sms/<line>`."""

    def __init__(
        self,
        store: Store,
        lines: Mapping[str, Line],
        signature: Signature,
        service: Service,
        clock: Clock,
        tally: Tally,
        texts: Unheard,
    ) -> None:
        self._store = store
        self._lines = lines
        self._signature = signature
        self._service = service
        self._clock = clock
        self._tally = tally
        self._texts = texts

    def blueprint(self) -> Blueprint:
        """The route."""
        routes = Blueprint("replies", __name__)
        routes.add_url_rule("/sms/<line>", "reply", self.reply, methods=["POST"])
        routes.register_error_handler(Refused, self._refused)
        return routes

    def reply(self, line: str) -> Response:
        """Somebody wrote to the line."""
        found = self._lines.get(line)
        if found is None:
            raise Refused(404, "line")
        text = self._answer(found)
        document = f"{HEAD}<Message>{escape(spelt(text))}</Message>{TAIL}" if text else EMPTY
        return Response(document, headers=HEADERS)

    def _answer(self, line: Line) -> str:
        environ = request.environ
        # The path as it came over the wire: gunicorn and the development server keep it under different names.
        path = environ.get("RAW_URI") or environ.get("REQUEST_URI") or request.full_path.rstrip("?")
        body = request.stream.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise Refused(400, "oversized")
        url, given = self._service.public_url + path, environ.get("HTTP_X_TWILIO_SIGNATURE", "")
        heed = partial(self._heed, line)
        return read_reply(self._signature, url, body, environ.get("CONTENT_TYPE", ""), given, heed)

    def _heed(self, line: Line, number: str, message: str, yes: bool) -> str:
        shown = line.settings.outbound_caller_id
        sharing = [other for other in self._lines.values() if other.settings.outbound_caller_id == shown]
        now = int(self._clock.now())
        try:
            with within(self._service.database_seconds):
                people = answering.holders(self._store, number)
                return answering.answer(self._store, sharing, people, message, now, yes=yes)
        except SQLAlchemyError as error:
            # Whoever wrote may write again. Who it was nobody can tell now; the carrier's copy is to be erased later.
            log.error("reply.database", extra={"line": line.name, "reason": type(error).__name__})
            self._texts.remember(Word(About.TEXT, line.name, Hook(message), now))
            return ""

    def _refused(self, error: Refused) -> Response:
        self._tally.add(error.reason)
        return Response(f"refused: {error.reason}\n", error.status, content_type="text/plain; charset=utf-8")

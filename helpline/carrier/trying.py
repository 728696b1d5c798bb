"""The webhooks of a psychologist's phone that is being tried, beside those of a conversation."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError

from helpline.calls.trying import Trying
from helpline.carrier.hooks import MAX_BODY, Hook, Refused, Tally, read_hook
from helpline.carrier.signature import Signature
from helpline.carrier.twiml import Renderer
from helpline.carrier.webhooks import HEADERS
from helpline.clock import Clock
from helpline.errors import BadToken
from helpline.lines import Line
from helpline.settings import Service
from helpline.store.deadline import within
from ivr_flows.actions import Document, Hangup, Say
from ivr_flows.trying import Place

log = logging.getLogger(__name__)


class TryRoutes:
    """`/voice/<line>/trying/...` and `/voice/<line>/tried/...`."""

    def __init__(
        self,
        trying: Trying,
        lines: Mapping[str, Line],
        renderer: Callable[[Line], Renderer],
        signature: Signature,
        service: Service,
        clock: Clock,
        tally: Tally,
    ) -> None:
        self._trying = trying
        self._lines = lines
        self._renderer = renderer
        self._signature = signature
        self._service = service
        self._clock = clock
        self._tally = tally

    def blueprint(self) -> Blueprint:
        """The routes."""
        routes = Blueprint("trying", __name__)
        routes.add_url_rule("/voice/<line>/trying/<token>", "trying", self.trying, methods=["POST"])
        routes.add_url_rule("/voice/<line>/tried/<token>", "tried", self.tried, methods=["POST"])
        routes.register_error_handler(Refused, self._refused)
        return routes

    def trying(self, line: str, token: str) -> Response:
        """The phone was picked up, or keys were pressed."""
        found, hook = self._read(line)
        leg, document = "", _not_valid(found)
        try:
            with within(self._service.database_seconds):
                leg, document = self._trying.answer(found, token, hook, int(self._clock.now()))
        except (BadToken, SQLAlchemyError) as error:
            log.warning("try.failed", extra={"line": line, "reason": type(error).__name__})
        text = self._renderer(found).render(document, lambda then: self._trying.urls.trying(found, leg, then))
        return Response(text, headers=HEADERS)

    def tried(self, line: str, token: str) -> Response:
        """What became of the call."""
        found, hook = self._read(line)
        try:
            with within(self._service.database_seconds):
                self._trying.over(found, token, hook, int(self._clock.now()))
        except (BadToken, SQLAlchemyError) as error:
            # The leg is forgotten in its time, and what nobody erased is found by the reconciliation.
            log.warning("try.failed", extra={"line": line, "reason": type(error).__name__})
        return Response(status=204)

    def _read(self, name: str) -> tuple[Line, Hook]:
        line = self._lines.get(name)
        if line is None:
            raise Refused(404, "line")
        environ = request.environ
        # The path as it came over the wire: gunicorn and the development server keep it under different names.
        path = environ.get("RAW_URI") or environ.get("REQUEST_URI") or request.full_path.rstrip("?")
        body = request.stream.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise Refused(400, "oversized")
        kind, given = environ.get("CONTENT_TYPE", ""), environ.get("HTTP_X_TWILIO_SIGNATURE", "")
        return line, read_hook(self._signature, self._service.public_url + path, body, kind, given)

    def _refused(self, error: Refused) -> Response:
        self._tally.add(error.reason)
        return Response(f"refused: {error.reason}\n", error.status, content_type="text/plain; charset=utf-8")


def _not_valid(line: Line) -> Document[Place]:
    return (Say("not-valid", line.flow.default_language), Hangup())

"""The voice routes. An operator pastes `/voice/<line>` and `/voice/<line>/status`; we hand out every other URL.

Checked in one place, before anything else happens: size, kind, signature, fields. No access log is written here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import lru_cache

from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import SQLAlchemyError

from helpline.calls.conversation import Conversation
from helpline.calls.unheard import About, Word
from helpline.carrier.floods import Floods
from helpline.carrier.hooks import MAX_BODY, Hook, Refused, Tally, read_arrival, read_asking, read_hook
from helpline.carrier.music import hold_music
from helpline.carrier.signature import Signature
from helpline.clock import Clock
from helpline.lines import Line
from helpline.settings import Service
from helpline.store.deadline import within

HEADERS = [("Content-Type", "text/xml; charset=utf-8"), ("Cache-Control", "no-store")]
LONGEST_MUSIC = 15
"""Seconds: as long as any hold document."""

log = logging.getLogger(__name__)
Answer = Callable[[Line, str, Hook, int], str]
Posted = tuple[str, bytes, str, str]
"""A request's public URL, body, content type and signature."""


class VoiceRoutes:
    """Turns requests into webhooks and answers into responses."""

    def __init__(
        self,
        conversation: Conversation,
        lines: Mapping[str, Line],
        signature: Signature,
        service: Service,
        clock: Clock,
        tally: Tally,
        floods: Floods,
    ) -> None:
        self._conversation = conversation
        self._lines = lines
        self._signature = signature
        self._public_url = service.public_url
        self._clock = clock
        self._tally = tally
        self._floods = floods
        self._database_seconds = service.database_seconds
        self._answers: Mapping[str, Answer] = {
            "caller": conversation.caller.step,
            "wait": conversation.holding.wait,
            "leg": conversation.psychologist.leg,
            "bridge": conversation.psychologist.bridge,
            "bring": conversation.bringing.bring,
            "service": conversation.bringing.service,
            "met": conversation.caller.met,
            "room": conversation.bringing.room,
            "lobby": conversation.bringing.lobby,
            "standby": conversation.caller.on_standby,
            "screen": conversation.standby.screen,
            "accept": conversation.standby.accept,
            "calling": conversation.calling_back.calling,
            "called": conversation.calling_back.called,
            "directory": conversation.caller.directory,
        }

    def blueprint(self) -> Blueprint:
        """`/voice/...` and `/audio/...`."""
        routes = Blueprint("voice", __name__)
        routes.add_url_rule("/voice/<line>", "arrive", self.arrive, methods=["POST"])
        routes.add_url_rule("/voice/<line>/status", "call_status", self.call_status, methods=["POST"])
        routes.add_url_rule("/voice/<line>/status/<token>", "leg_status", self.leg_status, methods=["POST"])
        routes.add_url_rule("/voice/<line>/asking/<token>", "asking", self.asking, methods=["POST"])
        routes.add_url_rule("/voice/<line>/called-back/<token>", "called_back", self.called_back, methods=["POST"])
        routes.add_url_rule("/voice/<line>/<kind>/<token>", "step", self.step, methods=["POST"])
        routes.add_url_rule("/audio/<int:seconds>.wav", "audio", audio, methods=["GET"])
        routes.register_error_handler(Refused, self._refused)
        return routes

    def arrive(self, line: str) -> Response:
        """A caller dialled the line, which may not take so many calls."""
        found, posted = self._posted(line)

        def admits(number: str, call: str) -> bool:
            return self._floods.admits(line, number, call, self._clock.now())

        hook, admitted = read_arrival(self._signature, *posted, admits)
        caller = self._conversation.caller
        use_case = caller.arrive if admitted else caller.turn_away
        return self._spoken(found, "caller", lambda: use_case(found, hook, self._now()))

    def asking(self, line: str, token: str) -> Response:
        """Somebody is being asked on which number to call them back."""
        found, posted = self._posted(line)
        hook, number = read_asking(self._signature, *posted)
        caller = self._conversation.caller
        return self._spoken(found, "asking", lambda: caller.asking(found, token, hook, number, self._now()))

    def step(self, line: str, kind: str, token: str) -> Response:
        """Anything that happens on a leg."""
        answer = self._answers.get(kind)
        if answer is None:
            abort(404)
        return self._answer(line, token, kind, answer)

    def _answer(self, name: str, token: str, kind: str, answer: Answer) -> Response:
        line, hook = self._read(name)
        return self._spoken(line, kind, lambda: answer(line, token, hook, self._now()), token)

    def _spoken(self, line: Line, kind: str, answer: Callable[[], str], token: str = "") -> Response:
        try:
            with within(self._database_seconds):
                return _twiml(answer())
        except Exception as error:
            # The last edge: an error page would cut the caller off.
            log.exception("voice.failed", extra={"line": line.name, "kind": kind, "reason": type(error).__name__})
        try:
            return _twiml(self._conversation.rescuing.rescue(line, kind, token, self._now()))
        except Exception as error:
            log.exception("voice.failed", extra={"line": line.name, "kind": kind, "reason": type(error).__name__})
            return _twiml(self._conversation.rescuing.sorry(line, kind))

    def call_status(self, line: str) -> Response:
        """What became of a caller's call."""
        found, hook = self._read(line)
        caller = self._conversation.caller
        word = Word(About.CALL, line, hook, self._now())
        return self._noted(line, lambda: caller.call_status(found, hook, word.heard, word.heard), word)

    def leg_status(self, line: str, token: str) -> Response:
        """What became of a psychologist's leg."""
        found, hook = self._read(line)
        return self._noted(line, lambda: self._conversation.psychologist.leg_status(found, token, hook, self._now()))

    def called_back(self, line: str, token: str) -> Response:
        """What became of the leg of a psychologist who calls somebody back."""
        found, hook = self._read(line)
        word = Word(About.CALLED_BACK, line, hook, self._now(), token)
        return self._noted(line, lambda: self._conversation.calling_back.over(found, token, hook, word.heard), word)

    def _noted(self, name: str, note: Callable[[], None], word: Word | None = None) -> Response:
        try:
            with within(self._database_seconds):
                note()
        except SQLAlchemyError as error:
            # Told again at once by the carrier it would fare no better: the placer tells it when the database is back.
            log.error("status.database", extra={"line": name, "reason": type(error).__name__})
            if word is not None:
                self._conversation.unheard.remember(word)
        return Response(status=204)

    def _now(self) -> int:
        return int(self._clock.now())

    def _read(self, name: str) -> tuple[Line, Hook]:
        line, posted = self._posted(name)
        return line, read_hook(self._signature, *posted)

    def _posted(self, name: str) -> tuple[Line, Posted]:
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
        return line, (self._public_url + path, body, kind, given)

    def _refused(self, error: Refused) -> Response:
        self._tally.add(error.reason)
        return Response(f"refused: {error.reason}\n", error.status, content_type="text/plain; charset=utf-8")


_music = lru_cache(maxsize=LONGEST_MUSIC)(hold_music)
"""Made once: a quarter of a minute of it takes a tenth of a second, and anybody may ask for it."""


def audio(seconds: int) -> Response:
    """Quiet music of so many seconds, cached by the carrier."""
    if not 1 <= seconds <= LONGEST_MUSIC:
        abort(404)
    response = Response(_music(seconds), content_type="audio/wav")
    response.headers["Cache-Control"] = "public, max-age=604800"
    return response


def _twiml(text: str) -> Response:
    return Response(text, headers=HEADERS)

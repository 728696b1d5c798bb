"""The answers to a callback's webhooks: whoever asks for one, the psychologist who makes it, the phone that is called.

The number that is read back or dialled is put into the finished document here, and nowhere else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from helpline.calls.callback import Callbacks
from helpline.calls.numbers import dialable, spoken
from helpline.carrier.callback_urls import BackRef, CallbackUrls
from helpline.carrier.hooks import Hook
from helpline.carrier.twiml import EMPTY, Renderer
from helpline.errors import BadToken
from helpline.lines import Line
from helpline.store.callbacks import State
from ivr_flows import callback, caller, calling_back
from ivr_flows.actions import Document, Goto, Hangup, Say
from ivr_flows.callback import NUMBER, Effect, Stage
from ivr_flows.calling_back import Hello

log = logging.getLogger(__name__)
GoOn = Callable[[caller.Place | None, tuple[Say, ...]], str]
"""What answers when the flow goes on from a place, after these words; without one, the ring."""


@dataclass(frozen=True, slots=True)
class CallingBack:
    """Each method takes the line, the place or token of the URL, the webhook, and `now` (UTC seconds)."""

    callbacks: Callbacks
    urls: CallbackUrls
    renderer: Callable[[Line], Renderer]

    # --- whoever asks

    def begin(self, line: Line, place: caller.Place) -> str:
        """The caller chose the callback: the next request is the first that may look at their number."""
        first = callback.Place(Stage.BEGIN, place.step, place.language, place.category, crisis=place.crisis)
        return self._render(line, callback.Turn((Goto(first),)))

    def asking(self, line: Line, token: str, hook: Hook, number: str, now: int, on: GoOn) -> str:
        """They answered a question. `number` is the one the webhook comes from, as the network shows it."""
        try:
            place = self.urls.open_asking(line, token)
        except BadToken:
            log.warning("token.unreadable", extra={"line": line.name, "kind": "asking"})
            return on(None, ())
        there = caller.Place(place.step, place.language, place.category)
        try:
            turn = self._ask(line, place, hook, number, now)
            if not turn.leads_on:
                return self._read_back(line, turn, hook) or on(there, _sorry(place))
        except SQLAlchemyError as error:
            log.error("callback.database", extra={"line": line.name, "reason": type(error).__name__})
            return on(there, _sorry(place))
        return on(there, tuple(said for said in turn.document if isinstance(said, Say)))

    def _ask(self, line: Line, place: callback.Place, hook: Hook, number: str, now: int) -> callback.Turn:
        """What follows at `place`, carried out."""
        own = dialable(number, line)
        shown = spoken(line.settings.outbound_caller_id, line)
        facts = callback.Facts(line.flow.crisis, shown, own is not None)
        turn = callback.step(place, callback.Keyed(hook.digits), facts)
        match turn.effect:
            case Effect.OWN | Effect.KEYED:
                given = own if turn.effect is Effect.OWN else dialable(hook.digits, line)
                if given is not None:
                    self.callbacks.give(line, place.language, place.given, hook.call, given, now)
                return callback.step(place, callback.Given(given is not None), facts)
            case Effect.NOTE:
                done = self.callbacks.want(line, place.given, hook.call, now)
                return callback.step(place, callback.Noted(done), facts)
            case Effect.DROP:
                self.callbacks.drop(hook.call)
        return turn

    def _read_back(self, line: Line, turn: callback.Turn, hook: Hook) -> str | None:
        """The document of a turn, with the number in it if it has one; None if that is lost."""
        document = self._render(line, turn)
        if NUMBER not in document:
            return document
        given = next(action.then.given for action in turn.document if hasattr(action, "then"))
        number = self.callbacks.given(hook.call, given)
        return None if number is None else document.replace(NUMBER, spoken(number, line))

    def _render(self, line: Line, turn: callback.Turn) -> str:
        return self.renderer(line).render(turn.document, lambda then: self.urls.asking(line, then))

    # --- the psychologist's leg

    def calling(self, line: Line, token: str, hook: Hook, now: int) -> str:
        """A psychologist picked up, pressed keys, or the phone that was called is over."""
        try:
            ref, place = self.urls.open_calling(line, token)
        except BadToken:
            return self._not_valid(line, "calling")
        try:
            return self._calling(line, ref, place, hook, now)
        except SQLAlchemyError as error:
            log.error("callback.database", extra={"line": line.name, "reason": type(error).__name__})
        said = "thanks" if place.stage is calling_back.Stage.DIALLED else "gone"
        return self.renderer(line).render((Say(said, place.language), Hangup()), str)

    def _calling(self, line: Line, ref: BackRef, place: calling_back.Place, hook: Hook, now: int) -> str:
        row = self.callbacks.look(ref)
        view = calling_back.View(
            row is not None and row.state in (State.CALLING, State.DIALLING),
            line.flow.spoken[place.language],
            ref.language,
            row is not None and row.state == State.TALKING,
        )
        turn = calling_back.step(place, _event(place, hook), view)
        number: str | None = ""
        match turn.effect:
            case calling_back.Effect.SCREEN:
                self.callbacks.screen(ref, hook.call, now)
            case calling_back.Effect.PASS:
                self.callbacks.pass_on(ref, now)
            case calling_back.Effect.DIAL:
                number = self.callbacks.dial(ref, now)
            case calling_back.Effect.OVER:
                bridged = _bridged(hook)
                self.callbacks.over(line, ref, now, bridged=bridged, talked=hook.talked_for, dialled=hook.dial_call)
        if hook.over:
            return EMPTY
        if number is None:
            turn = calling_back.step(place, _event(place, hook), calling_back.View(False, "", ref.language))
        return self._render_leg(line, ref, turn.document).replace(NUMBER, number or "")

    def _render_leg(self, line: Line, ref: BackRef, document: Document[calling_back.Place | Hello]) -> str:
        def url(then: calling_back.Place | Hello) -> str:
            return self.urls.called(line, ref, then) if isinstance(then, Hello) else self.urls.calling(line, ref, then)

        return self.renderer(line).render(document, url, {"caller_id": line.settings.outbound_caller_id})

    def over(self, line: Line, token: str, hook: Hook, now: int) -> None:
        """The carrier reports on the psychologist's leg."""
        try:
            ref = self.urls.open_over(line, token)
        except BadToken:
            log.warning("token.unreadable", extra={"line": line.name, "kind": "called-back"})
            return
        if hook.over:
            self.callbacks.leg_over(line, ref, hook.call, now)

    # --- the phone that is called

    def called(self, line: Line, token: str, hook: Hook, now: int) -> str:
        """Somebody, or a voicemail, picked up where a callback was asked for; they pressed 1, or didn't."""
        try:
            ref, hello = self.urls.open_called(line, token)
        except BadToken:
            return self._not_valid(line, "called")
        try:
            if not hello.nth:
                self.callbacks.greeted(hook.call, now)
            if calling_back.accepts(hello, hook.digits) and not self.callbacks.accept(ref, now):
                return self.renderer(line).render((Say("not-valid", hello.language), Hangup()), str)
        except SQLAlchemyError as error:
            # They asked for this call and took it: they are connected, and what the carrier says of it counts.
            log.error("callback.database", extra={"line": line.name, "reason": type(error).__name__})
        document = calling_back.greet(hello, hook.digits)
        return self.renderer(line).render(document, lambda then: self.urls.called(line, ref, then))

    def _not_valid(self, line: Line, kind: str) -> str:
        """Words that tell nobody whose call this was: nobody knows any more who is on the line."""
        log.warning("token.unreadable", extra={"line": line.name, "kind": kind})
        return self.renderer(line).render((Say("not-valid", line.flow.default_language), Hangup()), str)


def _sorry(place: callback.Place) -> tuple[Say, ...]:
    return (Say("callback-unavailable", place.language),)


def _bridged(hook: Hook) -> bool | None:
    return {"true": True, "false": False}.get(hook.dial_bridged)


def _event(place: calling_back.Place, hook: Hook) -> calling_back.Event:
    match place.stage:
        case calling_back.Stage.PICK_UP:
            return calling_back.Answered()
        case calling_back.Stage.DIALLED:
            return calling_back.Dialled(_bridged(hook))
    return calling_back.Keyed(hook.digits)

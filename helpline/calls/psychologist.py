"""The psychologist's side of a live call, webhook by webhook: whisper, accept, bridge, hand over, code.

Without the database one who pressed 1 is sent to the queue all the same: the carrier's queue lets only one of them in.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from helpline.calls.bringing import Bringing
from helpline.calls.keypad import Keypad
from helpline.calls.ringing import LegRef, Ringing
from helpline.calls.unheard import About, Unheard, Word
from helpline.carrier.hooks import Hook
from helpline.carrier.twiml import EMPTY, Renderer
from helpline.carrier.urls import VoiceUrls
from helpline.errors import BadToken
from helpline.lines import Line
from helpline.store.live_rows import CallRow, Loaded
from ivr_flows import psychologist
from ivr_flows.actions import Document, Hangup, Say
from ivr_flows.model import Language
from ivr_flows.psychologist import Before, CallView, Effect, Stage
from ivr_flows.ringing import CallState

log = logging.getLogger(__name__)
OUTCOMES = {
    "completed": "silent",
    "busy": "busy",
    "no-answer": "no-answer",
    "failed": "failed",
    "canceled": "cancelled",
}


@dataclass(frozen=True, slots=True)
class PsychologistSide:
    """The voice routes' use cases. Each takes the line, the URL's token, the webhook and `now` (UTC seconds)."""

    ringing: Ringing
    keypad: Keypad
    urls: VoiceUrls
    renderer: Callable[[Line], Renderer]
    bringing: Bringing
    unheard: Unheard

    def leg(self, line: Line, token: str, hook: Hook, now: int) -> str:
        """A psychologist picked up, pressed keys, or came out of a bridge."""
        try:
            ref, place = self.urls.open_leg(line, token)
        except BadToken:
            log.warning("token.unreadable", extra={"line": line.name, "kind": "leg"})
            return self.renderer(line).render((Say("not-valid", line.flow.default_language), Hangup()), str)
        if hook.over:
            return EMPTY
        try:
            return self._leg(line, ref, place, hook, now)
        except SQLAlchemyError as error:
            log.error("leg.database", extra={"line": line.name, "reason": type(error).__name__})
        queue = self.ringing.queue(ref.call_id, ref.attempt)
        view = CallView(None, queue=queue, held_in=ref.language, line=line.flow.spoken[place.language])
        blind = psychologist.step_blind(place, _event(place, hook), view)
        return self._render(line, ref, blind.document, ref.language)

    def _leg(self, line: Line, ref: LegRef, place: psychologist.Place, hook: Hook, now: int) -> str:
        event = _event(place, hook)
        # A claim asks the database once: whatever else there is to know of the call comes back with its outcome.
        loaded = None if psychologist.claims_at_once(place, event) else self.ringing.leg(ref)
        view = self._view(line, ref, place, hook.digits, loaded, now)
        turn = psychologist.step(place, event, view)
        if turn.effect is Effect.CLAIM:
            claimed = self.ringing.claim(ref, now, back=place.stage is Stage.HAND_OVER)
            view = self._view(line, ref, place, "", claimed, now)
            turn = psychologist.step(place, psychologist.Claimed(view.mine), view)
        elif turn.effect is Effect.BRING and loaded is not None:
            return self.bringing.begin(line, ref, loaded, place.language, now)
        elif turn.effect is not None:
            self._carry_out(line, ref, turn, hook, now)
        return self._render(line, ref, turn.document, view.caller_language)

    def _carry_out(self, line: Line, ref: LegRef, turn: psychologist.Turn, hook: Hook, now: int) -> None:
        match turn.effect:
            case Effect.SCREEN:
                self.ringing.screen(ref, hook.call, now)
            case Effect.DECLINE:
                outcome = "declined" if hook.digits == "2" else "silent"
                self.ringing.give_up(line, ref, outcome, now, over=False)
            case Effect.UNCLAIM:
                self.ringing.give_up(line, ref, "unbridged", now, over=False)
            case Effect.HOLD:
                self.ringing.hold(ref)
            case Effect.PASS_ON:
                self.ringing.pass_on(line, ref, now, over=False)
            case Effect.CODE:
                self.keypad.code(line, ref, turn.code, now)

    def _view(
        self, line: Line, ref: LegRef, place: psychologist.Place, digits: str, loaded: Loaded | None, now: int
    ) -> CallView:
        coding = place.stage in {Stage.CHECK, Stage.CODE, Stage.CONFIRM}
        can_code = coding and loaded is None and self.keypad.can_code(line, ref)
        reason = self.keypad.reason(digits, place.language) if place.stage is Stage.CODE else None
        spoken = line.flow.spoken[place.language]
        if loaded is None:
            return CallView(None, held_in=ref.language, line=spoken, can_code=can_code, reason=reason)
        call = loaded.call
        deciding = call.state is CallState.PARTED and place.stage in {Stage.CHECK, Stage.HAND_OVER}
        return CallView(
            CallState(call.state),
            mine=call.claimed_leg == ref.leg,
            attempt=call.attempt,
            queue=self.ringing.queue(ref.call_id, call.attempt),
            caller_language=call.language,
            held_in=ref.language,
            waited=now - call.entered_at,
            category=call.category,
            line=spoken,
            before=_before(call, ref),
            services=deciding and self.bringing.possible(line, now),
        )

    def _render(
        self, line: Line, ref: LegRef, document: Document[psychologist.Place], caller_language: Language
    ) -> str:
        extras = {
            "announce": self.urls.bridge(line, ref, caller_language),
            "caller_id": line.settings.outbound_caller_id,
        }
        return self.renderer(line).render(document, lambda then: self.urls.leg(line, ref, then), extras)

    def bridge(self, line: Line, token: str, hook: Hook, now: int) -> str:
        """The carrier is connecting the caller, who hears so; nothing may come between them."""
        try:
            ref, language = self.urls.open_bridge(line, token)
        except BadToken:
            return EMPTY
        try:
            self.ringing.announce(ref, now)
        except SQLAlchemyError as error:
            log.error("bridge.database", extra={"line": line.name, "reason": type(error).__name__})
            self.unheard.remember(Word(About.BRIDGED, line.name, hook, now, token))
        return self.renderer(line).render((_connecting(ref, language),), str)

    def announced(self, line: Line, token: str, heard: int) -> None:
        """What was to be written of a bridge that was announced at `heard`. Raises `SQLAlchemyError`."""
        with suppress(BadToken):
            ref, _ = self.urls.open_bridge(line, token)
            self.ringing.announce(ref, heard)

    def leg_status(self, line: Line, token: str, hook: Hook, now: int) -> None:
        """The carrier reports on a psychologist's leg."""
        try:
            ref = self.urls.open_leg_status(line, token)
        except BadToken:
            log.warning("token.unreadable", extra={"line": line.name, "kind": "status"})
            return
        if hook.over:
            self.ringing.leg_over(line, ref, hook.call, OUTCOMES[hook.status], now)
        else:
            self.ringing.seen(ref, hook.call, now)


def _connecting(ref: LegRef, language: Language) -> Say:
    """What tells the caller whom they are put through to."""
    if ref.is_service:
        return Say("connecting-alone", language)
    return Say("connecting-backup" if ref.person is None else "connecting", language)


def _before(call: CallRow, ref: LegRef) -> Before:
    """What this call has been through, as far as it matters to this psychologist."""
    if not call.talked:
        return Before.NOTHING
    return Before.CUT_OFF if call.ring_backs and call.person == ref.person else Before.HANDED_OVER


def _event(place: psychologist.Place, hook: Hook) -> psychologist.Event:
    match place.stage:
        case Stage.PICK_UP:
            return psychologist.Answered()
        case Stage.BRIDGE:
            return psychologist.BridgeEnded(bridged=not hook.unbridged)
        case Stage.CHECK:
            return psychologist.Checked()
    return psychologist.Keyed(hook.digits)

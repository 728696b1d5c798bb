"""A live call, webhook by webhook: opens the place, asks the pure machines, saves, and renders their answer.

Whatever breaks, whoever is on the line hears a voice. Without the database a caller is put through by the carrier alone
(`standby`), a waiting one goes on waiting for a while before, and a psychologist who pressed 1 is sent to the queue all
the same: the carrier's queue lets only one of them in.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain

from sqlalchemy.exc import SQLAlchemyError

from helpline.calls.bringing import Bringing
from helpline.calls.calling_back import CallingBack, GoOn
from helpline.calls.directory import Orienting
from helpline.calls.ending import Ending, Last
from helpline.calls.facts import any_unplaced, call_facts, leg_facts, rung, wave_facts
from helpline.calls.keypad import Keypad
from helpline.calls.ringing import IN_HAND, LegRef, Ringing
from helpline.calls.standby import StandBy
from helpline.calls.unheard import About, Unheard, Word
from helpline.carrier.hooks import Hook
from helpline.carrier.twiml import EMPTY, Renderer
from helpline.carrier.urls import VoiceUrls, WaitToken
from helpline.errors import BadToken
from helpline.lines import Line
from helpline.store.live_rows import CallRow, Loaded
from ivr_flows import caller as caller_leg
from ivr_flows import holding
from ivr_flows import psychologist as psychologist_leg
from ivr_flows.actions import Document, Hangup, LeaveQueue, Listen, Music, Queue, Say
from ivr_flows.model import Language
from ivr_flows.psychologist import Before, CallView, Effect, Stage
from ivr_flows.ringing import CallState

log = logging.getLogger(__name__)
MISSES = 3
"""Hold documents in a row that may be answered without the database before the caller leaves the queue."""
OUTCOMES = {
    "completed": "silent",
    "busy": "busy",
    "no-answer": "no-answer",
    "failed": "failed",
    "canceled": "cancelled",
}


@dataclass(frozen=True, slots=True)
class Conversation:
    """The voice routes' use cases. Each takes the line, the URL's token, the webhook and `now` (UTC seconds)."""

    ringing: Ringing
    ending: Ending
    keypad: Keypad
    urls: VoiceUrls
    renderer: Callable[[Line], Renderer]
    standby: StandBy
    calling_back: CallingBack
    orienting: Orienting
    unheard: Unheard
    bringing: Bringing

    # --- the caller

    def arrive(self, line: Line, hook: Hook, now: int) -> str:
        """The first webhook of a call."""
        return self._caller_turn(line, caller_leg.arrive(line.flow), hook, now)

    def turn_away(self, line: Line, hook: Hook, now: int) -> str:
        """The first webhook of a call too many: what to do instead, in each of the line's languages.

        The same words to everybody: nobody learns that others called from the same telephone.
        """
        try:
            self.ending.turned_away(line, hook.call, now)
        except SQLAlchemyError as error:
            log.error("call.database", extra={"line": line.name, "reason": type(error).__name__})
        said = [(Say("overflow", language), Say(line.flow.crisis, language)) for language in line.flow.languages]
        return self._render(line, (*chain.from_iterable(said), Hangup()))

    def caller(self, line: Line, token: str, hook: Hook, now: int) -> str:
        """The caller pressed keys or nothing, or left the queue. An unreadable token leads to the ring."""
        if hook.over:
            return self._gone(line, hook, now)
        try:
            place, attempt = self.urls.open_caller(line, token)
        except BadToken:
            log.warning("token.unreadable", extra={"line": line.name, "kind": "caller"})
            return self._caller_turn(line, caller_leg.to_ring(line.flow), hook, now)
        if hook.queue_result:
            return self._out_of_queue(line, place, attempt, hook, now)
        event = caller_leg.Keyed(hook.digits) if hook.digits else caller_leg.Silence()
        return self._caller_turn(line, self._step(line, place, event, now), hook, now)

    def asking(self, line: Line, token: str, hook: Hook, number: str, now: int) -> str:
        """The caller is asked on which number to call them back; `number` is the one they call from."""
        if hook.over:
            return self._gone(line, hook, now)
        return self.calling_back.asking(line, token, hook, number, now, self._go_on(line, hook, now))

    def directory(self, line: Line, token: str, hook: Hook, now: int) -> str:
        """The caller is being helped to somebody near them, or was."""
        if hook.over:
            return self._gone(line, hook, now)
        return self.orienting.answer(line, token, hook, now, self._go_on(line, hook, now))

    def _go_on(self, line: Line, hook: Hook, now: int) -> GoOn:
        """What answers once the caller has been elsewhere: the flow goes on as if they had pressed nothing."""

        def go_on(place: caller_leg.Place | None, said: tuple[Say, ...]) -> str:
            if place is None:
                return self._caller_turn(line, caller_leg.to_ring(line.flow), hook, now)
            turn = self._step(line, place, caller_leg.Silence(), now)
            return self._caller_turn(line, turn, hook, now, said)

        return go_on

    def _step(self, line: Line, place: caller_leg.Place, event: caller_leg.Event, now: int) -> caller_leg.Turn:
        """The flow's next turn. Whether callbacks are possible is looked up only where the answer depends on it."""
        asks = caller_leg.asks_callback(line.flow, place, event)
        callback = asks and self.calling_back.callbacks.possible(line, now)
        return caller_leg.step(line.flow, place, event, callback=callback)

    def _caller_turn(self, line: Line, turn: caller_leg.Turn, hook: Hook, now: int, said: tuple[Say, ...] = ()) -> str:
        if turn.callback is not None:
            return self.calling_back.begin(line, turn.callback)
        if turn.directory is not None:
            return self.orienting.begin(line, turn.directory, now, self._go_on(line, hook, now))
        if turn.ring is None:
            return self._render(line, (*said, *turn.document))
        try:
            ticket = self.ringing.enter(line, turn.ring, hook.call, now)
        except SQLAlchemyError as error:
            log.error("call.database", extra={"line": line.name, "reason": type(error).__name__})
            return self.standby.begin(line, turn.ring, hook, now)
        if ticket is None:
            # Over, says the tombstone: then nobody plays this. If it is wrong, no queue could be rung for any more.
            log.warning("call.buried", extra={"line": line.name})
            return self.standby.begin(line, turn.ring, hook, now)
        return self._queue(line, turn.ring, ticket.queue, ticket.attempt, said)

    def _queue(self, line: Line, place: caller_leg.Place, queue: str, attempt: int, said: tuple[Say, ...] = ()) -> str:
        wait = self.urls.wait(line, WaitToken(place.language, attempt, place.crisis))
        document: Document[caller_leg.Place] = (*said, Queue(queue, replace(place, crisis=False)))
        url = lambda then: self.urls.caller(line, then, attempt)  # noqa: E731 - one expression, used once
        return self.renderer(line).render(document, url, {"wait": wait})

    def _gone(self, line: Line, hook: Hook, now: int) -> str:
        """The caller hung up in the queue or in a bridge: as good as the final status, which may be late or lost."""
        try:
            self.gone(line, hook, now, now)
        except SQLAlchemyError as error:
            log.error("call.database", extra={"line": line.name, "reason": type(error).__name__})
            self.unheard.remember(Word(About.CALLER, line.name, hook, now))
        return EMPTY

    def gone(self, line: Line, hook: Hook, now: int, heard: int) -> None:
        """The caller's end is written, as it was at `heard`. Raises `SQLAlchemyError`."""
        if hook.queue:
            self.ringing.queue_over(hook.queue, now)
        last = Last({"bridged": True, "hangup": False}.get(hook.queue_result), hook.queued_for)
        self.ending.finish(line, hook.call, completed=hook.status == "completed", now=now, last=last, heard=heard)

    def _out_of_queue(self, line: Line, place: caller_leg.Place, attempt: int, hook: Hook, now: int) -> str:
        call_id = self.ringing.call_id(hook.call)
        try:
            if hook.queue:
                self.ringing.queue_over(hook.queue, now)
            if hook.queue_result in {"bridged", "bridging-in-process"}:
                over = hook.queue_result == "bridged"
                again = self.ringing.bridge_over if over else self.ringing.bridge_failed
                ticket = again(call_id, attempt, now)
                return self._queue(line, place, ticket.queue, ticket.attempt)
            told = hook.queue_result == "leave"
            loaded = self.ringing.left_queue(call_id, attempt, now, told=told)
            busy = self.ringing.busy(now)
        except SQLAlchemyError as error:
            log.error("call.database", extra={"line": line.name, "reason": type(error).__name__})
            ring = self.standby.parted if hook.queue_result == "bridged" else self.standby.begin
            return ring(line, place, hook, now)
        if loaded is None:
            return self._caller_turn(line, caller_leg.to_ring(line.flow, place), hook, now)
        call = loaded.call
        if call.attempt > attempt:
            return self._queue(line, place, self.ringing.queue(call_id, call.attempt), call.attempt)
        if told and call.state in IN_HAND:
            return self._in_hand(line, place, call, now)
        if not told or call.state == CallState.WAITING:
            # The carrier's queue failed, or they were told to leave by who couldn't see the plan: never queued again.
            return self.standby.begin(line, place, hook, now, skip=busy)
        if call.claimed_leg is not None:
            # Cut off a second time: they have talked. After a plan that ended nobody holds the call.
            return self._render(line, (Say("goodbye", place.language), Hangup()))
        if any_unplaced(loaded, now):
            # The carrier didn't place all our calls, but it runs our TwiML: those who didn't ring, one after the other.
            return self.standby.begin(line, place, hook, now, skip=busy | rung(loaded, now))
        return self._caller_turn(line, self._step(line, place, caller_leg.LeftQueue(), now), hook, now)

    def _in_hand(self, line: Line, place: caller_leg.Place, call: CallRow, now: int) -> str:
        """The caller left the queue to meet a service; or they don't, and are where they parted before."""
        ticket = self.ringing.ticket(call.id, call.attempt)
        if call.state is CallState.MEETING:
            return self.bringing.join(line, place, ticket, now)
        return self._queue(line, place, ticket.queue, ticket.attempt)

    def met(self, line: Line, token: str, hook: Hook, now: int) -> str:
        """The caller is out of the room where they met a service: as after a bridge. An unreadable token: the ring."""
        if hook.over:
            return self._gone(line, hook, now)
        try:
            place, attempt = self.urls.open_met(line, token)
        except BadToken:
            log.warning("token.unreadable", extra={"line": line.name, "kind": "met"})
            return self._caller_turn(line, caller_leg.to_ring(line.flow), hook, now)
        try:
            ticket = self.ringing.bridge_over(self.ringing.call_id(hook.call), attempt, now)
        except SQLAlchemyError as error:
            log.error("call.database", extra={"line": line.name, "reason": type(error).__name__})
            return self.standby.parted(line, place, hook, now)
        return self._queue(line, place, ticket.queue, ticket.attempt)

    def on_standby(self, line: Line, token: str, hook: Hook, now: int) -> str:
        """The caller is being put through by the carrier alone. An unreadable token leads to the ring."""
        try:
            place = self.urls.open_standby(line, token)
        except BadToken:
            log.warning("token.unreadable", extra={"line": line.name, "kind": "standby"})
            return EMPTY if hook.over else self._caller_turn(line, caller_leg.to_ring(line.flow), hook, now)
        return self.standby.step(line, place, hook, now)

    def wait(self, line: Line, token: str, hook: Hook, now: int) -> str:
        """The hold loop's tick. A caller whose wait can't be read leaves the queue and is rung for anew."""
        try:
            wait = self.urls.open_wait(line, token)
        except BadToken:
            log.warning("token.unreadable", extra={"line": line.name, "kind": "wait"})
            return self._render(line, (LeaveQueue(),))
        try:
            loaded = self._tick(line, wait, hook, now)
        except SQLAlchemyError as error:
            log.error("call.database", extra={"line": line.name, "reason": type(error).__name__})
            return self._wait_blind(line, wait)
        if loaded is None:
            return self._render(line, (LeaveQueue(),))
        document = holding.hold(
            call_facts(loaded.call),
            wave_facts(loaded.call.plan),
            leg_facts(loaded, now),
            now,
            line.flow.crisis,
            holding.Wait(wait.nth, wait.told),
            speak_crisis=holding.is_emergency(hook.digits) or wait.crisis,
        )

        def url(then: holding.Wait) -> str:
            token = WaitToken(wait.language, wait.attempt, asked=then.asked, nth=then.nth, told=then.told)
            return self.urls.wait(line, token)

        return self.renderer(line).render(document, url)

    def _tick(self, line: Line, wait: WaitToken, hook: Hook, now: int) -> Loaded | None:
        call_id = self.ringing.call_id(hook.call)
        loaded = self.ringing.look(line, call_id, now, wait.nth)
        asked = wait.asked and loaded is not None and loaded.call.attempt == wait.attempt
        if holding.is_emergency(hook.digits):
            return loaded  # the numbers first; the question whether they were cut off comes again
        if loaded is not None and asked and loaded.call.state == CallState.PARTED:
            self.ringing.stayed(line, loaded, now)
            loaded = self.ringing.look(line, call_id, now, wait.nth)
        return loaded

    def _wait_blind(self, line: Line, wait: WaitToken) -> str:
        if wait.misses >= MISSES:
            return self._render(line, (LeaveQueue(),))
        then = replace(wait, misses=wait.misses + 1, nth=wait.nth + 1)
        document: Document[WaitToken] = (Listen((Music(holding.HOLD_MUSIC),), then),)
        return self.renderer(line).render(document, lambda then: self.urls.wait(line, then))

    def _trouble(self, line: Line, language: Language) -> str:
        return self._render(line, (Say("trouble", language), Say(line.flow.crisis, language), Hangup()))

    def rescue(self, line: Line, kind: str, token: str, now: int) -> str:
        """What follows when something broke that nobody foresaw: a caller is rung for without whatever it was."""
        opens = {
            "caller": lambda: self.urls.open_caller(line, token)[0],
            "met": lambda: self.urls.open_met(line, token)[0],
            "directory": lambda: self.orienting.came_from(line, token),
        }
        if kind not in opens:
            return self.sorry(line, kind)
        try:
            place = opens[kind]()
        except BadToken:
            place = caller_leg.Place(line.flow.start, line.flow.default_language)
        return self.standby.begin(line, place, Hook(""), now)

    def sorry(self, line: Line, kind: str) -> str:
        """The least that can be said then: a human voice, never the carrier's error tone.

        A waiting caller leaves the queue and is rung for anew; a psychologist is told that the call is gone.
        """
        language = line.flow.default_language
        match kind:
            case "wait":
                return self._render(line, (LeaveQueue(),))
            case "room" | "lobby":
                # Asked for again in a moment.
                return self._render(line, (Music(holding.MOMENT_MUSIC),))
            case "service":
                return self._render(line, (Say("service-over", language), Hangup()))
            case "leg" | "bring" | "screen" | "accept" | "calling":
                return self._render(line, (Say("gone", language), Hangup()))
            case "called":
                # Nobody knows who picked up: not a word of whose call it was.
                return self._render(line, (Say("not-valid", language), Hangup()))
            case "bridge":
                return EMPTY
        return self._trouble(line, language)

    def _render(self, line: Line, document: Document[caller_leg.Place]) -> str:
        return self.renderer(line).render(document, lambda then: self.urls.caller(line, then))

    # --- the psychologist

    def leg(self, line: Line, token: str, hook: Hook, now: int) -> str:
        """A psychologist picked up, pressed keys, or came out of a bridge."""
        try:
            ref, place = self.urls.open_leg(line, token)
        except BadToken:
            log.warning("token.unreadable", extra={"line": line.name, "kind": "leg"})
            return self._render(line, (Say("not-valid", line.flow.default_language), Hangup()))
        if hook.over:
            return EMPTY
        try:
            return self._leg(line, ref, place, hook, now)
        except SQLAlchemyError as error:
            log.error("leg.database", extra={"line": line.name, "reason": type(error).__name__})
        queue = self.ringing.queue(ref.call_id, ref.attempt)
        view = CallView(None, queue=queue, held_in=ref.language, line=line.flow.spoken[place.language])
        blind = psychologist_leg.step_blind(place, _event(place, hook), view)
        return self._render_leg(line, ref, blind.document, ref.language)

    def _leg(self, line: Line, ref: LegRef, place: psychologist_leg.Place, hook: Hook, now: int) -> str:
        event = _event(place, hook)
        # A claim asks the database once: whatever else there is to know of the call comes back with its outcome.
        loaded = None if psychologist_leg.claims_at_once(place, event) else self.ringing.leg(ref)
        view = self._view(line, ref, place, hook.digits, loaded, now)
        turn = psychologist_leg.step(place, event, view)
        if turn.effect is Effect.CLAIM:
            claimed = self.ringing.claim(ref, now, back=place.stage is Stage.HAND_OVER)
            view = self._view(line, ref, place, "", claimed, now)
            turn = psychologist_leg.step(place, psychologist_leg.Claimed(view.mine), view)
        elif turn.effect is Effect.BRING and loaded is not None:
            return self.bringing.begin(line, ref, loaded, place.language, now)
        elif turn.effect is not None:
            self._carry_out(line, ref, turn, hook, now)
        return self._render_leg(line, ref, turn.document, view.caller_language)

    def _carry_out(self, line: Line, ref: LegRef, turn: psychologist_leg.Turn, hook: Hook, now: int) -> None:
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
        self, line: Line, ref: LegRef, place: psychologist_leg.Place, digits: str, loaded: Loaded | None, now: int
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
            services=deciding and self.bringing.possible(line, call.language, now),
        )

    def _render_leg(
        self, line: Line, ref: LegRef, document: Document[psychologist_leg.Place], caller_language: Language
    ) -> str:
        extras = {
            "announce": self.urls.bridge(line, ref, caller_language),
            "caller_id": line.settings.outbound_caller_id,
        }
        return self.renderer(line).render(document, lambda then: self.urls.leg(line, ref, then), extras)

    def bridge(self, line: Line, token: str, _hook: Hook, now: int) -> str:
        """The carrier is connecting the caller, who hears so; nothing may come between them."""
        try:
            ref, language = self.urls.open_bridge(line, token)
        except BadToken:
            return EMPTY
        try:
            self.ringing.announce(ref, now)
        except SQLAlchemyError as error:
            log.error("bridge.database", extra={"line": line.name, "reason": type(error).__name__})
        if ref.is_service:
            return self._render(line, (Say("connecting-alone", language),))
        return self._render(line, (Say("connecting-backup" if ref.person is None else "connecting", language),))

    # --- what became of it

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

    def call_status(self, line: Line, hook: Hook, now: int, heard: int) -> None:
        """The carrier reports on a caller's call at `heard`, which may be a while ago: its end is counted once."""
        if hook.over:
            self.ending.finish(line, hook.call, completed=hook.status == "completed", now=now, heard=heard)
            self.calling_back.callbacks.drop(hook.call)


def _before(call: CallRow, ref: LegRef) -> Before:
    """What this call has been through, as far as it matters to this psychologist."""
    if not call.talked:
        return Before.NOTHING
    return Before.CUT_OFF if call.ring_backs and call.person == ref.person else Before.HANDED_OVER


def _event(place: psychologist_leg.Place, hook: Hook) -> psychologist_leg.Event:
    match place.stage:
        case Stage.PICK_UP:
            return psychologist_leg.Answered()
        case Stage.BRIDGE:
            return psychologist_leg.BridgeEnded(bridged=not hook.unbridged)
        case Stage.CHECK:
            return psychologist_leg.Checked()
    return psychologist_leg.Keyed(hook.digits)

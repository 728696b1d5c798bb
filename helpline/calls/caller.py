"""The caller's side of a live call, webhook by webhook: opens their place, asks the flow, saves, renders its answer.

Whatever breaks, they hear a voice: without the database they are put through by the carrier alone (`standby`).
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
from helpline.calls.facts import any_unplaced, call_facts, rung
from helpline.calls.ringing import IN_HAND, Ringing
from helpline.calls.standby import StandBy
from helpline.calls.unheard import About, Unheard, Word
from helpline.carrier.hooks import Hook
from helpline.carrier.twiml import EMPTY, Renderer
from helpline.carrier.urls import VoiceUrls, WaitToken
from helpline.errors import BadToken
from helpline.lines import Line
from helpline.store.live_rows import CallRow
from ivr_flows import caller
from ivr_flows.actions import Document, Hangup, Queue, Say
from ivr_flows.ringing import CallState, is_looked_for

log = logging.getLogger(__name__)
WITHOUT_DECISION = (CallState.WAITING, CallState.CLAIMED, CallState.TALKING)
"""Nothing in the call's row told the caller to leave the queue."""


@dataclass(frozen=True, slots=True)
class CallerSide:
    """The voice routes' use cases. Each takes the line, the URL's token, the webhook and `now` (UTC seconds)."""

    ringing: Ringing
    ending: Ending
    urls: VoiceUrls
    renderer: Callable[[Line], Renderer]
    standby: StandBy
    calling_back: CallingBack
    orienting: Orienting
    unheard: Unheard
    bringing: Bringing

    def arrive(self, line: Line, hook: Hook, now: int) -> str:
        """The first webhook of a call."""
        return self._turn(line, caller.arrive(line.flow), hook, now)

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

    def step(self, line: Line, token: str, hook: Hook, now: int) -> str:
        """The caller pressed keys or nothing, or left the queue. An unreadable token leads to the ring."""
        if hook.over:
            return self._gone(line, hook, now)
        try:
            place, attempt = self.urls.open_caller(line, token)
        except BadToken:
            log.warning("token.unreadable", extra={"line": line.name, "kind": "caller"})
            return self._turn(line, caller.to_ring(line.flow), hook, now)
        if hook.queue_result:
            return self._out_of_queue(line, place, attempt, hook, now)
        event = caller.Keyed(hook.digits) if hook.digits else caller.Silence()
        return self._turn(line, self._next(line, place, event, now), hook, now)

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

        def go_on(place: caller.Place | None, said: tuple[Say, ...]) -> str:
            if place is None:
                return self._turn(line, caller.to_ring(line.flow), hook, now)
            turn = self._next(line, place, caller.Silence(), now)
            return self._turn(line, turn, hook, now, said)

        return go_on

    def _next(self, line: Line, place: caller.Place, event: caller.Event, now: int) -> caller.Turn:
        """The flow's next turn. Whether callbacks are possible is looked up only where the answer depends on it."""
        asks = caller.asks_callback(line.flow, place, event)
        callback = asks and self.calling_back.callbacks.possible(line, now)
        return caller.step(line.flow, place, event, callback=callback)

    def _turn(self, line: Line, turn: caller.Turn, hook: Hook, now: int, said: tuple[Say, ...] = ()) -> str:
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

    def _queue(self, line: Line, place: caller.Place, queue: str, attempt: int, said: tuple[Say, ...] = ()) -> str:
        wait = self.urls.wait(line, WaitToken(place.language, attempt, place.crisis))
        document: Document[caller.Place] = (*said, Queue(queue, replace(place, crisis=False)))
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

    def _out_of_queue(self, line: Line, place: caller.Place, attempt: int, hook: Hook, now: int) -> str:
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
            return self._turn(line, caller.to_ring(line.flow, place), hook, now)
        call = loaded.call
        if call.attempt > attempt:
            return self._queue(line, place, self.ringing.queue(call_id, call.attempt), call.attempt)
        if told and (call.state in IN_HAND or is_looked_for(call_facts(call), now)):
            return self._in_hand(line, place, call, now)
        if not told or call.state in WITHOUT_DECISION:
            # The carrier's queue failed, or they were told to leave by who couldn't see the plan: never queued again.
            return self.standby.begin(line, place, hook, now, skip=busy)
        if call.claimed_leg is not None and call.parted_at >= call.claimed_at:
            # Cut off a second time: they have talked. After a plan that ended nobody holds the call.
            return self._render(line, (Say("goodbye", place.language), Hangup()))
        if any_unplaced(loaded, now):
            # The carrier didn't place all our calls, but it runs our TwiML: those who didn't ring, one after the other.
            return self.standby.begin(line, place, hook, now, skip=busy | rung(loaded, now))
        return self._turn(line, self._next(line, place, caller.LeftQueue(), now), hook, now)

    def _in_hand(self, line: Line, place: caller.Place, call: CallRow, now: int) -> str:
        """The caller left the queue to meet a service; or they don't, and are where they parted before.

        Or somebody said yes beside the word that they leave: the carrier's dial waits for them in the same queue.
        """
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
            return self._turn(line, caller.to_ring(line.flow), hook, now)
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
            return EMPTY if hook.over else self._turn(line, caller.to_ring(line.flow), hook, now)
        return self.standby.step(line, place, hook, now)

    def call_status(self, line: Line, hook: Hook, now: int, heard: int) -> None:
        """The carrier reports on a caller's call at `heard`, which may be a while ago: its end is counted once."""
        if hook.over:
            self.ending.finish(line, hook.call, completed=hook.status == "completed", now=now, heard=heard)
            self.calling_back.callbacks.drop(hook.call)

    def _render(self, line: Line, document: Document[caller.Place]) -> str:
        return self.renderer(line).render(document, lambda then: self.urls.caller(line, then))

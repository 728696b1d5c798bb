"""A call in the queue, end to end: plan, waves, claim, hand-over. Pure modules decide; this one loads and saves.

Every method is one short transaction, safe to repeat, and answers with what the row says afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from helpline.calls.advancing import IN_ROOM, ON_THE_LINE, Advancing, Ticket, release_legs, take_up
from helpline.calls.facts import ANSWER_SECONDS, call_facts
from helpline.calls.planning import planned
from helpline.lines import Line
from helpline.store import around, live, live_claims, live_legs, live_rows
from helpline.store.erasures import erase_later, hang_up_later, is_buried
from helpline.store.live import Planned
from helpline.store.live_rows import Loaded
from ivr_flows import caller
from ivr_flows import ringing as pure
from ivr_flows.model import Language
from ivr_flows.ringing import CallState, LegState

HEARTBEAT_SECONDS = 30
IN_HAND = (CallState.PARTED, CallState.MEETING)
"""Somebody is on the line who decides what becomes of a caller in the queue."""
WITH_CALLER = (LegState.TALKING, LegState.HELD)
"""Legs that talk to the caller, or have, or are about to."""


@dataclass(frozen=True, slots=True)
class LegRef:
    """What a leg's sealed URL knows: whose leg it is, of which call and attempt."""

    call_id: str
    leg: str
    attempt: int
    person: int | None
    language: Language
    """The one the call will be held in."""

    @property
    def is_service(self) -> bool:
        """Whether it is the leg of a service: of no attempt."""
        return self.attempt == 0


class Ringing(Advancing):
    """Use cases of a waiting call."""

    # --- the caller's side

    def enter(self, line: Line, place: caller.Place, carrier_id: str, now: int) -> Ticket | None:
        """The caller starts to wait (or tries again): the plan is fixed and the first wave is wanted.

        None for a call that has been counted as over: a request that comes late or again rings nobody.
        """
        ticket = self.ticket(self.call_id(carrier_id), 1)
        with self._store.live() as tx:
            if is_buried(tx, carrier_id):
                return None
            plan = self._planner.plan(tx, line, place.language, now)
            stored = planned(line, plan, now)
            if live.insert_call(tx, _new_call(line, place, ticket, carrier_id, stored, now)):
                self._want(tx, line, ticket, 0, plan.waves[0].targets if plan.waves else (), now)
                return ticket
            loaded = live_rows.load(tx, ticket.call_id)
            if loaded is None:
                return self._take_over(tx, line, ticket, carrier_id, now)
            return self._enter_again(tx, loaded, stored, now)

    def _take_over(self, tx: Connection, line: Line, ticket: Ticket, carrier_id: str, now: int) -> Ticket:
        """The call was named by a key that is gone, and so were its legs' URLs: it is rung for anew."""
        loaded = live_rows.find(tx, carrier_id)
        if loaded is not None:
            release_legs(tx, loaded, now, IN_ROOM if loaded.call.state is CallState.MEETING else ON_THE_LINE)
            live.rename(tx, loaded.call, ticket.call_id, now)
            call = replace(loaded.call, id=ticket.call_id, attempt=1, state=CallState.WAITING)
            live.restart(tx, call, 1, planned(line, self._planner.plan(tx, line, call.language, now), now), now)
        return ticket

    def _enter_again(self, tx: Connection, loaded: Loaded, stored: Planned, now: int) -> Ticket:
        """The call's row is there: the request is a repeated one, or the caller chose to try again."""
        call = loaded.call
        if call.state != CallState.LEFT:
            return self.ticket(call.id, call.attempt)
        # The hold loop's first tick opens the first wave.
        live.restart(tx, call, call.attempt + 1, stored, now)
        return self.ticket(call.id, call.attempt + 1)

    def look(self, line: Line, call_id: str, now: int, nth: int) -> Loaded | None:
        """The call as it stands after whatever was due at `now`; None when it is over. This is the hold loop's tick.

        `nth` is the number of the wait document that is asked for.
        """
        loaded = self._advance(line, call_id, now, nth)
        if loaded is not None and not -pure.SKEW_SECONDS <= now - loaded.call.heartbeat_at < HEARTBEAT_SECONDS:
            with self._store.single() as tx:
                live.heartbeat(tx, call_id, now)
        if loaded is not None and any(leg.state is LegState.WANTED for leg in loaded.legs):
            self._wake()
        return loaded

    def stayed(self, line: Line, loaded: Loaded, now: int) -> None:
        """The caller stayed on the line after the cut-off prompt: rung back once, then let go kindly."""
        call = loaded.call
        if call.state != CallState.PARTED:
            return
        with self._store.live() as tx:
            live.lock(tx, call.id)
            if pure.rings_back(call_facts(call)):
                plan = self._planner.plan(tx, line, call.language, now, first=call.person)
                self._cancel_ringing(tx, loaded, now)
                live.restart(tx, call, call.attempt, planned(line, plan, now), now, ring_backs=1)
            else:
                live.leave(tx, call.id, call.attempt, CallState.PARTED)

    def bridge_over(self, call_id: str, attempt: int, now: int) -> Ticket:
        """The carrier says the bridge of `attempt` ended and the caller is still there: a new queue for them."""
        with self._store.live() as tx:
            loaded = live_rows.load(tx, call_id)
            if loaded is not None and loaded.call.attempt == attempt:
                if not live_claims.parted(tx, loaded.call, loaded.person, now):
                    live_claims.parted_again(tx, call_id, attempt, now)
                self._cancel_ringing(tx, loaded, now)
        return self.ticket(call_id, attempt + 1)

    def bridge_failed(self, call_id: str, attempt: int, now: int) -> Ticket:
        """The caller was being connected and the psychologist is gone: a new queue, in which the waves go on.

        If it was a service to which they were left, they are asked whether they were cut off.
        """
        with self._store.live() as tx:
            loaded = live_rows.load(tx, call_id)
            leg = loaded.leg(loaded.call.claimed_leg) if loaded is not None else None
            if loaded is not None and leg is not None and leg.service:
                again = loaded.call.attempt == attempt and live_claims.parted(tx, loaded.call, loaded.person, now)
            else:
                again = loaded is not None and live_claims.requeue(tx, call_id, attempt)
            if again and leg is not None:
                live_legs.move_leg(tx, leg.id, (LegState.TALKING,), LegState.ENDED, "unbridged")
        return self.ticket(call_id, attempt + 1)

    def left_queue(self, call_id: str, attempt: int, now: int, *, told: bool) -> Loaded | None:
        """The caller is outside the queue of `attempt`: the call as it was, None when lost. Phones fall silent.

        `told` is whether they left by our word: then one who is to meet a service enters their room, and one who has
        just parted from a psychologist, or is looked for there by one, goes back into the queue.
        """
        with self._store.live() as tx:
            loaded = live_rows.load(tx, call_id)
            if loaded is None:
                return None
            if told and loaded.call.attempt == attempt and loaded.call.state in IN_HAND:
                live_claims.entered(tx, call_id, attempt, now)
                return live_rows.load(tx, call_id)
            if told and loaded.call.attempt == attempt and pure.is_looked_for(call_facts(loaded.call), now):
                return loaded
            if loaded.call.attempt == attempt and live.left(tx, call_id, attempt):
                self._cancel_ringing(tx, loaded, now)
        self._wake()
        return loaded

    def busy(self, now: int) -> frozenset[int]:
        """Everyone who is on the phone for this service, or whose phone rings."""
        with self._store.live() as tx:
            return around.around(tx, now).busy

    def queue_over(self, queue_id: str, now: int) -> None:
        """Nobody waits in this queue any more: it is deleted at the carrier."""
        with self._store.live() as tx:
            erase_later(tx, queue_id, now, "queue")

    # --- the psychologist's side

    def leg(self, ref: LegRef) -> Loaded | None:
        """The call of a leg, or None when it is over."""
        with self._store.read() as connection:
            return live_rows.load(connection, ref.call_id)

    def screen(self, ref: LegRef, carrier_id: str, now: int) -> None:
        """The phone was picked up: they have until then to press 1."""
        with self._store.live() as tx:
            live.lock(tx, ref.call_id)  # nobody may be told to leave the queue beside this
            until = now + pure.SCREEN_SECONDS
            live_legs.move_leg(tx, ref.leg, live_legs.RINGABLE, LegState.SCREENING, None, until, carrier_id)

    def claim(self, ref: LegRef, now: int, *, back: bool = False) -> Loaded | None:
        """Tries to claim the call for this leg; the call afterwards, whose `claimed_leg` tells who won.

        The other phones fall silent. A claim that was won before is won again. `back`: the psychologist had the caller
        and goes back to them.
        """
        with self._store.live() as tx:
            attempt = live_claims.claim_back if back else live_claims.claim
            # Twice: on PostgreSQL the first may have waited for a change of queues, and seen the leg as it was.
            won = attempt(tx, ref.call_id, ref.leg, now) or attempt(tx, ref.call_id, ref.leg, now)
            silenced = won and self._hush(tx, ref, now)
            loaded = live_rows.load(tx, ref.call_id)
        if silenced:
            self._wake()
        return loaded

    def _hush(self, tx: Connection, ref: LegRef, now: int) -> bool:
        """This leg has just claimed the call: nobody else is looked for. Whether phones are to fall silent."""
        silenced, loaded = take_up(tx, ref.leg, ref.person, now), live_rows.load(tx, ref.call_id)
        if loaded is None:
            return silenced
        _dismiss(tx, loaded)
        return self._cancel_ringing(tx, loaded, now) or silenced

    def announce(self, ref: LegRef, now: int) -> None:
        """The carrier is connecting the caller to this leg.

        Who pressed 1 while the database couldn't be asked is let in by the carrier's queue, and has the caller by that:
        it is their claim, made good here. Else all the others would be rung while the two talk.
        """
        with self._store.single() as tx:
            if ref.is_service:
                live_claims.bridged_to_service(tx, ref.call_id, ref.leg, now)
                return
            if live_claims.bridged(tx, ref.call_id, ref.leg, ref.person, now):
                return
        with self._store.live() as tx:
            live.lock(tx, ref.call_id)
            leg = live_rows.load_leg(tx, ref.leg)
            # A late copy is of a leg that has had the caller. This one hasn't: it waits for them, or was given up as
            # nothing was heard of it, or of its call.
            news = leg is not None and (
                leg.state in live_legs.SCREENABLE or leg.outcome == "lost" or leg.call_id is None
            )
            if not news or not live_claims.claim(tx, ref.call_id, ref.leg, now):
                return
            live_claims.bridged(tx, ref.call_id, ref.leg, ref.person, now)
            silenced = self._hush(tx, ref, now)
        if silenced:
            self._wake()

    def give_up(self, line: Line, ref: LegRef, outcome: str, now: int, *, over: bool = True) -> None:
        """This leg won't take the call (declined, silent, busy): a claim it held is released, waves go on.

        `over` is whether its phone is free again; while somebody is being thanked it isn't.
        """
        becomes, until = (LegState.ENDED, None) if over else (LegState.HELD, now + pure.THANKS_SECONDS)
        with self._store.live() as tx:
            live.lock(tx, ref.call_id)
            ended = live_legs.move_leg(tx, ref.leg, tuple(pure.ALIVE), becomes, outcome, until)
            if outcome == "unbridged":
                undo = live_claims.unclaim if ref.is_service else live_claims.release
                ended = undo(tx, ref.call_id, ref.leg) or ended
                live_legs.move_leg(tx, ref.leg, (LegState.TALKING,), becomes, outcome, until)
        if ended:
            self._advance(line, ref.call_id, now)
            self._wake()

    def hold(self, ref: LegRef) -> None:
        """The bridge ended and the psychologist is still on the line."""
        with self._store.single() as tx:
            live_legs.move_leg(tx, ref.leg, (LegState.TALKING,), LegState.HELD)

    def pass_on(self, line: Line, ref: LegRef, now: int, *, over: bool = True) -> None:
        """Handed over: a new plan without this psychologist, for the caller who waits in the new queue."""
        becomes, until = (LegState.ENDED, None) if over else (LegState.HELD, now + pure.THANKS_SECONDS)
        with self._store.live() as tx:
            live.lock(tx, ref.call_id)
            loaded = live_rows.load(tx, ref.call_id)
            live_legs.move_leg(tx, ref.leg, (LegState.HELD, LegState.TALKING), becomes, "handed", until)
            if loaded is not None and loaded.call.state == CallState.PARTED and loaded.call.claimed_leg == ref.leg:
                excluded = frozenset() if ref.person is None else frozenset({ref.person})
                call = loaded.call
                self._cancel_ringing(tx, loaded, now)
                plan = self._planner.plan(tx, line, call.language, now, excluded=excluded)
                live.restart(tx, call, call.attempt, planned(line, plan, now), now)
        self._advance(line, ref.call_id, now)
        self._wake()

    def leg_over(self, line: Line, ref: LegRef, carrier_id: str, outcome: str, now: int) -> None:
        """The carrier says this leg is over: to be erased; a claim or a hand-over it held goes on without it."""
        loaded = self.leg(ref)
        mine = loaded.leg(ref.leg) if loaded else None
        with self._store.live() as tx:
            live_legs.adopt(tx, ref.leg, carrier_id)
            erase_later(tx, carrier_id, now)
            if mine is None:
                live_legs.forget_leg(tx, ref.leg)
        if loaded is None or mine is None:
            return
        holds = loaded.call.claimed_leg == ref.leg
        left_to_service = any(leg.state in WITH_CALLER for leg in loaded.services if leg.id != ref.leg)
        if mine.state == LegState.HELD and loaded.call.state == CallState.PARTED and holds and not left_to_service:
            self.pass_on(line, ref, now)
        elif mine.state == LegState.TALKING and loaded.call.state == CallState.CLAIMED:
            self.give_up(line, ref, "unbridged", now)
        elif mine.state in pure.ALIVE:
            self.give_up(line, ref, outcome, now)
        else:
            with self._store.live() as tx:
                live.lock(tx, ref.call_id)
                live_legs.move_leg(tx, ref.leg, WITH_CALLER, LegState.ENDED, mine.outcome or "done")
                if holds:
                    live_claims.unmeet(tx, ref.call_id)
            self._advance(line, ref.call_id, now)
            self._wake()

    def seen(self, ref: LegRef, carrier_id: str, now: int) -> None:
        """A leg rings: one whose creation was never confirmed is known now, one that nobody needs is silenced."""
        with self._store.live() as tx:
            leg = live_rows.load_leg(tx, ref.leg)
            if live_legs.adopt(tx, ref.leg, carrier_id) and leg is not None:
                until = now + leg.ring_seconds + ANSWER_SECONDS
                live_legs.move_leg(tx, ref.leg, (LegState.WANTED, LegState.PLACING), LegState.RINGING, None, until)
            if leg is not None and leg.call_id is not None and leg.state != LegState.ENDED:
                return
            unneeded = hang_up_later(tx, carrier_id, now)
        if unneeded:
            self._wake()


def _dismiss(tx: Connection, loaded: Loaded) -> None:
    """A service that was brought onto the line isn't needed any more: it is told when it asks next."""
    for leg in loaded.services:
        if leg.id != loaded.call.claimed_leg:
            live_legs.move_leg(tx, leg.id, (LegState.SCREENING, *WITH_CALLER), LegState.ENDED, "dismissed")


def _new_call(
    line: Line, place: caller.Place, ticket: Ticket, carrier_id: str, stored: Planned, now: int
) -> Mapping[str, object]:
    return {
        "id": ticket.call_id,
        "line": line.name,
        "language": place.language,
        "category": place.category,
        "step": place.step,
        "state": CallState.WAITING,
        "attempt": ticket.attempt,
        "plan": stored.plan,
        "until": stored.until,
        "held": stored.held,
        "wave": 0,
        "wave_at": now,
        "entered_at": now,
        "queued_at": now,
        "heartbeat_at": now,
        "carrier_id": carrier_id,
    }

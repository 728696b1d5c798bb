"""A call in the queue, end to end: plan, waves, claim, hand-over. Pure modules decide; this one loads and saves.

Every method is one short transaction, safe to repeat, and answers with what the row says afterwards.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from helpline.calls.facts import ANSWER_SECONDS, UNPLACED, call_facts, leg_facts, read_plan, wave_facts
from helpline.calls.planning import PLACING_SECONDS, Planner, planned
from helpline.carrier.seal import Seal
from helpline.lines import Line
from helpline.store import around, live, live_legs, live_rows
from helpline.store.erasures import ITS_OWN_END, erase_later, hang_up_later, is_buried
from helpline.store.live import Planned
from helpline.store.live_rows import CallRow, LegRow, Loaded
from helpline.store.sessions import Store
from ivr_flows import caller
from ivr_flows import ringing as pure
from ivr_flows.model import Language
from ivr_flows.ringing import CallState, LegState
from rota.plan import Target

HEARTBEAT_SECONDS = 30
OFF_THE_PHONE = {
    LegState.PLACING: 20,
    LegState.RINGING: 20,
    LegState.SCREENING: pure.SCREEN_SECONDS + pure.THANKS_SECONDS,
    LegState.TALKING: 180,
    LegState.HELD: 180,
}
"""Longest time, in seconds, until a psychologist's phone is free once their caller's call is over: until the carrier
has silenced it, the whisper and a word of thanks are said, the reason is keyed."""
SCREENING_ONLY = {LegState.SCREENING: OFF_THE_PHONE[LegState.SCREENING]}
"""The others are rung again for the same caller."""
ROUNDS = 4
"""Most moves in a row at one instant: lost legs, a released claim, a wave; each follows from the one before."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """The caller's place in a queue of this call's own."""

    call_id: str
    attempt: int
    queue: str


@dataclass(frozen=True, slots=True)
class LegRef:
    """What a leg's sealed URL knows: whose leg it is, of which call and attempt."""

    call_id: str
    leg: str
    attempt: int
    person: int | None
    language: Language
    """The one the call will be held in."""


class Ringing:
    """Use cases of a waiting call. `wake` tells this process's placer that legs may be wanted."""

    def __init__(self, store: Store, seal: Seal, planner: Planner, wake: Callable[[], None]) -> None:
        self._store = store
        self._seal = seal
        self._planner = planner
        self._wake = wake

    def call_id(self, carrier_id: str) -> str:
        """Our own id of the carrier's call: a repeated request finds it again, nobody else can compute it."""
        return self._seal.name("call", carrier_id)

    def queue(self, call_id: str, attempt: int) -> str:
        """The name of the queue of this attempt: random to everybody else, the same whenever asked."""
        return self._seal.name("queue", call_id, str(attempt))

    def ticket(self, call_id: str, attempt: int) -> Ticket:
        """The caller's place in the queue of `attempt`."""
        return Ticket(call_id, attempt, self.queue(call_id, attempt))

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
            release_legs(tx, loaded, now, SCREENING_ONLY)
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
            if pure.rings_back(call_facts(call)):
                plan = self._planner.plan(tx, line, call.language, now, first=call.person)
                live.restart(tx, call, call.attempt, planned(line, plan, now), now, ring_backs=1)
            else:
                live.leave(tx, call.id, call.attempt, CallState.PARTED)

    def bridge_over(self, call_id: str, attempt: int, now: int) -> Ticket:
        """The carrier says the bridge of `attempt` ended and the caller is still there: a new queue for them."""
        with self._store.live() as tx:
            loaded = live_rows.load(tx, call_id)
            if loaded is not None and loaded.call.attempt == attempt:
                leg = loaded.leg(loaded.call.claimed_leg)
                live.parted(tx, loaded.call, leg.person if leg else loaded.call.person, now)
                self._cancel_ringing(tx, loaded, now)
        return self.ticket(call_id, attempt + 1)

    def bridge_failed(self, call_id: str, attempt: int, _now: int) -> Ticket:
        """The caller was being connected and the psychologist is gone: a new queue, in which the waves go on."""
        with self._store.live() as tx:
            loaded = live_rows.load(tx, call_id)
            if loaded is not None and live.requeue(tx, call_id, attempt) and loaded.call.claimed_leg:
                live_legs.move_leg(tx, loaded.call.claimed_leg, (LegState.TALKING,), LegState.ENDED, "unbridged")
        return self.ticket(call_id, attempt + 1)

    def left_queue(self, call_id: str, attempt: int, now: int) -> Loaded | None:
        """The caller is outside the queue of `attempt`: the call as it was, None when lost. Phones fall silent."""
        with self._store.live() as tx:
            loaded = live_rows.load(tx, call_id)
            if loaded is None:
                return None
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
            attempt = live.claim_back if back else live.claim
            # Twice: on PostgreSQL the first may have waited for a change of queues, and seen the leg as it was.
            won = attempt(tx, ref.call_id, ref.leg, now) or attempt(tx, ref.call_id, ref.leg, now)
            if won:
                live_legs.move_leg(tx, ref.leg, (*live_legs.SCREENABLE, LegState.HELD), LegState.TALKING)
            loaded = live_rows.load(tx, ref.call_id)
            if won and loaded is not None and self._cancel_ringing(tx, loaded, now):
                self._wake()
        return loaded

    def announce(self, ref: LegRef, now: int) -> None:
        """The carrier is connecting the caller to this leg."""
        with self._store.single() as tx:
            live.bridged(tx, ref.call_id, ref.leg, ref.person, now)

    def give_up(self, line: Line, ref: LegRef, outcome: str, now: int, *, over: bool = True) -> None:
        """This leg won't take the call (declined, silent, busy): a claim it held is released, waves go on.

        `over` is whether its phone is free again; while somebody is being thanked it isn't.
        """
        becomes, until = (LegState.ENDED, None) if over else (LegState.HELD, now + pure.THANKS_SECONDS)
        with self._store.live() as tx:
            ended = live_legs.move_leg(tx, ref.leg, tuple(pure.ALIVE), becomes, outcome, until)
            if outcome == "unbridged":
                ended = live.release(tx, ref.call_id, ref.leg) or ended
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
            loaded = live_rows.load(tx, ref.call_id)
            live_legs.move_leg(tx, ref.leg, (LegState.HELD, LegState.TALKING), becomes, "handed", until)
            if loaded is not None and loaded.call.state == CallState.PARTED and loaded.call.claimed_leg == ref.leg:
                excluded = frozenset() if ref.person is None else frozenset({ref.person})
                call = loaded.call
                plan = self._planner.plan(tx, line, call.language, now, excluded=excluded)
                live.restart(tx, call, call.attempt, planned(line, plan, now), now)
        self._advance(line, ref.call_id, now)
        self._wake()

    def leg_over(self, line: Line, ref: LegRef, carrier_id: str, outcome: str, now: int) -> None:
        """The carrier says this leg is over: to be erased; a claim or a hand-over it held goes on without it."""
        loaded = self.leg(ref)
        mine = loaded.leg(ref.leg) if loaded else None
        with self._store.live() as tx:
            erase_later(tx, carrier_id, now)
            live_legs.adopt(tx, ref.leg, carrier_id)
            if mine is None:
                live_legs.forget_leg(tx, ref.leg)
        if loaded is None or mine is None:
            return
        holds = loaded.call.claimed_leg == ref.leg
        if mine.state == LegState.HELD and loaded.call.state == CallState.PARTED and holds:
            self.pass_on(line, ref, now)
        elif mine.state == LegState.TALKING and loaded.call.state == CallState.CLAIMED:
            self.give_up(line, ref, "unbridged", now)
        elif mine.state in pure.ALIVE:
            self.give_up(line, ref, outcome, now)
        else:
            with self._store.single() as tx:
                live_legs.move_leg(
                    tx, ref.leg, (LegState.TALKING, LegState.HELD), LegState.ENDED, mine.outcome or "done"
                )
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

    # --- common

    def _advance(self, line: Line, call_id: str, now: int, nth: int | None = None) -> Loaded | None:
        """Whatever is due. `nth` is the wait document that the caller asks for, None when it isn't them who ask."""
        with self._store.read() as connection:
            loaded = live_rows.load(connection, call_id)
        for _ in range(ROUNDS):
            if loaded is None:
                return None
            moves = pure.tick(call_facts(loaded.call), wave_facts(loaded.call.plan), leg_facts(loaded, now), now, nth)
            if not moves:
                return loaded
            with self._store.live() as tx:
                changed = [self._apply(tx, line, loaded, move, now) for move in moves]
                loaded = live_rows.load(tx, call_id)
            if not any(changed):
                return loaded
        return loaded

    def _apply(self, tx: Connection, line: Line, loaded: Loaded, move: pure.Move, now: int) -> bool:
        """Whether it changed anything: another webhook may have been first."""
        call = loaded.call
        match move:
            case pure.OpenWave(index):
                return self._open_wave(tx, line, loaded, index, now)
            case pure.LoseLeg(leg_id):
                return _lose(tx, loaded.leg(leg_id), now)
            case pure.Doubt(nth) if call.claimed_leg:
                return live.doubt(tx, call.id, call.claimed_leg, nth, now)
            case pure.Release() if call.claimed_leg and live.release(tx, call.id, call.claimed_leg):
                return live_legs.move_leg(tx, call.claimed_leg, (LegState.TALKING,), LegState.ENDED, "unbridged")
            case pure.Replan():
                return self._replan(tx, line, call, now)
            case pure.Leave():
                live.lock(tx, call.id)
                return live.leave(tx, call.id, call.attempt, CallState.WAITING)
        return False

    def _open_wave(self, tx: Connection, line: Line, loaded: Loaded, index: int, now: int) -> bool:
        call, waves = loaded.call, read_plan(loaded.call.plan).waves
        # From when it was due, not from when it was noticed: a plan doesn't grow by a tick with every wave.
        due = call.wave_at + waves[call.wave].seconds if 0 <= call.wave < len(waves) else now
        at = due if now - pure.TICK_SECONDS <= due <= now and waves[index].match != "again" else now
        if not live.open_wave(tx, call.id, call.attempt, index, at, now):
            return False
        declined = {leg.person for leg in loaded.legs if leg.outcome == "declined" and leg.attempt == call.attempt}
        targets = [target for target in waves[index].targets if target.person not in declined - {None}]
        self._want(tx, line, self.ticket(call.id, call.attempt), index, targets, now)
        return True

    def _replan(self, tx: Connection, line: Line, call: CallRow, now: int) -> bool:
        """Somebody who was on the phone may be free now, and nobody who waited longer needs them."""
        plan = self._planner.plan(tx, line, call.language, now, me=call)
        if plan.busy_held or not any(target.person is not None for wave in plan.waves for target in wave.targets):
            return False
        return live.restart(tx, call, call.attempt, planned(line, plan, now), now)

    def _want(self, tx: Connection, line: Line, ticket: Ticket, wave: int, targets: Sequence[Target], now: int) -> None:
        if any(target.backup is not None for target in targets):
            # People are kept from a second call by an index; a number that is nobody's has to be looked up.
            taken = {self._planner.backup(*key) for key in live_legs.busy_backups(tx, now)}
            targets = [target for target in targets if self._planner.backup(line.name, target.backup) not in taken]
        # One creation a second: each phone starts a second after the one before, and may be alive that much longer.
        later = enumerate(targets, now)
        live_legs.insert_legs(tx, [_new_leg(line, ticket, wave, target, at) for at, target in later])

    def _cancel_ringing(self, tx: Connection, loaded: Loaded, now: int) -> bool:
        """Phones still ringing fall silent; who has picked up is told, never cut. Whether there were any."""
        ringing = [leg for leg in loaded.legs if leg.state in live_legs.RINGABLE]
        for leg in ringing:
            if live_legs.move_leg(tx, leg.id, live_legs.RINGABLE, LegState.ENDED, "cancelled") and leg.carrier_id:
                hang_up_later(tx, leg.carrier_id, now)
        return bool(ringing)


def release_legs(tx: Connection, loaded: Loaded, now: int, busy: Mapping[LegState, int] = OFF_THE_PHONE) -> None:
    """Nobody needs these legs any more: those that ring fall silent, and all are erased later.

    Whoever holds a phone that rings, speaks or is spoken to stays busy until it is hung up, at most `busy` seconds.
    """
    for leg in loaded.legs:
        if leg.carrier_id and leg.state in live_legs.RINGABLE:
            hang_up_later(tx, leg.carrier_id, now)
        elif leg.carrier_id:
            erase_later(tx, leg.carrier_id, now + ITS_OWN_END)
        seconds = busy.get(leg.state, 0)
        if seconds:
            live_legs.leave_alone(tx, leg.id, now + seconds)


def _lose(tx: Connection, leg: LegRow | None, now: int) -> bool:
    """Nothing was heard of it in its time, or there is no more time for it: given up, and silenced if it may ring."""
    if leg is None:
        return False
    why = UNPLACED if leg.state in {LegState.WANTED, LegState.PLACING} else leg.outcome or "lost"
    # As it was seen: a phone that has been picked up since isn't lost.
    ended = live_legs.move_leg(tx, leg.id, (leg.state,), LegState.ENDED, why)
    if ended and leg.carrier_id:
        hang_up_later(tx, leg.carrier_id, now)
    return ended


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


def _new_leg(line: Line, ticket: Ticket, wave: int, target: Target, now: int) -> Mapping[str, object]:
    return {
        "id": secrets.token_hex(16),
        "call_id": ticket.call_id,
        "line": line.name,
        "attempt": ticket.attempt,
        "wave": wave,
        "person": target.person,
        "backup": target.backup,
        "language": target.language,
        "ring_seconds": target.ring_seconds,
        "state": LegState.WANTED,
        "until": now + target.ring_seconds + PLACING_SECONDS,
    }

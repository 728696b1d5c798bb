"""What is due for a call in the queue, and how it is done: the moves of `ivr_flows.ringing`, a transaction a round."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from helpline.calls.facts import UNPLACED, call_facts, leg_facts, read_plan, wave_facts
from helpline.calls.planning import PLACING_SECONDS, Planner, planned
from helpline.carrier.seal import Seal
from helpline.lines import Line
from helpline.store import live, live_claims, live_legs, live_rows
from helpline.store.erasures import ITS_OWN_END, erase_later, hang_up_later
from helpline.store.live_rows import CallRow, LegRow, Loaded
from helpline.store.sessions import Store
from ivr_flows import ringing as pure
from ivr_flows.ringing import CallState, LegState
from rota.plan import Target

OFF_THE_PHONE = {
    LegState.PLACING: 20,
    LegState.RINGING: 20,
    LegState.SCREENING: pure.SCREEN_SECONDS + pure.THANKS_SECONDS,
    LegState.TALKING: 180,
    LegState.HELD: 180,
}
"""Longest time, in seconds, until a psychologist's phone is free once their caller's call is over: until the carrier
has silenced it, the whisper and a word of thanks are said, the reason is keyed."""
ON_THE_LINE = {
    LegState.SCREENING: OFF_THE_PHONE[LegState.SCREENING],
    LegState.HELD: pure.TICK_SECONDS + pure.THANKS_SECONDS,
}
"""Who listens to us when a call is rung for anew, until they are told. Others are rung again for the same caller."""
IN_ROOM = ON_THE_LINE | {LegState.TALKING: ON_THE_LINE[LegState.HELD]}
"""The same of a room: its end is no hang-up, and the psychologist comes back to us, too."""
STALE_SECONDS = 60
"""A waiting call is heard of every half minute: after this long without a sign it may have gone on without us."""
ROUNDS = 4
"""Most moves in a row at one instant: lost legs, a released claim, a wave; each follows from the one before."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """The caller's place in a queue of this call's own."""

    call_id: str
    attempt: int
    queue: str


class Advancing:
    """A waiting call goes on. `wake` tells this process's placer that legs may be wanted."""

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

    def _advance(self, line: Line, call_id: str, now: int, nth: int | None = None) -> Loaded | None:
        """Whatever is due. `nth` is the wait document that the caller asks for, None when it isn't them who ask."""
        with self._store.read() as connection:
            loaded = live_rows.load(connection, call_id)
        for _ in range(ROUNDS):
            if loaded is None:
                return None
            moves = pure.tick(call_facts(loaded.call), wave_facts(loaded.call.plan), leg_facts(loaded, now), now, nth)
            if nth is None and loaded.call.state is CallState.WAITING and _is_stale(loaded.call, now):
                # Whoever waits with us asks for a document first: nobody is rung for one who may be elsewhere.
                moves = tuple(move for move in moves if isinstance(move, pure.LoseLeg))
            if not moves:
                return loaded
            with self._store.live() as tx:
                live.lock(tx, call_id)  # before its legs, as whoever claims it does: else each waits for the other
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
                return lose(tx, loaded.leg(leg_id), now)
            case pure.Doubt(nth) if call.claimed_leg:
                return live_claims.doubt(tx, call.id, call.claimed_leg, nth, now)
            case pure.Release() if call.claimed_leg and release(tx, loaded):
                return live_legs.move_leg(tx, call.claimed_leg, (LegState.TALKING,), LegState.ENDED, "unbridged")
            case pure.Replan():
                return self._replan(tx, line, call, now)
            case pure.Unmeet():
                return live_claims.unmeet(tx, call.id)
            case pure.Leave():
                live.lock(tx, call.id)
                return live.leave(tx, call.id, call.attempt, CallState.WAITING)
        return False

    def _open_wave(self, tx: Connection, line: Line, loaded: Loaded, index: int, now: int) -> bool:
        call, waves = loaded.call, read_plan(loaded.call.plan).waves
        # From when it was due, not from when it was noticed: a plan doesn't grow by a tick with every wave.
        due = call.wave_at + waves[call.wave].seconds if 0 <= call.wave < len(waves) else now
        at = due if now - pure.TICK_SECONDS <= due <= now and waves[index].match != "again" else now
        if not live.open_wave(tx, call.id, call.attempt, index, at):
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
            if live_legs.move_leg(tx, leg.id, live_legs.RINGABLE, LegState.ENDED, "cancelled"):
                _not_to_ring(tx, leg, now)
        return bool(ringing)


def _is_stale(call: CallRow, now: int) -> bool:
    return not -pure.SKEW_SECONDS <= now - call.heartbeat_at < STALE_SECONDS


def release(tx: Connection, loaded: Loaded) -> bool:
    """The claim never became a bridge: psychologists are rung for anew, who was left to a service is asked first."""
    call, leg = loaded.call, loaded.leg(loaded.call.claimed_leg)
    if call.claimed_leg is None:
        return False
    undo = live_claims.unclaim if leg is not None and leg.service else live_claims.release
    return undo(tx, call.id, call.claimed_leg)


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
        if seconds and not leg.service:
            live_legs.leave_alone(tx, leg.id, now + seconds)


def lose(tx: Connection, leg: LegRow | None, now: int) -> bool:
    """Nothing was heard of it in its time, or there is no more time for it: given up, and silenced if it may ring."""
    if leg is None:
        return False
    why = UNPLACED if leg.state in {LegState.WANTED, LegState.PLACING} else leg.outcome or "lost"
    # As it was seen: a phone that has been picked up since isn't lost.
    ended = live_legs.move_leg(tx, leg.id, (leg.state,), LegState.ENDED, why)
    if ended:
        _not_to_ring(tx, leg, now)
    return ended


def take_up(tx: Connection, leg: str, person: int | None, now: int) -> bool:
    """This leg has the caller: its person is busy from now on. Whether a phone is to fall silent for it.

    A leg that had been given up counts again when 1 is pressed on it all the same. If its person's phone was rung for
    another caller since, that caller's turn comes with the others.
    """
    if live_legs.move_leg(tx, leg, (*live_legs.SCREENABLE, LegState.HELD), LegState.TALKING):
        return False
    silenced = False
    for _ in range(2):  # on PostgreSQL the phone may begin to ring beside this
        for other, carrier_id in (live_legs.ringing(tx, person) if person is not None else {}).items():
            if live_legs.move_leg(tx, other, live_legs.RINGABLE, LegState.ENDED, "cancelled") and carrier_id:
                silenced = hang_up_later(tx, carrier_id, now) or silenced
        if live_legs.revive(tx, leg):
            break
    return silenced


def _not_to_ring(tx: Connection, leg: LegRow, now: int) -> None:
    """A phone that rings falls silent; a number that was never dialled isn't kept."""
    if leg.carrier_id:
        hang_up_later(tx, leg.carrier_id, now)
    if leg.sealed is not None:
        live_legs.forget_number(tx, leg.id)


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

"""A service is brought onto the line of a caller and their psychologist: what becomes of the rows.

Pure modules decide (`ivr_flows/bringing.py`, `service.py`); here is one short transaction for each thing done, safe to
repeat. The leg's row is what accepting and calling off race for, the call's row what everything else does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helpline.calls.facts import LEFT, call_facts, leg_facts
from helpline.calls.planning import PLACING_SECONDS
from helpline.calls.ringing import LegRef
from helpline.calls.vault import Vault
from helpline.carrier.seal import Seal
from helpline.lines import Line
from helpline.store import live, live_claims, live_legs, live_rows
from helpline.store.erasures import hang_up_later
from helpline.store.live_rows import Loaded
from helpline.store.sessions import Store
from ivr_flows import bringing, service
from ivr_flows import ringing as pure
from ivr_flows.ringing import CallState, LegState

NO_ATTEMPT = 0
"""Of a service's leg: it belongs to no wave of any plan."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Use cases of a service that is brought onto the line. `wake` tells this process's placer of a wanted leg."""

    store: Store
    seal: Seal
    vault: Vault
    wake: Callable[[], None]

    def room(self, call_id: str, attempt: int) -> str:
        """The name of the room they meet in from the queue of `attempt`: random to everybody else."""
        return self.seal.name("room", call_id, str(attempt))

    def load(self, call_id: str) -> Loaded | None:
        """The call, or None when it is over."""
        with self.store.read() as connection:
            return live_rows.load(connection, call_id)

    # --- the psychologist

    def stay(self, ref: LegRef, now: int) -> None:
        """This psychologist is still there, and busy for the caller they have parted from."""
        with self.store.single() as tx:
            live_claims.still(tx, ref.call_id, ref.leg, now)

    def call(self, line: Line, ref: LegRef, place: bringing.Place, number: str, now: int) -> None:
        """The service's phone is wanted, once for each of the psychologist's tries; never two at once.

        `number` is E.164. It is kept sealed, and only until it is dialled.
        """
        leg = self._leg(ref, place.attempt, place.tries)
        with self.store.live() as tx:
            live.lock(tx, ref.call_id)
            loaded = live_rows.load(tx, ref.call_id)
            if loaded is None or loaded.call.state is not CallState.PARTED or loaded.call.claimed_leg != ref.leg:
                return
            live_claims.still(tx, ref.call_id, ref.leg, now)
            if all(other.state is LegState.ENDED for other in loaded.services):
                live_legs.insert_legs(tx, [self._row(line, loaded, leg, number, now)])
        self.wake()

    def _leg(self, ref: LegRef, attempt: int, tries: int) -> str:
        return self.seal.name("service", ref.call_id, str(attempt), str(tries))

    def _row(self, line: Line, loaded: Loaded, leg: str, number: str, now: int) -> dict[str, object]:
        return {
            "id": leg,
            "call_id": loaded.call.id,
            "line": line.name,
            "attempt": NO_ATTEMPT,
            "wave": -1,
            "person": None,
            "backup": None,
            "language": loaded.call.language,
            "ring_seconds": service.RING_SECONDS,
            "state": LegState.WANTED,
            "until": now + service.RING_SECONDS + PLACING_SECONDS,
            "sealed": self.vault.close(number, leg),
        }

    def call_off(self, ref: LegRef, place: bringing.Place, now: int) -> Loaded | None:
        """The psychologist doesn't want the service any more; the call afterwards. One that has accepted stays."""
        leg = self._leg(ref, place.attempt, place.tries)
        with self.store.live() as tx:
            live_claims.still(tx, ref.call_id, ref.leg, now)
            row = live_rows.load_leg(tx, leg)
            ringing = row is not None and row.state in live_legs.RINGABLE
            ended = live_legs.move_leg(tx, leg, live_legs.SCREENABLE, LegState.ENDED, "cancelled")
            live_legs.forget_number(tx, leg)
            if ended and ringing and row is not None and row.carrier_id:
                hang_up_later(tx, row.carrier_id, now)
            loaded = live_rows.load(tx, ref.call_id)
        self.wake()
        return loaded

    def enter(self, ref: LegRef, now: int) -> None:
        """This leg enters the room."""
        with self.store.single() as tx:
            live_legs.move_leg(tx, ref.leg, (LegState.HELD,), LegState.TALKING, None, now + service.ALIVE_SECONDS)

    def come_out(self, ref: LegRef, now: int) -> None:
        """The psychologist is out of the room, perhaps before anybody else was in it."""
        with self.store.live() as tx:
            live.lock(tx, ref.call_id)
            live_legs.move_leg(tx, ref.leg, (LegState.TALKING,), LegState.HELD)
            live_claims.unmeet(tx, ref.call_id)
            live_claims.still(tx, ref.call_id, ref.leg, now)

    def leave(self, ref: LegRef, now: int) -> None:
        """The psychologist leaves the caller to the service, which claims them as soon as it asks."""
        with self.store.live() as tx:
            if live_claims.still(tx, ref.call_id, ref.leg, now):
                until = now + pure.THANKS_SECONDS
                live_legs.move_leg(tx, ref.leg, (LegState.HELD,), LegState.HELD, LEFT, until)

    # --- the service

    def accept(self, ref: LegRef, now: int) -> Loaded | None:
        """The service pressed 1: the call afterwards. Accepted again by a repeated request; refused if called off."""
        until = now + service.ALIVE_SECONDS
        with self.store.live() as tx:
            live.lock(tx, ref.call_id)
            accepted = live_legs.move_leg(tx, ref.leg, live_legs.SCREENABLE, LegState.HELD, None, until)
            if accepted and not live_claims.meet(tx, ref.call_id, now):
                live_legs.move_leg(tx, ref.leg, (LegState.HELD,), LegState.ENDED, "late")
            return live_rows.load(tx, ref.call_id)

    def alive(self, ref: LegRef, now: int) -> None:
        """The service holds."""
        with self.store.single() as tx:
            held = (LegState.HELD,)
            live_legs.move_leg(tx, ref.leg, held, LegState.HELD, None, now + service.ALIVE_SECONDS)

    def hold(self, ref: LegRef, now: int) -> None:
        """The service is out of the room, and waits for what becomes of the caller."""
        with self.store.single() as tx:
            out = (LegState.TALKING,)
            live_legs.move_leg(tx, ref.leg, out, LegState.HELD, None, now + service.ALIVE_SECONDS)

    def claim(self, ref: LegRef, now: int) -> Loaded | None:
        """Tries to claim the caller for the service; the call afterwards, whose `claimed_leg` tells who won."""
        with self.store.live() as tx:
            live.lock(tx, ref.call_id)
            loaded = live_rows.load(tx, ref.call_id)
            if loaded is None or loaded.call.claimed_leg is None:
                return loaded
            if _left(loaded, now) and live_claims.claim_from(tx, ref.call_id, loaded.call.claimed_leg, ref.leg, now):
                live_legs.move_leg(tx, ref.leg, (LegState.HELD,), LegState.TALKING)
            return live_rows.load(tx, ref.call_id)

    def end(self, ref: LegRef, *, unbridged: bool = False) -> None:
        """The service is thanked; a claim that came to nothing is undone."""
        with self.store.live() as tx:
            if unbridged:
                live_claims.unclaim(tx, ref.call_id, ref.leg)
            live_legs.move_leg(tx, ref.leg, (LegState.TALKING, LegState.HELD), LegState.ENDED, "done")

    # --- what they may know

    def service_of(self, loaded: Loaded) -> bringing.Service:
        """What the row knows of the service that was called last."""
        states = {leg.state for leg in loaded.services if leg.id != loaded.call.claimed_leg}
        if LegState.HELD in states:
            return bringing.Service.THERE
        if LegState.TALKING in states:
            return bringing.Service.LEAVING
        return bringing.Service.RINGING if states & pure.ALIVE else bringing.Service.NOBODY

    def left(self, loaded: Loaded, now: int) -> bool:
        """Whether the psychologist is gone, or has left the caller to the service."""
        return _left(loaded, now)


def _left(loaded: Loaded, now: int) -> bool:
    return pure.psychologist_there(call_facts(loaded.call), leg_facts(loaded, now), now) is False

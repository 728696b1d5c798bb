"""Calls made and changed by REST: creation at the account's rate, cancelling, ending, redirecting, deleting."""

from __future__ import annotations

from dataclasses import dataclass

from helpline.twin.calls import Call, Cancelled, Goto, HungUp, Redirected
from helpline.twin.faults import Faults
from helpline.twin.legs import Legs
from helpline.twin.params import leg_params
from helpline.twin.phones import Party, find_phone
from helpline.twin.world import World


class Refused(Exception):  # noqa: N818 - the carrier's answer to a REST request, not an error of ours
    """A REST request the carrier refuses: HTTP status, its error code, and the reason."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Order:
    """A call to create."""

    to: str
    from_: str
    goto: Goto
    timeout: float = 60.0
    status_url: str = ""
    status_method: str = "POST"
    status_events: frozenset[str] = frozenset({"completed"})
    fallback: Goto | None = None
    time_limit: float | None = None


class Placing:
    """What the REST API can do to calls; every method is called under the kernel's lock."""

    def __init__(self, world: World, legs: Legs, faults: Faults) -> None:
        self._world = world
        self._legs = legs
        self._faults = faults

    def new_call(self, from_: str, to: str, direction: str, party: Party) -> Call:
        """A leg the carrier knows from now on."""
        call = Call(self._world, self._world.new_sid("CA"), from_, to, direction, party)
        call.extra = leg_params()
        self._world.calls[call.sid] = call
        self._world.history.append(call)
        return call

    def create(self, order: Order, held: float = 0.0) -> Call:
        """Create a leg; it leaves the carrier's own queue at the account's rate, `held` seconds later still."""
        world = self._world
        now = world.elapsed()
        turn = max(now, world.next_creation)
        if turn > now and world.rules.excess_creations == "429":
            raise Refused(429, 20429, "Too Many Requests")
        world.next_creation = turn + 1.0 / world.rules.creations_per_second
        call = self.new_call(order.from_, order.to, "outbound-api", find_phone(world, order.to))
        call.status_url, call.status_method = order.status_url, order.status_method
        call.status_events, call.fallback = order.status_events, order.fallback
        steps = self._legs.outbound(call, order.goto, order.timeout, turn - now + held)
        call.process = world.kernel.spawn(steps)
        if order.time_limit is not None:
            world.kernel.after(order.time_limit, lambda: call.interrupt(HungUp()), daemon=True)
        return call

    def cancel(self, call: Call) -> None:
        """Stop a leg that hasn't been answered; nothing happens to one that has."""
        if call.answered is None and not call.over:
            call.interrupt(Cancelled("canceled"))

    def complete(self, call: Call) -> None:
        """End a leg, wherever it is."""
        if call.answered is not None:
            call.note("is hung up", who="line")
            call.interrupt(HungUp())
        else:
            waiting = call.status == "queued"
            call.interrupt(Cancelled("canceled" if waiting else self._world.rules.completed_on_ringing))

    def redirect(self, call: Call, goto: Goto) -> None:
        """Send an answered leg to another document."""
        if call.status != "in-progress":
            raise Refused(400, 21220, "Call is not in-progress. Cannot redirect.")
        call.interrupt(Redirected(goto))

    def delete(self, call: Call) -> None:
        """Forget a leg that is over."""
        if not call.over:
            raise Refused(409, 20009, "Call is in progress and can't be deleted.")
        del self._world.calls[call.sid]

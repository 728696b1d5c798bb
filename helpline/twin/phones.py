"""The two kinds of telephones: a caller's, which dials a line, and one that may ring. Any thread may work them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from helpline.twin.behaviours import HANG_UP, Behaviour, ignore
from helpline.twin.bridging import Bridge
from helpline.twin.calls import Call, HungUp
from helpline.twin.conferring import Participant
from helpline.twin.process import Event
from helpline.twin.transcript import CALLER
from helpline.twin.world import World

BETWEEN_KEYS = 0.3
"""Seconds between two keys typed in one go."""


class Party:
    """Somebody at a phone, in at most one call: does by itself what a Behaviour says, and what it is told."""

    def __init__(self, world: World, number: str, name: str) -> None:
        self._world = world
        self.number = number
        self.name = name
        self.call: Call | None = None
        self.behaviour = Behaviour()
        self._keys: list[str] = []
        self._starred = False
        self._plans: list[Event] = []
        self._answering: Event | None = None

    # -- what a person does: any thread --------------------------------------------------------------------------

    def press(self, keys: str) -> None:
        """Type keys now; those nobody listens for are lost, as on the line."""
        with self._world.kernel.changed:
            for position, key in enumerate(keys):
                if key not in "0123456789*#":
                    raise ValueError(f"not a key of a telephone: {key!r}")
                self._plan(position * BETWEEN_KEYS, partial(self._key, key))

    def hang_up(self) -> None:
        """Put the phone down; while it rings: refuse the call."""
        with self._world.kernel.changed:
            call = self.call
            if call is None or call.over:
                return
            if call.status == "ringing" and call.direction != "inbound":
                call.answer.resolve("busy")
                call.note("refuses")
            else:
                call.note("hangs up")
                call.interrupt(HungUp())

    def _key(self, key: str) -> None:
        call = self.call
        if call is None or call.over:
            return
        if call.bridge is not None:
            heeded = call.bridge.key(call, key)
        elif call.room is not None:
            heeded = call.room.key(key)
        else:
            heeded = call.listening is not None and not call.listening.complete
            if call.listening is not None:
                call.listening.key(key)
        call.note("presses", key if heeded else f"{key} (nobody listens)")

    # -- what the carrier tells it: under the lock ---------------------------------------------------------------

    def on_ringing(self, call: Call) -> str:
        """A call comes in (or, for a caller, goes out): the final status if it is refused at once."""
        self._begin(call, self.behaviour)
        return ""

    def on_answered(self, call: Call) -> None:
        """The phone was picked up."""
        if self.behaviour.says:
            call.note("says", self.behaviour.says)
        self._follow_script()

    def on_asked(self, first_seconds: float) -> None:
        """A Gather begins; its first sentence is over in `first_seconds`."""
        if self._keys:
            wait = self.behaviour.hesitates + (first_seconds if self.behaviour.listens else 0.0)
            self._answering = self._plan(wait, self._answer_question)

    def on_asked_no_more(self) -> None:
        """The Gather is over; keys meant for it stay for the next."""
        if self._answering is not None:
            self._world.kernel.cancel(self._answering)
            self._answering = None

    def on_bridged(self, call: Call) -> None:
        """Somebody is on the line."""
        if self.behaviour.talks is not None:
            self._plan(self.behaviour.talks, partial(self._if_still, call, call.bridge or call.room, HANG_UP))
        if self.behaviour.star_after is not None and not self._starred:
            self._starred = True
            self._plan(self.behaviour.star_after, partial(self._if_still, call, call.bridge or call.room, "*"))

    def on_ended(self, call: Call) -> None:
        """The call is over."""
        if self.call is not call:
            return  # it was refused because of another
        for plan in self._plans:
            self._world.kernel.cancel(plan)
        self._plans.clear()
        self.call = None

    # -- by itself -----------------------------------------------------------------------------------------------

    def _begin(self, call: Call, behaviour: Behaviour) -> None:
        self.call, self.behaviour = call, behaviour
        self._keys, self._starred = list(behaviour.keys), False

    def _plan(self, seconds: float, action: Callable[[], None]) -> Event:
        event = self._world.kernel.after(seconds, action)
        self._plans.append(event)
        return event

    def _follow_script(self) -> None:
        behaviour = self.behaviour
        for seconds, action in behaviour.script:
            self._plan(seconds, partial(self._do, action))
        if behaviour.hang_up_after is not None:
            self._plan(behaviour.hang_up_after, self.hang_up)

    def _do(self, action: str) -> None:
        if action == HANG_UP:
            self.hang_up()
        else:
            self.press(action)

    def _if_still(self, call: Call, joined: Bridge | Participant | None, action: str) -> None:
        if self.call is call and (call.bridge or call.room) is joined:
            self._do(action)

    def _answer_question(self) -> None:
        self._answering = None
        self.press(self._keys.pop(0))


class Phone(Party):
    """A phone that may ring. Its behaviours are used one per call, the last one for ever."""

    def __init__(self, world: World, number: str, behaviours: Sequence[Behaviour], name: str = "") -> None:
        super().__init__(world, number, name or number)
        self._behaviours = list(behaviours)
        self.rung = 0
        """Times it rang, or would have."""

    def behave(self, *behaviours: Behaviour) -> None:
        """From the next call on, treat calls so."""
        with self._world.kernel.changed:
            self._behaviours = list(behaviours)

    def pick_up(self) -> None:
        """Answer the call that rings, if one does."""
        with self._world.kernel.changed:
            if self.call is not None and self.call.status == "ringing":
                self.call.answer.resolve("answered")

    def on_ringing(self, call: Call) -> str:
        """Ring, or refuse at once: a phone has room for one call."""
        self.rung += 1
        if self.call is not None:
            call.note("is rung while busy")
            self._world.busy_rings.append(call.entries[-1])
            return "busy"
        behaviour = self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]
        refused = {"busy": "busy", "fails": "failed"}.get(behaviour.answer, "")
        if refused:
            return refused
        self._begin(call, behaviour)
        if behaviour.answer == "picks up":
            self._plan(behaviour.after, self.pick_up)
        elif behaviour.answer == "rejects":
            self._plan(behaviour.after, self.hang_up)
        return ""


class CallerPhone(Party):
    """A phone that dials a line."""

    def __init__(self, world: World, number: str, behaviour: Behaviour) -> None:
        super().__init__(world, number, CALLER)
        self.behaviour = behaviour

    def on_ringing(self, call: Call) -> str:
        """The line is being dialled; for a caller the clock starts here."""
        self._begin(call, self.behaviour)
        self._follow_script()
        if self.behaviour.says:
            call.note("says", self.behaviour.says)
        return ""


def find_phone(world: World, number: str) -> Phone:
    """The phone of a number; one nobody told us about rings out."""
    if number not in world.phones:
        world.phones[number] = Phone(world, number, [ignore()])
    return world.phones[number]

"""Performs Dial: rings numbers (at once or one after another), takes a queue's front, or enters a conference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from helpline.twin.bridging import Bridge, DialResult
from helpline.twin.calls import Call, Cancelled, HungUp, Redirected
from helpline.twin.conferring import Conferring
from helpline.twin.interpreter import Outcome, then
from helpline.twin.params import call_params
from helpline.twin.process import Future, Steps
from helpline.twin.queueing import Queueing
from helpline.twin.verbs import Dial, Number, Verb
from helpline.twin.webhooks import Webhook, Webhooks
from helpline.twin.world import World


@dataclass
class Race:
    """The legs one Dial rings at once: the first to pick up wins, the others stop ringing."""

    world: World
    parent: Call
    dial: Dial
    decided: Future[Bridge | None]
    """The bridge with the winner; None when nobody picked up, or the winner didn't stay."""
    legs: list[Call] = field(default_factory=list)
    running: int = 0
    winner: Call | None = None

    def won_by(self, leg: Call) -> bool:
        """A phone was picked up: True for the first."""
        if self.winner is not None:
            return False
        self.winner = leg
        for other in self.legs:
            if other is not leg:
                other.interrupt(Cancelled("no-answer"))
        return True

    def over_for(self, leg: Call) -> None:
        """A leg ended; without a bridge unless one was made before."""
        self.running -= 1
        if leg is self.winner or (self.running == 0 and self.winner is None):
            self.decided.resolve(None)

    @property
    def status(self) -> str:
        """The DialCallStatus when there was no bridge."""
        if self.winner is not None:
            return "failed" if self.winner.status == "failed" else "completed"
        ended = {leg.status for leg in self.legs}
        for status in ("no-answer", "busy", "failed"):
            if status in ended:
                return status
        return "canceled"


StartLeg = Callable[[Call, Number, Race], Call]


class Dialling:
    """Performs Dial with any of its nouns; `start_leg` rings one number for a race."""

    def __init__(
        self, world: World, queueing: Queueing, conferring: Conferring, webhooks: Webhooks, start_leg: StartLeg
    ) -> None:
        self._world = world
        self._queueing = queueing
        self._conferring = conferring
        self._webhooks = webhooks
        self._start_leg = start_leg

    def dial(self, call: Call, verb: Verb) -> Steps[Outcome]:
        """Dial, talk, and go on with the action's document or the next verb."""
        assert isinstance(verb, Dial)  # noqa: S101 - registered for this verb
        result = DialResult()
        try:
            if verb.queue is not None:
                yield from self._queueing.dial(call, verb, verb.queue, result)
            elif verb.conference is not None:
                yield from self._conferring.dial(call, verb, verb.conference, result)
            else:
                yield from self._numbers(call, verb, result)
        except HungUp:
            self._last_words(call, verb, result)
            raise
        return then(verb.action, verb.method, "dial", result.params())

    def _last_words(self, call: Call, verb: Dial, result: DialResult) -> None:
        """Request the action aside, its leg being gone."""
        if verb.action and self._world.rules.action_after_hangup:
            params = {**call_params(call, "completed"), **result.params()}
            self._webhooks.notify(call, Webhook("dial", verb.action, verb.method, params))

    def _numbers(self, call: Call, verb: Dial, result: DialResult) -> Steps[None]:
        groups = [(number,) for number in verb.numbers] if verb.sequential else [verb.numbers]
        for group in groups:
            race = Race(self._world, call, verb, Future(self._world.kernel))
            yield from self._race(call, verb, group, race, result)
            if race.winner is not None:
                return

    def _race(self, call: Call, verb: Dial, group: tuple[Number, ...], race: Race, result: DialResult) -> Steps[None]:
        result.status = "canceled"
        call.note("hears ringing")
        try:
            race.running = len(group)
            for number in group:
                race.legs.append(self._start_leg(call, number, race))
            yield race.decided
            bridge = race.decided.value
            if bridge is None:
                result.status = race.status
                result.other_sid = (race.winner or race.legs[-1]).sid
                return
            result.joined(bridge, bridge.other)
            yield from bridge.hold(call, verb.time_limit)
        except (HungUp, Redirected):
            if race.decided.value is not None:
                race.decided.value.end("hangup")
            raise
        finally:
            for leg in race.legs:
                # a bridged leg ends with its bridge, by itself
                if not leg.over and leg.bridge is None and race.decided.value is None:
                    leg.interrupt(HungUp() if leg.answered is not None else Cancelled("canceled"))

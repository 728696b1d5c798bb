"""A bridge: two legs that hear each other until one of them, a star or the clock ends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpline.twin.calls import Call
from helpline.twin.process import Future, Steps
from helpline.twin.world import World


class Bridge:
    """Joins `dialler`, whose Dial made it, with `other`."""

    def __init__(self, world: World, dialler: Call, other: Call, hangup_on_star: bool) -> None:
        self.dialler = dialler
        self.other = other
        self.hangup_on_star = hangup_on_star
        self.since = world.elapsed()
        self.ended: Future[str] = Future(world.kernel)
        self._world = world

    @property
    def seconds(self) -> int:
        """Whole seconds since it was made."""
        return round(self._world.elapsed() - self.since)

    def end(self, why: str) -> None:
        """End it: both legs go on with what their verb says comes next."""
        self.ended.resolve(why)

    def key(self, call: Call, key: str) -> bool:
        """A key pressed while talking; True when it meant something."""
        if key == "*" and self.hangup_on_star and call is self.dialler:
            self.end("star")
            return True
        return False

    def hold(self, call: Call, seconds: float | None = None) -> Steps[None]:
        """Keep `call` in the bridge until it ends, at most so many seconds; leaving in any way ends it."""
        partner = self.other if call is self.dialler else self.dialler
        call.bridge = self
        call.met.add(partner.sid)
        call.note("bridged", partner.party.name)
        call.party.on_bridged(call)
        try:
            came = yield from self._world.kernel.wait(self.ended, seconds)
            if not came:
                self.end("time limit")
        finally:
            self.end("hangup")
            call.bridge = None


@dataclass
class DialResult:
    """How far a Dial has come, at any moment: what its action would be told now."""

    status: str = "canceled"
    other_sid: str = ""
    bridge: Bridge | None = None
    conference: bool = False

    def joined(self, bridge: Bridge, other: Call, status: str = "completed") -> None:
        """The Dial's leg and another are being bridged."""
        self.status, self.other_sid, self.bridge = status, other.sid, bridge

    def params(self) -> Mapping[str, str]:
        """The Dial action's parameters."""
        params = {"DialCallStatus": self.status}
        if self.conference:
            return params
        params["DialBridged"] = str(self.bridge is not None).lower()
        if self.other_sid:
            params["DialCallSid"] = self.other_sid
        if self.bridge is not None:
            params["DialCallDuration"] = str(self.bridge.seconds)
        return params

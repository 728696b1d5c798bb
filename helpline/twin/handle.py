"""A caller's call as a test or the command line sees it: its phone, its transcript, its times."""

from __future__ import annotations

from helpline.twin import transcript
from helpline.twin.calls import Call
from helpline.twin.phones import CallerPhone
from helpline.twin.transcript import CALLER, Entry
from helpline.twin.world import Exchange, World

NEARBY = 0.5
"""Seconds after a caller's end within which a leg created still belongs to that call."""


class CallHandle:
    """One call somebody made to a line. Times are seconds since it was dialled; None when it didn't happen."""

    def __init__(self, world: World, call: Call, caller: CallerPhone) -> None:
        self._world = world
        self.call = call
        self.caller = caller

    def press(self, keys: str) -> None:
        """Type keys now."""
        self.caller.press(keys)

    def hang_up(self) -> None:
        """Put the phone down."""
        self.caller.hang_up()

    @property
    def sid(self) -> str:
        """The carrier's id of the call."""
        return self.call.sid

    @property
    def status(self) -> str:
        """queued, ringing, in-progress, or how it ended."""
        return self.call.status

    @property
    def over(self) -> bool:
        """Has it ended?"""
        return self.call.over

    def wait_until_over(self, timeout: float) -> bool:
        """On a real clock: wait at most `timeout` real seconds for its end."""
        with self._world.kernel.changed:
            return self._world.kernel.changed.wait_for(lambda: self.call.over, timeout)

    def legs(self) -> list[Call]:
        """This leg and those that belong to it: its Dial's, those it talked to, and those rung meanwhile.

        Nothing at the carrier ties a leg created by REST to the caller it is for; one that met nobody else and was
        created during the call is taken to be this call's.
        """
        with self._world.kernel.changed:
            return [leg for leg in self._world.history if self._belongs(leg)]

    def _belongs(self, leg: Call) -> bool:
        mine = self.call
        if leg is mine or leg.parent_sid == mine.sid or leg.sid in mine.met:
            return True
        ended = self._world.elapsed() if mine.ended is None else mine.ended
        meanwhile = mine.created <= leg.created <= ended + NEARBY
        return leg.direction == "outbound-api" and meanwhile and not leg.met

    @property
    def transcript(self) -> list[Entry]:
        """What happened on this call's legs, in order, `at` counted from dialling."""
        with self._world.kernel.changed:
            entries = [entry for leg in self.legs() for entry in leg.entries]
        entries.sort(key=lambda entry: entry.at)
        start = self.call.created
        return [Entry(e.at - start, e.who, e.event, e.text, e.locale, e.call_sid) for e in entries]

    def heard(self, who: str = CALLER) -> list[str]:
        """What was said to the caller (or another), sentence by sentence."""
        return [entry.text for entry in self.transcript if entry.who == who and entry.event == "hears"]

    @property
    def webhooks(self) -> list[Exchange]:
        """The requests made for this call's legs, oldest first."""
        exchanges = [exchange for leg in self.legs() for exchange in leg.exchanges]
        return sorted(exchanges, key=lambda exchange: exchange.at)

    @property
    def first_sound(self) -> float | None:
        """When the caller first heard something."""
        return self._at(transcript.first(self.transcript, *transcript.SOUNDS, who=CALLER))

    @property
    def first_ring(self) -> float | None:
        """When the first other phone rang."""
        return self._at(transcript.first(self.transcript, "rings", other_than=CALLER))

    @property
    def bridged_at(self) -> float | None:
        """When the caller first had somebody on the line."""
        return self._at(transcript.first(self.transcript, "bridged", who=CALLER))

    @property
    def talked_to(self) -> list[str]:
        """Whom the caller was bridged with, in order."""
        return [entry.text for entry in self.transcript if entry.who == CALLER and entry.event == "bridged"]

    @staticmethod
    def _at(entry: Entry | None) -> float | None:
        return None if entry is None else entry.at

"""What a line promises its callers: the longest they wait before a human answers, or they hear whom else to turn to.

Computed from the same functions that make the plans of real calls, for the fullest rota that a line can have.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpline.calls.planning import RUNG_TIERS, longest_wait
from helpline.lines import Line
from ivr_flows.model import Language
from ivr_flows.promise import seconds_to_ring
from ivr_flows.ringing import LONGEST_AFTER
from rota.model import OnCall, Person
from rota.plan import Backup, RingPlan, ring_plan


@dataclass(frozen=True, slots=True)
class Promise:
    """Seconds. Nothing here depends on who is on call: fewer people, shorter waits."""

    to_ring: int
    """From the first word to the ring, for who presses nothing."""
    ringing: int
    """From there to a human or to other numbers."""
    busy: int
    """The same where everybody is on the phone when the call comes, and is rung as soon as they are free."""

    @property
    def seconds(self) -> int:
        """From the first word to a human or to other numbers."""
        return self.to_ring + self.ringing

    @property
    def seconds_busy(self) -> int:
        """The same where everybody is on the phone."""
        return self.to_ring + self.busy


def promise(line: Line) -> Promise:
    """The line's promise, as its configuration stands."""
    plans = [_fullest(line, language, night=night) for language in line.flow.languages for night in (False, True)]
    ringing = max(longest_wait(plan, 0) for plan in plans)
    held = max(line.settings.ringing.busy, *(longest_wait(_backups(line, night=night), 0) for night in (False, True)))
    to_ring = seconds_to_ring(line.flow, line.prompts)
    return Promise(to_ring, ringing + LONGEST_AFTER, held + ringing + LONGEST_AFTER)


def _fullest(line: Line, language: Language, *, night: bool) -> RingPlan:
    """Two people in each tier who speak the caller's language, and somebody for each language offered instead."""
    people = [(tier, language) for tier in range(1, RUNG_TIERS + 1) for _ in range(2)]
    people += [(RUNG_TIERS, accepted) for accepted in line.settings.accepted_languages]
    on_call = [
        OnCall(Person(number, str(number), frozenset({spoken})), tier, number, 0)
        for number, (tier, spoken) in enumerate(people)
    ]
    return _plan(line, on_call, language, night=night)


def _backups(line: Line, *, night: bool) -> RingPlan:
    return _plan(line, [], line.flow.default_language, night=night)


def _plan(line: Line, on_call: list[OnCall], language: Language, *, night: bool) -> RingPlan:
    backups = [Backup(index) for index in range(len(line.settings.backup))]
    accepted = line.settings.accepted_languages
    return ring_plan(on_call, language, accepted=accepted, backups=backups, night=night, times=line.times)

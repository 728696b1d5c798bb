"""The degraded flow: callers are put through by the carrier alone, one screened phone after another.

For when the database doesn't answer, or the carrier takes no calls of ours. What it needs is in the URLs, the settings
and the standby file. Whoever was reached is told to the ending if the database is back by then; otherwise the carrier
is asked later, and the call counted as one of which nobody could know.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from helpline.calls.ending import Ending, Talked
from helpline.carrier.hooks import Hook
from helpline.carrier.twiml import EMPTY, Renderer
from helpline.carrier.urls import VoiceUrls
from helpline.errors import BadToken
from helpline.lines import Line
from helpline.shifts.standby import Standby
from ivr_flows import caller
from ivr_flows import standby as pure
from ivr_flows.actions import Document, Hangup, Say
from ivr_flows.model import Language

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StandBy:
    """Use cases of a caller who is rung for from their own leg. Each takes the webhook and `now` (UTC seconds)."""

    people: Standby
    ending: Ending
    urls: VoiceUrls
    renderer: Callable[[Line], Renderer]

    def begin(
        self, line: Line, place: caller.Place, hook: Hook, now: int, *, skip: frozenset[int] = frozenset()
    ) -> str:
        """The first phone rings. `place` is where the caller was; `skip` are the ids of people who are busy."""
        log.warning("call.degraded", extra={"line": line.name})
        ids = [str(person) for person in skip]
        targets = self._targets(line, place.language, now)
        return self._render(line, pure.begin(line.flow, targets, place, now - hook.queued_for, ids))

    def parted(self, line: Line, place: caller.Place, hook: Hook, now: int) -> str:
        """A conversation is over and nobody can say why: who stays on the line is rung for."""
        log.warning("call.degraded", extra={"line": line.name})
        return self._render(line, pure.parted(place, now - hook.queued_for))

    def step(self, line: Line, place: pure.Place, hook: Hook, now: int) -> str:
        """A dial is over, or the caller answered whether they were cut off."""
        if hook.bridged:
            self._talked(line, place, hook, now)
        if hook.over:
            return EMPTY
        event = pure.DialEnded(hook.bridged) if place.stage is pure.Stage.RINGING else pure.Keyed(hook.digits)
        return self._render(line, pure.step(line.flow, self._targets(line, place.caller.language, now), place, event))

    def screen(self, line: Line, token: str, _hook: Hook, _now: int) -> str:
        """A phone was picked up: who presses 1 is connected."""
        try:
            here = self.urls.open_screen(line, token)
        except BadToken:
            return self._no(line, "screen")
        return self._render(line, pure.whisper(line.flow, here))

    def accept(self, line: Line, token: str, hook: Hook, _now: int) -> str:
        """They pressed a key, or none."""
        try:
            here = self.urls.open_accept(line, token)
        except BadToken:
            return self._no(line, "accept")
        return self._render(line, pure.answered(here, hook.digits))

    def _no(self, line: Line, kind: str) -> str:
        log.warning("token.unreadable", extra={"line": line.name, "kind": kind})
        return self._render(line, (Say("not-valid", line.flow.default_language), Hangup()))

    def _talked(self, line: Line, place: pure.Place, hook: Hook, now: int) -> None:
        """Told at once, though the caller may still be there: who hangs up during the next words is not heard of."""
        waited = max(0, now - hook.talked_for - place.entered_at)
        person = int(place.rung) if place.rung.isdecimal() else None
        try:
            known = Talked(waited, hook.talked_for, person)
            self.ending.finish(line, hook.call, completed=True, now=now, known=known)
        except SQLAlchemyError as error:
            log.error("call.database", extra={"line": line.name, "reason": type(error).__name__})

    def _targets(self, line: Line, language: Language, now: int) -> tuple[pure.Target, ...]:
        seconds = line.times.night_wave if line.is_night(now) else line.times.wave
        candidates = [
            pure.Candidate(str(each.person), each.phone, each.languages, seconds)
            for each in self.people.who(line.name, now)
        ]
        candidates += [
            pure.Candidate(f"b{place}", number, (), line.times.backup)
            for place, number in enumerate(line.settings.backup)
        ]
        return pure.in_order(candidates, language, line.settings.accepted_languages, line.flow.default_language)

    def _render(self, line: Line, document: Document[pure.Then]) -> str:
        extras = {"caller_id": line.settings.outbound_caller_id}
        return self.renderer(line).render(document, lambda then: self.urls.standby(line, then), extras)

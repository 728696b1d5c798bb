"""The hold loop, tick by tick: what is due for the waiting call is done, and what they hear meanwhile is rendered.

Without the database a caller goes on waiting for a while before they are put through by the carrier alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy.exc import SQLAlchemyError

from helpline.calls.facts import call_facts, leg_facts, wave_facts
from helpline.calls.ringing import Ringing
from helpline.carrier.hooks import Hook
from helpline.carrier.twiml import Renderer
from helpline.carrier.urls import VoiceUrls, WaitToken
from helpline.errors import BadToken
from helpline.lines import Line
from helpline.store.live_rows import Loaded
from ivr_flows import holding
from ivr_flows.actions import Document, LeaveQueue, Listen, Music
from ivr_flows.ringing import CallState

log = logging.getLogger(__name__)
MISSES = 3
"""Hold documents in a row that may be answered without the database before the caller leaves the queue."""


@dataclass(frozen=True, slots=True)
class Holding:
    """The use case of a caller who waits in the queue."""

    ringing: Ringing
    urls: VoiceUrls
    renderer: Callable[[Line], Renderer]

    def wait(self, line: Line, token: str, hook: Hook, now: int) -> str:
        """The hold loop's tick. A caller whose wait can't be read leaves the queue and is rung for anew."""
        try:
            wait = self.urls.open_wait(line, token)
        except BadToken:
            log.warning("token.unreadable", extra={"line": line.name, "kind": "wait"})
            return self._leave(line)
        try:
            loaded = self._tick(line, wait, hook, now)
        except SQLAlchemyError as error:
            log.error("call.database", extra={"line": line.name, "reason": type(error).__name__})
            return self._blind(line, wait)
        if loaded is None:
            return self._leave(line)
        document = holding.hold(
            call_facts(loaded.call),
            wave_facts(loaded.call.plan),
            leg_facts(loaded, now),
            now,
            line.flow.crisis,
            holding.Wait(wait.nth, wait.told),
            speak_crisis=holding.is_emergency(hook.digits) or wait.crisis,
        )

        def url(then: holding.Wait) -> str:
            token = WaitToken(wait.language, wait.attempt, asked=then.asked, nth=then.nth, told=then.told)
            return self.urls.wait(line, token)

        return self.renderer(line).render(document, url)

    def _tick(self, line: Line, wait: WaitToken, hook: Hook, now: int) -> Loaded | None:
        call_id = self.ringing.call_id(hook.call)
        loaded = self.ringing.look(line, call_id, now, wait.nth)
        asked = wait.asked and loaded is not None and loaded.call.attempt == wait.attempt
        if holding.is_emergency(hook.digits):
            return loaded  # the numbers first; the question whether they were cut off comes again
        if loaded is not None and asked and loaded.call.state == CallState.PARTED:
            self.ringing.stayed(line, loaded, now)
            loaded = self.ringing.look(line, call_id, now, wait.nth)
        return loaded

    def _blind(self, line: Line, wait: WaitToken) -> str:
        if wait.misses >= MISSES:
            return self._leave(line)
        then = replace(wait, misses=wait.misses + 1, nth=wait.nth + 1)
        document: Document[WaitToken] = (Listen((Music(holding.HOLD_MUSIC),), then),)
        return self.renderer(line).render(document, lambda then: self.urls.wait(line, then))

    def _leave(self, line: Line) -> str:
        return self.renderer(line).render((LeaveQueue(),), str)

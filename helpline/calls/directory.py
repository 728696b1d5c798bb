"""The answers to a caller who looks for help near them, or is put through to a partner of the line.

Where they are and whom they chose is in the sealed URL, and nowhere else: no row, no log line, no count tells of it.
The entries are the last that this process read, so that nothing here waits for the database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from helpline.calls.calling_back import GoOn
from helpline.carrier.directory_urls import DirectoryUrls
from helpline.carrier.hooks import Hook
from helpline.carrier.twiml import Renderer
from helpline.directory.entries import Entry
from helpline.directory.spoken import country_of, offers
from helpline.directory.territories import place as territory
from helpline.directory.territories import place_of
from helpline.errors import BadToken
from helpline.lines import Line
from ivr_flows import caller, directory, forward
from ivr_flows.actions import Say
from ivr_flows.directory import Dialled, Event, Facts, Keyed, Place, Stage, Turn
from ivr_flows.model import DirectoryStep, ForwardStep

log = logging.getLogger(__name__)
CONNECTED = frozenset({"completed", "answered"})


class Entries(Protocol):
    """Where the entries come from: `helpline.directory.reading.Shelf`."""

    def entries(self, now: float) -> tuple[Entry, ...]:
        """Every entry, as far as is known at `now` (UTC seconds)."""
        ...


@dataclass(frozen=True, slots=True)
class Orienting:
    """Use cases of a caller who is helped on. Instants are UTC seconds."""

    shelf: Entries
    urls: DirectoryUrls
    renderer: Callable[[Line], Renderer]

    def begin(self, line: Line, at: caller.Place, now: int, on: GoOn) -> str:
        """A key led here."""
        place = Place(Stage.ASK, at.step, at.language, at.category, crisis=at.crisis)
        match line.flow.steps.get(at.step):
            case DirectoryStep() as here:
                turn = directory.begin(place, self._facts(line, here, place, "", now))
            case ForwardStep() as here:
                turn = forward.begin(here, place, line.flow.crisis)
            case _:
                turn = Turn(leads_on=True)
        return self._answer(line, place, turn, on)

    def answer(self, line: Line, token: str, hook: Hook, now: int, on: GoOn) -> str:
        """They pressed keys or none, or a dial is over. An unreadable token leads to the ring."""
        try:
            place = self.urls.open(line, token)
        except BadToken:
            log.warning("token.unreadable", extra={"line": line.name, "kind": "directory"})
            return on(None, ())
        event: Event = Dialled(_reached(hook)) if place.stage is Stage.DIAL else Keyed(hook.digits)
        match line.flow.steps.get(place.step):
            case DirectoryStep() as here:
                where = directory.where_asked(place, event)
                turn = directory.step(place, event, self._facts(line, here, place, where, now))
            case ForwardStep() as here:
                turn = forward.step(here, place, event, line.flow.crisis)
            case _:
                turn = Turn(leads_on=True)
        return self._answer(line, place, turn, on)

    def came_from(self, line: Line, token: str) -> caller.Place:
        """The place in the flow that a token's caller is at. Raises `BadToken`."""
        place = self.urls.open(line, token)
        return caller.Place(place.step, place.language, place.category)

    def _facts(self, line: Line, here: DirectoryStep, place: Place, where: str, now: int) -> Facts:
        country = country_of(line)
        found = place_of(where, country)
        known = self.shelf.entries(now)
        return Facts(
            line.flow.crisis,
            here.prompt,
            offers(known, line, found or territory(country), place.language),
            None if found is None else found.name(place.language),
        )

    def _answer(self, line: Line, place: Place, turn: Turn, on: GoOn) -> str:
        if turn.leads_on:
            there = caller.Place(place.step, place.language, place.category, crisis=turn.crisis)
            return on(there, tuple(said for said in turn.document if isinstance(said, Say)))
        extras = {"caller_id": line.settings.outbound_caller_id}
        return self.renderer(line).render(turn.document, lambda then: self.urls.place(line, then), extras)


def _reached(hook: Hook) -> bool:
    """Whether somebody picked up, where nobody there has to press a key; some carriers don't say if it was bridged."""
    return hook.bridged or (not hook.dial_bridged and hook.dial_status in CONNECTED)

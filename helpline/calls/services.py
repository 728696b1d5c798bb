"""Whom a psychologist can bring onto the line: the directory, read for a place that they keyed."""

from __future__ import annotations

from dataclasses import dataclass

from helpline.directory.reading import Shelf
from helpline.directory.spoken import country_of, offers, reachable
from helpline.directory.territories import place, place_of
from helpline.lines import Line
from ivr_flows.directory import Offer
from ivr_flows.model import Language


@dataclass(frozen=True, slots=True)
class Services:
    """Reads the directory from this process's own copy."""

    shelf: Shelf

    def __call__(self, line: Line, keyed: str, language: Language, now: int) -> tuple[Offer, ...] | None:
        """Who can be called at the place that was keyed, nearest first; None if it is no place.

        Nothing keyed is the whole country.
        """
        country = country_of(line)
        where = place_of(keyed, country) if keyed else place(country)
        if where is None:
            return None
        return offers(self.shelf.entries(now), line, where, language, connectable=True)

    def anybody(self, line: Line, now: int) -> bool:
        """Whether there is anybody, be it for a single department, who can be called."""
        return any(reachable(self.shelf.entries(now), line))

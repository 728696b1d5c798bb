"""Who may help near a place, in what order."""

from __future__ import annotations

from collections.abc import Iterable

from helpline.directory.entries import Audience, Entry, Kind
from helpline.directory.territories import Place
from ivr_flows.model import Language

_KINDS = {kind: number for number, kind in enumerate(Kind)}


def nearest(
    entries: Iterable[Entry], place: Place, language: Language, audience: Audience | None = None
) -> tuple[Entry, ...]:
    """The entries that serve a place, the nearest first, those for the whole country after them.

    Lines for everybody in danger come last of all: whoever asks for an address is looking for more than them. Equally
    near ones: those who speak the language first, then those for the audience, those reached day and night, by kind, by
    name.
    """
    found = []
    for entry in entries:
        distance = place.distance(entry.territories)
        if distance is not None:
            order = (
                entry.kind is Kind.CRISIS,
                distance,
                language not in entry.languages,
                audience is not None and audience not in entry.audiences,
                not entry.always,
                _KINDS[entry.kind],
                entry.name,
                entry.key,
            )
            found.append((order, entry))
    return tuple(entry for _, entry in sorted(found, key=lambda each: each[0]))

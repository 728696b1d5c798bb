"""What of the directory is read out on a telephone: the nearest entries, and who of them a caller can talk to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import phonenumbers

from helpline.directory.entries import Entry
from helpline.directory.nearest import nearest
from helpline.directory.phones import spoken
from helpline.directory.territories import Country, Place, territories
from helpline.lines import Line
from ivr_flows.directory import Offer
from ivr_flows.model import Language


def country_of(line: Line) -> Country:
    """The country whose directory a line reads: that of its published number."""
    found = phonenumbers.region_code_for_country_code(phonenumbers.parse(line.settings.published).country_code or 0)
    return "BE" if found == "BE" else "FR"


def offers(
    entries: Iterable[Entry], line: Line, place: Place, language: Language, *, connectable: bool = False
) -> tuple[Offer, ...]:
    """Everybody who may help at a place, the nearest first; with `connectable` only who a caller can be put through to.

    A line doesn't offer itself: an entry with one of its own numbers is left out.
    """
    found = nearest(_others(entries, line), place, language)
    return tuple(_offer(entry, place.country) for entry in found if entry.connect or not connectable)


def reachable(entries: Iterable[Entry], line: Line) -> Iterator[Entry]:
    """Everybody in the line's country whom somebody can be put through to, wherever there."""
    country = country_of(line)
    here = {code for code, territory in territories().items() if territory.country == country}
    return (entry for entry in _others(entries, line) if entry.connect and here.intersection(entry.territories))


def _others(entries: Iterable[Entry], line: Line) -> Iterator[Entry]:
    return (entry for entry in entries if entry.phone not in line.settings.own)


def _offer(entry: Entry, country: Country) -> Offer:
    number = entry.phone if entry.connect else None
    return Offer(entry.key, entry.name, spoken(entry.phone, country), entry.always, number)

"""What of the directory is read out on a telephone: the nearest entries, and who of them a caller can talk to."""

from __future__ import annotations

from collections.abc import Iterable

import phonenumbers

from helpline.directory.entries import Entry
from helpline.directory.nearest import nearest
from helpline.directory.phones import spoken
from helpline.directory.territories import Country, Place
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
    settings = line.settings
    own = {settings.published, settings.outbound_caller_id, *settings.inbound, *settings.backup}
    found = (entry for entry in nearest(entries, place, language) if entry.phone not in own)
    return tuple(_offer(entry, place.country) for entry in found if entry.connect or not connectable)


def _offer(entry: Entry, country: Country) -> Offer:
    number = entry.phone if entry.connect else None
    return Offer(entry.key, entry.name, spoken(entry.phone, country), entry.always, number)

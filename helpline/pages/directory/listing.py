"""The list: everybody who may help, by country, those of the whole country first; what is to be verified is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpline.directory.entries import Entry, out_of_date
from helpline.directory.nearest import nearest
from helpline.directory.reading import read_all
from helpline.directory.territories import COUNTRIES, Country, place_of, territories
from helpline.pages.directory.shown import Card, card, today, where
from helpline.pages.people.listing import matches
from helpline.pages.site import Visit

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

MOST = 300
"""Entries on one page; whoever looks for another one searches."""


@dataclass(frozen=True, slots=True)
class Group:
    """The entries of a country."""

    country: Country
    name: str
    cards: tuple[Card, ...]


def listing(visit: Visit) -> ResponseReturnValue:
    """The list, or those in it that match what is asked for: text, a country, what is to be verified."""
    sought, country, check = visit.asked("q"), visit.asked("country"), bool(visit.asked("check"))
    day = today(visit)
    with visit.site.store.read() as connection:
        everything = read_all(connection)
    stale = {entry.key for entry in everything if out_of_date(entry, day)}
    chosen = [country] if country in COUNTRIES else [*COUNTRIES]
    cards = {entry.key: card(visit, entry, day) for entry in everything}
    here = [entry for entry in everything if entry.country in chosen and (not check or entry.key in stale)]
    found = _found(visit, here, cards, sought)
    return visit.page(
        "directory/list.html",
        groups=_groups(visit, [cards[entry.key] for entry in found[:MOST]]),
        sought=sought,
        country=country,
        check=check,
        countries=[("", visit.say("directory-both")), *((code, where(visit, [code])) for code in COUNTRIES)],
        total=len(everything),
        shown=len(found),
        more=len(found[MOST:]),
        stale=len(stale),
        may=visit.me.may("coordinator"),
    )


def _found(visit: Visit, entries: Sequence[Entry], cards: dict[str, Card], sought: str) -> list[Entry]:
    """In the order of the territories; of a place, by its number, first what serves it, as a caller there hears it."""
    order = {code: number for number, code in enumerate(territories())}
    by_place = sorted(entries, key=lambda entry: (order[entry.territories[0]], entry.name, entry.key))
    near: list[Entry] = []
    for country in COUNTRIES:
        if place := place_of(sought, country):
            near += nearest(by_place, place, visit.language)
    if near:  # 15 is a department and a number to call; in texts it would be any day or digits
        return near + [entry for entry in by_place if entry.phone == sought and entry not in near]
    return [entry for entry in by_place if matches(sought, _words(entry, cards))]


def _words(entry: Entry, cards: dict[str, Card]) -> str:
    shown = cards[entry.key]
    facts = " ".join(text for _, text in shown.facts)
    return (
        f"{shown.name} {facts} {entry.phone} {' '.join(entry.territories)} {''.join(shown.phone.split())} {entry.key}"
    )


def _groups(visit: Visit, cards: Sequence[Card]) -> list[Group]:
    found = [
        Group(country, where(visit, [country]), tuple(each for each in cards if each.country == country))
        for country in COUNTRIES
    ]
    return [group for group in found if group.cards]

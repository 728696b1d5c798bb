"""The directory of help by region, as one page holds it: what is near first, then what serves the whole country.

Everything is on the page, so that nobody learns which region a reader chose. Pure: entries in, lists out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from helpline.directory.entries import Entry, Kind
from helpline.directory.nearest import nearest
from helpline.directory.territories import Country, Level, Place, Territory, place, plain, territories
from ivr_flows.model import Language


@dataclass(frozen=True, slots=True)
class Group:
    """Who helps in one territory, the nearest first. `number` is a French department's, else ""."""

    id: str
    name: str
    number: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """A region, with those of its departments or provinces that have other help than all of it, then what serves all.

    `members` are what lies in it, as people know it: numbers of departments, names of provinces.
    """

    id: str
    name: str
    members: tuple[str, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """A country's directory, without its lines for immediate danger. Areas are in the order of their names."""

    areas: tuple[Area, ...]
    national: tuple[Entry, ...]


def guide(entries: Iterable[Entry], country: Country, language: Language) -> Guide:
    """The directory of a country as somebody reads it who reads `language`."""
    helping = [entry for entry in entries if entry.kind is not Kind.CRISIS and entry.country == country]
    areas = sorted(_areas(helping, country, language), key=lambda area: plain(area.name))
    return Guide(tuple(areas), nearest(helping, place(country), language))


def _areas(entries: list[Entry], country: Country, language: Language) -> Iterator[Area]:
    mine = [each for each in territories().values() if each.country == country]
    for region in mine:
        if region.level is Level.REGION:
            inside = [each for each in mine if each.within == (region.code,)]
            members = tuple(_member(each, language) for each in inside)
            whole = _group(entries, region, language)
            own = [_group(entries, each, language) for each in inside]
            yield _area(region, members, [*(each for each in own if each.entries != whole.entries), whole], language)
    for alone in mine:  # Brussels is of two communities; the German-speaking one is a place like any other
        if alone.level is Level.PLACE and len(alone.within) != 1:
            yield _area(alone, (), [_group(entries, alone, language)], language)


def _area(territory: Territory, members: tuple[str, ...], groups: list[Group], language: Language) -> Area:
    filled = tuple(group for group in groups if group.entries)
    return Area(territory.code, territory.names[language], members, filled)


def _member(territory: Territory, language: Language) -> str:
    return territory.code if territory.country == "FR" else territory.names[language]


def _group(entries: list[Entry], territory: Territory, language: Language) -> Group:
    number = territory.code if territory.country == "FR" and territory.level is Level.PLACE else ""
    found = tuple(_near(entries, place(territory.code), language))
    return Group(territory.code, territory.names[language], number, found)


def _near(entries: list[Entry], here: Place, language: Language) -> Iterator[Entry]:
    """What is nearer than the whole country."""
    for entry in nearest(entries, here, language):
        far = here.distance(entry.territories)
        if far is not None and far < len(here.tiers) - 1:
            yield entry

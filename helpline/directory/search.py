"""The psychologist's search: who may help, the nearest first, and never nobody while the directory has anybody. Pure.

Without a place whoever helps a whole country comes first: they help the caller wherever that is. Where nobody is all
that was asked for, something of it is left out, the place last, and said to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from helpline.directory.entries import Audience, Entry, Kind
from helpline.directory.nearest import nearest
from helpline.directory.territories import COUNTRIES, Country, Level, Place, plain, territories
from helpline.directory.understanding import Asked, understand, words_of
from ivr_flows.model import Language


class Facet(StrEnum):
    """What of a search may be left out, the first first."""

    NAMES = "names"
    LANGUAGES = "languages"
    AUDIENCES = "audiences"
    KINDS = "kinds"
    PLACES = "places"


class Where(StrEnum):
    """Parts of what is found, in this order."""

    NEAR = "near"
    NATION = "nation"
    ELSEWHERE = "elsewhere"
    """In a department or region, where no place was asked for."""
    CRISIS = "crisis"


@dataclass(frozen=True, slots=True)
class Found:
    """What a search finds: `without` is what was asked for and had to be left out. No part is empty."""

    asked: Asked
    without: frozenset[Facet]
    parts: tuple[tuple[Where, tuple[Entry, ...]], ...]

    def part(self, where: Where) -> tuple[Entry, ...]:
        """One part; empty if there is none."""
        return dict(self.parts).get(where, ())


def search(entries: Sequence[Entry], text: str, language: Language, countries: Sequence[Country] = COUNTRIES) -> Found:
    """What `text` finds. Of the equally near those who speak `language` come first, unless it asks for another.

    Without a place the `countries` are looked through in their order, then any other.
    """
    asked = understand(text, entries)
    order = tuple(dict.fromkeys((*countries, *COUNTRIES)))
    spoken = next(iter(asked.languages), language) if len(asked.languages) == 1 else language
    whom = next(iter(asked.audiences)) if len(asked.audiences) == 1 else None
    found = Found(asked, frozenset(), ())
    for without in _attempts(asked):
        place = _everywhere(order) if Facet.PLACES in without else _around(asked.places, order)
        reached = nearest(entries, place, spoken, whom)
        matching = [entry for entry in reached if _matches(entry, asked, without)]
        found = Found(asked, without & _facets(asked), _parts_of(reached, matching, place, asked, without))
        if any(_is_asked(entry, asked, without) for entry in matching):
            break
    return found


def _parts_of(
    reached: Sequence[Entry], matching: Sequence[Entry], place: Place, asked: Asked, without: frozenset[Facet]
) -> tuple[tuple[Where, tuple[Entry, ...]], ...]:
    """What is found, in its parts. Crisis lines are those of whichever countries it is in, asked for or not."""
    helping = [entry for entry in matching if entry.kind is not Kind.CRISIS]
    wide = not asked.places or Facet.PLACES in without or all(map(_is_nation, asked.places))
    parts = {where: [entry for entry in helping if _where(entry, place, wide=wide) is where] for where in Where}
    called = [entry for entry in matching if entry.kind is Kind.CRISIS and asked.names and Facet.NAMES not in without]
    countries = {entry.country for entry in helping or reached}
    crisis = [entry for entry in reached if entry.kind is Kind.CRISIS and entry.country in countries]
    parts[Where.CRISIS] = called or crisis
    return tuple((where, tuple(each)) for where, each in parts.items() if each)


def _facets(asked: Asked) -> frozenset[Facet]:
    """What was asked for."""
    return frozenset(facet for facet in Facet if getattr(asked, facet))


def _attempts(asked: Asked) -> list[frozenset[Facet]]:
    """What to leave out, one after another. Who is called by name is looked for everywhere before anybody else is."""
    left_out = [frozenset[Facet]()]
    if asked.names:
        left_out.append(frozenset(Facet) - {Facet.NAMES})
    return left_out + [frozenset(list(Facet)[:number]) for number in range(1, len(Facet) + 1)]


def _matches(entry: Entry, asked: Asked, without: frozenset[Facet]) -> bool:
    return (
        (Facet.NAMES in without or all(_is_called(entry, name) for name in asked.names))
        and (Facet.LANGUAGES in without or not asked.languages or not asked.languages.isdisjoint(entry.languages))
        and (Facet.AUDIENCES in without or not asked.audiences or not asked.audiences.isdisjoint(_served(entry)))
        and (Facet.KINDS in without or not asked.kinds or entry.kind in asked.kinds)
    )


def _is_asked(entry: Entry, asked: Asked, without: frozenset[Facet]) -> bool:
    """Crisis lines are found beside everything: alone they answer only who asks for them."""
    called = bool(asked.names) and Facet.NAMES not in without
    return entry.kind is not Kind.CRISIS or called or (Kind.CRISIS in asked.kinds and Facet.KINDS not in without)


def _is_called(entry: Entry, name: str) -> bool:
    wanted = plain(name).split()
    return entry.phone == name or all(any(word.startswith(each) for word in words_of(entry)) for each in wanted)


def _served(entry: Entry) -> frozenset[Audience]:
    """Whom an entry is for. Doctors, trained or not yet, are among those who care for people."""
    also = {Audience.DOCTOR, Audience.TRAINING} if Audience.CARER in entry.audiences else frozenset[Audience]()
    return entry.audiences | also


def _around(places: Sequence[Place], order: Sequence[Country]) -> Place:
    """All of these places as one, the nearest of each side by side."""
    if not places:
        return _everywhere(order)
    tiers = zip_longest(*(_with_inside(place) for place in places), fillvalue=())
    return Place(tuple(tuple(dict.fromkeys(code for each in tier for code in each)) for tier in tiers))


def _with_inside(place: Place) -> tuple[tuple[str, ...], ...]:
    """A place's tiers. A region or country was asked for as a whole: what serves a part of it is near, too."""
    territory = territories()[place.tiers[0][0]]
    if territory.level is Level.NATION:
        return place.tiers[0], _parts(territory.country)
    if territory.level is Level.REGION:
        inside = tuple(code for code, each in territories().items() if territory.code in each.within)
        return place.tiers[0], inside, *place.tiers[1:]
    return place.tiers


def _everywhere(order: Sequence[Country]) -> Place:
    return Place((*((country,) for country in order), *(_parts(country) for country in order)))


def _parts(country: Country) -> tuple[str, ...]:
    """The territories of a country."""
    return tuple(code for code, each in territories().items() if each.country == country and code != country)


def _is_nation(place: Place) -> bool:
    return territories()[place.tiers[0][0]].level is Level.NATION


def _where(entry: Entry, place: Place, *, wide: bool) -> Where:
    if entry.kind is Kind.CRISIS:
        return Where.CRISIS
    far = place.distance(entry.territories) or 0
    if set(place.tiers[far]) & set(entry.territories) == {entry.country}:
        return Where.NATION
    return Where.ELSEWHERE if wide else Where.NEAR

"""Where somebody is, as far as help depends on it: a department or province, what holds it, the country.

Nothing here knows a caller. A place is what somebody typed or keyed, read; nothing of it is kept.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

from ivr_flows.model import LANGUAGES, Language

Country = Literal["FR", "BE"]
COUNTRIES: tuple[Country, ...] = ("FR", "BE")
SMALLEST_MATCH = 3
"""Letters of a name below which no place is found by it."""


class Level(IntEnum):
    """How wide a territory is."""

    PLACE = 0
    """A French department or collectivity; a Belgian province, Brussels, or the German-speaking Community."""
    REGION = 1
    """A French region, or all that is overseas; one of the two large Belgian communities."""
    NATION = 2


@dataclass(frozen=True, slots=True)
class Territory:
    """One of them. `within` are the codes of what holds it, but for the country."""

    code: str
    country: Country
    level: Level
    names: Mapping[Language, str]
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look for help: codes, the nearest first, those equally near side by side, the country last."""

    tiers: tuple[tuple[str, ...], ...]

    @property
    def country(self) -> Country:
        """The country it lies in."""
        return territories()[self.tiers[-1][0]].country

    def distance(self, codes: Sequence[str]) -> int | None:
        """How far what serves these territories is: the number of the first tier that has one; None if none has."""
        return next((far for far, tier in enumerate(self.tiers) if set(tier) & set(codes)), None)

    def name(self, language: Language) -> str:
        """The nearest territories' names."""
        return " / ".join(territories()[code].names[language] for code in self.tiers[0])


@dataclass(frozen=True, slots=True)
class _Postcodes:
    first: int
    last: int
    place: Place


@cache
def territories() -> Mapping[str, Territory]:
    """Every territory by its code, as they are listed."""
    data = _data()
    within: dict[str, list[str]] = {}
    for code, region in data["regions"].items():
        for place in region["holds"]:
            within.setdefault(place, []).append(code)
    found = [Territory(code, _country(code), Level.NATION, _names(names)) for code, names in data["nations"].items()]
    found += [
        Territory(code, _country(code), Level.REGION, _names(region["name"]))
        for code, region in data["regions"].items()
    ]
    found += [
        Territory(code, _country(code), Level.PLACE, _names(names), tuple(within.get(code, ())))
        for code, names in data["places"].items()
    ]
    return MappingProxyType({territory.code: territory for territory in found})


def place_of(keyed: str, country: Country) -> Place | None:
    """Where a number that somebody keyed or typed is: a French department or postcode, a Belgian postcode.

    Corsica has letters, which no keypad has: 20 is both its departments, 201 and 202 are one each, as its postcodes
    begin. None for what is no such number, a half-typed one and one of another country included.
    """
    if not keyed.isascii():
        return None
    return _belgian(keyed) if country == "BE" else _french(keyed.upper())


def place(code: str) -> Place:
    """The place a territory is, with what holds it. Raises `KeyError` for an unknown code."""
    territory = territories()[code]
    match territory.level:
        case Level.NATION:
            return Place(((code,),))
        case Level.REGION:
            return Place(((code,), (territory.country,)))
    for postcodes in _postcodes():
        if postcodes.place.tiers[0] == (code,):
            return postcodes.place
    return Place(((code,), territory.within, (territory.country,)))


def named(text: str, countries: Sequence[Country] = COUNTRIES) -> tuple[Place, ...]:
    """The places that somebody may mean who typed this: a number, a postcode, or (part of) a name in any language.

    Accents, hyphens and capitals don't matter. Nearest match first: a whole name before the beginning of one, what is a
    territory of ours before a town.
    """
    wanted = plain(text)
    numbers = tuple(found for country in countries if (found := place_of(wanted.replace(" ", ""), country)))
    if numbers or len(wanted) < SMALLEST_MATCH:
        return numbers
    begun = [here for name, places in by_name().items() if f" {name}".find(f" {wanted}") >= 0 for here in places]
    ordered = dict.fromkeys((*by_name().get(wanted, ()), *begun))
    return tuple(here for here in ordered if here.country in countries)


@cache
def by_name() -> Mapping[str, tuple[Place, ...]]:
    """Where each name leads, written `plain`: of territories, of towns, and what else people call them."""
    named: dict[str, dict[Place, None]] = {}
    for territory in territories().values():
        for name in territory.names.values():
            named.setdefault(plain(name), {})[place(territory.code)] = None
    for table in ("cities", "also"):
        for where, names in _data()[table].items():
            found = place(where) if where in territories() else place_of(where, "BE")
            if found is None:
                raise ValueError(f"territories.toml, [{table}]: {where} is neither a territory nor a Belgian postcode")
            for name in names:
                named.setdefault(plain(name), {})[found] = None
    return MappingProxyType({name: tuple(places) for name, places in named.items()})


def plain(text: str) -> str:
    """A text without accents, capitals and punctuation: what two people type for the same name."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char if char.isalnum() else " " for char in spread if not unicodedata.combining(char))
    return " ".join(kept.split())


def _french(keyed: str) -> Place | None:
    known = territories().get(keyed)
    if known is not None and known.country == "FR" and known.level is Level.PLACE:
        return place(keyed)
    whole = len(keyed) == len("31000") and keyed.isdigit()
    if keyed == "20":
        return Place((("2A", "2B"), ("FR-COR",), ("FR",)))
    if keyed in {"201", "202"} or (whole and keyed.startswith("20")):
        return place("2A" if keyed[2] in "01" else "2B")
    if not whole:
        return None
    code = next((code for code in (keyed[:3], keyed[:2]) if code in territories()), None)
    return None if code is None else place(code)


def _belgian(keyed: str) -> Place | None:
    if len(keyed) != len("1000") or not keyed.isdigit():
        return None
    return next((one.place for one in _postcodes() if one.first <= int(keyed) <= one.last), None)


@cache
def _postcodes() -> tuple[_Postcodes, ...]:
    return tuple(
        _Postcodes(row["first"], row["last"], Place(tuple(map(tuple, row["tiers"])))) for row in _data()["postcodes"]
    )


def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("territories.toml").read_text(encoding="utf-8"))


def _country(code: str) -> Country:
    return "BE" if code.startswith("BE") else "FR"


def _names(found: str | Mapping[str, str]) -> Mapping[Language, str]:
    return MappingProxyType(dict(_each(found)))


def _each(found: str | Mapping[str, str]) -> Iterator[tuple[Language, str]]:
    for language in LANGUAGES:
        yield language, found if isinstance(found, str) else found[language]

"""What the public page says of a line: its numbers as people dial them, whom it speaks to, which keys do what.

All of it follows from the line's settings and flow, so that the page can't say anything else than the telephone does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from helpline.directory.entries import Cost, Entry, Kind
from helpline.directory.phones import connectable, is_short, link, printed
from helpline.directory.spoken import country_of
from helpline.directory.territories import Country, Level, territories
from helpline.lines import Line
from ivr_flows.model import CallbackStep, DirectoryStep, Flow, Language, SayStep

COSTS: Mapping[int, Cost] = MappingProxyType(
    {
        PhoneNumberType.TOLL_FREE: Cost.FREE,
        PhoneNumberType.SHARED_COST: Cost.SURCHARGED,
        PhoneNumberType.PREMIUM_RATE: Cost.SURCHARGED,
    }
)
"""Of kinds of numbers; any other costs what an ordinary call does."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a line: as it is dialled in its country, as it is from anywhere, and the address that dials it."""

    printed: str
    abroad: str
    link: str
    cost: Cost
    everywhere: bool
    """Whether it is an ordinary number: 08 numbers are often out of reach from overseas and abroad."""


@dataclass(frozen=True, slots=True)
class Crisis:
    """A number for immediate danger. `link` dials it; `languages` are those it speaks."""

    name: str
    printed: str
    link: str
    languages: tuple[Language, ...]
    national: bool


@dataclass(frozen=True, slots=True)
class Danger:
    """A country by its name, and its numbers for immediate danger."""

    country: str
    numbers: tuple[Crisis, ...]


def numbers(line: Line) -> tuple[Number, ...]:
    """What a caller can dial: the published number first, then the access numbers."""
    country = country_of(line)
    return tuple(_number(phone, country) for phone in line.settings.dialled)


def _number(phone: str, country: Country) -> Number:
    number = phonenumbers.parse(phone)
    return Number(
        printed(phone, country),
        phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL),
        link(phone),
        COSTS.get(phonenumbers.number_type(number), Cost.ORDINARY),
        connectable(phone),
    )


def crisis(entries: Iterable[Entry], country: Country, language: Language) -> tuple[Crisis, ...]:
    """The country's numbers for immediate danger: those that speak the reader's language first.

    Then those for the whole country, then the shortest.
    """
    known = territories()
    found = [entry for entry in entries if entry.kind is Kind.CRISIS and entry.country == country]
    national = {entry.key: any(known[code].level is Level.NATION for code in entry.territories) for entry in found}
    found.sort(
        key=lambda each: (
            language not in each.languages,
            not national[each.key],
            not is_short(each.phone),
            len(each.phone),
            each.phone,
        )
    )
    return tuple(
        Crisis(entry.name, printed(entry.phone, country), link(entry.phone), entry.languages, national[entry.key])
        for entry in found
    )


def calls_back(line: Line) -> bool:
    """Whether a caller whom nobody could answer may ask to be called back."""
    return line.settings.callback and any(isinstance(step, CallbackStep) for step in line.flow.steps.values())


def directory_key(flow: Flow) -> str | None:
    """The key that leads to help near the caller while they are being welcomed, if one does."""
    for step in flow.steps.values():
        if isinstance(step, SayStep):
            for key, to in step.keys.items():
                if isinstance(flow.steps[to], DirectoryStep):
                    return key
    return None

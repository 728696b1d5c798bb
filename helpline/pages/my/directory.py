"""The directory of help to hand while talking: one field, and who may help near the place that was typed.

What is typed tells where a caller is. So it is sent in a form's body and answered there and then: an address would stay
in the browser's history, with its hour, and in the log of any proxy. It is kept nowhere, and browsers are asked not to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import request

from helpline.directory.entries import Audience, Cost, Entry, Kind, out_of_date
from helpline.directory.phones import link, printed
from helpline.directory.reading import read_all
from helpline.directory.search import Facet, Found, Where, search
from helpline.directory.spoken import country_of
from helpline.directory.territories import territories
from helpline.directory.understanding import LONGEST
from helpline.pages.directory.shown import today
from helpline.pages.routes import PSYCHOLOGIST, Route
from helpline.pages.site import Visit
from ivr_flows.model import LANGUAGES, Language

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

MAX_BODY = 4_096
"""Bytes of a search."""
MOST = 20
"""Entries of one part: more is not looked through while somebody waits."""
KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.ASSOCIATION: "find-association",
        Kind.CLINIC: "find-clinic",
        Kind.COUNCIL: "find-council",
        Kind.UNION: "find-union",
        Kind.OCCUPATIONAL: "find-occupational",
        Kind.LEGAL: "find-legal",
        Kind.HOSPITAL: "find-hospital",
        Kind.CRISIS: "find-crisis",
    }
)
AUDIENCES: Mapping[Audience, str] = MappingProxyType(
    {
        Audience.DOCTOR: "find-doctor",
        Audience.TRAINING: "find-training",
        Audience.CARER: "find-carer",
        Audience.RELATIVE: "find-relative",
    }
)
COSTS: Mapping[Cost, str] = MappingProxyType(
    {
        Cost.FREE: "find-free",
        Cost.ORDINARY: "find-ordinary",
        Cost.SURCHARGED: "find-surcharged",
        Cost.UNKNOWN: "find-cost-unknown",
    }
)
PARTS: Mapping[Where, str] = MappingProxyType(
    {
        Where.NEAR: "find-near",
        Where.NATION: "find-nation",
        Where.ELSEWHERE: "find-elsewhere",
        Where.CRISIS: "find-danger",
    }
)


@dataclass(frozen=True, slots=True)
class Told:
    """An entry, as it is read out to a caller. `stale` is the key of a text, or ""; `dial` is "" for crisis numbers."""

    name: str
    kind: str
    places: str
    phone: str
    dial: str
    hours: str
    cost: str
    independent: str
    languages: str
    audiences: str
    website: str
    stale: str


@dataclass(frozen=True, slots=True)
class Part:
    """Entries under a heading; `more` are not shown."""

    crisis: bool
    heading: str
    entries: tuple[Told, ...]
    more: int


def show(visit: Visit) -> ResponseReturnValue:
    """The field, and who helps everywhere."""
    return _answer(visit, "")


def find(visit: Visit) -> ResponseReturnValue:
    """What a search finds."""
    return _answer(visit, visit.field("q")[:LONGEST])


def _answer(visit: Visit, text: str) -> ResponseReturnValue:
    with visit.site.store.read() as connection:
        entries = read_all(connection)
    countries = [country_of(line) for line in visit.site.lines.values()]
    found = search(entries, text, visit.language, countries)
    named = [*_places(found, visit.language), *_words(found, visit)]
    return visit.page(
        "my/directory.html",
        asked=text,
        longest=LONGEST,
        understood=named,
        unknown=found.asked.unknown,
        without=[*_without(found, visit)],
        anybody=bool(entries),
        parts=list(_parts(found, visit)),
        # Where choosing another language leads: to the same page, without what was typed.
        here=visit.url("my_directory") if request.method == "POST" else request.path,
    )


def _places(found: Found, language: Language) -> Iterator[str]:
    for place in found.asked.places:
        yield place.name(language)


def _words(found: Found, visit: Visit, only: frozenset[Facet] = frozenset(Facet)) -> Iterator[str]:
    """What was understood beside places, as words."""
    asked, say = found.asked, visit.say
    if Facet.KINDS in only:
        yield from (say(KINDS[kind]) for kind in Kind if kind in asked.kinds)
    if Facet.AUDIENCES in only:
        yield from (say(AUDIENCES[audience]) for audience in Audience if audience in asked.audiences)
    if Facet.LANGUAGES in only:
        yield from (visit.formats.languages([each]) for each in LANGUAGES if each in asked.languages)
    if Facet.NAMES in only:
        yield from (say("find-name", name=name) for name in asked.names)


def _without(found: Found, visit: Visit) -> Iterator[str]:
    """What nobody was found for."""
    if Facet.PLACES in found.without:
        yield from _places(found, visit.language)
    yield from _words(found, visit, found.without)


def _parts(found: Found, visit: Visit) -> Iterator[Part]:
    asked = found.asked
    for where, entries in found.parts:
        nothing_asked = not (asked.places or asked.kinds or asked.audiences or asked.languages or asked.names)
        if where is Where.ELSEWHERE and nothing_asked and found.part(Where.NATION):
            continue
        heading = visit.say(PARTS[where], place=" / ".join(_places(found, visit.language)))
        told = tuple(_told(entry, visit) for entry in entries[:MOST])
        yield Part(where is Where.CRISIS, heading, told, max(0, len(entries) - MOST))


def _told(entry: Entry, visit: Visit) -> Told:
    say, language = visit.say, visit.language
    stale = "find-old" if entry.verified else "find-never"
    independent = {True: "find-independent", False: "find-dependent", None: "find-independence-unknown"}
    return Told(
        name=entry.name,
        kind=say(KINDS[entry.kind]),
        places=", ".join(territories()[code].names[language] for code in entry.territories),
        phone=printed(entry.phone, entry.country),
        dial="" if entry.kind is Kind.CRISIS else link(entry.phone),
        hours=say("find-always") if entry.always else entry.hours or say("find-hours-unknown"),
        cost=say(COSTS[entry.cost]),
        independent="" if entry.kind is Kind.CRISIS else say(independent[entry.independent]),
        languages=visit.formats.languages(entry.languages),
        audiences=", ".join(say(key) for audience, key in AUDIENCES.items() if audience in entry.audiences),
        website=urlsplit(entry.website).hostname or "",
        stale=stale if out_of_date(entry, today(visit)) else "",
    )


ROUTES = (
    Route("/my/directory", "my_directory", show, PSYCHOLOGIST),
    Route("/my/directory", "my_directory_find", find, PSYCHOLOGIST, "POST", body=MAX_BODY),
)

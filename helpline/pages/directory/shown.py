"""An entry in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from helpline.directory.editing import mark
from helpline.directory.entries import ALWAYS, Audience, Cost, Entry, Kind, out_of_date
from helpline.directory.phones import is_short, link, printed
from helpline.directory.table import cells
from helpline.directory.territories import Country, territories
from helpline.pages.rota.moments import today as local_today
from helpline.pages.rota.outcomes import tongues, zone_of
from helpline.pages.site import Visit
from reports.words import LANGUAGES

KINDS: Mapping[str, str] = MappingProxyType(
    {
        Kind.ASSOCIATION: "directory-kind-association",
        Kind.CLINIC: "directory-kind-clinic",
        Kind.COUNCIL: "directory-kind-council",
        Kind.UNION: "directory-kind-union",
        Kind.OCCUPATIONAL: "directory-kind-occupational",
        Kind.LEGAL: "directory-kind-legal",
        Kind.HOSPITAL: "directory-kind-hospital",
        Kind.CRISIS: "directory-kind-crisis",
    }
)
AUDIENCES: Mapping[str, str] = MappingProxyType(
    {
        Audience.DOCTOR: "directory-for-doctor",
        Audience.TRAINING: "directory-for-training",
        Audience.CARER: "directory-for-carer",
        Audience.RELATIVE: "directory-for-relative",
    }
)
COSTS: Mapping[str, str] = MappingProxyType(
    {
        Cost.FREE: "directory-cost-free",
        Cost.ORDINARY: "directory-cost-ordinary",
        Cost.SURCHARGED: "directory-cost-surcharged",
        Cost.UNKNOWN: "directory-cost-unknown",
    }
)
INDEPENDENT: Mapping[str, str] = MappingProxyType(
    {"yes": "directory-independent-yes", "no": "directory-independent-no", "": "directory-independent-unknown"}
)
ANSWERS: Mapping[str, str] = MappingProxyType({"yes": "directory-yes", "no": "directory-no"})
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "name": "directory-name",
        "kind": "directory-kind",
        "audiences": "directory-audiences",
        "territories": "directory-territories",
        "languages": "directory-languages",
        "phone": "directory-phone",
        "hours": "directory-hours",
        "cost": "directory-cost",
        "independent": "directory-independent",
        "connect": "directory-connect",
        "website": "directory-website",
        "source": "directory-source",
        "verified": "directory-verified",
    }
)
"""What the columns of the file are called on the pages, in the order in which they are shown; the key has no name."""


@dataclass(frozen=True, slots=True)
class Card:
    """An entry as a page shows it. `facts`: what columns are called and say; `badge`, `since`: how sure it is."""

    key: str
    name: str
    country: Country
    kind: str
    where: str
    phone: str
    link: str
    about: str
    facts: tuple[tuple[str, str], ...]
    website: str
    stale: bool
    badge: str
    since: str
    seen: str


def card(visit: Visit, entry: Entry, today: date) -> Card:
    """An entry."""
    row = cells(entry)
    facts = tuple(
        (visit.say(word), cell(visit, column, row[column], entry.country))
        for column, word in COLUMNS.items()
        if column not in {"name", "website"}
    )
    about = [cell(visit, "hours", row["hours"], entry.country), visit.say(COSTS[entry.cost])]
    about += [visit.say(INDEPENDENT[row["independent"]]), tongues(visit, entry.languages)]
    stale = out_of_date(entry, today)
    return Card(
        entry.key,
        entry.name,
        entry.country,
        visit.say(KINDS[entry.kind]),
        where(visit, entry.territories),
        printed(entry.phone, entry.country),
        link(entry.phone),
        " · ".join(about),
        facts,
        entry.website,
        stale,
        visit.say("directory-unsure" if stale else "directory-sure"),
        since(visit, entry.verified, stale=stale),
        mark(entry),
    )


def since(visit: Visit, day: date | None, *, stale: bool) -> str:
    """Since when it is known to be right, in words."""
    if day is None:
        return visit.say("directory-never")
    key = "directory-long-ago" if stale else "directory-on"
    return visit.say(key, day=visit.formats.date(day, year=True))


def where(visit: Visit, codes: Iterable[str]) -> str:
    """Territories by their names; a code that isn't known any more as it is."""
    known = territories()
    return ", ".join(known[code].names[visit.language] if code in known else code for code in codes)


def cell(visit: Visit, column: str, text: str, country: Country) -> str:
    """What a cell of the file says."""
    say = visit.say
    match column:
        case "kind" | "cost":
            words = {**KINDS, **COSTS}
            return say(words[text]) if text in words else text
        case "audiences":
            return ", ".join(say(AUDIENCES[each]) if each in AUDIENCES else each for each in text.split())
        case "territories":
            return where(visit, text.split())
        case "languages":
            return tongues(visit, [language for language in LANGUAGES if language in text.split()])
        case "phone":
            return printed(text, country) if text and (text.startswith("+") or is_short(text)) else text
        case "hours":
            return say("directory-always") if text == ALWAYS else text or say("directory-hours-unknown")
        case "independent":
            return say(INDEPENDENT.get(text, "directory-independent-unknown"))
        case "connect":
            return say(ANSWERS.get(text, "directory-no"))
        case "verified":
            return visit.formats.date(date.fromisoformat(text), year=True) if text else say("directory-never")
    return text or "–"


def today(visit: Visit) -> date:
    """The day it is, on the clocks of the first line."""
    return local_today(visit, zone_of(visit))

"""An entry of the directory in the reader's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from helpline.directory.entries import Audience, Cost, Entry, Kind, out_of_date
from helpline.directory.phones import link, printed
from helpline.pages.formats import Formats
from helpline.pages.texts import speaker
from reports.words import Language

KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.ASSOCIATION: "aid-kind-association",
        Kind.CLINIC: "aid-kind-clinic",
        Kind.COUNCIL: "aid-kind-council",
        Kind.UNION: "aid-kind-union",
        Kind.OCCUPATIONAL: "aid-kind-occupational",
        Kind.LEGAL: "aid-kind-legal",
        Kind.HOSPITAL: "aid-kind-hospital",
        Kind.CRISIS: "aid-kind-crisis",
    }
)
AUDIENCES: Mapping[Audience, str] = MappingProxyType(
    {
        Audience.DOCTOR: "aid-audience-doctor",
        Audience.TRAINING: "aid-audience-training",
        Audience.CARER: "aid-audience-carer",
        Audience.RELATIVE: "aid-audience-relative",
    }
)
COSTS: Mapping[Cost, str] = MappingProxyType(
    {
        Cost.FREE: "aid-cost-free",
        Cost.ORDINARY: "aid-cost-ordinary",
        Cost.SURCHARGED: "aid-cost-surcharged",
        Cost.UNKNOWN: "aid-cost-unknown",
    }
)
INDEPENDENCE: Mapping[bool | None, str] = MappingProxyType(
    {True: "aid-independent", False: "aid-not-independent", None: "aid-independent-unknown"}
)


@dataclass(frozen=True, slots=True)
class Service:
    """Somebody who helps, in words; `hours` are the entry's own words, in whatever language they were written."""

    name: str
    kind: str
    printed: str
    link: str
    always: bool
    hours: str
    cost: str
    audiences: str
    languages: str
    independence: str
    website: str
    verified: str
    stale: bool
    """Whether its number has to be verified (again)."""


def service(entry: Entry, language: Language, today: dt.date) -> Service:
    """An entry as it is shown on `today`."""
    say, formats = speaker(language), Formats(language)
    stale = out_of_date(entry, today)
    if entry.verified is None:
        verified = say("aid-never-verified")
    else:
        month = formats.month(entry.verified)
        verified = say("aid-verified-long-ago" if stale else "aid-verified", month=month)
    return Service(
        name=entry.name,
        kind=say(KINDS[entry.kind]),
        printed=printed(entry.phone, entry.country),
        link=link(entry.phone),
        always=entry.always,
        hours="" if entry.always else entry.hours,
        cost=say(COSTS[entry.cost]),
        audiences=", ".join(say(AUDIENCES[each]) for each in Audience if each in entry.audiences),
        languages=formats.languages(entry.languages),
        independence=say(INDEPENDENCE[entry.independent]),
        website=entry.website,
        verified=verified,
        stale=stale,
    )

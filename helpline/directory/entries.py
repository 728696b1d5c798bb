"""What the directory knows of whoever may help."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from helpline.directory.territories import Country, territories
from ivr_flows.model import Language

ALWAYS = "24/7"
"""Hours of somebody who can be reached day and night."""
OUT_OF_DATE = dt.timedelta(days=365)
"""An entry that wasn't verified for longer has to be verified again. It is still spoken: a number that is most likely
right helps more than none."""


class Kind(StrEnum):
    """What an entry is."""

    ASSOCIATION = "association"
    CLINIC = "clinic"
    """A partner clinic that treats doctors."""
    COUNCIL = "council"
    """A departmental or provincial council of the professional body."""
    UNION = "union"
    OCCUPATIONAL = "occupational"
    """Occupational health."""
    LEGAL = "legal"
    HOSPITAL = "hospital"
    """A hospital's unit."""
    CRISIS = "crisis"
    """A line for immediate danger, or for everybody in distress."""


class Audience(StrEnum):
    """Whom an entry is for."""

    DOCTOR = "doctor"
    TRAINING = "training"
    CARER = "carer"
    """Any professional who cares for people."""
    RELATIVE = "relative"


class Cost(StrEnum):
    """What calling costs, beside one's own subscription."""

    FREE = "free"
    ORDINARY = "ordinary"
    SURCHARGED = "surcharged"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Entry:
    """One of them. `key` is its name in files and URLs: small letters, digits, hyphens.

    `phone` is E.164, or a short number as it is dialled in the entry's country. `hours` are words, or `ALWAYS`, or "".
    `independent` of the professional body; None where nobody knows. `connect`: a caller may be put through. `verified`
    is the day on which somebody last called or asked; None for never: to be verified.
    """

    key: str
    name: str
    kind: Kind
    audiences: frozenset[Audience]
    territories: tuple[str, ...]
    languages: tuple[Language, ...]
    phone: str
    hours: str = ""
    cost: Cost = Cost.UNKNOWN
    independent: bool | None = None
    connect: bool = False
    website: str = ""
    source: str = ""
    verified: dt.date | None = None

    @property
    def country(self) -> Country:
        """The country it is in: all its territories are of one."""
        return territories()[self.territories[0]].country

    @property
    def always(self) -> bool:
        """Whether it can be reached day and night."""
        return self.hours == ALWAYS


def out_of_date(entry: Entry, today: dt.date) -> bool:
    """Whether it was never verified, or too long ago."""
    return entry.verified is None or today - entry.verified > OUT_OF_DATE

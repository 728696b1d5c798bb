"""The fields of a person: what they are called, what was typed, what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select

from helpline.pages.rota.outcomes import tongues
from helpline.pages.site import Visit, gone
from helpline.pages.texts import ENDONYMS
from helpline.people.register import COLUMNS, PersonRefused, read_details
from helpline.shifts.exporting import hours
from helpline.store.tables import Person
from reports.words import LANGUAGES
from rota.table import PersonRow

MORE = ("share", "region", "rest_hours", "week", "nights")
"""Fields that most people leave as they are: folded away until they hold something."""
FAR = 1 << 62
"""No row has this number, and no database takes one of any length."""
FAULTS: Mapping[str, str] = {
    "name": "person-wrong-name",
    "phone": "person-wrong-phone",
    "languages": "person-wrong-languages",
    "email": "person-wrong-email",
    "tiers": "person-wrong-tiers",
    "share": "person-wrong-share",
    "region": "person-wrong-region",
    "rest_hours": "person-wrong-rest",
    "week": "person-wrong-count",
    "nights": "person-wrong-count",
}
"""What is wrong with a field that can't be read -> the text that says how to write it."""
TAKEN: Mapping[str, str] = {"name": "person-taken-name", "phone": "person-taken-phone"}


@dataclass(slots=True)
class Details:
    """What was typed: a text for each of `COLUMNS`. `first` is their own language; `wrong` is by field, in words."""

    values: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def first(self) -> str:
        """The language that they are written to in, "" while none is chosen."""
        return next(iter(self["languages"].split()), "")

    @property
    def others(self) -> tuple[str, ...]:
        """All languages that they answer in."""
        return tuple(self["languages"].split())

    @property
    def tiers(self) -> tuple[str, ...]:
        """Those that they hold; none are all."""
        return tuple(self["tiers"].split())

    @property
    def open(self) -> bool:
        """Whether what is folded away has to be seen."""
        return any(self.wrong.get(name) or self[name] not in {"", "100"} for name in MORE)

    def read(self, visit: Visit) -> PersonRow | None:
        """The details as they are kept; None, and noted, when something is wrong."""
        try:
            return read_details(self.values)
        except PersonRefused as error:
            self.refuse(visit, error)
            return None

    def refuse(self, visit: Visit, error: PersonRefused) -> None:
        """Notes what was refused, beside its field."""
        self.wrong |= {name: _fault(visit, name, why) for name, why in error.faults.items()}


def _fault(visit: Visit, name: str, why: str) -> str:
    if why == "taken":
        return visit.say(TAKEN[name])
    return visit.say("person-too-long") if why == "long" else visit.say(FAULTS[name])


def typed(visit: Visit) -> Details:
    """What a form sent."""
    values = {name: visit.field(name) for name in COLUMNS if name not in {"languages", "tiers"}}
    first, ticked = visit.field("first"), visit.fields("languages")
    # Who isn't to answer in a language any more isn't written to in it either.
    spoken = dict.fromkeys((first, *ticked) if first in ticked else ticked or filter(None, (first,)))
    return Details({**values, "languages": " ".join(spoken), "tiers": " ".join(visit.fields("tiers"))})


def of_row(row: Row[Any]) -> Details:
    """What is kept of somebody, as it would be typed."""
    rest = "" if row.rest is None else f"{hours(row.rest):g}"
    counts = {name: "" if getattr(row, name) is None else str(getattr(row, name)) for name in ("week", "nights")}
    kept = {name: getattr(row, name) for name in ("name", "phone", "languages", "email", "tiers", "region")}
    return Details({**kept, **counts, "rest_hours": rest, "share": str(row.share)})


def read_row(connection: Connection, person: int) -> Row[Any]:
    """Somebody's row. Raises `PageError` when there is none."""
    if person >= FAR:
        gone()
    row = connection.execute(select(*Person.__table__.c).where(Person.id == person)).first()
    return gone() if row is None else row


def context(visit: Visit) -> dict[str, object]:
    """What the fields offer."""
    usual = visit.site.settings.limits
    most = max(line.settings.tiers for line in visit.site.lines.values())
    return {
        "spoken": [(code, tongues(visit, [code])) for code in LANGUAGES],
        "firsts": [("", visit.say("person-choose")), *((code, ENDONYMS[code]) for code in LANGUAGES)],
        "tiers": [(str(tier), visit.say("outcome-tier", tier=tier)) for tier in range(1, most + 1)] if most > 1 else [],
        "usual": {"rest_hours": usual.rest_hours, "week": usual.week, "nights": usual.nights},
    }

"""A helpline as its coordinator knows it: people on a rota, phones that do as they are told, and a caller."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from helpline.app import create_service
from helpline.carrier.signature import Signature
from helpline.rehearsal import Rehearsal
from helpline.settings import Secrets, Settings
from helpline.store.sessions import Store
from helpline.store.tables import Base, HourlyCount, Leg, Person
from helpline.twin import CALLER, Behaviour, CallHandle, Entry, Phone, Twin, accept, render
from ivr_flows.model import Language
from rota.table import PersonRow

NOON = int(datetime(2026, 3, 10, 12, tzinfo=UTC).timestamp())
"""A Tuesday, one o'clock in the afternoon in Paris and Brussels."""
NIGHT = int(datetime(2026, 3, 10, 2, tzinfo=UTC).timestamp())
"""Three o'clock in the morning there."""
HOUR = 3600
CALLER_NUMBER = "+33199009001"
OTHER_CALLER = "+33199009002"
SHOWN = "+33199000401"
"""What psychologists of the French line see on their phones."""
BACKUP, SECOND_BACKUP = "+33199000190", "+33199000191"
PEOPLE: Mapping[str, PersonRow] = {
    name: PersonRow(name, number, languages, None)
    for name, number, languages in (
        ("Alix", "+33199000101", ("fr",)),
        ("Billie", "+33199000102", ("fr", "en")),
        ("Charlie", "+33199000103", ("fr",)),
        ("Dirk", "+33199000104", ("nl", "fr")),
        ("Greta", "+33199000105", ("de", "fr")),
        ("Emma", "+33199000106", ("en",)),
    )
}
"""Psychologists, with the languages they speak, their own first. All their numbers are reserved for fiction."""
SECRETS = Secrets(
    auth_tokens=("the auth token of the scenarios",),
    seal_keys=(b"the seal key of the scenarios!!!!",),
    link_key=b"the link key of the scenarios",
    report_secret=b"the report secret of the scenarios",
)

TAKES = accept(talks=None)
"""Picks up, presses 1, and talks until the caller hangs up."""

Rota = Mapping[str, Sequence[Sequence[str]]]
"""Line -> its tiers, each the names of those on call in ring order."""


@dataclass
class Stage:
    """One service, the carrier in front of it, and everybody's phones."""

    rehearsal: Rehearsal
    settings: Settings
    secrets: Secrets
    log: list[logging.LogRecord]
    """What the service logged, from a warning on."""

    @property
    def twin(self) -> Twin:
        """The carrier."""
        return self.rehearsal.twin

    @property
    def store(self) -> Store:
        """The service's database."""
        return self.rehearsal.service.store

    @property
    def start(self) -> float:
        """When the scenario began, in UTC seconds."""
        return self.twin.clock.now() - self.twin.clock.elapsed()

    @property
    def now(self) -> int:
        """The clock, in UTC seconds."""
        return int(self.twin.clock.now())

    # --- who is there

    def phones(self, **behaviours: Behaviour | Sequence[Behaviour]) -> None:
        """Each person's way with calls, one behaviour a call, the last for ever."""
        for name, how in behaviours.items():
            self.phone(name, *([how] if isinstance(how, Behaviour) else how))

    def phone(self, name: str, *behaviours: Behaviour) -> Phone:
        """Puts somebody's phone in its place. `name` may be a number: of a backup."""
        number = PEOPLE[name].phone if name in PEOPLE else name
        return self.twin.phone(number, *behaviours, name=name if name in PEOPLE else "coordinator")

    def person(self, name: str) -> int:
        """Somebody's number in the database."""
        return next(int(row["id"]) for row in self.rows(Person) if row["name"] == name)

    def rung(self, name: str) -> int:
        """How often this person's phone rang."""
        phone = self.twin.phones.get(PEOPLE[name].phone if name in PEOPLE else name)
        return 0 if phone is None else phone.rung

    # --- calls

    def dial(
        self,
        line: str = "france",
        keys: str | tuple[str, ...] = "",
        from_: str = CALLER_NUMBER,
        **how: Any,  # noqa: ANN401 - as Twin.dial
    ) -> CallHandle:
        """Somebody dials the line now; no time passes. See `Twin.dial`."""
        return self.twin.dial(from_, self.rehearsal.number_of(line), keys=keys, **how)

    def call(
        self,
        line: str = "france",
        keys: str | tuple[str, ...] = "",
        from_: str = CALLER_NUMBER,
        **how: Any,  # noqa: ANN401 - as Twin.dial
    ) -> CallHandle:
        """Somebody dials the line, and time passes until nothing more happens."""
        handle = self.dial(line, keys, from_, **how)
        assert self.twin.run_until_idle(), "the call never ends"
        return handle

    def at(self, seconds: float) -> None:
        """Lets time pass until so many seconds after the beginning."""
        self.twin.run_for(seconds - self.twin.clock.elapsed())

    def says(self, prompt: str, spoken: Language = "fr", /, **values: str) -> str:
        """What is said for a prompt, in one language."""
        return self.rehearsal.service.lines["belgium"].prompts.text(prompt, spoken, **values)

    # --- the service

    def replace(self, settings: Settings | None = None, secrets: Secrets | None = None, *, pages: bool = False) -> None:
        """A new version of the service takes over from the one that runs, in the middle of whatever goes on."""
        self.settings, self.secrets = settings or self.settings, secrets or self.secrets
        carrier = self.rehearsal.service.settings.carrier
        fresh = create_service(
            self.settings.model_copy(update={"carrier": carrier}), self.secrets, self.twin.clock, pages=pages
        )
        self.rehearsal.replace(fresh)

    @property
    def story(self) -> str:
        """Everything that happened, for whoever reads about a failed test."""
        told = sorted((entry for leg in self.twin.legs() for entry in leg.entries), key=lambda entry: entry.at)
        return render(told)

    def signature(self, path: str, form: Mapping[str, str]) -> str:
        """The carrier's signature of a webhook."""
        return Signature(self.secrets.auth_tokens).sign(self.settings.service.public_url + path, form.items())

    # --- what is stored

    def rows(self, table: type[Base], *order: ColumnElement[Any]) -> list[dict[str, Any]]:
        """All rows of a table."""
        with self.store.read() as connection:
            return [dict(row) for row in connection.execute(select(*table.__table__.c).order_by(*order)).mappings()]

    def wanted(self) -> list[str]:
        """Legs that wait to be created at the carrier."""
        return [row["id"] for row in self.rows(Leg) if row["state"] == "wanted"]

    def counted(self) -> Counter[str]:
        """How many calls ended in which way; once all are over, the reconciliation has had its time before."""
        if all(call.over for call in self.twin.calls.values()):
            self.rehearsal.settle()
        counts: Counter[str] = Counter()
        for row in self.rows(HourlyCount):
            counts[row["outcome"]] += row["n"]
        return counts

    def wait_bands(self, outcome: str = "answered") -> Counter[str]:
        """How many calls with this outcome waited how long."""
        counts: Counter[str] = Counter()
        for row in self.rows(HourlyCount):
            if row["outcome"] == outcome:
                counts[row["wait_band"]] += row["n"]
        return counts


def times(handle: CallHandle, event: str, who: str = CALLER, text: str | None = None) -> list[float]:
    """When something happened, in seconds since the call was dialled."""
    return [e.at for e in entries(handle, event, who) if text is None or e.text == text]


def entries(handle: CallHandle, event: str, who: str = CALLER) -> list[Entry]:
    """Everything of one kind that happened to somebody."""
    return [entry for entry in handle.transcript if entry.event == event and entry.who == who]


def rings(handle: CallHandle) -> list[tuple[str, float]]:
    """Whose phone rang, and when."""
    return [(entry.who, entry.at) for entry in handle.transcript if entry.event == "rings"]


def order_of_rings(handle: CallHandle) -> list[str]:
    """Whose phone rang, in order."""
    return [name for name, _ in rings(handle)]

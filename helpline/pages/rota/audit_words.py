"""Edits of the rota in the reader's language: who made them, and what they were, from what is kept of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from helpline.pages.rota.outcomes import Names, beside, line_name, place, when, zone_of
from helpline.pages.site import Visit
from helpline.store.account_tables import Account
from helpline.store.rota_tables import Absence, RotaEdit, Swap
from helpline.store.tables import Person

STEPS: Mapping[str, str] = {
    "offered": "audit-swap-offered",
    "accepted": "audit-swap-accepted",
    "done": "audit-swap-done",
    "refused": "audit-swap-refused",
    "withdrawn": "audit-swap-withdrawn",
}
PLAIN: Mapping[str, str] = {
    "exchange": "audit-exchange",
    "horizon": "audit-horizon",
    "import": "audit-import",
    "person": "audit-person",
    "proposal": "audit-proposal",
    "rule": "audit-rule",
    "rule-end": "audit-rule-end",
}
"""Kinds that are told by one text; any other that isn't known is `audit-other`."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is needed to say it: names of people and accounts, absences still known, swaps' two, undone edits."""

    visit: Visit
    names: Names
    accounts: Names
    away: Mapping[int, tuple[int, int]]
    swaps: Mapping[int, tuple[int, int | None]]
    undone: Mapping[int, tuple[str, Mapping[str, Any]]]

    def actor(self, actor: str) -> str:
        """Who it was."""
        kind, _, number = actor.partition(":")
        if kind in {"person", "account"} and number.isdecimal():
            known = self.names if kind == "person" else self.accounts
            return known.get(int(number), self.visit.say("audit-somebody"))
        return self.visit.say("audit-job" if actor == "job" else "audit-cli")

    def of(self, kind: str, about: Mapping[str, Any]) -> str:
        """What it was."""
        say = self.visit.say
        match kind:
            case "override" | "unseat":
                return self._override(about)
            case "off" | "take" | "leave" | "absence" | "absence-end":
                return self._of_person(kind, about)
            case "swap":
                return beside(say(STEPS.get(about.get("step", ""), "audit-swap")), self._swap(about.get("swap", 0)))
            case "undo":
                before = self.undone.get(about.get("edit", 0))
                return say("audit-undo", what=self.of(*before) if before and before[0] != "undo" else "")
            case "rotation":
                since = self.visit.formats.date(date.fromisoformat(about["since"]), year=True)
                return beside(say("audit-rotation", name=about["rotation"], since=since), self._line(about["line"]))
        return say(PLAIN.get(kind, "audit-other"))

    def _of_person(self, kind: str, about: Mapping[str, Any]) -> str:
        say = self.visit.say
        name = self._name(about["person"])
        match kind:
            case "off":
                return beside(say("audit-off", name=name), self._when(about["start"], about["end"]))
            case "take":
                return say("audit-take", name=name)
            case "leave" if about["at"] is None:
                return say("audit-stays", name=name)
            case "leave":
                day = self.visit.formats.day(about["at"], zone_of(self.visit), year=True)
                return say("audit-leaves", name=name, day=day)
        key = "audit-absence" if about["hard"] else "audit-wish"
        times = [self._when(*self.away[each]) for each in about["absences"] if each in self.away]
        text = say("audit-absence-end" if kind == "absence-end" else key, name=name)
        return beside(text, ", ".join(times))

    def _override(self, about: Mapping[str, Any]) -> str:
        say, (out, into) = self.visit.say, (about.get("remove"), about.get("add"))
        if out is None and into is None:
            what = say("audit-seat-gone")
        elif out is None:
            what = say("override-extra", name=self._name(into))
        elif into is None:
            what = say("override-open", name=self._name(out))
        else:
            what = say("override-instead", name=self._name(into), other=self._name(out))
        where = place(self.visit, about["line"], about["tier"])
        return beside(beside(what, self._when(about["start"], about["end"], about["line"])), where)

    def _swap(self, number: int) -> str:
        if number not in self.swaps:
            return ""
        giver, taker = self.swaps[number]
        to = self.visit.say("swap-anybody") if taker is None else self._name(taker)
        return self.visit.say("swap-what", giver=self._name(giver), taker=to)

    def _line(self, line: str) -> str:
        return line_name(self.visit, line) if len(self.visit.site.lines) > 1 else ""

    def _name(self, person: int | None) -> str:
        return self.names.get(person or 0, self.visit.say("audit-somebody"))

    def _when(self, start: int, end: int, line: str = "") -> str:
        return when(self.visit, start, end, zone_of(self.visit, line))


def read_words(visit: Visit, connection: Connection, rows: Iterable[Row[Any]]) -> Words:
    """What these edits (rows of `rota_edits`) are told with: five queries, however many they are."""
    abouts = [(row.kind, json.loads(row.about)) for row in rows]
    numbers = [number for _, about in abouts for number in about.get("absences", ())]
    undone = {about["edit"] for kind, about in abouts if kind == "undo" and "edit" in about}
    befores = select(RotaEdit.id, RotaEdit.kind, RotaEdit.about).where(RotaEdit.id.in_(undone))
    traded = {about["swap"] for kind, about in abouts if kind == "swap" and "swap" in about}
    swaps = select(Swap.id, Swap.giver, Swap.taker).where(Swap.id.in_(traded))
    away = select(Absence.id, Absence.starts_at, Absence.ends_at).where(Absence.id.in_(numbers))
    return Words(
        visit,
        {row.id: row.name for row in connection.execute(select(Person.id, Person.name))},
        {row.id: row.name for row in connection.execute(select(Account.id, Account.name))},
        {row.id: (row.starts_at, row.ends_at) for row in connection.execute(away)},
        {row.id: (row.giver, row.taker) for row in connection.execute(swaps)},
        {row.id: (row.kind, json.loads(row.about)) for row in connection.execute(befores)},
    )

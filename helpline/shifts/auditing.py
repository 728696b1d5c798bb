"""Who changed the rota, what, and when, in words; and whether it was taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from helpline.lines import Line
from helpline.shifts.editing import Desk
from helpline.shifts.reading import read_staff
from helpline.store.account_tables import Account
from helpline.store.rota_tables import Absence, RotaEdit

SHOWN = "%Y-%m-%d %H:%M"
ACTORS = {"cli": "the coordinator", "job": "by itself"}
"""Whoever is neither `person:3` nor `account:5`."""
PLAIN = {
    "swap": "swap {swap}: {step}",
    "undo": "edit {edit} taken back",
    "rotation": "rotation {rotation} on {line}, from {since} on",
    "horizon": "the rotations' next shifts",
    "exchange": "shifts {shift} and {back} exchanged",
    "unseat": "a seat taken away on {line} tier {tier}",
    "person": "somebody's details",
    "proposal": "proposal {proposal} applied",
    "import": "tables imported",
    "rule": "rule {rule} added",
    "rule-end": "rule {rule} ended",
}
"""Edits that are told by what is kept of them as it is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An edit: when (UTC seconds), who, what kind and what of, and how many shifts it made, took away and cut short.

    `undone_by` is the edit that took it back, None if it stands.
    """

    id: int
    at: int
    actor: str
    kind: str
    words: str
    added: int
    cancelled: int
    shortened: int
    undone_by: int | None


def read_audit(connection: Connection, desk: Desk, since: int) -> list[Entry]:
    """The edits made from `since` on (UTC seconds), the newest first."""
    names = {person.id: person.name for person in read_staff(connection, desk.limits).values()}
    rows = connection.execute(select(*RotaEdit.__table__.c).where(RotaEdit.at >= since).order_by(RotaEdit.id.desc()))
    away = {row.id: (row.starts_at, row.ends_at) for row in connection.execute(select(*Absence.__table__.c))}
    accounts = {row.id: row.name for row in connection.execute(select(Account.id, Account.name))}
    words = Words(names, away, desk.lines, accounts)
    return [_entry(row, words) for row in rows]


def _entry(row: Any, words: Words) -> Entry:  # noqa: ANN401 - a row of `rota_edits`
    done = json.loads(row.done)
    added, cancelled, shortened = (len(done.get(key, ())) for key in ("added", "cancelled", "shortened"))
    actor, told = words.actor(row.actor), words.of(row.kind, json.loads(row.about))
    return Entry(row.id, row.at, actor, row.kind, told, added, cancelled, shortened, row.undone_by)


@dataclass(frozen=True, slots=True)
class Words:
    """What is needed to say it: names of people and accounts, the times of absences still known, and the lines."""

    names: Mapping[int, str]
    away: Mapping[int, tuple[int, int]]
    lines: Mapping[str, Line]
    accounts: Mapping[int, str] = field(default_factory=dict)

    def actor(self, actor: str) -> str:
        """Who it was."""
        kind, _, number = actor.partition(":")
        if kind == "account" and number.isdecimal():
            return self.accounts.get(int(number), f"account {number}")
        return self.name(int(number)) if kind == "person" and number.isdecimal() else ACTORS.get(actor, actor)

    def name(self, person: int | None) -> str:
        """Somebody, or nobody."""
        return "nobody" if person is None else self.names.get(person, f"person {person}")

    def of(self, kind: str, about: Mapping[str, Any]) -> str:
        """An edit, by its kind and what is kept of it; a kind that isn't known here is told by its own word."""
        match kind:
            case "override":
                return self._override(about)
            case "off":
                return f"{self.name(about['person'])} is off, {self._times(about['start'], about['end'])}"
            case "absence" | "absence-end":
                return self._absence(kind, about)
            case "leave" if about["at"] is None:
                return f"{self.name(about['person'])} stays after all"
            case "leave":
                return f"{self.name(about['person'])} leaves on {self._local(about['at'])}"
            case "take":
                return f"{self.name(about['person'])} takes the open seat {about['shift']}"
        return PLAIN.get(kind, kind).format_map(about)

    def _override(self, about: Mapping[str, Any]) -> str:
        tier = "" if about["tier"] is None else f" tier {about['tier']}"
        where = f"on {about['line']}{tier}, {self._times(about['start'], about['end'], about['line'])}"
        if about["remove"] is None:
            return f"{self.name(about['add'])} added {where}"
        return f"{self.name(about['add'])} for {self.name(about['remove'])} {where}"

    def _absence(self, kind: str, about: Mapping[str, Any]) -> str:
        what = "is away" if about["hard"] else "would rather be off"
        if kind == "absence-end":
            what = "isn't away after all" if about["hard"] else "wouldn't rather be off after all"
        times = [f", {self._times(*self.away[each])}" for each in about["absences"] if each in self.away]
        return f"{self.name(about['person'])} {what}{''.join(times)}"

    def _times(self, start: int, end: int, line: str = "") -> str:
        return f"{self._local(start, line)} to {self._local(end, line)}"

    def _local(self, at: int, line: str = "") -> str:
        """On the clocks of the line, or of the first that there is."""
        zone = self.lines.get(line) or next(iter(self.lines.values()))
        return f"{zone.local(at):{SHOWN}}"

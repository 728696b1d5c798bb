"""Who could take a seat: "find my replacement", and who would fill a gap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from rota.limits import Finding, Kind, findings, fresh
from rota.model import Shift
from rota.staff import DAY, Absence, Staff

AROUND = 35 * DAY
"""Seconds around a seat from which shifts and absences are wanted."""
LIMITED = 16 * DAY
"""Seconds around a seat whose shifts can matter to a person's limits: at most so many nights can be in a row."""
RECENT = 28 * DAY
"""Seconds before a seat over which it is counted who has had much."""
NEW = -1
"""The number of the shift that somebody would get."""

Why = Literal["skills"] | Kind
"""What keeps somebody from a seat: they can't do what it asks for, or what would be wrong with their shifts."""


class Open(Protocol):
    """A seat, a gap, or whatever else somebody is wanted for. Of tier None: of whichever tier they may hold."""

    @property
    def start(self) -> int:
        """Its first second, UTC."""

    @property
    def end(self) -> int:
        """The second after its last, UTC."""

    @property
    def line(self) -> str:
        """Whose it is."""

    @property
    def tier(self) -> int | None:
        """Which tier."""

    @property
    def skills(self) -> frozenset[str]:
        """What it asks for."""

    @property
    def match(self) -> Literal["all", "any"]:
        """Whether all of that is asked for."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody who could take a seat, or couldn't, and why.

    `because` is what would be wrong, most serious first; `load` how many seconds they are on call, of all lines, in
    the 28 days before the seat's start.
    """

    person: int
    because: tuple[Why, ...]
    able: bool
    load: int

    @property
    def free(self) -> bool:
        """Whether nothing at all speaks against it."""
        return not self.because


def candidates(
    seat: Open,
    staff: Mapping[int, Staff],
    shifts: Iterable[Shift],
    absences: Iterable[Absence],
    zones: Mapping[str, ZoneInfo],
    without: Iterable[int] = (),
) -> tuple[Choice, ...]:
    """Everybody for a seat: who can first, by how little speaks against it, then by how little they had lately.

    Give the shifts of all lines from some weeks before the seat; `without` are the numbers of those that would go, such
    as the one to be replaced. Who isn't here any more at the seat's start is left out.
    """
    gone = frozenset(without)
    own: dict[int, list[Shift]] = {number: [] for number in staff}
    for shift in shifts:
        near = shift.end > seat.start - AROUND and shift.start < seat.end + AROUND
        if shift.person in own and near and shift.status != "cancelled" and shift.id not in gone:
            own[shift.person].append(shift)
    away: dict[int, list[Absence]] = {}
    for absence in absences:
        if absence.end > seat.start - AROUND and absence.start < seat.end + AROUND:
            away.setdefault(absence.person, []).append(absence)
    found = [
        _choice(seat, person, own[person.id], away.get(person.id, []), zones)
        for person in staff.values()
        if person.left is None or person.left > seat.start
    ]
    return tuple(sorted(found, key=lambda c: (not c.able, len(c.because), c.load, c.person)))


def _choice(seat: Open, person: Staff, own: list[Shift], away: list[Absence], zones: Mapping[str, ZoneInfo]) -> Choice:
    because: list[Why] = []
    able = True
    if not suits(seat, person.skills):
        because.append("skills")
        able = False
    tier = seat.tier or min(person.tiers, default=1)
    shift = Shift(NEW, seat.line, tier, person.id, seat.start, seat.end)
    known = {person.id: person}
    near = [held for held in own if held.end > seat.start - LIMITED and held.start < seat.end + LIMITED]
    wrong = fresh(findings(near, known, away, zones), findings([*near, shift], known, away, zones))
    for finding in sorted(wrong, key=_gravity):
        able = able and not finding.hard
        if finding.kind not in because:
            because.append(finding.kind)
    load = sum(max(0, min(held.end, seat.start) - max(held.start, seat.start - RECENT)) for held in own)
    return Choice(person.id, tuple(because), able, load)


def suits(seat: Open, skills: frozenset[str]) -> bool:
    """Whether these skills are enough for it."""
    if not seat.skills:
        return True
    return seat.skills <= skills if seat.match == "all" else bool(seat.skills & skills)


def _gravity(finding: Finding) -> tuple[bool, str]:
    return not finding.hard, finding.kind

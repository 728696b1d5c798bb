"""The one door through which the rota is changed: whole or not at all, one edit after another, each kept to be undone.

    with editing(desk, "override", "cli", now) as edit:
        edit.make(reassign(edit.of(person), span, now, other, "override"))
    edit.outcome   # what it came to: who is on call otherwise, and what is now wrong that wasn't

`dry=True` does all of it and takes it back: what is shown before an edit is what the edit does. Two at a time wait for
each other, in both databases, so what an edit has checked stays true until it is done.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from helpline.errors import UsageError
from helpline.lines import Line
from helpline.messages import notices
from helpline.shifts.horizon import take_back_versions
from helpline.shifts.reading import read_absences, read_shifts, read_staff
from helpline.shifts.requests import end_request, refuse_undo
from helpline.shifts.rules import Bench, opened
from helpline.store.around import ROTA
from helpline.store.rota_tables import RotaEdit
from helpline.store.rota_tables import Swap as SwapRow
from helpline.store.sessions import Store
from helpline.store.tables import Revision
from helpline.store.tables import Shift as ShiftRow
from rota.edit import Change, Difference, Done, Shortened, diff, make, undo
from rota.gaps import Gap
from rota.limits import Finding, findings, fresh
from rota.model import EditError, Shift
from rota.staff import DAY, Absence, Limits, Staff
from rota.swap import OPEN

LOOK_BACK = 35 * DAY
"""Seconds before now from which shifts are read: limits look back, and so do swaps."""
AT_A_TIME = 500
"""Ids in one statement."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the rota is edited: the database, the lines, and the limits of those who have none of their own.

    `seen` is the rota's revision that an edit was decided on: of any other it raises `RotaMoved`. None: of whichever.
    """

    store: Store
    lines: Mapping[str, Line]
    limits: Limits
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an edit came to. `edit` is its number, for undoing it; None when it was only tried.

    `differences` are who is on call otherwise; `findings` what is wrong now and wasn't before, none of them hard;
    `gaps` those that it opens, and `takers`, beside the first of them, up to three people each who could take it.
    """

    edit: int | None
    change: Change
    differences: tuple[Difference, ...]
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...] = ()
    takers: tuple[tuple[int, ...], ...] = ()


class EditRefused(UsageError):  # noqa: N818 - it is what was done with the edit
    """What nobody may plan: `findings` are what would be wrong, and nothing was changed."""

    def __init__(self, reasons: Sequence[str], found: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(reasons))
        self.findings = found


class RotaMoved(UsageError):  # noqa: N818 - it is what the rota has done
    """The rota has been changed since whoever edits it looked, and nothing of this edit was done."""


class _Rehearsed(Exception):  # noqa: N818 - takes a rehearsal back
    """Rolls the transaction back."""


class Edit:
    """One edit on its way: what is true in its transaction, and what it has changed so far."""

    def __init__(self, tx: Connection, desk: Desk, now: int, number: int) -> None:
        self.tx, self.desk, self.now, self.id = tx, desk, now, number
        self.staff: Mapping[int, Staff]
        self.absences: list[Absence]
        self.look_again()
        self._known = (self.staff, self.absences)
        self.before = self.shifts = tuple(read_shifts(tx, now - LOOK_BACK))
        self.done = Done((), (), ())
        self.change = Change()
        self._outcome: Outcome | None = None

    @property
    def outcome(self) -> Outcome:
        """What it came to, once it is over."""
        if self._outcome is None:
            raise RuntimeError("an edit has an outcome when it is over")
        return self._outcome

    def look_again(self) -> None:
        """Reads who there is and who is away: whoever changes that within an edit says so."""
        self.staff = read_staff(self.tx, self.desk.limits)
        self.absences = read_absences(self.tx, self.now - LOOK_BACK)

    def of(self, person: int) -> list[Shift]:
        """Somebody's shifts that count."""
        return [shift for shift in self.shifts if shift.person == person and shift.status != "cancelled"]

    def shift(self, number: int) -> Shift:
        """A shift that counts. Raises `UsageError` when there is none of this number any more."""
        for shift in self.shifts:
            if shift.id == number and shift.status != "cancelled":
                return shift
        raise UsageError(f"there is no shift {number} any more: look at the rota again")

    def make(self, change: Change) -> Done:
        """Changes the shifts, here and in the database. Raises `EditError` for what the rota can't take."""
        make(self.shifts, change, self.now, count(-1, -1))  # what is wrong with it shows before anything is written
        ids = _write(self.tx, change)
        self.shifts, done = make(self.shifts, change, self.now, ids)
        self.done = Done(
            self.done.cancelled + done.cancelled, self.done.shortened + done.shortened, self.done.added + done.added
        )
        self.change += change
        return done

    def tell(self, about: Mapping[str, object]) -> None:
        """Says more of the edit than was known when it began, in plain values; what was said before is gone."""
        self.tx.execute(update(RotaEdit).where(RotaEdit.id == self.id).values(about=json.dumps(about)))

    def finish(self, *, dry: bool) -> None:
        """Looks at the whole of it. Raises `EditRefused` for what nobody may plan."""
        found = self.check(self.shifts)
        told = diff(self.before, self.shifts)
        standing = [shift for shift in self.shifts if shift.line in self.desk.lines]
        bench = Bench(self.staff, standing, self.absences, self.desk.lines)
        gaps = opened(self.tx, bench, self.before, told)
        self._outcome = Outcome(None if dry else self.id, self.change, told, found, *gaps)
        if self.change and not dry:
            self.tx.execute(update(RotaEdit).where(RotaEdit.id == self.id).values(done=json.dumps(asdict(self.done))))
            notices.moved(self.tx, self.id, self.done, told, self.now)
        if dry:
            raise _Rehearsed

    def check(self, shifts: Sequence[Shift]) -> tuple[Finding, ...]:
        """What is wrong with these shifts that wasn't before. Raises `EditRefused` for what nobody may plan."""
        zones = {name: line.zone for name, line in self.desk.lines.items()}
        before, after = ([shift for shift in held if shift.line in zones] for held in (self.before, shifts))
        found = fresh(
            findings(before, *self._known, zones),
            findings(after, self.staff, self.absences, zones),
        )
        hard = tuple(finding for finding in found if finding.hard)
        if hard:
            raise EditRefused([self.words(finding, shifts) for finding in hard], hard)
        return found

    def words(self, finding: Finding, shifts: Sequence[Shift]) -> str:
        """A finding about some of these shifts in words, in its line's local time."""
        shift = next(shift for shift in shifts if shift.id == finding.shifts[-1])
        line = self.desk.lines[shift.line]
        start, end = (f"{line.local(at):%Y-%m-%d %H:%M}" for at in (finding.start, finding.end))
        return f"{self.staff[finding.person].name}, {shift.line} {start} to {end}: {WORDS[finding.kind]}"


WORDS = {
    "overlap": "would hold two shifts of one line at once; give one of them to somebody else",
    "absent": "is away then; give the shift to somebody else, or end the absence",
    "left": "has left by then; give the shift to somebody else",
    "tier": "may not hold this tier; give the shift to somebody else, or change their tiers",
    "twice": "is on call for two lines at once",
    "wish": "would rather not be on call then",
    "rest": "rests too little before the next shift",
    "stretch": "works too long without rest",
    "week": "has too many shifts within seven days",
    "nights": "has too many nights in a row",
}


@contextmanager
def editing(
    desk: Desk, kind: str, actor: str, now: int, *, about: Mapping[str, object] | None = None, dry: bool = False
) -> Iterator[Edit]:
    """One edit at `now` (UTC seconds), kept with who made it; `about` says more of it, in plain values.

    `actor` is "cli", "job", or "person:3"; `kind` a word such as "override". Raises `EditRefused`; whatever is raised
    inside undoes all of it.
    """
    try:
        with desk.store.durable() as tx:
            grown = update(Revision).where(Revision.name == ROTA).values(n=Revision.n + 1).returning(Revision.n)
            revision = tx.execute(grown).scalar_one()  # others wait here
            if desk.seen is not None and revision != desk.seen + 1:
                raise RotaMoved("the rota has been changed meanwhile: look at it again")
            row = {"at": now, "actor": actor, "kind": kind, "about": json.dumps(about or {}), "done": "{}"}
            number = tx.execute(insert(RotaEdit).returning(RotaEdit.id), row).scalar_one()
            edit = Edit(tx, desk, now, number)
            yield edit
            edit.finish(dry=dry)
    except _Rehearsed:
        pass


def undo_edit(desk: Desk, number: int, actor: str, now: int, *, dry: bool = False) -> Outcome:
    """Takes back, from now on, what edit `number` did. Raises `UsageError` when it can't be taken back any more."""
    with editing(desk, "undo", actor, now, about={"edit": number}, dry=dry) as edit:
        row = edit.tx.execute(select(*RotaEdit.__table__.c).where(RotaEdit.id == number)).first()
        if row is None:
            raise UsageError(f"there is no edit {number}: 'helpline rota audit' lists them")
        if row.undone_by is not None:
            raise UsageError(f"edit {number} has been undone already, by edit {row.undone_by}")
        refuse_undo(edit.tx, row)
        try:
            change = undo(edit.shifts, read_done(json.loads(row.done)), now)
        except EditError as error:
            raise UsageError(f"edit {number} can't be undone: {error}") from error
        edit.make(change)
        end_request(edit.tx, row)
        edit.look_again()
        take_back_versions(edit, json.loads(row.about))
        edit.tx.execute(update(RotaEdit).where(RotaEdit.id == number).values(undone_by=edit.id))
    return edit.outcome


def read_done(data: Mapping[str, Any]) -> Done:
    """What `asdict` made of a `Done`."""
    return Done(
        tuple(Shift(**shift) for shift in data.get("cancelled", ())),
        tuple(Shortened(**cut) for cut in data.get("shortened", ())),
        tuple(Shift(**shift) for shift in data.get("added", ())),
    )


def _write(tx: Connection, change: Change) -> list[int]:
    """Writes a change; the numbers of its new shifts, in its order."""
    grown = {"seq": ShiftRow.seq + 1}
    for first in range(0, len(change.cancel), AT_A_TIME):
        ids = change.cancel[first : first + AT_A_TIME]
        tx.execute(update(ShiftRow).where(ShiftRow.id.in_(ids)).values(status="cancelled", **grown))
        swaps = or_(SwapRow.shift.in_(ids), SwapRow.back.in_(ids))
        tx.execute(update(SwapRow).where(SwapRow.state.in_(OPEN), swaps).values(state="void"))
    for cut in change.shorten:
        tx.execute(update(ShiftRow).where(ShiftRow.id == cut.shift).values(ends_at=cut.end, **grown))
    if not change.add:
        return []
    rows = [
        {
            "line": new.line,
            "tier": new.tier,
            "person": new.person,
            "starts_at": new.start,
            "ends_at": new.end,
            "source": new.source,
            "status": new.status,
            "rotation": new.rotation,
            "replaces": new.replaces,
        }
        for new in change.add
    ]
    return list(tx.scalars(insert(ShiftRow).returning(ShiftRow.id, sort_by_parameter_order=True), rows))

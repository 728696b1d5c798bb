"""People, absences and shifts from files into the database: all of the files or nothing, as one edit.

A file of shifts speaks for its own span: on each line it names, shifts that lie in that span and haven't started become
the file's. Those that stand already stay as they are, the others are cancelled. A shift that has started is history:
of a row that has begun, what counts is the part that is to come, and a row that is over is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, insert, update

from helpline.settings import ordinary
from helpline.shifts.absences import uncovered
from helpline.shifts.editing import Desk, Edit, Outcome
from helpline.shifts.refusing import Rows, importing
from helpline.shifts.registering import as_known, read_contacts, refuse_taken, refuse_too_long, save_people
from helpline.store.around import ROTA
from helpline.store.rota_tables import Absence
from helpline.store.tables import Revision, Shift
from rota.edit import Change, New, become, reassign, seat
from rota.ical import Into, parse_calendar
from rota.model import Shift as Standing
from rota.model import Span
from rota.staff import Staff
from rota.table import AbsenceRow, ShiftRow, parse_absences, parse_people, parse_shifts

__all__ = ("Calendar", "Imported", "Tables", "import_tables", "save_people", "save_shifts", "touch")

LONGEST_SHIFT = 8 * 86_400
"""Seconds; a week on call as second line is common, beyond that a date is wrong."""
NAMED = 10
"""Rows that a note names; of more it says how many."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """An iCalendar file, and the line and tier whose shifts its events are. Other tiers it doesn't touch."""

    data: bytes
    line: str
    tier: int


@dataclass(frozen=True, slots=True)
class Tables:
    """What is imported together: texts of CSV files, None for those that there aren't; shifts or a calendar.

    Absences are on the clocks of the line `clocks`. `take_off`: whoever is away leaves the shifts they hold then as
    open seats; otherwise such an absence is refused.
    """

    people: str | None = None
    shifts: str | None = None
    absences: str | None = None
    calendar: Calendar | None = None
    clocks: str = ""
    take_off: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed, and what is to be known of it."""

    people_new: int
    people_changed: int
    shifts_new: int
    shifts_removed: int
    absences_new: int
    outcome: Outcome = field(compare=False)
    staff: Mapping[int, Staff] = field(compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)


def import_tables(desk: Desk, tables: Tables, actor: str, now: int, *, dry: bool = False) -> Imported:
    """Imports all of the tables, or with `dry` only says what that would come to. `now` is in UTC seconds.

    Raises `TableError` with every bad row, also those that meet a shift that has started, or an absence; `EditRefused`
    for what no row of them explains.
    """
    rows = Rows()
    if tables.people is not None:
        rows.people = refuse_too_long(parse_people(tables.people, ordinary))
    new = changed = 0
    with importing(desk, actor, now, rows, dry=dry) as edit:
        if rows.people:
            contacts = read_contacts(edit.tx)
            rows.people = as_known(rows.people, contacts)
            refuse_taken(rows.people, contacts, now)
            new, changed = save_people(edit.tx, rows.people, now)
            edit.look_again()
        rows.absences = _read_absences(edit, tables)
        away = _save_absences(edit, rows.absences)
        rows.shifts = _read_shifts(edit, tables)
        done = edit.make(_change(edit, rows.shifts, tables.calendar))
        if tables.take_off:
            _take_off(edit, rows.absences)
        edit.tell({"people": new + changed, "shifts": len(rows.shifts), "absences": away})
    notes = (*_notes(rows, now), *_languages(edit, rows.shifts))
    return Imported(new, changed, len(done.added), len(done.cancelled), len(away), edit.outcome, edit.staff, notes)


def touch(tx: Connection) -> None:
    """The rota has changed: serving processes read it anew."""
    tx.execute(update(Revision).where(Revision.name == ROTA).values(n=Revision.n + 1))


def save_shifts(tx: Connection, rows: Sequence[ShiftRow]) -> None:
    """Adds shifts as they are, also those that have begun: for an empty database, such as a demonstration's."""
    ids = {contact.name: contact.id for contact in read_contacts(tx).values()}
    values = [
        {
            "line": row.line,
            "tier": row.tier,
            "person": None if row.person is None else ids[row.person],
            "starts_at": row.start,
            "ends_at": row.end,
            "source": "import",
            "status": "published",
        }
        for row in rows
    ]
    if values:
        tx.execute(insert(Shift), values)


def _read_absences(edit: Edit, tables: Tables) -> tuple[AbsenceRow, ...]:
    if tables.absences is None:
        return ()
    zone = edit.desk.lines[tables.clocks].zone
    return parse_absences(tables.absences, zone, [person.name for person in edit.staff.values()])


def _save_absences(edit: Edit, rows: Iterable[AbsenceRow]) -> list[int]:
    """Adds what of the absences is to come and isn't there already; the numbers of what was added."""
    ids = {person.name: person.id for person in edit.staff.values()}
    known: dict[tuple[int, bool], list[Span]] = {}
    for each in edit.absences:
        known.setdefault((each.person, each.hard), []).append(each)
    added = []
    for row in rows:
        if row.end <= edit.now:
            continue
        person, span = ids[row.person], Span(max(row.start, edit.now), row.end)
        same = known.setdefault((person, row.hard), [])
        stronger = [] if row.hard else known.get((person, True), [])
        for piece in uncovered(span, [*same, *stronger]):
            values = {"person": person, "starts_at": piece.start, "ends_at": piece.end, "hard": row.hard}
            added.append(edit.tx.execute(insert(Absence).returning(Absence.id), values).scalar_one())
            same.append(piece)
    edit.look_again()
    return added


def _take_off(edit: Edit, rows: Iterable[AbsenceRow]) -> None:
    """Whoever is away leaves what they held before this import; what it gives them itself contradicts it."""
    ids = {person.name: person.id for person in edit.staff.values()}
    stood = {shift.id for shift in edit.before}
    for row in rows:
        if row.hard and row.end > edit.now:
            held = [shift for shift in edit.of(ids[row.person]) if shift.id in stood]
            change = reassign(held, Span(row.start, row.end), edit.now, None, "absence")
            if change:
                edit.make(change)


def _read_shifts(edit: Edit, tables: Tables) -> tuple[ShiftRow, ...]:
    lines, names = edit.desk.lines, [person.name for person in edit.staff.values()]
    if tables.calendar is not None:
        calendar = tables.calendar
        into = Into(calendar.line, lines[calendar.line].zone, calendar.tier, LONGEST_SHIFT)
        emails = {contact.email: contact.name for contact in read_contacts(edit.tx).values() if contact.email}
        return parse_calendar(calendar.data, into, names, emails)
    if tables.shifts is None:
        return ()
    zones = {name: line.settings.timezone for name, line in lines.items()}
    return parse_shifts(tables.shifts, zones, names, longest=LONGEST_SHIFT)


def _change(edit: Edit, rows: Sequence[ShiftRow], calendar: Calendar | None) -> Change:
    """What makes the shifts those of the rows."""
    ids: dict[str | None, int | None] = {person.name: person.id for person in edit.staff.values()}
    ids[None] = None
    change = Change()
    for line in sorted({row.line for row in rows}):
        # Who came on first is rung first, and of two who come at once the one whose shift was written first.
        mine = sorted((row for row in rows if row.line == line), key=lambda row: row.start)
        span = Span(mine[0].start, max(row.end for row in mine))
        standing = [s for s in edit.shifts if s.line == line and (calendar is None or s.tier == calendar.tier)]
        begun = {seat(replace(s, start=edit.now)) for s in standing if s.start < edit.now < s.end}
        wanted = [
            New(line, row.tier, ids[row.person], max(row.start, edit.now), row.end, "import")
            for row in mine
            if row.end > edit.now
        ]
        wanted = [new for new in wanted if seat(new) not in begun]
        change += become(standing, wanted, span, edit.now, _ends_in(span))
    return change


def _ends_in(span: Span) -> Callable[[Standing], bool]:
    """A shift that reaches beyond a file isn't the file's to cancel."""
    return lambda shift: shift.end <= span.end


def _notes(rows: Rows, now: int) -> Iterator[str]:
    """What is to be known of how the rows were read."""
    told: list[AbsenceRow | ShiftRow] = [*rows.absences, *rows.shifts]
    for row in told:
        yield from map(str, row.notes)
    yield from _named("absences that are over, left out: the past stays", [r for r in rows.absences if r.end <= now])
    yield from _named("shifts that are over, left out: the past stays", [r for r in rows.shifts if r.end <= now])
    yield from _named("open seats, which nobody holds yet", [row for row in rows.shifts if row.person is None])


def _named(what: str, rows: Sequence[AbsenceRow | ShiftRow]) -> Iterator[str]:
    if rows:
        where = "events" if rows[0].place else "rows"
        more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
        yield f"{what} ({where} {', '.join(str(row.row) for row in rows[:NAMED])}{more})"


def _languages(edit: Edit, rows: Iterable[ShiftRow]) -> Iterator[str]:
    """Who is to hold shifts of a line and speaks none of its languages."""
    skills = {person.name: person.skills for person in edit.staff.values()}
    for line, person in sorted({(row.line, row.person) for row in rows if row.person is not None}):
        languages = edit.desk.lines[line].flow.languages
        if not skills[person] & {*languages}:
            yield f"{person} speaks no language of {line}: {', '.join(languages)}"

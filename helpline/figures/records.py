"""From a conversation to an anonymous record: pending wrap-ups, coding, the pool, the shuffled entry.

When and why never meet. What waits to be coded is a count without reasons; what has been coded waits in a pool without
times, is rewritten whole and shuffled at each change, and enters the records in batches of ten of a line and period, or
when its period is over and nothing of it can still come.
PostgreSQL's `xmin` would give away the order of entry, so there the records are written anew with each batch.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, insert, or_, select, text, union_all, update

from helpline.figures.counting import bounds
from helpline.lines import Line
from helpline.store.dialect import AddUp
from helpline.store.sessions import Store
from helpline.store.tables import CallRecord, Pooled, WrapUp
from reports.model import NOT_CODED, SUPPORT, Record
from reports.taxonomy import UNDISCLOSED, Taxonomy, codes

DAY = 86_400
CODING_DAYS = 2
"""Whole days a psychologist has for coding, after the day of the call."""
BATCH = 10
NOTHING_COMES_AFTER = 60 * 3600
"""Seconds after a period's end. Most of its calls are coded or due by then, also those that went on past midnight; for
those that still wait it waits longer."""
SUBSTANTIVE_SECONDS = 60

_add = AddUp(WrapUp, ("person", "line", "period", "night", "lasted", "due_day"), ("n",))


@dataclass(frozen=True, slots=True)
class Pending:
    """Calls of one person that wait to be coded and look alike."""

    line: str
    period: str
    night: bool
    lasted: bool
    due_day: int
    n: int


@dataclass(frozen=True, slots=True)
class Coding:
    """What a psychologist tapped or keyed: codes of the line's closed lists."""

    contact: str = SUPPORT
    caller: str = UNDISCLOSED
    status: str = UNDISCLOSED
    speciality: str = UNDISCLOSED
    territory: str = UNDISCLOSED
    reasons: tuple[str, ...] = ()
    orientations: tuple[str, ...] = ()
    severity: int | None = None
    language: str | None = None


def expect(tx: Connection, line: Line, person: int | None, entered_at: int, talked: int, now: int) -> None:
    """A conversation is over and wants coding; one that a backup number took is recorded as not coded."""
    night, lasted, period = line.is_night(entered_at), talked >= SUBSTANTIVE_SECONDS, line.period(entered_at)
    if person is None:
        alone(tx)
        _pool(tx, line.name, period, night, lasted, Coding(contact=NOT_CODED))
        return
    due = now // DAY + CODING_DAYS
    key = {"person": person, "line": line.name, "period": period, "night": night, "lasted": lasted}
    _add(tx, {**key, "due_day": due, "n": 1})


def pending(connection: Connection, person: int) -> list[Pending]:
    """What this person still has to code, the most urgent first."""
    rows = connection.execute(
        select(WrapUp.line, WrapUp.period, WrapUp.night, WrapUp.lasted, WrapUp.due_day, WrapUp.n)
        .where(WrapUp.person == person)
        .order_by(WrapUp.due_day, WrapUp.line, WrapUp.period, WrapUp.night, WrapUp.lasted)
    )
    return [Pending(*row) for row in rows]


def code(store: Store, line: Line, person: int, coding: Coding, wanted: Pending | None = None) -> bool:
    """Codes one call of this person on this line. False when none is left to code, or `wanted` isn't.

    Nobody is told which of their calls they code (`coding.html` says nothing of it), and who codes two begins with the
    one they remember. So support goes to a call that lasted, anything else to one that didn't, if there is one of the
    period of `wanted`: else a silent call's few seconds would make a conversation one that never was. Without `wanted`,
    by keypad, to the call that has just ended: the last due.
    """
    with store.durable() as tx:
        return code_one(tx, line, person, coding, wanted)


def code_one(tx: Connection, line: Line, person: int, coding: Coding, wanted: Pending | None = None) -> bool:
    """As `code`, inside the caller's transaction."""
    alone(tx)
    mine = [item for item in pending(tx, person) if item.line == line.name]
    chosen = _meant(mine, coding.contact == SUPPORT, wanted)
    if chosen is None or not _take(tx, person, chosen):
        return False
    _pool(tx, line.name, chosen.period, chosen.night, chosen.lasted, coding)
    enter(tx, line)
    return True


def _meant(mine: Sequence[Pending], support: bool, wanted: Pending | None) -> Pending | None:
    """Which of the calls that wait the coding is of, as `code` says; of several, the first due."""
    if wanted is None:
        last = [item for item in mine if item.due_day == mine[-1].due_day]
        return max(last, key=lambda item: (item.lasted == support, item.period, item.night), default=None)
    if all(replace(item, n=wanted.n) != wanted for item in mine):
        return None
    alike = [item for item in mine if item.period == wanted.period]
    return min(alike, key=lambda item: (item.lasted != support, item.due_day, item.night))


def expire(store: Store, lines: Mapping[str, Line], now: int) -> int:
    """What nobody coded in time is recorded as not coded; how many."""
    today, expired = now // DAY, 0
    with store.durable() as tx:
        alone(tx)
        overdue = tx.execute(
            select(WrapUp.line, WrapUp.period, WrapUp.night, WrapUp.lasted, WrapUp.n).where(WrapUp.due_day < today)
        ).all()
        for row in overdue:
            for _ in range(row.n):
                _pool(tx, row.line, row.period, row.night, row.lasted, Coding(contact=NOT_CODED))
                expired += 1
        tx.execute(delete(WrapUp).where(WrapUp.due_day < today))
        for line in lines.values():
            enter(tx, line)
    return expired


def enter_closed(store: Store, lines: Mapping[str, Line], now: int) -> int:
    """Enters what is pooled of periods of which nothing can come any more, however little it is; how many.

    Else a call that went on past midnight would enter alone, and be known by it.
    """
    entered = 0
    with store.durable() as tx:
        alone(tx)
        waiting = {(row.line, row.period) for row in tx.execute(select(WrapUp.line, WrapUp.period).distinct())}
        for row in tx.execute(select(Pooled.line, Pooled.period).distinct()).all():
            line = lines.get(row.line)
            over = line is not None and bounds(line.zone, row.period)[1] + NOTHING_COMES_AFTER <= now
            if line is not None and over and (row.line, row.period) not in waiting:
                entered += enter(tx, line, over=row.period)
    return entered


def alone(tx: Connection) -> None:
    """Lets nobody else at the pool until this transaction ends, because each change reads it and rewrites it whole.

    Before anything else that whoever else waits for it may hold. SQLite's writers are alone anyway.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(text("LOCK TABLE pool IN SHARE ROW EXCLUSIVE MODE"))


def _take(tx: Connection, person: int, item: Pending) -> bool:
    same = (
        WrapUp.person == person,
        WrapUp.line == item.line,
        WrapUp.period == item.period,
        WrapUp.night == item.night,
        WrapUp.lasted == item.lasted,
        WrapUp.due_day == item.due_day,
    )
    taken = tx.execute(update(WrapUp).where(*same, WrapUp.n > 0).values(n=WrapUp.n - 1)).rowcount == 1
    tx.execute(delete(WrapUp).where(*same, WrapUp.n == 0))
    return taken


def _pool(tx: Connection, line: str, period: str, night: bool, lasted: bool, coding: Coding) -> None:
    """Adds one coded call and rewrites the whole pool in a new order under new ids."""
    row = {
        "line": line,
        "period": period,
        "night": night,
        "contact": coding.contact,
        "substantive": lasted and coding.contact == SUPPORT,
        "caller": coding.caller,
        "status": coding.status,
        "speciality": coding.speciality,
        "territory": coding.territory,
        "reasons": " ".join(coding.reasons),
        "orientations": " ".join(sorted(coding.orientations)),
        "severity": coding.severity,
        "language": coding.language,
        "round_key": secrets.randbits(32),
    }
    rows = [dict(found) for found in tx.execute(select(*Pooled.__table__.c)).mappings()]
    tx.execute(delete(Pooled))
    tx.execute(insert(Pooled), _shuffled([*rows, row]))


def _shuffled(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows under fresh random ids, in the order of those ids."""
    fresh = [{**row, "id": secrets.token_bytes(16)} for row in rows]
    return sorted(fresh, key=lambda row: bytes(row["id"]))


def enter(tx: Connection, line: Line, *, over: str = "") -> int:
    """Moves the line's pooled calls into the records: `BATCH` or more of a period, or all of the one that is over.

    Never with those of another period, of which there may be a single one. How many.
    """
    mine = [dict(row) for row in tx.execute(select(*Pooled.__table__.c).where(Pooled.line == line.name)).mappings()]
    pooled = Counter(row["period"] for row in mine)
    full = [period for period, n in pooled.items() if n >= BATCH or period == over]
    entering = [row for row in mine if row["period"] in full]
    if entering:
        tx.execute(insert(CallRecord), _shuffled(entering))
        tx.execute(delete(Pooled).where(Pooled.line == line.name, Pooled.period.in_(full)))
        _write_anew(tx)
    return len(entering)


def _write_anew(tx: Connection) -> None:
    """Leaves nothing of the order in which records came, or of those that are gone."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("CREATE TEMP TABLE entering (LIKE call_records) ON COMMIT DROP"))
        tx.execute(text("INSERT INTO entering SELECT * FROM call_records"))
        tx.execute(text("TRUNCATE call_records"))
        tx.execute(text("INSERT INTO call_records SELECT * FROM entering ORDER BY id"))
        tx.execute(text("DROP TABLE entering"))  # another line or period may enter in this transaction


def forget(tx: Connection, line: str, year: int) -> int:
    """Deletes the line's records and pooled calls of a year; how many. Whoever calls it has let nobody at the pool."""
    gone = [
        tx.execute(delete(table).where(table.line == line, table.period.like(f"{year}%"))).rowcount
        for table in (CallRecord, Pooled)
    ]
    if any(gone):
        _write_anew(tx)
    return sum(gone)


def years(connection: Connection) -> set[tuple[str, int]]:
    """Each line and year of which anything is recorded or pooled."""
    found = [select(table.line, table.period).distinct() for table in (CallRecord, Pooled)]
    return {(row.line, int(row.period[:4])) for row in connection.execute(union_all(*found))}


def has_any(connection: Connection, line: str, year: int) -> bool:
    """Whether anything is recorded or pooled of the line's year."""
    there = [exists().where(table.line == line, table.period.like(f"{year}%")) for table in (CallRecord, Pooled)]
    return bool(connection.scalar(select(or_(*there))))


def read(connection: Connection, line: str, year: int) -> list[Record]:
    """The line's records of one year, entered and pooled ones: one statement, because calls enter meanwhile."""
    both = [
        select(*table.__table__.c).where(table.line == line, table.period.like(f"{year}%"))
        for table in (CallRecord, Pooled)
    ]
    return [_record(row) for row in connection.execute(union_all(*both))]


def _record(row: Row[Any]) -> Record:
    return Record(
        row.line,
        row.period,
        row.night,
        row.contact,
        row.substantive,
        row.caller,
        row.status,
        row.speciality,
        row.territory,
        tuple(row.reasons.split()),
        tuple(row.orientations.split()),
        row.severity,
        row.language,
        row.round_key,
    )


def faults(coding: Coding, taxonomy: Taxonomy, line: str) -> list[str]:
    """The fields of `coding` that hold no code of the closed lists, or too many; empty when it can be recorded."""
    lists = {
        "contact": taxonomy.contacts,
        "caller": taxonomy.callers,
        "status": taxonomy.statuses,
        "speciality": taxonomy.specialities,
        "territory": taxonomy.territories.get(line, ()),
    }
    found = [
        name
        for name, terms in lists.items()
        if getattr(coding, name) not in {*codes(terms), UNDISCLOSED} - ({UNDISCLOSED} if name == "contact" else set())
    ]
    if coding.contact == NOT_CODED:
        found.append("contact")
    reasons = set(codes(taxonomy.reasons)) - {NOT_CODED}
    if not set(coding.reasons) <= reasons or len(set(coding.reasons)) != len(coding.reasons) or len(coding.reasons) > 3:
        found.append("reasons")
    if coding.contact == SUPPORT and not coding.reasons:
        found.append("reasons")
    if not set(coding.orientations) <= set(codes(taxonomy.orientations)):
        found.append("orientations")
    if coding.severity not in {None, 1, 2, 3, 4, 5}:
        found.append("severity")
    return sorted(set(found))

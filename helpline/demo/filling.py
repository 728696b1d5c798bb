"""The demonstration's data: fictitious psychologists, a rota around today, and a simulated year of calls.

The numbers come from a range that French law reserves for fiction (01 99 00). Everything made from this is marked
"demonstration data" wherever it appears, because `[service] demo` is true.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from helpline.demo.planning import plan
from helpline.demo.team import PEOPLE, on_call
from helpline.demo.year import synthetic_year
from helpline.directory.seeding import seed
from helpline.figures.closing import Office, close, due
from helpline.figures.gates import closes_at, settles_at
from helpline.figures.settling import settle
from helpline.lines import Line
from helpline.settings import Limits
from helpline.shifts.editing import Desk
from helpline.shifts.importing import save_people, save_shifts, touch
from helpline.shifts.reading import standard
from helpline.store.figure_tables import Release
from helpline.store.sessions import Store
from helpline.store.tables import CallRecord, HourlyCount, Leg, LiveCall, MonthlyCount, Shift
from reports import model
from reports.model import Record
from rota.table import ShiftRow
from rota.zones import local_to_utc

BACKUP = "+33199000190"
CALLS = (1800, 1650, 1725)
"""A year, in turn."""
MORNING = 8 * 3600
"""Seconds after midnight at which periods were closed."""
DAYS_BEFORE, DAYS_AFTER = 28, 30
"""The rota begins so many days ago, and ends with a quarter that has at least so many days left."""
DAY = 86_400
HANDOFFS = (time(8), time(20))


def demo_config(template: str) -> str:
    """The configuration of a demonstration, made from the one that `helpline init` writes."""
    changes = {
        'public_url = "https://helpline.example.org"': 'public_url = "http://localhost:8000"',
        "demo = false": "demo = true",
        "backup = []": f'backup = ["{BACKUP}"]',
        "tiers = 1": "tiers = 2",
        'period = "quarter"': 'period = "quarter"\ntiers = 2',
        # Text messages go to the twin: what the rota tells of is sent, and nobody gets it.
        "sms = false": "sms = true",
        "coordinator_phones = []": f'coordinator_phones = ["{BACKUP}"]',
        'region = "BE"': f'region = "BE"\ncoordinator_phones = ["{BACKUP}"]',
    }
    for old, new in changes.items():
        if old not in template:
            raise ValueError(f"the template no longer says {old!r}")
        template = template.replace(old, new, 1)
    return template


def fill(office: Office, lines: Mapping[str, Line], now: int) -> None:
    """Fills an empty database as seen from `now` (UTC seconds)."""
    store = office.store
    with store.durable() as tx:
        save_people(tx, PEOPLE)
        seed(tx, "cli", now)
        for line in lines.values():
            save_shifts(tx, list(_shifts(line, now)))
        touch(tx)
        line = next(iter(lines.values()))
        today = line.local(now).date()
        for year in (today.year - 2, today.year - 1, today.year):
            records, hourly, monthly = synthetic_year(year, line.name, CALLS[year % len(CALLS)], seed=year)
            _save_year(tx, line, records, hourly, monthly, _first_of_month(line, today))
    _live_through(office, line, today.year, now)
    plan(Desk(store, lines, standard(Limits())), now)


def _live_through(office: Office, line: Line, running: int, now: int) -> None:
    """Closes and settles what a worker would have by now, each at its time; what is over of a year is published."""
    for year in (running - 2, running - 1, running):
        whole = closes_at(line, str(year)) + MORNING
        # Of the first year nothing is known that would tell, in its course, how fine its periods may be.
        periods = due(office, line, min(now, whole)) if year > running - 2 else [str(year)]
        for period in periods:
            close(office, line, period, min(now, closes_at(line, period) + MORNING))
        if whole + DAY <= now:
            _publish(office.store, line, year, whole + DAY)
        if settles_at(line, year) <= now:
            settle(office, {line.name: line}, year, settles_at(line, year))


def _publish(store: Store, line: Line, year: int, at: int) -> None:
    with store.durable() as tx:
        mine = Release.line == line.name, Release.period.like(f"{year}%")
        tx.execute(update(Release).where(*mine).values(released_at=at, public=True))


def renew(store: Store, lines: Mapping[str, Line], now: int) -> None:
    """Writes the rota on where it ends within a day: a demonstration found again after months has people on call."""
    with store.durable() as tx:
        ending = [line for line in lines.values() if _last(tx, line) < now + DAY]
        if not ending:
            return
        save_people(tx, PEOPLE)
        for line in ending:
            last = max(_last(tx, line), now - DAY)
            save_shifts(tx, [row for row in _shifts(line, now) if row.start >= last])
        touch(tx)


def forget_calls(store: Store) -> None:
    """Drops the calls that went on when the demonstration was ended: their carrier ended with it."""
    with store.live() as tx:
        for table in (Leg, LiveCall):
            tx.execute(delete(table))


def _last(tx: Connection, line: Line) -> int:
    """When the last shift of a line ends, in UTC seconds; 0 if it has none."""
    return tx.execute(select(func.max(Shift.ends_at)).where(Shift.line == line.name)).scalar() or 0


def _shifts(line: Line, now: int) -> Iterable[ShiftRow]:
    """Two people in the first tier and one in the second, others after every hand-off; the first three now."""
    local = line.local(now)
    today, current = local.date(), _turn(local)
    # The next quarter is wholly open, for a proposal: of one that has begun, each person holds seats on both lines.
    for day in range(-DAYS_BEFORE, (_quarter_after(today + timedelta(days=DAYS_AFTER)) - today).days):
        for half, handoff in enumerate(HANDOFFS):
            begins = datetime.combine(today + timedelta(days=day), handoff)
            ends = begins.replace(hour=20) if half == 0 else (begins + timedelta(days=1)).replace(hour=8)
            for tier, person in on_call(2 * (today.toordinal() + day) + half - current):
                start, end = local_to_utc(begins, line.zone), local_to_utc(ends, line.zone)
                yield ShiftRow(line.name, tier, person.name, start, end)


def _quarter_after(day: date) -> date:
    """The first day of a quarter on or after `day`."""
    firsts = [*(date(day.year, month, 1) for month in (1, 4, 7, 10)), date(day.year + 1, 1, 1)]
    return next(first for first in firsts if first >= day)


def _turn(local: datetime) -> int:
    """The half-day of a local time, counted through all days."""
    morning, evening = HANDOFFS
    return 2 * local.date().toordinal() + (local.time() >= evening) - (local.time() < morning)


def _first_of_month(line: Line, today: date) -> int:
    return local_to_utc(datetime.combine(today.replace(day=1), time()), line.zone)


def _save_year(
    tx: Connection,
    line: Line,
    records: Iterable[Record],
    hourly: Iterable[model.HourlyCount],
    monthly: Iterable[model.MonthlyCount],
    before: int,
) -> None:
    """Saves what lies before `before` (UTC seconds): the simulated months that are over."""
    month = line.month(before)
    rows = [
        {
            "id": secrets.token_bytes(16),
            "line": line.name,
            "period": record.period,
            "night": record.night,
            "contact": record.contact,
            "substantive": record.substantive,
            "caller": record.caller,
            "status": record.status,
            "speciality": record.speciality,
            "territory": record.territory,
            "reasons": " ".join(record.reasons),
            "orientations": " ".join(record.orientations),
            "severity": record.severity,
            "language": record.language,
            "round_key": record.key,
        }
        for record in records
        if record.period < month
    ]
    if rows:
        tx.execute(insert(CallRecord), sorted(rows, key=lambda row: str(row["id"])))
    hours = [
        {"line": line.name, "hour": each.hour, "outcome": each.outcome, "wait_band": each.wait_band, "n": each.n}
        for each in hourly
        if each.hour < before
    ]
    months = [
        {
            "line": line.name,
            "month": each.month,
            "duration_band": each.duration_band,
            "n": each.n,
            "talk_seconds": each.talk_seconds,
        }
        for each in monthly
        if each.month < month
    ]
    for table, counts in ((HourlyCount, hours), (MonthlyCount, months)):
        if counts:
            tx.execute(insert(table), counts)

"""The demonstration's data: fictitious psychologists, a rota around today, and a simulated year of calls.

The numbers come from a range that French law reserves for fiction (01 99 00). Everything made from this is marked
"demonstration data" wherever it appears, because `[service] demo` is true.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from helpline.calls.ending import add_hourly, add_monthly
from helpline.demo.planning import plan
from helpline.demo.team import PEOPLE, on_call
from helpline.demo.year import synthetic_year
from helpline.lines import Line
from helpline.settings import Limits
from helpline.shifts.editing import Desk
from helpline.shifts.importing import save_people, save_shifts, touch
from helpline.shifts.reading import standard
from helpline.store.sessions import Store
from helpline.store.tables import CallRecord, Leg, LiveCall, Shift
from reports.model import HourlyCount, MonthlyCount, Record
from rota.table import ShiftRow
from rota.zones import local_to_utc

BACKUP = "+33199000190"
CALLS_A_YEAR = 1800
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


def fill(store: Store, lines: Mapping[str, Line], now: int) -> None:
    """Fills an empty database as seen from `now` (UTC seconds)."""
    with store.durable() as tx:
        save_people(tx, PEOPLE)
        for line in lines.values():
            save_shifts(tx, list(_shifts(line, now)))
        touch(tx)
        line = next(iter(lines.values()))
        today = line.local(now).date()
        for year in (today.year - 1, today.year):
            records, hourly, monthly = synthetic_year(year, line.name, CALLS_A_YEAR, seed=year)
            closed = _first_of_month(line, today)
            _save_year(tx, line, records, hourly, monthly, closed)
    plan(Desk(store, lines, standard(Limits())), now)


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
    hourly: Iterable[HourlyCount],
    monthly: Iterable[MonthlyCount],
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
    for hour in hourly:
        if hour.hour < before:
            add_hourly(
                tx,
                {
                    "line": line.name,
                    "hour": hour.hour,
                    "outcome": hour.outcome,
                    "wait_band": hour.wait_band,
                    "n": hour.n,
                },
            )
    for count in monthly:
        if count.month < month:
            add_monthly(
                tx,
                {
                    "line": line.name,
                    "month": count.month,
                    "duration_band": count.duration_band,
                    "n": count.n,
                    "talk_seconds": count.talk_seconds,
                },
            )

"""Years for the tests of closing: records and counters as a helpline leaves them, and what an honest reader counts."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache, partial

from sqlalchemy import insert

from helpline.demo.year import synthetic_year
from helpline.figures.closing import Closed, Office, close
from helpline.figures.frozen import Frozen, closed
from helpline.store.dialect import AddUp
from helpline.store.sessions import Store
from helpline.store.tables import CallRecord, HourlyCount, MonthlyCount
from reports import model
from reports.figures import Figures
from reports.model import Record
from reports.taxonomy import default_taxonomy
from tests.figures.conftest import Desk

SECRET = b"a secret of these tests"
OTHER = b"and quite another one"
LISTS = default_taxonomy()
BIG = 1200
"""Calls a year: a line of this size is published by month."""


def at(text: str) -> int:
    """An instant, in UTC seconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


JANUARY = at("2026-01-10T12:00")
"""When 2025 may be closed."""
APRIL = at("2026-04-02T12:00")
"""When it is settled."""


@dataclass(frozen=True)
class Year:
    """Everything that is left of a year of one line."""

    records: Sequence[Record]
    hours: Sequence[model.HourlyCount]
    months: Sequence[model.MonthlyCount]


def office(desk: Desk, secret: bytes = SECRET) -> Office:
    """An office with the lists that ship."""
    return Office(desk.store, LISTS, secret, demo=False)


def shut(desk: Desk, period: str, now: int = JANUARY, line: str = "france", secret: bytes = SECRET) -> Closed:
    """Closes a period."""
    return close(office(desk, secret), desk.lines[line], period, now)


def ledger(desk: Desk, line: str | None = None) -> list[Frozen]:
    """Everything closed."""
    with desk.store.read() as connection:
        return closed(connection, line)


@cache
def a_year(year: int = 2025, calls: int = BIG, line: str = "france", seed: int = 1) -> Year:
    """A made-up one."""
    return Year(*synthetic_year(year, line, calls, seed))


def put(store: Store, year: Year) -> Year:
    """Writes it into the tables; the same year."""
    put_records(store, year.records)
    hours = [
        {"line": one.line, "hour": one.hour, "outcome": one.outcome, "wait_band": one.wait_band, "n": one.n}
        for one in year.hours
    ]
    months = [
        {
            "line": one.line,
            "month": one.month,
            "duration_band": one.duration_band,
            "n": one.n,
            "talk_seconds": one.talk_seconds,
        }
        for one in year.months
    ]
    with store.durable() as tx:
        for table, rows in ((HourlyCount, hours), (MonthlyCount, months)):
            if rows:
                tx.execute(insert(table), rows)
    return year


def put_records(store: Store, records: Iterable[Record]) -> None:
    """Writes records that have entered."""
    rows = [
        {
            "id": secrets.token_bytes(16),
            "line": one.line,
            "period": one.period,
            "night": one.night,
            "contact": one.contact,
            "substantive": one.substantive,
            "caller": one.caller,
            "status": one.status,
            "speciality": one.speciality,
            "territory": one.territory,
            "reasons": " ".join(one.reasons),
            "orientations": " ".join(one.orientations),
            "severity": one.severity,
            "language": one.language,
            "round_key": one.key,
        }
        for one in records
    ]
    with store.durable() as tx:
        if rows:
            tx.execute(insert(CallRecord), rows)


def calls(store: Store, instant: int, n: int, line: str = "france") -> None:
    """Calls that came in the hour of `instant` and were answered."""
    row = {"line": line, "hour": instant - instant % 3600, "outcome": "answered", "wait_band": "5-20", "n": n}
    with store.durable() as tx:
        AddUp(HourlyCount, ("line", "hour", "outcome", "wait_band"), ("n",))(tx, row)


# --- counted by hand: nothing of the product's but its lists


def rounded(n: int, message: str, secret: bytes = SECRET) -> int | None:
    """As design 6 has it, in fractions of 2^64."""
    draw = Fraction(int.from_bytes(hmac.new(secret, message.encode(), hashlib.sha256).digest()[:8], "big"), 2**64)
    printed = n - n % 5 + (5 if draw < Fraction(n % 5, 5) else 0)
    return printed if printed >= 10 else None


def of_records(records: Iterable[Record]) -> int | None:
    """What is printed of these."""
    keys = [one.key for one in records]
    return rounded(len(keys), f"{sum(keys) % 2**32}:{len(keys)}")


def by_hand(figures: Figures, year: Year) -> Iterator[tuple[str, int | None]]:
    """Every cell that comes from records, and calls offered and answered: its address and what must be printed."""
    whole = [one for one in year.records if one.contact == "support" and one.substantive]
    group_of = {term.code: term.group for term in LISTS.reasons}

    def main(one: Record) -> str:
        return one.reasons[0] if one.reasons else "not-coded"

    def kind(one: Record) -> str:
        support = "substantive" if one.substantive else "support-short"
        return support if one.contact == "support" else one.contact

    said: dict[str, tuple[Iterable[Record], Callable[[Record], Iterable[str]]]] = {
        "contacts": (year.records, lambda _: ["all"]),
        "contact-kind": (year.records, lambda one: [kind(one)]),
        "substantive": (whole, lambda _: ["all"]),
        "main-reason": (whole, lambda one: [main(one)]),
        "all-reasons": (whole, lambda one: one.reasons or ["not-coded"]),
        "reason-group": (whole, lambda one: [group_of[main(one)] or main(one)]),
        "orientation-given": (whole, lambda one: ["orientation-given"] if one.orientations else []),
        "orientation": (whole, lambda one: one.orientations),
        "severity": (whole, lambda one: [str(one.severity) if one.severity else "not-graded"]),
        **{name: (whole, partial(_told, name)) for name in ("caller", "status", "speciality", "territory")},
        "language": (whole, lambda one: [one.language or "not-kept"]),
    }
    for cell in figures.counts:
        if cell.table in said:
            counted, codes = said[cell.table]
            chosen = [one for one in counted if one.period.startswith(cell.period) and cell.category in codes(one)]
            yield str(cell), of_records(chosen)


def _told(name: str, one: Record) -> list[str]:
    return [getattr(one, name)]


def calls_by_hand(year: Year, zone: object, line: str) -> dict[str, int | None]:
    """Calls offered and answered, of the year and of each month."""
    seen: Counter[str] = Counter()
    for one in year.hours:
        local = datetime.fromtimestamp(one.hour, zone)  # type: ignore[arg-type]  # a zone
        for period in (f"{local:%Y}", f"{local:%Y-%m}"):
            if one.outcome not in {"left_in_greeting", "overflow"}:
                seen[f"{period}/calls/offered"] += one.n
            if one.outcome == "answered":
                seen[f"{period}/calls/answered"] += one.n
    return {
        cell: rounded(n, "\x1f".join((line, cell.split("/")[0], cell.split("/")[2], str(n))))
        for cell, n in seen.items()
    }

"""Daily: the hours of calls that came long ago become days, each with its night apart: no figure needs them finer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, time

from sqlalchemy import Connection, delete, insert, select, text

from helpline.lines import Line
from helpline.store.sessions import Store
from helpline.store.tables import HourlyCount
from reports.model import is_night
from rota.zones import local_to_utc

MONTHS = 13
"""How many whole local months, besides the one that runs, stay by the hour: last year's beside this year's."""
DAYTIME, NIGHT = time(12), time()
"""The local hour that stands for all of a day's, and for all of its night's: before dawn and from the evening on."""
HOUR = 3600
Row = tuple[int, str, str]
"""Hour, outcome and wait band."""


def run(store: Store, lines: Mapping[str, Line], now: int) -> int:
    """Rolls up what is older at `now` (UTC seconds); how many rows there are fewer."""
    return sum(_roll_up(store, line, _since(line, now)) for line in lines.values())


def _since(line: Line, now: int) -> int:
    """When the first month begins that stays by the hour, in UTC seconds."""
    today = line.local(now)
    months = 12 * today.year + today.month - 1 - MONTHS
    return local_to_utc(datetime(months // 12, months % 12 + 1, 1), line.zone)  # noqa: DTZ001 - a local time


def _roll_up(store: Store, line: Line, before: int) -> int:
    with store.read() as connection:
        rows = _rows(connection, line, before)
    if rolled_up(line, rows) == rows:
        return 0
    with store.durable() as tx:
        if tx.dialect.name == "postgresql":
            # A call that came so long ago may still be counted now: whoever does that waits for the rows to be back.
            tx.execute(text("LOCK TABLE hourly_counts IN SHARE ROW EXCLUSIVE MODE"))
        rows = _rows(tx, line, before)
        rolled = rolled_up(line, rows)
        tx.execute(delete(HourlyCount).where(HourlyCount.line == line.name, HourlyCount.hour < before))
        names = ("hour", "outcome", "wait_band")
        kept = [{**dict(zip(names, key, strict=True)), "line": line.name, "n": n} for key, n in sorted(rolled.items())]
        tx.execute(insert(HourlyCount), kept)
    return len(rows) - len(rolled)


def rolled_up(line: Line, rows: Mapping[Row, int]) -> Mapping[Row, int]:
    """The same calls by local day and night: every figure that goes by days, nights or weekends stays what it is."""
    found: Counter[Row] = Counter()
    for (hour, outcome, band), n in rows.items():
        local = line.local(hour)
        stands = datetime.combine(local.date(), NIGHT if is_night(local.hour) else DAYTIME)
        found[_hour(line, stands), outcome, band] += n
    return found


def _hour(line: Line, local: datetime) -> int:
    """The hour of UTC that begins at a local instant; in a zone that is off by half an hour, the next."""
    at = local_to_utc(local, line.zone)
    return -(-at // HOUR) * HOUR


def _rows(connection: Connection, line: Line, before: int) -> dict[Row, int]:
    found = connection.execute(
        select(HourlyCount.hour, HourlyCount.outcome, HourlyCount.wait_band, HourlyCount.n).where(
            HourlyCount.line == line.name, HourlyCount.hour < before
        )
    )
    return {(hour, outcome, band): n for hour, outcome, band, n in found}

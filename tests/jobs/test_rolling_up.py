from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from helpline.jobs import rolling_up
from helpline.jobs.rolling_up import rolled_up
from helpline.lines import Line
from helpline.store.sessions import Store
from helpline.store.tables import HourlyCount
from reports import model
from reports.indicators import measures
from reports.periods import Profile, periods_of
from reports.rounding import Rounder
from reports.tables import calls_of
from tests.reports.made import SECRET
from tests.shell import lines_in, opened, rows_of

HOUR, DAY = 3600, 86_400
PARIS = ZoneInfo("Europe/Paris")
NOW = int(datetime(2026, 11, 22, 10, tzinfo=UTC).timestamp())
FIRST = int(datetime(2025, 10, 1, tzinfo=PARIS).timestamp())
"""Thirteen whole months lie between the two."""
FRANCE = lines_in(Path())["france"]


@pytest.fixture
def store(either_database_url: str) -> Iterator[Store]:
    """No call yet."""
    with opened(either_database_url) as store:
        yield store


def put(store: Store, *rows: tuple[int, str, int]) -> None:
    """Calls of France that were answered at once: hour, outcome, how many."""
    with store.durable() as tx:
        for hour, outcome, n in rows:
            values = {"line": "france", "hour": hour, "outcome": outcome, "wait_band": "0-5", "n": n}
            tx.execute(insert(HourlyCount).values(**values))


def held(store: Store) -> list[tuple[datetime, str, int]]:
    """The counters: the line's local time, outcome, how many."""
    rows = sorted(rows_of(store, HourlyCount), key=lambda row: (row["hour"], row["outcome"]))
    return [(datetime.fromtimestamp(row["hour"], PARIS).replace(tzinfo=None), row["outcome"], row["n"]) for row in rows]


def test_hours_of_long_ago_become_days_and_nights(store: Store) -> None:
    """Calls at three and at eleven in the evening are one row of that day's night, others one of its day."""
    day = FIRST - 2 * DAY
    put(store, *((day + hour * HOUR, "answered", 1) for hour in (3, 12, 17, 23)), (day + 13 * HOUR, "failed", 1))
    assert rolling_up.run(store, {"france": FRANCE}, NOW) == 2
    assert held(store) == [
        (datetime(2025, 9, 29, 0), "answered", 2),
        (datetime(2025, 9, 29, 12), "answered", 2),
        (datetime(2025, 9, 29, 12), "failed", 1),
    ]


def test_thirteen_months_stay_by_the_hour(store: Store) -> None:
    """From the first hour of the first of them on, in local time."""
    put(store, (FIRST - HOUR, "answered", 1), (FIRST, "answered", 1), (FIRST + HOUR, "answered", 1))
    rolling_up.run(store, {"france": FRANCE}, NOW)
    assert held(store) == [(datetime(2025, 9, 30), "answered", 1), *(
        (datetime(2025, 10, 1, hour), "answered", 1) for hour in (0, 1)
    )]  # fmt: skip


def test_it_is_done_once(store: Store) -> None:
    """The next day there is nothing to do, and what is counted late is added to its day."""
    day = FIRST - 40 * DAY
    put(store, (day + 10 * HOUR, "answered", 1), (day + 11 * HOUR, "answered", 1))
    assert [rolling_up.run(store, {"france": FRANCE}, NOW) for _ in range(2)] == [1, 0]
    put(store, (day + 15 * HOUR, "answered", 1))
    rolling_up.run(store, {"france": FRANCE}, NOW)
    assert [n for _, _, n in held(store)] == [3]


def test_other_lines_stay(store: Store) -> None:
    """Each has a zone of its own, and one that isn't served any more has none."""
    put(store, (FIRST - 40 * DAY + HOUR, "answered", 1), (FIRST - 40 * DAY + 2 * HOUR, "answered", 1))
    assert rolling_up.run(store, {"belgium": lines_in(Path())["belgium"]}, NOW) == 0
    assert len(held(store)) == 2


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 8783), st.sampled_from(model.OUTCOMES), st.sampled_from(model.WAIT_BANDS)),
        st.integers(1, 30),
        max_size=40,
    )
)
def test_no_figure_changes(calls: dict[tuple[int, str, str], int]) -> None:
    """Every measure of the year and of each month is printed as before: days, nights and weekends are told apart."""
    start = int(datetime(2024, 1, 1, tzinfo=PARIS).timestamp())
    rows = {(start + hour * HOUR, outcome, band): n for (hour, outcome, band), n in calls.items()}
    before, after = (figures_of(FRANCE, each) for each in (rows, dict(rolled_up(FRANCE, rows))))
    assert before == after


def figures_of(line: Line, rows: dict[tuple[int, str, str], int]) -> dict[tuple[str, str], int | None]:
    """Every measure of 2024 and of its months."""
    counts = [model.HourlyCount(line.name, hour, outcome, band, n) for (hour, outcome, band), n in rows.items()]
    calls = calls_of(counts, 2024, PARIS, Rounder(SECRET, line.name))
    periods = ("2024", *periods_of(2024, Profile.MONTH))
    return {(period, name): calls.of(name, period).value for period in periods for name in measures()}

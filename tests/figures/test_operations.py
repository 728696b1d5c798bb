"""What the store gives to the operational report: counters and the rota of a period, on the line's own clocks."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, insert

from helpline.calls.ending import add_monthly, count
from helpline.errors import UsageError
from helpline.figures.operations import (
    LATEST,
    Period,
    calls_between,
    hours_between,
    period_of,
    periods_begun,
    read_operations,
    years_counted,
)
from helpline.lines import Line
from helpline.store.tables import CallRecord, HourlyCount, Pooled, Shift, WrapUp
from reports.erlang import TARGETS, USUAL
from reports.indicators import normal
from reports.model import OUTCOMES, WAIT_BANDS
from reports.operations import Operations
from reports.periods import Profile
from tests.figures.conftest import DAY, Desk
from tests.shell import ALIX, BORIS, NOON, lines_in, with_people

HOUR = 3600


def at(text: str) -> int:
    """UTC seconds of a time with its offset."""
    return int(datetime.fromisoformat(text).timestamp())


def counted(desk: Desk, when: int, outcome: str = "answered", waited: int = 7, line: str = "france") -> None:
    """A call that entered then was counted."""
    with desk.store.durable() as tx:
        count(tx, desk.lines[line], when, outcome, waited)


def on_call(desk: Desk, *shifts: tuple[int, int, int], line: str = "france", **values: object) -> None:
    """Shifts of `(start, end, person)`."""
    rows = [
        {"line": line, "tier": 1, "person": person, "starts_at": start, "ends_at": end, "source": "test", **values}
        for start, end, person in shifts
    ]
    with desk.store.durable() as tx:
        tx.execute(insert(Shift), rows)


def report(desk: Desk, name: str = LATEST, now: int = NOON, line: str = "france") -> Operations:
    """The report as it is at `now`."""
    with desk.store.read() as connection:
        period = period_of(desk.lines[line], name, now)
        return read_operations(connection, desk.lines[line], period, now, TARGETS[USUAL])


@pytest.fixture(scope="module")
def france() -> Line:
    """A line of Paris."""
    return lines_in(Path())["france"]


def test_a_period_goes_from_midnight_to_midnight_of_the_line(france: Line) -> None:
    """In Paris an hour before UTC's, in summer two; the one that isn't over ends with the last whole hour."""
    line = france
    later = NOON + 400 * DAY
    assert period_of(line, "2026-03", later) == Period(
        "2026-03", at("2026-03-01T00:00+01:00"), at("2026-04-01T00:00+02:00"), over=True
    )
    assert period_of(line, "2026-Q1", NOON + 1_234) == Period("2026-Q1", at("2026-01-01T00:00+01:00"), NOON, over=False)
    assert period_of(line, "2025", NOON).end == at("2026-01-01T00:00+01:00")
    assert period_of(line, LATEST, NOON + 59) == Period(LATEST, at("2025-03-01T00:00+01:00"), NOON, over=False)


@pytest.mark.parametrize("name", ["", "2026-13", "2026-Q5", "2026-3", "soon", "1999", "9999", "٢٠٢٦", "2026-03-01"])
def test_what_is_no_period_is_refused(france: Line, name: str) -> None:
    """With what may be written."""
    with pytest.raises(UsageError, match="is no period; write 13-months, 2026, 2026-Q1 or 2026-03"):
        period_of(france, name, NOON)


def test_a_period_to_come_is_refused(france: Line) -> None:
    """With the latest there is; it begins at the line's midnight."""
    line, midnight = france, at("2026-04-01T00:00+02:00")
    with pytest.raises(UsageError, match=r"2026-04 has not begun on the line france; .* up to 2026-03"):
        period_of(line, "2026-04", midnight - 1)
    assert period_of(line, "2026-04", midnight) == Period("2026-04", midnight, midnight, over=False)
    assert periods_begun(2026, Profile.MONTH, line, NOON) == ["2026-01", "2026-02", "2026-03"]
    assert periods_begun(2026, Profile.QUARTER, line, NOON) == ["2026-Q1"]


def test_years_begin_with_the_first_call(either_desk: Desk) -> None:
    """This one without any; never more than ten."""
    line = either_desk.lines["france"]
    for instant, years in ((None, [2026]), ("2024-12-31T23:30+00:00", [2025, 2026]), ("2001-05-01T00:00+00:00", 10)):
        if instant:
            counted(either_desk, at(instant))
        with either_desk.store.read() as connection:
            found = list(years_counted(connection, line, NOON))
        assert (found if isinstance(years, list) else len(found)) == years


def test_the_report_is_of_what_is_stored(either_desk: Desk) -> None:
    """Counters of the line and the period, how long people talked, and who was on call."""
    with_people(either_desk.store)
    monday = at("2026-03-02T10:00+01:00")
    for outcome in ("answered", "answered", "abandoned"):
        counted(either_desk, monday + 600, outcome)
    counted(either_desk, monday, line="belgium")
    counted(either_desk, NOON)  # the hour that isn't over
    counted(either_desk, at("2026-02-28T23:30+01:00"))
    with either_desk.store.durable() as tx:
        for line, month in (("france", "2026-03"), ("france", "2026-02"), ("belgium", "2026-03")):
            add_monthly(tx, {"line": line, "month": month, "duration_band": "15-30", "n": 2, "talk_seconds": 3_600})
    on_call(either_desk, (monday, monday + 4 * HOUR, ALIX), (monday + 1_800, monday + HOUR, BORIS))
    found = report(either_desk, "2026-03")
    assert {name: found.total.of(name) for name in ("offered", "answered", "abandoned")} == {
        "offered": 3, "answered": 2, "abandoned": 1,
    }  # fmt: skip
    assert (found.talks, found.talk) == (2, 1_800)
    slot = found.week[0][10]
    assert (slot.calls.of("offered"), slot.hours, slot.tenths) == (3, 2, 8)
    assert (found.covered.part, found.covered.whole) == (4, (NOON - monday) // HOUR)
    assert report(either_desk).total.of("offered") == 4


def test_people_are_counted_once_and_only_those_who_are_there(either_desk: Desk) -> None:
    """Who holds two seats is one person; a cancelled shift and an open one hold nobody."""
    with_people(either_desk.store)
    start = at("2026-03-02T10:00+01:00")
    span = (start, start + HOUR)
    on_call(either_desk, (*span, ALIX))
    on_call(either_desk, (*span, ALIX), tier=2)
    on_call(either_desk, (*span, BORIS), status="cancelled")
    on_call(either_desk, (*span, None))  # type: ignore[arg-type] # a seat that nobody holds
    on_call(either_desk, (start - DAY, start, BORIS), status="cancelled")
    on_call(either_desk, (start - DAY, start, BORIS), line="belgium")
    found = report(either_desk, "2026-03")
    assert (found.week[0][10].tenths, found.covered.part) == (5, 1)
    assert found.asked.rota_from == start


def test_hours_are_known_for_thirteen_months(either_desk: Desk) -> None:
    """The week is made of those; the months before have their totals."""
    counted(either_desk, at("2025-02-28T12:00+01:00"))
    counted(either_desk, at("2025-03-01T12:00+01:00"))
    found = report(either_desk, "2025")
    assert found.total.of("offered") == 2
    assert sum(slot.calls.of("offered") for day in found.week for slot in day) == 1
    assert found.asked.week_from == at("2025-03-01T00:00+01:00")
    assert found.months["2025-02"].of("offered") == 1


def test_no_reason_is_read(sqlite_desk: Desk) -> None:
    """Neither records nor what waits to be coded or to enter them: the report knows counters and shifts."""
    sqlite_desk.talked()
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    with sqlite_desk.store.read() as connection:
        event.listen(connection, "before_cursor_execute", note)
        line = sqlite_desk.lines["france"]
        read_operations(connection, line, period_of(line, LATEST, NOON), NOON, TARGETS[USUAL])
    assert asked
    for table in (CallRecord, Pooled, WrapUp):
        assert not [statement for statement in asked if table.__tablename__ in statement]


COUNTS = st.lists(
    st.tuples(st.integers(-2, 12), st.sampled_from(OUTCOMES), st.sampled_from(WAIT_BANDS), st.integers(1, 99)),
    max_size=20,
    unique_by=lambda row: row[:3],
)


@given(COUNTS, st.integers(0, 10), st.integers(0, 10))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_counters_are_added_up_by_the_database(
    either_desk: Desk, counts: list[tuple[int, str, str, int]], first: int, hours: int
) -> None:
    """By outcome and wait, over any hours, as one would by hand; a wait that nobody reads is no cell of its own."""
    start, line = NOON + first * HOUR, either_desk.lines["france"]
    end = start + hours * HOUR
    rows = [
        {"line": name, "hour": NOON + hour * HOUR, "outcome": outcome, "wait_band": band, "n": n}
        for hour, outcome, band, n in counts
        for name in ("france", "belgium")
    ]
    with either_desk.store.durable() as tx:
        tx.execute(delete(HourlyCount))
        if rows:
            tx.execute(insert(HourlyCount), rows)
    expected = Counter[tuple[str, str]]()
    for hour, outcome, band, n in counts:
        if start <= NOON + hour * HOUR < end:
            expected[normal(outcome, band)] += n
    with either_desk.store.read() as connection:
        assert calls_between(connection, line, start, end) == dict(expected)
        assert sum(each.n for each in hours_between(connection, line, start, end)) == expected.total()


def test_utc_is_not_asked(sqlite_desk: Desk) -> None:
    """A call of the last hour of a Sunday in Paris is on that Sunday."""
    counted(sqlite_desk, int(datetime(2026, 3, 8, 22, 59, tzinfo=UTC).timestamp()))
    assert report(sqlite_desk, "2026-03").week[6][23].calls.of("offered") == 1

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update

from helpline.errors import StoreError, UsageError
from helpline.figures import records
from helpline.figures.closing import due
from helpline.figures.gates import closes_at
from helpline.figures.records import Coding
from helpline.store import erasures
from helpline.store.figure_tables import EarlierFigure, Release
from helpline.store.tables import HourlyCount
from reports.cells import CALLS
from reports.errors import InputError
from reports.periods import Profile
from tests.figures.conftest import DAY, Desk
from tests.figures.years import (
    BIG,
    JANUARY,
    OTHER,
    Year,
    a_year,
    at,
    by_hand,
    calls,
    calls_by_hand,
    ledger,
    office,
    put,
    put_records,
    shut,
)
from tests.reports.made import record
from tests.shell import eventually, live_call, put_live, rows_of, together

REASONS = ("burnout", "workload", "harassment")
QUARTERS = [f"2025-Q{number}" for number in range(1, 5)]
MONTHS = [f"2025-{month:02}" for month in range(1, 13)]


def test_what_is_closed_is_what_a_recount_gives(either_desk: Desk) -> None:
    """Every cell of a year and of its months, counted and rounded anew by a plainer hand; keys run past 32 bits."""
    year = a_year()
    high = Year([replace(one, key=2**32 - 1 - one.key % 1000) for one in year.records], year.hours, year.months)
    put(either_desk.store, high)
    put(either_desk.store, a_year(line="belgium", calls=500))
    put(either_desk.store, a_year(2024, calls=250))
    closed = shut(either_desk, "2025")
    assert closed.made == (*MONTHS, "2025")
    line = either_desk.lines["france"]
    hours = calls_by_hand(high, line.zone, "france")
    for frozen in ledger(either_desk):
        printed = {str(cell): figure.value for cell, figure in frozen.figures.counts.items()}
        found = dict(by_hand(frozen.figures, high))
        assert len(found) > 5
        assert found == {cell: printed[cell] for cell in found}
        assert all(printed[cell] == value for cell, value in hours.items() if cell in printed)
    assert closed.frozen.figures.count(CALLS, "offered").value == BIG


def test_a_month_is_closed_while_others_are_coded(either_desk: Desk) -> None:
    """Batches enter, on PostgreSQL by writing the table anew, and two close at once: not a record is missed."""
    year = put(either_desk.store, a_year(2026))
    people = range(1, 5)
    for person in people:
        either_desk.talked(person, at=at("2026-12-28T12:00"), times=8)
    now, done = at("2026-12-29T12:00"), threading.Event()

    def code(person: int) -> None:
        for _ in range(8):
            assert either_desk.code(person)

    def close() -> None:
        for month in range(1, 12):
            shut(either_desk, f"2026-{month:02}", now)
        done.set()

    works: list[Callable[[], object]] = [*(partial(code, person) for person in people), close, close]
    together(works)
    assert done.is_set()
    assert sum(either_desk.counts()[1:]) == len(year.records) + 4 * 8
    frozen = ledger(either_desk)
    assert [each.figures.period for each in frozen] == [f"2026-{month:02}" for month in range(1, 12)]
    for each in frozen:
        printed = {str(cell): figure.value for cell, figure in each.figures.counts.items()}
        found = dict(by_hand(each.figures, year))
        assert found == {cell: printed[cell] for cell in found}


def test_a_month_waits_until_all_of_it_is_coded(either_desk: Desk) -> None:
    """Three code its last calls while two keep trying to close it: who succeeds has every one of them, once."""
    calls(either_desk.store, at("2024-06-01T12:00"), BIG)
    people, spring = range(1, 4), at("2025-04-10T12:00")
    for person in people:
        either_desk.talked(person, at=at("2025-03-20T12:00"), times=9)

    def code(person: int) -> None:
        for number in range(9):
            assert either_desk.code(person, Coding(reasons=(REASONS[(person + number) % len(REASONS)],)))

    def closed() -> bool:
        try:
            shut(either_desk, "2025-03", spring)
        except UsageError:
            either_desk.enter_closed(spring)
            return False
        return True

    close = partial(eventually, closed)
    works: list[Callable[[], object]] = [*(partial(code, person) for person in people), close, close]
    together(works)
    assert len(ledger(either_desk)) == 1
    with either_desk.store.read() as connection:
        found = records.read(connection, "france", 2025)
    assert len(found) == 27
    figures = ledger(either_desk)[0].figures
    printed = {str(cell): figure.value for cell, figure in figures.counts.items()}
    counted = dict(by_hand(figures, Year(found, (), ())))
    assert counted == {cell: printed[cell] for cell in counted}


def test_who_closes_at_once_gets_the_same(either_desk: Desk) -> None:
    """One row of each period, one of them wrote it, and everybody is told the same figures."""
    put(either_desk.store, a_year(calls=450))
    found = together([partial(shut, either_desk, "2025") for _ in range(4)])
    assert len({each.frozen.digest for each in found}) == 1
    assert sorted(each.made for each in found) == [(), (), (), (*QUARTERS, "2025")]
    assert len(rows_of(either_desk.store, Release)) == 5


def test_only_what_is_printed_is_kept(either_desk: Desk) -> None:
    """Multiples of 5 from 10 up, or nothing: no count, no sum of keys, in any column."""
    put(either_desk.store, a_year(calls=250))
    shut(either_desk, "2025")
    (row,) = rows_of(either_desk.store, Release)
    counts = ledger(either_desk)[0].figures.counts.values()
    assert {count.value is None or (count.value >= 10 and count.value % 5 == 0) for count in counts} == {True}
    assert any(count.value is None for count in counts)
    assert (row["secret"], row["released_at"], row["public"]) == (office(either_desk).fingerprint, None, False)


# --- when


@pytest.mark.parametrize(
    ("line", "period", "instant"),
    [
        ("france", "2025-03", "2025-04-03T22:00"),  # spring: local midnight is at 22:00
        ("france", "2025-10", "2025-11-03T23:00"),  # autumn: at 23:00 again
        ("france", "2025-02", "2025-03-03T23:00"),
        ("france", "2024-02", "2024-03-03T23:00"),  # a leap year's 29th counts
        ("belgium", "2025-Q1", "2025-04-03T22:00"),
        ("france", "2025", "2026-01-03T23:00"),
    ],
)
def test_a_period_can_be_closed_72_hours_after_its_local_end(
    sqlite_desk: Desk, line: str, period: str, instant: str
) -> None:
    """To the second; before that it says when, and whether the period is over at all."""
    opens, year = at(instant), int(period[:4])
    calls(sqlite_desk.store, at(f"{year - 1}-06-01T12:00"), BIG, line)
    assert closes_at(sqlite_desk.lines[line], period) == opens
    with pytest.raises(UsageError, match=rf"{period} ended less than 72 hours ago.* 00:00 on \(Europe"):
        shut(sqlite_desk, period, opens - 1, line)
    with pytest.raises(UsageError, match=f"{period} isn't over on the line {line}"):
        shut(sqlite_desk, period, opens - 3 * DAY - 1, line)
    assert (
        shut(sqlite_desk, period, opens, line).frozen.figures.dated
        == datetime.fromtimestamp(opens, sqlite_desk.lines[line].zone).date()
    )


def test_the_last_second_of_a_month_is_its_own(either_desk: Desk) -> None:
    """At midnight of the line, an hour or two before UTC's: counters and records agree about it."""
    calls(either_desk.store, at("2024-06-01T12:00"), BIG)
    for instant, n in (("2025-03-31T21:59:59", 10), ("2025-03-31T22:00:00", 15)):
        calls(either_desk.store, at(instant), n)
        either_desk.talked(at=at(instant), times=n)
        for _ in range(n):
            either_desk.code()
    either_desk.enter_closed(JANUARY)
    for period, n in (("2025-03", 10), ("2025-04", 15)):
        figures = shut(either_desk, period, at("2025-05-10T12:00")).frozen.figures
        assert (figures.count(CALLS, "offered").value, figures.count("substantive").value) == (n, n)


NOW = st.integers(at("2025-01-01T00:00"), at("2026-02-01T00:00"))


@given(st.lists(st.tuples(st.sampled_from(["2025-01", "2025-02", "2025-12", "2025"]), NOW), max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12)
def test_whoever_closes_whatever_whenever_it_is_closed_once(sqlite_desk: Desk, asked: list[tuple[str, int]]) -> None:
    """Any order, any number of times: one row of each period, which no later closing changes."""
    with sqlite_desk.store.durable() as tx:
        for table in (Release, HourlyCount):
            tx.execute(delete(table))
    for instant in ("2024-06-01T12:00", "2025-01-15T12:00", "2025-02-15T12:00"):
        calls(sqlite_desk.store, at(instant), BIG)
    known: dict[str, str] = {}
    for period, now in asked:
        try:
            closed = shut(sqlite_desk, period, now)
        except UsageError:
            assert period not in known
            continue
        assert known.setdefault(period, closed.frozen.digest) == closed.frozen.digest
        known |= {each.figures.period: each.digest for each in ledger(sqlite_desk)}
    rows = rows_of(sqlite_desk.store, Release)
    assert {row["period"]: row["digest"] for row in rows} == known
    assert len(rows) == len(known)
    assert len(rows) in {0, 1, 2, 3, 13}


# --- what has to be done first


def not_coded(desk: Desk) -> None:
    """Somebody has still to code."""
    desk.talked(at=at("2025-03-20T12:00"))


def pooled(desk: Desk) -> None:
    """A coded call waits for others."""
    not_coded(desk)
    desk.code()


def carrier_has_to_say(desk: Desk) -> None:
    """A call ended, and nobody knows how."""
    with desk.store.durable() as tx:
        erasures.bury(tx, "CA1", JANUARY)
        erasures.count_later(tx, "CA1", "france")


def goes_on(desk: Desk) -> None:
    """A call that nobody has heard the end of."""
    put_live(desk.store, [live_call(entered_at=at("2025-03-31T21:00"))])


@pytest.mark.parametrize(
    ("happened", "reason"),
    [
        (not_coded, "have still to be coded"),
        (pooled, "have still to be coded"),
        (carrier_has_to_say, "have still to be accounted for"),
        (goes_on, "have still to be accounted for"),
    ],
)
def test_a_period_waits_for_its_last_call(either_desk: Desk, happened: Callable[[Desk], None], reason: str) -> None:
    """And so does its year; another line's, and a period that the call isn't in, do not."""
    put(either_desk.store, a_year())
    put(either_desk.store, a_year(line="belgium", calls=500))
    happened(either_desk)
    for period in ("2025-03", "2025"):
        with pytest.raises(UsageError, match=reason):
            shut(either_desk, period)
    assert rows_of(either_desk.store, Release) == []
    shut(either_desk, "2025-Q1", line="belgium")
    if happened is not carrier_has_to_say:
        shut(either_desk, "2025-02")


def test_a_call_that_is_coded_late_waits_for_the_year(sqlite_desk: Desk) -> None:
    """The month stays as it was printed, in the year's report too; the year counts the call."""
    year = put(sqlite_desk.store, a_year())
    before = shut(sqlite_desk, "2025-03", at("2025-04-10T12:00")).frozen
    late = [record(period="2025-03", reasons=("violence",)) for _ in range(50)]
    put_records(sqlite_desk.store, late)
    figures = shut(sqlite_desk, "2025").frozen.figures
    cells = [cell for cell in before.figures.counts if cell in figures.counts]
    assert len(cells) > 5
    assert {cell: figures.counts[cell] for cell in cells} == {cell: before.figures.counts[cell] for cell in cells}
    found = dict(by_hand(figures, Year([*year.records, *late], (), ())))
    assert found["2025/main-reason/violence"] == figures.count("main-reason", "violence").value
    assert (figures.count("main-reason", "violence").value or 0) >= 50
    assert next(each for each in ledger(sqlite_desk) if each.figures.period == "2025-03") == before


def test_a_record_that_fits_no_list_closes_nothing(sqlite_desk: Desk) -> None:
    """Neither the year nor any of its months, and the code is named."""
    put(sqlite_desk.store, a_year())
    put_records(sqlite_desk.store, [record(period="2025-03", reasons=("gone",))])
    with pytest.raises(InputError, match="gone"):
        shut(sqlite_desk, "2025")
    assert rows_of(sqlite_desk.store, Release) == []


# --- how fine


def test_a_small_line_has_no_months(sqlite_desk: Desk) -> None:
    """Nor quarters, if it is very small; the refusal says what to close instead, and why."""
    calls(sqlite_desk.store, at("2024-06-01T12:00"), 700)
    with pytest.raises(UsageError, match=r"2025-02 is too short: 2025 is published by quarter .*1,000.*close 2025-Q1"):
        shut(sqlite_desk, "2025-02", at("2025-04-10T12:00"))
    shut(sqlite_desk, "2025-Q1", at("2025-04-10T12:00"))
    calls(sqlite_desk.store, at("2024-06-01T12:00"), 300, "belgium")
    with pytest.raises(UsageError, match=r"published by year .*close 2025$"):
        shut(sqlite_desk, "2025-Q1", at("2025-04-10T12:00"), "belgium")


def test_what_is_closed_of_a_year_fixes_how_fine_it_is(sqlite_desk: Desk) -> None:
    """Whatever comes in afterwards: quarters stay quarters, and months months, though hardly anybody calls any more."""
    calls(sqlite_desk.store, at("2024-06-01T12:00"), 700)
    shut(sqlite_desk, "2025-Q1", at("2025-04-10T12:00"))
    calls(sqlite_desk.store, at("2025-06-01T12:00"), BIG)
    with pytest.raises(
        UsageError, match=r"published by quarter on the line france \(as what is closed of it\); close 2025-Q2"
    ):
        shut(sqlite_desk, "2025-06", at("2025-07-10T12:00"))
    assert shut(sqlite_desk, "2025").made == ("2025-Q2", "2025-Q3", "2025-Q4", "2025")
    shut(sqlite_desk, "2026-01", at("2026-02-10T12:00"))
    assert shut(sqlite_desk, "2026", at("2027-02-10T12:00")).frozen.figures.profile is Profile.MONTH


def test_a_year_that_is_over_goes_by_its_own_size(sqlite_desk: Desk) -> None:
    """If nothing of it is closed yet: not by that of the year before."""
    calls(sqlite_desk.store, at("2024-06-01T12:00"), BIG)
    calls(sqlite_desk.store, at("2025-06-01T12:00"), 300)
    with pytest.raises(UsageError, match="2025 is published by year"):
        shut(sqlite_desk, "2025-03")
    assert shut(sqlite_desk, "2025").made == ("2025",)


def test_a_line_without_a_year_behind_it_waits(sqlite_desk: Desk) -> None:
    """Until it is big enough for months, because quarters once closed would bind it; or its former figures say so."""
    spring = at("2025-06-10T12:00")
    calls(sqlite_desk.store, at("2025-01-15T12:00"), 500)
    for period in ("2025-01", "2025-Q1"):
        with pytest.raises(UsageError, match="2025 is published by year"):
            shut(sqlite_desk, period, spring)
    calls(sqlite_desk.store, at("2025-05-15T12:00"), 600)
    assert shut(sqlite_desk, "2025-01", spring).made == ("2025-01",)
    with sqlite_desk.store.durable() as tx:
        row = {"line": "belgium", "year": 2024, "indicator": "offered", "category": "all", "value": 800, "source": "x"}
        tx.execute(insert(EarlierFigure), row)
    assert shut(sqlite_desk, "2025-Q1", spring, "belgium").made == ("2025-Q1",)


def test_a_period_is_no_finer_than_its_records(sqlite_desk: Desk) -> None:
    """Nor than the line's settings allow, in the year that runs; nor coarser than its year is published by."""
    for line in ("france", "belgium"):
        calls(sqlite_desk.store, at("2024-06-01T12:00"), BIG, line)
    put_records(sqlite_desk.store, [record(period="2025-Q2")])
    for line, year in (("france", 2025), ("belgium", 2025)):
        with pytest.raises(UsageError, match=rf"{year}-05 is too short: {year} is published by quarter"):
            shut(sqlite_desk, f"{year}-05", at("2025-07-10T12:00"), line)
    calls(sqlite_desk.store, at("2025-06-01T12:00"), BIG)
    with pytest.raises(UsageError, match=r"2026 is published by month .*: close 2026-01, 2026-02, 2026-03, or 2026"):
        shut(sqlite_desk, "2026-Q1", at("2026-04-10T12:00"))


# --- the secret


def test_calls_are_not_rounded_with_two_secrets(sqlite_desk: Desk) -> None:
    """What touches none of them may be closed with another; the former secret closes the rest."""
    put(sqlite_desk.store, a_year())
    shut(sqlite_desk, "2025-01")
    shut(sqlite_desk, "2025-02", secret=OTHER)
    for secret, first in ((OTHER, "2025-01"), (b"a third one of the tests", "2025-01")):
        with pytest.raises(UsageError, match=rf"{first} was rounded with another secret.*rounded again in 2025"):
            shut(sqlite_desk, "2025", secret=secret)
    calls(sqlite_desk.store, at("2026-06-01T12:00"), BIG)
    assert shut(sqlite_desk, "2026", at("2027-02-10T12:00"), secret=OTHER).made[-1] == "2026"


def test_figures_that_were_changed_are_refused(either_desk: Desk) -> None:
    """One digit is enough, and it says which, whoever reads the ledger."""
    put(either_desk.store, a_year(calls=250))
    frozen = shut(either_desk, "2025").frozen
    assert ledger(either_desk) == [frozen]
    text = rows_of(either_desk.store, Release)[0]["figures"]
    for wrong, reason in ((text.replace("15,", "20,", 1), "were changed"), ("{}", "were changed")):
        with either_desk.store.durable() as tx:
            tx.execute(update(Release).values(figures=wrong))
        with pytest.raises(StoreError, match=f"france 2025, revision 1, {reason}"):
            ledger(either_desk)


# --- what is due


def test_what_is_due_is_closed_in_order(sqlite_desk: Desk) -> None:
    """Each period 72 hours after its end, the year after its last; nothing of years without calls, nothing twice."""
    calls(sqlite_desk.store, at("2024-06-01T12:00"), 800)
    calls(sqlite_desk.store, at("2025-02-01T12:00"), BIG)
    line = sqlite_desk.lines["france"]

    def open_at(text: str) -> list[str]:
        return due(office(sqlite_desk), line, at(text))

    assert open_at("2024-12-31T12:00") == []
    assert open_at("2025-01-04T12:00") == ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4", "2024"]
    shut(sqlite_desk, "2024", at("2025-01-04T12:00"))
    assert open_at("2025-01-04T12:00") == []
    assert open_at("2025-04-04T12:00") == ["2025-01", "2025-02", "2025-03"]
    shut(sqlite_desk, "2025-02", at("2025-04-04T12:00"))
    assert open_at("2026-01-04T12:00") == [*(month for month in MONTHS if month != "2025-02"), "2025"]
    shut(sqlite_desk, "2025", at("2026-01-04T12:00"))
    assert open_at("2030-01-04T12:00") == []

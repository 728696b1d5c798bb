"""What the store gives to the report: the year's records and counters, by the line's own calendar."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from helpline.calls.ending import add_monthly, count
from helpline.errors import UsageError
from helpline.figures import yearly
from helpline.figures.records import BATCH
from helpline.lines import Line
from helpline.store.tables import Person, Shift
from reports.build import Inputs
from reports.model import Coverage
from reports.taxonomy import default_taxonomy
from tests.figures.conftest import DAY, Desk
from tests.shell import ALIX, CONFIG, NOON, lines_in, with_people

HOUR = 3600
SECRET = b"a secret of these tests"
ZONES = ("Europe/Paris", "Asia/Kolkata", "Pacific/Marquesas", "Asia/Kathmandu", "America/Miquelon", "UTC")
YEAR_2026 = int(datetime(2025, 12, 31, 23, tzinfo=UTC).timestamp())
"""When the year begins in Paris."""


def gathered(desk: Desk, monkeypatch: pytest.MonkeyPatch, year: int = 2026, line: str = "france", **more: Any) -> dict:  # noqa: ANN401
    """What the pure report was given."""
    seen: dict[str, Any] = {}

    def build(*arguments: object, **named: object) -> None:
        seen.update(named, year=arguments[0], line=arguments[1], inputs=arguments[2])

    monkeypatch.setattr(yearly, "build", build)
    options = {"now": NOON, "demo": False} | more
    yearly.build_report(desk.store, desk.lines[line], year, default_taxonomy(), SECRET, **options)
    return seen


def inputs(desk: Desk, monkeypatch: pytest.MonkeyPatch, year: int = 2026, **more: Any) -> Inputs:  # noqa: ANN401
    """Its figures."""
    found = gathered(desk, monkeypatch, year, **more)["inputs"]
    assert isinstance(found, Inputs)
    return found


def counted(desk: Desk, at: int, outcome: str = "answered", line: str = "france") -> None:
    """A call that entered at `at` was counted."""
    with desk.store.durable() as tx:
        count(tx, desk.lines[line], at, outcome, 7)


def on_call(desk: Desk, *spans: tuple[int, int], line: str = "france") -> None:
    """Somebody is on call over these spans."""
    rows = [
        {"line": line, "tier": 1, "person": ALIX, "starts_at": start, "ends_at": end, "source": "test"}
        for start, end in spans
    ]
    with desk.store.durable() as tx:
        tx.execute(insert(Shift), rows)


def test_the_report_counts_what_is_stored(either_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records whether they wait in the pool or not, counters by hour and by month."""
    either_desk.talked(times=BATCH + 3)
    for _ in range(BATCH + 3):
        either_desk.code()
    for outcome in ("answered", "answered", "abandoned"):
        counted(either_desk, NOON, outcome)
    with either_desk.store.durable() as tx:
        key = {"line": "france", "month": "2026-03", "duration_band": "5-15"}
        add_monthly(tx, key | {"n": 2, "talk_seconds": 1200})
    found = inputs(either_desk, monkeypatch)
    assert len(list(found.records)) == BATCH + 3
    assert {(row.outcome, row.wait_band, row.n) for row in found.hourly} == {
        ("answered", "5-20", 2),
        ("abandoned", "5-20", 1),
    }
    assert [(row.month, row.duration_band, row.n, row.talk_seconds) for row in found.monthly] == [
        ("2026-03", "5-15", 2, 1200)
    ]


@pytest.mark.parametrize(
    ("instant", "year"),
    [
        ("2025-12-31T22:59:59+00:00", 2025),
        ("2025-12-31T23:00:00+00:00", 2026),
        ("2026-12-31T22:30:00+00:00", 2026),
        ("2026-12-31T23:30:00+00:00", 2027),
    ],
)
def test_a_year_begins_at_midnight_of_the_line(
    either_desk: Desk, monkeypatch: pytest.MonkeyPatch, instant: str, year: int
) -> None:
    """In Paris that is an hour before UTC's: counters and records agree about it."""
    at = int(datetime.fromisoformat(instant).timestamp())
    counted(either_desk, at)
    either_desk.talked(at=at)
    either_desk.code()
    for asked in (2025, 2026, 2027):
        found = inputs(either_desk, monkeypatch, asked, now=NOON + 900 * DAY)
        assert sum(row.n for row in found.hourly) == len(list(found.records)) == (asked == year)


def test_another_lines_calls_are_not_counted(either_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor its records, nor who is on call there."""
    with_people(either_desk.store)
    counted(either_desk, NOON, line="belgium")
    either_desk.talked(line="belgium")
    either_desk.code(line="belgium")
    on_call(either_desk, (NOON, NOON + DAY), line="belgium")
    found = inputs(either_desk, monkeypatch)
    assert [*found.records, *found.hourly, *found.monthly] == []
    assert found.coverage is None


def test_a_year_that_has_not_begun_has_no_report(either_desk: Desk) -> None:
    """In the line's own calendar; the message says which there is."""
    eve = YEAR_2026 - 1
    report = yearly.build_report
    for year, now in ((2027, NOON), (2026, eve)):
        with pytest.raises(UsageError, match=rf"{year} has not begun on the line france; .* {year - 1}'s"):
            report(either_desk.store, either_desk.lines["france"], year, default_taxonomy(), SECRET, now, demo=False)


def test_a_year_that_is_not_over_says_up_to_when(either_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the line's day; a year that is over says nothing."""
    evening = int(datetime(2026, 3, 10, 23, 30, tzinfo=UTC).timestamp())
    through = inputs(either_desk, monkeypatch, now=evening).through
    assert through is not None
    assert through.isoformat() == "2026-03-11"
    assert inputs(either_desk, monkeypatch, now=NOON + 365 * DAY).through is None


@pytest.mark.parametrize("demo", [True, False])
def test_the_report_knows_whose_it_is(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch, demo: bool) -> None:
    """The line's name in four languages, its zone, its profile, and whether all this is a demonstration."""
    found = gathered(sqlite_desk, monkeypatch, line="belgium", demo=demo)
    assert (found["demo"], found["profile"], found["year"]) == (demo, "quarter", 2026)
    assert found["line"].id == "belgium"
    assert found["line"].name.en == sqlite_desk.lines["belgium"].flow.spoken["en"]


def coverage(desk: Desk, line: Line, now: int) -> Coverage | None:
    """The hours covered of 2026 up to `now`."""
    with desk.store.read() as connection:
        return yearly._coverage(connection, line, 2026, now)


def put_shifts(desk: Desk, spans: Sequence[tuple[int, int]]) -> None:
    """Exactly these shifts."""
    with desk.store.durable() as tx:
        tx.execute(delete(Shift))
        tx.execute(delete(Person))
    with_people(desk.store)
    if spans:
        on_call(desk, *spans)


def test_hours_with_somebody_on_call(either_desk: Desk) -> None:
    """Of those that are past: an hour counts when it is covered from its beginning to its end."""
    line = either_desk.lines["france"]
    put_shifts(either_desk, [(YEAR_2026 - DAY, YEAR_2026 + 10 * HOUR), (YEAR_2026 + 10 * HOUR + 60, YEAR_2026 + DAY)])
    assert coverage(either_desk, line, YEAR_2026 + 12 * HOUR + 59) == Coverage(11, 12)
    assert coverage(either_desk, line, YEAR_2026 + HOUR - 1) is None
    put_shifts(either_desk, [(YEAR_2026, YEAR_2026 + 500 * DAY)])
    assert coverage(either_desk, line, YEAR_2026 + 400 * DAY) == Coverage(8760, 8760)


def test_no_rota_is_no_coverage(either_desk: Desk) -> None:
    """A line that keeps none says nothing, rather than that nobody was there."""
    assert coverage(either_desk, either_desk.lines["france"], NOON) is None


HOURS = st.integers(-30, 60 * 24 * 4)
SPANS = st.lists(st.tuples(HOURS, st.integers(1, 300)), max_size=6)


@given(st.sampled_from(ZONES), SPANS, st.integers(0, 20 * DAY))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_coverage_is_counted_hour_by_hour(
    sqlite_desk: Desk, zone: str, spans: list[tuple[int, int]], passed: int
) -> None:
    """Any rota, any zone, also those half an hour or three quarters beside the others: as a person would count."""
    line = lines_in(Path(), CONFIG.replace("Europe/Paris", zone))["france"]
    start, _ = yearly._bounds(line, 2026)
    # Quarters of an hour: shifts begin and end between the hours, too.
    shifts = [(start + 900 * begin, start + 900 * (begin + length)) for begin, length in spans]
    put_shifts(sqlite_desk, shifts)
    found = coverage(sqlite_desk, line, start + passed)
    hours = passed // HOUR
    held = [
        all(any(begin <= second < end for begin, end in shifts) for second in range(hour, hour + HOUR, 900))
        for hour in range(start, start + hours * HOUR, HOUR)
    ]
    assert found == (Coverage(sum(held), hours) if any(held) else None)

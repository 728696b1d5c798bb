"""The daily closing: all that is due, of every line, whatever becomes of the others."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from helpline.figures.records import expect
from helpline.jobs import freezing
from helpline.logs import ALLOWED
from helpline.store.figure_tables import Release
from helpline.store.tables import CallRecord
from reports.figures import TOGETHER
from tests.figures.conftest import DAY, Desk
from tests.figures.years import APRIL, BIG, JANUARY, OTHER, a_year, at, calls, office, put, put_records
from tests.reports.made import record
from tests.shell import lines_in, opened, rows_of

RAN = set(vars(logging.makeLogRecord({})))
QUARTERS = [f"2025-Q{number}" for number in range(1, 5)]


@pytest.fixture
def desk(either_database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Two lines."""
    with opened(either_database_url) as store:
        yield Desk(store, lines_in(tmp_path))


def run(desk: Desk, now: int) -> int:
    """One day's run."""
    return freezing.run(office(desk), desk.lines, now)


def closed(desk: Desk, line: str) -> list[str]:
    """The closed periods of a line."""
    return sorted(row["period"] for row in rows_of(desk.store, Release) if row["line"] == line)


@pytest.mark.slow
def test_a_year_goes_by(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Months when they are due, the year after its last, all lines together; then the records go."""
    caplog.set_level(logging.INFO)
    calls(desk.store, at("2024-06-01T12:00"), BIG)
    put(desk.store, a_year())
    put(desk.store, a_year(line="belgium", calls=500))
    assert run(desk, at("2025-04-03T21:59")) == 13 + 2
    assert closed(desk, "france")[-2:] == ["2025-01", "2025-02"]
    assert run(desk, at("2025-04-03T22:00")) == 2
    assert run(desk, at("2025-04-03T22:00")) == 0
    assert run(desk, at("2026-01-05T12:00")) == (9 + 1) + (3 + 1) + 1
    assert closed(desk, "belgium") == ["2025", *QUARTERS]
    assert closed(desk, "*") == ["2025"]
    assert len(rows_of(desk.store, CallRecord)) > 0
    assert run(desk, APRIL) == 0
    assert rows_of(desk.store, CallRecord) == []
    for entry in caplog.records:
        assert set(vars(entry)) - RAN - {"message", "asctime"} <= set(ALLOWED), entry.getMessage()


def test_one_lines_trouble_is_no_others(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """It is said in the log with its line, and nothing of it is deleted; the other's year is closed and settled."""
    put(desk.store, a_year(calls=450))
    put(desk.store, a_year(line="belgium", calls=500))
    put_records(desk.store, [record(period="2025-03", reasons=("gone",))])
    assert run(desk, APRIL) == 3 + 5
    assert not {"2025-Q1", "2025"} & set(closed(desk, "france"))
    assert {row["line"] for row in rows_of(desk.store, CallRecord)} == {"france"}
    errors = [entry for entry in caplog.records if entry.getMessage() == "figures.not_settled"]
    assert [(vars(entry)["line"], vars(entry)["kind"]) for entry in errors] == [("france", "2025")]
    assert "gone" in vars(errors[0])["reason"]


def test_without_calls_there_is_nothing_to_do(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """And nothing to complain of."""
    caplog.set_level(logging.WARNING)
    assert run(desk, APRIL) == 0
    assert rows_of(desk.store, Release) == []
    assert caplog.records == []


@pytest.mark.slow
@given(st.lists(st.integers(0, 460), max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8)
def test_whenever_it_runs_the_ledger_is_the_same(sqlite_url: str, tmp_path: Path, days: list[int]) -> None:
    """A worker that was off for weeks closes the same periods, each once, with the same figures."""
    url = sqlite_url.replace("helpline.db", f"{len(list(tmp_path.iterdir()))}.db")
    with opened(url) as store:
        desk = Desk(store, lines_in(tmp_path))
        calls(store, at("2024-06-01T12:00"), BIG)
        put(store, a_year())
        for day in [*sorted(days), 465]:
            run(desk, at("2025-01-01T12:00") + day * DAY)
        found = [row["period"] for row in rows_of(store, Release)]
        assert len(found) == len(set(found)) == 26
        assert rows_of(store, CallRecord) == []
        with store.durable() as tx:
            tx.execute(delete(Release))


def test_records_of_a_line_that_is_gone_are_deleted_like_others(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Taken out of the configuration: said every day, and over on the first of April; the next year's stay."""
    kept = record(period="2026-02")
    put_records(desk.store, [record(line="closed", period="2025-12"), replace(kept, line="closed")])
    del desk.lines["belgium"]
    run(desk, at("2026-03-31T23:59"))
    assert {entry.getMessage() for entry in caplog.records} == {"records.without_line"}
    assert len(rows_of(desk.store, CallRecord)) == 2
    run(desk, at("2026-04-01T00:00"))
    assert [(row["line"], row["period"]) for row in rows_of(desk.store, CallRecord)] == [("closed", "2026-02")]


def closed_together(desk: Desk) -> None:
    """Two lines' year is closed in January, each line's own and both together."""
    put(desk.store, a_year(calls=450))
    put(desk.store, a_year(line="belgium", calls=500))
    run(desk, JANUARY)
    assert {"2025"} <= set(closed(desk, TOGETHER))


def test_another_secret_keeps_no_records_of_lines_that_were_closed_together(desk: Desk) -> None:
    """What is printed stays as it is; the records have had their time all the same."""
    closed_together(desk)
    freezing.run(office(desk, OTHER), desk.lines, APRIL)
    assert rows_of(desk.store, CallRecord) == []


def test_a_line_that_was_renamed_keeps_no_records(desk: Desk) -> None:
    """Neither its own nor those of the line with which it was closed together."""
    closed_together(desk)
    desk.lines["belgique"] = replace(desk.lines.pop("belgium"), name="belgique")
    run(desk, APRIL)
    assert rows_of(desk.store, CallRecord) == []


def test_a_damaged_release_is_no_other_lines_trouble(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """It is said with its line, whose records stay; the other's go."""
    closed_together(desk)
    with desk.store.durable() as tx:
        tx.execute(update(Release).where(Release.line == "france").values(digest="0" * 64))
    run(desk, APRIL)
    assert {row["line"] for row in rows_of(desk.store, CallRecord)} == {"france"}
    errors = [entry for entry in caplog.records if entry.getMessage() == "figures.not_settled"]
    assert [vars(entry)["line"] for entry in errors] == ["france"]


def test_lines_that_were_closed_together_wait_for_each_others_calls(desk: Desk) -> None:
    """Once one has lost its records, all together could never be corrected."""
    closed_together(desk)
    with desk.store.durable() as tx:
        expect(tx, desk.lines["belgium"], 1, at("2025-12-31T20:00"), 900, APRIL)
    run(desk, APRIL)
    assert {row["line"] for row in rows_of(desk.store, CallRecord)} == {"france", "belgium"}
    desk.expire(APRIL + 10 * DAY)
    desk.enter_closed(APRIL + 10 * DAY)
    run(desk, APRIL + 10 * DAY)
    assert rows_of(desk.store, CallRecord) == []

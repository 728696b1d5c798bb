"""The end of records: a year is corrected once, and then only what is printed is left of it."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from helpline.errors import UsageError
from helpline.figures.frozen import Frozen
from helpline.figures.settling import Settled, revise, settle
from helpline.figures.settling import together as put_together
from helpline.store.figure_tables import Release
from helpline.store.tables import CallRecord
from reports.cells import CALLS
from reports.figures import TOGETHER
from reports.periods import Profile
from tests.figures.conftest import DAY, Desk
from tests.figures.years import (
    APRIL,
    JANUARY,
    OTHER,
    SECRET,
    Year,
    a_year,
    at,
    by_hand,
    calls,
    ledger,
    office,
    put,
    put_records,
    shut,
)
from tests.reports.made import record
from tests.shell import lines_in, opened, rows_of

SOME = 450
"""Calls a year: a line of this size is published by quarter."""
DUE = at("2026-03-30T22:00")
"""31 March in Paris and in Brussels."""


def settled(desk: Desk, now: int = APRIL, secret: bytes = SECRET, year: int = 2025) -> Settled:
    """Settles a year of all lines."""
    return settle(office(desk, secret), desk.lines, year, now)


def kept(desk: Desk) -> Counter[tuple[str, str]]:
    """How many records there are, by line and year."""
    return Counter((row["line"], row["period"][:4]) for row in rows_of(desk.store, CallRecord))


def whole(desk: Desk, line: str = "france", year: str = "2025") -> list[Frozen]:
    """The revisions of a year."""
    return [each for each in ledger(desk, line) if each.figures.period == year]


def test_settling_deletes_that_years_records_and_no_others(either_desk: Desk) -> None:
    """Of every line, though nobody had closed it; the years around stay, and what is printed of this one."""
    for year in (2025, 2026):
        put(either_desk.store, a_year(year, calls=SOME))
    put(either_desk.store, a_year(line="belgium", calls=500))
    put_records(either_desk.store, [record(period="2024-12")])
    before = kept(either_desk)
    done = settled(either_desk)
    assert done == Settled((), before["france", "2025"] + before["belgium", "2025"], {})
    del before["france", "2025"], before["belgium", "2025"]
    assert kept(either_desk) == before
    assert {each.final for each in ledger(either_desk)} == {True}
    assert len(ledger(either_desk, "france")) == 5
    assert len(ledger(either_desk, "belgium")) == 5
    assert settled(either_desk) == Settled((), 0, {})


def test_nothing_is_settled_before_31_march(sqlite_desk: Desk) -> None:
    """Local midnight, to the second."""
    put(sqlite_desk.store, a_year(calls=250))
    assert settled(sqlite_desk, DUE - 1) == Settled((), 0, {})
    assert ledger(sqlite_desk) == []
    assert settled(sqlite_desk, DUE).deleted > 0


def test_what_came_late_is_corrected_once(either_desk: Desk) -> None:
    """As a second revision with its own day: the year counts anew, its months and the first revision stay."""
    year = put(either_desk.store, a_year(calls=SOME))
    first = shut(either_desk, "2025").frozen
    late = [record(period="2025-03", reasons=("violence",)) for _ in range(60)]
    put_records(either_desk.store, late)
    calls(either_desk.store, at("2025-03-20T12:00"), 60)
    done = settled(either_desk)
    assert done.revised == ("france",)
    before, after = whole(either_desk)
    assert before.figures == first.figures
    assert (after.figures.revision, after.figures.dated.isoformat()) == (2, "2026-04-02")
    assert (after.released_at, after.public, after.final) == (None, False, True)
    found = dict(by_hand(after.figures, Year([*year.records, *late], (), ())))
    yearly = {cell: value for cell, value in found.items() if cell.startswith("2025/")}
    assert yearly == {str(cell): count.value for cell, count in after.figures.counts.items() if str(cell) in yearly}
    assert after.figures.count(CALLS, "offered").value == SOME + 60
    for month in (each.figures for each in ledger(either_desk) if each.figures.period != "2025"):
        assert {cell: after.figures.counts[cell] for cell in month.counts if cell in after.figures.counts} == {
            cell: count for cell, count in month.counts.items() if cell in after.figures.counts
        }


def test_nothing_new_is_no_revision(sqlite_desk: Desk) -> None:
    """Not even when somebody who was on call has left since: only numbers of calls count."""
    put(sqlite_desk.store, a_year(calls=250))
    shut(sqlite_desk, "2025")
    assert revise(office(sqlite_desk), sqlite_desk.lines["france"], 2025, JANUARY + DAY) is None
    assert settled(sqlite_desk).revised == ()
    assert len(whole(sqlite_desk)) == 1


def test_a_year_is_corrected_no_second_time(sqlite_desk: Desk) -> None:
    """Nor when its records are gone, nor before it is closed."""
    line = sqlite_desk.lines["france"]
    put(sqlite_desk.store, a_year(calls=250))
    with pytest.raises(UsageError, match="2025 isn't closed on the line france"):
        revise(office(sqlite_desk), line, 2025, JANUARY)
    shut(sqlite_desk, "2025")
    calls(sqlite_desk.store, at("2025-03-20T12:00"), 60)
    corrected = revise(office(sqlite_desk), line, 2025, JANUARY)
    assert corrected is not None
    assert corrected.figures.revision == 2
    calls(sqlite_desk.store, at("2025-03-20T12:00"), 60)
    assert revise(office(sqlite_desk), line, 2025, JANUARY) is None
    assert settled(sqlite_desk).revised == ()
    with pytest.raises(UsageError, match="records of 2025 on the line france are gone"):
        revise(office(sqlite_desk), line, 2025, APRIL)


def test_what_comes_after_the_end_is_no_year(either_desk: Desk) -> None:
    """A record that turns up when the others are gone is deleted: it doesn't become the year's figures."""
    put(either_desk.store, a_year(calls=SOME))
    settled(either_desk)
    before = ledger(either_desk)
    put_records(either_desk.store, [record(period="2025-03") for _ in range(30)])
    assert settled(either_desk, APRIL + DAY) == Settled((), 30, {})
    assert ledger(either_desk) == before


def test_a_year_that_cannot_be_closed_keeps_its_records(sqlite_desk: Desk) -> None:
    """It says why, and another line doesn't wait for it."""
    put(sqlite_desk.store, a_year(calls=SOME))
    put(sqlite_desk.store, a_year(line="belgium", calls=500))
    sqlite_desk.talked(at=at("2025-03-20T12:00"))
    before = kept(sqlite_desk)
    done = settled(sqlite_desk)
    assert list(done.waiting) == ["france"]
    assert "have still to be coded" in done.waiting["france"]
    assert kept(sqlite_desk) == Counter({("france", "2025"): before["france", "2025"]})
    sqlite_desk.expire(APRIL)
    sqlite_desk.enter_closed(APRIL)
    assert settled(sqlite_desk).waiting == {}
    assert not kept(sqlite_desk)


def test_a_closed_year_that_may_still_grow_keeps_its_records(sqlite_desk: Desk) -> None:
    """A call that was found late has still to be coded: it waits for that, and is in the correction."""
    put(sqlite_desk.store, a_year(calls=SOME))
    shut(sqlite_desk, "2025")
    sqlite_desk.talked(at=at("2025-03-20T12:00"))
    assert settled(sqlite_desk).deleted == 0
    assert kept(sqlite_desk)["france", "2025"] > 0


def test_with_another_secret_nothing_is_corrected(sqlite_desk: Desk) -> None:
    """The year stays as it was printed; its records have had their time all the same."""
    put(sqlite_desk.store, a_year(calls=SOME))
    shut(sqlite_desk, "2025")
    calls(sqlite_desk.store, at("2025-03-20T12:00"), 60)
    done = settled(sqlite_desk, secret=OTHER)
    assert (done.revised, done.waiting) == ((), {})
    assert done.deleted > 0
    assert len(whole(sqlite_desk)) == 1


def test_with_other_lists_nothing_is_corrected(sqlite_desk: Desk) -> None:
    """A table of other categories would be another report of the same calls."""
    put(sqlite_desk.store, a_year(calls=SOME))
    shut(sqlite_desk, "2025")
    calls(sqlite_desk.store, at("2025-03-20T12:00"), 60)
    lists = office(sqlite_desk).taxonomy
    fewer = replace(office(sqlite_desk), taxonomy=replace(lists, version="next", territories={}))
    assert revise(fewer, sqlite_desk.lines["france"], 2025, APRIL) is None
    assert len(whole(sqlite_desk)) == 1


def test_postgresql_keeps_no_trace_of_what_is_gone(postgres_url: str, tmp_path: Path) -> None:
    """What is left is written anew, all of it by one transaction: no dead row says what was beside it."""
    with opened(postgres_url) as store:
        desk = Desk(store, lines_in(tmp_path))
        for year in (2025, 2026):
            put(store, a_year(year, calls=250))
        settled(desk)
        with store.read() as connection:
            hidden = connection.execute(text("SELECT DISTINCT xmin::text FROM call_records")).all()
            pages = "SELECT pg_relation_size('call_records') / 8192 * 8192 < 300 * count(*) FROM call_records"
            assert connection.scalar(text(pages))
        assert len(hidden) == 1


# --- all lines together


def test_all_lines_together_are_counted_as_one(either_desk: Desk) -> None:
    """Every record of the year once, rounded for the whole; without what each line has for itself."""
    both = [put(either_desk.store, a_year(calls=SOME)), put(either_desk.store, a_year(line="belgium", calls=500))]
    for line in ("france", "belgium"):
        shut(either_desk, "2025", line=line)
    made = put_together(office(either_desk), either_desk.lines, 2025, JANUARY)
    assert made.made == ("2025",)
    figures = made.frozen.figures
    assert (figures.line, figures.profile, figures.periods()) == (TOGETHER, Profile.YEAR, ())
    assert not figures.lists.keys() & {"territory", "language"}
    year = Year([one for each in both for one in each.records], (), ())
    found = dict(by_hand(figures, year))
    assert len(found) > 50
    assert found == {str(cell): count.value for cell, count in figures.counts.items() if str(cell) in found}
    assert figures.count(CALLS, "offered").value == SOME + 500
    again = put_together(office(either_desk), either_desk.lines, 2025, JANUARY + DAY)
    assert (again.frozen, again.made) == (made.frozen, ())


def test_together_waits_for_each_line(sqlite_desk: Desk) -> None:
    """Until all with calls are closed; and a line alone is no two."""
    lines = sqlite_desk.lines
    put(sqlite_desk.store, a_year(calls=SOME))
    shut(sqlite_desk, "2025")
    with pytest.raises(UsageError, match="fewer than two lines had calls in 2025"):
        put_together(office(sqlite_desk), lines, 2025, JANUARY)
    put(sqlite_desk.store, a_year(line="belgium", calls=500))
    with pytest.raises(UsageError, match="2025 isn't closed on the line belgium"):
        put_together(office(sqlite_desk), lines, 2025, JANUARY)
    shut(sqlite_desk, "2025", line="belgium")
    with pytest.raises(UsageError, match="another secret"):
        put_together(office(sqlite_desk, OTHER), lines, 2025, JANUARY)


def test_settling_puts_the_lines_together_first(sqlite_desk: Desk) -> None:
    """As long as all their records are there; once corrected, the whole is too, and after that it is final."""
    put(sqlite_desk.store, a_year(calls=SOME))
    put(sqlite_desk.store, a_year(line="belgium", calls=500))
    for line in ("france", "belgium"):
        shut(sqlite_desk, "2025", line=line)
    put_together(office(sqlite_desk), sqlite_desk.lines, 2025, JANUARY)
    calls(sqlite_desk.store, at("2025-03-20T12:00"), 60)
    assert settled(sqlite_desk).revised == (TOGETHER, "france")
    first, second = whole(sqlite_desk, TOGETHER)
    assert second.figures.count(CALLS, "offered").value == SOME + 560
    assert first.final
    assert second.final
    with sqlite_desk.store.durable() as tx:
        tx.execute(Release.__table__.delete().where(Release.line == TOGETHER))  # type: ignore[attr-defined]  # a table
    with pytest.raises(UsageError, match="are gone: it can't be counted with others"):
        put_together(office(sqlite_desk), sqlite_desk.lines, 2025, APRIL)

"""Who has had how much, from what was held and what stands; a closed quarter is written once and carried on."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from helpline.errors import UsageError
from helpline.shifts.editing import Desk
from helpline.shifts.fairness import close, quarter, read_debts, read_standings
from helpline.store.rota_tables import Duty, FairnessEntry
from helpline.store.tables import Person, Shift
from rota.fairness import MEASURES
from rota.staff import DAY, HOUR, Limits
from tests.shell import CONFIG, lines_in, opened, rows_of, together
from tests.shifts.planning import WEEK, add_absence, add_shifts, add_team, proposed, utc

ALIX, BORIS, CHARLIE = 1, 2, 3
OVER = utc(4, 2)


@pytest.fixture
def desk(either_database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Three people; France has public holidays."""
    yield from _desk(either_database_url, tmp_path)


@pytest.fixture
def both(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """The same, on each database."""
    yield from _desk(database_url, tmp_path)


def _desk(url: str, folder: Path) -> Iterator[Desk]:
    text = CONFIG.replace("[lines.belgium]", '[lines.france.rota]\nregion = "FR"\n[lines.belgium]')
    with opened(url) as store:
        add_team(store, ("Alix", "Boris", "Charlie"))
        yield Desk(store, lines_in(folder, text), Limits())


def held(desk: Desk, measure: str) -> dict[int, int]:
    """What each held of a measure in the first quarter."""
    line = desk.lines["france"]
    with desk.store.read() as connection:
        found = read_standings(connection, desk, line, quarter("2026-Q1", line))
    return {each.person: each.held[measure] for each in found}


def test_a_quarter_is_one_on_the_lines_clocks(desk: Desk) -> None:
    """From its first midnight to the next one's."""
    france = desk.lines["france"]
    found = [quarter(f"2026-Q{n}", france) for n in (1, 2, 3, 4)]
    assert [f"{france.local(span.start):%Y-%m-%d %H:%M}" for span in found] == [
        "2026-01-01 00:00",
        "2026-04-01 00:00",
        "2026-07-01 00:00",
        "2026-10-01 00:00",
    ]
    assert all(
        one.end == other.start for one, other in zip(found, [*found[1:], quarter("2027-Q1", france)], strict=True)
    )


@pytest.mark.parametrize("name", ["2026-Q5", "2026Q1", "26-Q1", "2026-Q1 ", "", "1999-Q1"])
def test_what_is_no_quarter_is_refused(desk: Desk, name: str) -> None:
    """With how to write one."""
    with pytest.raises(UsageError, match="write it like 2026-Q4"):
        quarter(name, desk.lines["france"])


def test_what_shifts_are_is_by_the_lines_days(desk: Desk) -> None:
    """New Year's Day is a holiday in France, a night is over 03:00 in Paris, a Saturday the weekend."""
    add_shifts(desk.store, [(ALIX, utc(1, 1, 7), utc(1, 1, 19)), (BORIS, utc(1, 2, 19), utc(1, 3, 7))])
    add_shifts(desk.store, [(CHARLIE, utc(1, 3, 7), utc(1, 3, 19))])
    assert held(desk, "holiday") == {ALIX: 100, BORIS: 0, CHARLIE: 0}
    assert held(desk, "night") == {ALIX: 0, BORIS: 100, CHARLIE: 0}
    assert held(desk, "weekend") == {ALIX: 0, BORIS: 100, CHARLIE: 100}
    assert held(desk, "hours") == {ALIX: 1200, BORIS: 1200, CHARLIE: 1200}
    assert held(desk, "points") == {ALIX: 2400, BORIS: 2400, CHARLIE: 1800}


def test_the_past_is_as_it_was_held(desk: Desk) -> None:
    """The duty log counts, once, also where the rota has lost who it was."""
    add_shifts(desk.store, [(ALIX, utc(3, 2, 7), utc(3, 2, 19)), (BORIS, utc(3, 3, 7), utc(3, 3, 19))])
    first = rows_of(desk.store, Shift)[0]["id"]
    row = {
        "shift": first,
        "line": "france",
        "tier": 1,
        "person": ALIX,
        "starts_at": utc(3, 2, 7),
        "ends_at": utc(3, 2, 19),
    }
    with desk.store.durable() as tx:
        tx.execute(insert(Duty), [row])
        tx.execute(update(Shift).where(Shift.id == first).values(person=None))
    assert held(desk, "shift") == {ALIX: 100, BORIS: 100, CHARLIE: 0}


def test_shares_go_by_full_time_and_presence(desk: Desk) -> None:
    """Who works half, and who was away half of the time, have half of what the third has."""
    first = quarter("2026-Q1", desk.lines["france"])
    add_shifts(desk.store, [(ALIX, first.start + n * DAY, first.start + n * DAY + HOUR) for n in range(40)])
    with desk.store.durable() as tx:
        tx.execute(update(Person).where(Person.id == BORIS).values(share=50))
    add_absence(desk.store, CHARLIE, first.start, (first.start + first.end) // 2)
    with desk.store.read() as connection:
        found = read_standings(connection, desk, desk.lines["france"], first)
    assert {each.person: each.share["shift"] for each in found} == {ALIX: 2000, BORIS: 1000, CHARLIE: 1000}


def test_a_closed_quarter_is_carried_on(desk: Desk) -> None:
    """Into what somebody is ahead by, and into the next rota that is generated."""
    add_shifts(desk.store, [(ALIX, utc(3, n, 20), utc(3, n + 1, 4)) for n in (2, 4, 6)])
    closed = close(desk, desk.lines["france"], "2026-Q1", OVER)
    assert closed is not None
    rows = rows_of(desk.store, FairnessEntry)
    assert len(rows) == 3 * len(MEASURES)
    alix = {row["category"]: (row["held"], row["share"]) for row in rows if row["person"] == ALIX}
    assert (alix["night"], alix["hours"]) == ((300, 100), (2400, 800))
    with desk.store.read() as connection:
        assert read_debts(connection, desk.lines["france"])[ALIX]["night"] == 200
        assert read_debts(connection, desk.lines["belgium"]) == {}
    found = proposed(desk, span=replace(WEEK, start=utc(4, 5, 22), end=utc(4, 12, 22)), now=OVER)
    assert {each.person: each.debt["night"] for each in found.body.after} == {ALIX: 200, BORIS: -100, CHARLIE: -100}
    nights = {each.person: each.held["night"] for each in found.body.after}
    assert nights[ALIX] < min(nights[BORIS], nights[CHARLIE])


def test_a_quarter_is_closed_once(desk: Desk) -> None:
    """Closing it again changes nothing, whatever has become of its shifts."""
    add_shifts(desk.store, [(ALIX, utc(3, 2, 7), utc(3, 2, 19))])
    close(desk, desk.lines["france"], "2026-Q1", OVER)
    before = rows_of(desk.store, FairnessEntry)
    add_shifts(desk.store, [(BORIS, utc(3, 4, 7), utc(3, 4, 19))])
    assert close(desk, desk.lines["france"], "2026-Q1", OVER) is None
    assert rows_of(desk.store, FairnessEntry) == before


def test_two_who_close_it_at_once_write_it_once(both: Desk) -> None:
    """On both databases."""
    add_shifts(both.store, [(ALIX, utc(3, 2, 7), utc(3, 2, 19))])
    together([lambda: close(both, both.lines["france"], "2026-Q1", OVER)] * 2)
    assert len(rows_of(both.store, FairnessEntry)) == 3 * len(MEASURES)


def test_a_quarter_that_is_not_over_stays_open(desk: Desk) -> None:
    """Its last shift counts for it: until that has ended, somebody else might end it."""
    add_shifts(desk.store, [(ALIX, utc(3, 31, 18), utc(4, 1, 6))])
    for now, until in ((utc(3, 31, 12), "2026-04-01 08:00"), (utc(4, 1, 5), "2026-04-01 08:00")):
        with pytest.raises(UsageError, match=f"isn't over on france: close it after {until}"):
            close(desk, desk.lines["france"], "2026-Q1", now)
    assert rows_of(desk.store, FairnessEntry) == []
    assert close(desk, desk.lines["france"], "2026-Q1", utc(4, 1, 6))


def test_a_quarter_in_which_nobody_was_on_call_is_not_closed(desk: Desk) -> None:
    """There is nothing to carry on."""
    with pytest.raises(UsageError, match="nothing to close"):
        close(desk, desk.lines["france"], "2026-Q1", OVER)

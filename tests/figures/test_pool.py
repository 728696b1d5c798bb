"""Order leaks: what is coded waits in a pool, and enters the records in shuffled batches."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from helpline.figures import records
from helpline.figures.records import BATCH, Coding
from helpline.store.tables import CallRecord, Pooled
from reports.model import NOT_CODED
from tests.figures.conftest import DAY, Desk
from tests.shell import BORIS, NOON, lines_in, opened, rows_of

MARCH_ENDS = int(datetime(2026, 3, 31, 22, tzinfo=UTC).timestamp())
APRIL = MARCH_ENDS + records.NOTHING_COMES_AFTER
"""When what is left of March enters."""
REASONS = ("burnout", "workload", "harassment", "health", "addiction", "bereavement", "other", "violence", "financial")


def pool(desk: Desk, n: int, line: str = "france", at: int = NOON) -> None:
    """Codes so many calls."""
    desk.talked(line=line, at=at, times=n)
    for number in range(n):
        assert desk.code(line=line, coding=Coding(reasons=(REASONS[number % len(REASONS)],)))


def test_the_pool_is_rewritten_whole(desk: Desk) -> None:
    """Each coding gives every row a new id: two backups can't be compared to find what came in between."""
    pool(desk, 3)
    before = {row["id"]: row for row in rows_of(desk.store, Pooled)}
    desk.talked()
    desk.code()
    after = {row["id"]: row for row in rows_of(desk.store, Pooled)}
    assert len(after) == 4
    assert not before.keys() & after.keys()
    keys = [row["round_key"] for row in before.values()]
    assert set(keys) < {row["round_key"] for row in after.values()}


def test_the_pool_lies_in_the_order_of_its_ids(desk: Desk) -> None:
    """Not in that of its making: the database's own row order says nothing."""
    pool(desk, 6)
    ids = [bytes(row["id"]) for row in rows_of(desk.store, Pooled)]
    assert ids == sorted(ids)
    assert {len(key) for key in ids} == {16}


def test_ten_enter_together(desk: Desk) -> None:
    """Nine wait; with the tenth, all enter under new ids, and the pool is empty."""
    pool(desk, BATCH - 1)
    assert desk.counts() == (0, BATCH - 1, 0)
    waiting = {row["id"] for row in rows_of(desk.store, Pooled)}
    pool(desk, 1)
    assert BATCH == 10
    assert desk.counts() == (0, 0, BATCH)
    entered = rows_of(desk.store, CallRecord)
    assert not waiting & {row["id"] for row in entered}
    assert Counter(row["reasons"] for row in entered)["burnout"] == 2


def test_each_line_has_its_own_batch(desk: Desk) -> None:
    """Five and five are not ten."""
    pool(desk, 5)
    pool(desk, 5, "belgium")
    assert desk.counts() == (0, 10, 0)
    pool(desk, 5)
    assert {row["line"] for row in rows_of(desk.store, CallRecord)} == {"france"}
    assert {row["line"] for row in rows_of(desk.store, Pooled)} == {"belgium"}


def test_what_expires_fills_a_batch_too(desk: Desk) -> None:
    """Nine coded and one that nobody coded are ten."""
    pool(desk, BATCH - 1)
    desk.talked(BORIS)
    assert desk.expire(NOON + 10 * DAY) == 1
    assert desk.counts() == (0, 0, BATCH)
    assert Counter(desk.contacts())[NOT_CODED] == 1


def test_backup_calls_enter_with_the_next_batch(desk: Desk) -> None:
    """They fill the pool while nobody codes; the hourly job lets them in."""
    desk.talked(None, times=BATCH)
    assert desk.counts() == (0, BATCH, 0)
    desk.expire(NOON)
    assert desk.counts() == (0, 0, BATCH)


def test_a_closed_period_enters_however_little_it_is(desk: Desk) -> None:
    """Once it is over and nothing of it is left to code."""
    pool(desk, 3)
    assert desk.enter_closed(NOON) == 0
    assert desk.enter_closed(APRIL) == 3
    assert desk.counts() == (0, 0, 3)
    assert desk.enter_closed(APRIL) == 0


def test_two_lines_enter_in_one_turn(desk: Desk) -> None:
    """Their periods end at the same midnight."""
    pool(desk, 3)
    pool(desk, 2, "belgium")
    assert desk.enter_closed(APRIL) == 5
    assert desk.counts() == (0, 0, 5)


def test_two_lines_that_expire_enter_in_one_turn(desk: Desk) -> None:
    """Each has ten that nobody coded."""
    for line in ("france", "belgium"):
        desk.talked(line=line, times=BATCH)
    assert desk.expire(NOON + 10 * DAY) == 2 * BATCH
    assert desk.counts() == (0, 0, 2 * BATCH)


def test_two_periods_of_a_line_enter_in_one_turn(desk: Desk) -> None:
    """The job was down for a month."""
    pool(desk, 3)
    pool(desk, 2, at=MARCH_ENDS + 3600)
    assert desk.enter_closed(APRIL + 31 * DAY) == 5
    assert desk.counts() == (0, 0, 5)


def test_a_call_that_went_on_past_midnight_does_not_enter_alone(desk: Desk) -> None:
    """What was pooled of the period waits for it."""
    pool(desk, 3)
    assert desk.enter_closed(MARCH_ENDS + 3600) == 0
    desk.talked(at=MARCH_ENDS - 600, seconds=1_800)
    desk.code()
    assert desk.enter_closed(APRIL - 1) == 0
    assert desk.enter_closed(APRIL) == 4


@pytest.mark.parametrize("of_march", [3, BATCH - 1, BATCH])
def test_a_new_period_does_not_enter_with_the_last(desk: Desk, of_march: int) -> None:
    """A single call of April beside nine of March isn't the tenth, and no record of April is known as its first."""
    pool(desk, of_march)
    pool(desk, 1, at=MARCH_ENDS + 3600)
    desk.expire(APRIL)
    desk.enter_closed(APRIL)
    assert {row["period"] for row in rows_of(desk.store, CallRecord)} == {"2026-03"}
    assert [row["period"] for row in rows_of(desk.store, Pooled)] == ["2026-04"]


def test_a_period_waits_for_its_last_wrapup(desk: Desk) -> None:
    """Else the last to be coded would enter alone, and be known as the last."""
    pool(desk, 3)
    desk.talked(BORIS)
    assert desk.enter_closed(APRIL) == 0
    desk.expire(APRIL)
    assert desk.enter_closed(APRIL) == 4


def test_another_lines_wrapups_are_not_waited_for(desk: Desk) -> None:
    """Each line closes its own periods."""
    pool(desk, 3)
    desk.talked(BORIS, line="belgium")
    assert desk.enter_closed(APRIL) == 3


def test_a_quarter_closes_when_it_is_over(desk: Desk) -> None:
    """March of a line that records quarters is over in April; February isn't over in March."""
    pool(desk, 2, "belgium", at=NOON - 20 * DAY)
    assert desk.enter_closed(NOON) == 0
    assert desk.enter_closed(APRIL) == 2
    assert {row["period"] for row in rows_of(desk.store, CallRecord)} == {"2026-Q1"}


def test_records_are_read_with_what_waits_in_the_pool(desk: Desk) -> None:
    """The report counts every coded call, whichever table it is in, of one line and year."""
    pool(desk, BATCH + 2)
    pool(desk, 1, "belgium")
    pool(desk, 1, at=NOON + 365 * DAY)
    with desk.store.read() as connection:
        found = records.read(connection, "france", 2026)
    assert len(found) == BATCH + 2
    assert {record.line for record in found} == {"france"}
    assert {record.period for record in found} == {"2026-03"}
    assert Counter(reason for record in found for reason in record.reasons)["burnout"] == 2


def test_a_record_is_read_as_it_was_coded(sqlite_desk: Desk) -> None:
    """Every field comes back, from the pool and from the records."""
    full = Coding("support", "doctor", "salaried", "surgery", "here", ("burnout", "other"), ("gp", "court"), 5, "fr")
    sqlite_desk.talked(at=NOON + 10 * 3600)
    sqlite_desk.code(coding=full)
    with sqlite_desk.store.read() as connection:
        (pooled,) = records.read(connection, "france", 2026)
    sqlite_desk.enter_closed(APRIL)
    with sqlite_desk.store.read() as connection:
        (entered,) = records.read(connection, "france", 2026)
    assert pooled == entered
    assert entered.night
    assert entered.substantive
    assert (entered.caller, entered.status, entered.speciality, entered.territory) == full_codes(full)
    assert (entered.reasons, entered.orientations) == (("burnout", "other"), ("court", "gp"))
    assert (entered.severity, entered.language) == (5, "fr")


def full_codes(coding: Coding) -> tuple[str, str, str, str]:
    """Who called."""
    return coding.caller, coding.status, coding.speciality, coding.territory


def test_postgresql_does_not_tell_when_a_record_came(postgres_url: str, tmp_path: Path) -> None:
    """Its hidden transaction numbers are the same for all rows after each batch, and rows lie in their ids' order."""
    with opened(postgres_url) as store:
        desk = Desk(store, lines_in(tmp_path))
        for batches in (1, 2, 3):
            pool(desk, BATCH)
            with store.read() as connection:
                hidden = connection.execute(text("SELECT DISTINCT xmin::text FROM call_records")).all()
                rows = connection.execute(text("SELECT id FROM call_records ORDER BY ctid")).all()
            assert len(hidden) == 1
            assert [bytes(key) for (key,) in rows] == sorted(bytes(key) for (key,) in rows)
            assert len(rows) == batches * BATCH


@pytest.mark.parametrize("table", ["pool", "call_records"])
def test_sqlite_has_no_hidden_row_number(sqlite_desk: Desk, table: str) -> None:
    """A rowid would be the order of insertion."""
    with sqlite_desk.store.read() as connection:
        sql = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table}).scalar_one()
    assert "WITHOUT ROWID" in sql


def test_a_batch_that_fails_leaves_everything_as_it_was(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted or not: never half."""
    pool(desk, BATCH - 1)
    desk.talked()
    before = desk.counts()

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(records, "enter", broken)
    with pytest.raises(ZeroDivisionError):
        desk.code()
    assert desk.counts() == before


def test_a_line_that_is_gone_keeps_its_pool(desk: Desk) -> None:
    """Taken out of the configuration: nothing of it is lost, and nothing breaks."""
    pool(desk, 2)
    with desk.store.durable() as tx:
        (row, _) = rows_of(desk.store, Pooled)
        tx.execute(insert(Pooled), row | {"id": b"x" * 16, "line": "closed"})
    assert desk.enter_closed(APRIL) == 2
    assert desk.expire(APRIL) == 0
    assert {row["line"] for row in rows_of(desk.store, Pooled)} == {"closed"}

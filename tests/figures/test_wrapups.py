"""What waits to be coded is a count, with a day by which it is due; it is coded once, or recorded as not coded."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from helpline.figures.records import CODING_DAYS, Coding, Pending
from helpline.store.tables import CallRecord, Pooled, WrapUp
from reports.model import NOT_CODED
from tests.figures.conftest import DAY, Desk
from tests.shell import ALIX, BORIS, NOON, rows_of


def at(*parts: int) -> int:
    """UTC seconds."""
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc] # year, month, day, hour, minute


def test_calls_that_look_alike_are_one_count(either_desk: Desk) -> None:
    """No row of its own for each, and no time but the day by which they are due."""
    either_desk.talked(times=3)
    either_desk.talked(seconds=20)
    either_desk.talked(BORIS)
    due = NOON // DAY + CODING_DAYS
    assert either_desk.pending() == [
        Pending("france", "2026-03", night=False, lasted=False, due_day=due, n=1),
        Pending("france", "2026-03", night=False, lasted=True, due_day=due, n=3),
    ]
    assert [item.n for item in either_desk.pending(BORIS)] == [1]


@pytest.mark.parametrize(
    ("instant", "line", "period", "night"),
    [
        (at(2026, 3, 10, 5, 59), "france", "2026-03", True),
        (at(2026, 3, 10, 6, 0), "france", "2026-03", False),
        (at(2026, 7, 10, 5, 0), "france", "2026-07", False),
        (at(2026, 3, 10, 21, 0), "france", "2026-03", True),
        (at(2026, 3, 31, 22, 30), "france", "2026-04", True),
        (at(2026, 12, 31, 23, 30), "france", "2027-01", True),
        (at(2026, 3, 31, 22, 30), "belgium", "2026-Q2", True),
        (at(2026, 12, 31, 22, 59), "belgium", "2026-Q4", True),
    ],
)
def test_period_and_night_are_local(sqlite_desk: Desk, instant: int, line: str, period: str, night: bool) -> None:
    """Of the moment the caller entered, in the line's zone; the line's size says how fine."""
    sqlite_desk.talked(line=line, at=instant)
    (item,) = sqlite_desk.pending()
    assert (item.period, item.night) == (period, night)


@pytest.mark.parametrize(("seconds", "lasted"), [(0, False), (59, False), (60, True)])
def test_a_minute_is_substantive(sqlite_desk: Desk, seconds: int, lasted: bool) -> None:
    """Support that lasted, and nothing else; the record keeps no duration."""
    sqlite_desk.talked(seconds=seconds, times=2)
    assert [item.lasted for item in sqlite_desk.pending()] == [lasted]
    sqlite_desk.code()
    sqlite_desk.code(coding=Coding(contact="silent"))
    found = {row["contact"]: row["substantive"] for row in rows_of(sqlite_desk.store, Pooled)}
    assert found == {"support": lasted, "silent": False}


def test_coding_takes_one_off(either_desk: Desk) -> None:
    """Until there is none; then nothing is recorded."""
    either_desk.talked(times=2)
    assert [either_desk.code() for _ in range(3)] == [True, True, False]
    assert either_desk.counts() == (0, 2, 0)
    assert rows_of(either_desk.store, WrapUp) == []


def test_nobody_codes_anothers_calls(either_desk: Desk) -> None:
    """Nor those of another line."""
    either_desk.talked(ALIX)
    either_desk.talked(BORIS, line="belgium")
    assert not either_desk.code(BORIS)
    assert not either_desk.code(ALIX, line="belgium")
    assert either_desk.counts() == (2, 0, 0)


def test_a_certain_call_is_coded(either_desk: Desk) -> None:
    """The one that was shown, while it is there; the most urgent is shown first."""
    either_desk.talked(at=NOON)
    either_desk.talked(at=NOON - DAY)
    first, second = either_desk.pending()
    assert first.due_day == second.due_day - 1
    assert either_desk.code(wanted=first)
    assert not either_desk.code(wanted=first)
    assert either_desk.pending() == [second]


def test_the_keypad_codes_the_call_just_ended(either_desk: Desk) -> None:
    """Without a page to choose on, it is the one due last."""
    either_desk.talked(at=NOON)
    either_desk.talked(at=NOON - DAY)
    first, _ = either_desk.pending()
    assert either_desk.code()
    assert either_desk.pending() == [first]


@pytest.mark.parametrize(("first", "second"), [(900, 20), (20, 900)])
def test_the_keypad_codes_the_conversation_of_the_last_day(either_desk: Desk, first: int, second: int) -> None:
    """Of two that are due last, support was the one that lasted; what lasted the day before is another call."""
    either_desk.talked(at=NOON - DAY)
    either_desk.talked(at=NOON, seconds=first)
    either_desk.talked(at=NOON + 3600, seconds=second)
    assert either_desk.code()
    today = NOON // DAY + CODING_DAYS
    assert [(item.due_day, item.lasted) for item in either_desk.pending()] == [(today - 1, True), (today, False)]
    assert either_desk.code()
    assert [item.due_day for item in either_desk.pending()] == [today - 1]


def test_everything_coded_is_in_the_record(sqlite_desk: Desk) -> None:
    """Reasons in their order, the main one first; orientations in no order; nothing of the psychologist."""
    coding = Coding(
        contact="support",
        caller="doctor",
        status="salaried",
        reasons=("workload", "burnout"),
        orientations=("psychiatrist", "occupational-health"),
        severity=3,
        language="fr",
    )
    sqlite_desk.talked()
    sqlite_desk.code(coding=coding)
    (row,) = rows_of(sqlite_desk.store, Pooled)
    assert {name: row[name] for name in ("caller", "status", "reasons", "orientations", "severity", "language")} == {
        "caller": "doctor",
        "status": "salaried",
        "reasons": "workload burnout",
        "orientations": "occupational-health psychiatrist",
        "severity": 3,
        "language": "fr",
    }
    assert 0 <= row["round_key"] < 2**32
    assert not {"person", "due_day", "lasted"} & set(row)


def test_what_a_backup_number_took_is_not_coded(either_desk: Desk) -> None:
    """There is nobody to code it, and it is said so."""
    either_desk.talked(None)
    assert either_desk.counts() == (0, 1, 0)
    assert either_desk.contacts() == [NOT_CODED]


def test_what_nobody_coded_in_time_is_not_coded(either_desk: Desk) -> None:
    """Two whole days after its own; each call for itself, and what is due later stays."""
    either_desk.talked(times=2)
    either_desk.talked(BORIS, at=NOON + DAY)
    end = (NOON // DAY + CODING_DAYS + 1) * DAY
    assert either_desk.expire(end - 1) == 0
    assert either_desk.expire(end) == 2
    assert either_desk.expire(end) == 0
    assert either_desk.counts() == (1, 2, 0)
    assert either_desk.contacts() == [NOT_CODED, NOT_CODED]
    assert not either_desk.code()


@given(st.lists(st.tuples(st.sampled_from([ALIX, BORIS]), st.integers(0, 5), st.booleans()), max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
def test_every_conversation_becomes_one_record(sqlite_desk: Desk, calls: list[tuple[int, int, bool]]) -> None:
    """Coded or not, whenever, by whom: none is lost and none is there twice."""
    with sqlite_desk.store.durable() as tx:
        for table in (WrapUp, Pooled, CallRecord):
            tx.execute(delete(table))
    for person, day, coded in calls:
        sqlite_desk.talked(person, at=NOON + day * DAY)
        if coded:
            assert sqlite_desk.code(person)
        sqlite_desk.expire(NOON + day * DAY)
    assert sum(sqlite_desk.counts()) == len(calls)
    sqlite_desk.expire(NOON + 30 * DAY)
    sqlite_desk.enter_closed(NOON + 60 * DAY)
    assert sqlite_desk.counts() == (0, 0, len(calls))
    assert len({row["round_key"] for row in rows_of(sqlite_desk.store, CallRecord)}) == len(calls)

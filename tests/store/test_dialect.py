"""`INSERT ... ON CONFLICT` on both databases, alone and at the same moment."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from helpline.calls.ending import add_hourly, add_monthly
from helpline.store.dialect import InsertOnce
from helpline.store.sessions import Store
from helpline.store.tables import Erasure, HourlyCount, MonthlyCount
from tests.shell import NOON, rows_of, together

insert_once = InsertOnce(Erasure)
ROW = {"carrier_id": "CA0123", "kind": "call", "hangup": False, "due_at": NOON}
KEY = {"line": "france", "hour": NOON, "outcome": "answered", "wait_band": "0-5"}
COUNTS = st.lists(st.tuples(st.sampled_from(["france", "belgium"]), st.integers(0, 2), st.integers(0, 9)), max_size=12)


def test_a_row_goes_in_once(store: Store) -> None:
    """The first says so, the others hear that they were late, and the row is the first's."""
    with store.durable() as tx:
        assert insert_once(tx, ROW)
        assert not insert_once(tx, ROW | {"kind": "queue"})
    (row,) = rows_of(store, Erasure)
    assert row == ROW | {"erased_at": None, "uncounted": None}


def test_of_several_rows_each_goes_in_if_it_can(store: Store) -> None:
    """One that is there already, or twice among them, doesn't keep the others out."""
    with store.durable() as tx:
        insert_once(tx, ROW)
        insert_once.each(tx, [ROW | {"carrier_id": carrier_id} for carrier_id in ("CA1", "CA0123", "CA2", "CA1")])
    assert sorted(row["carrier_id"] for row in rows_of(store, Erasure)) == ["CA0123", "CA1", "CA2"]


def test_of_many_at_once_one_goes_in(store: Store) -> None:
    """Whoever comes at the same moment."""

    def work() -> bool:
        with store.durable() as tx:
            return insert_once(tx, ROW)

    assert sorted(together([work] * 8)) == [False] * 7 + [True]


@given(COUNTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
def test_counters_add_up(store: Store, counts: list[tuple[str, int, int]]) -> None:
    """Any order, any number: a row for each key, and its sum."""
    with store.durable() as tx:
        tx.execute(delete(HourlyCount))
        for line, hour, n in counts:
            add_hourly(tx, KEY | {"line": line, "hour": hour, "n": n})
        found = {(row.line, row.hour): row.n for row in tx.execute(select(*HourlyCount.__table__.c))}
    wanted: dict[tuple[str, int], int] = {}
    for line, hour, n in counts:
        wanted[line, hour] = wanted.get((line, hour), 0) + n
    assert found == wanted


def test_two_sums_in_one_row(store: Store) -> None:
    """Conversations and their seconds grow together."""
    with store.durable() as tx:
        for seconds in (70, 200):
            key = {"line": "france", "month": "2026-03", "duration_band": "1-5"}
            add_monthly(tx, key | {"n": 1, "talk_seconds": seconds})
    (row,) = rows_of(store, MonthlyCount)
    assert (row["n"], row["talk_seconds"]) == (2, 270)


def test_no_count_is_lost_when_many_count_at_once(store: Store) -> None:
    """Eight threads, two keys, one of them new to all."""

    def counting(outcome: str) -> Callable[[], None]:
        def work() -> None:
            for _ in range(5):
                with store.durable() as tx:
                    add_hourly(tx, KEY | {"outcome": outcome, "n": 1})

        return work

    together([counting("answered"), counting("abandoned")] * 4)
    assert {row["outcome"]: row["n"] for row in rows_of(store, HourlyCount)} == {"answered": 20, "abandoned": 20}

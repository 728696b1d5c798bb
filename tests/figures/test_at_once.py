"""Several people and jobs at the same moment: every conversation is one record, and one only."""

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial

from helpline.figures import records
from helpline.figures.records import BATCH, Coding
from helpline.store.tables import CallRecord, Pooled
from reports.model import NOT_CODED
from tests.figures.conftest import DAY, Desk
from tests.shell import NOON, rows_of, together

PEOPLE = range(1, 7)


def coded(desk: Desk) -> Counter[str]:
    """How often each reason was recorded; no rounding key may be there twice."""
    rows = [*rows_of(desk.store, Pooled), *rows_of(desk.store, CallRecord)]
    assert len({row["round_key"] for row in rows}) == len(rows)
    return Counter(row["reasons"] or row["contact"] for row in rows)


def test_everybody_codes_at_once(desk: Desk) -> None:
    """Six psychologists, four calls each: through the pool and two batches, none is lost, none is doubled."""
    for person in PEOPLE:
        desk.talked(person, times=4)

    def work(person: int) -> None:
        for number in range(4):
            assert desk.code(person, Coding(reasons=(f"r-{person}-{number}",)))

    together([partial(work, person) for person in PEOPLE])
    assert coded(desk) == {f"r-{person}-{number}": 1 for person in PEOPLE for number in range(4)}
    assert desk.counts() == (0, 24 % BATCH, 24 - 24 % BATCH)


def test_one_call_is_coded_once(desk: Desk) -> None:
    """On two devices and by keypad, at the same moment: the first is recorded, the others hear that it was."""
    desk.talked(times=2)
    codings = [Coding(reasons=(f"r-{number}",)) for number in range(6)]
    done = together([partial(desk.code, coding=coding) for coding in codings])
    assert sum(done) == 2
    assert sum(coded(desk).values()) == 2
    assert desk.counts() == (0, 2, 0)


def test_coding_and_expiry_meet(desk: Desk) -> None:
    """At midnight of the last day: each call is coded or not coded."""
    for person in PEOPLE:
        desk.talked(person, times=2)
    works: list[Callable[[], object]] = [partial(desk.code, person, Coding(reasons=("burnout",))) for person in PEOPLE]
    expiry: Callable[[], object] = partial(desk.expire, NOON + 10 * DAY)
    together([*works, expiry, expiry])
    desk.expire(NOON + 10 * DAY)
    found = coded(desk)
    assert set(found) <= {"burnout", NOT_CODED}
    assert sum(found.values()) == 12
    assert desk.counts()[0] == 0


def test_calls_end_while_others_are_coded(desk: Desk) -> None:
    """By psychologists and by the coordinator: every end is expected or recorded."""
    for person in PEOPLE:
        desk.talked(person)

    def end() -> None:
        for _ in range(3):
            desk.talked(None)
            desk.talked(1)

    works: list[Callable[[], object]] = [partial(desk.code, person) for person in PEOPLE]
    together([*works, end, end])
    assert sum(desk.counts()) == 6 + 12
    assert coded(desk)[NOT_CODED] == 6


def test_a_report_never_misses_a_batch(desk: Desk) -> None:
    """Read while calls are coded and enter: what was there is there, in the pool or in the records, and once."""
    desk.talked(times=3 * BATCH)
    done = threading.Event()
    seen: list[list[int]] = []

    def work() -> None:
        try:
            for _ in range(3 * BATCH):
                assert desk.code()
        finally:
            done.set()

    def read() -> None:
        with desk.store.read() as connection:
            while not done.is_set():
                seen.append([record.key for record in records.read(connection, "france", 2026)])

    together([work, read, read])
    assert all(len(set(keys)) == len(keys) for keys in seen)
    assert max(map(len, seen)) <= 3 * BATCH


def test_a_report_sees_both_tables_as_of_one_moment(desk: Desk) -> None:
    """Ten calls that enter between the reading of one and of the other are neither missed nor counted twice."""
    desk.talked(times=BATCH)
    for _ in range(BATCH - 1):
        desk.code()
    with desk.store.read() as connection:
        real, moved = connection.execute, False

        def execute(*arguments: object, **named: object) -> object:
            nonlocal moved
            result = real(*arguments, **named)  # type: ignore[call-overload] # as the real one
            if not moved:
                moved = True
                assert desk.code()
            return result

        connection.execute = execute  # type: ignore[method-assign,assignment] # something happens after each statement
        keys = [record.key for record in records.read(connection, "france", 2026)]
    assert len(keys) == len(set(keys)) in {BATCH - 1, BATCH}

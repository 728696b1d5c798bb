"""Every minute: what the carrier remembers is counted and will be erased."""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from helpline.calls.ending import Ending, Talked
from helpline.carrier.rest import CarrierCall
from helpline.carrier.seal import Seal
from helpline.directory.editing import save
from helpline.directory.entries import Audience, Entry, Kind
from helpline.jobs import erasing, reconciling
from helpline.jobs.reconciling import AT_ONCE, FORGOTTEN_SECONDS, LOOK_BACK, QUIET_SECONDS
from helpline.lines import Line
from helpline.store import erasures
from helpline.store.erasures import COUNT_WITHIN, ERASE_AFTER
from helpline.store.sessions import Store
from helpline.store.tables import Erasure, HourlyCount, LiveCall, MonthlyCount, Person
from tests.jobs.carrier import DOWN, PUBLISHED, REFUSED, SHOWN, Carrier
from tests.shell import ALIX, NOON, lines_in, live_call, live_leg, opened, put_live, rows_of, some_secrets, together

HOUR = 3600
LATER = NOON + HOUR


@dataclass
class Books:
    """Our figures and the carrier's memory."""

    store: Store
    lines: dict[str, Line]
    ending: Ending
    carrier: Carrier

    def run(self, now: int = LATER) -> int:
        """The minute's reconciliation; how many calls it counted."""
        return reconciling.run(self.store, self.carrier, self.ending, self.lines, now)

    def bury(self, key: str, now: int = NOON + 100, **how: Any) -> bool:  # noqa: ANN401 - as `Ending.finish`
        """The carrier reports that a caller's call is over."""
        return self.ending.finish(self.lines["france"], key, **{"completed": True, "now": now, **how})

    @property
    def counts(self) -> list[tuple[str, int]]:
        """Outcome and hours since noon of each call counted."""
        rows = sorted(rows_of(self.store, HourlyCount), key=lambda row: (row["hour"], row["outcome"]))
        return [(row["outcome"], (row["hour"] - NOON) // HOUR) for row in rows for _ in range(row["n"])]

    @property
    def due(self) -> dict[str, int]:
        """What will be erased, and when."""
        return {row["carrier_id"]: row["due_at"] for row in rows_of(self.store, Erasure)}

    @property
    def uncounted(self) -> set[str]:
        """Calls that are over and not counted."""
        return {row["carrier_id"] for row in rows_of(self.store, Erasure) if row["uncounted"]}


def opened_books(store: Store, folder: Path) -> Books:
    """Nothing in them."""
    return Books(store, lines_in(folder), Ending(store, Seal(some_secrets().seal_keys), lambda: None), Carrier())


@pytest.fixture
def books(either_database_url: str, tmp_path: Path) -> Iterator[Books]:
    """Nobody has called yet."""
    with opened(either_database_url) as store:
        yield opened_books(store, tmp_path)


# --- calls whose end was told, and that have no row


def test_a_caller_who_hung_up_in_the_greeting(books: Books) -> None:
    """Nobody was rung: counted in the hour in which the call began, whenever we ask."""
    books.carrier.inbound("CA1", end=NOON + 3)
    books.bury("CA1", NOON + 3)
    assert books.run() == 1
    assert (books.counts, books.uncounted) == ([("left_in_greeting", 0)], set())


def test_a_call_that_rang_phones_by_twiml(books: Books) -> None:
    """Offered, and nobody can know whether anyone accepted: unknown, and the phones' calls are erased as well."""
    books.carrier.inbound("CA1")
    books.carrier.leg("CA2", parent="CA1", status="no-answer")
    books.bury("CA1")
    assert books.run() == 1
    assert books.counts == [("unknown", 0)]
    assert books.due == {"CA1": NOON + 100 + ERASE_AFTER, "CA2": NOON + 90 + ERASE_AFTER}


PARTNER, ELSEWHERE, OURS = "+33199005001", "+33199005002", "+33199005003"


@pytest.mark.parametrize(
    ("numbers", "outcome"),
    [((PARTNER,), "left_in_greeting"), ((PARTNER, ELSEWHERE), "unknown"), ((OURS,), "unknown")],
    ids=["a service of the directory", "and somebody else", "a psychologist who is listed"],
)
def test_a_caller_who_was_put_through_elsewhere(books: Books, numbers: tuple[str, ...], outcome: str) -> None:
    """No psychologist was rung, if all that was dialled is listed for callers, and nobody of ours."""
    with books.store.durable() as tx:
        for number in (PARTNER, OURS):
            key, audiences = f"listed-{number[-1]}", frozenset({Audience.DOCTOR})
            entry = Entry(key, "An association", Kind.ASSOCIATION, audiences, ("FR",), ("fr",), number, connect=True)
            save(tx, [entry], "somebody", NOON)
        tx.execute(insert(Person).values(name="Denise Exemple", phone=OURS, languages="fr"))
    books.carrier.inbound("CA1")
    for place, number in enumerate(numbers):
        books.carrier.leg(f"CA1{place}", parent="CA1", to=number)
    books.bury("CA1")
    assert books.run() == 1
    assert books.counts == [(outcome, 0)]


def test_a_call_the_carrier_does_not_know_any_more(books: Books) -> None:
    """Deleted at its console, say: unknown, in the hour in which we heard of its end."""
    books.bury("CA1", NOON + 100)
    assert books.run() == 1
    assert books.counts == [("unknown", 0)]


@pytest.mark.parametrize("status", ["ringing", "in-progress"])
def test_a_call_that_goes_on_is_not_over(books: Books, status: str) -> None:
    """Whatever we were told: it is counted when it has ended."""
    books.carrier.inbound("CA1", status=status, end=None)
    books.bury("CA1")
    assert books.run() == 0
    books.carrier.inbound("CA1", end=LATER)
    assert [books.run(LATER + QUIET_SECONDS - 1), books.run(LATER + QUIET_SECONDS)] == [0, 1]
    assert books.counts == [("left_in_greeting", 0)]


def test_the_carrier_is_not_asked_at_once(books: Books) -> None:
    """A minute is left to whoever knows more."""
    books.carrier.inbound("CA1")
    books.carrier.leg("CA2", parent="CA1")
    books.bury("CA1", NOON + 100)
    assert books.run(NOON + 100 + QUIET_SECONDS - 1) == 0
    assert books.bury("CA1", NOON + 160, known=Talked(10, 50, ALIX))
    assert books.run() == 0
    assert books.counts == [("answered", 0)]


def test_a_line_that_is_no_longer_served(books: Books) -> None:
    """Its last call is counted all the same."""
    books.carrier.inbound("CA1")
    books.bury("CA1")
    del books.lines["france"]
    assert books.run() == 1
    assert [(row["line"], row["outcome"]) for row in rows_of(books.store, HourlyCount)] == [("france", "unknown")]


# --- calls whose end was never told

MISSED: dict[str, tuple[str, bool, str]] = {
    "left in the greeting": ("completed", False, "left_in_greeting"),
    "rung for by TwiML": ("completed", True, "unknown"),
    "busy": ("busy", False, "failed"),
    "never connected": ("canceled", False, "failed"),
}


@pytest.mark.parametrize("what", MISSED)
def test_a_call_nobody_told_us_of(books: Books, what: str) -> None:
    """Every callback was lost, or nothing of ours was up: found at the carrier, counted, and erased in its time."""
    status, dialled, outcome = MISSED[what]
    books.carrier.inbound("CA1", status)
    if dialled:
        books.carrier.leg("CA2", parent="CA1")
    assert [books.run(), books.run()] == [1, 0]
    assert books.counts == [(outcome, 0)]
    assert books.due["CA1"] == NOON + 100 + ERASE_AFTER


def test_a_callback_that_is_only_late(books: Books) -> None:
    """A call that has just ended is left to it; afterwards the callback changes nothing."""
    books.carrier.inbound("CA1", end=LATER)
    assert books.run(LATER + QUIET_SECONDS - 1) == 0
    assert books.due == {}
    assert books.run(LATER + QUIET_SECONDS) == 1
    assert not books.bury("CA1")
    assert books.counts == [("left_in_greeting", 0)]


def test_a_call_with_a_row(books: Books) -> None:
    """The end of a conversation was never told: finished by the carrier's times, in the hour it began to wait."""
    books.carrier.inbound("CAcall", start=NOON - 20, end=NOON + 100)
    call = live_call(state="talking", waited=10, bridged_at=NOON + 10, claimed_leg="leg", person=ALIX)
    put_live(books.store, [call])
    assert books.run() == 1
    assert (books.counts, rows_of(books.store, LiveCall)) == ([("answered", 0)], [])
    assert [row["talk_seconds"] for row in rows_of(books.store, MonthlyCount)] == [90]


def test_legs_nobody_told_us_of(books: Books) -> None:
    """A creation that timed out, a dial of the static files: erased sixteen minutes after their end, never counted."""
    books.carrier.leg("CA1", end=NOON + 30)
    books.carrier.leg("CA2", parent="CA9", end=NOON + 60)
    books.carrier.leg("CA3", status="in-progress", end=None)
    assert books.run() == 0
    assert books.due == {"CA1": NOON + 30 + ERASE_AFTER, "CA2": NOON + 60 + ERASE_AFTER}
    assert books.counts == []


@pytest.mark.parametrize("status", ["queued", "ringing"])
def test_a_phone_that_would_ring_for_nobody(books: Books, status: str) -> None:
    """A creation whose answer was lost and that the carrier kept back: taken back before it rings at night."""
    for key in ("CA1", "CA2"):
        books.carrier.leg(key, status=status, end=None)
    put_live(books.store, [live_call(heartbeat_at=LATER)], [live_leg("leg", state="ringing", carrier_id="CA2")])
    books.run(NOON + FORGOTTEN_SECONDS - 1)
    assert books.due == {}
    books.run(NOON + FORGOTTEN_SECONDS)
    assert [row["carrier_id"] for row in rows_of(books.store, Erasure) if row["hangup"]] == ["CA1"]


def test_what_is_to_be_erased_stays_as_it_is(books: Books) -> None:
    """Neither postponed nor counted again; a phone that has to fall silent still will."""
    books.carrier.inbound("CA1")
    books.carrier.leg("CA2")
    with books.store.durable() as tx:
        erasures.bury(tx, "CA1", NOON)
        erasures.hang_up_later(tx, "CA2", NOON)
    before = rows_of(books.store, Erasure)
    assert books.run() == 0
    assert rows_of(books.store, Erasure) == before


def test_other_numbers_are_not_ours(books: Books) -> None:
    """Of an account that serves something else too, only calls of our lines are looked at."""
    books.carrier.inbound("CA1")
    books.carrier.numbers["CA1"] = "+33199000999"
    assert books.run() == 0
    assert (books.due, set(books.carrier.asked) & {"+33199000999"}) == ({}, set())


def test_an_older_history_is_not_ours(books: Books) -> None:
    """What happened on these numbers long before is neither counted nor deleted."""
    books.carrier.inbound("CA1", start=LATER - LOOK_BACK - 1, end=LATER - LOOK_BACK)
    books.carrier.inbound("CA2", start=LATER - LOOK_BACK, end=LATER - LOOK_BACK + 60)
    assert books.run() == 1
    assert set(books.due) == {"CA2"}


def test_a_busy_week_is_caught_up_with(books: Books) -> None:
    """More calls than a statement may name."""
    for number in range(AT_ONCE + 5):
        books.carrier.leg(f"CA{number}")
    books.run()
    assert len(books.due) == AT_ONCE + 5


def test_a_clock_that_was_set_back(books: Books) -> None:
    """Calls that ended in our future are counted now and not in an hour, in an hour that has begun."""
    for key in ("CA1", "CA2"):
        books.carrier.inbound(key)
    books.bury("CA1")
    put_live(books.store, [live_call("three", carrier_id="CA3")])
    books.carrier.inbound("CA3")
    assert books.run(NOON - 2 * HOUR) == 3
    assert books.counts == [("left_in_greeting", -2)] * 2 + [("abandoned", 0)]


# --- when the carrier doesn't answer


def test_the_carrier_is_down(books: Books, caplog: pytest.LogCaptureFixture) -> None:
    """Everything waits for the next minute; the log names nobody."""
    books.carrier.inbound("CA1")
    books.bury("CA1")
    books.carrier.failures = {"CA1": DOWN}
    with caplog.at_level(logging.WARNING):
        assert books.run() == 0
    assert [record.getMessage() for record in caplog.records] == ["reconciliation.postponed"]
    assert "CA1" not in str(caplog.records[0].__dict__)
    books.carrier.failures.clear()
    assert books.run() == 1


@pytest.mark.parametrize("number", [PUBLISHED, SHOWN])
def test_the_carrier_does_not_list(books: Books, number: str) -> None:
    """What was counted until then stays counted; the rest the next time."""
    books.carrier.inbound("CA1")
    books.carrier.inbound("CA2")
    books.carrier.leg("CA3")
    books.bury("CA1")
    books.carrier.failures = {number: DOWN}
    first = books.run()
    books.carrier.failures.clear()
    assert first + books.run() == 2
    assert set(books.due) == {"CA1", "CA2", "CA3"}


def test_one_that_the_carrier_refuses_holds_up_no_other(books: Books, caplog: pytest.LogCaptureFixture) -> None:
    """It is asked about again each minute; the others are counted."""
    books.carrier.inbound("CA2")
    for key in ("CA1", "CA2"):
        books.bury(key)
    books.carrier.failures = {"CA1": REFUSED}
    with caplog.at_level(logging.WARNING):
        assert [books.run(), books.run()] == [1, 0]
    assert books.uncounted == {"CA1"}
    assert {record.getMessage() for record in caplog.records} == {"call.uncounted"}
    assert "CA1" not in str([record.__dict__ for record in caplog.records])


class Eraser:
    """Notes what it is asked to delete."""

    def __init__(self) -> None:
        self.erased: list[str] = []

    def erase(self, carrier_id: str) -> None:
        """Deletes a call."""
        self.erased.append(carrier_id)

    erase_queue = erase
    erase_text = erase


def test_a_call_is_not_erased_before_it_is_counted(books: Books) -> None:
    """Once it is gone, nobody can say what it was; but a day later it goes all the same, and counts as unknown."""
    books.bury("CA1", NOON)
    books.carrier.failures = {"CA1": DOWN}
    eraser, given_up = Eraser(), NOON + ERASE_AFTER + COUNT_WITHIN
    for now in (NOON + ERASE_AFTER, given_up - 1):
        books.run(now)
        erasing.run(books.store, eraser, now)
    assert (eraser.erased, books.counts) == ([], [])
    books.run(given_up)
    erasing.run(books.store, eraser, given_up)
    assert (eraser.erased, books.counts) == (["CA1"], [("unknown", 0)])


def test_erased_uncounted_it_is_counted_all_the_same(books: Books) -> None:
    """The reconciliation didn't run for days: the tombstone stays until the call is counted."""
    books.bury("CA1", NOON)
    for day in (2, 4, 6):
        erasing.run(books.store, Eraser(), NOON + day * COUNT_WITHIN)
    assert books.uncounted == {"CA1"}
    assert books.run(NOON + 7 * COUNT_WITHIN) == 1
    erasing.run(books.store, Eraser(), NOON + 7 * COUNT_WITHIN)
    assert (books.counts, books.due) == ([("unknown", 0)], {})


# --- beside itself


def test_two_workers_and_a_late_callback(database_url: str, tmp_path: Path) -> None:
    """All at the same moment: each call counted once, each leg erased once."""
    with opened(database_url) as store:
        books = opened_books(store, tmp_path)
        for number in range(12):
            books.carrier.inbound(f"CA{number}")
            books.carrier.leg(f"CAleg{number}")
            if number % 2:
                books.bury(f"CA{number}")
            if number % 3 == 0:
                put_live(store, [live_call(f"call{number}", carrier_id=f"CA{number}", heartbeat_at=NOON)])
        late = [partial(books.bury, f"CA{number}", LATER) for number in range(0, 12, 4)]
        together([books.run, books.run, lambda: sum(one() for one in late)])
        books.run(LATER + QUIET_SECONDS + 1)
        assert (len(books.counts), books.uncounted) == (12, set())
        assert len(books.due) == 24
        assert rows_of(store, LiveCall) == []


STATUSES = ("completed", "busy", "no-answer", "canceled", "failed", "in-progress")
CALLS = st.lists(
    st.tuples(
        st.sampled_from(STATUSES),
        st.sampled_from(["untold", "told", "talked", "row"]),
        st.booleans(),
        st.sampled_from(["fine", "gone", "down", "refused"]),
    ),
    max_size=6,
)


@given(CALLS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_in_the_end_every_call_is_counted_once(sqlite_url: str, tmp_path: Path, calls: list[tuple[Any, ...]]) -> None:
    """Whatever was told of it and whatever the carrier answers at first, and nothing that goes on is counted."""
    with opened(sqlite_url) as store:
        books = opened_books(store, tmp_path)
        over = [_put(books, f"CA{number}", *call) for number, call in enumerate(calls)]
        books.run()
        books.carrier.failures.clear()
        books.run(LATER + 60)
        books.run(LATER + 120)
        expected = Counter(over)
        assert len(books.counts) == expected[True]
        assert len(books.uncounted) == 0
        with store.durable() as tx:
            tx.execute(delete(Erasure))


def _put(books: Books, key: str, status: str, told: str, dialled: bool, answer: str) -> bool:
    """A call, as the carrier and we know it; whether it is over."""
    going_on = status == "in-progress"
    books.carrier.inbound(key, status, end=None if going_on else NOON + 100)
    if dialled:
        books.carrier.leg(f"{key}leg", parent=key)
    if told == "row":
        put_live(books.store, [live_call(key, carrier_id=key)])
    elif told != "untold" and not going_on:
        known = Talked(5, 60, ALIX) if told == "talked" else None
        books.bury(key, completed=status == "completed", known=known)
        if answer == "gone":
            books.carrier.calls.pop(key)
    if answer in {"down", "refused"}:
        books.carrier.failures[key] = DOWN if answer == "down" else REFUSED
    return not going_on


def test_a_call_without_times_is_counted_now(books: Books) -> None:
    """A compatible carrier may not say when it began: better in the wrong hour than not at all."""
    books.carrier.calls["CA1"] = CarrierCall("CA1", "completed", "inbound", "", None, None)
    books.bury("CA1")
    assert books.run(LATER) == 1
    assert books.counts == [("left_in_greeting", 1)]

"""What must disappear at the carrier, and the tombstone that makes a call count once."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from helpline.store import erasures
from helpline.store.erasures import COUNT_WITHIN, ERASE_AFTER, KEEP_TOMBSTONE, TEXT_AFTER, Uncounted
from helpline.store.sessions import Store
from helpline.store.tables import Erasure
from tests.shell import NOON, rows_of, together


def due(store: Store, now: int) -> list[str]:
    """The ids that may be erased at `now`."""
    with store.read() as connection:
        return [carrier_id for carrier_id, _ in erasures.due(connection, now)]


def test_a_call_is_buried_once(store: Store) -> None:
    """Of eight that say at once that it is over, one counts it; and so for every call."""

    def work() -> list[bool]:
        found = []
        for call in range(3):
            with store.durable() as tx:
                found.append(erasures.bury(tx, f"CA{call}", NOON))
        return found

    answers = together([work] * 8)
    assert [sum(answer[call] for answer in answers) for call in range(3)] == [1, 1, 1]


def test_a_call_is_erased_once_its_events_are_written(store: Store) -> None:
    """Sixteen minutes after its end, and not before."""
    with store.durable() as tx:
        erasures.bury(tx, "CA1", NOON)
    assert ERASE_AFTER == 16 * 60
    assert due(store, NOON + ERASE_AFTER - 1) == []
    assert due(store, NOON + ERASE_AFTER) == ["CA1"]


def test_a_queue_is_erased_at_once(store: Store) -> None:
    """It is empty and holds nothing but its name."""
    with store.durable() as tx:
        erasures.erase_later(tx, "QU1", NOON, "queue")
        assert list(erasures.due(tx, NOON)) == [("QU1", "queue")]


def test_a_text_message_is_told_of_once_and_erased_a_minute_later(store: Store) -> None:
    """Of six deliveries one is heeded; a repetition neither postpones the erasure nor brings it back."""

    def work() -> bool:
        with store.durable() as tx:
            return erasures.erase_text(tx, "SM1", NOON)

    assert sorted(together([work] * 6)) == [False] * 5 + [True]
    assert TEXT_AFTER == 60
    with store.durable() as tx:
        assert not erasures.erase_text(tx, "SM1", NOON + 30)
        assert list(erasures.due(tx, NOON + 59)) == []
        assert list(erasures.due(tx, NOON + 60)) == [("SM1", "text")]
        erasures.erased(tx, "SM1", NOON + 60)
        assert not erasures.erase_text(tx, "SM1", NOON + 90)
    assert due(store, NOON + 10**6) == []


def test_a_phone_that_rings_for_nobody_is_silenced_first(store: Store) -> None:
    """It is asked for until the carrier was told, then erased like the others."""
    with store.durable() as tx:
        erasures.hang_up_later(tx, "CA1", NOON)
        erasures.hang_up_later(tx, "CA1", NOON + 5)
        assert list(erasures.to_hang_up(tx)) == ["CA1"]
        erasures.hung_up(tx, "CA1")
        assert list(erasures.to_hang_up(tx)) == []
    assert due(store, NOON + ERASE_AFTER) == ["CA1"]


def test_a_call_that_ended_by_itself_needs_no_silencing(store: Store) -> None:
    """Its end is what its erasure is counted from."""
    with store.durable() as tx:
        erasures.hang_up_later(tx, "CA1", NOON)
        erasures.erase_later(tx, "CA1", NOON + 50)
        assert list(erasures.to_hang_up(tx)) == []
    assert due(store, NOON + ERASE_AFTER) == []
    assert due(store, NOON + 50 + ERASE_AFTER) == ["CA1"]


def test_a_repeated_end_does_not_postpone_the_erasure(store: Store) -> None:
    """Nor does one that comes after it was erased bring it back."""
    with store.durable() as tx:
        erasures.erase_later(tx, "CA1", NOON)
        erasures.erase_later(tx, "CA1", NOON + 500)
        assert list(erasures.due(tx, NOON + ERASE_AFTER)) == [("CA1", "call")]
        erasures.erased(tx, "CA1", NOON + ERASE_AFTER)
        erasures.erase_later(tx, "CA1", NOON + 2000)
        assert list(erasures.due(tx, NOON + 10**6)) == []


def test_something_is_done_once(store: Store) -> None:
    """An id of ours that a repeated webhook brings again; there is nothing to erase at the carrier."""

    def work() -> bool:
        with store.durable() as tx:
            return erasures.once(tx, "a leg", "coded", NOON)

    assert sorted(together([work] * 6)) == [False] * 5 + [True]
    assert due(store, NOON + 10**6) == []


def test_what_the_carrier_refused_comes_again(store: Store) -> None:
    """When it was told to, and not before."""
    with store.durable() as tx:
        erasures.erase_later(tx, "CA1", NOON)
        erasures.postpone(tx, "CA1", NOON + 5000)
    assert due(store, NOON + 4999) == []
    assert due(store, NOON + 5000) == ["CA1"]


def test_a_tombstone_is_kept_for_a_day(store: Store) -> None:
    """From the carrier's confirmation on: a late repetition of the call's end is still known."""
    with store.durable() as tx:
        for carrier_id in ("CA1", "CA2"):
            erasures.bury(tx, carrier_id, NOON)
        erasures.erased(tx, "CA1", NOON)
        assert erasures.forget(tx, NOON + KEEP_TOMBSTONE - 1) == 0
        assert not erasures.bury(tx, "CA1", NOON + KEEP_TOMBSTONE - 1)
        assert erasures.forget(tx, NOON + KEEP_TOMBSTONE) == 1
    assert [row["carrier_id"] for row in rows_of(store, Erasure)] == ["CA2"]


def test_a_call_to_be_counted_later_is_counted_once(store: Store) -> None:
    """Of eight that would count it one does; until then it is found, the oldest first."""
    with store.durable() as tx:
        for place, carrier_id in enumerate(("CA2", "CA1", "CA3")):
            erasures.bury(tx, carrier_id, NOON + place)
            erasures.count_later(tx, carrier_id, "france")
        found = erasures.uncounted(tx, NOON + 61, 60)
    assert found == [Uncounted("CA2", "france", NOON), Uncounted("CA1", "france", NOON + 1)]

    def work() -> bool:
        with store.durable() as tx:
            return erasures.count_now(tx, "CA1")

    assert sorted(together([work] * 8)) == [False] * 7 + [True]
    with store.durable() as tx:
        assert [call.carrier_id for call in erasures.uncounted(tx, NOON + 99, 60)] == ["CA2", "CA3"]
        assert [call.carrier_id for call in erasures.uncounted(tx, NOON - 3600, 60)] == ["CA2", "CA3"]


def test_a_call_that_was_counted_at_once_is_not_counted_later(store: Store) -> None:
    """Nor one that nobody has heard of."""
    with store.durable() as tx:
        erasures.bury(tx, "CA1", NOON)
        assert not erasures.count_now(tx, "CA1")
        assert not erasures.count_now(tx, "CA2")
        assert erasures.uncounted(tx, NOON + 10**6, 60) == []


def test_a_call_is_erased_once_it_is_counted(store: Store) -> None:
    """Only the carrier can say what it was: it is kept there for a day at most."""
    with store.durable() as tx:
        erasures.bury(tx, "CA1", NOON)
        erasures.count_later(tx, "CA1", "france")
    last = NOON + ERASE_AFTER + COUNT_WITHIN
    assert [due(store, now) for now in (NOON + ERASE_AFTER, last - 1, last)] == [[], [], ["CA1"]]
    with store.durable() as tx:
        erasures.count_now(tx, "CA1")
    assert due(store, NOON + ERASE_AFTER) == ["CA1"]


def test_a_tombstone_stays_until_its_call_is_counted(store: Store) -> None:
    """However long ago the carrier erased it."""
    with store.durable() as tx:
        erasures.bury(tx, "CA1", NOON)
        erasures.count_later(tx, "CA1", "france")
        erasures.erased(tx, "CA1", NOON)
        assert erasures.forget(tx, NOON + 9 * KEEP_TOMBSTONE) == 0
        erasures.count_now(tx, "CA1")
        assert erasures.forget(tx, NOON + KEEP_TOMBSTONE) == 1


def test_what_will_be_erased_is_known(store: Store) -> None:
    """Calls, legs and queues, and those that are erased already."""
    with store.durable() as tx:
        erasures.bury(tx, "CA1", NOON)
        erasures.hang_up_later(tx, "CA2", NOON)
        erasures.erased(tx, "CA2", NOON)
        assert erasures.known(tx, ["CA1", "CA2", "CA3"]) == {"CA1", "CA2"}
        assert erasures.known(tx, []) == frozenset()


@given(st.lists(st.integers(0, 50), min_size=1, max_size=20), st.integers(0, 60), st.integers(1, 30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
def test_the_oldest_are_erased_first(store: Store, ends: list[int], now: int, limit: int) -> None:
    """Whatever the order they came in: no more than a job can do, none before its time."""
    with store.durable() as tx:
        tx.execute(delete(Erasure))
        for index, end in enumerate(ends):
            erasures.erase_later(tx, f"QU{index}", end, "queue")
        found = [int(carrier_id[2:]) for carrier_id, _ in erasures.due(tx, now, limit)]
    assert [ends[index] for index in found] == sorted(end for end in ends if end <= now)[:limit]

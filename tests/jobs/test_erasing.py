"""Every minute: what is over disappears at the carrier."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from helpline.errors import CarrierError
from helpline.jobs import erasing
from helpline.jobs.erasing import AGAIN_SECONDS
from helpline.store import erasures
from helpline.store.erasures import ERASE_AFTER, KEEP_TOMBSTONE, TEXT_AFTER
from helpline.store.sessions import Store
from helpline.store.tables import Erasure
from tests.shell import NOON, opened, rows_of

DUE = NOON + ERASE_AFTER


@dataclass
class Carrier:
    """Erases what it is asked to, unless it is told how to fail."""

    failures: dict[str, CarrierError] = field(default_factory=dict)
    erased: list[str] = field(default_factory=list)

    def erase(self, carrier_id: str) -> None:
        """Deletes a call."""
        if carrier_id in self.failures:
            raise self.failures[carrier_id]
        self.erased.append(f"call {carrier_id}")

    def erase_queue(self, carrier_id: str) -> None:
        """Deletes a queue."""
        if carrier_id in self.failures:
            raise self.failures[carrier_id]
        self.erased.append(f"queue {carrier_id}")

    def erase_text(self, carrier_id: str) -> None:
        """Deletes a text message."""
        if carrier_id in self.failures:
            raise self.failures[carrier_id]
        self.erased.append(f"text {carrier_id}")


@pytest.fixture
def store(either_database_url: str) -> Iterator[Store]:
    """Two calls that are over, a queue, and a text message."""
    with opened(either_database_url) as store:
        with store.durable() as tx:
            erasures.bury(tx, "CA1", NOON)
            erasures.erase_later(tx, "CA2", NOON)
            erasures.erase_later(tx, "QU1", DUE, "queue")
            erasures.erase_text(tx, "SM1", DUE - TEXT_AFTER)
        yield store


def waiting(store: Store) -> dict[str, int]:
    """What is still to be erased, and from when on."""
    return {row["carrier_id"]: row["due_at"] for row in rows_of(store, Erasure) if row["erased_at"] is None}


def test_what_is_due_is_erased(store: Store) -> None:
    """Calls as calls, queues as queues, messages as messages, once each."""
    carrier = Carrier()
    assert erasing.run(store, carrier, DUE - 1) == 0
    assert erasing.run(store, carrier, DUE) == 4
    assert erasing.run(store, carrier, DUE) == 0
    assert sorted(carrier.erased) == ["call CA1", "call CA2", "queue QU1", "text SM1"]
    assert waiting(store) == {}


def test_gone_is_done(store: Store) -> None:
    """The carrier doesn't know it any more: that is what was wanted."""
    gone = CarrierError("erase: the carrier answered 404", permanent=True, gone=True)
    assert erasing.run(store, Carrier({"CA1": gone, "QU1": gone, "SM1": gone}), DUE) == 4
    assert waiting(store) == {}


FAILURES = {
    "still in progress": CarrierError("erase: the carrier answered 409", permanent=True),
    "down": CarrierError("erase: no connection to the carrier", permanent=False, unknown=True),
    "too many": CarrierError("erase: the carrier answered 429", permanent=False),
}


@pytest.mark.parametrize(("carrier_id", "kind"), [("CA1", "call"), ("SM1", "text")])
@pytest.mark.parametrize("failure", FAILURES)
def test_what_the_carrier_refuses_is_postponed(
    store: Store, failure: str, carrier_id: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Five minutes, as often as needed; the others are erased meanwhile, and the log names nobody."""
    carrier = Carrier({carrier_id: FAILURES[failure]})
    with caplog.at_level(logging.WARNING):
        assert erasing.run(store, carrier, DUE) == 3
    assert waiting(store) == {carrier_id: DUE + AGAIN_SECONDS}
    (record,) = caplog.records
    assert (record.getMessage(), record.__dict__["kind"]) == ("erasure.postponed", kind)
    assert carrier_id not in str(record.__dict__)
    assert erasing.run(store, carrier, DUE + AGAIN_SECONDS - 1) == 0
    assert erasing.run(store, carrier, DUE + AGAIN_SECONDS) == 0
    carrier.failures.clear()
    assert erasing.run(store, carrier, DUE + 2 * AGAIN_SECONDS) == 1
    assert carrier.erased[-1] == f"{kind} {carrier_id}"


def test_tombstones_go_a_day_after(store: Store) -> None:
    """Here too, nothing is left of a call in the end."""
    erasing.run(store, Carrier(), DUE)
    erasing.run(store, Carrier(), DUE + KEEP_TOMBSTONE - 1)
    assert len(rows_of(store, Erasure)) == 4
    erasing.run(store, Carrier(), DUE + KEEP_TOMBSTONE)
    assert rows_of(store, Erasure) == []


def test_what_was_never_erased_is_kept(store: Store) -> None:
    """However old: its id is all we have to erase it by."""
    down = dict.fromkeys(("CA1", "CA2", "QU1", "SM1"), FAILURES["down"])
    for day in range(5):
        assert erasing.run(store, Carrier(down), DUE + day * KEEP_TOMBSTONE) == 0
    assert set(waiting(store)) == {"CA1", "CA2", "QU1", "SM1"}

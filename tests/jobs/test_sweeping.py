"""Every five minutes: calls of which nothing was heard are looked up at the carrier."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from helpline.calls.ending import Ending
from helpline.carrier.seal import Seal
from helpline.jobs import reconciling, sweeping
from helpline.jobs.reconciling import QUIET_SECONDS
from helpline.jobs.sweeping import SILENT_SECONDS
from helpline.lines import Line
from helpline.store.around import around
from helpline.store.sessions import Store
from helpline.store.tables import Erasure, HourlyCount, Leg, LiveCall, MonthlyCount, WrapUp
from tests.jobs.carrier import DOWN, REFUSED, Carrier
from tests.shell import (
    ALIX,
    BORIS,
    NOON,
    lines_in,
    live_call,
    live_leg,
    opened,
    put_live,
    rows_of,
    some_secrets,
    together,
    with_people,
)

CALL = "CAcall"
TALKING = {"state": "talking", "waited": 10, "bridged_at": NOON + 10, "claimed_leg": "leg", "person": ALIX}
LATER = NOON + SILENT_SECONDS


@dataclass
class Watch:
    """What is going on on a line, and the carrier that knows it."""

    store: Store
    lines: dict[str, Line]
    ending: Ending
    carrier: Carrier

    def run(self, now: int = LATER) -> int:
        """The sweep; how many calls it finished."""
        return sweeping.run(self.store, self.carrier, self.ending, self.lines, now)

    def reconcile(self, now: int) -> int:
        """The minute's reconciliation."""
        return reconciling.run(self.store, self.carrier, self.ending, self.lines, now)

    def put(self, *legs: dict[str, Any], **call: Any) -> None:  # noqa: ANN401 - columns of every type
        """The call."""
        put_live(self.store, [live_call(**call)], legs)

    @property
    def counts(self) -> list[tuple[str, str]]:
        """Outcome and wait band of each call counted."""
        rows = rows_of(self.store, HourlyCount)
        return [(row["outcome"], row["wait_band"]) for row in rows for _ in range(row["n"])]

    @property
    def talked(self) -> list[int]:
        """Seconds of talk, by month."""
        return [row["talk_seconds"] for row in rows_of(self.store, MonthlyCount)]

    @property
    def heartbeat(self) -> int | None:
        """When the call was last heard of."""
        rows = rows_of(self.store, LiveCall)
        return int(rows[0]["heartbeat_at"]) if rows else None


def opened_line(store: Store, folder: Path) -> Watch:
    """Nobody calls yet."""
    return Watch(store, lines_in(folder), Ending(store, Seal(some_secrets().seal_keys), lambda: None), Carrier())


@pytest.fixture
def line(either_database_url: str, tmp_path: Path) -> Iterator[Watch]:
    """Nobody calls yet."""
    with opened(either_database_url) as store:
        yield opened_line(store, tmp_path)


def test_a_conversation_that_goes_on(line: Watch) -> None:
    """It asks for nothing; that the carrier knows it is its sign of life for the next five minutes."""
    line.carrier.inbound(CALL, status="in-progress", end=None)
    line.put(**TALKING)
    assert line.run() == 0
    assert line.heartbeat == LATER
    line.carrier.asked.clear()
    assert line.run(LATER + SILENT_SECONDS - 1) == 0
    assert line.carrier.asked == []


@pytest.mark.parametrize("state", ["waiting", "parted"])
def test_a_caller_who_is_no_longer_in_our_queue(line: Watch, state: str) -> None:
    """They go on without asking us: that is no sign of a wait, and they are looked up each time."""
    line.carrier.inbound(CALL, status="in-progress", end=None)
    line.carrier.leg("CAleg", status="in-progress", end=None)
    line.put(live_leg("leg", state="screening", carrier_id="CAleg"), state=state)
    before = rows_of(line.store, LiveCall), rows_of(line.store, Leg)
    assert [line.run(), line.run(LATER + SILENT_SECONDS)] == [0, 0]
    assert (rows_of(line.store, LiveCall), rows_of(line.store, Leg)) == before
    assert line.carrier.asked == [CALL, "CAleg"] * 2


@pytest.mark.parametrize(
    "leg",
    [
        live_leg("leg", state="ringing", carrier_id="CAleg"),
        live_leg("leg", state="screening", carrier_id="CAforgotten"),
        live_leg("leg", state="placing"),
        live_leg("leg", state="ringing", person=None, backup=7),
    ],
    ids=["hung up", "forgotten", "never confirmed", "a number that is configured no more"],
)
def test_who_was_rung_for_them_is_free(line: Watch, leg: dict[str, Any]) -> None:
    """Their phone is hung up, and it isn't they to whom the carrier has put the caller through."""
    with_people(line.store)
    line.carrier.inbound(CALL, status="in-progress", end=None)
    line.carrier.leg("CAleg")
    line.carrier.leg("CAchild", CALL, "in-progress", None, to=f"+3319900010{BORIS}")
    line.carrier.leg("CAbefore", CALL, to=f"+3319900010{ALIX}")
    line.put(leg)
    assert line.run() == 0
    assert [row["state"] for row in rows_of(line.store, Leg)] == ["ended"]


@pytest.mark.parametrize("how", ["dialled", "rings", "refused", "in time"])
def test_who_may_talk_to_them_stays_busy(line: Watch, how: str) -> None:
    """The carrier dialled their number by itself, their phone isn't hung up, or nobody can say; or it rings on."""
    with_people(line.store)
    line.carrier.inbound(CALL, status="in-progress", end=None)
    line.carrier.leg("CAleg", status="ringing" if how == "rings" else "completed")
    if how == "dialled":
        line.carrier.leg("CAchild", CALL, "in-progress", None, to=f"+3319900010{ALIX}")
    if how == "refused":
        line.carrier.failures["CAleg"] = REFUSED
    line.put(live_leg("leg", state="ringing", carrier_id="CAleg", until=LATER + (how == "in time")))
    assert line.run() == 0
    assert [row["state"] for row in rows_of(line.store, Leg)] == ["ringing"]


def test_a_call_that_was_heard_of(line: Watch) -> None:
    """The carrier isn't asked about it."""
    line.carrier.inbound(CALL)
    line.put(**TALKING)
    assert line.run(LATER - 1) == 0
    assert line.carrier.asked == []


def test_a_conversation_that_is_over(line: Watch) -> None:
    """Its seconds are those until the carrier's end, and its psychologist has it to code."""
    line.carrier.inbound(CALL, end=NOON + 130)
    line.put(live_leg("leg", state="talking", carrier_id="CAleg"), **TALKING)
    assert [line.run(), line.run(LATER + SILENT_SECONDS)] == [1, 0]
    assert (line.counts, line.talked, line.heartbeat) == ([("answered", "5-20")], [120], None)
    assert [row["person"] for row in rows_of(line.store, WrapUp)] == [ALIX]
    assert {row["carrier_id"] for row in rows_of(line.store, Erasure)} == {CALL, "CAleg"}


ENDS: dict[str, tuple[dict[str, Any], str]] = {
    "gave up": ({}, "abandoned"),
    "let go": ({"state": "leaving"}, "unanswered"),
    "heard the crisis numbers": ({"state": "left"}, "unanswered"),
    "was cut off": ({"state": "parted", "waited": 3, "talked": 60, "parted_at": NOON + 70}, "answered"),
}


@pytest.mark.parametrize("what", ENDS)
def test_a_wait_that_is_over(line: Watch, what: str) -> None:
    """Finished as what the row says."""
    row, outcome = ENDS[what]
    line.carrier.inbound(CALL)
    line.put(**row)
    assert line.run() == 1
    assert [count[0] for count in line.counts] == [outcome]


def test_a_caller_who_was_rung_for_by_twiml(line: Watch) -> None:
    """The database was gone in the middle of the wait: whether anyone accepted is unknown."""
    line.carrier.inbound(CALL)
    line.carrier.leg("CAdial", parent=CALL)
    line.put()
    assert line.run() == 1
    assert line.counts == [("unknown", "0-5")]


def test_a_call_that_has_just_ended(line: Watch) -> None:
    """A minute is left to the word of its end, which may say more."""
    line.carrier.inbound(CALL, end=LATER - QUIET_SECONDS + 1)
    line.put(**TALKING)
    assert line.run() == 0
    assert line.counts == []


def test_a_call_the_carrier_does_not_know(line: Watch) -> None:
    """Finished as what the row says; it talked until we last heard of it, longer nobody can say."""
    line.put(**TALKING | {"heartbeat_at": NOON + 300})
    assert line.run(NOON + 600) == 1
    assert (line.counts, line.talked) == ([("answered", "5-20")], [290])


def test_a_talk_the_carrier_does_not_know(line: Watch) -> None:
    """Nothing was heard of it since it began: no talk is made up, and none is negative."""
    line.put(**TALKING | {"heartbeat_at": NOON - 30})
    line.run()
    assert line.talked == [0]


def test_a_clock_that_was_set_back(line: Watch) -> None:
    """A sign of life from the future is none: it would hide the call for an hour."""
    line.carrier.inbound(CALL, start=NOON - 7200, end=NOON - 7100)
    line.put(**TALKING)
    assert line.run(NOON - 3600) == 1
    assert line.counts == [("answered", "5-20")]


def test_the_carrier_is_down(line: Watch, caplog: pytest.LogCaptureFixture) -> None:
    """The call stays as it is until it can be asked; the log names nobody."""
    line.put(**TALKING)
    line.carrier.failures = {CALL: DOWN}
    with caplog.at_level(logging.WARNING):
        assert line.run() == 0
    assert [record.getMessage() for record in caplog.records] == ["sweep.postponed"]
    assert CALL not in str(caplog.records[0].__dict__)
    assert line.heartbeat == NOON


def test_one_that_the_carrier_refuses_holds_up_no_other(line: Watch, caplog: pytest.LogCaptureFixture) -> None:
    """The others are finished."""
    for key in ("one", "two"):
        put_live(line.store, [live_call(key)])
    line.carrier.inbound("CAtwo")
    line.carrier.failures = {"CAone": REFUSED}
    with caplog.at_level(logging.WARNING):
        assert line.run() == 1
    assert [row["id"] for row in rows_of(line.store, LiveCall)] == ["one"]
    assert [record.getMessage() for record in caplog.records] == ["call.unswept"]


def test_a_call_of_a_line_that_is_gone(line: Watch, caplog: pytest.LogCaptureFixture) -> None:
    """Said aloud; how it was to be counted, only that line's settings knew. Whoever talked is free for other lines."""
    line.carrier.inbound("CAcall", end=NOON + 130)
    line.put(live_leg("leg", state="talking", carrier_id="CAleg"), line="closed", **TALKING)
    with caplog.at_level(logging.WARNING):
        assert [line.run(), line.run(LATER + SILENT_SECONDS)] == [1, 0]
    assert [record.getMessage() for record in caplog.records] == ["call.without_line"]
    assert line.counts == [("unknown", "0-5")]
    assert rows_of(line.store, LiveCall) == []
    with line.store.live() as tx:
        assert around(tx, LATER + SILENT_SECONDS).busy == frozenset()
    assert {row["carrier_id"] for row in rows_of(line.store, Erasure)} == {"CAcall", "CAleg"}


def test_a_call_of_a_line_that_is_gone_and_goes_on(line: Watch) -> None:
    """Nobody is taken from it."""
    line.carrier.inbound("CAcall", status="in-progress", end=None)
    line.put(live_leg("leg", state="talking", carrier_id="CAleg"), line="closed", **TALKING)
    assert line.run() == 0
    assert [row["state"] for row in rows_of(line.store, Leg)] == ["talking"]


def test_psychologists_nobody_heard_of_any_more(line: Watch) -> None:
    """A phone whose end was lost keeps its owner busy no longer than a phone call can last."""
    line.put(live_leg("mine", person=BORIS, state="talking", until=NOON), **TALKING)
    with line.store.live() as tx:
        for key, until in (("over", LATER), ("still", LATER + 1)):
            tx.execute(insert(Leg), live_leg(key, state="held", person=None, until=until) | {"call_id": None})
    line.run()
    assert {row["id"] for row in rows_of(line.store, Leg)} == {"mine", "still"}


def test_a_key_that_was_rotated_away(line: Watch) -> None:
    """The row's name can't be computed any more: it is found by the carrier's id."""
    line.carrier.inbound(CALL)
    line.put(key="named by another key", **TALKING)
    other = Ending(line.store, Seal((b"another seal key of the tests!!!",)), lambda: None)
    assert sweeping.run(line.store, line.carrier, other, line.lines, LATER) == 1
    assert line.heartbeat is None


def test_both_jobs_at_once(database_url: str, tmp_path: Path) -> None:
    """Sweep and reconciliation, each in two workers: every call is counted once."""
    with opened(database_url) as store:
        line = opened_line(store, tmp_path)
        for number in range(10):
            put_live(store, [live_call(f"call{number}", **TALKING)])
            line.carrier.inbound(f"CAcall{number}", end=NOON + 60)
        together([line.run, line.run, lambda: line.reconcile(LATER), lambda: line.reconcile(LATER)])
        assert line.counts == [("answered", "5-20")] * 10
        assert line.talked == [500]
        assert rows_of(store, LiveCall) == []

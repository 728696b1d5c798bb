"""How a call is counted: once, by whoever is first to know what it was."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from helpline.calls.advancing import STALE_SECONDS
from helpline.calls.ending import Ending, Last, Over, Talked
from helpline.carrier.seal import Seal
from helpline.lines import Line
from helpline.store.erasures import ERASE_AFTER
from helpline.store.sessions import Store
from helpline.store.tables import Erasure, HourlyCount, Leg, LiveCall, MonthlyCount, Pooled, WrapUp
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
)

HOUR = 3600
CALL = "CAcall"
LATER = NOON + 2 * HOUR
TALKED = Talked(waited=30, talked=120, person=ALIX)


@dataclass
class Desk:
    """A database, one line, and the use cases of a call's end."""

    store: Store
    line: Line
    ending: Ending
    woken: list[str]

    def finish(self, now: int = LATER, **how: Any) -> bool:  # noqa: ANN401 - as `Ending.finish`
        """A webhook says that the call is over."""
        return self.ending.finish(self.line, CALL, **{"completed": True, "now": now, **how})

    def conclude(self, over: Over, now: int = LATER) -> bool:
        """The carrier was asked, and says this."""
        return self.ending.conclude(self.line, CALL, over, now)

    def put(self, *legs: dict[str, Any], **call: Any) -> None:  # noqa: ANN401 - columns of every type
        """The call in progress."""
        put_live(self.store, [live_call(**call)], legs)

    @property
    def counts(self) -> list[tuple[str, int, str]]:
        """Outcome, hours since noon and wait band of each call counted."""
        rows = rows_of(self.store, HourlyCount)
        return [
            (row["outcome"], (row["hour"] - NOON) // HOUR, row["wait_band"]) for row in rows for _ in range(row["n"])
        ]

    @property
    def uncounted(self) -> str | None:
        """The line that still has to count the call."""
        (row,) = [row for row in rows_of(self.store, Erasure) if row["carrier_id"] == CALL]
        return None if row["uncounted"] is None else str(row["uncounted"])


@pytest.fixture
def desk(either_database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Nobody calls yet."""
    with made(either_database_url, tmp_path) as desk:
        yield desk


@contextmanager
def made(url: str, tmp_path: Path) -> Iterator[Desk]:
    """A desk on an empty database."""
    woken: list[str] = []
    with opened(url) as store:
        ending = Ending(store, Seal(some_secrets().seal_keys), partial(woken.append, "woken"))
        yield Desk(store, lines_in(tmp_path)["france"], ending, woken)


def test_a_call_without_a_row_is_counted_later(desk: Desk) -> None:
    """It may have been left in the greeting, or served without the database: only the carrier can say."""
    assert desk.finish()
    assert (desk.counts, desk.uncounted) == ([], "france")


def test_a_call_that_was_never_connected_is_counted_at_once(desk: Desk) -> None:
    """Nothing can have come of it."""
    assert desk.finish(completed=False)
    assert (desk.counts, desk.uncounted) == ([("failed", 2, "0-5")], None)


def test_a_call_with_a_row_is_counted_at_once(desk: Desk) -> None:
    """The row knows it all."""
    desk.put(heartbeat_at=NOON + 60)
    assert desk.finish(NOON + 90)
    assert (desk.counts, desk.uncounted, rows_of(desk.store, LiveCall)) == ([("abandoned", 0, "60-180")], None, [])


def test_word_of_an_end_is_taken_once(desk: Desk) -> None:
    """Repeated, it changes nothing; what a call was isn't asked again."""
    assert [desk.finish(), desk.finish(LATER + 5), desk.finish(completed=False)] == [True, False, False]
    assert (desk.counts, desk.uncounted) == ([], "france")
    (row,) = rows_of(desk.store, Erasure)
    assert row["due_at"] == LATER + ERASE_AFTER


# --- what the degraded flow knows


def talk(desk: Desk) -> tuple[int, int, list[tuple[int, bool]]]:
    """Talks and seconds of the month, and the wrap-ups: whose, and whether it lasted a minute."""
    (month,) = rows_of(desk.store, MonthlyCount)
    wrap_ups = [(row["person"], row["lasted"]) for row in rows_of(desk.store, WrapUp)]
    return month["n"], month["talk_seconds"], wrap_ups


def test_a_degraded_call_that_was_answered_counts_as_answered(desk: Desk) -> None:
    """In the hour in which it began to wait, with a wrap-up for whoever took it."""
    assert desk.finish(NOON + HOUR + 100, known=TALKED)
    assert (desk.counts, desk.uncounted) == ([("answered", 0, "20-60")], None)
    assert talk(desk) == (1, 120, [(ALIX, True)])


def test_the_final_status_may_come_first(desk: Desk) -> None:
    """It was buried uncounted a moment ago: what the flow knows counts it, once."""
    assert [desk.finish(), desk.finish(known=TALKED), desk.finish(known=TALKED)] == [True, True, False]
    assert (desk.counts, desk.uncounted) == ([("answered", 1, "20-60")], None)
    assert talk(desk) == (1, 120, [(ALIX, True)])


def test_the_final_status_may_come_last(desk: Desk) -> None:
    """And the reconciliation after it: nothing is left to count."""
    desk.finish(known=TALKED)
    assert not desk.finish()
    assert not desk.conclude(Over(NOON, LATER, dialled=True))
    assert len(desk.counts) == 1


def test_what_was_counted_is_not_counted_again(desk: Desk) -> None:
    """However true what comes too late."""
    desk.finish()
    desk.conclude(Over(NOON, LATER, dialled=True))
    assert not desk.finish(known=TALKED)
    assert desk.counts == [("unknown", 0, "0-5")]


def test_a_backup_number_that_took_it_has_nothing_to_code(desk: Desk) -> None:
    """The conversation is recorded as not coded."""
    desk.finish(known=Talked(30, 120, None))
    assert (talk(desk)[2], [row["contact"] for row in rows_of(desk.store, Pooled)]) == ([], ["not-coded"])


def test_a_call_that_waited_here_before_the_database_was_gone(desk: Desk) -> None:
    """Its row tells when the wait began, the flow for how long; no phone rings on for it."""
    leg = live_leg("leg", state="ringing", carrier_id="CAleg")
    desk.put(leg, entered_at=NOON - HOUR, heartbeat_at=NOON - HOUR)
    desk.finish(known=Talked(90, 120, BORIS))
    assert desk.counts == [("answered", -1, "60-180")]
    assert talk(desk) == (1, 120, [(BORIS, True)])
    assert rows_of(desk.store, LiveCall) == []
    assert [row["hangup"] for row in rows_of(desk.store, Erasure) if row["carrier_id"] == "CAleg"] == [True]
    assert desk.woken == ["woken"]


def test_a_call_that_talked_before_the_database_was_gone(desk: Desk) -> None:
    """One call: the wait for the first psychologist, the seconds of both, a wrap-up for the last."""
    desk.put(state="parted", waited=4, talked=50, parted_at=NOON + 60, person=ALIX)
    desk.finish(known=Talked(90, 20, BORIS))
    assert desk.counts == [("answered", 0, "0-5")]
    assert talk(desk) == (1, 70, [(BORIS, True)])


def test_a_clock_set_back_makes_no_time_negative(desk: Desk) -> None:
    """Nonsense is counted as nothing, and the call all the same."""
    desk.finish(known=Talked(-30, -120, ALIX))
    assert talk(desk) == (1, 0, [(ALIX, False)])


# --- rows that may know less than the carrier

IN_DOUBT: dict[str, dict[str, Any]] = {
    "nothing was heard of it while it waited": {"heartbeat_at": LATER - STALE_SECONDS},
    "told to leave, and never seen to": {"state": "leaving", "heartbeat_at": LATER},
    "out of the queue, and perhaps rung for by TwiML": {"state": "left", "heartbeat_at": LATER},
}
SURE: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "heard of a moment ago": ({"heartbeat_at": LATER - STALE_SECONDS + 1}, {}, "abandoned"),
    "hung up in the queue": ({"heartbeat_at": NOON}, {"last": Last(bridged=False)}, "abandoned"),
    "hung up in a bridge": ({"heartbeat_at": NOON}, {"last": Last(bridged=True)}, "answered"),
    "has talked": ({"state": "parted", "waited": 5, "parted_at": NOON}, {}, "answered"),
    "talks": ({"state": "talking", "waited": 5, "bridged_at": NOON + 5, "heartbeat_at": NOON}, {}, "answered"),
}


@pytest.mark.parametrize("why", IN_DOUBT)
def test_a_row_that_may_know_less_than_the_carrier_is_not_believed(desk: Desk, why: str) -> None:
    """The caller may have been rung for by TwiML meanwhile: it is counted once the carrier was asked."""
    desk.put(live_leg("leg", state="ended", outcome="no-answer"), **IN_DOUBT[why])
    assert desk.finish()
    assert (desk.counts, desk.uncounted) == ([], "france")


@pytest.mark.parametrize("why", SURE)
def test_a_row_that_knows_is_believed(desk: Desk, why: str) -> None:
    """At once, and the carrier isn't asked."""
    call, how, outcome = SURE[why]
    desk.put(live_leg("leg", state="ended", outcome="no-answer"), **call)
    desk.finish(**how)
    assert ([count[0] for count in desk.counts], desk.uncounted) == ([outcome], None)


def test_nobody_is_rung_for_a_call_in_doubt(desk: Desk) -> None:
    """It is over, whatever it was: what rings falls silent, what was to ring never does."""
    legs = [live_leg("one", state="ringing", carrier_id="CAleg"), live_leg("two", person=BORIS)]
    desk.put(*legs, heartbeat_at=NOON)
    desk.finish()
    assert [row["carrier_id"] for row in rows_of(desk.store, Erasure) if row["hangup"]] == ["CAleg"]
    assert {row["id"]: row["state"] for row in rows_of(desk.store, Leg)} == {"one": "held", "two": "ended"}
    assert desk.woken == ["woken"]


ENDED = LATER - 60
WORDS: dict[str, tuple[dict[str, Any] | None, Over, tuple[str, int, str]]] = {
    "left in the greeting": (None, Over(NOON, ENDED), ("left_in_greeting", 0, "0-5")),
    "never connected": (None, Over(NOON, ENDED, connected=False), ("failed", 0, "0-5")),
    "rung for by TwiML": (None, Over(NOON, ENDED, dialled=True), ("unknown", 0, "0-5")),
    "forgotten by the carrier": (None, Over(NOON, ENDED, dialled=None), ("unknown", 0, "0-5")),
    "waited, then rung for by TwiML": ({}, Over(NOON, ENDED, dialled=True), ("unknown", 0, "0-5")),
    "waited to the end": ({}, Over(NOON, NOON + 30), ("abandoned", 0, "20-60")),
    "waited, and forgotten by the carrier": ({}, Over(NOON, NOON + 30, dialled=None), ("abandoned", 0, "20-60")),
    "unanswered": ({"state": "left"}, Over(NOON, NOON + 90), ("unanswered", 0, "60-180")),
    "claimed, of which nothing more was heard": (
        {"state": "claimed", "claimed_leg": "leg", "claimed_at": NOON + 10},
        Over(NOON, ENDED),
        ("answered", 0, "5-20"),
    ),
    "talked, then rung for by TwiML": (
        {"state": "parted", "waited": 3, "parted_at": NOON + 60},
        Over(NOON, ENDED, dialled=True),
        ("answered", 0, "0-5"),
    ),
}


@pytest.mark.parametrize("what", WORDS)
@pytest.mark.parametrize("told", [False, True])
def test_the_carriers_word_counts_it(desk: Desk, what: str, told: bool) -> None:
    """With what the row knows, whether word of its end had reached us or not; once."""
    row, over, count = WORDS[what]
    if row is not None:
        desk.put(live_leg("leg", state="ended"), **row)
    if told:
        with desk.store.durable() as tx:
            tx.execute(insert(Erasure), [tombstone()])
    assert [desk.conclude(over), desk.conclude(over)] == [True, False]
    assert (desk.counts, desk.uncounted, rows_of(desk.store, LiveCall)) == ([count], None, [])


def tombstone(**values: object) -> dict[str, object]:
    """The call was buried uncounted."""
    row = {"carrier_id": CALL, "kind": "call", "hangup": False, "due_at": LATER, "uncounted": "france"}
    return row | values


def test_a_conversation_ends_when_the_carrier_says(desk: Desk) -> None:
    """Not when we asked: an hour of silence is no hour of talk."""
    desk.put(state="talking", waited=10, bridged_at=NOON + 10, person=ALIX, claimed_leg="leg")
    desk.conclude(Over(NOON, NOON + 100), LATER)
    assert talk(desk) == (1, 90, [(ALIX, True)])


def test_a_call_found_at_the_carrier_is_erased_as_if_we_had_been_told(desk: Desk) -> None:
    """Sixteen minutes after its end."""
    desk.conclude(Over(NOON, NOON + 100), LATER)
    (row,) = rows_of(desk.store, Erasure)
    assert row["due_at"] == NOON + 100 + ERASE_AFTER


def test_a_row_left_behind_by_a_race_goes_uncounted(desk: Desk) -> None:
    """Its call was counted before it was written: the row goes, the figures stay."""
    desk.finish(completed=False)
    desk.put(live_leg("leg", state="ringing", carrier_id="CAleg"))
    assert not desk.conclude(Over(NOON, ENDED))
    assert (len(desk.counts), rows_of(desk.store, LiveCall)) == (1, [])
    assert [row["carrier_id"] for row in rows_of(desk.store, Erasure) if row["hangup"]] == ["CAleg"]


# --- all at once


@pytest.mark.parametrize("row", [None, {"heartbeat_at": NOON}, {"state": "talking", "waited": 5, "bridged_at": NOON}])
def test_whoever_comes_first_counts_it(database_url: str, tmp_path: Path, row: dict[str, Any] | None) -> None:
    """Final status, its repetition, the degraded flow, two workers: together they count every call once."""
    with made(database_url, tmp_path) as desk:
        race(desk, row)


def race(desk: Desk, row: dict[str, Any] | None) -> None:
    """Five calls, each ended by everybody at the same moment."""
    for number in range(5):
        call = f"CA{number}"
        if row is not None:
            put_live(desk.store, [live_call(f"call{number}", carrier_id=call, **row)])
        finish = partial(desk.ending.finish, desk.line, call, completed=True, now=LATER)
        conclude = partial(desk.ending.conclude, desk.line, call, Over(NOON, ENDED), LATER)
        works: list[Callable[[], bool]] = [finish, finish, partial(finish, known=TALKED), conclude, conclude]
        together(works)
        assert len(desk.counts) == number + 1
    assert not [row for row in rows_of(desk.store, Erasure) if row["uncounted"]]
    assert rows_of(desk.store, LiveCall) == []

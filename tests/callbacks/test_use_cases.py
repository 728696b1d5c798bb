"""Callbacks over a real database: what is kept, who wins a race, what is counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from helpline.calls.callback import AGAIN_SECONDS, ASKED_SECONDS, TRIES, WANTED_SECONDS, Callbacks
from helpline.calls.vault import Vault
from helpline.carrier.callback_urls import BackRef
from helpline.carrier.seal import Seal
from helpline.figures import records
from helpline.lines import Line
from helpline.store import callbacks as rows
from helpline.store.beats import beat
from helpline.store.callbacks import CallbackRow, State
from helpline.store.erasures import bury
from helpline.store.sessions import Store
from helpline.store.tables import Callback, CallbackCount
from tests.shell import ALIX, BORIS, NOON, lines_in, opened, rows_of, together, with_people

KEYS = (b"a seal key of the tests",)
NUMBER, OTHER = "+33199009001", "+33199009002"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A database with three psychologists."""
    with opened(database_url) as store:
        with_people(store)
        yield store


@pytest.fixture
def line(tmp_path: Path) -> Line:
    """The French line."""
    return lines_in(tmp_path)["france"]


@pytest.fixture
def uses(store: Store) -> Callbacks:
    """The use cases on it."""
    return Callbacks(store, Seal(KEYS), Vault(KEYS))


def wanted(uses: Callbacks, line: Line, call: str = "CA1", number: str = NUMBER, now: int = NOON) -> CallbackRow:
    """A confirmed callback."""
    uses.give(line, "fr", 0, call, number, now)
    assert uses.want(line, 0, call, now)
    with uses.store.read() as connection:
        row = rows.load(connection, uses.seal.name("callback", call))
    assert row is not None
    return row


def taken(uses: Callbacks, row: CallbackRow, leg: str = "leg", person: int = ALIX) -> BackRef:
    """The callback as a worker has just begun to make it."""
    with uses.store.live() as tx:
        assert rows.start(tx, row, leg, person, NOON + 40)
    return BackRef(row.id, leg, person, "fr")


def outcomes(store: Store) -> dict[str, int]:
    """How many were wanted, connected, expired."""
    return {row["outcome"]: row["n"] for row in rows_of(store, CallbackCount)}


def to_code(store: Store, person: int = ALIX) -> int:
    """How many calls this person has to code."""
    with store.read() as connection:
        return sum(item.n for item in records.pending(connection, person))


def test_a_number_is_kept_sealed(uses: Callbacks, line: Line) -> None:
    """The row holds it, and not in the clear."""
    row = wanted(uses, line)
    assert NUMBER.encode()[3:] not in row.sealed
    assert uses.vault.open(row.sealed, row.id) == NUMBER
    assert (row.state, row.next_at, row.expires_at) == (State.WANTED, NOON, NOON + WANTED_SECONDS)


def test_a_call_that_is_over_gives_no_number(uses: Callbacks, line: Line, store: Store) -> None:
    """A request that comes late leaves nothing behind."""
    with store.durable() as tx:
        bury(tx, "CA1", NOON)
    uses.give(line, "fr", 0, "CA1", NUMBER, NOON)
    assert rows_of(store, Callback) == []


def test_a_number_that_was_corrected_doesnt_come_back(uses: Callbacks, line: Line) -> None:
    """A late copy of the first is ignored, and so is a consent to it."""
    uses.give(line, "fr", 0, "CA1", OTHER, NOON)
    uses.give(line, "fr", 1, "CA1", NUMBER, NOON)
    uses.give(line, "fr", 0, "CA1", OTHER, NOON)
    assert uses.given("CA1", 1) == NUMBER
    assert uses.given("CA1", 0) is None
    assert not uses.want(line, 0, "CA1", NOON)
    assert uses.want(line, 1, "CA1", NOON)


def test_a_consent_that_is_repeated_is_the_same(uses: Callbacks, line: Line, store: Store) -> None:
    """True again, counted once; also when both come at the same moment."""
    uses.give(line, "fr", 0, "CA1", NUMBER, NOON)
    assert all(together([lambda: uses.want(line, 0, "CA1", NOON)] * 4))
    assert uses.want(line, 0, "CA1", NOON)
    assert outcomes(store) == {"wanted": 1}


def test_a_number_that_wasnt_confirmed_is_forgotten(uses: Callbacks, line: Line, store: Store) -> None:
    """After ten minutes, and not before; nobody was promised anything."""
    uses.give(line, "fr", 0, "CA1", NUMBER, NOON)
    uses.tidy({"france": line}, NOON + ASKED_SECONDS - 1)
    assert len(rows_of(store, Callback)) == 1
    uses.tidy({"france": line}, NOON + ASKED_SECONDS)
    assert rows_of(store, Callback) == []
    assert outcomes(store) == {}


def test_possible_only_while_the_worker_is_well(uses: Callbacks, line: Line, store: Store) -> None:
    """Half a minute after its last sign of life nothing is promised any more."""
    assert not uses.possible(line, NOON)
    beat(store, "work", NOON)
    assert uses.possible(line, NOON + 29)
    assert not uses.possible(line, NOON + 30)


def test_the_newer_of_two_wishes_for_one_number_is_kept(uses: Callbacks, line: Line, store: Store) -> None:
    """With the attempts of the older: asking again doesn't make a phone ring more often."""
    row = wanted(uses, line)
    ref = taken(uses, row)
    assert uses.dial(ref, NOON) == NUMBER
    uses.over(line, ref, NOON, bridged=False, talked=0)
    newer = wanted(uses, line, "CA2")
    assert newer.tries == 1
    assert [found["id"] for found in rows_of(store, Callback)] == [newer.id]
    assert outcomes(store) == {"wanted": 1}


def test_a_wish_made_while_its_phone_is_called_is_fulfilled_with_it(uses: Callbacks, line: Line, store: Store) -> None:
    """It waits for what becomes of that call, and goes with it."""
    ref = taken(uses, wanted(uses, line))
    assert uses.dial(ref, NOON) == NUMBER
    again = wanted(uses, line, "CA2")
    assert again.next_at == NOON + AGAIN_SECONDS
    wanted(uses, line, "CA3", OTHER)
    uses.over(line, ref, NOON + 100, bridged=True, talked=90)
    assert len(rows_of(store, Callback)) == 1
    assert outcomes(store) == {"wanted": 3, "connected": 2}
    assert to_code(store) == 1


def test_two_workers_ring_one_psychologist(uses: Callbacks, line: Line, store: Store) -> None:
    """Both find the same callback due: one of them has it."""
    row = wanted(uses, line)

    def start(leg: str) -> bool:
        with store.live() as tx:
            return rows.start(tx, row, leg, ALIX, NOON + 40)

    assert sorted(together([lambda: start("one"), lambda: start("two")])) == [False, True]


def test_the_end_of_a_conversation_counts_once(uses: Callbacks, line: Line, store: Store) -> None:
    """However often it is told, in whichever way, at the same moment."""
    ref = taken(uses, wanted(uses, line))
    assert uses.dial(ref, NOON) == NUMBER
    assert uses.accept(ref, NOON + 10)
    told = [
        lambda: uses.over(line, ref, NOON + 100, bridged=True, talked=90),
        lambda: uses.over(line, ref, NOON + 100, bridged=None, talked=0),
        lambda: uses.leg_over(line, ref, "CAleg", NOON + 100),
    ]
    together(told)
    assert rows_of(store, Callback) == []
    assert outcomes(store) == {"wanted": 1, "connected": 1}
    assert to_code(store) == 1


def test_a_leg_whose_time_is_over_changes_nothing(uses: Callbacks, line: Line, store: Store) -> None:
    """Somebody else is being asked by then: a late word of the first psychologist's leg isn't about them."""
    first = taken(uses, wanted(uses, line))
    uses.tidy({"france": line}, NOON + 40)
    with store.read() as connection:
        (row,) = rows.opened(connection, "france")
    assert row.people == {ALIX}
    second = taken(uses, row, "second", BORIS)
    assert uses.look(first) is None
    assert uses.dial(first, NOON + 41) is None
    assert not uses.accept(first, NOON + 41)
    uses.pass_on(first, NOON + 41)
    uses.over(line, first, NOON + 41, bridged=True, talked=10)
    uses.leg_over(line, first, "CAfirst", NOON + 41)
    found = uses.look(second)
    assert found is not None
    assert found.state == State.CALLING


def test_after_three_calls_that_nobody_took_it_is_over(uses: Callbacks, line: Line, store: Store) -> None:
    """Ten minutes apart, each counted once however often it is told."""
    row = wanted(uses, line)
    for nth in range(TRIES):
        ref = taken(uses, row, f"leg{nth}")
        assert uses.dial(ref, NOON) == NUMBER
        uses.over(line, ref, NOON, bridged=False, talked=0)
        uses.over(line, ref, NOON, bridged=False, talked=0)
        uses.leg_over(line, ref, f"CA-leg{nth}", NOON)
        with store.read() as connection:
            found = rows.opened(connection, "france")
        assert [(it.tries, it.next_at) for it in found] == [(nth + 1, NOON + AGAIN_SECONDS)] * (nth < TRIES - 1)
        row = found[0] if found else row
    assert outcomes(store) == {"wanted": 1, "expired": 1}


def test_a_conversation_of_which_all_word_is_lost_ends(uses: Callbacks, line: Line, store: Store) -> None:
    """After the longest talk there can be: the number goes, the call is to be coded."""
    ref = taken(uses, wanted(uses, line))
    uses.dial(ref, NOON)
    uses.accept(ref, NOON)
    uses.tidy({"france": line}, NOON + 7200)
    assert len(rows_of(store, Callback)) == 1
    uses.tidy({"france": line}, NOON + 7500)
    assert rows_of(store, Callback) == []
    assert to_code(store) == 1


def test_a_callback_of_a_line_that_is_gone_expires(uses: Callbacks, line: Line, store: Store) -> None:
    """Somebody took the line out of the configuration: no number stays behind for it."""
    wanted(uses, line)
    uses.tidy({}, NOON + WANTED_SECONDS)
    assert rows_of(store, Callback) == []


def test_a_number_sealed_for_another_row_isnt_called(uses: Callbacks, line: Line, store: Store) -> None:
    """Who can write into the database can't have one person called in another's name."""
    mine, other = wanted(uses, line), wanted(uses, line, "CA2", OTHER)
    with store.live() as tx:
        tx.execute(Callback.__table__.update().where(Callback.id == mine.id).values(sealed=other.sealed))  # type: ignore[attr-defined] # a Table
    assert not uses.readable(replace(mine, sealed=other.sealed))
    assert uses.dial(taken(uses, mine), NOON) is None

"""Of two webhooks that race exactly one wins: real threads, real transactions, both databases."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, insert, text

from helpline.calls.ending import Ending, Over
from helpline.calls.facts import dump_plan
from helpline.calls.planning import Planner
from helpline.calls.ringing import LegRef, Ringing
from helpline.carrier.seal import Seal
from helpline.lines import Line
from helpline.store import live, live_claims, live_legs, live_rows
from helpline.store.erasures import bury, hang_up_later
from helpline.store.sessions import Store
from helpline.store.tables import Erasure, HourlyCount, Leg, LiveCall
from ivr_flows.caller import Place
from ivr_flows.ringing import CallState, LegState
from rota.plan import RingPlan, Target, Wave
from tests.shell import (
    ALIX,
    BORIS,
    NOON,
    SetClock,
    eventually,
    lines_in,
    live_call,
    live_leg,
    put_live,
    rows_of,
    serving,
    some_secrets,
    together,
)

T = TypeVar("T")
ROUNDS = 5
Work = Callable[[Connection, str], bool]


def race(store: Store, works: Sequence[Work], **call: object) -> list[list[bool]]:
    """Who won, in each of several races for a call of its own."""

    def run(work: Work, key: str) -> bool:
        with store.live() as tx:
            return work(tx, key)

    results = []
    for number in range(ROUNDS):
        key = f"call{number}"
        put_live(store, [live_call(key, **call)], [live_leg(f"{key} {leg}", key, None) for leg in range(8)])
        results.append(together([partial(run, work, key) for work in works]))
    return results


def test_one_of_many_claims_wins(store: Store) -> None:
    """Eight psychologists press 1 at the same moment: one gets the caller, the row says who."""
    claims = [lambda tx, key, leg=leg: live_claims.claim(tx, key, f"{key} {leg}", NOON) for leg in range(8)]
    results = race(store, claims)
    assert [sum(result) for result in results] == [1] * ROUNDS
    holders = {row["id"]: row["claimed_leg"] for row in rows_of(store, LiveCall)}
    winners = {f"call{number}": result.index(True) for number, result in enumerate(results)}
    assert holders == {key: f"{key} {leg}" for key, leg in winners.items()}


def test_a_claim_or_a_farewell_wins(store: Store) -> None:
    """The plan ends just as somebody presses 1: the caller stays or goes, never both."""
    results = race(
        store,
        [
            lambda tx, key: live_claims.claim(tx, key, f"{key} 0", NOON),
            lambda tx, key: live.leave(tx, key, 1, CallState.WAITING),
        ],
    )
    assert [sum(result) for result in results] == [1] * ROUNDS
    states = {row["id"]: row["state"] for row in rows_of(store, LiveCall)}
    won = {True: CallState.CLAIMED, False: CallState.LEAVING}
    assert states == {f"call{number}": won[claimed] for number, (claimed, _) in enumerate(results)}


ONCE: dict[str, tuple[Work, dict[str, object]]] = {
    "a wave": (lambda tx, key: live.open_wave(tx, key, 1, 1, NOON), {"wave": 0}),
    "a bridge": (
        lambda tx, key: live_claims.bridged(tx, key, "leg", ALIX, NOON),
        {"state": "claimed", "claimed_leg": "leg"},
    ),
    "a release": (lambda tx, key: live_claims.release(tx, key, "leg"), {"state": "claimed", "claimed_leg": "leg"}),
    "a farewell": (lambda tx, key: live.leave(tx, key, 1, CallState.WAITING), {}),
    "an exit": (lambda tx, key: live.left(tx, key, 1), {"state": "leaving"}),
}


@pytest.mark.parametrize("name", ONCE)
def test_a_step_is_taken_once(store: Store, name: str) -> None:
    """The same webhook several times at once: one takes the step, the others see it taken."""
    work, call = ONCE[name]
    assert [sum(result) for result in race(store, [work] * 6, **call)] == [1] * ROUNDS


def test_a_conversation_ends_once(store: Store) -> None:
    """Repeated at the same moment by the carrier: its seconds are counted once, the attempt grows by one."""

    def work(tx: Connection, key: str) -> bool:
        loaded = live_rows.load(tx, key)
        return loaded is not None and live_claims.parted(tx, loaded.call, ALIX, NOON + 60)

    results = race(store, [work] * 6, state="talking", claimed_leg="leg", bridged_at=NOON)
    assert [sum(result) for result in results] == [1] * ROUNDS
    assert {(row["talked"], row["attempt"]) for row in rows_of(store, LiveCall)} == {(60, 2)}


def test_a_call_is_entered_once(store: Store) -> None:
    """The carrier asks twice for the first document: one row, and the others find it."""

    def work(number: int) -> bool:
        with store.live() as tx:
            return live.insert_call(tx, live_call(f"call{number}"))

    for number in range(ROUNDS):
        assert sum(together([partial(work, number)] * 6)) == 1


def test_a_person_is_rung_for_one_call(store: Store) -> None:
    """Eight calls want the same psychologist at the same moment: one rings, nobody hears a beep while talking."""

    def work(number: int) -> None:
        with store.live() as tx:
            legs = [live_leg(f"a{number}", f"call{number}", ALIX), live_leg(f"b{number}", f"call{number}", BORIS)]
            live.insert_call(tx, live_call(f"call{number}"))
            live_legs.insert_legs(tx, legs)

    together([partial(work, number) for number in range(8)])
    assert Counter(row["person"] for row in rows_of(store, Leg)) == {ALIX: 1, BORIS: 1}
    assert len(rows_of(store, LiveCall)) == 8


def test_a_person_is_free_again_when_the_leg_has_ended(store: Store) -> None:
    """And can be rung for the same call or another."""
    put_live(store, [live_call()], [live_leg("a")])
    with store.live() as tx:
        live_legs.insert_legs(tx, [live_leg("b"), live_leg("c", person=BORIS), live_leg("d", person=None, backup=0)])
        live_legs.insert_legs(tx, [live_leg("e", person=None, backup=1)])
        live_legs.move_leg(tx, "a", (LegState.WANTED,), LegState.ENDED)
        live_legs.insert_legs(tx, [live_leg("f")])
        live_legs.insert_legs(tx, [])
    assert sorted(row["id"] for row in rows_of(store, Leg)) == ["a", "c", "d", "e", "f"]


def test_a_leg_is_leased_to_one_placer(store: Store) -> None:
    """Several processes see the same wanted leg: one of them places it."""
    put_live(store, [live_call()])
    for number in range(ROUNDS):
        with store.live() as tx:
            tx.execute(insert(Leg), live_leg(f"leg{number}", person=None))

        def work(number: int = number) -> bool:
            with store.live() as tx:
                return live_legs.move_leg(tx, f"leg{number}", (LegState.WANTED,), LegState.PLACING)

        assert sum(together([work] * 6)) == 1


# --- PostgreSQL, where two transactions run side by side. (SQLite has one writer.)


def waits_for_a_lock(store: Store) -> bool:
    """Whether some connection is held up by another."""
    with store.read() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


@pytest.fixture
def waiting(postgres_url: str, tmp_path: Path) -> Iterator[tuple[Ringing, Store]]:
    """A caller whose only phone rings in the last wave; the service's use cases and its database."""
    with serving(postgres_url, tmp_path, SetClock()) as service:
        plan = dump_plan(RingPlan((Wave((Target(ALIX, None, "fr", 20),), 20, "exact", 1),)))
        put_live(service.store, [live_call(plan=plan, until=NOON + 600)], [live_leg("leg", state="ringing")])
        yield service.placing.ringing, service.store


@contextmanager
def beside(store: Store, work: Callable[[], T]) -> Iterator[Future[T]]:
    """What `work` answers that begins while a transaction is open, and is held up by it until this is left."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        eventually(lambda: future.done() or waits_for_a_lock(store))
        assert not future.done(), "it didn't wait for the other transaction"
        yield future


ALIX_LEG = LegRef("call", "leg", 1, ALIX, "fr")


def state_of(store: Store) -> CallState:
    """Where the caller is."""
    with store.read() as connection:
        loaded = live_rows.load(connection, "call")
    assert loaded is not None
    return loaded.call.state


def test_nobody_leaves_beside_a_pick_up(waiting: tuple[Ringing, Store], tmp_path: Path) -> None:
    """The plan is over in the very moment in which the phone is picked up: the caller stays for the whisper."""
    ringing, store = waiting
    line = lines_in(tmp_path)["france"]
    with ExitStack() as stack:
        with store.live() as tx:
            live.lock(tx, "call")
            live_legs.move_leg(tx, "leg", live_legs.RINGABLE, LegState.SCREENING, None, NOON + 630)
            # The tick has seen a phone that rings, and gives it up when its turn comes.
            late = stack.enter_context(beside(store, partial(ringing.look, line, "call", NOON + 600, 9)))
        assert late.result(10) is not None
        assert ringing.claim(ALIX_LEG, NOON + 601) is not None
    assert state_of(store) == CallState.CLAIMED


def test_a_pick_up_waits_for_a_farewell(waiting: tuple[Ringing, Store]) -> None:
    """The other way round: whoever picks up as the caller is told to leave doesn't get them."""
    ringing, store = waiting
    with ExitStack() as stack:
        with store.live() as tx:
            live.lock(tx, "call")
            assert live.leave(tx, "call", 1, CallState.WAITING)
            late = stack.enter_context(beside(store, partial(ringing.screen, ALIX_LEG, "CAleg", NOON)))
        late.result(10)
    assert state_of(store) == CallState.LEAVING
    loaded = ringing.claim(ALIX_LEG, NOON + 1)
    assert loaded is not None
    assert loaded.call.claimed_leg is None


def test_a_claim_beside_a_change_of_queues_wins(waiting: tuple[Ringing, Store]) -> None:
    """A bridge came to nothing and the caller goes to a new queue with the phones that ring: 1 pressed then counts."""
    ringing, store = waiting
    with ExitStack() as stack:
        with store.live() as tx:
            assert live_claims.requeue(tx, "call", 1)
            late = stack.enter_context(beside(store, partial(ringing.claim, ALIX_LEG, NOON)))
        loaded = late.result(10)
    assert loaded is not None
    assert (loaded.call.claimed_leg, loaded.call.attempt, loaded.call.state) == ("leg", 2, CallState.CLAIMED)


def test_two_claims_beside_each_other(waiting: tuple[Ringing, Store]) -> None:
    """The second waits for the first, and sees that it was first."""
    ringing, store = waiting
    put_live(store, [live_call("x")], [live_leg("other", person=BORIS, state="screening")])
    with ExitStack() as stack:
        with store.live() as tx:
            assert live_claims.claim(tx, "call", "other", NOON)
            late = stack.enter_context(beside(store, partial(ringing.claim, ALIX_LEG, NOON)))
        loaded = late.result(10)
    assert loaded is not None
    assert loaded.call.claimed_leg == "other"


def test_a_claim_beside_the_ring_of_its_own_phone(waiting: tuple[Ringing, Store]) -> None:
    """Their leg was given up, and another caller's wave rings them in the very moment in which they press 1."""
    ringing, store = waiting
    with ExitStack() as stack:
        with store.live() as tx:
            live_legs.move_leg(tx, "leg", live_legs.RINGABLE, LegState.ENDED, "lost")
        with store.live() as tx:
            live.insert_call(tx, live_call("another"))
            live_legs.insert_legs(tx, [live_leg("beep", "another")])
            late = stack.enter_context(beside(store, partial(ringing.claim, ALIX_LEG, NOON)))
        loaded = late.result(10)
    assert loaded is not None
    assert loaded.call.claimed_leg == "leg"
    assert {row["id"]: row["state"] for row in rows_of(store, Leg)} == {"leg": "talking", "beep": "ended"}


WITH_ITS_LEGS: dict[str, Callable[[Ringing, Line], object]] = {
    "a tick": lambda ringing, line: ringing.look(line, "call", NOON + 700, 1),
    "a hand-over": lambda ringing, line: ringing.pass_on(line, ALIX_LEG, NOON),
}


@pytest.mark.parametrize("what", WITH_ITS_LEGS)
def test_whoever_changes_a_call_with_its_legs_waits_for_the_call_first(
    waiting: tuple[Ringing, Store], tmp_path: Path, what: str
) -> None:
    """A claim has the call and wants the legs: one who had a leg and wanted the call would wait for it for ever."""
    ringing, store = waiting
    line = lines_in(tmp_path)["france"]
    with ExitStack() as stack:
        with store.live() as tx:
            live.lock(tx, "call")
            late = stack.enter_context(beside(store, partial(WITH_ITS_LEGS[what], ringing, line)))
            live_legs.move_leg(tx, "leg", live_legs.RINGABLE, LegState.ENDED, "cancelled")
            hang_up_later(tx, "CAleg", NOON)
        late.result(10)


def test_the_end_of_a_call_waits_for_whoever_changes_it(waiting: tuple[Ringing, Store], tmp_path: Path) -> None:
    """The same: it counts by what they leave."""
    _, store = waiting
    line, ending = lines_in(tmp_path)["france"], Ending(store, Seal(some_secrets().seal_keys), lambda: None)
    with ExitStack() as stack:
        with store.live() as tx:
            live.lock(tx, "call")
            late = stack.enter_context(beside(store, partial(ending.finish, line, "CAcall", completed=True, now=NOON)))
            live_legs.move_leg(tx, "leg", live_legs.RINGABLE, LegState.ENDED, "cancelled")
        assert late.result(10)
    assert rows_of(store, LiveCall) == []


def test_two_lines_look_for_one_coordinator_in_turn(waiting: tuple[Ringing, Store]) -> None:
    """Whoever rings backup numbers is alone in it: the second sees what the first is about to ring."""
    _, store = waiting
    with ExitStack() as stack:
        with store.live() as tx:
            assert live_legs.busy_backups(tx, NOON) == frozenset()
            late = stack.enter_context(beside(store, partial(_busy_backups, store)))
            live_legs.insert_legs(tx, [live_leg("number", person=None, backup=0)])
        assert late.result(10) == {("france", 0)}


def _busy_backups(store: Store) -> frozenset[tuple[str, int]]:
    with store.live() as tx:
        return live_legs.busy_backups(tx, NOON)


ENDS: dict[str, Callable[[Ending, Line], bool]] = {
    "the carrier says": lambda ending, line: ending.finish(line, "CAnew", completed=True, now=NOON + 1),
    "the carrier was asked": lambda ending, line: ending.conclude(line, "CAnew", Over(NOON, NOON + 1), NOON + 1),
}


@pytest.mark.parametrize("how", ENDS)
def test_who_hangs_up_beside_their_entry_is_rung_for_no_more(
    waiting: tuple[Ringing, Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """The end is told while the first wave is planned: it waits for the row, counts by it and takes it away."""
    ringing, store = waiting
    line, ending = lines_in(tmp_path)["france"], Ending(store, Seal(some_secrets().seal_keys), lambda: None)
    told: list[Future[bool]] = []
    with ExitStack() as stack:

        def plan(*_: object) -> RingPlan:
            told.append(stack.enter_context(beside(store, partial(ENDS[how], ending, line))))
            return RingPlan((Wave((Target(BORIS, None, "fr", 20),), 20, "exact", 1),))

        monkeypatch.setattr(Planner, "plan", plan)
        assert ringing.enter(line, Place("ring", "fr"), "CAnew", NOON) is not None
    assert [future.result(10) for future in told] == [True]
    assert [row["uncounted"] for row in rows_of(store, Erasure)] == [None]
    assert [(row["outcome"], row["n"]) for row in rows_of(store, HourlyCount)] == [("abandoned", 1)]
    assert nobody_new(store)


def test_who_enters_beside_their_end_is_not_rung_for(waiting: tuple[Ringing, Store], tmp_path: Path) -> None:
    """The other way round: a late request for a document waits until the call is buried, and finds it so."""
    ringing, store = waiting
    enter = partial(ringing.enter, lines_in(tmp_path)["france"], Place("ring", "fr"), "CAnew", NOON)
    with ExitStack() as stack:
        with store.durable() as tx:
            assert bury(tx, "CAnew", NOON)
            late = stack.enter_context(beside(store, enter))
        assert late.result(10) is None
    assert nobody_new(store)


def nobody_new(store: Store) -> bool:
    """Whether no call but the first waits, and no phone but its own rings."""
    return [row["id"] for table in (LiveCall, Leg) for row in rows_of(store, table)] == ["call", "leg"]

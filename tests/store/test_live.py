"""Rows of calls in progress: every change names the state it leaves, and nothing else changes anything."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, update

from helpline.store import live, live_claims, live_legs, live_rows
from helpline.store.live import Planned
from helpline.store.live_rows import CallRow, LegRow
from helpline.store.sessions import Store
from helpline.store.tables import Leg, LiveCall
from ivr_flows.ringing import CallState, LegState
from tests.shell import ALIX, BORIS, NOON, live_call, live_leg, put_live, rows_of

W, C, T, P, M, LEAVING, LEFT = CallState
LATER = NOON + 100
PLANNED = Planned("{}", LATER + 120, held=True)
Op = Callable[[Connection], bool]


def as_read(tx: Connection) -> CallRow:
    """The call as it stands."""
    loaded = live_rows.load(tx, "call")
    assert loaded is not None
    return loaded.call


OPS: dict[str, tuple[Op, dict[CallState, CallState]]] = {
    "open a wave": (lambda tx: live.open_wave(tx, "call", 1, 1, LATER), {W: W}),
    "claim": (lambda tx: live_claims.claim(tx, "call", "leg", LATER), {W: C}),
    "claim back": (lambda tx: live_claims.claim_back(tx, "call", "leg", LATER), {P: C}),
    "bridge": (lambda tx: live_claims.bridged(tx, "call", "leg", ALIX, LATER), {C: T}),
    "part": (lambda tx: live_claims.parted(tx, as_read(tx), ALIX, LATER), {W: P, C: P, T: P, M: P}),
    "part again": (lambda tx: live_claims.parted_again(tx, "call", 1, LATER), {P: P}),
    "be still there": (lambda tx: live_claims.still(tx, "call", "leg", LATER), {P: P}),
    "meet": (lambda tx: live_claims.meet(tx, "call", LATER), {P: M}),
    "enter the room": (lambda tx: live_claims.entered(tx, "call", 1, LATER), {M: M}),
    "not meet": (lambda tx: live_claims.unmeet(tx, "call"), {M: P}),
    "claim from": (lambda tx: live_claims.claim_from(tx, "call", "leg", "other", LATER), {P: C}),
    "bridge to a service": (lambda tx: live_claims.bridged_to_service(tx, "call", "leg", LATER), {C: T}),
    "undo a service's claim": (lambda tx: live_claims.unclaim(tx, "call", "leg"), {C: P, T: P}),
    "doubt": (lambda tx: live_claims.doubt(tx, "call", "leg", 4, LATER), {C: C, T: T}),
    "release": (lambda tx: live_claims.release(tx, "call", "leg"), {C: W, T: W}),
    "queue again": (lambda tx: live_claims.requeue(tx, "call", 1), {W: W, C: W, T: W}),
    "leave": (lambda tx: live.leave(tx, "call", 1, W), {W: LEAVING}),
    "leave after a cut-off": (lambda tx: live.leave(tx, "call", 1, P), {P: LEAVING}),
    "be outside": (lambda tx: live.left(tx, "call", 1), {W: LEFT, C: LEFT, T: LEFT, P: LEFT, M: LEFT, LEAVING: LEFT}),
    "start again": (
        lambda tx: live.restart(tx, as_read(tx), as_read(tx).attempt + 1, PLANNED, LATER),
        dict.fromkeys(CallState, W),
    ),
}
"""What can happen to a call of attempt 1 that the leg `leg` holds, and from which state it leads where."""
STALE: dict[str, Op] = {
    "open a wave": lambda tx: live.open_wave(tx, "call", 1, 2, LATER),
    "open a wave of another attempt": lambda tx: live.open_wave(tx, "call", 2, 1, LATER),
    "claim by a leg of another attempt": lambda tx: live_claims.claim(tx, "call", "early", LATER),
    "claim by a leg that isn't there": lambda tx: live_claims.claim(tx, "call", "none", LATER),
    "claim what another leg holds": lambda tx: as_read(tx).state != W and live_claims.claim(tx, "call", "other", LATER),
    "claim back what another leg held": lambda tx: live_claims.claim_back(tx, "call", "other", LATER),
    "bridge another leg": lambda tx: live_claims.bridged(tx, "call", "other", ALIX, LATER),
    "part another attempt": lambda tx: live_claims.parted(tx, replace(as_read(tx), attempt=2), ALIX, LATER),
    "part again after another attempt": lambda tx: live_claims.parted_again(tx, "call", 2, LATER),
    "be still there with another leg": lambda tx: live_claims.still(tx, "call", "other", LATER),
    "enter the room of another attempt": lambda tx: live_claims.entered(tx, "call", 2, LATER),
    "claim from who doesn't hold it": lambda tx: live_claims.claim_from(tx, "call", "early", "other", LATER),
    "bridge another leg to a service": lambda tx: live_claims.bridged_to_service(tx, "call", "other", LATER),
    "undo another's claim": lambda tx: live_claims.unclaim(tx, "call", "other"),
    "doubt another leg": lambda tx: live_claims.doubt(tx, "call", "other", 4, LATER),
    "release another leg": lambda tx: live_claims.release(tx, "call", "other"),
    "queue another attempt again": lambda tx: live_claims.requeue(tx, "call", 2),
    "leave another attempt": lambda tx: live.leave(tx, "call", 2, as_read(tx).state),
    "be outside another attempt": lambda tx: live.left(tx, "call", 2),
    "start another attempt again": lambda tx: live.restart(tx, replace(as_read(tx), attempt=2), 3, PLANNED, LATER),
    "change another call": lambda tx: live_claims.claim(tx, "another call", "leg", LATER),
}


def fresh(store: Store, state: CallState, **values: Any) -> None:  # noqa: ANN401 - columns of every type
    """One call in this state, held by its leg."""
    with store.live() as tx:
        tx.execute(delete(Leg))
        tx.execute(delete(LiveCall))
    others = [live_leg("other", person=BORIS), live_leg("early", person=None, attempt=0)]
    call = live_call(state=state, **{"claimed_leg": "leg", **values})
    put_live(store, [call], [live_leg("leg", state="talking"), *others])


@pytest.mark.parametrize("name", OPS)
def test_a_change_leaves_the_states_it_names(store: Store, name: str) -> None:
    """From these states it leads where it should, from every other it changes nothing."""
    op, leads = OPS[name]
    for state in CallState:
        fresh(store, state)
        before = rows_of(store, LiveCall)
        with store.live() as tx:
            assert op(tx) is (state in leads), state
            assert as_read(tx).state == leads.get(state, state)
        assert state in leads or rows_of(store, LiveCall) == before


@pytest.mark.parametrize("name", STALE)
def test_what_comes_too_late_changes_nothing(store: Store, name: str) -> None:
    """Another attempt, another leg, another wave: whatever state the call is in."""
    for state in CallState:
        fresh(store, state)
        before = rows_of(store, LiveCall)
        with store.live() as tx:
            assert not STALE[name](tx), state
        assert rows_of(store, LiveCall) == before


ARROWS = {(W, C), (C, T), (T, P), (C, P), (W, P), (P, W), (P, C), (C, W), (T, W), (W, LEAVING), (P, LEAVING), (LEFT, W)}
ARROWS |= {(P, M), (M, P)}


@given(st.lists(st.sampled_from(sorted(OPS)), max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_a_call_goes_along_the_arrows_only(sqlite: Store, names: list[str]) -> None:
    """Whatever webhooks arrive in whatever order; outside the queue one can be from anywhere, and start again."""
    fresh(sqlite, W, claimed_leg=None)
    for name in names:
        with sqlite.live() as tx:
            before = as_read(tx)
            OPS[name][0](tx)
            after = as_read(tx)
        step = (before.state, after.state)
        assert (
            step[0] == step[1] or step in ARROWS or after.state == LEFT or (name == "start again" and after.state == W)
        )
        assert after.attempt >= before.attempt
        assert after.talked >= before.talked
        assert (after.claimed_leg is not None) or after.state not in {C, T}


def test_rows_are_read_as_they_are_stored(store: Store) -> None:
    """Every column in its place, states and languages as the pure machines know them."""
    call = live_call(category="category-doctor", waited=7, talked=3, person=BORIS, ring_backs=1)
    rows = [live_leg("a", outcome="declined", carrier_id="CAa"), live_leg("b", person=None, backup=1, attempt=2)]
    put_live(store, [call], rows)
    with store.read() as connection:
        loaded = live_rows.load(connection, "call")
        leg = live_rows.load_leg(connection, "b")
    assert loaded is not None
    assert {name: getattr(loaded.call, name) for name in call} == call
    assert isinstance(loaded.call.state, CallState)
    assert [{name: getattr(each, name) for name in row} for each, row in zip(loaded.legs, rows, strict=True)] == rows
    assert leg == loaded.leg("b")
    assert isinstance(leg, LegRow)
    assert isinstance(leg.state, LegState)


def test_rows_have_the_columns_of_their_tables() -> None:
    """Columns and fields have the same names in the same order: rows are read by position."""
    for row, table in ((CallRow, LiveCall), (LegRow, Leg)):
        assert [field.name for field in fields(row)] == [column.name for column in table.__table__.c]


def test_what_is_over_is_not_found(store: Store) -> None:
    """Neither a call nor a leg, nor a leg of a call that has none."""
    put_live(store, [live_call()])
    with store.read() as connection:
        assert live_rows.load(connection, "gone") is None
        assert live_rows.load_leg(connection, "gone") is None
        loaded = live_rows.load(connection, "call")
    assert loaded is not None
    assert loaded.legs == ()
    assert loaded.leg("gone") is loaded.leg(None) is None


def test_nobody_leaves_while_somebody_listens_to_the_whisper(store: Store) -> None:
    """They may be about to press 1; once that phone is down again, the caller may go."""
    put_live(store, [live_call()], [live_leg("leg", state="screening")])
    with store.live() as tx:
        assert not live.leave(tx, "call", 1, W)
        live_legs.move_leg(tx, "leg", (LegState.SCREENING,), LegState.ENDED)
        assert live.leave(tx, "call", 1, W)


def test_the_wait_is_the_first_answers(store: Store) -> None:
    """Cut off, rung back and answered again: what counts is how long the caller waited for a human at all."""
    put_live(store, [live_call(entered_at=NOON)], [live_leg("leg")])
    with store.live() as tx:
        live_claims.claim(tx, "call", "leg", NOON + 30)
        live_claims.bridged(tx, "call", "leg", ALIX, NOON + 33)
        live_claims.parted(tx, as_read(tx), ALIX, NOON + 93)
        live.restart(tx, as_read(tx), 2, PLANNED, NOON + 100, ring_backs=1)
        live_legs.move_leg(tx, "leg", tuple(LegState), LegState.ENDED)
        live_legs.insert_legs(tx, [live_leg("again", attempt=2)])
        assert live_claims.claim(tx, "call", "again", NOON + 110)
        assert live_claims.bridged(tx, "call", "again", ALIX, NOON + 115)
        call = as_read(tx)
    assert (call.waited, call.talked, call.ring_backs) == (33, 60, 1)


def test_a_bridge_that_nobody_announced_counts_from_its_claim(store: Store) -> None:
    """The announcement was lost, but the carrier says at the end that they talked."""
    put_live(store, [live_call(entered_at=NOON)], [live_leg("leg")])
    with store.live() as tx:
        live_claims.claim(tx, "call", "leg", NOON + 40)
        assert live_claims.parted(tx, as_read(tx), ALIX, NOON + 100)
        call = as_read(tx)
    assert (call.waited, call.talked, call.person) == (40, 60, ALIX)


def test_a_second_bridge_that_nobody_claimed_does_not_count_the_first_again(store: Store) -> None:
    """Claimed while the database was away: its length is unknown, and the first conversation stays what it was."""
    put_live(store, [live_call(entered_at=NOON)], [live_leg("leg")])
    with store.live() as tx:
        live_claims.claim(tx, "call", "leg", NOON + 10)
        live_claims.bridged(tx, "call", "leg", ALIX, NOON + 10)
        live_claims.parted(tx, as_read(tx), ALIX, NOON + 610)
        live.restart(tx, as_read(tx), 2, PLANNED, NOON + 620)
        assert live_claims.parted(tx, as_read(tx), BORIS, NOON + 900)
        assert as_read(tx).talked == 600


def test_a_claim_that_failed_takes_nothing_back(store: Store) -> None:
    """A caller who has talked has been answered, be it for no second at all, whatever becomes of a later claim."""
    put_live(store, [live_call(entered_at=NOON)], [live_leg("leg")])
    with store.live() as tx:
        live_claims.claim(tx, "call", "leg", NOON + 20)
        live_claims.bridged(tx, "call", "leg", ALIX, NOON + 21)
        live_claims.parted(tx, as_read(tx), ALIX, NOON + 21)
        assert live_claims.claim_back(tx, "call", "leg", NOON + 24)
        assert live_claims.release(tx, "call", "leg")
        assert as_read(tx).waited == 21


def test_a_caller_who_was_not_connected_waits_on(store: Store) -> None:
    """In a new queue, with whoever hears the whisper; the phones that the claim silenced are rung once more."""
    put_live(store, [live_call(entered_at=NOON, wave=1)], [live_leg("leg"), live_leg("other", person=BORIS)])
    with store.live() as tx:
        live_claims.claim(tx, "call", "leg", NOON + 20)
        live_claims.bridged(tx, "call", "leg", ALIX, NOON + 22)
        assert live_claims.requeue(tx, "call", 1)
        call = as_read(tx)
        assert (call.attempt, call.wave, call.claimed_leg, call.waited) == (2, 0, None, None)
        assert live_claims.claim(tx, "call", "other", NOON + 25)


def test_a_caller_whose_queue_failed_waits_on(store: Store) -> None:
    """Nobody had claimed the call: the phones ring on, and no wave starts anew."""
    put_live(store, [live_call(wave=1)], [live_leg("leg")])
    with store.live() as tx:
        assert live_claims.requeue(tx, "call", 1)
        assert (as_read(tx).attempt, as_read(tx).wave) == (2, 1)
        assert live_claims.claim(tx, "call", "leg", NOON + 25)


def test_a_call_is_found_by_its_carriers_id(store: Store) -> None:
    """When its own can't be computed any more: with its legs, like any other."""
    put_live(store, [live_call(), live_call("other")], [live_leg("leg")])
    with store.read() as connection:
        assert live_rows.find(connection, "CAcall") == live_rows.load(connection, "call")
        assert live_rows.find(connection, "CAnone") is None


def test_a_call_that_goes_by_another_id_keeps_its_past(store: Store) -> None:
    """It waits again, without the phones that were rung under the other."""
    call = live_call(
        state="talking", claimed_leg="leg", waited=7, talked=5, bridged_at=NOON, category="category-doctor"
    )
    put_live(store, [call], [live_leg("leg", state="talking"), live_leg("whisper", person=BORIS, state="screening")])
    with store.live() as tx:
        live.rename(tx, as_read(tx), "new", NOON + 60)
        assert live_rows.load(tx, "call") is None
        loaded = live_rows.load(tx, "new")
    assert loaded is not None
    renamed = loaded.call
    assert (renamed.state, renamed.attempt, renamed.claimed_leg, renamed.carrier_id) == (W, 1, None, "CAcall")
    assert (renamed.waited, renamed.talked, renamed.category) == (7, 65, "category-doctor")
    assert loaded.legs == ()


def test_a_claim_that_never_bridged_answered_nobody(store: Store) -> None:
    """Not even if the bridge was announced: the caller was still there to ask for the next wait document."""
    put_live(store, [live_call(entered_at=NOON)], [live_leg("leg")])
    with store.live() as tx:
        live_claims.claim(tx, "call", "leg", NOON + 20)
        live_claims.bridged(tx, "call", "leg", ALIX, NOON + 21)
        assert live_claims.release(tx, "call", "leg")
        assert as_read(tx).waited is None


def test_a_carriers_id_is_taken_once(store: Store) -> None:
    """Whoever learns it first: the answer to the creation, or the leg's own webhooks."""
    put_live(store, [live_call()], [live_leg("leg")])
    with store.live() as tx:
        assert live_legs.adopt(tx, "leg", "CA1")
        assert not live_legs.adopt(tx, "leg", "CA2")
        assert live_legs.move_leg(tx, "leg", (LegState.WANTED,), LegState.RINGING, None, NOON + 5, "CA3")
        leg = live_rows.load_leg(tx, "leg")
    assert leg is not None
    assert (leg.carrier_id, leg.state, leg.until) == ("CA1", LegState.RINGING, NOON + 5)


def test_a_leg_keeps_what_it_is_not_given(store: Store) -> None:
    """Its time and its carrier's id; its outcome is always the newest."""
    put_live(store, [live_call()], [live_leg("leg", until=NOON + 60, carrier_id="CA1", outcome="x")])
    with store.live() as tx:
        assert live_legs.move_leg(tx, "leg", (LegState.WANTED, LegState.PLACING), LegState.PLACING)
        assert not live_legs.move_leg(tx, "leg", (LegState.WANTED,), LegState.ENDED, "late")
        leg = live_rows.load_leg(tx, "leg")
    assert leg is not None
    assert (leg.state, leg.until, leg.carrier_id, leg.outcome) == (LegState.PLACING, NOON + 60, "CA1", None)


def test_a_doubt_is_of_one_claim(store: Store) -> None:
    """The next claim begins without it, and so does whoever goes back to the caller."""
    put_live(store, [live_call()], [live_leg("leg")])
    with store.live() as tx:
        live_claims.claim(tx, "call", "leg", NOON)
        live_claims.doubt(tx, "call", "leg", 4, NOON + 9)
        assert (as_read(tx).doubt, as_read(tx).doubt_at) == (4, NOON + 9)
        live_claims.release(tx, "call", "leg")
        live_claims.claim(tx, "call", "leg", NOON + 20)
        assert (as_read(tx).doubt, as_read(tx).doubt_at) == (0, 0)
        live_claims.doubt(tx, "call", "leg", 6, NOON + 29)
        live_claims.parted(tx, as_read(tx), ALIX, NOON + 30)
        live_claims.claim_back(tx, "call", "leg", NOON + 33)
        assert (as_read(tx).doubt, as_read(tx).doubt_at) == (0, 0)


def test_a_wave_counts_from_when_it_was_due(store: Store) -> None:
    """And is no sign of the caller: a psychologist's no opens one, too."""
    put_live(store, [live_call(heartbeat_at=NOON)])
    with store.live() as tx:
        assert live.open_wave(tx, "call", 1, 1, NOON + 20)
        assert (as_read(tx).wave_at, as_read(tx).heartbeat_at) == (NOON + 20, NOON)


def test_a_wait_begins_anew_with_its_plan(store: Store) -> None:
    """Its end, and whether everybody was busy, are the new plan's."""
    put_live(store, [live_call(until=NOON + 60, wave=2)])
    with store.live() as tx:
        assert live.restart(tx, as_read(tx), 2, Planned("{new}", LATER + 99, held=True), LATER, ring_backs=1)
        call = as_read(tx)
    assert (call.plan, call.until, call.held, call.queued_at, call.wave) == ("{new}", LATER + 99, True, LATER, -1)
    assert (call.entered_at, call.ring_backs) == (NOON, 1)


def test_a_call_is_alive_as_long_as_it_is_asked_for(store: Store) -> None:
    """Its heartbeat, and nobody else's."""
    put_live(store, [live_call(), live_call("other")])
    with store.live() as tx:
        live.heartbeat(tx, "call", LATER)
        tx.execute(update(LiveCall).where(LiveCall.id == "other").values(talked=1))
    assert {row["id"]: row["heartbeat_at"] for row in rows_of(store, LiveCall)} == {"call": LATER, "other": NOON}

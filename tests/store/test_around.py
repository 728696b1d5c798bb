"""Who is on the phone, and who waits for them: what a plan depends on beside the line and the hour."""

import pytest

from helpline.store import around, live, live_legs, live_rows
from helpline.store.around import FRESH_SECONDS, Around, Held
from helpline.store.sessions import Store
from helpline.store.tables import Leg, LiveCall
from ivr_flows.ringing import LONGEST_LEG, SKEW_SECONDS, CallState, LegState
from tests.shell import ALIX, BORIS, NOON, live_call, live_leg, put_live, rows_of


@pytest.mark.parametrize("state", LegState)
def test_whoever_rings_or_talks_is_busy(store: Store, state: LegState) -> None:
    """And is left out of the next plan; a backup number is nobody's."""
    legs = [live_leg("a", state=state), live_leg("b", person=BORIS, state="ended"), live_leg("c", person=None)]
    put_live(store, [live_call()], legs)
    with store.read() as connection:
        found = around.around(connection, NOON)
    assert found == Around(0, frozenset() if state == LegState.ENDED else frozenset({ALIX}), ())


def test_whoever_is_on_the_phone_after_the_call_is_busy(store: Store) -> None:
    """Being thanked, or keying a reason: until the carrier says that they hung up."""
    put_live(store, [live_call()], [live_leg("leg", state="talking", outcome=None)])
    with store.live() as tx:
        live_legs.leave_alone(tx, "leg", NOON + 180)
        live.end(tx, "call")
        leg = live_rows.load_leg(tx, "leg")
        assert leg is not None
        assert (leg.call_id, leg.state, leg.outcome, leg.until) == (None, LegState.HELD, "over", NOON + 180)
        assert around.around(tx, NOON + 179).busy == {ALIX}
        live_legs.forget_leg(tx, "leg")
        assert around.around(tx, NOON + 179).busy == frozenset()


def test_nobody_is_busy_for_ever(store: Store) -> None:
    """The carrier's word was lost: when the leg's time is over it is forgotten, and its person can be rung again."""
    put_live(store, [live_call()], [live_leg("leg")])
    with store.live() as tx:
        live_legs.leave_alone(tx, "leg", NOON + 60)
        assert around.around(tx, NOON + 60).busy == frozenset()
        live_legs.insert_legs(tx, [live_leg("next")])
    assert [row["id"] for row in rows_of(store, Leg)] == ["next"]


@pytest.mark.parametrize("back", [LONGEST_LEG, 3600])
def test_nobody_is_busy_until_the_old_time_comes_again(store: Store, back: int) -> None:
    """The clock was set back: a phone said to be off the hook for so long isn't believed."""
    put_live(store, [live_call()], [live_leg("leg"), live_leg("number", person=None, backup=0)])
    with store.live() as tx:
        live_legs.leave_alone(tx, "leg", NOON + 60)
        live_legs.leave_alone(tx, "number", NOON + 60)
        assert live_legs.busy_backups(tx, NOON + 60 - back) == ({("france", 0)} if back == LONGEST_LEG else set())
        assert around.around(tx, NOON + 60 - back).busy == ({ALIX} if back == LONGEST_LEG else set())
    assert bool(rows_of(store, Leg)) == (back == LONGEST_LEG)


def test_a_leg_whose_call_goes_on_is_not_forgotten(store: Store) -> None:
    """The waves decide about it, whatever its time."""
    put_live(store, [live_call()], [live_leg("leg", until=NOON - 60)])
    with store.live() as tx:
        live_legs.forget_leg(tx, "leg")
        live_legs.forget_alone(tx, NOON)
        assert around.around(tx, NOON).busy == {ALIX}


def test_what_a_call_leaves_behind_is_what_was_left_alone(store: Store) -> None:
    """Every other leg goes with its call."""
    put_live(store, [live_call(), live_call("other")], [live_leg("a"), live_leg("b", person=BORIS, state="ended")])
    with store.live() as tx:
        live_legs.leave_alone(tx, "a", NOON + 60)
        live.end(tx, "call")
    assert [row["id"] for row in rows_of(store, Leg)] == ["a"]
    assert [row["id"] for row in rows_of(store, LiveCall)] == ["other"]


def test_who_waits_for_somebody_to_be_free_is_known_in_order(store: Store) -> None:
    """Oldest first, whatever the line; whoever is being connected, has left or can be rung for waits for nobody."""
    calls = [
        live_call("young", held=True, entered_at=NOON + 5),
        live_call("old", held=True, entered_at=NOON, line="belgium", language="nl"),
        live_call("rung", held=False, entered_at=NOON - 5),
        *(live_call(state, held=True, state=state) for state in CallState if state != CallState.WAITING),
    ]
    put_live(store, calls)
    with store.read() as connection:
        held = around.around(connection, NOON + 10).held
    assert held == (Held(NOON, "old", "belgium", "nl"), Held(NOON + 5, "young", "france", "fr"))


def test_whoever_waited_and_was_not_heard_of_keeps_nobody_back(store: Store) -> None:
    """They hung up, and the carrier's word of it was lost; or the clock was set back, and nobody can tell."""
    put_live(store, [live_call(held=True, heartbeat_at=NOON)])
    with store.read() as connection:
        assert [len(around.around(connection, NOON + FRESH_SECONDS + late).held) for late in (-1, 0)] == [1, 0]
        assert [len(around.around(connection, NOON - back).held) for back in (SKEW_SECONDS, 3600)] == [1, 0]


def test_backup_numbers_are_busy_by_line_and_place(store: Store) -> None:
    """Until their phone is down; after a call whose end was lost until their time is over."""
    legs = [
        live_leg("a", person=None, backup=0),
        live_leg("b", person=None, backup=1, line="belgium", state="talking"),
        live_leg("c", person=None, backup=2, state="ended"),
        live_leg("d", person=None, backup=3, state="held"),
        live_leg("e", person=BORIS),
    ]
    put_live(store, [live_call(), live_call("other")], legs)
    with store.live() as tx:
        live_legs.leave_alone(tx, "d", NOON + 60)
        assert live_legs.busy_backups(tx, NOON + 59) == {("france", 0), ("belgium", 1), ("france", 3)}
        assert live_legs.busy_backups(tx, NOON + 60) == {("france", 0), ("belgium", 1)}

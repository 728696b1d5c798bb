"""A swap's life: every state with every event, and the shifts it is bound to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.edit import make
from rota.model import Shift
from rota.oncall import Roster, who
from rota.swap import (
    ANY,
    OPEN,
    OVER,
    Accept,
    Approve,
    Event,
    GiveBack,
    Lapse,
    Refusal,
    Refuse,
    State,
    Swap,
    Withdraw,
    exchange,
    lapsed,
    step,
)
from tests.rota.strategies import TEAM, shifts

GIVER, TAKER, OTHER = 1, 2, 3
NOW = 0
OFFER = Swap(7, 10, GIVER, None, None, "offered", NOW)
GIVEN = Shift(10, "france", 1, GIVER, 100, 200)
BACK = Shift(11, "belgium", 2, TAKER, 300, 400)
STATES: tuple[State, ...] = ("offered", "accepted", "done", "refused", "withdrawn", "void")
ALLOWED = {
    ("offered", "accept"): "done",
    ("offered", "accept for approval"): "accepted",
    ("accepted", "approve"): "done",
    ("offered", "refuse"): "refused",
    ("accepted", "refuse"): "refused",
    ("offered", "withdraw"): "withdrawn",
    ("accepted", "withdraw"): "withdrawn",
    ("offered", "lapse"): "void",
    ("accepted", "lapse"): "void",
    ("done", "give back"): "void",
}
EVENTS: dict[str, Event] = {
    "accept": Accept(TAKER, None, approval=False),
    "accept for approval": Accept(TAKER, None, approval=True),
    "approve": Approve(),
    "refuse": Refuse(),
    "withdraw": Withdraw(),
    "lapse": Lapse(),
    "give back": GiveBack(),
}


def reason(answer: Swap | Refusal) -> str:
    """Why not."""
    assert isinstance(answer, Refusal)
    return answer.reason


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("event", EVENTS)
def test_each_state_with_each_event(state: State, event: str) -> None:
    """Leads on where the table says so, and is refused in words everywhere else."""
    answer = step(replace(OFFER, state=state, taker=TAKER), EVENTS[event])
    if (state, event) in ALLOWED:
        assert isinstance(answer, Swap)
        assert answer.state == ALLOWED[state, event]
    else:
        assert reason(answer) == OVER[state]


@given(st.lists(st.sampled_from(sorted(EVENTS)), max_size=8))
def test_a_swap_is_made_once_at_most_and_is_over_for_good(events: list[str]) -> None:
    """Whatever comes in whatever order: what is over stays over, and the shifts change hands once."""
    swap, made, over = OFFER, 0, False
    for event in events:
        answer = step(swap, EVENTS[event])
        if isinstance(answer, Refusal):
            continue
        assert not over
        made += answer.state == "done"
        over = answer.state not in {*OPEN, "done"}
        swap = answer
    assert made <= 1


def test_whoever_accepts_is_its_taker() -> None:
    """And what they give back is kept with it."""
    answer = step(replace(OFFER, back=ANY), Accept(TAKER, BACK.id, approval=True))
    assert answer == replace(OFFER, state="accepted", taker=TAKER, back=BACK.id)


@pytest.mark.parametrize(
    ("offered", "accepted", "why"),
    [
        ({}, Accept(GIVER, None, approval=False), "their own offer"),
        ({"taker": TAKER}, Accept(OTHER, None, approval=False), "to somebody else"),
        ({}, Accept(TAKER, 11, approval=False), "asks for no shift back"),
        ({"back": ANY}, Accept(TAKER, None, approval=False), "say which"),
        ({"taker": TAKER, "back": 11}, Accept(TAKER, 12, approval=False), "asks for shift 11 back, not for 12"),
    ],
)
def test_what_was_not_offered_is_not_accepted(offered: dict[str, int], accepted: Accept, why: str) -> None:
    """By the wrong person, or for another price."""
    assert why in reason(step(replace(OFFER, **offered), accepted))  # type: ignore[arg-type] # numbers all


def test_a_shift_asked_for_by_name_needs_no_repeating() -> None:
    """Who accepts agrees to the one that was asked for."""
    answer = step(replace(OFFER, taker=TAKER, back=11), Accept(TAKER, None, approval=False))
    assert isinstance(answer, Swap)
    assert answer.back == 11


@pytest.mark.parametrize(
    ("state", "event", "allowed"),
    [
        ("offered", Withdraw(GIVER), True),
        ("offered", Withdraw(TAKER), False),
        ("accepted", Withdraw(GIVER), True),
        ("accepted", Withdraw(TAKER), True),
        ("accepted", Withdraw(OTHER), False),
        ("offered", Refuse(TAKER), True),
        ("offered", Refuse(OTHER), False),
        ("offered", Refuse(GIVER), False),
        ("accepted", Refuse(TAKER), False),
    ],
)
def test_only_those_it_concerns_end_a_swap(state: State, event: Event, allowed: bool) -> None:
    """The giver withdraws, so does who has accepted; whom it is offered to says no."""
    answer = step(replace(OFFER, state=state, taker=TAKER), event)
    assert isinstance(answer, Swap) is allowed


@pytest.mark.parametrize(
    ("given", "back", "why"),
    [
        (GIVEN, BACK, None),
        (None, BACK, "shift 10 has been changed"),
        (replace(GIVEN, status="cancelled"), BACK, "shift 10 has been changed"),
        (replace(GIVEN, person=OTHER), BACK, "shift 10 has been changed"),
        (replace(GIVEN, person=None), BACK, "shift 10 has been changed"),
        (replace(GIVEN, start=NOW), BACK, "shift 10 has begun"),
        (GIVEN, None, "shift 11 has been changed"),
        (GIVEN, replace(BACK, person=GIVER), "shift 11 has been changed"),
        (GIVEN, replace(BACK, start=NOW - 1), "shift 11 has begun"),
        (replace(GIVEN, status="planned", seq=3), BACK, None),
    ],
)
def test_a_swap_is_bound_to_its_shifts(given: Shift | None, back: Shift | None, why: str | None) -> None:
    """To their numbers and holders: one that was changed, or has begun, isn't what was offered."""
    there = {shift.id: shift for shift in (given, back) if shift}
    found = lapsed(replace(OFFER, taker=TAKER, back=BACK.id), there, NOW)
    assert found is None if why is None else why in (found or "")


def test_an_offer_for_any_shift_back_is_bound_to_one() -> None:
    """To the one that is offered."""
    assert lapsed(replace(OFFER, back=ANY), {10: GIVEN}, NOW) is None


def test_an_exchange_changes_the_holders_and_nothing_else() -> None:
    """Each seat keeps its line, its tier and its hours."""
    swap = replace(OFFER, taker=TAKER, back=BACK.id)
    after, _ = make((GIVEN, BACK), exchange(swap, {10: GIVEN, 11: BACK}, NOW), NOW, iter((20, 21)))
    assert [(s.id, s.person, s.line, s.tier, s.start, s.end) for s in after if s.status != "cancelled"] == [
        (20, TAKER, "france", 1, 100, 200),
        (21, GIVER, "belgium", 2, 300, 400),
    ]


@given(shifts(), st.data())
def test_6_an_exchange_keeps_every_other_second(held: list[Shift], data: st.DataObject) -> None:
    """Whoever is on call outside the two shifts still is, and in them one is there instead of the other."""
    seats = [shift for shift in held if shift.person in {1, 2, 3, 4} and shift.start > NOW]
    if not seats:
        return
    given = data.draw(st.sampled_from(seats))
    taker = data.draw(st.sampled_from([person.id for person in TEAM if person.id != given.person]))
    swap = Swap(1, given.id, given.person or 0, taker, None, "done", NOW)
    after, _ = make(held, exchange(swap, {s.id: s for s in held}, NOW), NOW, iter((1000,)))
    old, new = Roster.build(held, TEAM), Roster.build(after, TEAM)
    at = data.draw(st.integers(0, 70))
    expected = [(h.person.id, h.tier) for h in who(old, given.line, at)]
    if given.span.holds(at):
        expected.remove((given.person or 0, given.tier))
        expected.append((taker, given.tier))
    assert sorted(expected) == sorted((h.person.id, h.tier) for h in who(new, given.line, at))

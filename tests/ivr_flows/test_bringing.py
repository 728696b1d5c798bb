"""The psychologist's leg while they bring a service onto the line: all places, keys, and states of the call."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product

import pytest

from ivr_flows import psychologist
from ivr_flows.actions import Bridge, Conference, Goto, Hangup, Listen, Pause, Say
from ivr_flows.bringing import (
    OFFERED,
    ROUNDS,
    Effect,
    Place,
    Service,
    Stage,
    Turn,
    View,
    begin,
    cancelled,
    claimed,
    step,
    step_blind,
)
from ivr_flows.directory import Offer
from ivr_flows.psychologist import CHECKS, TALK_LIMIT
from ivr_flows.ringing import HELD_SECONDS, CallState
from tests.ivr_flows.machines import ends_well, hangs_up, said, seconds

OFFERS = tuple(Offer(f"o{n}", f"Service {n}", "01 99 00 00 0" + str(n), number=f"+3319900000{n}") for n in range(1, 6))
PARTED = View(CallState.PARTED, mine=True, attempt=2, queue="queue", room="room", offers=OFFERS)
MEETING = replace(PARTED, state=CallState.MEETING, service=Service.THERE)
OVER = View(None)
KEYS = ("", "0", "1", "2", "7")
AT = (Stage.ASK, Stage.OFFER, Stage.RING, Stage.PART)
"""Where the caller holds, and keys mean something."""


def at(stage: Stage, nth: int = 1, tries: int = 0) -> Place:
    """A place of somebody who has parted from the caller in the second queue."""
    return Place(stage, "nl", 2, tries, nth)


def leads_to(turn: Turn) -> Place | psychologist.Place:
    """Where the leg comes back to after all that is played."""
    last = turn.document[-1]
    assert isinstance(last, Listen | Goto)
    return last.then


def views() -> Iterator[View]:
    """Everything this leg may know of its call."""
    yield OVER
    for state, attempt, service in product(CallState, (2, 3), Service):
        for offers, unknown in (((), False), (OFFERS, False), (OFFERS, True)):
            yield View(state, True, attempt, "queue", "room", service, offers, unknown)
        yield View(state, False, attempt, "queue", "room", service)


@cache
def walk() -> dict[tuple[Place, str, View], Turn]:
    """The turn of every key at every place that can be come to, whatever the call is like by then."""
    turns: dict[tuple[Place, str, View], Turn] = {}
    every = tuple(views())
    first = begin("nl", 2, 0).document[-1]
    assert isinstance(first, Listen)
    todo, seen = [first.then], set[Place]()
    while todo:
        place = todo.pop()
        if place in seen or not isinstance(place, Place) or place.tries > 1:
            continue
        seen.add(place)
        for keys, view in product(KEYS, every):
            turn = step(place, keys, view)
            if turn.effect is Effect.CLAIM:
                for won in (False, True):
                    turns[place, f"{keys}{won}", view] = claimed(place, view, turn, won=won)
            elif turn.effect is Effect.CANCEL:
                turn = cancelled(place, view)
            turns[place, keys, view] = turn
            todo += [action.then for action in turn.document[-1:] if hasattr(action, "then")]
    return turns


# --- everywhere


def test_every_turn_plays_something_or_goes_back_to_the_caller() -> None:
    """A document ends where its last action takes the leg."""
    for turn in walk().values():
        assert turn.effect is Effect.CLAIM or ends_well(turn.document)
        assert (turn.effect is Effect.RING) == (turn.offer is not None)


def test_nobody_is_hung_up_without_a_word() -> None:
    """Whoever is on the line hears that it ends."""
    assert all(said(turn.document) for turn in walk().values() if hangs_up(turn.document))


def test_no_document_is_as_long_as_somebody_is_believed_without_a_word() -> None:
    """The caller is told that they were cut off when nothing was heard of this leg for that long."""
    longest = max(seconds(turn.document) for turn in walk().values() if turn.effect in {Effect.STAY, Effect.RING})
    assert longest < HELD_SECONDS - 5


def test_only_a_caller_who_holds_is_gone_back_to() -> None:
    """And only by the leg that has them."""
    for (place, _, view), turn in walk().items():
        if turn.effect in {Effect.CLAIM, Effect.RING, Effect.LEAVE}:
            assert view.state is CallState.PARTED
            assert view.mine
            assert place.stage is Stage.LOOK or view.attempt == place.attempt


def test_only_a_service_that_accepted_is_met() -> None:
    """A room is entered from no other state of the call."""
    for (_, _, view), turn in walk().items():
        if any(isinstance(action, Conference) for action in turn.document):
            assert view.state is CallState.MEETING
            assert turn.effect is Effect.ENTER


@pytest.mark.parametrize("stage", Stage)
def test_a_late_copy_after_another_queue_does_nothing(stage: Stage) -> None:
    """The psychologist went back to the caller since, and they talk, or have parted once more."""
    for keys, state in product(KEYS, (CallState.TALKING, CallState.PARTED, CallState.MEETING)):
        if stage is Stage.LOOK and state is not CallState.TALKING:
            continue
        turn = step(at(stage), keys, replace(PARTED, state=state, attempt=4))
        assert turn.effect is None
        assert isinstance(turn.document[-1], Hangup | Goto)


@pytest.mark.parametrize("stage", [*AT, Stage.LOOK])
def test_a_caller_who_hung_up_leads_to_the_end_of_a_talk(stage: Stage) -> None:
    """Thanks, or the reason."""
    there = psychologist.Place(psychologist.Stage.CHECK, "nl")
    assert step(at(stage), "", OVER) == Turn((Goto(there),))


# --- who is called


def test_a_place_is_asked_for() -> None:
    """Five digits, or fewer and #."""
    place = Place(Stage.ASK, "nl", 2, 1)
    assert begin("nl", 2, 1) == Turn((Listen((Say("service-ask", "nl"),), place, 5, 5, "#"),), Effect.STAY)


def test_no_place_is_asked_for_once_more_and_then_the_whole_country_is_read() -> None:
    """The shell offers the country's where it can't read a place."""
    unknown = replace(PARTED, unknown=True)
    again = step(at(Stage.ASK), "999", unknown)
    assert said(again.document) == ["service-unknown", "service-ask"]
    assert said(step(at(Stage.ASK, 2), "999", unknown).document) == ["service-offer"]


def test_at_most_three_are_read_one_by_one_twice() -> None:
    """Then the first question again, with nobody called."""
    turn, named = step(at(Stage.ASK), "31", PARTED), []
    while isinstance(place := leads_to(turn), Place):
        (listen,) = turn.document
        assert isinstance(listen, Listen)
        assert isinstance(listen.sounds[0], Say)
        named.append(dict(listen.sounds[0].values)["name"])
        turn = step(place, "", PARTED)
    assert named == [offer.name for offer in OFFERS[:OFFERED]] * ROUNDS
    assert said(turn.document) == ["service-none", "handover-choice", "handover-service"]


@pytest.mark.parametrize("key", ["1", "2", "3"])
def test_a_key_calls_a_service(key: str) -> None:
    """Also one that isn't the one being read."""
    turn = step(replace(at(Stage.OFFER), keyed="31"), key, PARTED)
    assert (turn.effect, turn.offer) == (Effect.RING, OFFERS[int(key) - 1])
    assert leads_to(turn) == at(Stage.RING, tries=1)


def test_0_goes_back_to_the_caller() -> None:
    """By a claim."""
    turn = step(at(Stage.OFFER), "0", PARTED)
    assert turn == Turn(effect=Effect.CLAIM)
    bridge = Bridge("queue", psychologist.Place(psychologist.Stage.BRIDGE, "nl", 2), TALK_LIMIT)
    assert claimed(at(Stage.OFFER), PARTED, turn, won=True).document == (bridge,)
    assert said(claimed(at(Stage.OFFER), PARTED, turn, won=False).document) == ["thanks"]


def test_nobody_to_call() -> None:
    """The first question again."""
    assert said(step(at(Stage.ASK), "", replace(PARTED, offers=())).document)[0] == "service-nobody"


def test_a_name_is_spoken_as_it_is() -> None:
    """Though it begin like a reference to a prompt."""
    odd = replace(PARTED, offers=(replace(OFFERS[0], name="@home"),))
    (listen,) = step(at(Stage.ASK), "", odd).document
    assert isinstance(listen, Listen)
    assert listen.sounds[0] == Say("service-offer", "nl", (("name", "home"), ("key", "1")))


# --- what becomes of it


@pytest.mark.parametrize("service", [Service.RINGING, Service.THERE])
def test_it_is_asked_again_and_again(service: Service) -> None:
    """In short pieces; the caller is still theirs."""
    turn = step(at(Stage.RING, tries=1), "", replace(PARTED, service=service))
    assert turn.effect is Effect.STAY
    assert leads_to(turn) == at(Stage.RING, tries=1)
    assert seconds(turn.document) <= 4


def test_a_service_that_doesnt_come_leads_back_to_the_question() -> None:
    """Whatever was pressed meanwhile."""
    for keys in KEYS:
        turn = step(at(Stage.RING), keys, PARTED)
        assert said(turn.document) == ["service-not-there", "handover-choice", "handover-service"]


def test_any_key_calls_it_off_unless_it_has_accepted() -> None:
    """Whichever of the two was first in the row."""
    place = at(Stage.RING)
    assert step(place, "5", replace(PARTED, service=Service.RINGING)).effect is Effect.CANCEL
    assert said(cancelled(place, PARTED).document)[0] == "service-cancelled"
    assert said(cancelled(place, MEETING).document) == ["service-accepted"]
    assert cancelled(place, OVER) == step(place, "", OVER)


def test_the_room_is_entered_after_it_was_said() -> None:
    """Who is believed to be in it is in it."""
    first = step(at(Stage.RING), "", MEETING)
    assert (said(first.document), first.effect) == (["service-accepted"], None)
    place = leads_to(first)
    assert isinstance(place, Place)
    (entered,) = step(place, "", MEETING).document
    assert entered == Conference("room", at(Stage.ROOM), TALK_LIMIT, starts=True, star=True)


# --- how they part


@pytest.mark.parametrize("view", [MEETING, PARTED, replace(PARTED, attempt=3)])
def test_out_of_the_room_this_leg_looks_around(view: View) -> None:
    """Whether the caller's side was heard of before or not."""
    turn = step(at(Stage.ROOM), "", view)
    assert turn == Turn((Pause(1), Goto(at(Stage.LOOK))), Effect.HOLD)


def test_until_it_is_known_it_is_asked_again() -> None:
    """Three seconds at most."""
    for view in (MEETING, replace(PARTED, attempt=3, service=Service.LEAVING)):
        assert step(at(Stage.LOOK), "", view) == Turn((Pause(1), Goto(at(Stage.LOOK, 2))))
        assert step(at(Stage.LOOK, CHECKS), "", view).document[0] != Pause(1)


def test_a_service_that_left_is_told_and_the_caller_taken_back() -> None:
    """By the same claim as ever."""
    view = replace(PARTED, attempt=3)
    turn = step(at(Stage.LOOK), "", view)
    assert (said(turn.document), turn.effect) == (["service-left"], Effect.CLAIM)


def test_who_left_the_room_is_asked() -> None:
    """1 leaves them together, and so do silence and other keys; 2 takes the caller back."""
    view = replace(PARTED, attempt=3, service=Service.THERE)
    (listen,) = step(at(Stage.LOOK), "", view).document
    assert isinstance(listen, Listen)
    place = listen.then
    assert isinstance(place, Place)
    assert step(place, "2", view) == Turn(effect=Effect.CLAIM)
    for keys in ("1", "", "7"):
        turn = step(place, keys, view)
        assert (said(turn.document), turn.effect) == (["service-together", "thanks"], Effect.LEAVE)
        gone = step(place, keys, replace(view, service=Service.NOBODY))
        assert (said(gone.document), gone.effect) == (["service-left"], Effect.CLAIM)


# --- without a database


@pytest.mark.parametrize("stage", Stage)
def test_without_a_database(stage: Stage) -> None:
    """Back to the caller where they hold; out of the room they are put through by others."""
    turn = step_blind(at(stage), View(None, queue="queue"))
    assert turn.effect is None
    assert isinstance(turn.document[-1], Bridge if stage in AT else Hangup)

"""The leg of a service that is brought onto the line: all places, keys, and states of the call."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product

import pytest

from ivr_flows.actions import Bridge, Conference, Goto, Hangup, Listen, Music
from ivr_flows.model import LANGUAGES, Language
from ivr_flows.psychologist import TALK_LIMIT
from ivr_flows.ringing import SCREEN_SECONDS, CallState
from ivr_flows.service import (
    ALIVE_SECONDS,
    POLLS,
    Effect,
    Place,
    Stage,
    Turn,
    View,
    accepted,
    claimed,
    step,
    step_blind,
)
from tests.ivr_flows.machines import ends_well, hangs_up, said, seconds

PARTED = View(CallState.PARTED, attempt=2, queue="queue", room="room")
MEETING = replace(PARTED, state=CallState.MEETING)
KEYS = ("", "1", "9")


def at(stage: Stage, nth: int = 1, attempt: int = 0) -> Place:
    """A service that is spoken to in German."""
    return Place(stage, "de", nth, attempt)


def views() -> Iterator[View]:
    """Everything this leg may know of its call."""
    flags = (False, True)
    for state, attempt, mine, wanted, entered, left in product((None, *CallState), (2, 3), flags, flags, flags, flags):
        yield View(state, mine, attempt, "queue", "room", wanted, entered, left)
    yield View(CallState.CLAIMED, mine=True, attempt=2, bridged=False)


@cache
def walk(language: Language = "de") -> dict[tuple[Place, str, View], Turn]:
    """The turn of every key at every place that can be come to, whatever the call is like by then."""
    turns: dict[tuple[Place, str, View], Turn] = {}
    every = tuple(views())
    todo, seen = [Place(Stage.PICK_UP, language)], set[Place]()
    while todo:
        place = todo.pop()
        if 3 < place.nth < POLLS - 1:
            place = replace(place, nth=POLLS - 1)  # each poll is like the one before
        if place in seen:
            continue
        seen.add(place)
        for keys, view in product(KEYS, every):
            turn = step(place, keys, view)
            if turn.effect is Effect.ACCEPT:
                turn = accepted(place, replace(view, state=CallState.MEETING))
            elif turn.effect is Effect.CLAIM:
                turn = claimed(place, replace(view, mine=True))
            turns[place, keys, view] = turn
            todo += [action.then for action in turn.document[-1:] if hasattr(action, "then")]
    return turns


def test_every_turn_plays_something() -> None:
    """And ends where its last action takes the leg, with a word before it ends."""
    for turn in walk().values():
        assert ends_well(turn.document)
        assert said(turn.document) or not hangs_up(turn.document)


def test_every_way_ends() -> None:
    """Nobody is kept on the line for ever: a minute of polls at most."""
    assert max(place.nth for place, _, _ in walk()) <= POLLS
    assert max(seconds(turn.document) for turn in walk().values() if turn.effect is Effect.ALIVE) < ALIVE_SECONDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_voicemail_is_given_up_within_the_screening_time(language: Language) -> None:
    """Two whispers, no key: it never hears a caller."""
    turns = [step(Place(Stage.PICK_UP, language), "", PARTED)]
    while isinstance(listen := turns[-1].document[-1], Listen):
        turns.append(step(listen.then, "", PARTED))
    *whispers, last = turns
    assert sum(seconds(turn.document) for turn in whispers) <= SCREEN_SECONDS
    assert (said(last.document), last.effect) == (["service-declined"], Effect.DECLINE)


def test_only_1_accepts_and_only_what_is_still_wanted() -> None:
    """Any other key is a no."""
    screen = at(Stage.SCREEN)
    assert step(screen, "1", PARTED) == Turn(effect=Effect.ACCEPT)
    for keys in ("2", "9", "*"):
        assert step(screen, keys, PARTED).effect is Effect.DECLINE
    assert said(accepted(screen, MEETING).document) == ["service-thanks"]
    for late in (PARTED, replace(MEETING, wanted=False), View(None)):
        assert said(accepted(screen, late).document) == ["service-over"]


def test_nothing_is_asked_of_who_picks_up_too_late() -> None:
    """Called off, or the caller is gone."""
    for view in (replace(PARTED, wanted=False), View(None), MEETING):
        assert said(step(at(Stage.PICK_UP), "", view).document) == ["service-over"]


def test_it_enters_the_room_once_the_caller_is_in() -> None:
    """Not before: nobody else would be there for it to meet."""
    wait = at(Stage.WAIT)
    assert step(wait, "", MEETING) == Turn((Music(3), Goto(at(Stage.WAIT, 2))), Effect.ALIVE)
    entered = step(wait, "", replace(MEETING, entered=True))
    assert entered == Turn((Conference("room", at(Stage.ROOM, attempt=2), TALK_LIMIT),), Effect.ENTER)


def test_nobody_goes_back_into_a_room() -> None:
    """It would be empty."""
    for (place, _, _), turn in walk().items():
        if place.stage in {Stage.ROOM, Stage.STAY}:
            assert not any(isinstance(action, Conference) for action in turn.document)


@pytest.mark.parametrize("stage", [Stage.WAIT, Stage.STAY])
def test_it_takes_a_caller_whom_the_psychologist_left(stage: Stage) -> None:
    """And nobody else's."""
    assert step(at(stage), "", replace(PARTED, left=True)).effect is Effect.CLAIM
    won = claimed(at(stage), replace(PARTED, state=CallState.CLAIMED, mine=True))
    assert won.document[-1] == Bridge("queue", at(Stage.BRIDGE, attempt=2), TALK_LIMIT, star=False)
    assert said(claimed(at(stage), PARTED).document) == ["service-over"]


@pytest.mark.parametrize("state", [None, CallState.WAITING, CallState.CLAIMED, CallState.TALKING, CallState.LEFT])
def test_it_is_thanked_once_it_isnt_needed(state: CallState | None) -> None:
    """The psychologist took the caller back, a colleague is called, or the call is over."""
    turn = step(at(Stage.STAY), "", replace(PARTED, state=state))
    assert (said(turn.document), turn.effect) == (["service-over"], Effect.END)


def test_a_late_copy_ends_nothing_while_it_talks_to_the_caller() -> None:
    """Of whatever it asked before."""
    talking = replace(PARTED, state=CallState.TALKING, mine=True, attempt=3)
    for stage in (Stage.WAIT, Stage.ROOM, Stage.STAY):
        assert step(at(stage, attempt=2), "", talking).effect is None


def test_a_bridge_that_came_to_nothing_is_undone() -> None:
    """One that was made isn't."""
    mine = replace(PARTED, state=CallState.CLAIMED, mine=True)
    assert step(at(Stage.BRIDGE), "", replace(mine, bridged=False)).effect is Effect.UNCLAIM
    assert step(at(Stage.BRIDGE), "", mine).effect is Effect.END


@pytest.mark.parametrize("stage", Stage)
def test_without_a_database(stage: Stage) -> None:
    """Whoever accepted waits for a while; nobody new is asked."""
    last = step_blind(at(stage)).document[-1]
    assert isinstance(last, Goto if stage in {Stage.WAIT, Stage.ROOM, Stage.STAY} else Hangup)
    assert isinstance(step_blind(at(stage, POLLS)).document[-1], Hangup)

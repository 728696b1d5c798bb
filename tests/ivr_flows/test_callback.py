"""Somebody is asked on which number to call them back: every question, every key, every outcome."""

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import pytest

from ivr_flows.actions import Action, Hangup, Listen, Say
from ivr_flows.callback import (
    FINISH,
    NUMBER,
    NUMBERS,
    TO_CALLERS,
    Effect,
    Event,
    Facts,
    Given,
    Keyed,
    Noted,
    Place,
    Stage,
    Turn,
    step,
)
from tests.ivr_flows.machines import KEYPAD, ends_well, said, spoken

FACTS = Facts("crisis-france", "0 1, 9 9", own=True)
EVENTS: tuple[Event, ...] = (
    *map(Keyed, ("", *KEYPAD, "0612345678")),
    *map(Given, (True, False)),
    *map(Noted, (True, False)),
)
FIRST = Place(Stage.BEGIN, "callback", "fr")


@cache
def walk(own: bool = True) -> dict[tuple[Place, Event], Turn]:
    """The turn of every event at every place that can be reached."""
    facts = Facts("crisis-france", "0 1, 9 9", own)
    turns: dict[tuple[Place, Event], Turn] = {}
    todo, seen = [FIRST], set[Place]()
    while todo:
        place = todo.pop()
        if place in seen:
            continue
        seen.add(place)
        for event in EVENTS:
            turns[place, event] = turn = step(place, event, facts)
            todo += [action.then for action in turn.document if isinstance(action, Listen)]
    return turns


def every_document() -> Iterator[tuple[Action[Any], ...]]:
    """Whatever somebody who asks can hear."""
    for own in (True, False):
        for turn in walk(own).values():
            yield turn.document


def at(stage: Stage, **more: object) -> Place:
    """A place with this question."""
    return Place(stage, "callback", "fr", **more)  # type: ignore[arg-type] # fields of a place


def after(place: Place, *events: Event) -> Turn:
    """The turn after the last of these events, each at the place where the one before has led."""
    turn = Turn()
    for event in events:
        turn = step(place, event, FACTS)
        place = next((action.then for action in turn.document if isinstance(action, Listen)), place)
    return turn


@pytest.mark.parametrize("own", [True, False])
def test_every_turn_says_acts_or_leads_on(own: bool) -> None:
    """Nobody is left in silence: a question, a goodbye, something for the shell to do, or the flow's next step."""
    for (_, event), turn in walk(own).items():
        waits = turn.effect in {Effect.OWN, Effect.KEYED, Effect.NOTE}
        assert turn.leads_on or waits or ends_well(turn.document), event
        if turn.leads_on:
            assert all(isinstance(action, Say) for action in turn.document)
        if waits:
            assert turn.document == ()


@pytest.mark.parametrize("own", [True, False])
def test_silence_always_comes_to_an_end(own: bool) -> None:
    """Whatever was answered before: two silent questions later the flow goes on, and what was given is forgotten."""
    for place, event in product({place for place, _ in walk(own)}, [Keyed("")]):
        turn = step(place, event, FACTS)
        for _ in range(2):
            if turn.leads_on:
                break
            (listen,) = turn.document
            assert isinstance(listen, Listen)
            turn = step(listen.then, Keyed(""), FACTS)
        assert turn.leads_on
        assert turn.effect is Effect.DROP


@pytest.mark.parametrize("own", [True, False])
def test_only_a_1_at_the_consent_asks_for_the_call(own: bool) -> None:
    """Nothing else does, least of all silence."""
    noting = {(place.stage, event) for (place, event), turn in walk(own).items() if turn.effect is Effect.NOTE}
    assert noting == {(Stage.CONSENT, Keyed("1"))}


def test_the_number_they_call_from_is_looked_at_only_if_they_say_so() -> None:
    """One key at one question; and never when it is withheld."""
    looking = {(place.stage, event) for (place, event), turn in walk().items() if turn.effect is Effect.OWN}
    assert looking == {(Stage.CHOOSE, Keyed("1"))}
    assert not [turn for turn in walk(own=False).values() if turn.effect is Effect.OWN]


def test_without_a_number_of_their_own_they_are_asked_for_one() -> None:
    """The choice between two would be a choice of one."""
    turn = step(FIRST, Keyed(""), Facts("crisis-france", "", own=False))
    assert said(turn.document) == ["callback-key"]
    assert said(step(FIRST, Keyed(""), FACTS).document) == ["callback-choose"]


def test_a_number_ends_with_the_hash_key() -> None:
    """Up to seventeen digits: 00, and the longest number there is."""
    turn = step(at(Stage.CHOOSE), Keyed("2"), FACTS)
    (listen,) = turn.document
    assert isinstance(listen, Listen)
    assert (listen.digits, listen.finish) == (17, FINISH)


def test_it_is_read_back_and_then_what_will_happen_is_said() -> None:
    """First whether it is right, then whether they agree."""
    read = step(at(Stage.KEY), Given(usable=True), FACTS)
    assert spoken(read.document) == [Say("callback-read-back", "fr", (("number", NUMBER),))]
    agreed = after(at(Stage.KEY), Given(usable=True), Keyed("1"))
    assert spoken(agreed.document) == [Say("callback-consent", "fr", (("number", "0 1, 9 9"),))]


@pytest.mark.parametrize("again", [(Keyed("2"),), ()])
def test_a_number_may_be_given_three_times(again: tuple[Event, ...]) -> None:
    """Corrected, or refused: after the third the flow goes on."""
    one = (Given(usable=True), *again) if again else (Given(usable=False),)
    almost = after(at(Stage.KEY), *one * (NUMBERS - 1))
    assert said(almost.document)[-1] == "callback-key"
    over = after(at(Stage.KEY), *one * NUMBERS)
    assert said(over.document) == ["callback-unavailable"]
    assert over.leads_on
    assert over.effect is Effect.DROP


@pytest.mark.parametrize("stage", [Stage.CHOOSE, Stage.KEY, Stage.READ_BACK, Stage.CONSENT])
def test_key_9_speaks_the_crisis_numbers_before_the_same_question(stage: Stage) -> None:
    """It costs nobody what they have given."""
    place = at(stage, given=1, repeats=1)
    (listen,) = step(place, Keyed("9"), FACTS).document
    assert isinstance(listen, Listen)
    assert said((listen,))[0] == "crisis-france"
    assert listen.then == place


def test_a_9_in_a_number_is_a_digit() -> None:
    """Only a 9 alone asks for the crisis numbers."""
    assert step(at(Stage.KEY), Keyed("0199009055"), FACTS).effect is Effect.KEYED


def test_the_crisis_numbers_that_are_owed_come_first() -> None:
    """Who pressed 9 just before."""
    turn = step(Place(Stage.BEGIN, "callback", "fr", crisis=True), Keyed(""), FACTS)
    assert said(turn.document) == ["crisis-france", "callback-choose"]


def test_an_unknown_key_repeats_the_question_once() -> None:
    """And says so."""
    once = step(at(Stage.CONSENT), Keyed("7"), FACTS)
    assert said(once.document) == ["not-understood", "callback-consent"]
    assert after(at(Stage.CONSENT), Keyed("7"), Keyed("7")).leads_on


@pytest.mark.parametrize(("done", "words"), [(True, "callback-noted"), (False, "callback-unavailable")])
def test_whether_it_was_noted_is_said(done: bool, words: str) -> None:
    """The call ends with a goodbye, or the flow goes on."""
    turn = step(at(Stage.CONSENT), Noted(done), FACTS)
    assert said(turn.document) == [words]
    assert isinstance(turn.document[-1], Hangup) is done
    assert turn.leads_on is not done


def test_whatever_is_said_here_is_in_the_list_that_a_flow_is_held_against() -> None:
    """A line's own prompts are complete, or the flow is refused."""
    heard = {say.prompt for document in every_document() for say in spoken(document)}
    assert heard - {"crisis-france", "not-understood"} == set(TO_CALLERS) - {"callback-offer", "callback-hello"}

"""A callback is made: what the psychologist's leg and the other phone hear."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from ivr_flows.actions import Action, Hangup, Listen, Phone, Say
from ivr_flows.callback import NUMBER, TO_PSYCHOLOGISTS
from ivr_flows.calling_back import (
    HELLOS,
    Answered,
    Dialled,
    Effect,
    Event,
    Hello,
    Keyed,
    Place,
    Stage,
    Turn,
    View,
    accepts,
    greet,
    step,
)
from ivr_flows.model import LANGUAGES
from tests.ivr_flows.machines import KEYPAD, ends_well, said, spoken

EVENTS: tuple[Event, ...] = (Answered(), *map(Keyed, ("", *KEYPAD)), *map(Dialled, (True, False, None)))
PLACES = [Place(stage, "fr", nth) for stage in Stage for nth in (1, 2)]
VIEWS = [View(mine, "Test line", held_in, talked) for mine, held_in, talked in product((1, 0), LANGUAGES, (1, 0))]  # type: ignore[arg-type]
MINE = View(mine=True, line="Test line", held_in="fr")
GONE = View(mine=False, line="Test line", held_in="fr")


def every_turn() -> Iterator[tuple[Place, Event, View, Turn]]:
    """The turn of every event at every place, whatever its callback is like."""
    for place, event, view in product(PLACES, EVENTS, VIEWS):
        yield place, event, view, step(place, event, view)


def every_document() -> Iterator[tuple[Action[Any], ...]]:
    """Whatever either phone can hear."""
    for _, _, _, turn in every_turn():
        yield turn.document
    for nth, digits, language in product(range(HELLOS + 1), ("", "1", "2"), LANGUAGES):
        yield greet(Hello(language, nth), digits)


def test_every_document_speaks_and_leads_on_or_ends() -> None:
    """A psychologist who picked up hears words, whatever became of the callback."""
    for _, _, _, turn in every_turn():
        assert spoken(turn.document)
        assert ends_well(turn.document)


def test_only_a_1_calls_the_person() -> None:
    """A voicemail can't press it; nor can a leg whose callback is somebody else's by now."""
    for place, event, view, turn in every_turn():
        calls = any(isinstance(action, Phone) for action in turn.document)
        assert calls == (place.stage is Stage.WHISPER and event == Keyed("1") and view.mine)
        assert calls == (turn.effect is Effect.DIAL)


def test_the_number_stands_in_no_document_of_this_machine() -> None:
    """Only the sign that the shell replaces."""
    (phone,) = [action for action in step(PLACES[2], Keyed("1"), MINE).document if isinstance(action, Phone)]
    assert phone.number == NUMBER


def test_silence_is_heard_out_twice_and_then_passes() -> None:
    """The words are repeated once; then somebody else is asked."""
    once = step(Place(Stage.WHISPER, "fr"), Keyed(""), MINE)
    (listen,) = once.document
    assert isinstance(listen, Listen)
    assert once.effect is None
    assert step(listen.then, Keyed(""), MINE).effect is Effect.PASS  # type: ignore[arg-type] # a place, not a hello


@pytest.mark.parametrize("key", ["2", "5", "*"])
def test_any_other_key_passes(key: str) -> None:
    """At once."""
    turn = step(Place(Stage.WHISPER, "fr"), Keyed(key), MINE)
    assert (said(turn.document), turn.effect) == (["declined"], Effect.PASS)


@pytest.mark.parametrize("stage", [Stage.PICK_UP, Stage.WHISPER])
def test_a_callback_that_isnt_theirs_any_more_is_gone(stage: Stage) -> None:
    """They are told so, and nothing is changed for whoever has it now."""
    for event in EVENTS:
        turn = step(Place(stage, "fr"), event, GONE)
        assert (said(turn.document), turn.effect) == (["gone"], None)


@pytest.mark.parametrize(
    ("bridged", "pressed", "words"),
    [
        (True, False, "thanks"),
        (True, True, "thanks"),
        (False, True, "callback-not-reached"),
        (False, False, "callback-not-reached"),
        (None, True, "thanks"),
        (None, False, "callback-not-reached"),
    ],
)
def test_what_the_psychologist_hears_afterwards(bridged: bool | None, pressed: bool, words: str) -> None:
    """What the carrier says of the bridge counts; where it says nothing, the 1 of the other phone."""
    turn = step(Place(Stage.DIALLED, "fr"), Dialled(bridged), View(pressed, "Test line", "fr", pressed))
    assert (said(turn.document), turn.effect) == ([words], Effect.OVER)


def test_the_other_phone_is_bridged_only_by_a_1() -> None:
    """An empty document bridges: every other one asks again, or hangs up."""
    for nth, digits in product(range(4), ("", *KEYPAD, "11", "1#")):
        hello = Hello("fr", nth)
        assert accepts(hello, digits) == (nth > 0 and digits == "1")
        document = greet(hello, digits)
        if not accepts(hello, digits):
            assert isinstance(document[-1], Listen | Hangup)


def test_the_other_phone_is_greeted_twice_and_hung_up() -> None:
    """A voicemail records two short sentences."""
    hello, heard = Hello("fr"), list[str]()
    while True:
        (action,) = greet(hello, "")
        if isinstance(action, Hangup):
            break
        assert isinstance(action, Listen)
        heard += said((action,))
        hello = action.then
    assert heard == ["callback-hello"] * HELLOS


def test_the_other_phone_hears_no_verb_that_isnt_allowed_there() -> None:
    """While a number is screened there may be no pause."""
    (listen,) = greet(Hello("fr"), "")
    assert isinstance(listen, Listen)
    assert all(isinstance(sound, Say) for sound in listen.sounds)


def test_whatever_psychologists_hear_is_in_the_list_that_a_flow_is_held_against() -> None:
    """A line's own prompts are complete, or the flow is refused."""
    heard = {say.prompt for _, _, _, turn in every_turn() for say in spoken(turn.document)}
    assert heard - {"gone", "declined", "thanks"} == set(TO_PSYCHOLOGISTS)

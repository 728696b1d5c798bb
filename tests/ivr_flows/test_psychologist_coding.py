"""Coding by keypad: two digits for the reason, 1 to confirm, 2 to correct, three tries."""

from dataclasses import replace

import pytest

from ivr_flows.actions import Document, Goto, Hangup, Listen, Pause, Say
from ivr_flows.psychologist import CallView, Checked, Effect, Keyed, Place, Stage, Turn, step

OVER = CallView(None)
TO_CODE = replace(OVER, can_code=True)
KNOWN = replace(TO_CODE, reason="Burn-out")


def at(stage: Stage, nth: int = 1, code: str = "") -> Place:
    """A German-speaking psychologist's place."""
    return Place(stage, "de", nth, code)


def bye(prompt: str) -> Document[Place]:
    """The last words on a leg."""
    return (Say(prompt, "de"), Hangup())


def asked_again(prompt: str, nth: int) -> Turn:
    """The two digits are asked for once more."""
    sounds = (Say(prompt, "de"), Say("code-reason", "de"))
    return Turn((Listen(sounds, at(Stage.CODE, nth), timeout=8, digits=2),))


def test_after_the_call_the_reason_is_asked_for() -> None:
    """Two digits, eight seconds to think."""
    turn = step(at(Stage.CHECK), Checked(), TO_CODE)
    assert turn == Turn((Listen((Say("code-reason", "de"),), at(Stage.CODE), timeout=8, digits=2),))


def test_without_keypad_coding_the_leg_ends_with_thanks() -> None:
    """The page will ask; the psychologist is reminded of it."""
    assert step(at(Stage.CHECK, 3), Checked(), OVER) == Turn(bye("thanks"))


def test_a_call_that_cannot_be_coded_yet_is_waited_for() -> None:
    """A moment for the end of the call to be counted."""
    assert step(at(Stage.CHECK), Checked(), OVER) == Turn((Pause(1), Goto(at(Stage.CHECK, 2))))


def test_a_known_number_is_read_back() -> None:
    """1 confirms, 2 corrects."""
    turn = step(at(Stage.CODE), Keyed("12"), KNOWN)
    said_back = Say("code-confirm", "de", (("reason", "Burn-out"),))
    assert turn == Turn((Listen((said_back,), at(Stage.CONFIRM, 1, "12"), timeout=8),))


@pytest.mark.parametrize("digits", ["77", "1", "*1"])
def test_an_unknown_number_is_asked_for_again(digits: str) -> None:
    """Until the tries are over: then the call waits on the page."""
    assert step(at(Stage.CODE), Keyed(digits), TO_CODE) == asked_again("code-unknown", 2)
    assert step(at(Stage.CODE, 3), Keyed(digits), TO_CODE) == Turn(bye("code-later"))


@pytest.mark.parametrize("stage", [Stage.CODE, Stage.CONFIRM])
def test_silence_leaves_the_coding_for_later(stage: Stage) -> None:
    """Nobody is held on the line for a statistic."""
    assert step(at(stage, code="12"), Keyed(""), KNOWN) == Turn(bye("code-later"))


def test_a_call_that_can_no_longer_be_coded_is_not() -> None:
    """It was coded on the page meanwhile."""
    assert step(at(Stage.CODE), Keyed("12"), replace(KNOWN, can_code=False)) == Turn(bye("code-later"))


def test_1_saves_the_code() -> None:
    """The number travels in the place, not in the key that confirms it."""
    assert step(at(Stage.CONFIRM, 1, "12"), Keyed("1"), TO_CODE) == Turn(bye("code-saved"), Effect.CODE, "12")


def test_a_repeated_1_hears_the_same() -> None:
    """The answer to the first was lost, and by now nothing is left to code: it was saved, and says so."""
    assert step(at(Stage.CONFIRM, 1, "12"), Keyed("1"), OVER) == Turn(bye("code-saved"), Effect.CODE, "12")


def test_2_asks_again() -> None:
    """Until the tries are over."""
    assert step(at(Stage.CONFIRM, 1, "12"), Keyed("2"), TO_CODE) == asked_again("code-again", 2)
    assert step(at(Stage.CONFIRM, 3, "12"), Keyed("2"), TO_CODE) == Turn(bye("code-later"))


@pytest.mark.parametrize("digits", ["3", "12", "*"])
def test_an_odd_key_saves_nothing(digits: str) -> None:
    """Only 1 confirms."""
    assert step(at(Stage.CONFIRM, 1, "12"), Keyed(digits), TO_CODE) == Turn(bye("code-later"))

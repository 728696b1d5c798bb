from dataclasses import replace

import pytest

from ivr_flows.actions import Bridge, Document, Goto, Hangup, Listen, Pause, Say
from ivr_flows.psychologist import (
    CHECKS,
    TALK_LIMIT,
    Answered,
    Before,
    BridgeEnded,
    CallView,
    Checked,
    Claimed,
    Effect,
    Event,
    Keyed,
    Place,
    Stage,
    Turn,
    claims_at_once,
    step,
    step_blind,
)
from ivr_flows.ringing import CallState
from tests.ivr_flows.machines import said

WAITING = CallView(CallState.WAITING, queue="queue", held_in="fr", waited=50, line="Testlijn")
MINE = replace(WAITING, state=CallState.TALKING, mine=True)
PARTED = replace(MINE, state=CallState.PARTED, attempt=2)
"""After the bridge of the first attempt: the caller is in the queue of the second."""
OVER = CallView(None, line="Testlijn")
TO_CODE = replace(OVER, can_code=True)
KNOWN = replace(TO_CODE, reason="Burn-out")
MISSED = [
    (CallState.CLAIMED, "taken"),
    (CallState.TALKING, "taken"),
    (CallState.PARTED, "taken"),
    (CallState.LEAVING, "gone"),
    (CallState.LEFT, "gone"),
    (None, "gone"),
]
"""What somebody who came too late is told."""


def at(stage: Stage, nth: int = 1, code: str = "") -> Place:
    """A Dutch-speaking psychologist's place."""
    return Place(stage, "nl", nth, code)


def bye(prompt: str) -> Document[Place]:
    """The last words on a leg."""
    return (Say(prompt, "nl"), Hangup())


def bridge(attempt: int = 1) -> Document[Place]:
    """The psychologist is connected to the caller."""
    return (Bridge("queue", at(Stage.BRIDGE, attempt), TALK_LIMIT),)


# --- picked up


def test_whoever_picks_up_hears_a_second_of_silence_and_who_is_waiting() -> None:
    """In their own language: the line, the caller's language, the wait, the keys."""
    values = (("line", "Testlijn"), ("language", "@language-fr"), ("wait", "@wait:50"))
    sounds = (Pause(1), Say("whisper", "nl", values), Say("whisper-accept", "nl"))
    turn = step(at(Stage.PICK_UP), Answered(), WAITING)
    assert turn == Turn((Listen(sounds, at(Stage.WHISPER), timeout=3),), Effect.SCREEN)


def test_who_is_calling_is_said_if_the_caller_said_so() -> None:
    """The category is a prompt of its own."""
    turn = step(at(Stage.PICK_UP), Answered(), replace(WAITING, category="category-doctor"))
    assert said(turn.document) == ["whisper", "whisper-category", "whisper-accept"]


@pytest.mark.parametrize(
    ("before", "prompts"),
    [
        (Before.HANDED_OVER, ["whisper-handover", "whisper-category", "whisper-accept"]),
        (Before.CUT_OFF, ["whisper-again", "whisper-accept"]),
    ],
)
def test_what_the_caller_has_been_through_is_said(before: Before, prompts: list[str]) -> None:
    """Who was cut off is known already: not who they are, but that they are still there."""
    turn = step(at(Stage.PICK_UP), Answered(), replace(WAITING, category="category-doctor", before=before))
    assert said(turn.document) == prompts


@pytest.mark.parametrize(("state", "prompt"), MISSED)
def test_whoever_picks_up_too_late_is_told_why(state: CallState | None, prompt: str) -> None:
    """Taken by a colleague, or nobody waits any more; never cut without a word."""
    turn = step(at(Stage.PICK_UP), Answered(), replace(WAITING, state=state))
    assert turn == Turn(bye(prompt), Effect.DECLINE)


# --- the whisper


@pytest.mark.parametrize("state", [None, *CallState])
def test_pressing_1_asks_for_the_claim(state: CallState | None) -> None:
    """Whatever the call is like: the row decides who wins."""
    turn = step(at(Stage.WHISPER), Keyed("1"), replace(WAITING, state=state))
    assert turn == Turn(effect=Effect.CLAIM)
    assert claims_at_once(at(Stage.WHISPER), Keyed("1"))


def test_a_won_claim_connects() -> None:
    """To this call's own queue, for at most two hours."""
    assert step(at(Stage.WHISPER), Claimed(won=True), MINE) == Turn(bridge())


@pytest.mark.parametrize(("state", "prompt"), MISSED)
def test_whoever_presses_1_and_loses_is_told_and_hung_up(state: CallState | None, prompt: str) -> None:
    """A colleague was faster, or the caller has given up."""
    assert step(at(Stage.WHISPER), Claimed(won=False), replace(WAITING, state=state)) == Turn(bye(prompt))


def test_pressing_2_passes() -> None:
    """They are thanked, and the next phone rings."""
    assert step(at(Stage.WHISPER), Keyed("2"), WAITING) == Turn(bye("declined"), Effect.DECLINE)


@pytest.mark.parametrize("digits", ["", "3", "9", "*", "#"])
def test_silence_or_an_odd_key_repeats_the_whisper_once(digits: str) -> None:
    """Then it counts as passing: a voicemail can't press 1."""
    again = step(at(Stage.WHISPER), Keyed(digits), WAITING)
    assert said(again.document) == ["whisper", "whisper-accept"]
    assert again.document[-1].then == at(Stage.WHISPER, 2)  # type: ignore[union-attr] # it is a Listen, and says so
    assert again.effect is None
    assert step(at(Stage.WHISPER, 2), Keyed(digits), WAITING) == Turn(bye("declined"), Effect.DECLINE)


@pytest.mark.parametrize(("state", "prompt"), MISSED)
def test_somebody_who_hesitates_is_told_that_it_is_too_late(state: CallState | None, prompt: str) -> None:
    """The whisper isn't repeated for a call that somebody else has."""
    turn = step(at(Stage.WHISPER), Keyed(""), replace(WAITING, state=state))
    assert turn == Turn(bye(prompt), Effect.DECLINE)


def test_a_late_silence_of_the_leg_that_holds_the_call_declines_nothing() -> None:
    """The same request again, after the claim, gets the same whisper."""
    turn = step(at(Stage.WHISPER), Keyed(""), replace(MINE, state=CallState.CLAIMED))
    assert turn == step(at(Stage.WHISPER), Keyed(""), WAITING)


@pytest.mark.parametrize("event", [Keyed("1"), Claimed(won=True), BridgeEnded(), Checked()])
def test_an_event_that_cannot_be_hangs_up_with_a_word(event: Event) -> None:
    """Nothing but an answer follows a ringing phone."""
    assert step(at(Stage.PICK_UP), event, WAITING) == Turn(bye("gone"))


# --- after the bridge


@pytest.mark.parametrize("bridged", [True, False])
def test_a_bridge_that_was_never_announced_gives_the_claim_back(bridged: bool) -> None:
    """The caller hung up as the psychologist pressed 1, or the carrier found nobody in the queue."""
    view = replace(MINE, state=CallState.CLAIMED)
    assert step(at(Stage.BRIDGE), BridgeEnded(bridged), view) == Turn(bye("gone"), Effect.UNCLAIM)


def test_an_announced_bridge_that_never_was_gives_the_claim_back() -> None:
    """The caller hung up, or was lost, while the carrier announced it."""
    assert step(at(Stage.BRIDGE), BridgeEnded(bridged=False), MINE) == Turn(bye("gone"), Effect.UNCLAIM)


@pytest.mark.parametrize("view", [OVER, WAITING, replace(WAITING, attempt=2)])
def test_whoever_talked_to_nobody_is_not_asked_to_code(view: CallView) -> None:
    """The call ended, or was put into another queue, before the bridge was made."""
    assert step(at(Stage.BRIDGE), BridgeEnded(bridged=False), view) == Turn(bye("gone"))


@pytest.mark.parametrize("view", [MINE, PARTED])
def test_after_a_talk_the_psychologist_stays_for_a_moment(view: CallView) -> None:
    """Whether the caller is still there will be known in a second."""
    assert step(at(Stage.BRIDGE), BridgeEnded(), view) == Turn((Pause(1), Goto(at(Stage.CHECK))), Effect.HOLD)


@pytest.mark.parametrize("state", [CallState.CLAIMED, CallState.TALKING, CallState.PARTED])
@pytest.mark.parametrize("bridged", [True, False])
def test_a_late_end_of_an_earlier_bridge_changes_nothing(state: CallState, bridged: bool) -> None:
    """They went back to the caller since: neither that claim nor that talk is ended."""
    view = replace(MINE, state=state, attempt=3)
    assert step(at(Stage.BRIDGE), BridgeEnded(bridged), view) == Turn((Pause(1), Goto(at(Stage.CHECK))))


def test_after_a_call_that_is_over_there_is_nothing_to_hold() -> None:
    """It only has to be coded."""
    assert step(at(Stage.BRIDGE), BridgeEnded(), OVER) == Turn((Pause(1), Goto(at(Stage.CHECK))))


@pytest.mark.parametrize("state", CallState)
def test_a_bridge_of_somebody_else_s_call_ends_the_leg(state: CallState) -> None:
    """Their claim was released meanwhile."""
    assert step(at(Stage.BRIDGE), BridgeEnded(), replace(WAITING, state=state)) == Turn(bye("gone"))


def test_when_the_caller_is_still_there_the_psychologist_chooses() -> None:
    """1 a colleague, 2 back to the caller; five seconds of silence."""
    turn = step(at(Stage.CHECK), Checked(), PARTED)
    assert turn == Turn((Listen((Say("handover-choice", "nl"),), at(Stage.HAND_OVER, 2), timeout=5),))


def test_a_service_is_offered_where_the_directory_has_one() -> None:
    """By 3; without one 3 is a key like any other."""
    offered = replace(PARTED, services=True)
    assert said(step(at(Stage.CHECK), Checked(), offered).document) == ["handover-choice", "handover-service"]
    assert step(at(Stage.HAND_OVER, 2), Keyed("3"), offered) == Turn(effect=Effect.BRING)
    assert step(at(Stage.HAND_OVER, 2), Keyed("3"), PARTED).effect is Effect.PASS_ON
    assert step(at(Stage.HAND_OVER), Keyed("3"), offered).effect is None


def test_until_the_caller_s_side_is_known_the_check_is_repeated() -> None:
    """Three seconds at most."""
    assert step(at(Stage.CHECK), Checked(), MINE) == Turn((Pause(1), Goto(at(Stage.CHECK, 2))))
    assert step(at(Stage.CHECK, CHECKS), Checked(), MINE) == Turn(bye("thanks"))


@pytest.mark.parametrize("state", CallState)
def test_a_call_that_went_to_somebody_else_ends_with_thanks(state: CallState) -> None:
    """Nothing is left to decide, and another call's coding can wait."""
    for can_code in (False, True):
        view = replace(WAITING, state=state, can_code=can_code)
        assert step(at(Stage.CHECK), Checked(), view) == Turn(bye("thanks"))


# --- handing over


def test_back_to_the_caller_is_a_claim() -> None:
    """And connects like the first."""
    assert step(at(Stage.HAND_OVER, 2), Keyed("2"), PARTED) == Turn(effect=Effect.CLAIM)
    assert step(at(Stage.HAND_OVER, 2), Claimed(won=True), replace(MINE, attempt=2)) == Turn(bridge(2))
    assert not claims_at_once(at(Stage.HAND_OVER), Keyed("2"))


@pytest.mark.parametrize("digits", ["1", "", "5", "*"])
def test_anything_else_hands_the_call_over(digits: str) -> None:
    """Silence too: the caller is not kept waiting for a choice."""
    assert step(at(Stage.HAND_OVER, 2), Keyed(digits), PARTED) == Turn(bye("handover-done"), Effect.PASS_ON)


@pytest.mark.parametrize("digits", ["1", "2", ""])
def test_a_late_choice_about_an_earlier_talk_changes_nothing(digits: str) -> None:
    """They went back to the caller since, and were parted again."""
    view = replace(PARTED, attempt=3)
    assert step(at(Stage.HAND_OVER, 2), Keyed(digits), view) == Turn(bye("thanks"))


@pytest.mark.parametrize("digits", ["1", "2", ""])
@pytest.mark.parametrize("view", [OVER, WAITING, MINE, replace(PARTED, mine=False, attempt=1)])
def test_a_caller_who_is_gone_can_no_longer_be_handed_over(view: CallView, digits: str) -> None:
    """They hung up while the question was asked."""
    assert step(at(Stage.HAND_OVER), Keyed(digits), view) == Turn(bye("thanks"))


def test_a_way_back_that_is_too_late_is_told() -> None:
    """The caller hung up in that very moment."""
    assert step(at(Stage.HAND_OVER), Claimed(won=False), OVER) == Turn(bye("gone"))


# --- when the database is silent


def test_without_a_database_the_whisper_is_short_and_not_repeated() -> None:
    """The line and the language are in the URL, the wait isn't known."""
    turn = step_blind(at(Stage.PICK_UP), Answered(), replace(OVER, held_in="de"))
    said_first = Say("whisper-short", "nl", (("line", "Testlijn"), ("language", "@language-de")))
    sounds = (Pause(1), said_first, Say("whisper-accept", "nl"))
    assert turn == Turn((Listen(sounds, at(Stage.WHISPER, 2), timeout=3),))


def test_without_a_database_1_dials_the_queue() -> None:
    """The carrier lets one in at most."""
    assert step_blind(at(Stage.WHISPER), Keyed("1"), replace(OVER, queue="queue")) == Turn(bridge())


@pytest.mark.parametrize(
    ("stage", "event", "prompt"),
    [
        (Stage.PICK_UP, Keyed("1"), "gone"),
        (Stage.WHISPER, Keyed(""), "declined"),
        (Stage.WHISPER, Keyed("2"), "declined"),
        (Stage.BRIDGE, BridgeEnded(), "thanks"),
        (Stage.CHECK, Checked(), "thanks"),
        (Stage.HAND_OVER, Keyed("2"), "thanks"),
        (Stage.CODE, Keyed("12"), "code-later"),
        (Stage.CONFIRM, Keyed("1"), "code-later"),
    ],
)
def test_without_a_database_everything_else_ends_with_a_word(stage: Stage, event: Event, prompt: str) -> None:
    """One that is true: a call that couldn't be coded waits on the page."""
    assert step_blind(at(stage), event, OVER) == Turn(bye(prompt))

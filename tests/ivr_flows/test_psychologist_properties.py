"""What holds for every psychologist's leg: all places, all events, whatever the call is like by then."""

from graphlib import TopologicalSorter
from itertools import product

import pytest

from ivr_flows.actions import Bridge, Hangup, Listen
from ivr_flows.load import shipped_flow, shipped_names
from ivr_flows.model import LANGUAGES, Language
from ivr_flows.psychologist import (
    Answered,
    Before,
    CallView,
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
from ivr_flows.ringing import SCREEN_SECONDS, CallState
from tests.ivr_flows.machines import (
    CATEGORIES,
    LEG_EVENTS,
    PROMPTS,
    ends_well,
    hangs_up,
    said,
    seconds,
    spoken,
    views,
    walk_psychologist,
)

SILENCE = Keyed("")


def place_after(turn: Turn) -> Place | None:
    """Where the next request comes from; None after a hang-up, or while a claim is being tried."""
    last = turn.document[-1] if turn.document else None
    return last.then if last is not None and hasattr(last, "then") else None


def test_every_turn_plays_something_or_claims() -> None:
    """A document ends where its last action takes the leg; only a claim has none, for its answer comes at once."""
    for turn in walk_psychologist().values():
        assert (turn.effect is Effect.CLAIM) == (not turn.document)
        assert turn.effect is Effect.CLAIM or ends_well(turn.document)
        assert bool(turn.code) == (turn.effect is Effect.CODE)


def test_nobody_is_hung_up_without_a_word() -> None:
    """Whoever is on the line hears why it ends."""
    assert all(said(turn.document) for turn in walk_psychologist().values() if hangs_up(turn.document))


def test_only_1_at_the_whisper_and_2_after_a_talk_claim() -> None:
    """Silence never does, nor does any other key or event."""
    claims = {
        (place.stage, event) for (place, event, _), turn in walk_psychologist().items() if turn.effect is Effect.CLAIM
    }
    assert claims == {(Stage.WHISPER, Keyed("1")), (Stage.HAND_OVER, Keyed("2"))}


def test_only_a_won_claim_bridges() -> None:
    """And a won claim always does."""
    for (place, event, _), turn in walk_psychologist().items():
        bridges = any(isinstance(action, Bridge) for action in turn.document)
        assert bridges == (event == Claimed(won=True) and place.stage in {Stage.WHISPER, Stage.HAND_OVER})


def test_a_claim_that_is_tried_at_once_is_one_whatever_the_call_is_like() -> None:
    """The shell may try it before it has looked the call up."""
    for (place, event, _), turn in walk_psychologist().items():
        if claims_at_once(place, event):
            assert turn == Turn(effect=Effect.CLAIM)


def test_whoever_loses_a_claim_is_told_and_hung_up() -> None:
    """With no other effect: the leg's end will be reported by the carrier."""
    for (place, event, _), turn in walk_psychologist().items():
        if event == Claimed(won=False) and place.stage in {Stage.WHISPER, Stage.HAND_OVER}:
            assert hangs_up(turn.document)
            assert said(turn.document)
            assert turn.effect is None


def test_a_leg_speaks_one_language() -> None:
    """The psychologist's own, from the first word to the last."""
    assert {say.language for turn in walk_psychologist("nl").values() for say in spoken(turn.document)} == {"nl"}


def test_every_way_ends() -> None:
    """No place comes back, whatever is pressed and whatever the call is like; only 2 after a talk begins a new one."""
    ways = TopologicalSorter[Place]()
    for (place, event, _), turn in walk_psychologist().items():
        back_to_the_caller = place.stage is Stage.HAND_OVER and event == Claimed(won=True)
        if (after := place_after(turn)) is not None and not back_to_the_caller:
            ways.add(after, place)
    assert len(list(ways.static_order())) <= 40


def test_a_blind_leg_ends_in_a_hang_up_a_bridge_or_one_whisper() -> None:
    """Without a database too, every event has an answer, and only 1 at the whisper dials."""
    last: dict[tuple[Stage, Event], type] = {}
    for stage, event in product(Stage, LEG_EVENTS):
        turn = step_blind(Place(stage, "fr"), event, CallView(None, queue="queue"))
        assert turn.effect is None
        assert ends_well(turn.document)
        last[stage, event] = type(turn.document[-1])
    assert last.pop((Stage.WHISPER, Keyed("1"))) is Bridge
    assert last.pop((Stage.PICK_UP, Answered())) is Listen
    assert set(last.values()) == {Hangup}


# --- a voicemail


def heard_by_a_voicemail(view: CallView, language: Language) -> list[Turn]:
    """The turns of a phone that answers and then presses nothing."""
    turns = [step(Place(Stage.PICK_UP, language), Answered(), view)]
    while (place := place_after(turns[-1])) is not None:
        turns.append(step(place, SILENCE, view))
    return turns


def test_a_voicemail_is_hung_up_on_after_three_turns_at_most() -> None:
    """Whatever the call is like meanwhile, it never gets it."""
    for view in views():
        turns = heard_by_a_voicemail(view, "fr")
        assert len(turns) <= 3
        assert hangs_up(turns[-1].document)
        assert not any(turn.effect is Effect.CLAIM for turn in turns)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", shipped_names())
def test_a_voicemail_is_given_up_within_the_screening_time(name: str, language: Language) -> None:
    """The last moment at which a key could still come, whatever is announced, at 150 words a minute."""
    spoken_name = shipped_flow(name).spoken[language]
    for before, category, held_in in product(Before, (None, *CATEGORIES.values()), LANGUAGES):
        view = CallView(
            CallState.WAITING, held_in=held_in, waited=50, category=category, line=spoken_name, before=before
        )
        *whispers, last = heard_by_a_voicemail(view, language)
        assert sum(seconds(turn.document) for turn in whispers) <= SCREEN_SECONDS
        assert last == Turn(last.document, Effect.DECLINE)


def test_every_category_of_the_prompts_is_tried() -> None:
    """The longest announcement is among them."""
    assert {key for key in PROMPTS.texts["fr"] if key.startswith("category-")} == set(CATEGORIES.values())

"""What holds for every caller of every safe flow, whatever keys are pressed."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from ivr_flows.actions import Hangup, Listen
from ivr_flows.caller import Event, Keyed, LeftQueue, Place, Silence, Turn, arrive, step, to_ring
from ivr_flows.check import check
from ivr_flows.model import LANGUAGES, Flow, RingStep
from tests.ivr_flows.files import prompts
from tests.ivr_flows.machines import KEYPAD, ends_well, hangs_up, place_after, said
from tests.ivr_flows.strategies import safe_flows

KEYS = st.lists(st.just(None) | st.sampled_from(KEYPAD), max_size=12)
"""What a caller presses at each prompt: a key or nothing."""


def event_at(flow: Flow, place: Place, key: str | None) -> Event:
    """What can come back from a place: at a ring only that nobody answered."""
    if isinstance(flow.steps[place.step], RingStep):
        return LeftQueue()
    return Silence() if key is None else Keyed(key)


def call(flow: Flow, keys: Sequence[str | None]) -> list[Turn]:
    """The turns of a caller whom nobody answers, until the goodbye or the last key."""
    turns = [arrive(flow)]
    for key in keys:
        place = place_after(turns[-1])
        if place is None:
            break
        turns.append(step(flow, place, event_at(flow, place, key)))
    return turns


def place_within(flow: Flow, keys: Sequence[str | None]) -> Place:
    """Where those keys have led a caller who is still on the line."""
    place = place_after(call(flow, keys)[-1])
    assume(place is not None)
    assert place is not None
    return place


@given(safe_flows())
def test_the_random_flows_are_safe(flow: Flow) -> None:
    """What follows is shown for flows that the proof accepts."""
    assert check(flow, prompts()) == ()


@given(safe_flows(), KEYS)
def test_every_turn_rings_or_plays_a_document_that_leads_on(flow: Flow, keys: list[str | None]) -> None:
    """A turn is one of the two and never both; a document ends where its last action takes the caller."""
    for turn in call(flow, keys):
        assert (turn.ring is None) == bool(turn.document)
        if turn.ring is None:
            assert ends_well(turn.document)
            assert isinstance(turn.document[-1], Listen | Hangup)
        else:
            assert isinstance(flow.steps[turn.ring.step], RingStep)


@given(safe_flows(), KEYS)
def test_silence_from_anywhere_leads_to_a_ring_or_a_goodbye(flow: Flow, keys: list[str | None]) -> None:
    """Whatever was pressed before: who then presses nothing is rung for, or the call ends, within a few prompts."""
    turns = call(flow, [*keys, *[None] * len(flow.steps)])
    last = turns[len(keys) :] or turns[-1:]
    assert any(turn.ring is not None or hangs_up(turn.document) for turn in last)


@given(safe_flows(), KEYS)
def test_no_call_ends_before_a_ring_and_the_crisis_numbers(flow: Flow, keys: list[str | None]) -> None:
    """Whoever hears the goodbye was rung for, and heard the crisis numbers after that."""
    turns = call(flow, [*keys, *[None] * 2 * len(flow.steps)])
    assert hangs_up(turns[-1].document)
    rung = max(index for index, turn in enumerate(turns) if turn.ring is not None)
    assert said(turns[rung + 1].document)[0] == flow.crisis


@given(safe_flows(), KEYS)
def test_key_9_speaks_the_crisis_numbers_and_forgets_nothing(flow: Flow, keys: list[str | None]) -> None:
    """In the document itself, or owed to the ring it leads to; language and category stay as they were."""
    place = place_within(flow, keys)
    turn = step(flow, place, Keyed("9"))
    after = turn.ring or place_after(turn)
    assert after is not None
    assert (after.language, after.category) == (place.language, place.category)
    if turn.ring is not None:
        assert turn.ring.crisis
    else:
        assert said(turn.document)[0] == flow.crisis
        assert after.step == place.step


@given(safe_flows(), KEYS)
def test_only_a_language_step_changes_the_language_and_only_a_question_the_category(
    flow: Flow, keys: list[str | None]
) -> None:
    """Whatever else happens, nobody is asked again who they are or spoken to in another language."""
    places = [place for turn in call(flow, keys) if (place := place_after(turn)) is not None]
    for before, after in pairwise(places):
        assert before.language == after.language or before.step == "language"
        assert before.category == after.category or before.step == "ask"


@given(safe_flows(), KEYS)
def test_a_repeated_request_gets_the_same_answer(flow: Flow, keys: list[str | None]) -> None:
    """A place and an event are all that a turn depends on."""
    assert call(flow, keys) == call(flow, keys)


@given(safe_flows(), KEYS)
def test_a_step_is_repeated_once(flow: Flow, keys: list[str | None]) -> None:
    """Somebody who only finds wrong keys goes on as if they had pressed none."""
    places = [place for turn in call(flow, keys) if (place := place_after(turn)) is not None]
    assert all(place.repeats <= 1 for place in places)
    stuck = [one.step for one, two in pairwise(places) if one.step == two.step and one.repeats == two.repeats == 1]
    assert not stuck


PLACES = st.builds(
    Place,
    st.sampled_from(["before0", "language", "ask", "ring", "after0", "goodbye", "gone"]),
    st.sampled_from(LANGUAGES),
    st.none() | st.just("hello"),
    st.integers(0, 2),
    st.booleans(),
)
EVENTS = st.just(Silence()) | st.just(LeftQueue()) | st.builds(Keyed, st.text(max_size=3))


@given(safe_flows(), PLACES, EVENTS)
def test_any_event_at_any_place_has_an_answer(flow: Flow, place: Place, event: Event) -> None:
    """A place from an older flow, keys that no telephone has: there is always a turn, and it strands nobody."""
    turn = step(flow, place, event)
    assert ends_well(turn.document) or turn.ring is not None
    assert turn.ring is None or isinstance(flow.steps[turn.ring.step], RingStep)


@given(safe_flows(), st.none() | PLACES)
def test_straight_to_the_ring_is_always_a_ring(flow: Flow, place: Place | None) -> None:
    """For a request whose place can't be read there is always somebody to ring."""
    ring = to_ring(flow, place).ring
    assert ring is not None
    assert isinstance(flow.steps[ring.step], RingStep)

"""What a caller in the queue hears, document by document."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.actions import Document, LeaveQueue, Listen, Music, Pause, Say
from ivr_flows.holding import Wait, hold, is_emergency
from ivr_flows.load import shipped_flow, shipped_names
from ivr_flows.model import LANGUAGES, Language
from ivr_flows.ringing import DOUBTED, HELD_SECONDS, PART_SECONDS, CallFacts, CallState, LegFacts, LegState, WaveFacts
from tests.ivr_flows.machines import ends_well, said, seconds

NOW = 1_800_000_000
CRISIS = "crisis-france"
KINDS = ("first", "second", "accepted", "backup", "again")
PLAN = tuple(WaveFacts(20, kind, "nl", announced=kind == "accepted") for kind in KINDS)
WAITING = CallFacts(CallState.WAITING, "fr", wave=0, wave_at=NOW)
HELD = replace(WAITING, wave=-1, held=True, until=NOW + 180)
PARTED = replace(WAITING, state=CallState.PARTED, claimed_leg="ana", parted_at=NOW)


def heard(
    call: CallFacts,
    here: Wait | None = None,
    leg: LegState = LegState.RINGING,
    after: int = 0,
    *,
    speak_crisis: bool = False,
) -> Listen[Wait]:
    """The document of a caller who stays in the queue."""
    legs = [LegFacts("ana", 0, leg, NOW + 60)]
    (action,) = hold(call, PLAN, legs, NOW + after, CRISIS, here or Wait(), speak_crisis=speak_crisis)
    assert isinstance(action, Listen)
    return action


def listened(call: CallFacts, waves: Sequence[int]) -> list[list[str]]:
    """The prompts of a caller's documents, one after the other, while these waves ring."""
    here, prompts = Wait(), []
    for wave in waves:
        document = heard(replace(call, wave=wave), here)
        prompts.append(said((document,)))
        here = document.then
    return prompts


# --- waiting


def test_a_caller_hears_music_and_every_other_time_some_words() -> None:
    """Four different sentences, then the first again."""
    prompts = listened(WAITING, [0] * 10)
    assert prompts == [[], ["hold-1"], [], ["hold-2"], [], ["hold-3"], [], ["hold-4"], [], ["hold-1"]]


def test_a_new_wave_is_announced_once() -> None:
    """In the first document after it opened, however long that one was in coming."""
    prompts = listened(WAITING, [0, 1, 1, 1, 3, 3, 3, 4, 4])
    assert prompts == [[], ["hold-second"], [], ["hold-2"], ["hold-backup"], ["hold-3"], [], ["hold-again"], []]


def test_the_caller_is_told_of_another_language() -> None:
    """Before somebody answers in it."""
    document = heard(replace(WAITING, wave=2))
    assert document.sounds == (Say("hold-accepted", "fr", (("language", "@language-nl"),)), Music(5))


def test_a_language_that_was_announced_before_is_not_again() -> None:
    """A second wave of it is nothing new."""
    again = replace(PLAN[2], announced=False)
    (action,) = hold(replace(WAITING, wave=1), [PLAN[0], again], [], NOW, CRISIS, Wait())
    assert said((action,)) == []


@pytest.mark.parametrize("wave", [-1, 0, 7])
def test_the_first_wave_is_no_news(wave: int) -> None:
    """The greeting has said it; nor is one that the plan doesn't have."""
    assert heard(replace(WAITING, wave=wave)).sounds == (Music(9),)


@pytest.mark.parametrize("state", [CallState.CLAIMED, CallState.TALKING])
def test_a_caller_who_is_being_connected_goes_on_waiting(state: CallState) -> None:
    """In short pieces: the carrier takes them out of the queue, and nobody is said to be called."""
    assert heard(replace(WAITING, state=state), Wait(1, 0)) == Listen((Music(3),), Wait(2, 0))


def test_only_who_is_played_a_doubted_document_asks_for_the_next() -> None:
    """Its number is one that no old request has; the words go on as they would have."""
    talking = replace(WAITING, state=CallState.TALKING, doubt=3, doubt_at=NOW)
    assert [heard(talking, Wait(nth)).then.nth for nth in (2, 3, 4)] == [3, 3 + DOUBTED, 5]
    assert heard(talking, Wait(3), speak_crisis=True).then.nth == 3 + DOUBTED
    assert [
        heard(WAITING, Wait(nth, 0)).sounds == heard(WAITING, Wait(nth + DOUBTED - 1, 0)).sounds for nth in range(9)
    ]


# --- everybody is on the phone


def held_words(left: str) -> Say:
    """That everybody is on the phone, and until when the caller holds."""
    return Say("hold-busy", "fr", (("wait", f"@wait:{left}"),))


def test_a_caller_for_whom_everybody_is_busy_is_told_so() -> None:
    """At once, and every fourth time; that somebody is being called is never said, because nobody is."""
    prompts = listened(HELD, [-1] * 9)
    assert prompts == [["hold-busy"], [], ["hold-2"], [], ["hold-busy"], [], ["hold-2"], [], ["hold-busy"]]


@pytest.mark.parametrize(
    ("after", "told"), [(0, "180"), (1, "180"), (61, "120"), (120, "60"), (121, "60"), (131, "50"), (175, "10")]
)
def test_a_caller_is_told_how_long_they_hold_at_most(after: int, told: str) -> None:
    """In minutes, towards the end in tens of seconds, never less than it takes."""
    assert heard(HELD, after=after).sounds == (held_words(told), Music(5))


def test_a_wait_that_is_over_is_told_as_ten_seconds() -> None:
    """While somebody who has just picked up may still press 1."""
    assert heard(HELD, after=200).sounds == (held_words("10"), Music(5))


def test_a_backup_who_is_called_is_announced_all_the_same() -> None:
    """First that everybody is on the phone, then that the coordinator is being called."""
    prompts = listened(HELD, [3, 3, 3, 3, 3])
    assert prompts == [["hold-busy"], ["hold-backup"], ["hold-2"], [], ["hold-busy"]]


# --- key 9


@pytest.mark.parametrize("state", sorted(set(CallState) - {CallState.LEAVING, CallState.LEFT}))
def test_key_9_speaks_the_crisis_numbers_in_the_queue(state: CallState) -> None:
    """The phones ring on; after a cut-off too."""
    document = heard(replace(PARTED, state=state), leg=LegState.ENDED, speak_crisis=True)
    assert document == Listen((Say(CRISIS, "fr"),), Wait(1, -1))


def test_the_crisis_numbers_swallow_no_news() -> None:
    """A wave that opened meanwhile is announced after them."""
    document = heard(replace(WAITING, wave=1), Wait(3, 0), speak_crisis=True)
    assert said((heard(replace(WAITING, wave=1), document.then),)) == ["hold-second"]


@pytest.mark.parametrize(("keys", "asked"), [("9", True), ("", False), ("1", False), ("99", False), ("*", False)])
def test_key_9_in_the_queue_asks_for_the_crisis_numbers(keys: str, asked: bool) -> None:
    """No other key does."""
    assert is_emergency(keys) is asked


# --- leaving


@pytest.mark.parametrize("speak_crisis", [False, True])
@pytest.mark.parametrize("state", [CallState.LEAVING, CallState.LEFT])
def test_a_caller_whose_plan_is_over_leaves_the_queue(state: CallState, speak_crisis: bool) -> None:
    """At once: the crisis numbers are spoken outside. Also one whom the row believes outside."""
    call = replace(WAITING, state=state)
    assert hold(call, PLAN, [], NOW, CRISIS, Wait(), speak_crisis=speak_crisis) == (LeaveQueue(),)


# --- after a bridge


def test_while_the_psychologist_decides_the_caller_hears_that_it_takes_a_moment() -> None:
    """A hand-over or a way back to the talk."""
    assert heard(PARTED, leg=LegState.HELD) == Listen((Say("one-moment", "fr"), Music(2)), Wait(told=-2))


def test_while_a_service_is_called_the_caller_is_not_forgotten() -> None:
    """Music in short pieces, and now and then a word."""
    here, prompts = Wait(), []
    for _ in range(9):
        document = heard(PARTED, here, LegState.HELD)
        assert seconds((document,)) <= 8
        prompts.append(said((document,)))
        here = document.then
    assert prompts == [["one-moment"], [], [], [], ["moment-more"], [], [], [], ["moment-more"]]


def test_a_caller_is_told_whom_they_will_meet_and_leaves_once_they_are_awaited() -> None:
    """Not before the psychologist is in the room."""
    meeting = replace(PARTED, state=CallState.MEETING)
    first = heard(meeting, Wait(told=-5), LegState.HELD)
    assert first == Listen((Say("connecting-service", "fr"),), Wait(1))
    assert heard(meeting, first.then, LegState.HELD) == Listen((Music(2),), Wait(1))
    legs = [LegFacts("ana", 0, LegState.TALKING, NOW + 60)]
    assert hold(meeting, PLAN, legs, NOW, CRISIS, Wait(1)) == (LeaveQueue(),)
    assert heard(meeting, Wait(told=-5), LegState.TALKING) == first


@pytest.mark.parametrize(
    ("service", "after", "prompts"),
    [
        (LegState.HELD, 0, ["one-moment"]),
        (LegState.HELD, HELD_SECONDS, ["one-moment"]),
        (LegState.TALKING, 0, []),
        (LegState.TALKING, PART_SECONDS, ["cut-off"]),
        (LegState.ENDED, 0, ["cut-off"]),
        (LegState.RINGING, 0, ["cut-off"]),
    ],
)
def test_a_service_that_is_still_there_takes_the_caller(service: LegState, after: int, prompts: list[str]) -> None:
    """The psychologist is gone: nobody was cut off who is about to be connected."""
    legs = [
        LegFacts("ana", 0, LegState.ENDED, NOW + 60),
        LegFacts("service", -1, service, NOW + 60, current=False, service=True),
    ]
    assert said(hold(PARTED, PLAN, legs, NOW + after, CRISIS, Wait())) == prompts


def test_a_psychologist_who_left_the_caller_to_a_service_is_gone() -> None:
    """Though they are still being thanked."""
    legs = [LegFacts("ana", 0, LegState.HELD, NOW + 60, leaving=True)]
    assert said(hold(PARTED, PLAN, legs, NOW, CRISIS, Wait())) == ["cut-off"]


def test_while_nobody_knows_the_caller_hears_nothing_for_a_second() -> None:
    """Nobody is told that they were cut off before it is sure."""
    assert heard(PARTED, leg=LegState.TALKING) == Listen((Pause(1),), Wait())


@pytest.mark.parametrize(
    ("leg", "after"), [(LegState.ENDED, 0), (LegState.TALKING, PART_SECONDS), (LegState.HELD, HELD_SECONDS)]
)
def test_a_caller_who_was_cut_off_is_asked_to_stay(leg: LegState, after: int) -> None:
    """Five seconds of silence, then the next request knows that they stayed."""
    assert heard(PARTED, leg=leg, after=after) == Listen((Say("cut-off", "fr"),), Wait(asked=True), timeout=5)


# --- all of them


def every_document(crisis: str) -> Iterator[tuple[Language, Document[Wait]]]:
    """Whatever can be heard in the queue, with its language."""
    for state, language, wave, nth, busy, speak in product(
        CallState, LANGUAGES, range(-1, len(PLAN)), range(10), (False, True), (False, True)
    ):
        call = replace(PARTED, state=state, language=language, wave=wave, held=busy, until=NOW + 180)
        for leg in LegState if state is CallState.PARTED else (LegState.RINGING,):
            legs = [LegFacts("ana", 0, leg, NOW + 60)]
            yield language, hold(call, PLAN, legs, NOW, crisis, Wait(nth, wave - 1), speak_crisis=speak)
            if state is CallState.PARTED:
                yield language, hold(call, PLAN, legs, NOW, crisis, Wait(told=-5))


@pytest.mark.parametrize("name", shipped_names())
def test_no_wait_document_is_longer_than_15_seconds(name: str) -> None:
    """The hold loop is the clock: speech at 150 words a minute, music, and the time for a key."""
    flow = shipped_flow(name)
    told = set(every_document(flow.crisis))
    assert max(seconds(document) for language, document in told if language in flow.languages) <= 15


def test_every_wait_document_ends_in_a_listen_or_leaves() -> None:
    """A key is never lost, and nothing comes after what leads on."""
    for _, document in set(every_document(CRISIS)):
        assert ends_well(document)
        assert isinstance(document[-1], Listen | LeaveQueue)
        assert len(document) == 1


@given(st.lists(st.integers(0, 4), max_size=30).map(sorted), st.booleans())
def test_nobody_hears_the_same_words_twice_in_a_row(waves: list[int], held: bool) -> None:
    """However fast the waves and however short the documents."""
    prompts = listened(replace(WAITING, held=held, until=NOW + 180), waves)
    assert all(one != two or one == [] for one, two in pairwise(prompts))
    assert all(prompts.count([f"hold-{kind}"]) <= 1 for kind in ("second", "accepted", "backup", "again"))


@given(st.integers(0, 40), st.integers(-2, 5), st.integers(-60, 3600), st.integers(-1, 5))
def test_somebody_held_never_hears_that_psychologists_are_being_called(
    nth: int, wave: int, after: int, told: int
) -> None:
    """Those who could take the call are all on the phone: that may be said, or what key 9 does, or who is rung now."""
    (document,) = hold(replace(HELD, wave=wave), PLAN, [], NOW + after, CRISIS, Wait(nth, told))
    assert set(said((document,))) <= {
        "hold-busy",
        "hold-2",
        "hold-second",
        "hold-accepted",
        "hold-backup",
        "hold-again",
    }

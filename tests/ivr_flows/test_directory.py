"""Somebody looks for help near them: every question, every key, every list, whatever the directory holds by then."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.actions import Action, Listen, Pause, Phone, Say
from ivr_flows.directory import (
    FINISH,
    LONGEST_NUMBER,
    MOST_READ,
    TO_CALLERS,
    Dialled,
    Event,
    Facts,
    Keyed,
    Offer,
    Place,
    Stage,
    Turn,
    begin,
    step,
    where_asked,
)
from ivr_flows.load import shipped_flow, shipped_names
from ivr_flows.model import DirectoryStep
from tests.ivr_flows.machines import KEYPAD, ends_well, said, seconds

NEAR = Offer("near", "Association du Sud", "0 5, 3 6", always=True, number="+33536491234")
SHORT = Offer("short", "31 14", "31 14", always=True)
WIDE = Offer("wide", "Association de France", "0 1, 9 9", number="+33199001234")
FOURTH = Offer("fourth", "Ordre", "0 8", number="+33199005678")
NATIONAL = (SHORT, WIDE, FOURTH)
QUESTIONS = {"france": "directory-department", "belgium": "directory-postcode"}
FIRST = Place(Stage.ASK, "directory", "fr")
EVENTS: tuple[Event, ...] = (*map(Keyed, ("", *KEYPAD, "31", "99")), Dialled(reached=True), Dialled(reached=False))


def facts(where: str, *, known: bool = True, line: str = "france") -> Facts:
    """What there is at a place: 31 is one, and everything else is none."""
    offers = (NEAR, *NATIONAL) if where == "31" else NATIONAL
    name = "Haute-Garonne" if where == "31" else None
    return Facts(f"crisis-{line}", QUESTIONS[line], offers if known else (), name)


def turn_at(place: Place, event: Event, *, known: bool = True) -> Turn:
    """The turn of an event, with the facts that belong to it."""
    return step(place, event, facts(where_asked(place, event), known=known))


def then(turn: Turn) -> Place | None:
    """Where a turn's document leads."""
    return next((action.then for action in turn.document if isinstance(action, Listen | Phone)), None)


@cache
def walk() -> Mapping[tuple[Place, Event, bool], Turn]:
    """The turn of every event at every place that can be reached, the directory there or gone by then."""
    turns: dict[tuple[Place, Event, bool], Turn] = {}
    todo, seen = [FIRST, replace(FIRST, crisis=True)], set[Place]()
    while todo:
        place = todo.pop()
        if place in seen:
            continue
        seen.add(place)
        for event, known in product(EVENTS, (True, False)):
            turns[place, event, known] = turn = turn_at(place, event, known=known)
            if (following := then(turn)) is not None:
                todo.append(following)
    return turns


def every_document() -> Iterator[tuple[Action[Any], ...]]:
    """Whatever somebody who looks for help can hear."""
    for line in QUESTIONS:
        yield begin(FIRST, facts("", line=line)).document
    yield begin(FIRST, facts("", known=False)).document
    for turn in walk().values():
        yield turn.document


def after(*events: Event, known: bool = True) -> Turn:
    """The turn after the last of these events, from the first question on."""
    turn, place = begin(FIRST, facts("", known=known)), FIRST
    for event in events:
        place = then(turn) or place
        turn = turn_at(place, event, known=known)
    return turn


def test_every_turn_plays_or_leads_on() -> None:
    """Nobody is left in silence: a question, a list, a phone that rings, or the flow's next step after some words."""
    for (place, event, _), turn in walk().items():
        assert turn.leads_on != (then(turn) is not None), (place, event)
        if turn.leads_on:
            assert all(isinstance(action, Say) for action in turn.document)
        else:
            assert isinstance(turn.document[-1], Phone) or ends_well(turn.document)


def test_staying_on_the_line_always_leads_on() -> None:
    """From every place: at most three documents later, and soon enough for somebody who changed their mind."""
    for place, _, _ in walk():
        turn = turn_at(place, Dialled(reached=True) if place.stage is Stage.DIAL else Keyed(""))
        heard = seconds(tuple(action for action in turn.document if not isinstance(action, Phone)))
        for _ in range(3):
            if turn.leads_on:
                break
            following = then(turn)
            assert following is not None
            turn = turn_at(following, Keyed(""))
            heard += seconds(turn.document)
        assert turn.leads_on
        assert heard < 120


def test_0_leads_on_at_once() -> None:
    """From every question and every list, as long as no phone rings."""
    for place in {place for place, _, _ in walk() if place.stage is not Stage.DIAL}:
        assert turn_at(place, Keyed("0")) == Turn(leads_on=True)


def test_9_speaks_the_crisis_numbers_and_goes_back() -> None:
    """First of all, and then the same again."""
    for place in {place for place, _, _ in walk() if place.stage is not Stage.DIAL}:
        turn = turn_at(place, Keyed("9"))
        assert said(turn.document)[0] == "crisis-france"
        back = then(turn)
        assert back is not None
        assert (back.stage, back.crisis, back.repeats) == (place.stage, False, place.repeats)


@pytest.mark.parametrize("name", shipped_names())
def test_the_question_is_the_flows(name: str) -> None:
    """A department in France, a postcode in Belgium; any number of keys that a hash ends."""
    here = shipped_flow(name).steps["directory"]
    assert here == DirectoryStep("directory", QUESTIONS[name], "ring")
    (listen,) = begin(FIRST, facts("", line=name)).document
    assert isinstance(listen, Listen)
    assert said((listen,)) == [QUESTIONS[name]]
    assert (listen.digits, listen.finish) == (LONGEST_NUMBER, FINISH)


def test_the_nearest_are_read_by_name_and_number() -> None:
    """The place that was understood, that the choice is theirs, three entries, and who can be put through."""
    turn = after(Keyed("31"))
    assert said(turn.document) == [
        "directory-place", "directory-free",
        "directory-entry-always", "directory-connect", "directory-entry-always", "directory-entry", "directory-connect",
        "directory-menu",
    ]  # fmt: skip
    (listen,) = turn.document
    assert isinstance(listen, Listen)
    assert Say("directory-place", "fr", (("place", "Haute-Garonne"),)) in listen.sounds
    assert Say("directory-entry", "fr", (("name", WIDE.name), ("phone", WIDE.phone))) in listen.sounds
    assert [say.values for say in listen.sounds if isinstance(say, Say) and say.prompt == "directory-connect"] == [
        (("key", "1"),), (("key", "3"),)
    ]  # fmt: skip
    assert listen.sounds.count(Pause(1)) == MOST_READ + 1


@pytest.mark.parametrize("keyed", [Keyed("99"), Keyed("3*"), Keyed("")], ids=["unknown", "mistyped", "silence"])
def test_what_is_no_place_is_asked_for_once_more(keyed: Keyed) -> None:
    """Then the whole country's help is read."""
    once, twice = after(keyed), after(keyed, keyed)
    assert said(once.document) == [*(["directory-not-found"] if keyed.digits else []), "directory-department"]
    assert said(twice.document)[0] == "directory-country"
    assert after(keyed, Keyed("31")) == after(Keyed("31"))


@pytest.mark.parametrize(("key", "number"), [("1", NEAR.number), ("3", WIDE.number)])
def test_a_key_puts_through(key: str, number: str) -> None:
    """To that entry, which is named, and which sees the line's number; nobody there has to press a key."""
    turn = after(Keyed("31"), Keyed(key))
    assert said(turn.document) == ["directory-connecting", "directory-shown"]
    phone = turn.document[-1]
    assert isinstance(phone, Phone)
    assert (phone.number, phone.screen) == (number, None)


def test_who_cant_be_put_through_is_only_named() -> None:
    """The key of a short number is as unknown as any."""
    assert said(after(Keyed("31"), Keyed("2")).document)[0] == "not-understood"


def test_a_key_means_what_was_read_for_it() -> None:
    """However the directory was edited since: the same entry, or none."""
    place = then(after(Keyed("31")))
    assert place is not None
    edited = replace(facts("31"), offers=(FOURTH, WIDE, NEAR))
    phone = step(place, Keyed("1"), edited).document[-1]
    assert isinstance(phone, Phone)
    assert phone.number == NEAR.number
    gone = step(place, Keyed("1"), replace(facts("31"), offers=(FOURTH, WIDE)))
    assert said(gone.document)[:2] == ["directory-not-reached", "directory-place"]


def test_nobody_answered_there() -> None:
    """It is said, and the list is read again."""
    turn = after(Keyed("31"), Keyed("1"), Dialled(reached=False))
    assert said(turn.document)[:2] == ["directory-not-reached", "directory-place"]


def test_after_a_talk_they_may_stay() -> None:
    """The list again, or a human by staying."""
    talked = (Keyed("31"), Keyed("1"), Dialled(reached=True))
    assert said(after(*talked).document) == ["directory-after"]
    assert after(*talked, Keyed("4")) == after(Keyed("31"))
    assert after(*talked, Keyed("")).leads_on
    assert said(after(*talked, Keyed("1")).document) == ["not-understood", "directory-after"]


def test_4_reads_again_and_5_asks_again() -> None:
    """As often as they like."""
    assert after(Keyed("31"), Keyed("4"), Keyed("4")) == after(Keyed("31"))
    assert after(Keyed("31"), Keyed("5")) == begin(FIRST, facts(""))


def test_a_second_unknown_key_counts_as_silence() -> None:
    """The list once more, then a human."""
    assert after(Keyed("31"), Keyed("7"), Keyed("7")).leads_on


def test_with_nobody_to_name_the_crisis_numbers_are_spoken() -> None:
    """At the first question already, and wherever the directory is lost: then the flow goes on."""
    assert after(known=False) == Turn((Say("directory-empty", "fr"),), leads_on=True, crisis=True)
    for (place, event, known), turn in walk().items():
        if not known and event != Dialled(reached=True):
            assert turn.leads_on, (place, event)
            assert turn.crisis


def test_whatever_is_said_here_is_in_the_list_that_a_flow_is_held_against() -> None:
    """A line's own prompts are complete, or the flow is refused."""
    heard = {prompt for document in every_document() for prompt in said(document)}
    assert heard - {"crisis-france", *QUESTIONS.values()} == set(TO_CALLERS)


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_name_is_never_taken_for_a_prompt(name: str, place: str) -> None:
    """Whatever a coordinator wrote: a value that begins with @ would name another prompt."""
    odd = Facts("crisis-france", "directory-department", (Offer("odd", name, "0 1"),), place)
    (listen,) = step(FIRST, Keyed("31"), odd).document
    assert isinstance(listen, Listen)
    values = [value for sound in listen.sounds if isinstance(sound, Say) for _, value in sound.values]
    assert not [value for value in values if value.startswith("@")]


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_a_repeated_request_gets_the_same_answer(events: list[Event]) -> None:
    """Whatever was pressed: a place and an event have one answer, and its words are short enough to be listened to."""
    place: Place | None = FIRST
    for event in events:
        if place is None:
            return
        turn = turn_at(place, event)
        assert turn == turn_at(place, event)
        place = then(turn)

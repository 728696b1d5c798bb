"""Somebody is put through to a partner of the line, and comes back."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ivr_flows.actions import Action, Listen, Phone, Say
from ivr_flows.check import check
from ivr_flows.directory import TO_CALLERS as IN_THE_DIRECTORY
from ivr_flows.directory import Dialled, Event, Keyed, Place, Stage, Turn
from ivr_flows.draw import draw, outline
from ivr_flows.forward import TO_CALLERS, begin, step
from ivr_flows.load import parse_flow
from ivr_flows.model import ForwardStep
from ivr_flows.picture import picture
from ivr_flows.prompts import Prompts
from tests.ivr_flows.files import flow_text, prompts
from tests.ivr_flows.machines import KEYPAD, PROMPTS, asking_flow, said

PARTNER = ForwardStep("partner", "+33199001234", "one-moment", "ring")
FIRST = Place(Stage.ASK, "partner", "fr")
DIALLED, ASKED = (replace(FIRST, stage=stage) for stage in (Stage.DIAL, Stage.AFTER))
EVENTS: tuple[Event, ...] = (Dialled(reached=True), Dialled(reached=False), *map(Keyed, ("", *KEYPAD)))
SPOKEN = {
    key: " ".join([key, *(f"{{{name}}}" for name in sorted(names))])
    for key, names in {**IN_THE_DIRECTORY, **TO_CALLERS}.items()
}
WITH = {
    "greeting": 'kind = "say"\nprompt = "hello"\nnext = "ring"\nkeys = { 3 = "near", 4 = "partner" }',
    "near": 'kind = "directory"\nprompt = "hello"\nnext = "ring"',
    "partner": 'kind = "forward"\nnumber = "+33199001234"\nprompt = "hello"\nnext = "ring"',
}


def after(place: Place, event: Event) -> Turn:
    """What follows an event."""
    return step(PARTNER, place, event, "crisis-france")


def every_document() -> Iterator[tuple[Action[Any], ...]]:
    """Whatever somebody who is put through can hear."""
    yield begin(PARTNER, FIRST, "crisis-france").document
    for place in (DIALLED, ASKED, replace(ASKED, repeats=1)):
        for event in EVENTS:
            yield after(place, event).document


def test_the_partner_is_rung() -> None:
    """It is said who, and which number shows; nobody there has to press a key."""
    *words, phone = begin(PARTNER, FIRST, "crisis-france").document
    assert said(tuple(words)) == ["one-moment", "directory-shown"]
    assert phone == Phone("+33199001234", DIALLED, None, 30, 7200)


def test_crisis_numbers_that_are_owed_come_first() -> None:
    """Before anything rings."""
    document = begin(PARTNER, replace(FIRST, crisis=True), "crisis-france").document
    assert said(document)[0] == "crisis-france"


def test_nobody_answers_there() -> None:
    """It is said, and the flow goes on: to a human."""
    assert after(DIALLED, Dialled(reached=False)) == Turn((Say("directory-not-reached", "fr"),), leads_on=True)


def test_after_a_talk_they_may_stay() -> None:
    """Silence leads on; 1 rings there again; 9 speaks the crisis numbers and asks again."""
    assert said(after(DIALLED, Dialled(reached=True)).document) == ["forward-after"]
    assert after(ASKED, Keyed("")) == Turn(leads_on=True)
    assert after(ASKED, Keyed("1")) == begin(PARTNER, ASKED, "crisis-france")
    assert said(after(ASKED, Keyed("9")).document) == ["crisis-france", "forward-after"]


def test_an_unknown_key_asks_again_once() -> None:
    """Then it counts as silence."""
    (listen,) = after(ASKED, Keyed("7")).document
    assert isinstance(listen, Listen)
    assert said((listen,)) == ["not-understood", "forward-after"]
    assert after(listen.then, Keyed("7")).leads_on


def test_whatever_is_said_here_is_in_the_list_that_a_flow_is_held_against() -> None:
    """A line's own prompts are complete, or the flow is refused."""
    heard = {prompt for document in every_document() for prompt in said(document)}
    assert heard - {"crisis-france", "one-moment"} == set(TO_CALLERS)


# --- both of them in a flow


def problems(steps: dict[str, str | None] | None = None, **texts: str) -> list[str]:
    """What is wrong with a flow that has a directory and a partner, some of its steps replaced."""
    known = Prompts({language: {**kept, **SPOKEN, **texts} for language, kept in prompts().texts.items()})
    return [str(each) for each in check(parse_flow(flow_text({**WITH, **(steps or {})}), "t"), known, "t")]


def test_a_flow_with_both_is_safe() -> None:
    """A key of the greeting leads to each, and each leads to the ring."""
    assert problems() == []


@pytest.mark.parametrize("name", ["near", "partner"])
def test_only_a_key_leads_there(name: str) -> None:
    """Who only waits for a human is never asked where they are, nor put through elsewhere."""
    then = f"t: step greeting: then leads to {name}; only a key of a say or a menu may"
    assert then in problems({"greeting": WITH["greeting"].replace('next = "ring"', f'next = "{name}"')})
    first = flow_text(WITH).replace('start = "greeting"', f'start = "{name}"')
    told = [str(each) for each in check(parse_flow(first, "t"), PROMPTS, "t")]
    assert f"t: step {name}: the flow starts here; lead a key of a say or a menu here instead" in told


@pytest.mark.parametrize("name", ["near", "partner"])
def test_staying_there_must_lead_to_a_ring(name: str) -> None:
    """After an unanswered ring too: not only to a goodbye."""
    menu = f'kind = "menu"\nprompt = "sorry"\nkeys = {{ 1 = "ring", 3 = "{name}" }}\nsilence = "goodbye"'
    greeting = 'kind = "say"\nprompt = "hello"\nnext = "ring"'
    other = {"near": "partner", "partner": "near"}[name]
    astray = WITH[name].replace('next = "ring"', 'next = "goodbye"')
    assert problems({"greeting": greeting, "unanswered": menu, name: astray, other: None}) == [
        f"t: step {name}: a caller who stays on the line here never reaches a ring; lead next to one"
    ]


@pytest.mark.parametrize("key", sorted(SPOKEN))
def test_words_that_are_missing_are_told(key: str) -> None:
    """A placeholder too many is found in every prompt that is spoken there."""
    assert any(f"prompt '{key}' must have" in told for told in problems(None, **{key: "{odd}"}))


def test_more_keys_than_one_can_keep_in_mind_are_too_many() -> None:
    """In an announcement as in a menu."""
    keys = ", ".join(f'{key} = "near"' for key in range(6))
    greeting = f'kind = "say"\nprompt = "hello"\nnext = "ring"\nkeys = {{ {keys}, 7 = "partner" }}'
    assert problems({"greeting": greeting}) == ["t: step greeting: offers 7 keys; offer 0 to 5"]


def test_both_are_drawn() -> None:
    """With what their prompt begins with, and the keys that lead to them."""
    flow = asking_flow()
    text = outline(flow, PROMPTS, "fr")
    assert "─ 3 → directory: directory, “Tapez votre code postal" in text
    assert "─ 4 → partner: forward, “Un instant" in text
    assert {"directory", "partner"} <= {box.step for box in picture(flow).boxes}
    assert ">forward</text>" in draw(flow, PROMPTS, "fr")

"""A callback in a flow: where it may stand, when it is offered, and that it is never in anybody's way."""

from dataclasses import replace

import pytest

from ivr_flows.callback import TO_CALLERS, TO_PSYCHOLOGISTS
from ivr_flows.caller import Keyed, LeftQueue, Place, Silence, asks_callback, step
from ivr_flows.check import check
from ivr_flows.draw import draw, outline
from ivr_flows.load import load_flow, parse_flow, shipped_flow, shipped_names
from ivr_flows.model import CallbackStep, Flow
from ivr_flows.prompts import Prompts
from tests.ivr_flows.files import flow_text, prompts
from tests.ivr_flows.machines import CALLER_EVENTS, PROMPTS, asking_flow, said, walk_caller, walked_flows

SPOKEN = {
    key: " ".join([key, *(f"{{{name}}}" for name in sorted(names))])
    for key, names in {**TO_CALLERS, **TO_PSYCHOLOGISTS}.items()
}
WITH = {
    "unanswered": 'kind = "menu"\nprompt = "sorry"\nkeys = { 1 = "ring", 2 = "back" }\nsilence = "goodbye"',
    "back": 'kind = "callback"\nnext = "goodbye"',
}
FRANCE = shipped_flow("france")
MENU = Place("unanswered", "fr")


def with_callback(**texts: str) -> Prompts:
    """The test flow's texts and those that a callback needs."""
    return Prompts({language: {**kept, **SPOKEN, **texts} for language, kept in prompts().texts.items()})


def problems(steps: dict[str, str | None]) -> list[str]:
    """What is wrong with the flow with a callback, some of its steps replaced."""
    return [str(each) for each in check(parse_flow(flow_text({**WITH, **steps}), "t"), with_callback(), "t")]


def test_a_flow_with_a_callback_is_safe() -> None:
    """A key after an unanswered ring leads to it, and it leads to the goodbye."""
    flow = load_flow(flow_text(WITH), "t", with_callback())
    assert flow.steps["back"] == CallbackStep("back", "goodbye")


@pytest.mark.parametrize("name", shipped_names())
def test_the_shipped_flows_have_one(name: str) -> None:
    """On key 2, after the crisis numbers."""
    assert shipped_flow(name).steps["callback"] == CallbackStep("callback", "goodbye")


def test_silence_never_leads_to_a_callback() -> None:
    """Nobody is asked for a number who only waits."""
    silent = WITH["unanswered"].replace('silence = "goodbye"', 'silence = "back"')
    assert problems({"unanswered": silent}) == [
        "t: step unanswered: silence leads to the callback back; only a menu's key may"
    ]
    say = 'kind = "say"\nprompt = "hello"\nnext = "back"'
    assert problems({"more": say, "unanswered": WITH["unanswered"].replace('1 = "ring"', '1 = "more"')}) == [
        "t: step more: then leads to the callback back; only a menu's key may"
    ]


def test_a_callback_before_ringing_is_told() -> None:
    """Nobody is sent home with a promise while somebody could answer."""
    menu = 'kind = "menu"\nprompt = "hello"\nkeys = { 1 = "back" }\nsilence = "ring"'
    (problem,) = problems({"greeting": menu, "unanswered": None, "ring": 'kind = "ring"\nunanswered = "goodbye"'})[:1]
    assert problem.startswith("t: step back: can be reached before anybody was rung")


def test_a_callback_may_lead_back_to_its_menu() -> None:
    """Silence leads on from there: nobody goes round without having chosen to."""
    assert problems({"back": 'kind = "callback"\nnext = "unanswered"'}) == []


def test_words_that_are_missing_are_told() -> None:
    """A line with prompts of its own is refused before it opens."""
    complete = with_callback().texts.items()
    texts = {language: {k: v for k, v in kept.items() if k != "callback-hello"} for language, kept in complete}
    (problem,) = check(parse_flow(flow_text(WITH), "t"), Prompts(texts), "t")
    assert str(problem) == "t: step back: there is no prompt 'callback-hello' in fr; write it in the prompt files"


def test_words_that_are_given_another_value_are_told() -> None:
    """Nobody hears a placeholder."""
    (problem,) = check(parse_flow(flow_text(WITH), "t"), with_callback(**{"callback-consent": "Yes?"}), "t")
    assert str(problem) == "t: step back: prompt 'callback-consent' must have exactly {number} here, and has [] in fr"


def test_a_menu_offers_it_only_while_it_is_possible() -> None:
    """As the last of what it says, with its own key."""
    ring = Place("ring", "fr")
    offered = step(FRANCE, ring, LeftQueue(), callback=True)
    assert said(offered.document) == ["crisis-france", "unanswered-menu", "callback-offer"]
    assert said(step(FRANCE, ring, LeftQueue()).document) == ["crisis-france", "unanswered-menu"]


def test_its_key_leads_to_it_only_while_it_is_possible() -> None:
    """Else it is as unknown as any other, and repeats the menu without the offer."""
    assert step(FRANCE, MENU, Keyed("2"), callback=True).callback == replace(MENU, step="callback")
    without = step(FRANCE, MENU, Keyed("2"))
    assert without == step(FRANCE, MENU, Keyed("7"))
    assert said(without.document) == ["not-understood", "unanswered-menu"]


def test_who_doesnt_want_it_after_all_goes_on() -> None:
    """To the step after it."""
    assert said(step(FRANCE, Place("callback", "fr"), Silence()).document) == ["goodbye"]


@pytest.mark.parametrize("flow", walked_flows(), ids=lambda flow: flow.name)
def test_every_turn_is_one_of_four(flow: Flow) -> None:
    """A document, a ring, a callback or help elsewhere; the callback only while it is possible."""
    for callback in (False, True):
        for turn in walk_caller(flow, callback=callback).values():
            leads = (turn.ring, turn.callback, turn.directory)
            assert [bool(turn.document), *(place is not None for place in leads)].count(True) == 1
            assert turn.callback is None or callback


@pytest.mark.parametrize("flow", walked_flows(), ids=lambda flow: flow.name)
def test_whether_it_matters_is_known_beforehand(flow: Flow) -> None:
    """Before anybody was rung it never does: menus need no database."""
    for place in {place for place, _ in walk_caller(flow)}:
        for event in CALLER_EVENTS:
            matters = asks_callback(flow, place, event)
            assert matters == (step(flow, place, event) != step(flow, place, event, callback=True))
            assert not matters or place.step in {"ring", "unanswered", "callback"}


def test_it_is_drawn_and_outlined() -> None:
    """As a box and as a line, in words of its own."""
    flow = asking_flow()
    words = "callback: callback, the caller may leave a number, if callbacks are possible"
    assert words in outline(flow, PROMPTS, "fr")
    assert ">callback</text>" in draw(flow, PROMPTS, "fr")

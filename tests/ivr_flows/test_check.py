from dataclasses import replace

import pytest
from hypothesis import assume, given

from ivr_flows.check import Problem, check, seconds_to_say
from ivr_flows.load import parse_flow, shipped_flow, shipped_prompts
from ivr_flows.model import AskStep, Flow, GoodbyeStep, LanguageStep, MenuStep, RingStep, SayStep
from tests.ivr_flows.files import HEAD, flow_text, prompts
from tests.ivr_flows.strategies import tidy_flows, wild_flows

MENU = 'kind = "menu"\nprompt = "sorry"\nkeys = {{ {keys} }}\nsilence = "{silence}"'
SAY = 'kind = "say"\nprompt = "hello"\nnext = "{}"'
FOUR = HEAD.replace('["fr"]', '["fr", "nl", "de", "en"]').replace('"greeting"', '"language"')
CHOICE = 'kind = "language"\nprompt = "choice"\nkeys = { 1 = "fr", 2 = "nl", 3 = "de", 4 = "en" }\nnext = "greeting"'


def told(steps: dict[str, str | None] | None = None, head: str = HEAD, **texts: str) -> list[str]:
    """The problems of the usual flow with some steps changed."""
    found = check(parse_flow(flow_text(steps, head), "test.toml"), prompts(**texts), "test.toml")
    return [str(problem).removeprefix("test.toml: ") for problem in found]


def test_a_safe_flow_has_no_problem() -> None:
    """Greeting, ring, an unanswered menu and a goodbye are all it takes."""
    assert told() == []


@pytest.mark.parametrize("name", ["france", "belgium"])
def test_the_shipped_flows_are_safe(name: str) -> None:
    """What we ship passes its own proof."""
    assert check(shipped_flow(name), shipped_prompts()) == ()


def test_a_problem_names_the_flow_unless_told_a_file() -> None:
    """Without a file name the flow's own name is used."""
    flow = replace(parse_flow(flow_text(), "test.toml"), crisis="none")
    assert check(flow, prompts())[0] == Problem(
        "test", "", "there is no prompt 'none' in fr; write it in the prompt files"
    )


def test_a_start_that_is_no_step_is_told() -> None:
    """A renamed first step is found."""
    head = HEAD.replace('"greeting"', '"welcome"')
    assert told(head=head) == [
        "start = 'welcome' is not a step; the steps are greeting, ring, unanswered, goodbye",
    ]


@pytest.mark.parametrize(
    ("step", "body", "label"),
    [
        ("greeting", SAY.format("nowhere"), "then"),
        ("unanswered", MENU.format(keys='1 = "nowhere"', silence="goodbye"), "1"),
        ("unanswered", MENU.format(keys='1 = "ring"', silence="nowhere"), "silence"),
        ("ring", 'kind = "ring"\nunanswered = "nowhere"', "unanswered"),
    ],
)
def test_an_arrow_to_nowhere_is_told_alone(step: str, body: str, label: str) -> None:
    """A target that doesn't exist is named, and what follows from it isn't reported beside it."""
    (problem,) = told({step: body})
    assert problem.startswith(f"step {step}: {label} leads to 'nowhere', which is not a step; the steps are ")


def test_an_unreachable_step_is_told() -> None:
    """A step nobody can come to is a mistake in an arrow."""
    (problem,) = told({"lost": SAY.format("ring")})
    assert problem == "step lost: no path from greeting leads here; lead a key or a next to it, or take it out"


def test_silence_that_reaches_no_ring_is_told() -> None:
    """Some callers can't press keys: a menu that rings only on a key strands them."""
    found = told({"greeting": MENU.format(keys='1 = "ring"', silence="goodbye")})
    assert "step greeting: a caller who presses nothing never reaches a ring; lead silence to one" in found


def test_more_than_two_prompts_before_ringing_are_told() -> None:
    """A third announcement is one too many for somebody in distress."""
    (problem,) = told({"greeting": SAY.format("two"), "two": SAY.format("three"), "three": SAY.format("ring")})
    assert problem == (
        "step three: a caller who presses nothing hears 3 prompts before anybody is rung (greeting, two, three); "
        "2 is the most"
    )


def test_a_circle_of_silence_is_told_once() -> None:
    """Ringing for ever, with nobody pressing a key, is an endless loop."""
    (problem,) = told({"unanswered": MENU.format(keys='1 = "goodbye"', silence="ring")})
    assert problem == (
        "step ring: a caller who presses nothing goes round for ever (ring -> unanswered -> ring); "
        "lead silence to a goodbye"
    )


def test_a_circle_with_a_key_in_it_is_fine() -> None:
    """A caller may try again as often as they choose."""
    assert told({"unanswered": MENU.format(keys='1 = "ring", 2 = "unanswered"', silence="goodbye")}) == []


def test_a_goodbye_before_ringing_is_told() -> None:
    """Not even a key press ends a call before somebody was rung and the crisis numbers were spoken."""
    (problem,) = told({"greeting": MENU.format(keys='1 = "goodbye"', silence="ring")})
    assert problem == (
        "step goodbye: can be reached before anybody was rung; every path must lead through a ring first"
    )


def test_an_unanswered_ring_leads_to_words() -> None:
    """After the crisis numbers somebody must be told that nobody could answer."""
    body = 'kind = "ask"\nprompt = "sorry"\nanswers = { 1 = "hello" }\nnext = "goodbye"'
    (problem,) = told({"unanswered": body})
    assert problem == (
        "step ring: unanswered leads to unanswered; a say, menu or goodbye must follow the crisis numbers"
    )


@pytest.mark.parametrize("count", [6, 9])
def test_more_than_five_options_are_told(count: int) -> None:
    """Nobody remembers a menu of six."""
    keys = ", ".join(f'{key} = "ring"' for key in range(count))
    (problem,) = told({"unanswered": MENU.format(keys=keys, silence="goodbye")})
    assert problem == f"step unanswered: offers {count} keys; offer 1 to 5"


def test_a_missing_prompt_is_told_with_its_languages() -> None:
    """A prompt must exist in every language of the line."""
    flow = parse_flow(flow_text({"language": CHOICE}, FOUR), "test.toml")
    few = prompts()
    texts = {language: {**few.texts[language], "hello": "Hello."} for language in few.texts}
    del texts["de"]["hello"]
    (problem,) = check(flow, replace(few, texts=texts), "t")
    assert str(problem) == "t: step greeting: there is no prompt 'hello' in de; write it in the prompt files"


def test_the_crisis_prompt_must_exist() -> None:
    """Key 9 must never lead to silence."""
    assert told(head=HEAD.replace('prompt = "crisis"', 'prompt = "none"')) == [
        "there is no prompt 'none' in fr; write it in the prompt files"
    ]


def test_an_answers_name_must_exist_in_all_languages() -> None:
    """A psychologist hears the category in their own language, whatever the line's."""
    body = 'kind = "ask"\nprompt = "hello"\nanswers = { 1 = "who" }\nnext = "ring"'
    (problem,) = told({"greeting": body})
    assert problem == "step greeting: there is no prompt 'who' in fr, nl, de, en; write it in the prompt files"


def test_a_prompt_that_nobody_can_fill_is_told() -> None:
    """A step's prompt is spoken as it is; only a language's own offer has a key in it."""
    assert told(hello="Hello {name}.") == [
        "step greeting: prompt 'hello' must have no placeholder here, and has ['name'] in fr"
    ]


def test_a_language_must_say_its_key() -> None:
    """An offer without its key can't be taken."""
    found = told({"language": CHOICE}, FOUR, choice="Français.")
    assert found == ["step language: prompt 'choice' must have exactly {key} here, and has [] in fr"]


def test_several_languages_need_a_choice() -> None:
    """A language nobody can choose isn't offered."""
    head = HEAD.replace('["fr"]', '["fr", "nl"]')
    assert told(head=head) == ["no language step, so nobody can choose nl; add one"]


def test_a_language_choice_is_total() -> None:
    """Each language of the line has exactly one key, and no other has any."""
    body = CHOICE.replace('2 = "nl", 3 = "de"', '2 = "fr", 3 = "nl"')
    head = FOUR.replace('["fr", "nl", "de", "en"]', '["fr", "nl", "de"]')
    assert told({"language": body}, head) == [
        "step language: fr has 2 keys; give it exactly one",
        "step language: de has 0 keys; give it exactly one",
        "step language: en is offered but isn't in languages; add it there or take the key out",
    ]


def test_a_long_greeting_is_told() -> None:
    """31 words take more than 12 seconds."""
    assert told(hello="word " * 30) == []
    assert told(hello="word " * 31) == ["step greeting: takes 12.4 s to say in fr; 12 s is the most"]


def test_a_language_choice_counts_all_its_languages() -> None:
    """A caller hears every offer, so all of them together must be short."""
    (problem,) = told({"language": CHOICE}, FOUR, choice="one two three four five six seven {key}")
    assert problem == "step language: takes 12.8 s to say in fr; 12 s is the most"


def test_long_crisis_numbers_are_told() -> None:
    """They are spoken inside the wait, whose next tick may not be late."""
    assert told(crisis="word " * 38) == ["crisis takes 15.2 s to say in fr; 14 s is the most"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("Bonjour.", 1), ("d’écoute", 1), ("le 15 !", 2), ("le 112", 3), ("0800 32 123", 5), ("1 1 2", 3)],
)
def test_speaking_time_counts_words_and_pairs_of_digits(text: str, words: int) -> None:
    """At 150 words a minute a word takes 0.4 s; a sign alone takes none."""
    assert seconds_to_say(text) == pytest.approx(words * 0.4)


def walk_of_silence(flow: Flow, name: str) -> list[str]:
    """Another way to the same answer: whom silence leads by, for as long as anybody would wait."""
    way = []
    for _ in range(50):
        way.append(name)
        match flow.steps[name]:
            case SayStep() | AskStep() | LanguageStep() as step:
                name = step.next
            case MenuStep() as step:
                name = step.silence
            case RingStep() | GoodbyeStep():
                break
    return way


@given(wild_flows())
def test_the_proof_agrees_with_a_caller_who_presses_nothing(flow: Flow) -> None:
    """Silence reaches a ring after at most two prompts exactly when the proof doesn't say otherwise."""
    way = walk_of_silence(flow, flow.start)
    reasons = [problem.reason for problem in check(flow, prompts())]
    rung = isinstance(flow.steps[way[-1]], RingStep)
    assert any("never reaches a ring" in reason for reason in reasons) == (not rung)
    assert any("before anybody is rung (" in reason for reason in reasons) == (rung and len(way) > 3)


def ways_on(flow: Flow, name: str) -> list[str]:
    """Wherever a key, an unknown key or silence leads."""
    match flow.steps[name]:
        case SayStep() as step:
            return [*step.keys.values(), step.next]
        case AskStep() | LanguageStep() as step:
            return [step.next]
        case MenuStep() as step:
            return [name, *step.keys.values(), step.silence]
        case RingStep() as step:
            return [step.unanswered]
    return []


@given(wild_flows() | tidy_flows())
def test_an_accepted_flow_never_strands_anybody(flow: Flow) -> None:
    """Whatever keys are pressed: silence then soon ends the call, and no call ends before somebody was rung."""
    assume(not check(flow, prompts()))
    places = {(flow.start, False)}
    for _ in range(len(flow.steps) * 3):
        for name, _ in places:
            assert ends_by_silence(flow, name)
        assert all(rung for name, rung in places if isinstance(flow.steps[name], GoodbyeStep))
        places |= {
            (target, rung or isinstance(flow.steps[name], RingStep))
            for name, rung in places
            for target in ways_on(flow, name)
        }


def ends_by_silence(flow: Flow, name: str) -> bool:
    """Whether a caller who presses nothing more, and whom nobody answers, comes to a goodbye."""
    for _ in flow.steps:
        if isinstance(flow.steps[name], GoodbyeStep):
            return True
        name = ways_on(flow, name)[-1]
    return isinstance(flow.steps[name], GoodbyeStep)


@given(tidy_flows())
def test_a_tidy_flow_is_accepted(flow: Flow) -> None:
    """The proof isn't won by refusing everything: a straight way by silence, with any keys beside it, is safe."""
    assert check(flow, prompts()) == ()

import pytest

from ivr_flows.actions import Hangup, Listen, Say
from ivr_flows.caller import Event, Keyed, LeftQueue, Place, Silence, Turn, arrive, ring_by_silence, step, to_ring
from ivr_flows.load import shipped_flow
from tests.ivr_flows.machines import asking_flow, said

ASKING = asking_flow()
CRISIS = "crisis-belgium"
DUTCH = Place("language", "nl", "category-relative")
"""A caller who chose a language and said who they are, at a step to be replaced."""


def at(name: str, *, repeats: int = 0) -> Place:
    """That caller at a step."""
    return Place(name, DUTCH.language, DUTCH.category, repeats)


def answer(name: str, event: Event, *, repeats: int = 0) -> Turn:
    """What that caller gets at a step."""
    return step(ASKING, at(name, repeats=repeats), event)


def listen(turn: Turn) -> Listen[Place]:
    """The only action of a turn that plays something and waits for a key."""
    (action,) = turn.document
    assert isinstance(action, Listen)
    return action


def then(turn: Turn) -> Place:
    """Where a turn's document leads."""
    return listen(turn).then


# --- arriving


def test_a_caller_of_one_language_hears_the_greeting_first() -> None:
    """France begins with its greeting, in French."""
    assert arrive(shipped_flow("france")) == Turn(
        (Listen((Say("greeting-france", "fr"),), Place("greeting", "fr"), timeout=1),)
    )


def test_each_language_offers_itself_in_its_own_voice() -> None:
    """Belgium begins with four offers, each by its key."""
    turn = arrive(shipped_flow("belgium"))
    offers = [("1", "fr"), ("2", "nl"), ("3", "de"), ("4", "en")]
    sounds = tuple(Say("language-choice", language, (("key", key),)) for key, language in offers)  # type: ignore[arg-type] # four literals
    assert turn == Turn((Listen(sounds, Place("language", "fr"), timeout=3),))


# --- a language


def test_a_key_chooses_the_language() -> None:
    """From the next prompt on everything is said in it."""
    turn = step(ASKING, Place("language", "fr"), Keyed("3"))
    assert turn == Turn((Listen((Say("ask-category", "de"),), Place("who", "de"), timeout=5),))


def test_silence_keeps_the_default_language() -> None:
    """Who chooses nothing goes on in the line's own language."""
    assert then(step(ASKING, Place("language", "fr"), Silence())) == Place("who", "fr")


# --- who is calling


def test_an_answer_is_kept_and_the_caller_is_rung_for() -> None:
    """The category travels with the caller."""
    turn = step(ASKING, Place("who", "nl"), Keyed("3"))
    assert turn == Turn(ring=Place("ring", "nl", "category-relative"))


def test_nobody_has_to_say_who_they_are() -> None:
    """Silence skips the question."""
    assert step(ASKING, Place("who", "nl"), Silence()) == Turn(ring=Place("ring", "nl"))


# --- a menu, a prompt, the end


def test_a_menu_key_leads_to_its_step() -> None:
    """Pressing 1 after an unanswered ring tries again."""
    assert answer("unanswered", Keyed("1")) == Turn(ring=at("ring"))


def test_a_menu_goes_on_by_silence() -> None:
    """Who presses nothing after an unanswered ring hears the goodbye, and the call ends."""
    assert answer("unanswered", Silence()) == Turn((Say("goodbye", "nl"), Hangup()))


@pytest.mark.parametrize("event", [Silence(), Keyed("1"), Keyed("*"), Keyed("#")])
def test_a_prompt_goes_on_by_silence_and_by_any_key(event: Event) -> None:
    """Nobody has to listen to the end of a greeting."""
    assert answer("greeting", event) == Turn(ring=at("ring"))


@pytest.mark.parametrize("event", [Silence(), Keyed("1"), Keyed("*"), LeftQueue()])
def test_a_late_event_after_the_goodbye_repeats_it(event: Event) -> None:
    """Nothing leads out of a goodbye."""
    assert answer("goodbye", event) == Turn((Say("goodbye", "nl"), Hangup()))


# --- keys that mean nothing


@pytest.mark.parametrize(("name", "key"), [("language", "5"), ("who", "0"), ("unanswered", "#"), ("unanswered", "*")])
def test_an_unknown_key_repeats_the_step_once(name: str, key: str) -> None:
    """The caller hears that the key is none of the choices, and the choices again."""
    turn = answer(name, Keyed(key))
    assert said(turn.document)[0] == "not-understood"
    assert said(turn.document)[1:]
    assert then(turn) == at(name, repeats=1)


@pytest.mark.parametrize("name", ["language", "who", "unanswered"])
def test_a_second_unknown_key_counts_as_silence(name: str) -> None:
    """Nobody goes round in a menu for ever."""
    assert answer(name, Keyed("0"), repeats=1) == answer(name, Silence())


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("language", Keyed("2")),
        ("who", Keyed("1")),
        ("unanswered", Keyed("2")),
        ("ring", LeftQueue()),
        ("renamed", Silence()),
    ],
)
def test_an_unknown_key_is_forgotten_at_the_next_step(name: str, event: Event) -> None:
    """One slip costs nothing."""
    assert answer(name, event, repeats=1) == answer(name, event)


# --- the queue


def test_an_unanswered_ring_speaks_the_crisis_numbers_first() -> None:
    """Then it says that nobody could answer, and offers to try again."""
    turn = answer("ring", LeftQueue())
    assert said(turn.document) == [CRISIS, "unanswered-menu"]
    assert then(turn) == at("unanswered")


@pytest.mark.parametrize("event", [Silence(), Keyed("1"), Keyed("#")])
def test_an_odd_event_at_a_ring_is_a_ring(event: Event) -> None:
    """A key or silence can't come from the queue; whatever sent it, the caller is rung for."""
    assert answer("ring", event) == Turn(ring=at("ring"))


@pytest.mark.parametrize("name", ["greeting", "who", "unanswered", "language"])
def test_leaving_a_queue_nobody_was_in_counts_as_silence(name: str) -> None:
    """A late event of the queue goes on as if nothing had been pressed."""
    assert answer(name, LeftQueue()) == answer(name, Silence())


@pytest.mark.parametrize("event", [Silence(), Keyed("1"), LeftQueue()])
def test_a_step_that_is_gone_leads_to_the_ring(event: Event) -> None:
    """A flow edited in the middle of a call never throws a caller out, and forgets nothing they said."""
    assert answer("renamed", event) == Turn(ring=at("ring"))


def test_an_unreadable_place_leads_to_the_ring() -> None:
    """Nothing is known of the caller: the line's default language."""
    assert to_ring(ASKING) == Turn(ring=Place("ring", "fr"))


def test_a_place_with_no_ring_ahead_leads_to_the_first_ring() -> None:
    """After the goodbye there is none; the one that silence reaches from the start is always there."""
    assert to_ring(ASKING, at("goodbye")) == Turn(ring=at("ring"))


# --- key 9


@pytest.mark.parametrize("name", ["who", "greeting", "ring", "renamed"])
def test_key_9_before_ringing_is_a_ring_that_owes_the_crisis_numbers(name: str) -> None:
    """They are spoken while the phones ring: it costs no caller their place, their language or what they said."""
    assert answer(name, Keyed("9")) == Turn(ring=Place("ring", "nl", "category-relative", crisis=True))


def test_key_9_at_the_language_choice_is_answered_in_every_language() -> None:
    """Nobody knows yet which one they speak; the choice comes again, and silence leads on as ever."""
    turn = answer("language", Keyed("9"))
    assert said(turn.document) == [CRISIS] * 4 + ["language-choice"] * 4
    assert then(turn) == at("language")


def test_key_9_after_an_unanswered_ring_speaks_the_crisis_numbers_and_the_menu_again() -> None:
    """The caller is where they were."""
    turn = answer("unanswered", Keyed("9"))
    assert said(turn.document) == [CRISIS, "unanswered-menu"]
    assert then(turn) == at("unanswered")


@pytest.mark.parametrize("name", ["who", "unanswered"])
def test_key_9_is_never_called_a_wrong_key(name: str) -> None:
    """Not even right after a key that was one."""
    assert answer(name, Keyed("9"), repeats=1) == answer(name, Keyed("9"))


def test_the_crisis_numbers_are_owed_once() -> None:
    """What follows them doesn't repeat them."""
    place = then(answer("unanswered", Keyed("9")))
    assert said(step(ASKING, place, Keyed("0")).document) == ["not-understood", "unanswered-menu"]


# --- the way of silence


@pytest.mark.parametrize(
    ("name", "ring"),
    [("language", "ring"), ("who", "ring"), ("greeting", "ring"), ("ring", "ring"), ("unanswered", None), ("x", None)],
)
def test_silence_leads_from_a_step_to_a_ring(name: str, ring: str | None) -> None:
    """After an unanswered ring it leads to the goodbye, from a step that doesn't exist nowhere."""
    assert ring_by_silence(ASKING, name) == ring

"""The pure machines walked through: every place that can be reached and every event there; how long a document is."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

from ivr_flows import caller, psychologist
from ivr_flows.actions import Action, Hangup, Listen, Music, Pause, Say
from ivr_flows.check import seconds_to_say
from ivr_flows.load import shipped_flow, shipped_names, shipped_prompts
from ivr_flows.model import AskStep, Flow, ForwardStep, Language, LanguageStep, MenuStep, SayStep
from ivr_flows.psychologist import Before, CallView, Stage
from ivr_flows.ringing import CallState

CATEGORIES = {
    "1": "category-doctor",
    "2": "category-in-training",
    "3": "category-relative",
    "4": "category-other-carer",
}
KEYPAD = "0123456789*#"
PROMPTS = shipped_prompts()
CALLER_EVENTS: tuple[caller.Event, ...] = (*map(caller.Keyed, KEYPAD), caller.Silence(), caller.LeftQueue())
LEG_EVENTS: tuple[psychologist.Event, ...] = (
    psychologist.Answered(),
    *map(psychologist.Keyed, ("", "1", "2", "3", "9", "*", "12")),
    psychologist.Claimed(won=True),
    psychologist.Claimed(won=False),
    psychologist.BridgeEnded(),
    psychologist.BridgeEnded(bridged=False),
    psychologist.Checked(),
)
WAITS = (("wait-seconds", "50"), ("wait-minute", ""), ("wait-minutes", "12"))


@cache
def asking_flow() -> Flow:
    """A flow with a step of every kind: the Belgian one, which first asks who is calling."""
    belgium = shipped_flow("belgium")
    languages: dict[str, Language] = {"1": "fr", "2": "nl", "3": "de", "4": "en"}
    steps = (
        LanguageStep("language", "language-choice", languages, "who"),
        AskStep("who", "ask-category", CATEGORIES, "ring"),
        MenuStep("unanswered", "unanswered-menu", {"1": "ring", "2": "greeting", "3": "callback"}, "goodbye"),
        SayStep("greeting", "greeting-belgium", "ring", {"3": "directory", "4": "partner"}),
        ForwardStep("partner", "+33199001234", "one-moment", "ring"),
    )
    return replace(belgium, name="asking", steps={**belgium.steps, **{step.name: step for step in steps}})


def walked_flows() -> list[Flow]:
    """The flows whose every place is walked through."""
    return [*map(shipped_flow, shipped_names()), asking_flow()]


def place_after(turn: caller.Turn) -> caller.Place | None:
    """Where the caller is once a turn's document was played, or they wait to be rung for; None after a goodbye.

    Whoever is asked for a number, or helped on, answers elsewhere, and comes back as somebody who pressed nothing.
    """
    elsewhere = turn.callback or turn.directory
    if elsewhere is not None:
        return replace(elsewhere, crisis=False)
    if turn.ring is not None:
        return replace(turn.ring, crisis=False)
    last = turn.document[-1]
    return last.then if isinstance(last, Listen) else None


CallerWalk = dict[tuple[caller.Place, caller.Event], caller.Turn]


def walk_caller(flow: Flow, *, callback: bool = False) -> CallerWalk:
    """The turn of every event at every place that keys, silence and an ended ring plan lead to."""
    turns: CallerWalk = {}
    todo, seen = [place_after(caller.arrive(flow))], set[caller.Place | None]()
    while todo:
        place = todo.pop()
        if place is None or place in seen:
            continue
        seen.add(place)
        for event in CALLER_EVENTS:
            turns[place, event] = turn = caller.step(flow, place, event, callback=callback)
            todo.append(place_after(turn))
    return turns


def views() -> Iterator[CallView]:
    """Everything a psychologist's leg may know of its call, as far as it decides anything."""
    states: tuple[CallState | None, ...] = (None, *CallState)
    trainee = "category-in-training"
    callers = [(None, Before.NOTHING), (trainee, Before.NOTHING), (trainee, Before.CUT_OFF), (None, Before.HANDED_OVER)]
    codings = [(False, None), (True, None), (True, "Burn-out")]
    for state, mine, attempt, (category, before), (can_code, reason) in product(
        states, (False, True), (1, 2), callers, codings
    ):
        yield CallView(
            state,
            mine=mine,
            attempt=attempt,
            queue="queue",
            waited=50,
            category=category,
            line="Test line",
            can_code=can_code,
            before=before,
            reason=reason,
        )


LegWalk = dict[tuple[psychologist.Place, psychologist.Event, CallView], psychologist.Turn]


@cache
def walk_psychologist(language: Language = "fr") -> LegWalk:
    """The turn of every event at every place a leg can come to, whatever its call is like by then."""
    turns: LegWalk = {}
    every = tuple(views())
    todo, seen = [psychologist.Place(Stage.PICK_UP, language)], set[psychologist.Place]()
    while todo:
        place = todo.pop()
        if place in seen:
            continue
        seen.add(place)
        for event, view in product(LEG_EVENTS, every):
            turns[place, event, view] = turn = psychologist.step(place, event, view)
            todo += [action.then for action in turn.document[-1:] if hasattr(action, "then")]
    return turns


def spoken(document: tuple[Action[Any], ...]) -> list[Say]:
    """Whatever a document says, in order."""
    sounds = [sound for action in document for sound in (action.sounds if isinstance(action, Listen) else (action,))]
    return [sound for sound in sounds if isinstance(sound, Say)]


def said(document: tuple[Action[Any], ...]) -> list[str]:
    """The keys of the prompts a document speaks, in order."""
    return [say.prompt for say in spoken(document)]


def ends_well(document: tuple[Action[Any], ...]) -> bool:
    """Whether a document ends in something that leads on or hangs up, and nothing comes after such an action."""
    goes_on = [not isinstance(action, Say | Music | Pause) for action in document]
    return bool(document) and goes_on.index(True) == len(document) - 1 if any(goes_on) else False


def hangs_up(document: tuple[Action[Any], ...]) -> bool:
    """Whether the leg ends with this document."""
    return bool(document) and isinstance(document[-1], Hangup)


def text(say: Say) -> str:
    """What is said, its values filled in; a waiting time in its longest form."""
    return PROMPTS.text(say.prompt, say.language, **{name: _value(it, say) for name, it in say.values})


def _value(value: str, say: Say) -> str:
    if value.startswith("@wait:"):
        return max((PROMPTS.text(key, say.language, n=n) for key, n in WAITS), key=seconds_to_say)
    return PROMPTS.text(value[1:], say.language) if value.startswith("@") else value


def seconds(document: tuple[Action[Any], ...]) -> float:
    """How long a document lasts for somebody who presses nothing, at 150 words a minute."""
    total = 0.0
    for action in document:
        if isinstance(action, Listen):
            total += seconds(action.sounds) + action.timeout
        elif isinstance(action, Music | Pause):
            total += action.seconds
        elif isinstance(action, Say):
            total += seconds_to_say(text(action))
    return total

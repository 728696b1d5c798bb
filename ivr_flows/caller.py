"""The caller's leg, outside the queue: greeting, language, menus, and what follows an unanswered ring.

States   A `Place` in the flow: the step whose document was played, the language, what was declared.
         It travels sealed in the URL, so a repeated or late request finds the place it belongs to and gets
         the same answer again; nothing else remembers it.
Events   `Keyed(digit)`, `Silence()`: the answer to the place's document.
         `LeftQueue()`: the ring plan is over and the caller has left the queue.
Answer   A `Turn`: a document, or `ring` - the caller is to wait and be rung for (see `ringing.py`), or `callback` -
         they are to be asked for a number (see `callback.py`), or `directory` - they are to be helped to somebody near
         them, or to a partner (see `directory.py`, `forward.py`).

Key 9 speaks the crisis numbers anywhere. Before ringing it leads to the ring that silence would reach, and
the numbers are spoken *while* the phones ring, so that it never costs a caller their place. At the language choice,
when nobody knows yet which language they speak, it speaks them in each, and the choice comes again.

Every function takes `callback`, whether callbacks are possible at this moment: if not, a menu doesn't offer one, and
its key is a key like any unknown one. `asks_callback` tells whether an answer depends on it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr_flows.actions import Document, Hangup, Listen, Say, Sound
from ivr_flows.model import (
    EMERGENCY_KEY,
    AskStep,
    CallbackStep,
    DirectoryStep,
    Flow,
    ForwardStep,
    GoodbyeStep,
    Language,
    LanguageStep,
    MenuStep,
    RingStep,
    SayStep,
)

LANGUAGE_SILENCE = 3
MENU_SILENCE = 5
SAY_SILENCE = 1
"""Seconds of silence after a prompt before the flow goes on."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a caller is in a flow. `repeats` counts unknown keys at this step, `crisis` that 9 was pressed."""

    step: str
    language: Language
    category: str | None = None
    repeats: int = 0
    crisis: bool = False


@dataclass(frozen=True, slots=True)
class Keyed:
    """The caller pressed a key."""

    digit: str


@dataclass(frozen=True, slots=True)
class Silence:
    """The caller pressed nothing."""


@dataclass(frozen=True, slots=True)
class LeftQueue:
    """Nobody answered: the caller left the queue because the ring plan ended."""


Event = Keyed | Silence | LeftQueue


@dataclass(frozen=True, slots=True)
class Turn:
    """What happens next: `document` is played or, when `ring` is set, the caller waits at that ring step.

    `callback` is set instead when the caller is to be asked for a number, at that callback step; `directory` when they
    are to be helped on, at that directory or forward step.
    """

    document: Document[Place] = ()
    ring: Place | None = None
    callback: Place | None = None
    directory: Place | None = None


def arrive(flow: Flow) -> Turn:
    """The first answer to a call: the flow's start, in the line's default language."""
    return _play(flow, Place(flow.start, flow.default_language))


def step(flow: Flow, place: Place, event: Event, *, callback: bool = False) -> Turn:
    """What follows `event` at `place`. Total: an unreadable place or an odd event still leads to a human."""
    here = flow.steps.get(place.step)
    match here, event:
        case _, Keyed(digit) if digit == EMERGENCY_KEY:
            return _emergency(flow, replace(place, crisis=True, repeats=0), callback=callback)
        case RingStep(), LeftQueue():
            return _play(flow, replace(place, step=here.unanswered, crisis=True, repeats=0), callback=callback)
        case ((None | RingStep()), _):
            return to_ring(flow, place)
        case _, Keyed(digit):
            return _keyed(flow, place, digit, callback=callback)
    return _silence(flow, place, callback=callback)


def asks_callback(flow: Flow, place: Place, event: Event) -> bool:
    """Whether `step` answers differently while callbacks are possible: else nobody need find out."""
    return step(flow, place, event, callback=True) != step(flow, place, event)


def to_ring(flow: Flow, place: Place | None = None) -> Turn:
    """Straight to the ring that silence reaches: for key 9, and for a request whose place is unreadable."""
    place = place or Place(flow.start, flow.default_language)
    start = place.step if place.step in flow.steps else flow.start
    ring = ring_by_silence(flow, start) or ring_by_silence(flow, flow.start)
    return Turn(ring=replace(place, step=ring or flow.start, repeats=0))


def ring_by_silence(flow: Flow, name: str) -> str | None:
    """The ring step that a caller who presses nothing reaches from `name`, if there is one."""
    for _ in flow.steps:
        match flow.steps.get(name):
            case RingStep():
                return name
            case (
                SayStep(next=following)
                | LanguageStep(next=following)
                | AskStep(next=following)
                | CallbackStep(next=following)
                | DirectoryStep(next=following)
                | ForwardStep(next=following)
            ):
                name = following
            case MenuStep(silence=following):
                name = following
            case _:
                return None
    return None


def _emergency(flow: Flow, place: Place, *, callback: bool) -> Turn:
    if isinstance(flow.steps.get(place.step), LanguageStep):
        return _play(flow, place)
    if place.step not in flow.steps or ring_by_silence(flow, place.step) is not None:
        return to_ring(flow, place)
    return _play(flow, place, callback=callback)


def _keyed(flow: Flow, place: Place, digit: str, *, callback: bool) -> Turn:
    here = flow.steps[place.step]
    match here:
        case LanguageStep(keys=keys, next=following) if digit in keys:
            return _play(flow, replace(place, step=following, language=keys[digit], repeats=0), callback=callback)
        case SayStep(keys=keys) if digit in keys:
            return _play(flow, replace(place, step=keys[digit], repeats=0), callback=callback)
        case MenuStep(keys=keys) if digit in keys and (callback or not _leads_to_callback(flow, here, digit)):
            return _play(flow, replace(place, step=keys[digit], repeats=0), callback=callback)
        case AskStep(answers=answers, next=following) if digit in answers:
            return _play(flow, replace(place, step=following, category=answers[digit], repeats=0), callback=callback)
        case LanguageStep() | MenuStep() | AskStep() if place.repeats == 0:
            return _play(flow, replace(place, repeats=1), callback=callback)
    return _silence(flow, place, callback=callback)


def _leads_to_callback(flow: Flow, menu: MenuStep, digit: str) -> bool:
    return isinstance(flow.steps[menu.keys[digit]], CallbackStep)


def _silence(flow: Flow, place: Place, *, callback: bool) -> Turn:
    match flow.steps[place.step]:
        case (
            SayStep(next=following)
            | LanguageStep(next=following)
            | AskStep(next=following)
            | CallbackStep(next=following)
            | DirectoryStep(next=following)
            | ForwardStep(next=following)
            | MenuStep(silence=following)
        ):
            return _play(flow, replace(place, step=following, repeats=0), callback=callback)
    return _play(flow, place, callback=callback)


def _play(flow: Flow, place: Place, *, callback: bool = False) -> Turn:
    """The document of the step at `place`, the crisis numbers first when they are owed."""
    here = flow.steps[place.step]
    if isinstance(here, RingStep):
        return Turn(ring=place)
    if isinstance(here, CallbackStep):
        return Turn(callback=place)
    if isinstance(here, DirectoryStep | ForwardStep):
        return Turn(directory=place)
    before: tuple[Sound, ...] = (Say(flow.crisis, place.language),) if place.crisis else ()
    if place.repeats:
        before += (Say("not-understood", place.language),)
    then = replace(place, crisis=False)
    match here:
        case GoodbyeStep(prompt=prompt):
            return Turn((*before, Say(prompt, place.language), Hangup()))
        case LanguageStep(prompt=prompt, keys=keys):
            # Nobody knows yet which language they speak: so each of them.
            crisis = tuple(Say(flow.crisis, language) for language in keys.values()) if place.crisis else before
            offers = tuple(Say(prompt, language, (("key", key),)) for key, language in keys.items())
            return Turn((Listen(crisis + offers, then, LANGUAGE_SILENCE),))
        case SayStep(prompt=prompt):
            return Turn((Listen((*before, Say(prompt, place.language)), then, SAY_SILENCE),))
        case MenuStep(prompt=prompt):
            offered = _offers(flow, here, place.language) if callback else ()
            return Turn((Listen((*before, Say(prompt, place.language), *offered), then, MENU_SILENCE),))
        case AskStep(prompt=prompt):
            return Turn((Listen((*before, Say(prompt, place.language)), then, MENU_SILENCE),))


def _offers(flow: Flow, menu: MenuStep, language: Language) -> tuple[Say, ...]:
    """The callback that a menu offers beside its own prompt."""
    keys = [key for key in menu.keys if _leads_to_callback(flow, menu, key)]
    return tuple(Say("callback-offer", language, (("key", key),)) for key in keys)

"""A caller asks to be called back: which number, is it right, do they agree.

States   A `Place` sealed in the URL: the question just asked, the flow's callback step, the language. The number itself
         is in no place and no document of this module: `NUMBER` stands where the shell speaks it.
Events   `Keyed(digits)`  keys, or none: `Keyed("")`; at `BEGIN` whatever was pressed led here, and doesn't count
         `Given(usable)`  the number this machine asked the shell to keep was looked at
         `Noted(done)`    the request was, or could not be, made
Answer   A `Turn`: a document, or `leads_on` - the flow goes on after the callback step; and at most one `Effect` that
         the shell carries out first. For `OWN`, `KEYED` and `NOTE` it comes back at once with what became of it.

Silence is never consent: it repeats a question once and then leads on. Key 9 speaks the crisis numbers and asks again.
A repeated request gets the same answer; a late one about a number that was corrected since changes nothing, because
each number given has its count (`Place.given`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from ivr_flows.actions import Document, Hangup, Listen, Say, Sound
from ivr_flows.model import EMERGENCY_KEY, Language

NUMBER = "NUMBER-OF-THE-CALLER"
"""What the shell replaces, in a document that is otherwise ready: a number must not stay in a cache of documents."""
LONGEST_NUMBER = 17
"""Digits: 00, and the 15 that a number can have."""
FINISH = "#"
NUMBERS = 3
"""How many numbers may be given: a wrong one is corrected twice."""
ANSWER_SILENCE = 5
KEY_SILENCE = 8
"""Seconds of silence after which an answer, or a number without its #, is taken as it is."""

_NONE: frozenset[str] = frozenset()
TO_CALLERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "callback-offer": frozenset({"key"}),
        "callback-choose": _NONE,
        "callback-key": _NONE,
        "callback-unusable": _NONE,
        "callback-read-back": frozenset({"number"}),
        "callback-consent": frozenset({"number"}),
        "callback-noted": _NONE,
        "callback-unavailable": _NONE,
        "callback-hello": _NONE,
    }
)
"""Prompts that a line with a callback needs in its own languages, and the values they are given."""
TO_PSYCHOLOGISTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "callback-whisper": frozenset({"line", "language"}),
        "callback-calling": _NONE,
        "callback-not-reached": _NONE,
    }
)
"""Prompts that it needs in all four: psychologists hear their own."""


class Stage(StrEnum):
    """The question just asked; at `BEGIN` none."""

    BEGIN = "begin"
    CHOOSE = "choose"
    KEY = "key"
    READ_BACK = "read-back"
    CONSENT = "consent"


class Effect(StrEnum):
    """What the shell does before it goes on."""

    OWN = "own"
    KEYED = "keyed"
    NOTE = "note"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody who asks is: the question, and where in the flow they came from.

    `given` counts the numbers given before the present one, `repeats` that the question was repeated. `crisis`: the
    crisis numbers are owed first.
    """

    stage: Stage
    step: str
    language: Language
    category: str | None = None
    given: int = 0
    repeats: int = 0
    crisis: bool = False


@dataclass(frozen=True, slots=True)
class Keyed:
    """Keys pressed, or none; the # that ends a number is not among them."""

    digits: str


@dataclass(frozen=True, slots=True)
class Given:
    """The number was looked at, and kept if it is one that may be called."""

    usable: bool


@dataclass(frozen=True, slots=True)
class Noted:
    """The request was tried."""

    done: bool


Event = Keyed | Given | Noted


@dataclass(frozen=True, slots=True)
class Facts:
    """`own`: the number they call from is shown, and may be called. `shown` is the line's number, as it is spoken."""

    crisis: str
    """The prompt of the crisis numbers."""
    shown: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What is played and what is done first; with `leads_on`, the flow's next document follows what is played."""

    document: Document[Place] = ()
    effect: Effect | None = None
    leads_on: bool = False


def step(place: Place, event: Event, facts: Facts) -> Turn:
    """What follows `event` at `place`. Total: whatever doesn't fit leads on in the flow."""
    match event:
        case Keyed() if place.stage is Stage.BEGIN:
            return _ask(replace(place, stage=Stage.CHOOSE if facts.own else Stage.KEY), facts)
        case Keyed(digits) if digits == EMERGENCY_KEY:
            return _ask(replace(place, crisis=True), facts)
        case Keyed(digits):
            return _keyed(place, digits, facts)
        case Given(usable) if usable:
            return _ask(replace(place, stage=Stage.READ_BACK, repeats=0), facts)
        case Given():
            return _another(place, facts, "callback-unusable")
        case Noted(done) if done:
            return Turn((Say("callback-noted", place.language), Hangup()))
    return Turn((Say("callback-unavailable", place.language),), leads_on=True)


def _keyed(place: Place, digits: str, facts: Facts) -> Turn:
    match place.stage, digits:
        case _, "":
            return _again(place, facts)
        case Stage.CHOOSE, "1" if facts.own:
            return Turn(effect=Effect.OWN)
        case Stage.CHOOSE, "2":
            return _ask(replace(place, stage=Stage.KEY, repeats=0), facts)
        case Stage.KEY, _:
            return Turn(effect=Effect.KEYED)
        case Stage.READ_BACK, "1":
            return _ask(replace(place, stage=Stage.CONSENT, repeats=0), facts)
        case Stage.READ_BACK, "2":
            return _another(place, facts)
        case Stage.CONSENT, "1":
            return Turn(effect=Effect.NOTE)
        case Stage.CONSENT, "2":
            return Turn(effect=Effect.DROP, leads_on=True)
    return _again(place, facts, "not-understood")


def _again(place: Place, facts: Facts, *before: str) -> Turn:
    """The question once more, the first time; then what was given is forgotten, and the flow goes on."""
    if place.repeats:
        return Turn(effect=Effect.DROP, leads_on=True)
    return _ask(replace(place, repeats=1), facts, *before)


def _another(place: Place, facts: Facts, *before: str) -> Turn:
    """Another number is asked for, if there have not been too many."""
    given = place.given + 1
    if given >= NUMBERS:
        said = (Say("callback-unavailable", place.language),)
        return Turn(said, Effect.DROP, leads_on=True)
    return _ask(replace(place, stage=Stage.KEY, given=given, repeats=0), facts, *before)


def _ask(place: Place, facts: Facts, *before: str) -> Turn:
    """The document of the place's question, the crisis numbers first when they are owed."""
    sounds: tuple[Sound, ...] = (Say(facts.crisis, place.language),) if place.crisis else ()
    sounds += tuple(Say(prompt, place.language) for prompt in before)
    then = replace(place, crisis=False)
    sounds += (_question(place, facts),)
    if place.stage is Stage.KEY:
        return Turn((Listen(sounds, then, KEY_SILENCE, LONGEST_NUMBER, FINISH),))
    return Turn((Listen(sounds, then, ANSWER_SILENCE),))


def _question(place: Place, facts: Facts) -> Say:
    match place.stage:
        case Stage.CHOOSE:
            return Say("callback-choose", place.language)
        case Stage.KEY | Stage.BEGIN:
            return Say("callback-key", place.language)
        case Stage.READ_BACK:
            return Say("callback-read-back", place.language, (("number", NUMBER),))
        case Stage.CONSENT:
            return Say("callback-consent", place.language, (("number", facts.shown),))

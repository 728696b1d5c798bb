"""A callback is made: the psychologist's phone first, then the phone of the person who asked.

States   A `Place` sealed in the URL of the psychologist's leg, a `Hello` in that of the other phone.
Events   of the psychologist's leg
         `Answered()`      the phone was picked up (or a voicemail did)
         `Keyed(digits)`   keys, or none: `Keyed("")`
         `Dialled(bridged)` the other phone was rung; `bridged` is None where the carrier doesn't say
Answer   A `Turn`: a document, and at most one `Effect` that the shell carries out first.

Whoever picks up the other phone may be a relative or a voicemail: it says that this is the call that was asked for, and
nothing else; not the line, not who calls. It bridges only after a 1: every other way ends in a hang-up.
A repeated request gets the same document again; one about a callback that isn't this leg's any more hears that it is
gone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from ivr_flows.actions import Document, Hangup, Listen, Pause, Phone, Say
from ivr_flows.callback import NUMBER
from ivr_flows.model import Language
from ivr_flows.psychologist import TALK_LIMIT, WHISPER_SILENCE, WHISPERS

HELLOS = 2
HELLO_SILENCE = 5
RING_SECONDS = 30
"""How long the phone of the person who asked may ring; the carrier adds about five."""


class Stage(StrEnum):
    """How far the psychologist's leg has come; each names the request that comes next."""

    PICK_UP = "pick-up"
    WHISPER = "whisper"
    DIALLED = "dialled"


class Effect(StrEnum):
    """What the shell does before the document is played."""

    SCREEN = "screen"
    PASS = "pass"  # noqa: S105 - a callback is passed on, nothing secret
    DIAL = "dial"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a psychologist's leg is. `nth` counts whispers."""

    stage: Stage
    language: Language
    nth: int = 1


@dataclass(frozen=True, slots=True)
class Hello:
    """What the phone of the person who asked was just told, for the `nth` time; 0 before the first."""

    language: Language
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """The phone was picked up."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """Keys pressed, or none."""

    digits: str


@dataclass(frozen=True, slots=True)
class Dialled:
    """The other phone was rung, and that is over. `bridged`: whether they talked, None if the carrier doesn't say."""

    bridged: bool | None


Event = Answered | Keyed | Dialled


@dataclass(frozen=True, slots=True)
class View:
    """What this leg may know of its callback."""

    mine: bool
    """Whether it is still this leg that is to make the call."""
    line: str
    """The line's name in the psychologist's language."""
    held_in: Language
    """The language of the person who asked."""
    talked: bool = False
    """Whether that person pressed 1."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is played, and what is done first."""

    document: Document[Place | Hello]
    effect: Effect | None = None


def step(place: Place, event: Event, view: View) -> Turn:
    """What follows `event` at `place`. Total; whoever is on the line is spoken to before it ends."""
    match place.stage, event:
        case Stage.PICK_UP, Answered() if view.mine:
            return Turn(_whisper(Place(Stage.WHISPER, place.language), view), Effect.SCREEN)
        case Stage.WHISPER, Keyed("1") if view.mine:
            return Turn(_dial(place, view), Effect.DIAL)
        case Stage.WHISPER, Keyed("") if view.mine and place.nth < WHISPERS:
            return Turn(_whisper(replace(place, nth=place.nth + 1), view))
        case Stage.WHISPER, Keyed() if view.mine:
            return Turn(_bye("declined", place), Effect.PASS)
        case Stage.DIALLED, Dialled(bridged):
            talked = view.talked if bridged is None else bridged
            return Turn(_bye("thanks" if talked else "callback-not-reached", place), Effect.OVER)
    return Turn(_bye("gone", place))


def greet(hello: Hello, digits: str) -> Document[Hello]:
    """What the phone of the person who asked hears. Nothing at all means that it is bridged: after a 1 only."""
    if hello.nth and digits == "1":
        return ()
    if hello.nth >= HELLOS:
        return (Hangup(),)
    said = Say("callback-hello", hello.language)
    return (Listen((said,), replace(hello, nth=hello.nth + 1), HELLO_SILENCE),)


def accepts(hello: Hello, digits: str) -> bool:
    """Whether that person has just pressed 1."""
    return greet(hello, digits) == ()


def _bye(prompt: str, place: Place) -> Document[Place | Hello]:
    return (Say(prompt, place.language), Hangup())


def _whisper(place: Place, view: View) -> Document[Place | Hello]:
    said = Say("callback-whisper", place.language, (("line", view.line), ("language", f"@language-{view.held_in}")))
    return (Listen((Pause(1), said), place, WHISPER_SILENCE),)


def _dial(place: Place, view: View) -> Document[Place | Hello]:
    then, hello = replace(place, stage=Stage.DIALLED), Hello(view.held_in)
    return (Say("callback-calling", place.language), Phone(NUMBER, then, hello, RING_SECONDS, TALK_LIMIT))

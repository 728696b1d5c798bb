"""The psychologist's leg: the whisper, the key that claims, the talk, the hand-over, coding by keypad.

States   A `Place` sealed in the leg's URL: how far this leg has come, and the psychologist's language.
Events   `Answered()`         the phone was picked up (or a voicemail did)
         `Keyed(digits)`      keys, or none: `Keyed("")`
         `Claimed(won)`       the claim this machine asked for was tried
         `BridgeEnded()`      the carrier's dial is over, whether or not it bridged
         `Checked()`          a moment later: is the caller still there?
Answer   A `Turn`: a document to play, and at most one `Effect` that the shell carries out first. For `CLAIM` the
         shell comes back at once with `Claimed(won)`; for `BRING` it goes on with `bringing.py`.

A voicemail can't press 1, so silence is never an acceptance. An answered leg is never cut, it is told what happened.
Late and repeated events: a place says which answer is due, so the same request gets the same document; a claim by the
leg that already holds the call is won again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, StrEnum

from ivr_flows.actions import Bridge, Document, Goto, Hangup, Listen, Pause, Say, Sound
from ivr_flows.model import Language
from ivr_flows.ringing import CallState

WHISPERS = 2
WHISPER_SILENCE = 3
HAND_OVER_SILENCE = 5
CODE_SILENCE = 8
CHECKS = 3
"""How many seconds a psychologist waits after a bridge until we know whether the caller is still there."""
TRIES = 3
"""How often the reason may be keyed before it is left for later."""
TALK_LIMIT = 2 * 3600


class Stage(StrEnum):
    """How far the leg has come; each names the request that comes next."""

    PICK_UP = "pick-up"
    WHISPER = "whisper"
    BRIDGE = "bridge"
    CHECK = "check"
    HAND_OVER = "hand-over"
    CODE = "code"
    CONFIRM = "confirm"


class Effect(StrEnum):
    """What the shell does before the document is played."""

    SCREEN = "screen"
    DECLINE = "decline"
    CLAIM = "claim"
    UNCLAIM = "unclaim"
    HOLD = "hold"
    BRING = "bring"
    PASS_ON = "pass-on"  # noqa: S105 - a call is passed on, nothing secret
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a psychologist's leg is. `code` is the reason being confirmed.

    `nth` counts whispers, checks or tries; in `BRIDGE` and `HAND_OVER` it is the call's attempt, so that a late copy of
    a request about one talk doesn't end the next.
    """

    stage: Stage
    language: Language
    nth: int = 1
    code: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """The phone was picked up."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """Keys pressed, or none."""

    digits: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """The claim was tried."""

    won: bool


@dataclass(frozen=True, slots=True)
class BridgeEnded:
    """The dial to the queue is over. `bridged` is False when the carrier is certain that it connected nobody."""

    bridged: bool = True


@dataclass(frozen=True, slots=True)
class Checked:
    """A moment after the bridge."""


Event = Answered | Keyed | Claimed | BridgeEnded | Checked


class Before(Enum):
    """What the caller has been through before this leg rang."""

    NOTHING = "whisper"
    CUT_OFF = "whisper-again"
    HANDED_OVER = "whisper-handover"


@dataclass(frozen=True, slots=True)
class CallView:
    """What this leg may know of its call. `state` is None once the call is over; `mine` if this leg holds it."""

    state: CallState | None
    mine: bool = False
    attempt: int = 1
    """Grows with each queue the caller is put into."""
    queue: str = ""
    caller_language: Language = "fr"
    held_in: Language = "fr"
    """The language this psychologist will speak in: the caller's, or one the line offers instead."""
    waited: int = 0
    """Seconds in the queue."""
    category: str | None = None
    line: str = ""
    """The line's name in the psychologist's language."""
    can_code: bool = False
    """Whether this line allows coding by keypad and this person has a call to code."""
    before: Before = Before.NOTHING
    services: bool = False
    """Whether the directory has anybody whom a psychologist can bring onto the line."""
    reason: str | None = None
    """The label of the reason just keyed, in the psychologist's language, if it exists."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is played, and what is done first. `code` is the two-digit reason that `Effect.CODE` stores."""

    document: Document[Place] = ()
    effect: Effect | None = None
    code: str = ""


def step(place: Place, event: Event, call: CallView) -> Turn:
    """What follows `event` at `place`. Total; whoever is on the line is spoken to before it ends."""
    match place.stage, event:
        case Stage.PICK_UP, Answered():
            return _picked_up(place, call)
        case Stage.WHISPER, Keyed(digits):
            return _answered_whisper(place, digits, call)
        case ((Stage.WHISPER | Stage.HAND_OVER), Claimed(won)):
            return _connect(place, call) if won else Turn(_bye(_too_late(call), place))
        case Stage.BRIDGE, BridgeEnded(bridged):
            return _bridge_ended(place, call, bridged=bridged)
        case Stage.CHECK, _:
            return _check(place, call)
        case Stage.HAND_OVER, Keyed(digits):
            return _hand_over(place, digits, call)
        case Stage.CODE, Keyed(digits):
            return _code(place, digits, call)
        case Stage.CONFIRM, Keyed(digits):
            return _confirm(place, digits)
    return Turn(_bye("gone", place))


def claims_at_once(place: Place, event: Event) -> bool:
    """Whether `step` asks for a claim whatever the call is like: then nobody need look it up before."""
    return place.stage is Stage.WHISPER and event == Keyed("1")


def step_blind(place: Place, event: Event, call: CallView) -> Turn:
    """What follows when the database doesn't answer: a claim goes to the queue, where at most one can be bridged."""
    match place.stage, event:
        case Stage.PICK_UP, Answered():
            values = (("line", call.line), ("language", f"@language-{call.held_in}"))
            sounds = (Pause(1), _say("whisper-short", place, *values), _say("whisper-accept", place))
            asked = Place(Stage.WHISPER, place.language, WHISPERS)
            return Turn((Listen(sounds, asked, WHISPER_SILENCE),))
        case Stage.WHISPER, Keyed("1"):
            return _connect(place, call)
    byes = {Stage.PICK_UP: "gone", Stage.WHISPER: "declined", Stage.CODE: "code-later", Stage.CONFIRM: "code-later"}
    return Turn(_bye(byes.get(place.stage, "thanks"), place))


def _say(prompt: str, place: Place, *values: tuple[str, str]) -> Say:
    return Say(prompt, place.language, values)


def _bye(prompt: str, place: Place) -> Document[Place]:
    return (_say(prompt, place), Hangup())


def _too_late(call: CallView) -> str:
    """What somebody is told who can't have this call any more: nobody took one whose caller is leaving or gone."""
    return "gone" if call.state in {None, CallState.LEAVING, CallState.LEFT} else "taken"


def _picked_up(place: Place, call: CallView) -> Turn:
    if call.state is not CallState.WAITING:
        return Turn(_bye(_too_late(call), place), Effect.DECLINE)
    return Turn(_whisper(replace(place, stage=Stage.WHISPER, nth=1), call), Effect.SCREEN)


def _whisper(place: Place, call: CallView) -> Document[Place]:
    values = (("line", call.line), ("language", f"@language-{call.held_in}"), ("wait", f"@wait:{call.waited}"))
    sounds: tuple[Sound, ...] = (Pause(1), _say(call.before.value, place, *values))
    if call.category and call.before is not Before.CUT_OFF:
        sounds += (_say("whisper-category", place, ("category", f"@{call.category}")),)
    sounds += (_say("whisper-accept", place),)
    return (Listen(sounds, place, WHISPER_SILENCE),)


def _answered_whisper(place: Place, digits: str, call: CallView) -> Turn:
    if digits == "1":
        return Turn(effect=Effect.CLAIM)
    if digits == "2":
        return Turn(_bye("declined", place), Effect.DECLINE)
    if call.state is None or (call.state is not CallState.WAITING and not call.mine):
        return Turn(_bye(_too_late(call), place), Effect.DECLINE)
    if place.nth < WHISPERS:
        return Turn(_whisper(replace(place, nth=place.nth + 1), call))
    return Turn(_bye("declined", place), Effect.DECLINE)


def _connect(place: Place, call: CallView) -> Turn:
    return Turn(connect(place.language, call.queue, call.attempt))


def connect(language: Language, queue: str, attempt: int) -> Document[Place]:
    """The psychologist is connected to the caller, who waits in the queue of `attempt`."""
    return (Bridge(queue, Place(Stage.BRIDGE, language, attempt), TALK_LIMIT),)


def _bridge_ended(place: Place, call: CallView, *, bridged: bool) -> Turn:
    """The caller hung up, `*` was pressed, or there was never a bridge: the caller's own leg will tell."""
    check = Place(Stage.CHECK, place.language)
    if not (bridged or call.mine):
        return Turn(_bye("gone", place))
    # The caller's side may have told of the end before: then they are in the next queue already.
    if call.attempt > place.nth + (call.state is CallState.PARTED):
        return Turn((Pause(1), Goto(check)))
    match call.state:
        case CallState.CLAIMED if call.mine:
            return Turn(_bye("gone", place), Effect.UNCLAIM)
        case CallState.TALKING if call.mine and not bridged:
            return Turn(_bye("gone", place), Effect.UNCLAIM)
        case CallState.TALKING | CallState.PARTED if call.mine:
            return Turn((Pause(1), Goto(check)), Effect.HOLD)
        case None:
            return Turn((Pause(1), Goto(check)))
    return Turn(_bye("gone", place))


def _check(place: Place, call: CallView) -> Turn:
    if call.state is CallState.PARTED and call.mine:
        return Turn(choice(place.language, call.attempt, services=call.services))
    if place.nth < CHECKS and (call.mine or (call.state is None and not call.can_code)):
        return Turn((Pause(1), Goto(replace(place, nth=place.nth + 1))))
    if call.state is None and call.can_code:
        return Turn((Listen((_say("code-reason", place),), Place(Stage.CODE, place.language), CODE_SILENCE, 2),))
    return Turn(_bye("thanks", place))


def choice(language: Language, attempt: int, *, services: bool, said: tuple[Say, ...] = ()) -> Document[Place]:
    """What somebody is asked who has parted from the caller of queue `attempt`; `said` comes before."""
    asked = (*said, Say("handover-choice", language))
    if services:
        asked = (*asked, Say("handover-service", language))
    return (Listen(asked, Place(Stage.HAND_OVER, language, attempt), HAND_OVER_SILENCE),)


def _hand_over(place: Place, digits: str, call: CallView) -> Turn:
    if not (call.mine and call.state is CallState.PARTED) or call.attempt > place.nth:
        return Turn(_bye("thanks", place))
    if digits == "2":
        return Turn(effect=Effect.CLAIM)
    if digits == "3" and call.services:
        return Turn(effect=Effect.BRING)
    return Turn(_bye("handover-done", place), Effect.PASS_ON)


def _code(place: Place, digits: str, call: CallView) -> Turn:
    if not digits or not call.can_code:
        return Turn(_bye("code-later", place))
    if call.reason is not None:
        confirm = Place(Stage.CONFIRM, place.language, place.nth, digits)
        said = _say("code-confirm", place, ("reason", call.reason))
        return Turn((Listen((said,), confirm, CODE_SILENCE),))
    return _code_again("code-unknown", place)


def _code_again(prompt: str, place: Place) -> Turn:
    if place.nth >= TRIES:
        return Turn(_bye("code-later", place))
    again = Place(Stage.CODE, place.language, place.nth + 1)
    return Turn((Listen((_say(prompt, place), _say("code-reason", place)), again, CODE_SILENCE, 2),))


def _confirm(place: Place, digits: str) -> Turn:
    if digits == "2":
        return _code_again("code-again", place)
    if digits == "1":  # even if nothing is left to code: the request may be a repeated one
        return Turn(_bye("code-saved", place), Effect.CODE, place.code)
    return Turn(_bye("code-later", place))

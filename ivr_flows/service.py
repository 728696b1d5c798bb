"""The leg of a service that a psychologist calls for a caller: screened, in the room, perhaps alone with the caller.

Stages   PICK_UP  the phone was picked up, or a voicemail did
         SCREEN   who this is was said: only a key accepts, so that no voicemail ever hears a caller
         WAIT     accepted: this leg asks again and again, until psychologist and caller are in the room (`bringing.py`)
         ROOM     asked when this leg leaves it
         STAY     the room is over and this leg is still there: it asks again and again what the others do
         BRIDGE   left alone with the caller: asked when that is over
Events   keys, or "" for silence and for what a leg asks by itself
Answer   a `Turn`: a document, and at most one `Effect` that the shell carries out first

Whoever answers for a service is told what happens before the line is closed. A psychologist who has left, or is gone,
leaves the caller to the service: it claims them as psychologists do, and at most one claim is won.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from ivr_flows.actions import Bridge, Conference, Document, Goto, Hangup, Listen, Music, Pause, Say, Sound
from ivr_flows.bringing import out_of_the_room
from ivr_flows.model import Language
from ivr_flows.psychologist import TALK_LIMIT, WHISPER_SILENCE, WHISPERS
from ivr_flows.ringing import CallState

POLL_SECONDS = 3
POLLS = 20
"""How often a service asks, at most, before it is let go: a minute."""
RING_SECONDS = 30
"""How long its phone rings."""
ALIVE_SECONDS = 30
"""A service that holds is asked for its next document every few seconds: after this long without it is gone."""


class Stage(StrEnum):
    """See the module's head; each names the request that comes next."""

    PICK_UP = "pick-up"
    SCREEN = "screen"
    WAIT = "wait"
    ROOM = "room"
    STAY = "stay"
    BRIDGE = "bridge"


class Effect(StrEnum):
    """What the shell does before the document is played. After `ACCEPT` and `CLAIM` it tells what came of it."""

    SCREEN = "screen"
    DECLINE = "decline"
    ACCEPT = "accept"
    ALIVE = "alive"
    ENTER = "enter"
    HOLD = "hold"
    CLAIM = "claim"
    END = "end"
    UNCLAIM = "unclaim"


@dataclass(frozen=True, slots=True)
class Place:
    """Where this leg is. `nth` counts whispers or polls; `attempt` is the caller's queue, in `ROOM` that before it."""

    stage: Stage
    language: Language
    nth: int = 1
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """What this leg may know of its call. `state` is None once the call is over; `mine` if this leg holds the caller.

    `wanted` is whether it still is; `entered` whether the caller is in the room; `left` whether the psychologist is
    gone, or has left the caller to it. `bridged` is False when the carrier is certain that a dial connected nobody.
    """

    state: CallState | None
    mine: bool = False
    attempt: int = 1
    queue: str = ""
    room: str = ""
    wanted: bool = True
    entered: bool = False
    left: bool = False
    bridged: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """What is played, and what is done first."""

    document: Document[Place] = ()
    effect: Effect | None = None


def step(place: Place, keys: str, call: View) -> Turn:
    """What follows `keys` at `place`. Total."""
    match place.stage:
        case Stage.PICK_UP if call.wanted and call.state is CallState.PARTED:
            return Turn(_whisper(replace(place, stage=Stage.SCREEN, nth=1)), Effect.SCREEN)
        case Stage.SCREEN:
            return _screened(place, keys, call)
        case Stage.WAIT:
            return _wait(place, call)
        case Stage.ROOM:
            return _room_left(place, call)
        case Stage.STAY:
            return _stay(place, call)
        case Stage.BRIDGE:
            return _bridge_ended(place, call)
    return Turn(_bye("service-over", place))


def accepted(place: Place, call: View) -> Turn:
    """The key was pressed, and whoever waited for it may still be there."""
    if call.wanted and call.state is CallState.MEETING:
        return Turn((_say("service-thanks", place), *_poll(Place(Stage.WAIT, place.language))))
    return Turn(_bye("service-over", place))


def claimed(place: Place, call: View) -> Turn:
    """The caller was claimed for this leg, or somebody else was faster."""
    if not call.mine:
        return Turn(_bye("service-over", place))
    then = Place(Stage.BRIDGE, place.language, attempt=call.attempt)
    return Turn((_say("service-alone", place), Bridge(call.queue, then, TALK_LIMIT, star=False)))


def step_blind(place: Place) -> Turn:
    """What follows when the database doesn't answer: whoever accepted waits for a while, nobody new is asked."""
    stages = {Stage.WAIT: Stage.WAIT, Stage.ROOM: Stage.STAY, Stage.STAY: Stage.STAY}
    if place.stage in stages and place.nth < POLLS:
        return Turn(_poll(replace(place, stage=stages[place.stage], nth=place.nth + 1)))
    return Turn(_bye("service-over", place))


def _say(prompt: str, place: Place) -> Say:
    return Say(prompt, place.language)


def _bye(prompt: str, place: Place) -> Document[Place]:
    return (_say(prompt, place), Hangup())


def _poll(place: Place) -> Document[Place]:
    return (Music(POLL_SECONDS), Goto(place))


def _whisper(place: Place) -> Document[Place]:
    sounds: tuple[Sound, ...] = (Pause(1), _say("service-screen", place))
    return (Listen(sounds, place, WHISPER_SILENCE),)


def _screened(place: Place, keys: str, call: View) -> Turn:
    if keys == "1":
        return Turn(effect=Effect.ACCEPT)
    if not call.wanted or call.state is not CallState.PARTED:
        return Turn(_bye("service-over", place), Effect.DECLINE)
    if not keys and place.nth < WHISPERS:
        return Turn(_whisper(replace(place, nth=place.nth + 1)))
    return Turn(_bye("service-declined", place), Effect.DECLINE)


def _wait(place: Place, call: View) -> Turn:
    if call.state is CallState.MEETING and call.entered and call.wanted:
        then = Place(Stage.ROOM, place.language, attempt=call.attempt)
        return Turn((Conference(call.room, then, TALK_LIMIT),), Effect.ENTER)
    return _stay(place, call)


def _stay(place: Place, call: View) -> Turn:
    """As long as the others decide. Nobody goes back into a room."""
    undecided = call.state in {CallState.MEETING, CallState.PARTED} and call.wanted and not call.mine
    if undecided and call.state is CallState.PARTED and call.left:
        return Turn(effect=Effect.CLAIM)
    if undecided and place.nth < POLLS:
        return Turn(_poll(replace(place, nth=place.nth + 1)), Effect.ALIVE)
    # A late copy of a request, while it talks to the caller, ends nothing.
    return Turn(_bye("service-over", place), None if call.mine else Effect.END)


def _room_left(place: Place, call: View) -> Turn:
    if out_of_the_room(call.state, call.attempt, place.attempt):
        return Turn(_poll(Place(Stage.STAY, place.language)), Effect.HOLD)
    return Turn(_bye("service-over", place))


def _bridge_ended(place: Place, call: View) -> Turn:
    if call.mine and call.state in {CallState.CLAIMED, CallState.TALKING} and not call.bridged:
        return Turn(_bye("service-over", place), Effect.UNCLAIM)
    return Turn(_bye("service-over", place), Effect.END)

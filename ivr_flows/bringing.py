"""The psychologist's leg while they bring a service of the directory onto the line: three in a room, then leave.

It begins where `psychologist.py` asks what to do with a caller one has parted from. Meanwhile the caller holds in the
queue, as in any hand-over.

Stages   ASK     the department or the postcode is keyed, or nothing
         OFFER   one service after another is read out; its key has it rung
         RING    it rings, and is screened (`service.py`): this leg asks again and again; any key calls it off
         ROOM    it accepted: this leg enters the room first, then the caller, then the service; asked when it leaves
         LOOK    a moment later: who is still there?
         PART    the room is over and all are there: leave them together, or go on alone with the caller
Events   keys, or "" for silence, for what a leg asks by itself, and for the end of the room
Answer   a `Turn`: as in `psychologist.py`

The room ends for all when anybody leaves it, so that nobody is ever alone in one. Who left is known by who is still on
the line: the caller goes into a new queue, the service asks on (`service.py`), this leg looks around.
  the caller hung up       the call is over: thanks, or the reason is keyed
  the service hung up      back to the caller, by the same claim as ever
  the psychologist: star   PART: 1, silence or hanging up leaves the other two together; 2 takes the caller back alone
  the psychologist hung up the service claims the caller
Whatever fails before the room (nobody there, not accepted, called off) leads back to the first question.

Late and repeated requests: a place names the queue (`attempt`) it was about; after another one it is answered and
nothing is done. The service's leg is named by `tries`, so that a repeated key rings nobody twice, and a late one none
that was called since. Nothing keyed is anywhere but in the sealed place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, StrEnum

from ivr_flows import psychologist
from ivr_flows.actions import Conference, Document, Goto, Hangup, Listen, Music, Pause, Say, Sound, verbatim
from ivr_flows.directory import Offer
from ivr_flows.model import Language
from ivr_flows.psychologist import CHECKS, HAND_OVER_SILENCE, TALK_LIMIT
from ivr_flows.ringing import CallState

OFFERED = 3
"""As many services as somebody can keep in mind."""
ROUNDS = 2
"""How often they are read."""
KEYED = 5
"""Digits of a postcode; a department has fewer and ends with #."""
KEYING_SILENCE = 5
POLL_SECONDS = 2
"""Seconds of music between two looks at what became of the service's phone."""


class Stage(StrEnum):
    """See the module's head; each names the request that comes next."""

    ASK = "ask"
    OFFER = "offer"
    RING = "ring"
    ROOM = "room"
    LOOK = "look"
    PART = "part"


@dataclass(frozen=True, slots=True)
class Place:
    """Where this leg is. `attempt` is the caller's queue, in `ROOM` that before it; `tries` counts services called.

    `nth` counts questions, services read out, looks, or in `RING` the steps into the room. `keyed` is what was keyed
    for a place.
    """

    stage: Stage
    language: Language
    attempt: int
    tries: int = 0
    nth: int = 1
    keyed: str = ""


class Effect(StrEnum):
    """What the shell does before the document is played."""

    STAY = "stay"
    """Note that this psychologist is still there."""
    RING = "ring"
    CANCEL = "cancel"
    ENTER = "enter"
    HOLD = "hold"
    CLAIM = "claim"
    """Go back to the caller: `Turn.document` is spoken before they are connected."""
    LEAVE = "leave"


class Service(Enum):
    """What the row knows of the service that was called last."""

    NOBODY = "nobody"
    """There is none, or it is gone."""
    RINGING = "ringing"
    """Wanted, ringing, or being asked."""
    LEAVING = "leaving"
    """It was in the room, and hasn't been heard of since."""
    THERE = "there"


@dataclass(frozen=True, slots=True)
class View:
    """What this leg may know of its call; the first four as in `psychologist.CallView`."""

    state: CallState | None
    mine: bool = False
    attempt: int = 1
    queue: str = ""
    room: str = ""
    service: Service = Service.NOBODY
    offers: tuple[Offer, ...] = ()
    """Who can be called at the place that was keyed, nearest first, all of them with a number."""
    unknown: bool = False
    """Whether something was keyed that is no place."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is played, and what is done first. `offer` is who `Effect.RING` calls."""

    document: Document[Place | psychologist.Place] = ()
    effect: Effect | None = None
    offer: Offer | None = None


def begin(language: Language, attempt: int, tries: int) -> Turn:
    """The psychologist chose to bring a service to the caller in the queue of `attempt`; `tries` were called before."""
    return _ask(Place(Stage.ASK, language, attempt, tries), ())


def step(place: Place, keys: str, call: View) -> Turn:
    """What follows `keys` at `place`. Total; whoever is on the line is spoken to before it ends."""
    match place.stage:
        case Stage.ROOM:
            return _room_left(place, call)
        case Stage.LOOK:
            return _look(place, call)
    if call.state is None:
        return Turn((Goto(psychologist.Place(psychologist.Stage.CHECK, place.language)),))
    if not call.mine or call.attempt != place.attempt:
        return Turn(_bye(place))
    if call.state is CallState.MEETING:
        return _enter(place, call)
    if call.state is not CallState.PARTED:
        return Turn(_bye(place))
    match place.stage:
        case Stage.ASK:
            return _asked(place, keys, call)
        case Stage.OFFER:
            return _offered(place, keys, call)
        case Stage.RING:
            return _ringing(place, keys, call)
    return _part(place, keys, call)


def step_blind(place: Place, call: View) -> Turn:
    """What follows when the database doesn't answer: back to the caller, in whose queue nobody else is."""
    if place.stage in {Stage.ROOM, Stage.LOOK}:
        return Turn(_bye(place))
    return Turn(psychologist.connect(place.language, call.queue, place.attempt))


def cancelled(place: Place, call: View) -> Turn:
    """The service was called off; or it wasn't, having just accepted."""
    if call.state is not CallState.PARTED:
        return step(place, "", call)
    return _menu(place, "service-cancelled")


def claimed(place: Place, call: View, turn: Turn, *, won: bool) -> Turn:
    """The way back to the caller was tried."""
    if won:
        return Turn((*turn.document, *psychologist.connect(place.language, call.queue, call.attempt)))
    return Turn(_bye(place))


def out_of_the_room(state: CallState | None, attempt: int, room: int) -> bool:
    """Whether a call is as a leg leaves it that comes out of the room entered from the queue of `room`.

    The caller's side may have told of the end before: then they are in the next queue already.
    """
    return (state, attempt - room) in {(CallState.MEETING, 0), (CallState.PARTED, 0), (CallState.PARTED, 1)}


def _say(prompt: str, place: Place, *values: tuple[str, str]) -> Say:
    return Say(prompt, place.language, values)


def _bye(place: Place) -> Document[Place | psychologist.Place]:
    return (_say("thanks", place), Hangup())


def _ask(place: Place, said: tuple[Say, ...]) -> Turn:
    sounds: tuple[Sound, ...] = (*said, _say("service-ask", place))
    return Turn((Listen(sounds, place, KEYING_SILENCE, KEYED, "#"),), Effect.STAY)


def _menu(place: Place, prompt: str) -> Turn:
    """The first question again."""
    said = (_say(prompt, place),)
    return Turn(psychologist.choice(place.language, place.attempt, services=True, said=said), Effect.STAY)


def _asked(place: Place, keys: str, call: View) -> Turn:
    if call.unknown and place.nth == 1:
        return _ask(replace(place, nth=2), (_say("service-unknown", place),))
    if not call.offers:
        return _menu(place, "service-nobody")
    return _offer(Place(Stage.OFFER, place.language, place.attempt, place.tries, 1, keys), call)


def _offer(place: Place, call: View) -> Turn:
    """One of them is read; any that was read can be chosen."""
    offers = call.offers[:OFFERED]
    index = (place.nth - 1) % len(offers)
    values = (("name", verbatim(offers[index].name)), ("key", str(index + 1)))
    sounds: tuple[Sound, ...] = (_say("service-offer", place, *values),)
    if index == len(offers) - 1:
        sounds = (*sounds, _say("service-back", place))
    return Turn((Listen(sounds, place, 2),), Effect.STAY)


def _offered(place: Place, keys: str, call: View) -> Turn:
    offers = call.offers[:OFFERED]
    if keys == "0":
        return Turn(effect=Effect.CLAIM)
    chosen = {str(index): offer for index, offer in enumerate(offers, 1)}.get(keys)
    if chosen is not None:
        return _call(place, chosen)
    if not offers or place.nth >= ROUNDS * len(offers):
        return _menu(place, "service-none")
    return _offer(replace(place, nth=place.nth + 1), call)


def _call(place: Place, offer: Offer) -> Turn:
    then = Place(Stage.RING, place.language, place.attempt, place.tries + 1)
    said = _say("service-calling", place, ("name", verbatim(offer.name)))
    return Turn((Listen((said, Music(POLL_SECONDS)), then),), Effect.RING, offer)


def _ringing(place: Place, keys: str, call: View) -> Turn:
    if call.service is Service.NOBODY:
        return _menu(place, "service-not-there")
    if keys:
        return Turn(effect=Effect.CANCEL)
    return Turn((Listen((Music(POLL_SECONDS),), place),), Effect.STAY)


def _enter(place: Place, call: View) -> Turn:
    """Said first, and then entered: who is believed to be in the room is waited for there."""
    if place.nth == 1:
        return Turn((_say("service-accepted", place), Goto(replace(place, nth=2))))
    then = Place(Stage.ROOM, place.language, place.attempt)
    room = Conference(call.room, then, TALK_LIMIT, starts=True, star=True)
    return Turn((room,), Effect.ENTER)


def _room_left(place: Place, call: View) -> Turn:
    """The room is over, or this leg was fetched from one that nobody else came to."""
    look = Place(Stage.LOOK, place.language, place.attempt)
    aside = Turn((Pause(1), Goto(look)))
    if call.state is None:
        return aside
    if call.mine and out_of_the_room(call.state, call.attempt, place.attempt):
        return replace(aside, effect=Effect.HOLD)
    return Turn(_bye(place))


def _look(place: Place, call: View) -> Turn:
    again = Turn((Pause(1), Goto(replace(place, nth=place.nth + 1))))
    if call.state is None:
        return Turn((Goto(psychologist.Place(psychologist.Stage.CHECK, place.language)),))
    if call.mine and call.state is CallState.MEETING and place.nth < CHECKS:
        return again
    if not (call.mine and call.state is CallState.PARTED):
        return Turn(_bye(place))
    if call.service is Service.LEAVING and place.nth < CHECKS:
        return again
    if call.service is not Service.THERE:
        return Turn((_say("service-left", place),), Effect.CLAIM)
    then = Place(Stage.PART, place.language, call.attempt)
    return Turn((Listen((_say("service-part", place),), then, HAND_OVER_SILENCE),), Effect.STAY)


def _part(place: Place, keys: str, call: View) -> Turn:
    if keys == "2":
        return Turn(effect=Effect.CLAIM)
    if call.service is not Service.THERE:
        return Turn((_say("service-left", place),), Effect.CLAIM)
    return Turn((_say("service-together", place), *_bye(place)), Effect.LEAVE)

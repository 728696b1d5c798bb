"""The caller's leg without a database: one phone after another is rung from it, and whoever picks up must press 1.

States   A `Place`, sealed in the URL; nothing else remembers the call.
  ringing   a phone rings, is being screened, or somebody talks with the caller
  asked     the talk is over and the caller is still there: they were asked whether they had been cut off
Events   `DialEnded(bridged)`  the carrier's dial is over; bridged: somebody pressed 1 and they talked
         `Keyed(digits)`       the answer to the question; whoever stays on the line says yes
Answer   A document. After the last phone it is the flow's own: what follows an unanswered ring.
Late and repeated events: a place says which answer is due, so the same request gets the same document; the carrier
plays one of them. Nobody is rung twice but after a cut-off, which happens once.

A screening document of the carrier's connects by *ending*: so it always hangs up, unless 1 was pressed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ivr_flows import caller
from ivr_flows.actions import Ask, Document, Hangup, Listen, Phone, Say, Sound
from ivr_flows.model import EMERGENCY_KEY, Flow, Language, as_language
from ivr_flows.psychologist import TALK_LIMIT
from ivr_flows.ringing import CUT_OFF_SILENCE

WHISPER_SILENCE = 3
CRISIS_EVERY = 3
"""After so many phones in vain the caller hears the crisis numbers, and the next one rings."""
VARIED = ("hold-3", "hold-4", "hold-1")


class Stage(StrEnum):
    """See the module's head."""

    RINGING = "ringing"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a caller is. `tried` are the ids of the phones rung, in order; `skip` those that must not be.

    `rung` is the phone that rings or talks, empty if we don't know whom they talked with; `cut_off` that they have been
    rung back for. `entered_at` is when they began to wait, in UTC seconds.
    """

    caller: caller.Place
    entered_at: int
    stage: Stage = Stage.RINGING
    rung: str = ""
    tried: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    cut_off: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """What a phone that is picked up says: its owner's language, the one of the call, `again` after a cut-off."""

    language: Language
    held_in: Language
    again: bool = False


@dataclass(frozen=True, slots=True)
class Accept:
    """The answer to a whisper in this language is due."""

    language: Language


Then = Place | Screen | Accept | caller.Place


@dataclass(frozen=True, slots=True)
class DialEnded:
    """The dial is over."""

    bridged: bool


@dataclass(frozen=True, slots=True)
class Keyed:
    """Keys pressed, or none."""

    digits: str = ""


Event = DialEnded | Keyed


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phone that may be rung: its id, its number (E.164), the languages spoken there, its owner's own first.

    A backup has none: whoever answers takes the caller in the caller's language.
    """

    id: str
    number: str
    languages: tuple[str, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class Target:
    """A phone to ring: `language` is the one the call will be held in, `own` the one its owner is spoken to in."""

    id: str
    number: str
    seconds: int
    language: Language
    own: Language
    backup: bool


def in_order(
    candidates: Sequence[Candidate], language: Language, accepted: Sequence[Language], default: Language
) -> tuple[Target, ...]:
    """Whom to ring for a caller in `language`, the first first: who speaks it, then the accepted ones, then backups.

    `default` is what an owner of a phone hears whose own language we don't speak. Nobody is named twice.
    """
    groups: list[list[Target]] = [[] for _ in range(len(accepted) + 2)]
    spoken = [language, *accepted]
    first: dict[str, Candidate] = {}
    for each in candidates:
        first.setdefault(each.id, each)
    for each in first.values():
        place = next((at for at, held_in in enumerate(spoken) if held_in in each.languages), None)
        if each.languages and place is None:
            continue
        held_in = language if place is None else spoken[place]
        target = Target(
            each.id, each.number, each.seconds, held_in, own_language(each.languages, default), not each.languages
        )
        groups[-1 if place is None else place].append(target)
    return tuple([target for group in groups for target in group])


def own_language(languages: Sequence[str], default: Language) -> Language:
    """The language that somebody is spoken to in: their first, if we speak it."""
    try:
        return as_language(languages[0]) if languages else default
    except ValueError:
        return default


def begin(
    flow: Flow, targets: Sequence[Target], at: caller.Place, entered_at: int, skip: Collection[str] = ()
) -> Document[Then]:
    """The first document: what is wrong, and the first phone. `skip` are ids of phones that must not be rung."""
    place = Place(replace(at, crisis=False), entered_at, skip=tuple(sorted(skip)))
    said: tuple[Sound, ...] = (Say(flow.crisis, at.language),) if at.crisis else ()
    return _begin(flow, targets, place, said)


def parted(at: caller.Place, entered_at: int) -> Document[Then]:
    """The caller has talked with somebody, and nobody knows whether that was all: they are asked."""
    return _ask(Place(replace(at, crisis=False), entered_at))


def step(flow: Flow, targets: Sequence[Target], place: Place, event: Event) -> Document[Then]:
    """What follows `event` at `place`. Total: an odd event still leads to the next phone."""
    match place.stage, event:
        case Stage.ASKED, Keyed(digits):
            said = (Say(flow.crisis, place.caller.language),) if digits == EMERGENCY_KEY else ()
            return _back(flow, targets, place, said)
        case Stage.RINGING, DialEnded(bridged=True) if place.cut_off:
            return (Say("goodbye", place.caller.language), Hangup())
        case Stage.RINGING, DialEnded(bridged=True):
            return _ask(place)
    return _next(flow, targets, place)


def whisper(flow: Flow, here: Screen) -> Document[Then]:
    """What is said to whoever picks up, twice: a voicemail can't press 1. No pause may stand in such a document."""
    values = (("line", flow.spoken[here.language]), ("language", f"@language-{here.held_in}"))
    who = Say("whisper-again" if here.again else "whisper-short", here.language, values)
    keys = Say("whisper-accept", here.language)
    return (Ask((who, keys, who, keys), Accept(here.language), WHISPER_SILENCE), Hangup())


def answered(here: Accept, digits: str) -> Document[Then]:
    """What follows the whisper: nothing after a 1, and so they are connected; after anything else the leg ends."""
    if digits == "1":
        return ()
    return (Say("declined", here.language), Hangup()) if digits == "2" else (Hangup(),)


def _ask(place: Place) -> Document[Then]:
    then = replace(place, stage=Stage.ASKED)
    return (Listen((Say("cut-off", place.caller.language),), then, CUT_OFF_SILENCE),)


def _back(flow: Flow, targets: Sequence[Target], place: Place, said: tuple[Sound, ...]) -> Document[Then]:
    """They stayed: the same person once more, then the others."""
    again = replace(place, stage=Stage.RINGING, tried=(), cut_off=True)
    same = next((target for target in targets if target.id == place.rung), None)
    if same is None:
        return _begin(flow, targets, again, said)
    return _ring((*said, Say("one-moment", place.caller.language)), again, same, again=True)


def _begin(flow: Flow, targets: Sequence[Target], place: Place, said: tuple[Sound, ...]) -> Document[Then]:
    left = _left(targets, place)
    if not left:
        return (Say("trouble", place.caller.language), *_unanswered(flow, place))
    news = _news(place, left[0], None)
    return _ring((*said, Say("degraded", place.caller.language), *news), place, left[0])


def _next(flow: Flow, targets: Sequence[Target], place: Place) -> Document[Then]:
    left = _left(targets, place)
    if not left:
        return _unanswered(flow, place)
    language = place.caller.language
    last = next((target for target in targets if target.id == place.rung), None)
    crisis = (Say(flow.crisis, language),) if len(place.tried) % CRISIS_EVERY == 0 else ()
    news = _news(place, left[0], last) or (Say(VARIED[len(place.tried) % len(VARIED)], language),)
    return _ring((*crisis, *news), place, left[0])


def _left(targets: Sequence[Target], place: Place) -> list[Target]:
    return [target for target in targets if target.id not in {*place.tried, *place.skip}]


def _news(place: Place, target: Target, last: Target | None) -> tuple[Say, ...]:
    """What the caller is told of whom we ring, where it isn't what they expect and they haven't just been told."""
    language = place.caller.language
    if target.backup:
        return () if last is not None and last.backup else (Say("hold-backup", language),)
    if target.language == language or (last is not None and last.language == target.language):
        return ()
    return (Say("hold-accepted", language, (("language", f"@language-{target.language}"),)),)


def _ring(said: tuple[Sound, ...], place: Place, target: Target, *, again: bool = False) -> Document[Then]:
    then = replace(place, rung=target.id, tried=(*place.tried, target.id))
    screen = Screen(target.own, target.language, again)
    return (*said, Phone(target.number, then, screen, target.seconds, TALK_LIMIT))


def _unanswered(flow: Flow, place: Place) -> Document[Then]:
    """The crisis numbers, and whatever else the flow offers when nobody answered."""
    ring = caller.to_ring(flow, place.caller).ring or place.caller
    document: Document[Any] = caller.step(flow, ring, caller.LeftQueue()).document
    return document

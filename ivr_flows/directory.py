"""Help near a caller, read out to them: where they are, who may help there, and one of these on the line.

States   A `Place` sealed in the URL: the question just asked or the list just read, the flow's directory step, the
         language, the number keyed for where they are, the keys of the entries that were read. Nothing else remembers.
  ask      they were asked for the number of their department or postcode
  read     entries were read, at most three: 1 to 3 puts through, 4 reads again, 5 asks again
  dial     they are being put through, or talk
  after    the talk is over and the caller is still there
Events   `Keyed(digits)`    keys, or none: silence, or the # alone; the # that ends a number is not among them
         `Dialled(reached)` the carrier's dial is over
Answer   A `Turn`: a document, or `leads_on` - the flow goes on after the directory step.

Staying on the line always leads on, to a human; 0 does at once. Key 9 speaks the crisis numbers, then the same again.
What was keyed and isn't a place is asked for once more; after that, the whole country's help is read. With nobody to
name, the crisis numbers are spoken and the flow goes on. A repeated request gets the same answer while the directory
is the same; a key always means the entry that was read for it, whatever was edited since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from ivr_flows.actions import Document, Listen, Pause, Phone, Say, Sound, verbatim
from ivr_flows.model import EMERGENCY_KEY, Language
from ivr_flows.psychologist import TALK_LIMIT

MOST_READ = 3
LONGEST_NUMBER = 12
"""Keys, far more than a postcode has: what is keyed too many must not answer the next question."""
FINISH = "#"
KEY_SILENCE = 5
READ_SILENCE = 5
"""Seconds of silence after which a number is taken as it is, and after which the flow goes on."""
RING_SECONDS = 30
AGAIN, ANOTHER, HUMAN = "4", "5", "0"

_NONE: frozenset[str] = frozenset()
TO_CALLERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "not-understood": _NONE,
        "directory-not-found": _NONE,
        "directory-place": frozenset({"place"}),
        "directory-country": _NONE,
        "directory-free": _NONE,
        "directory-entry": frozenset({"name", "phone"}),
        "directory-entry-always": frozenset({"name", "phone"}),
        "directory-connect": frozenset({"key"}),
        "directory-menu": _NONE,
        "directory-empty": _NONE,
        "directory-connecting": frozenset({"name"}),
        "directory-shown": _NONE,
        "directory-not-reached": _NONE,
        "directory-after": _NONE,
    }
)
"""Prompts that a line with a directory needs in its own languages, and the values they are given."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Somebody who may help, as a voice reads them out.

    `phone` is as it is spoken: digits in pairs. `always`: day and night. `number` is E.164; None where a caller
    can't be put through.
    """

    key: str
    name: str
    phone: str
    always: bool = False
    number: str | None = None


class Stage(StrEnum):
    """See the module's head."""

    ASK = "ask"
    READ = "read"
    DIAL = "dial"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is who looks for help: the stage, and where in the flow they came from.

    `where` is what they keyed, "" for the whole country; `read` are the keys of the entries read, in order. `repeats`
    counts that the question or the list was repeated for an unknown key. `crisis`: the crisis numbers are owed first.
    """

    stage: Stage
    step: str
    language: Language
    category: str | None = None
    where: str = ""
    read: tuple[str, ...] = ()
    repeats: int = 0
    crisis: bool = False


@dataclass(frozen=True, slots=True)
class Keyed:
    """Keys pressed, or none."""

    digits: str


@dataclass(frozen=True, slots=True)
class Dialled:
    """The dial is over. `reached`: somebody, or a machine, picked up there."""

    reached: bool


Event = Keyed | Dialled


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of where they are: `name` is the place's, None for the whole country, or what is no place.

    `offers` are those for the place, the nearest first, or for the country where there is none.
    """

    crisis: str
    """The prompt of the crisis numbers."""
    question: str
    """The prompt that asks where they are."""
    offers: tuple[Offer, ...]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What is played; with `leads_on`, the flow's next document follows, with `crisis` the crisis numbers first."""

    document: Document[Place] = ()
    leads_on: bool = False
    crisis: bool = False


def where_asked(place: Place, event: Event) -> str:
    """The number of the place that `event` is about, "" for the whole country."""
    return event.digits if place.stage is Stage.ASK and isinstance(event, Keyed) else place.where


def begin(place: Place, facts: Facts) -> Turn:
    """The first answer, at `ASK`."""
    return _ask(place, facts) if facts.offers else _nobody(place)


def step(place: Place, event: Event, facts: Facts) -> Turn:
    """What follows `event` at `place`; `facts` are of `where_asked`. Total: what doesn't fit leads on in the flow."""
    match event:
        case Dialled(reached) if reached:
            return _after(replace(place, stage=Stage.AFTER, repeats=0), facts)
        case _ if not facts.offers:
            return _nobody(place)
        case Dialled():
            return _read(replace(place, repeats=0), facts, "directory-not-reached")
        case Keyed(digits) if digits == EMERGENCY_KEY:
            return _again(replace(place, crisis=True), facts)
        case Keyed(digits) if digits == HUMAN:
            return Turn(leads_on=True)
        case Keyed(digits) if place.stage is Stage.ASK:
            return _place_keyed(place, digits, facts)
        case Keyed(digits):
            return _choice_keyed(place, digits, facts)


def _place_keyed(place: Place, digits: str, facts: Facts) -> Turn:
    if facts.name is not None:
        return _read(replace(place, where=digits, repeats=0), facts)
    if not place.repeats:
        return _ask(replace(place, repeats=1), facts, *(["directory-not-found"] if digits else []))
    return _read(replace(place, where="", repeats=0), facts)


def _choice_keyed(place: Place, digits: str, facts: Facts) -> Turn:
    if digits == AGAIN:
        return _read(replace(place, repeats=0), facts)
    if digits == ANOTHER:
        return _ask(replace(place, where="", read=(), repeats=0), facts)
    if (chosen := _chosen(place, digits)) is not None:
        offer = next((offer for offer in facts.offers if offer.key == chosen), None)
        if offer is None:
            # Taken out of the directory since it was read.
            return _read(replace(place, repeats=0), facts, "directory-not-reached")
        if offer.number is not None:
            return _dial(place, offer, offer.number)
    if digits and not place.repeats:
        return _again(replace(place, repeats=1), facts, "not-understood")
    return Turn(leads_on=True)


def _chosen(place: Place, digits: str) -> str | None:
    """The key of the entry that was read for a key."""
    keys = {str(number): key for number, key in enumerate(place.read, 1)}
    return keys.get(digits) if place.stage is Stage.READ else None


def _again(place: Place, facts: Facts, *before: str) -> Turn:
    """The same once more."""
    match place.stage:
        case Stage.ASK:
            return _ask(place, facts, *before)
        case Stage.AFTER:
            return _after(place, facts, *before)
    return _read(place, facts, *before)


def _ask(place: Place, facts: Facts, *before: str) -> Turn:
    sounds = (*_first(place, facts, before), Say(facts.question, place.language))
    then = replace(place, stage=Stage.ASK, crisis=False)
    return Turn((Listen(sounds, then, KEY_SILENCE, LONGEST_NUMBER, FINISH),))


def _read(place: Place, facts: Facts, *before: str) -> Turn:
    language, offers = place.language, facts.offers[:MOST_READ]
    named = (("place", verbatim(facts.name)),) if facts.name is not None else ()
    sounds = [
        *_first(place, facts, before),
        Say("directory-place" if named else "directory-country", language, named),
        Say("directory-free", language),
    ]
    for number, offer in enumerate(offers, 1):
        values = (("name", verbatim(offer.name)), ("phone", offer.phone))
        sounds += [Pause(1), Say("directory-entry-always" if offer.always else "directory-entry", language, values)]
        if offer.number is not None:
            sounds.append(Say("directory-connect", language, (("key", str(number)),)))
    sounds += [Pause(1), Say("directory-menu", language)]
    read = tuple(offer.key for offer in offers)
    then = replace(place, stage=Stage.READ, read=read, crisis=False)
    return Turn((Listen(tuple(sounds), then, READ_SILENCE),))


def _dial(place: Place, offer: Offer, number: str) -> Turn:
    said = Say("directory-connecting", place.language, (("name", verbatim(offer.name)),))
    return Turn((said, *put_through(replace(place, stage=Stage.DIAL, repeats=0), number)))


def put_through(then: Place, number: str) -> Document[Place]:
    """The caller's own choice, and so without a key at the other end: as if they had dialled it themselves."""
    return (Say("directory-shown", then.language), Phone(number, then, None, RING_SECONDS, TALK_LIMIT))


def _after(place: Place, facts: Facts, *before: str) -> Turn:
    sounds = (*_first(place, facts, before), Say("directory-after", place.language))
    return Turn((Listen(sounds, replace(place, crisis=False), READ_SILENCE),))


def _nobody(place: Place) -> Turn:
    return Turn((Say("directory-empty", place.language),), leads_on=True, crisis=True)


def _first(place: Place, facts: Facts, before: tuple[str, ...]) -> tuple[Sound, ...]:
    crisis = (Say(facts.crisis, place.language),) if place.crisis else ()
    return (*crisis, *(Say(prompt, place.language) for prompt in before))

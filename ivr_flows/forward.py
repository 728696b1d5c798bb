"""A caller is put through to a partner of the line, whose number the flow names.

States   `directory.Place` at `DIAL` or `AFTER`, sealed in the URL: the same leg, another step of the flow.
Events   `Dialled(reached)` and `Keyed(digits)`, as there.
Answer   A `Turn`. Nobody answered: it is said, and the flow goes on. They talked: 1 rings there again, staying on the
         line leads on, 9 speaks the crisis numbers and asks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from ivr_flows.actions import Listen, Say, Sound
from ivr_flows.directory import READ_SILENCE, Dialled, Event, Keyed, Place, Stage, Turn, put_through
from ivr_flows.model import EMERGENCY_KEY, ForwardStep

AGAIN = "1"
_NONE: frozenset[str] = frozenset()
TO_CALLERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {"directory-shown": _NONE, "directory-not-reached": _NONE, "forward-after": _NONE, "not-understood": _NONE}
)
"""Prompts that a line with a forward needs in its own languages."""


def begin(here: ForwardStep, place: Place, crisis: str) -> Turn:
    """The first answer; `crisis` is the prompt of the crisis numbers, spoken first where they are owed."""
    owed: tuple[Say, ...] = (Say(crisis, place.language),) if place.crisis else ()
    then = replace(place, stage=Stage.DIAL, repeats=0, crisis=False)
    return Turn((*owed, Say(here.prompt, place.language), *put_through(then, here.number)))


def step(here: ForwardStep, place: Place, event: Event, crisis: str) -> Turn:
    """What follows `event` at `place`. Total: whatever doesn't fit leads on in the flow."""
    match event:
        case Dialled(reached) if reached:
            return _after(place)
        case Dialled():
            return Turn((Say("directory-not-reached", place.language),), leads_on=True)
        case Keyed(digits) if digits == EMERGENCY_KEY:
            return _after(place, crisis)
        case Keyed(digits) if digits == AGAIN:
            return begin(here, place, crisis)
        case Keyed(digits) if digits and not place.repeats:
            return _after(replace(place, repeats=1), "not-understood")
    return Turn(leads_on=True)


def _after(place: Place, *before: str) -> Turn:
    sounds: tuple[Sound, ...] = tuple(Say(prompt, place.language) for prompt in (*before, "forward-after"))
    return Turn((Listen(sounds, replace(place, stage=Stage.AFTER), READ_SILENCE),))

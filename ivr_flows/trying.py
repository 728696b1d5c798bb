"""A psychologist's phone is tried: it rings, says what it is for, and whoever picked up presses 1.

States   A `Place` sealed in the leg's URL: in which language, and how often it has been asked for the key.
Events   the keys that were pressed, "" for none; before the first question there are none to press
Answer   a document, and whether the 1 was heard.

A voicemail can't press 1, so silence is no success. A repeated request gets the same document.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr_flows.actions import Document, Hangup, Listen, Pause, Say
from ivr_flows.model import Language

ASKED = 2
SILENCE = 6
"""Seconds that are waited for the key."""


@dataclass(frozen=True, slots=True)
class Place:
    """How often the phone has been asked for the key; 0 before the first."""

    language: Language
    nth: int = 0


def heard(place: Place, digits: str) -> bool:
    """Whether the key has just been pressed."""
    return place.nth > 0 and digits == "1"


def answer(place: Place, digits: str, line: str) -> Document[Place]:
    """What is said next; `line` is the line's name as it is spoken."""
    if heard(place, digits):
        return (Say("try-heard", place.language), Hangup())
    if place.nth >= ASKED:
        return (Say("try-silence", place.language), Hangup())
    said = Say("try-hello", place.language, (("line", line),))
    return (Listen((Pause(1), said), replace(place, nth=place.nth + 1), SILENCE),)

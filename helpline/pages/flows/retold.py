"""The transcript of a call on the twin in the reader's words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from helpline.pages.texts import Say, known_language
from helpline.trial.values import BACKUP, CALLER, LINE, Moment
from reports.words import Language

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "dials": "tried-dials",
        "hears": "tried-hears",
        "hears audio": "tried-music",
        "hears tones": "tried-tones",
        "hears ringing": "tried-ringing",
        "presses": "tried-presses",
        "queued": "tried-queued",
        "leaves the queue": "tried-leaves",
        "rings": "tried-rings",
        "is rung while busy": "tried-rings",
        "picks up": "tried-picks-up",
        "says": "tried-says",
        "refuses": "tried-refuses",
        "is engaged": "tried-engaged",
        "can't be reached": "tried-unreachable",
        "bridged": "tried-bridged",
        "enters the conference": "tried-enters-room",
        "meets": "tried-meets",
        "leaves the conference": "tried-leaves-room",
        "hangs up": "tried-hangs-up",
        "is hung up": "tried-hangs-up",
        "call ends": "tried-ends",
        "error tone": "tried-error",
    }
)
"""What the twin tells, by what it calls it."""
IGNORED = " (nobody listens)"
"""What the twin adds to a key that has no effect."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that happened. `quote` is what was said, in `language`; `caller`: it happened to whoever calls."""

    at: str
    who: str
    what: str
    quote: str
    language: Language | None
    caller: bool


def retell(moments: Iterable[Moment], say: Say) -> Iterator[Row]:
    """The transcript, in order."""
    for moment in moments:
        spoken = moment.event in {"hears", "says"}
        yield Row(
            f"{int(moment.at) // 60}:{int(moment.at) % 60:02}",
            name(moment.who, say),
            _what(moment, say),
            moment.text if spoken else "",
            known_language(moment.locale[:2]) if spoken else None,
            moment.who == CALLER,
        )


def name(who: str, say: Say) -> str:
    """What somebody is called here."""
    if who in {CALLER, LINE}:
        return say("tried-caller") if who == CALLER else say("tried-line")
    return say("tried-backup", n=who.removeprefix(BACKUP)) if who.startswith(BACKUP) else who


def _what(moment: Moment, say: Say) -> str:
    key = EVENTS[moment.event]
    match moment.event:
        case "presses" if moment.text.endswith(IGNORED):
            return say("tried-presses-in-vain", key=moment.text.removesuffix(IGNORED))
        case "presses":
            return say(key, key=moment.text)
        case "bridged":
            return say(key, who=name(moment.text, say))
        case "call ends" if moment.text == "no-answer":
            return say("tried-no-answer")
    return say(key)

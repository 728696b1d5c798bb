"""A phone's story: what its owner hears, presses and does, as lines to read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Literal

import phonenumbers

from helpline.directory.phones import printed
from helpline.pages.texts import Say
from helpline.twin import CALLER, Entry

Kind = Literal["said", "key", "did"]

DID: Mapping[str, str] = MappingProxyType(
    {
        "dials": "told-dials",
        "picks up": "told-picks-up",
        "hears audio": "told-music",
        "hears ringing": "told-ringing-tone",
        "enters the conference": "told-enters-room",
        "leaves the conference": "told-leaves-room",
        "hangs up": "told-hangs-up",
        "is hung up": "told-line-hangs-up",
        "refuses": "told-refuses",
    }
)
"""The carrier's events -> what is told of them. Those that only an engineer would miss are left out."""
ENDS: Mapping[str, str] = MappingProxyType({"canceled": "told-falls-silent", "no-answer": "told-no-answer"})
"""Final status of a leg -> what is told of it; any other end has been told of already."""
FRANCE = 33
NATIONAL = phonenumbers.PhoneNumberFormat.NATIONAL
UNHEARD = " (nobody listens)"


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a phone's story. `locale` is that of a voice; `note` stands small beside it."""

    id: str
    kind: Kind
    text: str
    locale: str = ""
    note: str = ""

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return asdict(self)


def tell(call_sid: str, entries: Iterable[Entry], shows: str, say: Say, called: Callable[[str], str]) -> Iterator[Told]:
    """One leg's story. `shows` is what the phone displays while it rings; `called` gives a partner's name to read."""
    last = ""
    for place, entry in enumerate(entries):
        told = _line(f"{call_sid}:{place}", entry, shows, say, called)
        # The same music between two announcements is told of once.
        if told is not None and (told.kind != "did" or told.text != last):
            yield told
            last = told.text


def _line(key: str, entry: Entry, shows: str, say: Say, called: Callable[[str], str]) -> Told | None:
    match entry.event:
        case "hears":
            return Told(key, "said", entry.text, entry.locale)
        case "presses":
            unheard = entry.text.endswith(UNHEARD)
            return Told(key, "key", entry.text.removesuffix(UNHEARD), note=say("told-lost-key") if unheard else "")
        case "rings":
            return Told(key, "did", say("told-rings", number=readable(shows)))
        case "bridged":
            name = say("told-somebody") if entry.text == CALLER else called(entry.text)
            return Told(key, "did", say("told-bridged", name=name))
        case "hangs up" if entry.who == "line":
            return Told(key, "did", say("told-line-hangs-up"))
        case "call ends":
            return Told(key, "did", say(ENDS[entry.text])) if entry.text in ENDS else None
    return Told(key, "did", say(DID[entry.event])) if entry.event in DID else None


def readable(number: str) -> str:
    """A number as people of its country write it; whatever isn't one, as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return printed(number, "FR") if parsed.country_code == FRANCE else phonenumbers.format_number(parsed, NATIONAL)

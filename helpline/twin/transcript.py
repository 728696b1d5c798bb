"""What was heard, pressed and done, as a list of entries in order of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

CALLER = "caller"
"""Who an entry is about when it is the person who dialled the line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `at` is seconds since the call it is told of began."""

    at: float
    who: str
    event: str
    text: str = ""
    locale: str = ""
    call_sid: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON: at, who, event, text, and locale where something was said."""
        values = asdict(self)
        del values["call_sid"]
        if not self.locale:
            del values["locale"]
        values["at"] = round(self.at, 2)
        return values


SOUNDS = frozenset({"hears", "hears audio"})


def first(
    entries: Iterable[Entry], *events: str, who: str | None = None, other_than: str | None = None
) -> Entry | None:
    """The first entry of one of these events, of one party or of any but one."""
    for entry in entries:
        if entry.event in events and (who is None or entry.who == who) and entry.who != other_than:
            return entry
    return None


def render(entries: Iterable[Entry]) -> str:
    """The entries as lines a person reads: `  12.3  Anne      hears      [fr-FR] ...`."""
    lines = []
    for entry in entries:
        said = f"[{entry.locale}] {entry.text}" if entry.locale else entry.text
        lines.append(f"{entry.at:7.1f}  {entry.who:<14} {entry.event:<13} {said}".rstrip())
    return "\n".join(lines)

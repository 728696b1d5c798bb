"""Shifts as an iCalendar file (RFC 5545): one event a shift, its instants in UTC.

Written here rather than by a library, which takes ten times as long as a calendar may (docs/decisions/0014). A shift's
event has the shift's own number for ever, because shifts are cancelled and never deleted. Whatever is shown of one
begins when the shift begins, ends when it ends, and says whether it counts: a calendar can't disagree with `who`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from rota.model import Shift, Span, Status
from rota.staff import DAY

BEHIND, AHEAD = 15, 180
"""Days around the present that a feed shows."""
ALARMS = (60, 15)
"""Minutes before a shift at which its holder's telephone rings, if they chose nothing else."""
REFRESH = "PT1H"
"""How often a calendar program should look again."""
OCTETS = 75
"""Of one line of the file, without its end."""
UNWRITABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""What the format doesn't allow in a text, or some reader takes for the end of a line."""
STATUS: Mapping[Status, str] = MappingProxyType(
    {"planned": "TENTATIVE", "published": "CONFIRMED", "cancelled": "CANCELLED"}
)


@dataclass(frozen=True, slots=True)
class Head:
    """What a calendar says of itself: its name, the host in its events' ids, when it was made (UTC seconds).

    `alarms` are minutes before each shift that still counts.
    """

    name: str
    host: str
    at: int
    alarms: tuple[int, ...] = ()


def window(now: int) -> Span:
    """What a feed shows at `now`: whole days of UTC, so that all day long it is the same."""
    today = midnight(now)
    return Span(today - BEHIND * DAY, today + AHEAD * DAY)


def midnight(now: int) -> int:
    """The beginning of the day of UTC that `now` is in."""
    return now - now % DAY


def feed(shifts: Iterable[Shift], title: Callable[[Shift], str], head: Head) -> bytes:
    """The calendar of these shifts, in any order, those cancelled included; `title` says what each is called.

    The same shifts, titles and head give the same bytes.
    """
    stamp, texts = utc(head.at), _Texts(head.alarms)
    parts = [
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//helpline//rota//EN\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n",
        line(f"NAME:{escaped(head.name)}"),
        line(f"X-WR-CALNAME:{escaped(head.name)}"),
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}\r\nX-PUBLISHED-TTL:{REFRESH}\r\n",
    ]
    for shift in sorted(shifts, key=lambda shift: (shift.start, shift.line, shift.tier, shift.id)):
        summary, alarms = texts.of(title(shift))
        parts += (
            "BEGIN:VEVENT\r\n",
            line(f"UID:{uid(shift.id, head.host)}"),
            f"DTSTAMP:{stamp}\r\nDTSTART:{utc(shift.start)}\r\nDTEND:{utc(shift.end)}\r\n",
            f"SEQUENCE:{shift.seq}\r\nSTATUS:{STATUS[shift.status]}\r\n",
            summary,
            "CLASS:PRIVATE\r\nTRANSP:TRANSPARENT\r\n",
            "" if shift.status == "cancelled" else alarms,
            "END:VEVENT\r\n",
        )
    parts.append("END:VCALENDAR\r\n")
    return "".join(parts).encode()


def uid(shift: int, host: str) -> str:
    """What an event is known by, wherever it is shown."""
    return f"shift-{shift}@{host}"


def utc(instant: int) -> str:
    """`20261224T210000Z`."""
    at = datetime.fromtimestamp(instant, UTC)
    return f"{at.year:04}{at:%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """`text` as the format writes texts, on one line; characters that it doesn't allow become blanks."""
    text = UNWRITABLE.sub(" ", text).strip()
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def line(text: str) -> str:
    """A line of the file with its end, folded where it is longer than the format allows, between characters."""
    if len(text) <= OCTETS and text.isascii():
        return text + "\r\n"
    folded, length = [], 0
    for character in text:
        octets = len(character.encode())
        if length + octets > OCTETS:
            folded.append("\r\n ")
            length = 1
        folded.append(character)
        length += octets
    return "".join(folded) + "\r\n"


def initials(names: Mapping[int, str]) -> dict[int, str]:
    """Each person's initials by their id, no two alike: of two the same, the later one has a number behind.

    Whoever comes later changes nobody's: ids only grow.
    """
    found: dict[int, str] = {}
    taken: set[str] = set()
    for number, name in sorted(names.items()):
        words = re.findall(r"\w+", unicodedata.normalize("NFC", name))
        plain = "".join(word[0] for word in words).upper() or "?"
        mine, count = plain, 1
        while mine in taken:
            count += 1
            mine = f"{plain}{count}"
        taken.add(mine)
        found[number] = mine
    return found


class _Texts:
    """The lines of a title and of its alarms, written once: a rota has few titles and many shifts."""

    def __init__(self, alarms: tuple[int, ...]) -> None:
        self._alarms = alarms
        self._lines: dict[str, tuple[str, str]] = {}

    def of(self, title: str) -> tuple[str, str]:
        """Its SUMMARY and its alarms."""
        lines = self._lines.get(title)
        if lines is None:
            text = escaped(title)
            about = line(f"DESCRIPTION:{text}")
            alarms = (
                f"BEGIN:VALARM\r\nACTION:DISPLAY\r\n{about}TRIGGER:-PT{minutes}M\r\nEND:VALARM\r\n"
                for minutes in self._alarms
            )
            lines = self._lines[title] = line(f"SUMMARY:{text}"), "".join(alarms)
        return lines

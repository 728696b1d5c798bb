"""Why a table was refused, in the reader's language, with rows and columns as a spreadsheet shows them.

The readers of tables say it in English, for the command line; here is which text of the pages says it. What isn't here
is shown as it is, marked as English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from helpline.pages.site import Visit
from rota.sheet import Problem

MOST = 50
"""Problems that are shown at once: whoever mends these sends the file again."""
REASONS: tuple[tuple[str, str], ...] = (
    (r"the file isn't UTF-8", "table-encoding"),
    (r"this isn't (CSV|iCalendar)|this can't be read", "table-unreadable"),
    (r"the file is empty|no row follows|there is no event|no event in this", "table-empty"),
    (r"this column is missing", "table-column-missing"),
    (r"unknown column|a column has no name", "table-column-unknown"),
    (r"this column comes twice", "table-column-twice"),
    (r"more cells than columns", "table-cells"),
    (r"the (name|phone|line|person|time) is missing|no language is given", "table-missing"),
    (r"unknown person", "table-person"),
    (r"unknown line", "table-line"),
    (r"unknown language", "table-language"),
    (
        r"this isn't (a date and a )?a? ?time|this isn't a date|there is no such date|no day has a 24|this year",
        "table-time",
    ),
    (r".+ has another offset|unknown time zone", "table-offset"),
    (r".+ doesn't end after it starts", "table-order"),
    (r"the (shift|absence) lasts", "table-long"),
    (r"the same |differs from event|comes twice in", "table-twice"),
    (r"this person's shift overlaps|would hold two|already has another shift", "table-overlap"),
    (r"is away then|is on call then", "table-absent"),
    (r"has left by then", "table-left"),
    (r"may not hold this tier|.+ holds a shift of tier", "table-tier"),
    (r".+ has this phone", "table-taken"),
    (r"the \w+ is longer than|the name holds an invisible", "table-too-long"),
    (r"this isn't an e-mail", "table-email"),
    (
        r"this isn't|this is neither|there is no region|.*telephone number|.*special-rate|.*numbering plan",
        "table-value",
    ),
    (r".*with its country code", "table-value"),
    (r"this event|the event|one end is|its DURATION|more than one person", "table-event"),
)
"""Beginning of a reason -> key of the text that says it, and how to mend it."""
NOTES: tuple[tuple[str, str], ...] = (
    (r"absences that are over, left out[^(]*\(\w+ (?P<rows>.+)\)$", "note-absences-over"),
    (r"shifts that are over, left out[^(]*\(\w+ (?P<rows>.+)\)$", "note-shifts-over"),
    (r"open seats, [^(]*\(\w+ (?P<rows>.+)\)$", "note-open"),
    (r"(?P<name>.+) speaks no language of (?P<line>[^:]+)", "note-language"),
    (r"(row|event) (?P<rows>\d+).*this time comes twice", "note-twice"),
    (r"(row|event) (?P<rows>\d+).*the clocks jump over", "note-never"),
)
"""A note of an import -> key of the text that says it; groups are what it fills in."""
NEAREST = re.compile(r"write '(?P<name>.+?)', or")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A problem as the page shows it."""

    row: str
    column: str
    value: str
    what: str


def problems(visit: Visit, found: Iterable[Problem]) -> list[Wrong]:
    """Problems in words, in row order."""
    return [
        Wrong(str(each.row) if each.row else "", each.column, each.value, _what(visit, each))
        for each in [*found][:MOST]
    ]


def notes(visit: Visit, found: Iterable[str]) -> list[str]:
    """What is to be known of how a table was read."""
    return [_note(visit, text) for text in [*found][:MOST]]


def _what(visit: Visit, problem: Problem) -> str:
    for pattern, key in REASONS:
        if re.match(pattern, problem.reason):
            text = visit.say(key)
            near = NEAREST.search(problem.remedy) if key == "table-person" else None
            return " ".join((text, visit.say("table-nearest", name=near["name"]))) if near else text
    return _english(f"{problem.reason}; {problem.remedy}")


def _note(visit: Visit, text: str) -> str:
    for pattern, key in NOTES:
        if found := re.match(pattern, text):
            return visit.say(key, **found.groupdict())
    return _english(text)


def _english(text: str) -> str:
    return Markup('<span lang="en">{}</span>').format(text)

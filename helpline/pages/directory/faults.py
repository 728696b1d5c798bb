"""What is wrong with an entry, in the reader's language; the reader of rows says it in English, for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable

from helpline.pages.rota.table_words import MOST, Wrong, problems
from helpline.pages.site import Visit
from rota.sheet import Problem

REASONS: tuple[tuple[str, str], ...] = (
    (r"it is no key", "directory-wrong-key"),
    (r"another row has it", "directory-wrong-twice"),
    (r"the name is missing", "directory-wrong-name"),
    (r"it is too long", "directory-wrong-long"),
    (r"it holds ", "directory-wrong-signs"),
    (r"it is not known", "directory-wrong-choice"),
    (r"it is empty", "directory-wrong-none"),
    (r"it names no territory|.+ is no territory", "directory-wrong-territory"),
    (r"it names two countries", "directory-wrong-countries"),
    (r"it names no language", "directory-wrong-language"),
    (
        r".+ is no (French|Belgian) short number|.+ is no number that|.+ holds more than a number",
        "directory-wrong-phone",
    ),
    (r"it is neither yes nor no", "directory-wrong-yes"),
    (r"a carrier doesn't dial", "directory-wrong-connect"),
    (r"it is no address", "directory-wrong-website"),
    (r"it is no day", "directory-wrong-day"),
    (r"it lies in the future", "directory-wrong-future"),
    (r"more than \d+ entries", "directory-wrong-many"),
)
"""Beginning of a reason -> key of the text that says it, and how to mend it."""


def in_words(visit: Visit, found: Iterable[Problem]) -> list[Wrong]:
    """Problems in words, in row order, those of a file as a whole included; not more than somebody mends at once."""
    return [_wrong(visit, each) for each in [*found][:MOST]]


def fault(visit: Visit, problem: Problem) -> str:
    """One of them."""
    return _wrong(visit, problem).what


def _wrong(visit: Visit, problem: Problem) -> Wrong:
    for pattern, key in REASONS:
        if re.match(pattern, problem.reason, re.DOTALL):
            row = str(problem.row) if problem.row else ""
            return Wrong(row, problem.column, problem.value, visit.say(key))
    return problems(visit, [problem])[0]

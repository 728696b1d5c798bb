"""The directory as a CSV file, in and out: read whole or refused whole, with every fault by row."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar, cast
from urllib.parse import urlsplit

from helpline.directory.entries import ALWAYS, Audience, Cost, Entry, Kind
from helpline.directory.phones import PhoneFault, connectable, normal
from helpline.directory.territories import Country, territories
from ivr_flows.model import LANGUAGES, Language
from rota.sheet import CellError, Problem, Row, TableError, read_rows, write_rows

REQUIRED = ("key", "name", "kind", "audiences", "territories", "languages", "phone")
OPTIONAL = ("hours", "cost", "independent", "connect", "website", "source", "verified")
COLUMNS = (*REQUIRED, *OPTIONAL)
LONGEST: Mapping[str, int] = MappingProxyType(
    {"key": 40, "name": 120, "hours": 120, "website": 200, "source": 200, "territories": 400}
)
"""Characters a cell may have."""
MOST_ENTRIES = 2_000
_KEY = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
_UNSPEAKABLE = frozenset("<>&{}")
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_ALWAYS = re.compile(r"(24h?/24h?|24h?/7j?|7j?/7j?[,;&]?24h?/24h?|24h?/24h?[,;&]?7j?/7j?)\Z")
"""What people write for day and night, without blanks."""
_YES = {"yes": True, "no": False, "oui": True, "non": False}


S = TypeVar("S", bound=StrEnum)


def parse(text: str, today: dt.date, known: Iterable[Entry] = ()) -> tuple[Entry, ...]:
    """The entries of a CSV file's text, sorted by key. Raises `TableError` with every fault.

    A column that the file leaves out is empty; for an entry that is `known` by its key it stays as it is.
    """
    kept = {entry.key: entry for entry in known}
    problems: list[Problem] = []
    rows = read_rows(text, problems, REQUIRED, OPTIONAL)
    if len(rows) > MOST_ENTRIES:
        fault = Problem(MOST_ENTRIES + 2, "", "", f"more than {MOST_ENTRIES} entries", "leave out what nobody asks for")
        raise TableError([fault])
    found: dict[str, Entry] = {}
    for row in rows:
        entry = read_entry(_completed(row, kept), today, problems)
        if entry is None:
            continue
        if entry.key in found:
            problems.append(row.problem("key", "another row has it", "give every entry a key of its own"))
        found[entry.key] = entry
    if problems:
        raise TableError(problems)
    return tuple(found[key] for key in sorted(found))


def _completed(row: Row, known: Mapping[str, Entry]) -> Row:
    there = known.get(row.cells["key"])
    if there is None:
        return row
    return replace(row, cells={**row.cells, **{name: cells(there)[name] for name in OPTIONAL if name not in row.given}})


def write(entries: Iterable[Entry], delimiter: str = ",") -> str:
    """A file that `parse` reads back as the same entries."""
    return write_rows(COLUMNS, ([cells(entry)[column] for column in COLUMNS] for entry in entries), delimiter)


def cells(entry: Entry) -> Mapping[str, str]:
    """An entry as a row of the file."""
    independent = {None: "", True: "yes", False: "no"}[entry.independent]
    return {
        "key": entry.key,
        "name": entry.name,
        "kind": entry.kind,
        "audiences": " ".join(each for each in Audience if each in entry.audiences),
        "territories": " ".join(entry.territories),
        "languages": " ".join(entry.languages),
        "phone": entry.phone,
        "hours": entry.hours,
        "cost": entry.cost,
        "independent": independent,
        "connect": "yes" if entry.connect else "no",
        "website": entry.website,
        "source": entry.source,
        "verified": entry.verified.isoformat() if entry.verified else "",
    }


def read_entry(row: Row, today: dt.date, problems: list[Problem]) -> Entry | None:
    """One row's entry; None when it has a fault, which is one more of `problems`. A form is a row, too."""
    before = len(problems)
    key = row.read("key", _key, problems)
    name = row.read("name", lambda cell: _words(cell, "name", needed=True), problems)
    kind = row.read("kind", lambda cell: _one(cell, Kind), problems)
    audiences = row.read("audiences", lambda cell: frozenset(_some(cell, Audience)), problems)
    places = row.read("territories", _territories, problems)
    languages = row.read("languages", _languages, problems)
    country: Country = territories()[places[0]].country if places else "FR"
    phone = row.read("phone", lambda cell: _phone(cell, country), problems)
    hours = row.read("hours", _hours, problems)
    cost = row.read("cost", lambda cell: _one(cell, Cost) if cell else Cost.UNKNOWN, problems)
    independent = row.read("independent", lambda cell: _yes(cell) if cell else None, problems)
    connect = row.read("connect", lambda cell: bool(cell) and _connect(cell, phone), problems)
    website = row.read("website", _website, problems)
    source = row.read("source", lambda cell: _words(cell, "source"), problems)
    verified = row.read("verified", lambda cell: _verified(cell, today) if cell else None, problems)
    if len(problems) > before:
        return None
    return Entry(
        *(cast("str", key), cast("str", name), cast("Kind", kind), cast("frozenset[Audience]", audiences)),
        *(cast("tuple[str, ...]", places), cast("tuple[Language, ...]", languages), cast("str", phone)),
        hours=cast("str", hours),
        cost=cast("Cost", cost),
        independent=independent,
        connect=cast("bool", connect),
        website=cast("str", website),
        source=cast("str", source),
        verified=verified,
    )


def is_key(text: str) -> bool:
    """Whether this may be the key of an entry."""
    return len(text) <= LONGEST["key"] and bool(_KEY.match(text))


def _key(cell: str) -> str:
    if not is_key(cell):
        raise CellError("it is no key", f"write up to {LONGEST['key']} small letters, digits and hyphens, like mots")
    return cell


def _words(cell: str, column: str, *, needed: bool = False) -> str:
    if needed and not cell:
        raise CellError(f"the {column} is missing", "write what it is called")
    if len(cell) > LONGEST[column]:
        raise CellError("it is too long", f"write at most {LONGEST[column]} characters")
    if found := _unspeakable(cell):
        raise CellError(f"it holds {found!r}", "write plain words: a voice reads them")
    return cell


def _unspeakable(cell: str) -> str:
    """The first sign that no voice reads and no page should show, "" if there is none."""
    return next((sign for sign in cell if sign in _UNSPEAKABLE or unicodedata.category(sign) in _INVISIBLE), "")


def _hours(cell: str) -> str:
    return ALWAYS if _ALWAYS.match("".join(cell.lower().split())) else _words(cell, "hours")


def _one(cell: str, values: type[S]) -> S:
    try:
        return values(cell.lower())
    except ValueError:
        raise CellError("it is not known", f"use one of {', '.join(values)}") from None


def _some(cell: str, values: type[S]) -> list[S]:
    if not cell:
        raise CellError("it is empty", f"name at least one of {', '.join(values)}, with spaces between")
    return [_one(each, values) for each in cell.split()]


def _territories(cell: str) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(cell.upper().split()))
    known = territories()
    if not codes or len(cell) > LONGEST["territories"]:
        raise CellError("it names no territory", "write codes with spaces between, like 31, FR-OCC, FR, BE-WLG or BE")
    if unknown := [code for code in codes if code not in known]:
        raise CellError(f"{unknown[0]} is no territory", "use codes like 31, 2A, 974, FR-OCC, FR, BE-WLG, BE-DE or BE")
    if len({known[code].country for code in codes}) > 1:
        raise CellError("it names two countries", "write one entry for each country: numbers are dialled otherwise")
    return codes


def _languages(cell: str) -> tuple[Language, ...]:
    named = set(cell.lower().split())
    found = tuple(language for language in LANGUAGES if language in named)
    if not found or len(found) != len(named):
        raise CellError("it names no language, or an unknown one", f"use {', '.join(LANGUAGES)}, with spaces between")
    return found


def _phone(cell: str, country: Country) -> str:
    try:
        return normal(cell, country)
    except PhoneFault as fault:
        reason, _, remedy = str(fault).rpartition("; ")  # the number itself may hold one
        raise CellError(reason, remedy) from None


def _yes(cell: str) -> bool:
    if (found := _YES.get(cell.lower())) is None:
        raise CellError("it is neither yes nor no", "write yes or no")
    return found


def _connect(cell: str, phone: str | None) -> bool:
    wanted = _yes(cell)
    if wanted and phone is not None and not connectable(phone):
        reason = "a carrier doesn't dial this number: it is short, or of a special cost"
        raise CellError(reason, "write no, or another number of theirs")
    return wanted


def _website(cell: str) -> str:
    if len(cell) > LONGEST["website"]:
        raise CellError("it is too long", f"write at most {LONGEST['website']} characters")
    if cell and not _is_address(cell):
        raise CellError("it is no address of a page", "write it with https://, or leave it empty")
    return cell


def _is_address(text: str) -> bool:
    if any(sign.isspace() for sign in text) or (_unspeakable(text) not in {"", "&"}):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:  # a bracket that doesn't close is taken for half an IPv6 address
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _verified(cell: str, today: dt.date) -> dt.date:
    try:
        day = dt.date.fromisoformat(cell)
    except ValueError:
        raise CellError("it is no day", "write it like 2026-01-31, or leave it empty: to be verified") from None
    if day > today:
        raise CellError("it lies in the future", "write the day on which somebody called or asked")
    return day


def form_row(given: Mapping[str, str]) -> Row:
    """What a form gave, as a row: faults name its fields."""
    trimmed = {column: given.get(column, "").strip() for column in COLUMNS}
    return Row(0, trimmed, frozenset(COLUMNS))

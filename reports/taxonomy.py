"""The closed lists a contact is coded with: ordered codes, their labels in four languages, keypad numbers.

The lists are data (`taxonomy.toml` is the one that ships); records hold codes only.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from reports.errors import TaxonomyError
from reports.model import NOT_CODED, SUPPORT
from reports.packaged import packaged
from reports.words import LANGUAGES, Words

UNDISCLOSED = "undisclosed"
LISTS = ("contacts", "callers", "statuses", "specialities", "groups", "reasons", "orientations", "severities")
REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "contacts": (SUPPORT, "silent", "hang-up", "abusive", "test", NOT_CODED),
        "callers": (UNDISCLOSED,),
        "statuses": (UNDISCLOSED,),
        "specialities": (UNDISCLOSED,),
        "reasons": (NOT_CODED,),
        "severities": ("1", "2", "3", "4", "5"),
    }
)
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NUMBER = re.compile(r"[0-9]{2}")
ENTRY_KEYS = {"code", "number", "group", *LANGUAGES}


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a list. Only reasons have a group and, but for `not-coded`, a keypad number of two digits."""

    code: str
    label: Words
    group: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All lists, in the order they are shown and spoken in."""

    version: str
    contacts: tuple[Term, ...]
    callers: tuple[Term, ...]
    statuses: tuple[Term, ...]
    specialities: tuple[Term, ...]
    groups: tuple[Term, ...]
    """Groups of reasons."""
    reasons: tuple[Term, ...]
    orientations: tuple[Term, ...]
    severities: tuple[Term, ...]
    """Codes `1` to `5`."""
    territories: Mapping[str, tuple[Term, ...]]
    """Each line's short list; a line without one is not reported by territory."""

    def reason_numbers(self) -> Mapping[str, str]:
        """Returns keypad number -> reason code."""
        return {term.number: term.code for term in self.reasons if term.number}


def codes(terms: Iterable[Term]) -> tuple[str, ...]:
    """Returns the codes of `terms` in their order."""
    return tuple(term.code for term in terms)


@cache
def default_taxonomy() -> Taxonomy:
    """Returns the taxonomy that ships with the product."""
    return parse_taxonomy(packaged("taxonomy.toml"))


def parse_taxonomy(text: str) -> Taxonomy:
    """Reads a taxonomy from TOML; TaxonomyError names every key that is wrong and how to mend it."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TaxonomyError((f"it is not TOML: {error}",)) from None
    reader = _Reader()
    version = reader.version(data)
    lists = {name: reader.terms(name, data.get(name)) for name in LISTS}
    territories = reader.territories(data.get("territories", {}))
    reader.unknown(data)
    reader.groups(lists["reasons"], codes(lists["groups"]))
    reader.numbers(lists["reasons"])
    if reader.problems:
        raise TaxonomyError(tuple(reader.problems))
    return Taxonomy(version=version, territories=MappingProxyType(territories), **lists)


class _Reader:
    """Reads lists and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def version(self, data: Mapping[str, object]) -> str:
        version = data.get("version")
        if isinstance(version, str) and version:
            return version
        self.problems.append('version: missing; write a text such as "2026.1"')
        return ""

    def unknown(self, data: Mapping[str, object]) -> None:
        for key in sorted(set(data) - {"version", "territories", *LISTS}):
            self.problems.append(f"{key}: unknown; the lists are {', '.join((*LISTS, 'territories'))}")

    def territories(self, data: object) -> dict[str, tuple[Term, ...]]:
        if not isinstance(data, dict):
            self.problems.append("territories: must be a table with one list for each line, as [[territories.france]]")
            return {}
        found = {line: self.terms(f"territories.{line}", entries) for line, entries in data.items()}
        for line, terms in found.items():
            self._require(f"territories.{line}", terms, (UNDISCLOSED,))
        return found

    def terms(self, name: str, entries: object) -> tuple[Term, ...]:
        if not isinstance(entries, list) or not entries:
            self.problems.append(f"{name}: missing or empty; write at least one [[{name}]] entry")
            return ()
        found = tuple(self._term(f"{name}[{place}]", entry) for place, entry in enumerate(entries, 1))
        seen: set[str] = set()
        for place, term in enumerate(found, 1):
            if term.code and term.code in seen:
                self.problems.append(f"{name}[{place}].code: {term.code!r} is used twice; codes are unique in a list")
            seen.add(term.code)
        self._require(name, found, REQUIRED.get(name, ()))
        return found

    def _require(self, name: str, terms: tuple[Term, ...], needed: tuple[str, ...]) -> None:
        for code in needed:
            if code not in codes(terms):
                self.problems.append(f"{name}: the code {code!r} is missing; the product itself uses it")

    def _term(self, key: str, entry: object) -> Term:
        if not isinstance(entry, dict):
            self.problems.append(f"{key}: must be a table with code, {', '.join(LANGUAGES)}")
            return Term("", Words("", "", "", ""))
        for extra in sorted(set(entry) - ENTRY_KEYS):
            self.problems.append(f"{key}.{extra}: unknown; an entry has {', '.join(sorted(ENTRY_KEYS))}")
        label = Words(**{language: self._text(f"{key}.{language}", entry.get(language)) for language in LANGUAGES})
        code = self._text(f"{key}.code", entry.get("code"))
        if code and not CODE.fullmatch(code):
            self.problems.append(f"{key}.code: {code!r} must be lower-case letters and digits, joined by hyphens")
        return Term(code, label, self._optional(key, entry, "group"), self._optional(key, entry, "number"))

    def _optional(self, key: str, entry: Mapping[str, object], name: str) -> str | None:
        if name not in entry:
            return None
        if not key.startswith("reasons["):
            self.problems.append(f"{key}.{name}: only reasons have one; take it out")
        return self._text(f"{key}.{name}", entry[name])

    def _text(self, key: str, value: object) -> str:
        if isinstance(value, str) and value.strip() and value.isprintable():
            return value
        self.problems.append(f"{key}: missing, empty or not plain text")
        return ""

    def groups(self, reasons: tuple[Term, ...], known: tuple[str, ...]) -> None:
        for place, term in enumerate(reasons, 1):
            if term.group is None or term.group not in known:
                self.problems.append(f"reasons[{place}].group: must be one of the codes in groups: {', '.join(known)}")

    def numbers(self, reasons: tuple[Term, ...]) -> None:
        seen: set[str] = set()
        for place, term in enumerate(reasons, 1):
            key = f"reasons[{place}].number"
            if (term.code == NOT_CODED) != (term.number is None):
                self.problems.append(f"{key}: every reason has a keypad number except {NOT_CODED!r}, which nobody taps")
            elif term.number is not None and not NUMBER.fullmatch(term.number):
                self.problems.append(f'{key}: must be two digits in quotes, as "07"')
            elif term.number in seen:
                self.problems.append(f"{key}: {term.number!r} is used twice")
            seen.add(term.number or "")

"""The closed lists a contact is coded with: ordered codes, their labels in four languages, keypad numbers.

The lists are data (`taxonomy.toml` is the one that ships); records hold codes only.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from reports.changes import Change, successors
from reports.errors import TaxonomyError
from reports.model import NOT_CODED, SUPPORT
from reports.packaged import packaged
from reports.words import LANGUAGES, Words

UNDISCLOSED = "undisclosed"
LISTS = ("contacts", "callers", "statuses", "specialities", "groups", "reasons", "orientations", "severities")
CHANGING = ("callers", "statuses", "specialities", "groups", "reasons", "orientations")
"""The lists whose codes may change, beside each line's territories; the product itself uses the codes of the others."""
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
CHANGE_KEYS = ("version", "list", "from", "to")


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
    changes: tuple[Change, ...] = ()
    """What became of earlier codes, the oldest change first."""
    retired: Mapping[str, tuple[Term, ...]] = field(default_factory=dict)
    """Codes that were split and that records still hold, by list: printed, and offered to nobody."""

    def terms(self, name: str) -> tuple[Term, ...]:
        """Returns the list `reasons`, or `territories.france`, without its retired codes; empty where there is none."""
        kind, _, line = name.partition(".")
        found: tuple[Term, ...] = self.territories.get(line, ()) if line else getattr(self, kind)
        return found

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
    retired = reader.retired(data.get("retired", {}), territories)
    reader.unknown(data)
    reader.groups("reasons", lists["reasons"], codes(lists["groups"]))
    reader.groups("retired.reasons", retired.get("reasons", ()), codes(lists["groups"]))
    reader.numbers(lists["reasons"])
    known = {name: codes(lists[name]) for name in CHANGING}
    known |= {f"territories.{line}": codes(terms) for line, terms in territories.items()}
    changes = reader.changes(data.get("changes", []), known)
    reader.followed(changes, known, {name: codes(terms) for name, terms in retired.items()})
    if reader.problems:
        raise TaxonomyError(tuple(reader.problems))
    return Taxonomy(
        version=version,
        territories=MappingProxyType(territories),
        changes=changes,
        retired=MappingProxyType(retired),
        **lists,
    )


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
        for key in sorted(set(data) - {"version", "territories", "changes", "retired", *LISTS}):
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
        if not key.removeprefix("retired.").startswith("reasons["):
            self.problems.append(f"{key}.{name}: only reasons have one; take it out")
        return self._text(f"{key}.{name}", entry[name])

    def _text(self, key: str, value: object) -> str:
        if isinstance(value, str) and value.strip() and value.isprintable():
            return value
        self.problems.append(f"{key}: missing, empty or not plain text")
        return ""

    def groups(self, name: str, reasons: tuple[Term, ...], known: tuple[str, ...]) -> None:
        for place, term in enumerate(reasons, 1):
            if term.group is None or term.group not in known:
                self.problems.append(f"{name}[{place}].group: must be one of the codes in groups: {', '.join(known)}")

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

    def retired(self, data: object, territories: Iterable[str]) -> dict[str, tuple[Term, ...]]:
        """Reads the codes that were split: of every list that records hold codes of."""
        if not isinstance(data, dict):
            self.problems.append("retired: must be a table with one list for each list, as [[retired.reasons]]")
            return {}
        given = dict(data)
        lines = given.pop("territories", {})
        given |= {f"territories.{line}": entries for line, entries in lines.items()} if isinstance(lines, dict) else {}
        known = {*CHANGING, *(f"territories.{line}" for line in territories)} - {"groups"}
        for name in sorted(set(given) - known):
            self.problems.append(f"retired.{name}: unknown; the lists are {', '.join(sorted(known))}")
        found = {name: self.terms(f"retired.{name}", entries) for name, entries in given.items() if name in known}
        for place, term in enumerate(found.get("reasons", ()), 1):
            if term.number is not None:
                self.problems.append(f"retired.reasons[{place}].number: nobody may key it in any more; take it out")
        return found

    def changes(self, entries: object, known: Mapping[str, tuple[str, ...]]) -> tuple[Change, ...]:
        if not isinstance(entries, list):
            self.problems.append("changes: must be [[changes]] entries")
            return ()
        found = (self._change(f"changes[{place}]", entry, known) for place, entry in enumerate(entries, 1))
        return tuple(change for change in found if change)

    def _change(self, key: str, entry: object, known: Mapping[str, tuple[str, ...]]) -> Change | None:
        if not isinstance(entry, dict) or set(entry) != set(CHANGE_KEYS):
            self.problems.append(f"{key}: must be a table with exactly {', '.join(CHANGE_KEYS)}")
            return None
        version, name = self._text(f"{key}.version", entry["version"]), self._text(f"{key}.list", entry["list"])
        if name and name not in known:
            self.problems.append(f"{key}.list: {name!r} is unknown; write one of {', '.join(known)}")
        before, after = self._codes(f"{key}.from", entry["from"]), self._codes(f"{key}.to", entry["to"])
        if len(after) > 1 and set(before) & set(after):
            self.problems.append(f"{key}.to: what was split can't go on in a narrower sense; give each part a new code")
        return Change(version, name, before, after) if name in known and before and after else None

    def _codes(self, key: str, value: object) -> tuple[str, ...]:
        if isinstance(value, list) and value and all(isinstance(one, str) and CODE.fullmatch(one) for one in value):
            return tuple(dict.fromkeys(value))
        self.problems.append(f'{key}: must be a list of codes, as ["workload", "fatigue"]')
        return ()

    def followed(
        self, changes: tuple[Change, ...], known: Mapping[str, tuple[str, ...]], retired: Mapping[str, tuple[str, ...]]
    ) -> None:
        """Checks that every earlier code leads to codes of today, and that what was replaced is in no list any more."""
        for place, change in enumerate(changes, 1):
            listed = known[change.list]
            for code in sorted(set(change.before) & set(listed) - set(change.after)):
                self.problems.append(f"changes[{place}].from: {code!r} is still in {change.list}; take it out there")
            for code in change.after:
                if not successors(changes[place:], change.list, code) <= set(listed):
                    self.problems.append(f"changes[{place}].to: {code!r} is not in {change.list}, nor changed later on")
        for name, old in retired.items():
            split = {code for change in changes if change.list == name and change.split for code in change.before}
            for code in sorted(set(old) & set(known[name])):
                self.problems.append(f"retired.{name}: {code!r} is still in {name}; take it out of one of them")
            for code in sorted(set(old) - set(known[name]) - split):
                self.problems.append(f"retired.{name}: no change splits {code!r}; write the change or take it out")

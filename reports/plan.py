"""The fixed table plan: which tables a period of a line is published with, whatever its figures turn out to be.

One-way tables for a year; for the periods inside it, calls and families of reasons; the two-way table of families by
period follows from those. Nothing can be asked for beyond it: a table chosen after a look at the figures would tell
more than it prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from babel import Locale

from reports.cells import ALL, CONTACTS, SUBSTANTIVE
from reports.changes import successor
from reports.indicators import indicators
from reports.model import NOT_CODED, SUPPORT, Group
from reports.periods import LOCALES
from reports.taxonomy import Taxonomy, Term
from reports.words import LANGUAGES, Words, phrase

Dimension = Literal[
    "contact", "caller", "status", "speciality", "territory", "language", "severity", "reasons", "orientations"
]
"""What the records of a table are told apart by: a field of `Record`, as text; lists are joined by spaces."""
DIMENSIONS: tuple[Dimension, ...] = (
    "contact", "caller", "status", "speciality", "territory", "language", "severity", "reasons", "orientations",
)  # fmt: skip
SUPPORT_SHORT, NOT_GRADED, NOT_KEPT, GIVEN = "support-short", "not-graded", "not-kept", "orientation-given"
CodesOf = Callable[[Group], Iterable[str]]
"""Which cells of a table a group of records belongs to; a code given twice counts once."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One table: what it is counted by, its categories, and for which records and periods."""

    id: str
    dimension: Dimension
    codes_of: CodesOf
    terms: tuple[Term, ...]
    exclusive: bool = True
    """Whether a record is in exactly one category, so that they add up to the base."""
    everyone: bool = False
    """Of all contacts, not only of substantive ones."""
    by_period: bool = False
    """Also for each period of the line's profile."""

    @property
    def base(self) -> str:
        """The table that holds what the categories are shares of."""
        return CONTACTS if self.everyone else SUBSTANTIVE


def plan(taxonomy: Taxonomy, line: str, *, language: bool) -> tuple[Planned, ...]:
    """Returns the tables made from records; `language` says whether the line keeps the language of its calls."""
    total = (Term(ALL, phrase("row.contacts")),)
    reasons = _printed(taxonomy, "reasons")
    group_of = {term.code: term.group or term.code for term in reasons}
    kinds = (
        Term(SUBSTANTIVE, phrase("row.substantive")),
        Term(SUPPORT_SHORT, phrase("row.support-short")),
        *(term for term in taxonomy.contacts if term.code != SUPPORT),
    )
    grades = (*taxonomy.severities, Term(NOT_GRADED, phrase("row.not-graded")))
    found = [
        Planned(CONTACTS, "contact", lambda _: (ALL,), total, everyone=True),
        Planned(SUBSTANTIVE, "contact", lambda _: (ALL,), total, by_period=True),
        Planned("contact-kind", "contact", _kind, kinds, everyone=True),
        Planned("main-reason", "reasons", lambda group: (_main(group),), reasons),
        Planned("all-reasons", "reasons", lambda group: group.codes or (NOT_CODED,), reasons, exclusive=False),
        Planned("reason-group", "reasons", lambda group: (_family(group, group_of),), taxonomy.groups, by_period=True),
        *(_said(name, _printed(taxonomy, plural)) for name, plural in SAID.items()),
    ]
    if territories := _printed(taxonomy, list_of("territory", line)):
        found.append(_said("territory", territories))
    if language:
        found.append(Planned("language", "language", lambda group: group.codes or (NOT_KEPT,), _languages()))
    given, kinds_given = (Term(GIVEN, indicators()[GIVEN].name),), _printed(taxonomy, "orientations")
    return (
        *found,
        Planned(GIVEN, "orientations", lambda group: (GIVEN,) if group.codes else (), given, exclusive=False),
        Planned("orientation", "orientations", lambda group: group.codes, kinds_given, exclusive=False),
        Planned("severity", "severity", lambda group: group.codes or (NOT_GRADED,), grades),
    )


SAID: Mapping[Dimension, str] = {"caller": "callers", "status": "statuses", "speciality": "specialities"}
"""What callers say of themselves, and the list of the taxonomy that it is coded with."""


def list_of(dimension: Dimension, line: str) -> str:
    """Returns the list of the taxonomy that a dimension is coded with, as `reasons` or `territories.france`."""
    return f"territories.{line}" if dimension == "territory" else SAID.get(dimension, dimension)


def current(group: Group, dimension: Dimension, line: str, taxonomy: Taxonomy) -> Group:
    """Returns a group with each code that was renamed or merged replaced by its successor."""
    name = list_of(dimension, line)
    found = dict.fromkeys(successor(taxonomy.changes, name, code) for code in group.codes)
    return replace(group, value=" ".join(found))


def _printed(taxonomy: Taxonomy, name: str) -> tuple[Term, ...]:
    """Returns a list without its keypad numbers, and the terms that were split and are still in records, as old."""
    retired = taxonomy.retired.get(name, ())
    old = (replace(term, label=phrase("row.retired").fill_each(label=term.label)) for term in retired)
    return tuple(replace(term, number=None) for term in (*taxonomy.terms(name), *old))


def _said(name: Dimension, terms: tuple[Term, ...]) -> Planned:
    return Planned(name, name, lambda group: group.codes, terms)


def _kind(group: Group) -> tuple[str]:
    if group.contact != SUPPORT:
        return (group.contact,)
    return (SUBSTANTIVE if group.counted else SUPPORT_SHORT,)


def _main(group: Group) -> str:
    """The first reason, or `not-coded`."""
    return group.codes[0] if group.codes else NOT_CODED


def _family(group: Group, group_of: Mapping[str, str]) -> str:
    reason = _main(group)
    return group_of.get(reason, reason)


def _languages() -> tuple[Term, ...]:
    terms = []
    for code in LANGUAGES:
        names = {language: str(Locale.parse(LOCALES[language]).languages[code]) for language in LANGUAGES}
        terms.append(Term(code, Words(**{key: name[0].upper() + name[1:] for key, name in names.items()})))
    return (*terms, Term(NOT_KEPT, phrase(f"row.{NOT_KEPT}")))

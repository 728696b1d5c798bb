"""What is printed of one period of a line, and nothing else: frozen when the period is closed, kept for ever.

The records and the exact counts it was made from are not in it and can't be had from it. Every report, of any language
and format, is drawn from it alone, so that it can be drawn again when the records are long gone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from reports.cells import ALL, CALLS, Cell
from reports.changes import Change
from reports.errors import InputError
from reports.indicators import REMAINDERS
from reports.model import Coverage
from reports.periods import Profile, grain, periods_of
from reports.rounding import Minutes, Published, Remainder
from reports.taxonomy import Term
from reports.words import LANGUAGES, Words

FORMAT = 1
TOGETHER = "*"
"""Stands for a line's id in the figures of all lines together: no line can be called so."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The published counts of a period, and what is needed to print them."""

    line: str
    """The line's id, or TOGETHER."""
    name: Words
    zone: str
    """IANA."""
    period: str
    """`2026`, `2026-Q1` or `2026-03`. A year's figures hold those of its periods, too."""
    profile: Profile
    """The finest period that its year is published by."""
    demo: bool
    """Made up, and every format says so."""
    dated: date
    """The line's local day on which the period was closed or revised."""
    revision: int
    """1, or more where a period was corrected."""
    taxonomy: str
    """The version of the lists."""
    lists: Mapping[str, tuple[Term, ...]]
    """The categories of each table from records, in the order they are printed."""
    counts: Mapping[Cell, Published]
    mean: Minutes
    """Of talk, for a year."""
    coverage: Coverage | None
    """Hours of the rota, for a year: they say nothing of callers."""
    changes: tuple[Change, ...] = ()
    """What had become of earlier codes by these lists: a later year is compared with this one by what is new in its."""

    @property
    def year(self) -> int:
        """The year that the period is, or lies in."""
        return int(self.period[:4])

    def count(self, table: str, category: str = ALL, period: str | None = None) -> Published:
        """Returns a published count, of the whole period unless told otherwise. KeyError where the plan has none."""
        return self.counts[Cell(period or self.period, table, category)]

    def calls(self, measure: str) -> Published | Remainder | None:
        """Returns a measure of the calls, or what two of them leave of each other; None where the plan has none."""
        if measure in REMAINDERS:
            whole, part = (self.counts.get(Cell(self.period, CALLS, each)) for each in REMAINDERS[measure])
            return Remainder(whole, part) if whole and part else None
        return self.counts.get(Cell(self.period, CALLS, measure))

    def has(self, table: str, category: str = ALL) -> bool:
        """Says whether the plan has this count for the whole period."""
        return Cell(self.period, table, category) in self.counts

    def periods(self) -> tuple[str, ...]:
        """Returns the periods inside a year that are published, in order; none for a shorter period."""
        if grain(self.period) is not Profile.YEAR or self.profile is Profile.YEAR:
            return ()
        return periods_of(self.year, self.profile)

    def digest(self) -> str:
        """Returns the SHA-256 of the frozen text, in hexadecimal."""
        return hashlib.sha256(freeze(self).encode()).hexdigest()


def freeze(figures: Figures) -> str:
    """Returns the figures as JSON text, always the same for the same figures. `thaw` reads it."""
    whole = {
        "format": FORMAT,
        "line": figures.line,
        "name": _words(figures.name),
        "zone": figures.zone,
        "period": figures.period,
        "profile": figures.profile.value,
        "demo": figures.demo,
        "dated": figures.dated.isoformat(),
        "revision": figures.revision,
        "taxonomy": figures.taxonomy,
        "lists": {name: [_term(term) for term in terms] for name, terms in sorted(figures.lists.items())},
        "counts": {str(cell): figures.counts[cell].value for cell in sorted(figures.counts)},
        "mean": figures.mean.value,
        "changes": [[change.version, change.list, change.before, change.after] for change in figures.changes],
        "coverage": [figures.coverage.covered_hours, figures.coverage.hours] if figures.coverage else None,
    }
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def thaw(text: str) -> Figures:
    """Reads what `freeze` wrote. InputError for anything else; a count that isn't a published one is refused."""
    try:
        whole = json.loads(text)
        if whole["format"] != FORMAT:
            raise InputError(f"frozen figures of format {whole['format']!r} need a later version of helpline")
        return _thawed(whole)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"these frozen figures are damaged ({type(error).__name__}): restore them") from None


def _thawed(whole: Mapping[str, Any]) -> Figures:
    coverage = whole["coverage"]
    return Figures(
        line=whole["line"],
        name=Words(**whole["name"]),
        zone=whole["zone"],
        period=whole["period"],
        profile=Profile(whole["profile"]),
        demo=whole["demo"],
        dated=date.fromisoformat(whole["dated"]),
        revision=whole["revision"],
        taxonomy=whole["taxonomy"],
        lists=MappingProxyType(
            {
                name: tuple(Term(code, Words(*texts), group) for code, group, *texts in terms)
                for name, terms in whole["lists"].items()
            }
        ),
        counts=MappingProxyType({Cell.parse(cell): Published(value) for cell, value in whole["counts"].items()}),
        mean=Minutes(whole["mean"]),
        coverage=Coverage(*coverage) if coverage else None,
        changes=tuple(
            Change(version, name, tuple(before), tuple(after)) for version, name, before, after in whole["changes"]
        ),
    )


def _words(words: Words) -> dict[str, str]:
    return {language: words.to(language) for language in LANGUAGES}


def _term(term: Term) -> list[str | None]:
    return [term.code, term.group, *(term.label.to(language) for language in LANGUAGES)]

"""What a release is made from and what comes of it, as values; and the process in which it is made.

Figures travel as frozen texts, which are the same wherever they are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from helpline.apart import Apart
from reports.cells import Cell
from reports.figures import TOGETHER
from reports.history import Earlier

SECONDS = 1_800
"""After which an audit is given up; it should take a few."""
Address = tuple[str, str, int]
"""Line, period and revision."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a report is drawn from: its figures, those of earlier years, each a frozen text, and imported numbers."""

    figures: str
    years: tuple[str, ...] = ()
    earlier: tuple[Earlier, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be released, beside everything that is out. Figures are frozen texts: they travel as they are."""

    sources: Sources
    released: tuple[str, ...] = ()
    known: Mapping[tuple[str, Cell], int] = field(default_factory=dict, repr=False)
    """Exact counts that coordinators see: of counters alone, which hold no reason."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A cell that the release would expose: whose it is, and which releases together do it. No figure."""

    line: str
    period: str
    table: str
    category: str
    releases: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it: files, or findings that forbid them."""

    findings: tuple[Finding, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)


class Making(Apart[Made]):
    """One release in the making, in a process of its own."""

    def __init__(self, question: Question) -> None:
        super().__init__("helpline.figures.making", question, SECONDS)


def named(line: str) -> str:
    """A line in plain English."""
    return "all lines" if line == TOGETHER else line


def told(finding: Finding) -> str:
    """A finding in one line of plain English."""
    releases = " and ".join(
        f"{named(line)} {period}{_revised(revision)}" for line, period, revision in finding.releases
    )
    return f"{named(finding.line)}, {finding.period}, table {finding.table}: {finding.category} (from {releases})"


def _revised(revision: int) -> str:
    return f" (revision {revision})" if revision > 1 else ""

"""The auditor: can anybody who holds every release ever made tell what a single cell is?

Two readers are tried. One holds the releases alone. The other is a coordinator, who sees the counters exactly, too:
for that one only cells from records are looked at, and what the counters tell without any release is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from reports.audit.examine import Finding, OnProgress, Question, Why, examine
from reports.audit.ledger import Count, Known, Ledger, Released, name_of
from reports.audit.relations import known_to, ledger_of, lines_of
from reports.audit.system import parts
from reports.cells import ALL, CALLS, SUBSTANTIVE, TALKS, Cell
from reports.figures import Figures
from reports.periods import Profile, grain
from reports.rounding import LEAST_PRINTED

Reader = Literal["anybody", "coordinator"]
BLAMED = 20
"""So many exposures are traced to the fewest releases; beyond that, all releases that bear on a cell are named."""
TWO_WAY = "reason-group"
"""The table that is printed by period, too."""
COUNTERS = (CALLS, TALKS)


@dataclass(frozen=True, slots=True)
class Exposure:
    """A cell that can be known too well: `low` to `high`, both included, and by whom."""

    line: str
    cell: Cell
    low: int
    high: int
    why: Why
    reader: Reader
    releases: tuple[Released, ...]
    """Together they expose it. Without any one of them they wouldn't, as far as that was traced (`BLAMED`)."""

    def __str__(self) -> str:
        """Says it in English, with the numbers: for nobody but who may see them."""
        known = {
            "exact": f"is exactly {self.low}",
            "few": f"is certainly {self.low} to {self.high}",
            "most": "is certainly nine tenths of its row or more",
        }
        whom = " for a coordinator, who sees the counters," if self.reader == "coordinator" else ""
        releases = "; ".join(map(str, self.releases))
        return f"{name_of(self.line)} {self.cell} {known[self.why]}{whom} by these releases: {releases}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the releases expose. Nothing may be released unless `safe`."""

    exposed: tuple[Exposure, ...]
    """Each cell once, those that anybody can know first."""
    checked: int
    """How many cells were looked at, for each reader; cells that are certainly 10 or more need no look."""
    given_up: tuple[str, ...]
    """What a reader would assume and the figures contradict, as calls that were counted late: it was left out."""

    @property
    def safe(self) -> bool:
        """Whether no cell is exposed."""
        return not self.exposed


def audit(
    released: Iterable[Figures], known: Known | None = None, *, on_progress: OnProgress = lambda *_: None
) -> Verdict:
    """Returns what all of `released` together expose, to anybody, and to a coordinator who sees `known`.

    Every release counts that was ever made, replaced ones and those of all lines together included. The same releases
    give the same verdict in any order. `on_progress` is told how many cells are settled, and of how many. Raises
    AuditError where it can't be told, InputError for a damaged ledger; nothing may be released then.
    """
    every = tuple(released)
    ledger = ledger_of(every)
    readers: dict[Reader, Known] = {"anybody": {}, "coordinator": known} if known else {"anybody": {}}
    trials = [_Trial(reader, every, sees, ledger, _questions(ledger, reader)) for reader, sees in readers.items()]
    checked = sum(len(trial.questions) for trial in trials)
    found: dict[tuple[str, Cell], Exposure] = {}
    given_up: dict[str, None] = {}
    done = 0
    for trial in trials:
        exposed, left_out = trial.run(_counted_from(done, checked, on_progress))
        given_up |= dict.fromkeys(left_out)
        for finding, count in exposed:
            if (address := (count.line, count.cell)) not in found:
                releases = trial.blamed(count, exactly=len(found) < BLAMED)
                found[address] = Exposure(*address, finding.low, finding.high, finding.why, trial.reader, releases)
        done += len(trial.questions)
    return Verdict(tuple(found.values()), checked, tuple(given_up))


def _counted_from(before: int, checked: int, on_progress: OnProgress) -> OnProgress:
    return lambda done, _: on_progress(before + done, checked)


@dataclass(frozen=True, slots=True)
class _Trial:
    """One reader and what that reader holds."""

    reader: Reader
    released: Sequence[Figures]
    known: Known
    ledger: Ledger
    questions: Mapping[Question, Count]

    def run(self, on_progress: OnProgress) -> tuple[list[tuple[Finding, Count]], tuple[str, ...]]:
        """Returns what the releases expose to this reader, and what was given up."""
        system, odd = known_to(self.ledger, self.known)
        examined = examine(system, tuple(self.questions), on_progress)
        findings = examined.findings
        if findings and self.known:
            without, _ = known_to(self.ledger, self.known, printed=False)
            anyway = {one.question for one in examine(without, [one.question for one in findings]).findings}
            findings = tuple(one for one in findings if one.question not in anyway)
        return [(one, self.questions[one.question]) for one in findings], (*odd, *examined.given_up)

    def blamed(self, count: Count, *, exactly: bool) -> tuple[Released, ...]:
        """Returns releases that together expose a count; the fewest, in that none can be left out, if `exactly`."""
        system, _ = known_to(self.ledger, self.known)
        (part,) = parts(system, [(count,)])
        bearing = {name for one in part.ranges if isinstance(one, Count) for name in self.ledger.sources[one]}
        left = [view.figures for view in self.ledger.views if Released.of(view.figures) in bearing]
        # The newest first: where older ones are enough, those are named.
        for figures in tuple(reversed(left)) if exactly else ():
            fewer = [one for one in left if one is not figures]
            if self._exposes(fewer, count):
                left = fewer
        return tuple(Released.of(figures) for figures in left)

    def _exposes(self, released: Sequence[Figures], count: Count) -> bool:
        ledger = ledger_of(released, lines=lines_of(self.released))
        system, _ = known_to(ledger, self.known)
        same = [
            question
            for question, one in _questions(ledger, self.reader).items()
            if (one.line, one.cell) == (count.line, count.cell)
        ]
        return bool(examine(system, same).findings)


def _questions(ledger: Ledger, reader: Reader) -> dict[Question, Count]:
    """Asks for every count that might be below 10 and every family of a period inside a year, as far as it's news."""
    counts = [count for count in ledger.sources if reader == "anybody" or count.cell.table not in COUNTERS]
    found = {Question(count): count for count in counts if ledger.ranges[count][0] < LEAST_PRINTED}
    for view in ledger.views:
        for cell, count in view.counts.items():
            row = view.get(cell.period, SUBSTANTIVE, ALL)
            if row and cell.table == TWO_WAY and grain(cell.period) is not Profile.YEAR:
                found[Question(count, row)] = count
    return found

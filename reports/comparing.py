"""An earlier year beside this one: what was printed then, as far as it means the same today.

Nothing here is rounded or counted anew. A code that was renamed has its predecessor's printed figure; one that others
were merged into has the sum of their printed figures, where these exclude each other and none is masked; one that came
from a split, or that didn't exist, has none. A family of reasons has one only if the reasons in it are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from reports.cells import ALL, CONTACTS, SUBSTANTIVE
from reports.changes import Change, successors
from reports.figures import Figures
from reports.periods import Profile, grain
from reports.plan import SAID
from reports.rounding import Published, Share
from reports.taxonomy import codes

ADDITIVE = {"main-reason", "reason-group", "caller", "status", "speciality", "territory"}
"""Tables in which a conversation is in one category only, so that printed figures may be added up."""
REASONS, FAMILIES = "main-reason", "reason-group"
LISTS: Mapping[str, str] = MappingProxyType(
    {REASONS: "reasons", "all-reasons": "reasons", FAMILIES: "groups", "orientation": "orientations"}
    | {str(name): plural for name, plural in SAID.items()}
)
"""Which list of the taxonomy the categories of a table are from."""


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier year's figures, seen from a later year's."""

    figures: Figures
    now: Figures

    @property
    def year(self) -> int:
        """The earlier year."""
        return self.figures.year

    def count(self, table: str, code: str) -> Published | None:
        """Returns the printed count of what `code` of a table of categories means now; None where there is none."""
        sources = self._sources(table, code)
        if not sources or (table == FAMILIES and not self._same_family(code, sources)):
            return None
        counts = [self.figures.count(table, source) for source in sources]
        if len(counts) == 1:
            return counts[0]
        known = [one.value for one in counts if one.value is not None]
        return Published(sum(known)) if table in ADDITIVE and len(known) == len(counts) else None

    def share(self, table: str, code: str) -> Share | None:
        """Returns the same as a share of the earlier year's base."""
        part = self.count(table, code)
        base = CONTACTS if table == "contact-kind" else SUBSTANTIVE
        return Share(part, self.figures.count(base)) if part and self.figures.has(base) else None

    def of(self, table: str, category: str = ALL) -> Published | None:
        """Returns a printed count of a table whose categories are the product's own; None where there is none."""
        return self.figures.count(table, category) if self.figures.has(table, category) else None

    def part(self, table: str, part: str, whole: str) -> Share | None:
        """Returns one such count as a share of another."""
        both = self.of(table, part), self.of(table, whole)
        return Share(both[0], both[1]) if both[0] and both[1] else None

    def _changes(self, table: str) -> tuple[Change, ...]:
        """What became of the codes of a table between the two years."""
        name = _list_of(table, self.now.line)
        new = (change for change in self.now.changes if change not in self.figures.changes)
        return tuple(change for change in new if change.list == name)

    def _listed(self, table: str) -> tuple[str, ...]:
        return codes(self.figures.lists.get(table, ()))

    def _sources(self, table: str, code: str) -> tuple[str, ...]:
        """The earlier codes that are this one now; none where that is so of a part of one only."""
        name, changes = _list_of(table, self.now.line), self._changes(table)
        became = {old: successors(changes, name, old) for old in self._listed(table)}
        if any(code in new and len(new) > 1 for new in became.values()) or self._half(table, code):
            return ()
        return tuple(old for old, new in became.items() if old == code or new == {code})

    def _half(self, table: str, code: str) -> bool:
        """Whether the code came into use in the course of the earlier year, when what it was split from still was."""
        name = _list_of(table, self.now.line)
        splits = (change for change in self.figures.changes if change.list == name and change.split)
        return any(code in change.after and set(change.before) & set(self._listed(table)) for change in splits)

    def _same_family(self, family: str, sources: Iterable[str]) -> bool:
        """Whether every reason of the earlier families is in this one now, and no other reason is."""
        now = {term.code: term.group for term in self.now.lists.get(REASONS, ())}
        changes, before = self._changes(REASONS), tuple(sources)
        for term in self.figures.lists.get(REASONS, ()):
            here = {now.get(code) for code in successors(changes, "reasons", term.code)}
            if (here != {family}) if term.group in before else (family in here):
                return False
        return True


def past_years(now: Figures, years: Sequence[Figures]) -> tuple[Past, ...]:
    """Returns the earlier years that this year can be printed beside, the oldest first, each in its latest revision.

    Of the same line only, and made-up ones only beside made-up ones; a period inside a year has none.
    """
    if grain(now.period) is not Profile.YEAR:
        return ()
    fitting = [
        one
        for one in years
        if one.line == now.line and one.demo == now.demo and grain(one.period) is Profile.YEAR and one.year < now.year
    ]
    latest = {one.year: one for one in sorted(fitting, key=lambda one: one.revision)}
    return tuple(Past(latest[year], now) for year in sorted(latest))


def _list_of(table: str, line: str) -> str:
    """The list of the taxonomy that a table's categories are from; its own name where they are the product's."""
    return f"territories.{line}" if table == "territory" else LISTS.get(table, table)

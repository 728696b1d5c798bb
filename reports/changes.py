"""What became of a code when the lists changed: renamed or merged, it has one successor; split, it has several.

A record holds the code it was given. One with a successor is counted under it; one that was split stays what it was,
because nobody can say any more which part it would be: its old code is kept, retired, until its records are gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """Codes of one list that became others in one version of the lists."""

    version: str
    """The version that it came with."""
    list: str
    """As `reasons`, or `territories.france`."""
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def split(self) -> bool:
        """Whether an old record can't say which code it would have today."""
        return len(self.after) > 1


def successor(changes: Iterable[Change], name: str, code: str) -> str:
    """Returns the code that a record's `code` of the list `name` is counted under; a split ends the way."""
    for change in changes:
        if change.list == name and code in change.before:
            if change.split:
                return code
            code = change.after[0]
    return code


def successors(changes: Iterable[Change], name: str, code: str) -> frozenset[str]:
    """Returns all codes that what was coded `code` would be coded with after the changes, in their order."""
    found = {code}
    for change in changes:
        if change.list == name and not found.isdisjoint(change.before):
            found = found.difference(change.before).union(change.after)
    return frozenset(found)

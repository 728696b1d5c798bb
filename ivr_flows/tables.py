"""A table of a flow file, handing out checked values: every fault of a file is noted, and reading goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from ivr_flows.check import Problem

NAME = re.compile(r"[a-z][a-z0-9-]{0,59}\Z")
"""Of a step, a prompt or a flow: as long as the column that keeps it, beyond which PostgreSQL refuses the call."""
T = TypeVar("T")


class Table:
    """One table of the file: hands out checked values and notes a problem for each that isn't usable.

    A faulty value is replaced by a harmless one so that reading goes on and finds the other faults; the flow made
    from it is thrown away.
    """

    def __init__(
        self, content: Mapping[str, object] | None, source: str, step: str, where: str, problems: list[Problem]
    ) -> None:
        self.content = content or {}
        self.step = step
        self._source = source
        self._where = where
        self._absent = content is None
        self._problems = problems

    def fault(self, reason: str) -> None:
        """Notes what is wrong in this table; nothing more about one that isn't there."""
        if not self._absent:
            self._problems.append(Problem(self._source, self.step, f"{self._where}{reason}"))

    def value(self, key: str, read: Callable[[object], T | None], wanted: str, instead: T) -> T:
        """What `read` makes of a key's value, None being unusable; `wanted` says what it must be."""
        if key not in self.content:
            self.fault(f"{key} is missing; it must be {wanted}")
        elif (value := read(self.content[key])) is None:
            self.fault(f"{key} = {self.content[key]!r} can't be used; it must be {wanted}")
        else:
            return value
        return instead

    def match(self, key: str, pattern: re.Pattern[str], wanted: str) -> str:
        """A text that matches."""
        return self.value(key, lambda it: it if isinstance(it, str) and pattern.match(it) else None, wanted, "")

    def name(self, key: str, what: str) -> str:
        """The name of a step, a prompt or the flow."""
        return self.match(key, NAME, f"{what} in small letters, digits and hyphens, 60 at most")

    def table(self, key: str, step: str = "", wanted: str = "a table") -> Table:
        """A table inside this one, empty if it isn't there."""
        inner: Mapping[str, object] | None = self.value(key, _as_table, wanted, None)
        where = "" if step else f"{self._where}[{key}] "
        return Table(inner, self._source, step or self.step, where, self._problems)

    def only(self, *known: str) -> None:
        """Notes every key that isn't known."""
        for key in self.content:
            if key not in known:
                self.fault(f"{key} is not known here; take it out, or use one of {', '.join(known)}")


def _as_table(found: object) -> Mapping[str, object] | None:
    return found if isinstance(found, dict) else None

"""Which count a figure prints: its address, the same in every table, language and release."""

from __future__ import annotations

from dataclasses import dataclass

from reports.errors import InputError
from reports.periods import grain

ALL = "all"
"""The category of a figure that isn't of one."""
CALLS, TALKS = "calls", "talks"
"""The tables that come from counters: categories of the first are `indicators.measures()`, of the other bands."""
CONTACTS, SUBSTANTIVE = "contacts", "substantive"
"""The bases of the tables that come from records: all contacts, and the substantive ones. Each has the category ALL."""


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """The count of one category of one table in one period of a line. Written `2026-03/calls/offered`."""

    period: str
    table: str
    category: str = ALL

    def __str__(self) -> str:
        return f"{self.period}/{self.table}/{self.category}"

    @classmethod
    def parse(cls, text: str) -> Cell:
        """Reads what `str` wrote. InputError for anything else."""
        parts = text.split("/")
        if len(parts) != 3 or not all(parts):
            raise InputError(f"{text!r} is not the address of a figure; write it like 2026-03/calls/offered")
        grain(parts[0])
        return cls(*parts)

"""People, shifts and absences from CSV: what other modules use of the readers, each in a module of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from rota import table_absences, table_people, table_shifts
from rota.cells import YEARS
from rota.sheet import columns_of
from rota.table_absences import AbsenceRow, parse_absences
from rota.table_people import KEPT, Kept, PersonRow, parse_people
from rota.table_shifts import LONGEST_SHIFT, ShiftRow, parse_shifts

__all__ = (
    "KEPT",
    "LONGEST_SHIFT",
    "YEARS",
    "AbsenceRow",
    "Kept",
    "Kind",
    "PersonRow",
    "ShiftRow",
    "kind_of",
    "parse_absences",
    "parse_people",
    "parse_shifts",
)

Kind = Literal["people", "shifts", "absences"]
COLUMNS: Mapping[Kind, Sequence[str]] = MappingProxyType(
    {"people": table_people.COLUMNS, "shifts": table_shifts.COLUMNS, "absences": table_absences.COLUMNS}
)


def kind_of(text: str) -> Kind:
    """Which table this is, by its header: that of which it lacks the fewest columns. Raises `TableError`."""
    header = columns_of(text)
    return min(COLUMNS, key=lambda kind: len(set(COLUMNS[kind]) - header))

"""A CSV file read as a spreadsheet shows it: cells by column name, and every fault in it, with how to mend it.

A spreadsheet runs a cell that begins with = + - or @ as a formula, and takes the + of a telephone number for a sign. So
in what is written here such a cell begins with an apostrophe, which is taken away again where it is read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rota.model import RotaError

T = TypeVar("T")

BOM = "\ufeff"
"""Without it a spreadsheet takes UTF-8 for an older encoding."""
FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
"""How a cell begins that a spreadsheet would run, whether or not it is guarded already."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault, or something to know: the row as a spreadsheet numbers it (the header is 1), and what to do.

    `place` says where it is when it isn't in a row: "event 3 (UID ...)", numbered by `row` all the same.
    """

    row: int
    column: str
    value: str
    reason: str
    remedy: str
    place: str = ""

    def __str__(self) -> str:
        place = self.place or f"row {self.row}"
        where = f"{place}, {self.column}" if self.column else place
        what = f" {self.value!r}" if self.value else ""
        return f"{where}{what}: {self.reason}; {self.remedy}"


class TableError(RotaError):
    """A file refused whole: nothing of it may be stored. `problems` has every fault, in row order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.row))
        super().__init__("\n".join(map(str, self.problems)))


class CellError(Exception):
    """Raised by a cell's reader: why the value can't be used, and how to mend it."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Row:
    """One row's cells by column, trimmed; a column that the file leaves out is empty, and not in `given`."""

    number: int
    cells: Mapping[str, str]
    given: frozenset[str]

    def read(self, column: str, reader: Callable[[str], T], problems: list[Problem]) -> T | None:
        """The cell by `reader`; when that raises `CellError`, `None` and one more of `problems`."""
        try:
            return reader(self.cells[column])
        except CellError as error:
            problems.append(self.problem(column, error.reason, error.remedy))
            return None

    def problem(self, column: str, reason: str, remedy: str) -> Problem:
        """A fault of this row in `column`."""
        return Problem(self.number, column, self.cells[column], reason, remedy)


def decode(data: bytes) -> str:
    """The text of a file in UTF-8, with or without a byte order mark. Raises `TableError` on another encoding."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        problem = Problem(row, "", "", "the file isn't UTF-8", "save it from the spreadsheet as 'CSV UTF-8'")
        raise TableError([problem]) from error


def columns_of(text: str) -> frozenset[str]:
    """The names in a file's header, in small letters; none when it is empty. Raises `TableError` when it isn't CSV."""
    records = _records(text.removeprefix(BOM))
    return frozenset(cell.lower() for cell in records[0][1]) if records else frozenset()


def read_rows(text: str, problems: list[Problem], required: Sequence[str], optional: Sequence[str] = ()) -> list[Row]:
    """The rows below the header, blank ones left out; columns in any order, by comma or semicolon.

    A row with cells beyond the header's columns is left out and adds to `problems`. Raises `TableError` when
    nothing more can be said about the file: other columns than asked for, quotes that don't close, no row.
    """
    records = _records(text.removeprefix(BOM))
    if not records:
        columns = ",".join([*required, *optional])
        raise TableError([Problem(1, "", "", "the file is empty", f"start it with the header {columns}")])
    (top, header), *body = records
    while not header[-1]:
        header.pop()
    names = [cell.lower() for cell in header]
    faults = [*_header_problems(top, names, required, optional)]
    if not body:
        faults.append(Problem(top, "", "", "no row follows the header", "add at least one"))
    if faults:
        raise TableError(faults)
    blank, given = dict.fromkeys((*required, *optional), ""), frozenset(names)
    rows = []
    for number, cells in body:
        extra = "".join(cells[len(names) :])
        if extra:
            remedy = "put quotes around a cell that holds the delimiter"
            problems.append(Problem(number, "", extra, "more cells than columns", remedy))
        else:
            rows.append(Row(number, blank | dict(zip(names, cells, strict=False)), given))
    return rows


def write_rows(columns: Sequence[str], rows: Iterable[Iterable[str]], delimiter: str = ",") -> str:
    """A table that `read_rows` reads back, with no cell that a spreadsheet runs. Cells are trimmed already."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_guarded(cell) for cell in row] for row in rows)
    return text.getvalue()


def _guarded(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) else cell


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def _records(text: str) -> list[tuple[int, list[str]]]:
    """Numbered, trimmed records that aren't blank. The header, whose names hold neither, tells the delimiter."""
    header = next((line for line in text.splitlines() if line.strip(" \t,;")), "")
    delimiter = ";" if ";" in header else ","
    records = []
    number = 0
    try:
        # Universal newlines, so that files from any system read alike, also within quotes.
        for record in csv.reader(io.StringIO(text, newline=None), delimiter=delimiter, strict=True):
            number += 1
            cells = [_bare(cell.strip()) for cell in record]
            if any(cell.strip(",;") for cell in cells):
                records.append((number, cells))
    except csv.Error as error:
        remedy = 'write a quote inside quotes as "", and close every quote'
        raise TableError([Problem(number + 1, "", "", f"this isn't CSV: {error}", remedy)]) from error
    return records


def _header_problems(
    row: int, names: Sequence[str], required: Sequence[str], optional: Sequence[str]
) -> Iterator[Problem]:
    known = [*required, *optional]
    for name in required:
        if name not in names:
            yield Problem(row, name, "", "this column is missing", f"the header needs {', '.join(required)}")
    for name in dict.fromkeys(names):
        if name not in known:
            reason = "unknown column" if name else "a column has no name"
            yield Problem(row, name, "", reason, f"remove it, or use one of {', '.join(known)}")
        elif names.count(name) > 1:
            yield Problem(row, name, "", "this column comes twice", "keep one of them")

"""Why an import was refused, by the rows of its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from helpline.shifts.editing import WORDS, Desk, Edit, EditRefused, editing
from rota.edit import Seat, seat
from rota.limits import Finding
from rota.model import Shift
from rota.sheet import Problem, TableError
from rota.table import AbsenceRow, PersonRow, ShiftRow


@dataclass(slots=True)
class Rows:
    """The rows of an import, as far as they have been read."""

    people: Sequence[PersonRow] = ()
    absences: Sequence[AbsenceRow] = ()
    shifts: Sequence[ShiftRow] = ()


@contextmanager
def importing(desk: Desk, actor: str, now: int, rows: Rows, *, dry: bool) -> Iterator[Edit]:
    """An edit that imports `rows`, as far as they have been read when it is refused: then they explain why."""
    begun: list[Edit] = []
    try:
        with editing(desk, "import", actor, now, dry=dry) as edit:
            begun.append(edit)
            yield edit
    except EditRefused as refused:
        raise _as_table_error(refused, begun[0], rows) from refused


def _as_table_error(refused: EditRefused, edit: Edit, rows: Rows) -> TableError | EditRefused:
    """The refusal as problems of rows; as it is, when a finding is about none of them."""
    names = {person.id: person.name for person in edit.staff.values()}
    ids = {name: key for key, name in names.items()}
    written = {
        (row.line, row.tier, ids.get(row.person or ""), max(row.start, edit.now), row.end): row for row in rows.shifts
    }
    shifts = {shift.id: shift for shift in edit.shifts}
    problems = []
    for finding in refused.findings:
        about = [shifts[number] for number in finding.shifts]
        problem = next(_problems(finding, about, names[finding.person], rows, written, edit), None)
        if problem is None:
            return refused
        problems.append(problem)
    return TableError(list(dict.fromkeys(problems)))


def _problems(
    finding: Finding,
    about: Sequence[Shift],
    name: str,
    rows: Rows,
    written: Mapping[Seat, ShiftRow],
    edit: Edit,
) -> Iterator[Problem]:
    """How the files explain a finding, the likeliest way first."""
    found = [written[seat(shift)] for shift in about if seat(shift) in written]
    reason, _, remedy = WORDS[finding.kind].partition("; ")
    if finding.kind == "overlap" and len(found) == 1:
        reason = f"already has another shift on {about[0].line} then, which has begun or reaches beyond this file"
        remedy = "let the row begin where that shift ends"
    if found:
        yield found[-1].problem("person", reason, remedy)
    local = edit.desk.lines[about[-1].line].local
    when = f"on {about[-1].line} from {local(about[-1].start):%Y-%m-%d %H:%M} to {local(about[-1].end):%Y-%m-%d %H:%M}"
    for absence in rows.absences if finding.kind == "absent" else ():
        if absence.person == name and absence.start < finding.end and finding.start < absence.end:
            remedy = "give the shift to somebody else first, or import with --take-off"
            yield absence.problem("person", f"is on call then, {when}", remedy)
    for person in rows.people:
        if finding.kind == "tier" and person.name == name:
            reason = f"{name} holds a shift of tier {about[-1].tier}, {when}"
            yield Problem(person.row, "tiers", "", reason, "give it to somebody else first")

"""What a generator proposed: kept until somebody applies it, and applied only to the rota that it was made from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from helpline.errors import UsageError
from helpline.lines import Line
from helpline.shifts.editing import Desk, Edit, Outcome, editing
from helpline.store.rota_tables import Proposal, RotaEdit
from rota.edit import Difference, New, become, diff
from rota.fairness import Standing
from rota.generate.problem import Quality, Unfilled
from rota.model import Shift, Span

MADE = ("open", "applied")
"""States of what has been made."""
MOST_TOLD = 5
"""Differences told of a rota that has changed since."""


@dataclass(frozen=True, slots=True)
class Place:
    """A seat as proposed: `was` is the shift that stands there, None for none; `fixed`: its holder stays anyhow."""

    tier: int
    person: int | None
    start: int
    end: int
    was: int | None = None
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Unmet:
    """A stretch in which too few of those on call would have all or any (`match`) of `skills`, as a rule asks."""

    start: int
    end: int
    n: int
    skills: str
    match: str


@dataclass(frozen=True, slots=True)
class Body:
    """All of a proposal: what stood before, the seats, how good they are, who has how much before and after.

    `fair` is what engines aim at (`rota.generate.shares.targets`): by person and category, in hundredths of a seat.
    """

    stands: tuple[Place, ...]
    seats: tuple[Place, ...]
    quality: Quality
    unfilled: tuple[Unfilled, ...]
    unmet: tuple[Unmet, ...]
    before: tuple[Standing, ...]
    after: tuple[Standing, ...]
    fair: Mapping[int, Mapping[str, int]]
    proven: bool
    bound: Quality | None
    engine: str
    seed: int


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal. `window` is from when to when its seats begin; `kind` is fill, replace or repair.

    `state` is open or applied; `edit` the edit that applied it last.
    """

    number: int
    line: str
    window: Span
    kind: str
    state: str
    at: int
    actor: str
    edit: int | None
    body: Body

    @property
    def shifts(self) -> list[Shift]:
        """The seats as shifts that are not."""
        return as_shifts(self.line, self.body.seats)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Who would be on call otherwise than when it was made."""
        return diff(as_shifts(self.line, self.body.stands), self.shifts)


def keep(tx: Connection, line: Line, window: Span, kind: str, body: Body, made: tuple[str, int]) -> int:
    """Stores a proposal; `made` says by whom and when. Its number."""
    actor, now = made
    row = {
        "line": line.name,
        "starts_at": window.start,
        "ends_at": window.end,
        "kind": kind,
        "state": "open",
        "at": now,
        "actor": actor,
        "body": json.dumps(asdict(body)),
    }
    return tx.execute(insert(Proposal).returning(Proposal.id), row).scalar_one()


def read_proposal(connection: Connection, number: int) -> Proposed:
    """A proposal by its number. Raises `UsageError`."""
    row = connection.execute(_wanted().where(Proposal.id == number)).first()
    if row is None:
        raise UsageError(f"there is no proposal {number}: 'helpline rota proposals' lists them")
    return _proposed(row)


def read_proposals(connection: Connection, line: str | None = None) -> list[Proposed]:
    """All that are kept, of one line or of all, the newest first."""
    wanted = _wanted().order_by(Proposal.id.desc())
    if line is not None:
        wanted = wanted.where(Proposal.line == line)
    return [_proposed(row) for row in connection.execute(wanted)]


def apply(desk: Desk, number: int, actor: str, now: int, *, dry: bool = False) -> Outcome:
    """Makes the rota as proposed, from now on: what has begun since stays.

    Raises `UsageError` when it has been applied already (and that hasn't been undone), when its time is over, or when
    the rota has changed there since; `EditRefused` when somebody in it may no longer be planned.
    """
    with editing(desk, "proposal", actor, now, about={"proposal": number}, dry=dry) as edit:
        proposed = read_proposal(edit.tx, number)
        if proposed.line not in desk.lines:
            raise UsageError(f"proposal {number} is for {proposed.line}, which is no line any more")
        if proposed.state == "applied":
            raise UsageError(f"proposal {number} has been applied already, by edit {proposed.edit}")
        if proposed.window.end <= now:
            raise UsageError(f"proposal {number} is for a time that is over: generate another one")
        if {place.person for place in proposed.body.seats} - {None, *edit.staff}:
            raise UsageError(f"proposal {number} names somebody who is no longer known: generate another one")
        stands = _unchanged(edit, proposed)
        wanted = [
            New(proposed.line, place.tier, place.person, place.start, place.end, "proposal", replaces=place.was)
            for place in proposed.body.seats
        ]
        edit.make(become(stands, wanted, proposed.window, now))
        edit.tx.execute(update(Proposal).where(Proposal.id == number).values(state="applied", edit=edit.id))
    return edit.outcome


def _unchanged(edit: Edit, proposed: Proposed) -> list[Shift]:
    """The shifts that the proposal was made from, as long as they are what they were."""
    window, line = proposed.window, edit.desk.lines[proposed.line]
    stands = [s for s in edit.shifts if s.status != "cancelled" and s.line == proposed.line and window.holds(s.start)]
    before = as_shifts(proposed.line, proposed.body.stands)
    if Counter(map(_seat, stands)) == Counter(map(_seat, before)):
        return stands
    found = diff(before, stands)
    told = [_told(edit, line, each) for each in found[:MOST_TOLD]]
    told += [f"and {len(found) - MOST_TOLD} more"] if len(found) > MOST_TOLD else []
    what = "\n".join(f"  {each}" for each in told or ["  shifts are cut otherwise, or open seats have come or gone"])
    raise UsageError(
        f"the rota has changed since proposal {proposed.number} was made: generate again, or undo this\n{what}"
    )


def _told(edit: Edit, line: Line, change: Difference) -> str:
    gone, come = (
        ", ".join(edit.staff[person].name for person in people if person in edit.staff) or "nobody"
        for people in (change.gone, change.come)
    )
    start, end = (f"{line.local(at):%Y-%m-%d %H:%M}" for at in (change.start, change.end))
    return f"tier {change.tier}, {start} to {end}: {gone} -> {come}"


def as_shifts(line: str, places: Iterable[Place]) -> list[Shift]:
    """Places as shifts, numbered from 1."""
    return [Shift(n, line, p.tier, p.person, p.start, p.end) for n, p in enumerate(places, start=1)]


def as_places(shifts: Iterable[Shift]) -> tuple[Place, ...]:
    """Shifts as they stand."""
    return tuple(Place(s.tier, s.person, s.start, s.end, s.id) for s in shifts)


def _seat(shift: Shift) -> tuple[int, int | None, int, int]:
    return shift.tier, shift.person, shift.start, shift.end


def _wanted() -> Any:  # noqa: ANN401 - a select of columns of two tables
    # What is still to be made, or couldn't be, has no body (`helpline.shifts.asking`).
    made = Proposal.state.in_(MADE)
    edits = RotaEdit.id == Proposal.edit
    return select(*Proposal.__table__.c, RotaEdit.undone_by).outerjoin(RotaEdit, edits).where(made)


def _proposed(row: Row[Any]) -> Proposed:
    applied = row.state == "applied" and row.undone_by is None
    window = Span(row.starts_at, row.ends_at)
    state = "applied" if applied else "open"
    body = _body(json.loads(row.body))
    return Proposed(row.id, row.line, window, row.kind, state, row.at, row.actor, row.edit, body)


def _body(data: Mapping[str, Any]) -> Body:
    """What `asdict` made of a `Body`."""
    return Body(
        tuple(Place(**place) for place in data["stands"]),
        tuple(Place(**place) for place in data["seats"]),
        Quality(**data["quality"]),
        tuple(Unfilled(**each) for each in data["unfilled"]),
        tuple(Unmet(**each) for each in data["unmet"]),
        _standings(data["before"]),
        _standings(data["after"]),
        {int(person): amounts for person, amounts in data["fair"].items()},
        data["proven"],
        Quality(**data["bound"]) if data["bound"] else None,
        data["engine"],
        data["seed"],
    )


def _standings(data: Sequence[Mapping[str, Any]]) -> tuple[Standing, ...]:
    return tuple(Standing(**each) for each in data)

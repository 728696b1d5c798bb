"""Rotations are begun, changed and ended; the shifts to come that they made follow at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from helpline.errors import UsageError
from helpline.shifts.editing import Desk, Edit, Outcome, editing
from helpline.shifts.horizon import Name, materialise
from helpline.shifts.versions import Untils, begin, last_until, read_rotations, remember
from rota.edit import New, standing
from rota.model import RotaError, Shift
from rota.rotation import successor
from rota.staff import Rotation
from rota.zones import local_to_utc

KIND = "rotation"
LONGEST_NAME = 60
CHANGEABLE = frozenset({"days", "starts", "ends", "unit", "every", "anchor", "people"})
"""What of a rotation another version may have otherwise."""


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a rotation: its version now, the shifts to come that stem from it, and what is to be told.

    `unheld` are shifts that nobody will hold, because whose turn it is can't; `staying` published shifts, and those
    that a person changed, which aren't what the rotation says.
    """

    rotation: Rotation
    outcome: Outcome
    shifts: tuple[Shift, ...]
    unheld: tuple[New, ...]
    staying: tuple[Shift, ...]


def create(desk: Desk, draft: Rotation, actor: str, now: int, *, dry: bool = False) -> Made:
    """Begins a rotation; the draft's id and version are given to it. Raises `UsageError` with what has to be mended."""
    name = (draft.line, draft.name)
    with editing(desk, KIND, actor, now, about=_about(name, draft.since), dry=dry) as edit:
        before = read_rotations(edit.tx, line=draft.line, name=draft.name)
        going_on = [old for old in before if _is_real(old) and (old.until is None or old.until > draft.since)]
        if going_on:
            raise UsageError(
                f"{draft.line} has a rotation {draft.name!r} already, from {going_on[0].since} on: change it, end it "
                "before, or give this one another name"
            )
        if not draft.name.strip() or len(draft.name) > LONGEST_NAME:
            raise UsageError(f"a rotation's name has 1 to {LONGEST_NAME} characters, not {len(draft.name.strip())}")
        new = _begin(edit, draft)
        remember(edit.tx, edit.id, {new.id: (new.since, new.until)})
        filling = materialise(edit)[name]
        shifts = _of(edit, name)
    return Made(new, edit.outcome, shifts, filling.unheld, filling.staying)


def change(
    desk: Desk, name: Name, since: date, changes: Mapping[str, Any], actor: str, now: int, *, dry: bool = False
) -> Made:
    """From the local day `since` on the rotation is another, by its fields in `changes`; later versions are dropped.

    Turns go on as `rota.rotation.successor` says. Raises `UsageError` with what has to be mended.
    """
    strange = changes.keys() - CHANGEABLE
    if strange:
        raise UsageError(f"a rotation's {', '.join(sorted(strange))} can't be changed: end it, and add another")
    with editing(desk, KIND, actor, now, about=_about(name, since), dry=dry) as edit:
        old = _in_force(edit, name, since)
        try:
            draft = successor(old, since, changes)
        except RotaError as error:
            raise UsageError(str(error)) from error
        untils = _cease(edit, name, since)
        new = _begin(edit, draft)
        remember(edit.tx, edit.id, {**untils, new.id: (since, None)})
        filling = materialise(edit)[name]
        shifts = _of(edit, name)
    return Made(new, edit.outcome, shifts, filling.unheld, filling.staying)


def end(desk: Desk, name: Name, since: date, actor: str, now: int, *, dry: bool = False) -> Made:
    """The rotation makes no shift that begins on the local day `since` or later. Raises `UsageError`."""
    with editing(desk, KIND, actor, now, about=_about(name, since), dry=dry) as edit:
        old = _in_force(edit, name, since)
        _refuse_past(edit, old.line, since)
        remember(edit.tx, edit.id, _cease(edit, name, since))
        filling = materialise(edit)[name]
        shifts = _of(edit, name)
    return Made(replace(old, until=since), edit.outcome, shifts, filling.unheld, filling.staying)


def _about(name: Name, since: date) -> dict[str, object]:
    return {"line": name[0], "rotation": name[1], "since": since.isoformat()}


def _is_real(version: Rotation) -> bool:
    """Whether it is in force on any day."""
    return version.until is None or version.since < version.until


def _in_force(edit: Edit, name: Name, since: date) -> Rotation:
    """The version that speaks for that day, or the first to come."""
    line, own = name
    versions = read_rotations(edit.tx, line=line, name=own)
    if not versions:
        there = sorted({rotation.name for rotation in read_rotations(edit.tx, line=line)})
        raise UsageError(f"{line} has no rotation {own!r}; it has: {', '.join(there) or 'none yet'}")
    real = [version for version in versions if _is_real(version) and (version.until is None or since < version.until)]
    if not real:
        raise UsageError(f"rotation {own!r} of {line} has ended by {since}: add it again, if it is to go on")
    return min(real, key=lambda version: version.since)


def _cease(edit: Edit, name: Name, since: date) -> Untils:
    """No version is in force from that day on."""
    untils: Untils = {}
    for version in read_rotations(edit.tx, line=name[0], name=name[1]):
        until = max(version.since, since)
        if version.until is None or version.until > until:
            last_until(edit.tx, version.id, until)
            untils[version.id] = (version.until, until)
    return untils


def _begin(edit: Edit, draft: Rotation) -> Rotation:
    """Writes the version, once it has been looked at."""
    _refuse_past(edit, draft.line, draft.since)
    unknown = sorted(set(draft.people) - edit.staff.keys())
    if unknown:
        raise UsageError(f"nobody has the number {unknown[0]}: name people that there are")
    first = local_to_utc(datetime.combine(draft.since, time()), edit.desk.lines[draft.line].zone)
    for person in (edit.staff[number] for number in dict.fromkeys(draft.people)):
        if not person.may_hold(draft.tier):
            raise UsageError(
                f"{person.name} may not hold tier {draft.tier}: leave them out, or change the tiers they may hold"
            )
        if person.left is not None and person.left <= first:
            raise UsageError(f"{person.name} has left by {draft.since}: leave them out")
    return begin(edit.tx, draft)


def _refuse_past(edit: Edit, line: str, since: date) -> None:
    today = edit.desk.lines[line].local(edit.now).date()
    if since < today:
        raise UsageError(f"{since} is past, and the past doesn't change: write {today} or a later day")


def _of(edit: Edit, name: Name) -> tuple[Shift, ...]:
    """The shifts to come that stem from any of its versions."""
    ids = {version.id for version in read_rotations(edit.tx, line=name[0], name=name[1])}
    return tuple(shift for shift in standing(edit.shifts) if shift.rotation in ids and shift.start >= edit.now)

"""Rotations as they are stored: versions that are never changed, but for the day up to which they are in force."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, time
from typing import Literal, cast

from sqlalchemy import Connection, func, insert, select, update

from helpline.errors import UsageError
from helpline.store.rota_tables import RotaEdit
from helpline.store.rota_tables import Rotation as Row
from rota.staff import Rotation

Untils = dict[int, tuple[date | None, date | None]]
"""What an edit did to versions: the day up to which each was in force before, and is now (None: for good).

Before it was begun, a new version was in force up to its first day: not at all.
"""


def read_rotations(connection: Connection, *, line: str | None = None, name: str | None = None) -> list[Rotation]:
    """Every version, or those of a line, or of one rotation; by line, name and version."""
    wanted = select(*Row.__table__.c).order_by(Row.line, Row.name, Row.version)
    if line is not None:
        wanted = wanted.where(Row.line == line)
    if name is not None:
        wanted = wanted.where(Row.name == name)
    return [
        Rotation(
            row.id,
            row.line,
            row.tier,
            row.name,
            row.version,
            frozenset(map(int, row.days.split())),
            _time(row.starts),
            _time(row.ends),
            cast("Literal['day', 'week', 'month']", row.unit),
            row.every,
            date.fromisoformat(row.anchor),
            tuple(map(int, row.people.split())),
            date.fromisoformat(row.since),
            _day(row.until),
        )
        for row in connection.execute(wanted)
    ]


def begin(tx: Connection, new: Rotation) -> Rotation:
    """Writes a new version, numbered after those there are."""
    of_it = (Row.line == new.line, Row.name == new.name)
    version = (tx.scalar(select(func.max(Row.version)).where(*of_it)) or 0) + 1
    values = {
        "line": new.line,
        "tier": new.tier,
        "name": new.name,
        "version": version,
        "days": " ".join(map(str, sorted(new.days))),
        "starts": new.starts.hour * 60 + new.starts.minute,
        "ends": new.ends.hour * 60 + new.ends.minute,
        "unit": new.unit,
        "every": new.every,
        "anchor": new.anchor.isoformat(),
        "people": " ".join(map(str, new.people)),
        "since": new.since.isoformat(),
        "until": new.until and new.until.isoformat(),
    }
    return replace(new, id=tx.execute(insert(Row).returning(Row.id), values).scalar_one(), version=version)


def last_until(tx: Connection, number: int, until: date | None) -> None:
    """Sets the day up to which a version is in force."""
    tx.execute(update(Row).where(Row.id == number).values(until=until and until.isoformat()))


def remember(tx: Connection, edit: int, untils: Untils) -> None:
    """Keeps with an edit what it did to versions, so that it can be undone."""
    about = json.loads(tx.execute(select(RotaEdit.about).where(RotaEdit.id == edit)).scalar_one())
    about["untils"] = {str(number): [day and day.isoformat() for day in pair] for number, pair in untils.items()}
    tx.execute(update(RotaEdit).where(RotaEdit.id == edit).values(about=json.dumps(about)))


def take_back(tx: Connection, about: Mapping[str, object], edit: int, today: Callable[[str], date]) -> bool:
    """Puts versions back as they were before an edit that is `about` them, from a line's `today` on; whether it was.

    What this in turn did is kept with the edit of the number `edit`. Raises `UsageError` when a version has been
    changed since.
    """
    told = cast("Mapping[str, list[str]]", about.get("untils") or {})
    found = {rotation.id: rotation for rotation in read_rotations(tx)}
    done: Untils = {}
    for key, (before_text, after_text) in told.items():
        rotation, before, after = found[int(key)], _day(before_text), _day(after_text)
        if rotation.until != after:
            raise UsageError(f"rotation {rotation.name!r} has been changed since: undo the later change first")
        day = today(rotation.line)
        if _later(before, after):
            if after is not None and after < day:
                # Its time is over, and another's was in between: it goes on as a new version.
                new = begin(tx, replace(rotation, since=day, until=before))
                done[new.id] = (day, before)
                continue
            until = before
        else:
            until = max(before or day, day if after is None else min(day, after))
        last_until(tx, rotation.id, until)
        done[rotation.id] = (rotation.until, until)
    if done:
        remember(tx, edit, done)
    return bool(done)


def _later(one: date | None, other: date | None) -> bool:
    return other is not None and (one is None or one > other)


def _time(minutes: int) -> time:
    return time(*divmod(minutes, 60))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

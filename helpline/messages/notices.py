"""What psychologists and coordinators are to be told: written in the transaction that makes it true, sent later."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Connection

from helpline.store.dialect import InsertOnce
from helpline.store.rota_tables import Notice
from rota.edit import Difference, Done

_wanted = InsertOnce(Notice)


def moved(tx: Connection, edit: int, done: Done, differences: Iterable[Difference], now: int) -> None:
    """Everybody who is on call otherwise by published shifts that an edit made, took or shortened hears of it, once."""
    concerned = {(person, each.line) for each in differences for person in (*each.gone, *each.come)}
    told: dict[tuple[int, str], list[int]] = {}
    for shift in (*done.cancelled, *done.added):
        if shift.person is None or (shift.person, shift.line) not in concerned:
            continue
        if shift.status == "published" and shift.end > now:
            told.setdefault((shift.person, shift.line), []).append(shift.id)
    for (person, line), shifts in sorted(told.items()):
        values = {
            "key": f"moved:{edit}:{person}:{line}",
            "kind": "moved",
            "line": line,
            "person": person,
            "about": json.dumps({"edit": edit, "shifts": shifts}),
            "due_at": now,
            "state": "wanted",
        }
        _wanted(tx, values)

"""What people asked for is kept beside the shifts it changed, and ends with them: overrides, swaps, absences."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from helpline.errors import UsageError
from helpline.store.rota_tables import Absence, CoverageRule, Override, RotaEdit, Swap
from helpline.store.tables import Person

KEPT = frozenset({"override", "absence", "leave", "swap", "rule", "rule-end"})
"""The kinds of edits that have a row of their own, which undoing ends for good."""


def refuse_undo(tx: Connection, row: Row[Any]) -> None:
    """Raises `UsageError` for an edit (a row of `rota_edits`) that has its own way back."""
    about = json.loads(row.about)
    if row.kind == "absence-end":
        raise UsageError(f"edit {row.id} ended an absence and changed no shifts: add the absence anew instead")
    if row.kind == "person":
        raise UsageError(f"edit {row.id} changed somebody's details, which aren't kept: change them again")
    if row.kind == "swap" and row.done == "{}":
        raise UsageError(
            f"edit {row.id} changed no shifts: take it back with 'helpline rota swap withdraw {about['swap']}'"
        )
    if row.kind == "undo":
        first = tx.execute(select(RotaEdit.kind, RotaEdit.about).where(RotaEdit.id == about["edit"])).one()
        if first.kind in KEPT or json.loads(first.about).get("absences"):
            raise UsageError(
                f"edit {row.id} took back edit {about['edit']}, the kind {first.kind!r}: make it anew instead"
            )


def end_request(tx: Connection, row: Row[Any]) -> None:
    """What was kept of an edit that is being undone ends: an override and an absence are deleted, a swap is void.

    Whoever was to leave is there again. Raises `UsageError` when somebody's leaving has been changed since.
    """
    about = json.loads(row.about)
    match row.kind:
        case "override":
            tx.execute(delete(Override).where(Override.edit == row.id))
        case "swap":
            tx.execute(update(Swap).where(Swap.edit == row.id, Swap.state == "done").values(state="void"))
        case "absence" | "import":
            tx.execute(delete(Absence).where(Absence.id.in_(about.get("absences", ()))))
        case "rule":
            tx.execute(delete(CoverageRule).where(CoverageRule.id == about["rule"]))
        case "rule-end":
            tx.execute(update(CoverageRule).where(CoverageRule.id == about["rule"]).values(until=about["was"]))
        case "leave":
            since = update(Person).where(
                Person.id == about["person"],
                Person.left_at.is_(None) if about["at"] is None else Person.left_at == about["at"],
            )
            if not tx.execute(since.values(left_at=about["was"])).rowcount:
                raise UsageError(f"edit {row.id} can't be undone: when they leave has been changed since")

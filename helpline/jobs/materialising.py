"""Hourly: rotations become shifts 180 days ahead, and open seats are given back to whose turn it is when they can."""

from __future__ import annotations

from helpline.shifts.editing import Desk, editing
from helpline.shifts.horizon import is_behind, materialise

ACTOR = "job"


def run(desk: Desk, now: int) -> int:
    """How many shifts were added or cancelled. Where nothing is to be done, nothing is written."""
    with desk.store.read() as connection:
        if not is_behind(connection, desk, now):
            return 0
    with editing(desk, "horizon", ACTOR, now) as edit:
        materialise(edit)
    return len(edit.change.add) + len(edit.change.cancel)

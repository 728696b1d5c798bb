"""Daily: the quarter before this one is written into the fairness ledger once it is over."""

from __future__ import annotations

from helpline.errors import UsageError
from helpline.lines import Line
from helpline.shifts.editing import Desk
from helpline.shifts.fairness import close


def run(desk: Desk, now: int) -> int:
    """Closes it on every line; how many were closed now. Idempotent.

    Soon after its end, because absences are forgotten after ninety days and shares go by them.
    """
    return sum(_closed(desk, line, now) for line in desk.lines.values())


def _closed(desk: Desk, line: Line, now: int) -> bool:
    today = line.local(now)
    year, number = (today.year, (today.month - 1) // 3) if today.month > 3 else (today.year - 1, 4)
    try:
        return close(desk, line, f"{year}-Q{number}", now) is not None
    except UsageError:
        return False  # its last shift still goes on, so tomorrow; or nobody was on call, so never

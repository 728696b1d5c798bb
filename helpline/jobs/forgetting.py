"""Daily: what was kept of edits for a time goes when that is over (docs/anonymity.md says when)."""

from __future__ import annotations

from sqlalchemy import delete

from helpline.store.directory_tables import DirectoryEdit
from helpline.store.rota_tables import Absence, Notice, Override, Proposal, RotaEdit, Swap
from helpline.store.sessions import Store
from rota.staff import DAY

SEASON = 90 * DAY
YEAR = 365 * DAY
KEPT = (
    (Absence.ends_at, SEASON),
    (Notice.due_at, SEASON),
    (DirectoryEdit.at, YEAR),
    (Override.ends_at, YEAR),
    (Proposal.at, YEAR),
    (RotaEdit.at, YEAR),
    (Swap.at, YEAR),
)
"""From which of its instants on a row is kept, and for how many seconds."""


def run(store: Store, now: int) -> int:
    """Deletes what is past its time at `now` (UTC seconds); how many rows."""
    with store.durable() as tx:
        return sum(tx.execute(delete(since.class_).where(since <= now - kept)).rowcount for since, kept in KEPT)

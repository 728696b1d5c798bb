"""Every five minutes: sessions and invitations that are over go, and when somebody proved who they are is forgotten."""

from __future__ import annotations

from helpline.accounts import invitations, sessions
from helpline.store.sessions import Store


def run(store: Store, now: int) -> int:
    """Deletes what is over at `now` (UTC seconds); how many rows."""
    with store.durable() as tx:
        return sessions.sweep(tx, now) + invitations.sweep(tx, now)

"""Every minute: what was deleted goes from the database's files, as far as a client can see to it.

On SQLite the write-ahead log is folded into the database and cut: `secure_delete` overwrites deleted rows in the file,
and the log would keep them readable until it is reused. PostgreSQL keeps deleted rows until they are vacuumed, and does
so by itself from some dozens on: in a small table after months. Its own log of writes is the operator's to protect
(`docs/anonymity.md`).
"""

from __future__ import annotations

from helpline.store.sessions import Store

PASSING = ("callbacks", "legs", "live_calls", "erasures", "wrap_ups", "pool")
"""Tables whose rows are of a call, and go."""


def run(store: Store) -> bool:
    """Whether the log is empty now: a reader in the middle of something leaves it for the next minute."""
    if not store.is_sqlite:
        with store.single() as connection:
            for name in PASSING:
                connection.exec_driver_sql(f"VACUUM {name}")
        return True
    with store.read() as connection:
        busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    return not busy

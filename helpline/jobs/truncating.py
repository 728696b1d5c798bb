"""Every minute, on SQLite: the write-ahead log is folded into the database and cut.

`secure_delete` overwrites deleted rows in the database file; the log would keep them readable until it is reused.
"""

from __future__ import annotations

from helpline.store.sessions import Store


def run(store: Store) -> bool:
    """Whether the log is empty now: a reader in the middle of something leaves it for the next minute."""
    if not store.is_sqlite:
        return True
    with store.read() as connection:
        busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    return not busy

"""The directory as it stands in the database, and the last of it that a process has seen."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Iterator

from sqlalchemy import Connection, Row, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from helpline.directory.entries import OUT_OF_DATE, Audience, Cost, Entry, Kind
from helpline.store.directory_tables import DirectoryEntry
from helpline.store.sessions import Store
from ivr_flows.model import LANGUAGES

log = logging.getLogger(__name__)
FRESH_SECONDS = 30
"""How long a process goes on with what it has read."""
_ALL = select(*DirectoryEntry.__table__.c).order_by(DirectoryEntry.key)


def read_all(connection: Connection) -> tuple[Entry, ...]:
    """Every entry, by key."""
    return tuple(_entry(row) for row in connection.execute(_ALL))


def read_one(connection: Connection, key: str) -> Entry | None:
    """One of them."""
    row = connection.execute(_ALL.where(DirectoryEntry.key == key)).first()
    return None if row is None else _entry(row)


def count_stale(connection: Connection, today: dt.date) -> int:
    """How many entries are `out_of_date`."""
    verified = DirectoryEntry.verified
    stale = or_(verified.is_(None), verified < (today - OUT_OF_DATE).isoformat())
    return connection.execute(select(func.count()).select_from(DirectoryEntry).where(stale)).scalar_one()


class Shelf:
    """What this process last read: a caller who asks for help gets it whatever becomes of the database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._entries: tuple[Entry, ...] = ()
        self._read_at: float | None = None
        self._lock = threading.Lock()

    def entries(self, now: float) -> tuple[Entry, ...]:
        """Every entry, as of at most `FRESH_SECONDS` before `now` (UTC seconds), or older while nobody can read."""
        if self._read_at is not None and 0 <= now - self._read_at < FRESH_SECONDS:
            return self._entries
        try:
            with self._store.read() as connection:
                found = tuple(_readable(connection))
        except SQLAlchemyError as error:
            log.error("directory.database", extra={"reason": type(error).__name__})
            return self._entries
        with self._lock:
            self._entries, self._read_at = found, now
        return found


def _readable(connection: Connection) -> Iterator[Entry]:
    """Every entry that this version understands: one that a newer version wrote takes nobody away from callers."""
    for row in connection.execute(_ALL):
        try:
            yield _entry(row)
        except ValueError:
            log.error("directory.unreadable", extra={"reason": row.key})


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    verified = row.verified
    return Entry(
        key=row.key,
        name=row.name,
        kind=Kind(row.kind),
        audiences=frozenset(map(Audience, row.audiences.split())),
        territories=tuple(row.territories.split()),
        languages=tuple(language for language in LANGUAGES if language in row.languages.split()),
        phone=row.phone,
        hours=row.hours,
        cost=Cost(row.cost),
        independent=row.independent,
        connect=row.connect,
        website=row.website,
        source=row.source,
        verified=dt.date.fromisoformat(verified) if verified else None,
    )

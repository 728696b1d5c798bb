"""The database: SQLite (WAL) or PostgreSQL behind one small door.

Three kinds of access. `read` is one autocommitted statement after another. `live` changes rows of calls in progress;
a call whose row is lost at a power cut starts its ring again from its sealed URL. `durable` changes whatever is
counted, recorded, edited or promised, and is on disk when it returns.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.exc import OperationalError

from helpline.errors import ConfigError

BUSY_SECONDS = 5
"""How long a SQLite writer waits for another."""


class Store:
    """Engines for one database. `url` is an SQLAlchemy URL, `sqlite:///...` or `postgresql+psycopg://...`."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            self._single = _sqlite(parsed, synchronous="NORMAL", begin=None)
            self._live = _sqlite(parsed, synchronous="NORMAL", begin="BEGIN IMMEDIATE")
            self._durable = _sqlite(parsed, synchronous="FULL", begin="BEGIN IMMEDIATE")
        elif parsed.get_backend_name() == "postgresql":
            self._durable = _postgresql(parsed)
            self._live = _postgresql(parsed, options="-c synchronous_commit=off")
            self._single = _postgresql(parsed, options="-c synchronous_commit=off", isolation_level="AUTOCOMMIT")
        else:
            raise ConfigError("database_url", (f"{parsed.get_backend_name()!r} can't be used: sqlite or postgresql",))

    @property
    def engine(self) -> Engine:
        """For migrations, and for tests that look at everything."""
        return self._durable

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self._durable.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Statements that only read."""
        with self._single.connect() as connection:
            yield connection

    @contextmanager
    def single(self) -> Iterator[Connection]:
        """Changes to calls in progress that are one statement each: no round trip to begin and none to commit."""
        with self._single.connect() as connection:
            yield connection

    @contextmanager
    def live(self) -> Iterator[Connection]:
        """One transaction over calls in progress."""
        with self._live.begin() as connection:
            yield connection

    @contextmanager
    def durable(self) -> Iterator[Connection]:
        """One transaction over what must survive a power cut."""
        with self._durable.begin() as connection:
            yield connection

    def close(self) -> None:
        """Gives every connection back."""
        for engine in (self._single, self._live, self._durable):
            engine.dispose()


def _postgresql(url: URL, *, options: str = "", isolation_level: IsolationLevel = "READ COMMITTED") -> Engine:
    return create_engine(
        url,
        pool_size=8,
        max_overflow=8,
        pool_timeout=2,
        hide_parameters=True,
        isolation_level=isolation_level,
        connect_args={"options": options},
    )


def _sqlite(url: URL, *, synchronous: str, begin: str | None) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": BUSY_SECONDS}, pool_size=8, max_overflow=8, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own BEGINs are deferred, and a deferred upgrade fails "locked" despite the busy timeout.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    if begin is not None:

        @event.listens_for(engine, "begin")
        def _begun(connection: Connection) -> None:
            # Past SQLAlchemy's own execution, which costs as much as the statement does.
            driver: Any = connection.connection.driver_connection
            try:
                driver.execute(begin)
            except sqlite3.Error as error:
                raise OperationalError(begin, None, error) from error

    return engine

"""The database: SQLite (WAL) or PostgreSQL behind one small door.

Three kinds of access. `read` is one autocommitted statement after another. `live` changes rows of calls in progress;
a call whose row is lost at a power cut starts its ring again from its sealed URL. `durable` changes whatever is
counted, recorded, edited or promised, and is on disk when it returns.

Whoever has a deadline (`helpline.store.deadline`) gets an answer or an error by then, and an error at once while the
database is known to be down. After such an error a commit, or a statement of `single`, may have been carried out.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from helpline.errors import ConfigError
from helpline.store.breaker import Breaker
from helpline.store.deadline import remaining, within

if TYPE_CHECKING:
    from helpline.store.timed import TimedConnection

log = logging.getLogger(__name__)
BUSY_SECONDS = 5
"""How long a SQLite writer without a deadline waits for another."""
BUSY_STEP = 0.05
"""A SQLite connection is told how long to wait in such steps, rounded down: mostly it knows already."""
POOL = {"pool_size": 8, "max_overflow": 56, "pool_timeout": 0.5}
"""A thread uses one connection at a time, and `helpline serve` allows 64: nobody waits for a connection."""
IMMEDIATE = "BEGIN IMMEDIATE"
DOUBT_SECONDS = 0.15
"""How long to wait when somebody else has just waited in vain. They may have kept this one waiting, too."""
PATIENCE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""For who has no deadline, unless the URL says otherwise: a machine that vanished is noticed in half a minute."""


class StoreDown(OperationalError):  # noqa: N818 - it is what the store is
    """The database wasn't asked: it is known to be down, or no time is left."""

    def __init__(self, reason: str) -> None:
        super().__init__(None, None, Exception(reason))


class Store:
    """Engines for one database. `url` is an SQLAlchemy URL, `sqlite:///...` or `postgresql+psycopg://...`."""

    def __init__(self, url: str) -> None:
        # Two: a SQLite database that somebody keeps locked, or a full disk, can still be read.
        self._breakers = {"read": Breaker(), "write": Breaker()}
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            self._single = _sqlite(parsed, synchronous="NORMAL")
            self._live = _sqlite(parsed, synchronous="NORMAL")
            self._durable = _sqlite(parsed, synchronous="FULL")
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

    def read(self) -> AbstractContextManager[Connection]:
        """Statements that only read."""
        return self._asked(self._single, "read", whole=False)

    def single(self) -> AbstractContextManager[Connection]:
        """Changes to calls in progress that are one statement each: no round trip to begin and none to commit."""
        return self._asked(self._single, "write", whole=False)

    def live(self) -> AbstractContextManager[Connection]:
        """One transaction over calls in progress."""
        return self._asked(self._live, "write", whole=True)

    def durable(self) -> AbstractContextManager[Connection]:
        """One transaction over what must survive a power cut."""
        return self._asked(self._durable, "write", whole=True)

    @contextmanager
    def _asked(self, engine: Engine, kind: str, *, whole: bool) -> Iterator[Connection]:
        left = remaining()
        with (
            nullcontext() if left is None else self._watched(left, kind),
            engine.connect() as connection,
            connection.begin() if whole else nullcontext(),
        ):
            if self.is_sqlite:
                _begin(connection, whole=whole)
            yield connection

    @contextmanager
    def _watched(self, left: float, kind: str) -> Iterator[None]:
        """Asks only when there is hope of an answer, and remembers whether there was one."""
        # What can't be read can't be written, and what has been written could be read.
        mine = {name: self._breakers[name] for name in (kind, "read")}
        doubted = [breaker for breaker in self._breakers.values() if breaker.is_doubted]
        probes = any(breaker.is_open for breaker in mine.values())
        if not left or (doubted and not all(breaker.allows(time.monotonic()) for breaker in mine.values())):
            raise StoreDown("the database is down" if left else "no time is left")
        try:
            with within(DOUBT_SECONDS) if doubted and not probes else nullcontext():
                yield
        except SQLAlchemyError as error:
            if _is_down(error) and self._breakers[kind].failed(time.monotonic()):
                log.error("database.down", extra={"kind": kind})
            raise
        for name, breaker in mine.items():
            if breaker.worked():
                log.warning("database.back", extra={"kind": name})

    def close(self) -> None:
        """Gives every connection back."""
        for engine in (self._single, self._live, self._durable):
            engine.dispose()


def _is_down(error: SQLAlchemyError) -> bool:
    """Whether the database can't be used, as opposed to a statement that it refused."""
    if isinstance(error, DBAPIError) and str(getattr(error.orig, "sqlstate", "")).startswith("40"):
        return False  # of two transactions in each other's way, the one that was given up
    return isinstance(error, OperationalError | InterfaceError | NoConnectionLeft) and not isinstance(error, StoreDown)


def _postgresql(url: URL, *, options: str = "", isolation_level: IsolationLevel = "READ COMMITTED") -> Engine:
    from helpline.store.timed import Connector, check_open  # noqa: PLC0415 - who uses SQLite needn't load this driver

    connector = Connector()
    extra = {"options": options, **{key: value for key, value in PATIENCE.items() if key not in url.query}}

    def connect() -> TimedConnection:
        arguments, named = engine.dialect.create_connect_args(url)
        return connector.connect(*arguments, **{**named, **extra})

    engine = create_engine(url, creator=connect, hide_parameters=True, isolation_level=isolation_level, **POOL)

    @event.listens_for(engine, "checkout")
    def _checked_out(connection: TimedConnection, _record: object, _proxy: object) -> None:
        check_open(connection)

    return engine


class _BusyConnection(sqlite3.Connection):
    """A SQLite connection that remembers how long it waits for a lock."""

    waits: float = -1

    def wait_for_locks(self) -> None:
        """From now on as long as this thread may, in seconds."""
        left = remaining()
        seconds = BUSY_SECONDS if left is None else left // BUSY_STEP * BUSY_STEP
        if seconds != self.waits:
            self.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")
            self.waits = seconds

    def use_wal(self) -> None:
        """Makes a new database one that is read while it is written.

        SQLite waits for no lock here: of several processes that open a new database at once, some find it locked
        (13 of 450 connections, measured). The mode stays with the file, so that mostly it is asked for once ever.
        """
        end = time.monotonic() + self.waits
        while True:
            try:
                self.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                    raise
                time.sleep(0.01)
            else:
                return


def _sqlite(url: URL, *, synchronous: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"factory": _BusyConnection}, **POOL)

    @event.listens_for(engine, "connect")
    def _connected(connection: _BusyConnection, _record: object) -> None:
        connection.wait_for_locks()
        connection.isolation_level = None  # the driver's own BEGINs are deferred: see `_begin`
        connection.use_wal()
        # Nothing is sorted or grouped on disk: what figures are counted from may exist in memory only.
        for pragma in (f"synchronous={synchronous}", "foreign_keys=ON", "secure_delete=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _begin(connection: Connection, *, whole: bool) -> None:
    # Past SQLAlchemy: its own execution costs as much as the statement does, and an event makes all of them slower.
    driver: Any = connection.connection.driver_connection
    try:
        driver.wait_for_locks()
        if whole:
            # A deferred transaction that reads and then writes fails as locked despite the busy timeout.
            driver.execute(IMMEDIATE)
    except sqlite3.Error as error:
        raise OperationalError(IMMEDIATE, None, error) from error

"""Brings a database to this version's tables, and says when it isn't there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from helpline.errors import StoreError
from helpline.store.sessions import Store

ONE_AT_A_TIME = 4_823_001
"""PostgreSQL's advisory lock of whoever migrates: nodes may be started together. SQLite has one writer anyway."""


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without an ini file."""
    config = Config()
    config.set_main_option("script_location", "helpline:store/migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def head() -> str | None:
    """The newest revision this version knows."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def current(store: Store) -> str | None:
    """The revision of the database; None for an empty one. Raises `StoreError` when it can't be reached."""
    with _usable(store), store.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(store: Store, to: str = "head") -> None:
    """Upgrades (or, to an older revision, downgrades) the database in one transaction.

    Raises `StoreError` when it can't be reached, or is of a later version.
    """
    current(store)
    with store.durable() as connection:
        if not store.is_sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
        config = alembic_config(connection)
        known = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
        now = MigrationContext.configure(connection).get_current_revision()
        if now is not None and now not in known:
            raise _later(now)
        older = to != "head" and now is not None and (to == "base" or known.index(to) > known.index(now))
        (command.downgrade if older else command.upgrade)(config, to)


def require_current(store: Store) -> None:
    """Raises `StoreError` unless the database has this version's tables."""
    found, wanted = current(store), head()
    known = {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if found is not None and found not in known:
        raise _later(found)
    if found != wanted:
        raise StoreError(
            f"the database is at revision {found or 'none'}, this version needs {wanted}: run 'helpline migrate'"
        )


def _later(revision: str) -> StoreError:
    return StoreError(
        f"the database is at revision {revision}, which this version doesn't know: use the version that made it"
    )


@contextmanager
def _usable(store: Store) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        where = store.engine.url.render_as_string(hide_password=True)
        raise StoreError(f"the database can't be used: {where}: {_reason(error)}") from error


def _reason(error: SQLAlchemyError) -> str:
    return str(error.orig).strip() if isinstance(error, DBAPIError) else type(error).__name__

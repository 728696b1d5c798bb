"""Brings a database to this version's tables, and says when it isn't there."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from helpline.errors import StoreError
from helpline.store.sessions import Store


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
    """The revision of the database; None for an empty one."""
    with store.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(store: Store, to: str = "head") -> None:
    """Upgrades (or, to an older revision, downgrades) the database in one transaction."""
    with store.durable() as connection:
        config = alembic_config(connection)
        known = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
        now = MigrationContext.configure(connection).get_current_revision()
        older = to != "head" and now is not None and (to == "base" or known.index(to) > known.index(now))
        (command.downgrade if older else command.upgrade)(config, to)


def require_current(store: Store) -> None:
    """Raises `StoreError` unless the database has this version's tables."""
    found, wanted = current(store), head()
    if found != wanted:
        raise StoreError(
            f"the database is at revision {found or 'none'}, this version needs {wanted}: run 'helpline migrate'"
        )

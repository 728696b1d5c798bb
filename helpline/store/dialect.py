"""`INSERT ... ON CONFLICT`, which both databases know and SQLAlchemy spells once for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from helpline.store.tables import Base


class InsertOnce:
    """Inserts a row unless a unique index refuses it."""

    def __init__(self, table: type[Base]) -> None:
        # Without this option the count of an INSERT isn't kept: PostgreSQL's driver says -1 and no row ever "went in".
        kept = {"preserve_rowcount": True}
        self._statements: Mapping[str, Insert] = {
            "sqlite": sqlite.insert(table).on_conflict_do_nothing().execution_options(**kept),
            "postgresql": postgresql.insert(table).on_conflict_do_nothing().execution_options(**kept),
        }

    def __call__(self, connection: Connection, values: Mapping[str, Any]) -> bool:
        """Whether this row went in."""
        return connection.execute(self._statements[connection.dialect.name], values).rowcount == 1

    def each(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Every row that no unique index refuses."""
        connection.execute(self._statements[connection.dialect.name], list(rows))


class AddUp:
    """Inserts a row of counters, or adds to the one that is there: `keys` identify it, `sums` grow."""

    def __init__(self, table: type[Base], keys: Sequence[str], sums: Sequence[str]) -> None:
        self._statements: dict[str, Insert] = {}
        for dialect in (sqlite, postgresql):
            insert: Any = dialect.insert(table)
            grown = {name: table.__table__.c[name] + insert.excluded[name] for name in sums}
            statement = insert.on_conflict_do_update(index_elements=list(keys), set_=grown)
            self._statements["sqlite" if dialect is sqlite else "postgresql"] = statement

    def __call__(self, connection: Connection, values: Mapping[str, Any]) -> None:
        """Counts."""
        connection.execute(self._statements[connection.dialect.name], values)


def changed(connection: Connection, statement: Update, values: Mapping[str, Any]) -> bool:
    """Whether exactly one row was as `statement` expected it, and now is as it says."""
    return bool(connection.execute(statement, values).rowcount == 1)

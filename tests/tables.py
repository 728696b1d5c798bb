"""This version's tables in an empty database. Migrating takes longer than a whole call: it is done once, and kept."""

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, column, insert, table

from helpline.store.migrate import migrate
from helpline.store.sessions import Store
from tests.database import KEPT, MADE

SHAPE = """
    SELECT relname, relkind, relnatts, relchecks, coalesce(pg_get_indexdef(i.indexrelid), '')
    FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
    WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = %s) ORDER BY relname
"""


class Made(NamedTuple):
    """What migrating made of an empty database: tables and indexes, and the rows that it wrote."""

    shape: list[tuple[Any, ...]]
    rows: dict[str, list[dict[str, Any]]]


_made: dict[str, Made] = {}
"""By database. One that this process didn't make is made anew."""


def make_tables(store: Store) -> None:
    """Gives an empty database whatever `migrate` makes there."""
    if store.is_sqlite:
        Path(str(store.engine.url.database)).write_bytes(_migrated())
    elif not _taken_up_again(store):
        migrate(store)
        with store.durable() as tx:
            tx.exec_driver_sql(f"COMMENT ON SCHEMA public IS '{MADE}'")
            shape = _shape(tx, "public")
            _made[str(store.engine.url)] = Made(shape, {name: _rows(tx, name) for name in _tables(shape)})


@cache
def _migrated() -> bytes:
    """A SQLite database with this version's tables, as a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.sqlite3"
        store = Store(f"sqlite:///{path}")
        migrate(store)
        store.close()
        return path.read_bytes()


def _taken_up_again(store: Store) -> bool:
    """Whether the tables of an earlier test were to be had, as they were made; then they are here, and as empty."""
    made = _made.get(str(store.engine.url))
    with store.durable() as tx:
        if made is None or _shape(tx, KEPT) != made.shape:
            return False
        tx.exec_driver_sql("DROP SCHEMA public")
        tx.exec_driver_sql(f"ALTER SCHEMA {KEPT} RENAME TO public")
        tx.exec_driver_sql(f"TRUNCATE {', '.join(_tables(made.shape))} RESTART IDENTITY")
        for name, rows in made.rows.items():
            if rows:
                tx.execute(insert(table(name, *map(column, rows[0]))), rows)
    return True


def _shape(tx: Connection, schema: str) -> list[tuple[Any, ...]]:
    # An index's definition names its schema.
    rows = tx.exec_driver_sql(SHAPE, (schema,))
    return [tuple(str(value).replace(f"{schema}.", "") for value in row) for row in rows]


def _tables(shape: Sequence[tuple[Any, ...]]) -> list[str]:
    return [name for name, kind, *_ in shape if kind == "r"]


def _rows(tx: Connection, name: str) -> list[dict[str, Any]]:
    return [dict(row) for row in tx.exec_driver_sql(f"SELECT * FROM {name}").mappings()]  # noqa: S608 - a table's name

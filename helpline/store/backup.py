"""A copy of the database to keep elsewhere, without what may not outlive its purpose.

What is deleted here within minutes, hours or days would stay in every backup that caught it. And two copies of the
pool, subtracted, would tell which reasons were coded between them: a day's one call and its reason.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from helpline.errors import UsageError
from helpline.store.sessions import Store

LEFT_OUT = ("callbacks", "live_calls", "legs", "erasures", "pool", "wrap_ups", "invitations", "sessions")
"""Tables of which a copy has no row. Whoever goes back to one loses what waited to be coded or to enter the records,
and callbacks that were promised; whoever was signed in signs in again. Reconciliation finds what the carrier still has
to erase: calls of the last quarter of an hour before the copy, which it counts once more."""


def back_up(store: Store, target: Path) -> None:
    """Writes the copy to `target`, for its owner alone; calls go on meanwhile.

    Raises `UsageError` when there is something already, when it can't be copied (nothing is left then), or for
    PostgreSQL, which has a program for it.
    """
    if not store.is_sqlite:
        tables = " ".join(f"--exclude-table-data={name}" for name in LEFT_OUT)
        raise UsageError(f"a PostgreSQL database is copied by its own program: pg_dump --format=custom {tables}")
    with _made(target) as made:
        try:
            with store.read() as connection:
                connection.exec_driver_sql("VACUUM INTO ?", (str(made),))
            _take_out(made)
        except (sqlite3.Error, SQLAlchemyError) as error:
            raise UsageError(f"the database can't be copied: {error}") from error


def _take_out(made: Path) -> None:
    with closing(sqlite3.connect(made, isolation_level=None)) as copy:
        # Overwritten, and not put into a journal beside it.
        copy.execute("PRAGMA journal_mode=OFF")
        copy.execute("PRAGMA secure_delete=ON")
        for name in LEFT_OUT:
            copy.execute(f"DELETE FROM {name}")  # noqa: S608 - one of our tables
        copy.execute("VACUUM")
        if copy.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
            raise sqlite3.DatabaseError("the copy is damaged, and so the database may be")


@contextmanager
def _made(target: Path) -> Iterator[Path]:
    """An empty file beside `target` that becomes it once all has gone well, and is removed if not."""
    if target.exists():
        raise UsageError(f"{target} is there already: choose another name, or remove it")
    beside = target.with_name(f"{target.name}.part")
    try:
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        raise UsageError(f"{beside} is left of a backup that was interrupted: remove it") from error
    try:
        yield beside
        beside.rename(target)
    finally:
        beside.unlink(missing_ok=True)

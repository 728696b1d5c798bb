"""A copy to keep elsewhere: everything that lasts, and nothing of what doesn't."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert

from helpline.errors import UsageError
from helpline.figures import records
from helpline.figures.records import Coding
from helpline.store.backup import LEFT_OUT, back_up
from helpline.store.erasures import erase_later
from helpline.store.migrate import require_current
from helpline.store.sessions import Store
from helpline.store.tables import Base, Erasure, HourlyCount, LiveCall, Pooled, WrapUp
from tests.shell import ALIX, NOON, lines_in, live_call, opened, put_live, rows_of

CANARY = "CA-canary-that-sings-in-a-backup"
COUNTED = {"line": "france", "hour": NOON, "outcome": "answered", "wait_band": "", "n": 3}


def tables_of(file: Path) -> dict[str, int]:
    """Rows by table."""
    with closing(sqlite3.connect(file)) as copy:
        names = [name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: copy.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}  # noqa: S608


def test_what_passes_is_not_in_a_copy(sqlite_url: str, tmp_path: Path) -> None:
    """A call in progress or to be erased, what waits to be coded, or was coded: neither as rows nor as bytes."""
    line, target = lines_in(tmp_path)["france"], tmp_path / "copy.db"
    with opened(sqlite_url) as store:
        put_live(store, [live_call(carrier_id=CANARY)])
        with store.durable() as tx:
            erase_later(tx, f"{CANARY}-over", NOON)
            tx.execute(insert(HourlyCount), COUNTED)
            for _ in range(2):
                records.expect(tx, line, ALIX, NOON, 900, NOON)
            records.code_one(tx, line, ALIX, Coding(reasons=("bereavement",)))
        back_up(store, target)
        assert all(rows_of(store, table) for table in (Erasure, LiveCall, Pooled, WrapUp))
    copied = tables_of(target)
    assert {name: copied[name] for name in LEFT_OUT} == dict.fromkeys(LEFT_OUT, 0)
    assert copied["hourly_counts"] == 1
    assert not [word for word in (CANARY.encode(), b"bereavement") if word in target.read_bytes()]


def test_a_copy_is_a_database_of_this_version(sqlite_url: str, tmp_path: Path) -> None:
    """For its owner alone, and a service starts from it."""
    target = tmp_path / "copy.db"
    with opened(sqlite_url) as store:
        back_up(store, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    copy = Store(f"sqlite:///{target}")
    try:
        require_current(copy)
    finally:
        copy.close()
    assert not [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")]


@pytest.mark.parametrize("name", ["copy.db", "copy.db.part"])
def test_nothing_is_written_over(sqlite_url: str, tmp_path: Path, name: str) -> None:
    """Neither a copy nor what is left of one; what to do is said."""
    (tmp_path / name).write_text("mine")
    with opened(sqlite_url) as store, pytest.raises(UsageError, match="remove it"):
        back_up(store, tmp_path / "copy.db")
    assert (tmp_path / name).read_text() == "mine"
    assert len([path for path in tmp_path.iterdir() if path.name.startswith("copy")]) == 1


def test_a_copy_that_fails_leaves_nothing(sqlite_url: str, tmp_path: Path) -> None:
    """Half a copy would hold what is taken out last."""
    with opened(sqlite_url) as store:
        with store.durable() as tx:
            tx.exec_driver_sql("DROP TABLE pool")
        with pytest.raises(UsageError, match="no such table: pool"):
            back_up(store, tmp_path / "copy.db")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("copy")]


def test_postgresql_has_a_program_for_it(postgres_url: str, tmp_path: Path) -> None:
    """Which is told what to leave out."""
    with opened(postgres_url) as store, pytest.raises(UsageError, match="--exclude-table-data=pool"):
        back_up(store, tmp_path / "copy.db")


def test_whatever_is_sealed_or_waits_is_left_out() -> None:
    """A table with a sealed number can't be forgotten here."""
    sealed = {table.name for table in Base.metadata.tables.values() if "sealed" in table.c}
    assert sealed | {"pool", "wrap_ups"} <= set(LEFT_OUT) <= set(Base.metadata.tables)

"""Deleting means deleting: what is deleted can't be read in the files of the database any more."""

from pathlib import Path

import pytest
from sqlalchemy import delete, insert, text

from helpline.jobs import truncating
from helpline.store.sessions import Store
from helpline.store.tables import LiveCall
from tests.database import PostgresServer
from tests.shell import live_call, opened, put_live

CANARY = "CA-canary-that-sings-in-the-log"


def sings(folder: Path) -> set[str]:
    """The files in which the canary can be read."""
    return {path.name for path in folder.iterdir() if CANARY.encode() in path.read_bytes()}


def live_and_die(store: Store) -> None:
    """A call comes and goes."""
    put_live(store, [live_call(carrier_id=CANARY)])
    with store.live() as tx:
        tx.execute(delete(LiveCall))


def test_a_deleted_call_cannot_be_read_any_more(sqlite_url: str, tmp_path: Path) -> None:
    """Before the job runs it still sings in the log beside the database; afterwards nowhere."""
    with opened(sqlite_url) as store:
        live_and_die(store)
        assert sings(tmp_path) == {"helpline.db-wal"}
        assert truncating.run(store)
        assert sings(tmp_path) == set()
        assert (tmp_path / "helpline.db-wal").stat().st_size == 0


def test_a_call_that_reached_the_database_cannot_be_read_either(sqlite_url: str, tmp_path: Path) -> None:
    """Folded in while it was alive, its bytes are overwritten when it is deleted."""
    with opened(sqlite_url) as store:
        put_live(store, [live_call(carrier_id=CANARY)])
        assert truncating.run(store)
        assert sings(tmp_path) == {"helpline.db"}
        with store.live() as tx:
            tx.execute(delete(LiveCall))
        assert truncating.run(store)
        assert sings(tmp_path) == set()


def test_a_reader_in_the_middle_puts_it_off(sqlite_url: str, tmp_path: Path) -> None:
    """Until the next minute; the job says so, and waits for nobody long."""
    with opened(sqlite_url) as store:
        with store.read() as reader:
            reader.exec_driver_sql("BEGIN")
            reader.execute(text("SELECT count(*) FROM live_calls"))
            live_and_die(store)
            with store.read() as connection:
                connection.exec_driver_sql("PRAGMA busy_timeout = 10")
            assert not truncating.run(store)
            reader.exec_driver_sql("COMMIT")
        assert truncating.run(store)
        assert sings(tmp_path) == set()


def test_it_goes_on_beside_the_calls(sqlite_url: str) -> None:
    """Calls are written before and after it as if nothing had been."""
    with opened(sqlite_url) as store:
        for number in range(3):
            with store.live() as tx:
                tx.execute(insert(LiveCall), live_call(f"call{number}"))
            assert truncating.run(store)


@pytest.mark.slow
def test_a_deleted_call_is_not_in_the_files_of_postgresql(postgres_server: PostgresServer) -> None:
    """It would be there until fifty others are gone as well; the server's own log is the operator's to protect."""
    data = postgres_server.folder / "data"
    with opened(postgres_server.uri) as store:
        live_and_die(store)
        with store.single() as connection:
            file = data / connection.execute(text("SELECT pg_relation_filepath('live_calls')")).scalar_one()
            connection.execute(text("CHECKPOINT"))
            assert CANARY.encode() in file.read_bytes()
            assert truncating.run(store)
            connection.execute(text("CHECKPOINT"))
        assert CANARY.encode() not in file.read_bytes()

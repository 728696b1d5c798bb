"""The small door to the database: what each kind of access promises."""

import threading
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from helpline.errors import ConfigError
from helpline.store import sessions
from helpline.store.sessions import Store
from helpline.store.tables import Leg, Person, Revision, Shift
from tests.shell import ALIX, NOON, live_call, live_leg, opened, put_live, revision, rows_of, together

KINDS = ("read", "live", "durable")
NORMAL, FULL = 1, 2


def pragma(connection: Connection, name: str) -> object:
    """A setting of one SQLite connection."""
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def bump(connection: Connection) -> None:
    """Reads a number and writes one more, as careless code would."""
    n = connection.execute(select(Revision.n).where(Revision.name == "rota")).scalar_one()
    connection.execute(update(Revision).where(Revision.name == "rota").values(n=n + 1))


@pytest.mark.parametrize("kind", KINDS)
def test_every_sqlite_connection_has_our_settings(sqlite: Store, kind: str) -> None:
    """Not only the first of a pool: a log beside the database, references held, deleted rows overwritten."""
    wanted = {"journal_mode": "wal", "foreign_keys": 1, "secure_delete": 1}
    wanted["synchronous"] = FULL if kind == "durable" else NORMAL
    door = {"read": sqlite._single, "live": sqlite._live, "durable": sqlite._durable}[kind]
    several = [door.connect() for _ in range(3)]
    for connection in several:
        assert {name: pragma(connection, name) for name in wanted} == wanted
        connection.rollback()
    for connection in several:
        connection.close()


@pytest.mark.parametrize("kind", ["live", "durable"])
def test_a_sqlite_writer_has_the_lock_from_its_beginning(sqlite: Store, kind: str) -> None:
    """A transaction that read first and wrote later would fail as locked, whatever it was willing to wait."""
    with (sqlite.live if kind == "live" else sqlite.durable)() as tx:
        assert pragma(tx, "data_version")
        with closing(Store(f"{sqlite.engine.url}")) as other, other._single.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 0")
            with pytest.raises(OperationalError, match="locked"):
                connection.exec_driver_sql("UPDATE revisions SET n = n")


def test_a_busy_writer_is_waited_for(sqlite: Store) -> None:
    """The second writer goes on as soon as the first is done, and readers don't wait at all."""
    begun, done = threading.Event(), threading.Event()

    def first() -> None:
        with sqlite.durable() as tx:
            bump(tx)
            begun.set()
            assert done.wait(timeout=10)

    def second() -> None:
        assert begun.wait(timeout=10)
        assert revision(sqlite) == 0
        done.set()
        with sqlite.live() as tx:
            bump(tx)

    together([first, second])
    assert revision(sqlite) == 2


def test_a_writer_does_not_wait_for_ever(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that nobody gives back becomes an error, one that the routes know; later writers go on."""
    monkeypatch.setattr(sessions, "BUSY_SECONDS", 0.05)
    with opened(sqlite_url) as store:
        with store.durable(), pytest.raises(OperationalError, match="locked"), store.live():
            pytest.fail("there were two writers")
        with store.live() as tx:
            bump(tx)
        assert revision(store) == 1


def test_writers_do_not_lose_each_others_work(sqlite: Store) -> None:
    """Eight that read and then write, at once: each is counted."""

    def work() -> None:
        for _ in range(3):
            with sqlite.live() as tx:
                bump(tx)

    together([work] * 8)
    assert revision(sqlite) == 24


@pytest.mark.parametrize("kind", ["live", "durable"])
def test_a_transaction_is_whole_or_nothing(store: Store, kind: str) -> None:
    """What went wrong halfway leaves nothing behind."""
    with suppress(ZeroDivisionError), (store.live if kind == "live" else store.durable)() as tx:
        bump(tx)
        raise ZeroDivisionError
    assert revision(store) == 0


def test_a_reader_sees_what_was_done_meanwhile(store: Store) -> None:
    """Each statement reads anew: nobody holds a view of the database for long."""
    with store.read() as connection:
        seen = [connection.execute(select(Revision.n)).scalar_one()]
        with store.live() as tx:
            bump(tx)
        seen.append(connection.execute(select(Revision.n)).scalar_one())
    assert seen == [0, 1]


def test_a_reader_leaves_no_transaction_open(postgres_url: str) -> None:
    """Not even while it holds its connection: an idle transaction would keep PostgreSQL from cleaning up."""
    with opened(postgres_url) as store, store.read() as connection:
        connection.execute(select(Revision.n))
        with store.durable() as tx:
            states = tx.execute(text("SELECT state FROM pg_stat_activity WHERE datname = current_database()")).all()
    assert not [state for (state,) in states if state == "idle in transaction"]


def test_a_postgresql_commit_is_on_disk(postgres_url: str) -> None:
    """Nothing of ours switches that off."""
    with opened(postgres_url) as store, store.durable() as tx:
        assert tx.execute(text("SHOW synchronous_commit")).scalar() == "on"


def test_references_are_held(store: Store) -> None:
    """A leg belongs to a call, a shift to somebody there is."""
    with pytest.raises(IntegrityError), store.live() as tx:
        tx.execute(insert(Leg), live_leg("leg", call="none"))
    row = {"line": "france", "tier": 1, "person": 99, "starts_at": 0, "ends_at": 1, "source": "test"}
    with pytest.raises(IntegrityError), store.durable() as tx:
        tx.execute(insert(Shift), row)


def test_what_depends_goes_or_stays(store: Store) -> None:
    """Legs outlive their call, and a shift its person, as a gap."""
    put_live(store, [live_call()], [live_leg("leg")])
    row = {"line": "france", "tier": 1, "person": ALIX, "starts_at": NOON, "ends_at": NOON + 1, "source": "test"}
    with store.durable() as tx:
        tx.execute(insert(Shift), row)
        tx.execute(text("DELETE FROM live_calls"))
        tx.execute(text("DELETE FROM people"))
    assert [leg["call_id"] for leg in rows_of(store, Leg)] == [None]
    assert [shift["person"] for shift in rows_of(store, Shift)] == [None]


def test_an_error_does_not_show_values(store: Store) -> None:
    """It may end up in a traceback: the statement is shown, what was in it isn't."""
    rows = [{"name": "Alix Exemple", "phone": "+33199000199", "languages": "fr"}] * 2
    with pytest.raises(IntegrityError) as caught, store.durable() as tx:
        tx.execute(insert(Person), rows)
    assert "+33199000199" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql+pymysql://host/db", "oracle://host/db"])
def test_no_other_database(url: str) -> None:
    """What we promise about order and deletion holds on two."""
    with pytest.raises(ConfigError, match="can't be used: sqlite or postgresql"):
        Store(url)


def test_which_database_it_is(store: Store) -> None:
    """Some jobs are for one of them."""
    assert store.is_sqlite == (store.engine.url.get_backend_name() == "sqlite")


def test_a_closed_store_holds_no_file(sqlite_url: str, tmp_path: Path) -> None:
    """The log is folded in and gone when the last connection is given back."""
    with opened(sqlite_url) as store, store.live() as tx:
        bump(tx)
    assert {path.name for path in tmp_path.iterdir()} == {"helpline.db"}


def test_a_new_database_may_be_opened_by_several_at_once(tmp_path: Path) -> None:
    """Its change to WAL locks it, and SQLite doesn't wait for that lock: we do."""

    def opening(number: int) -> None:
        with closing(Store(f"sqlite:///{tmp_path}/{number}.sqlite3")) as store, store.durable() as tx:
            tx.execute(text("CREATE TABLE IF NOT EXISTS t (n)"))

    for number in range(50):
        together([partial(opening, number)] * 4)

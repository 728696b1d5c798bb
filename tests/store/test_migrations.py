"""From an empty database to this version's tables and back, with data in them, on both databases."""

import re
import subprocess
import sys
from contextlib import ExitStack, closing
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.exc import DBAPIError

from helpline.errors import StoreError
from helpline.store.migrate import alembic_config, current, head, migrate, require_current
from helpline.store.rota_tables import Rotation
from helpline.store.sessions import Store
from tests.shell import opened

VERSION = "alembic_version"


def revisions() -> list[str]:
    """Every revision, oldest first."""
    scripts = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return [script.revision for script in scripts][::-1]


def schema(connection: Connection) -> dict[str, Any]:
    """Every table and index as the database itself describes it."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        # A column that was added stands on the last line, in front of the closing bracket.
        parts = {name: re.split(r"[\n,]", sql.strip().removesuffix(")")) for name, sql in rows}
        return {name: sorted(filter(None, (" ".join(part.split()) for part in its))) for name, its in parts.items()}
    indexes = connection.execute(text("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"))
    columns = connection.execute(
        text(
            "SELECT table_name || '.' || column_name, data_type || coalesce(character_maximum_length::text, '') || "
            "is_nullable || coalesce(column_default, '') FROM information_schema.columns WHERE table_schema = 'public'"
        )
    )
    return {row[0]: row[1] for row in (*indexes, *columns)}


def put_a_row(connection: Connection, name: str) -> None:
    """One row in a table as it is in the database now, whatever this version's models say."""
    metadata = MetaData()
    metadata.reflect(connection, only=[name])
    table = metadata.tables[name]
    sample: dict[type, Any] = {int: 1, str: "x", bool: True, bytes: b"x" * 16, float: 1.0}
    wanted = [column for column in table.columns if not column.nullable]
    if connection.scalar(text(f"SELECT count(*) FROM {name}")) == 0:  # noqa: S608 - a table's name
        connection.execute(table.insert(), {column.name: sample[column.type.python_type] for column in wanted})


def test_the_newest_revision_is_the_models(database_url: str) -> None:
    """Alembic finds nothing to change, types included."""
    with opened(database_url) as store, store.engine.connect() as connection:
        migrate(store)
        options = {"compare_type": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Rotation.metadata) == []


def test_the_newest_revision_is_the_models_to_the_letter(database_url: str) -> None:
    """What alembic doesn't compare, too: defaults, partial indexes, and tables without a hidden row number."""
    with closing(Store(database_url)) as store:
        Rotation.metadata.create_all(store.engine)
        with store.engine.connect() as connection:
            modelled = schema(connection)
        Rotation.metadata.drop_all(store.engine)
        migrate(store)
        with store.engine.connect() as connection:
            migrated = schema(connection)
    assert {name: what for name, what in migrated.items() if VERSION not in name} == modelled


def test_there_is_a_way_up_and_down_with_data(database_url: str) -> None:
    """Revision by revision, each table holding a row: what a revision knows of is still there at the end."""
    with closing(Store(database_url)) as store:
        for revision in revisions():
            migrate(store, revision)
            assert current(store) == revision
            with store.durable() as tx:
                for name, _ in inspect(tx).get_sorted_table_and_fkc_names():
                    if name not in {None, VERSION}:
                        put_a_row(tx, str(name))
        with store.read() as connection:
            for table in Rotation.metadata.tables:
                assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 1  # noqa: S608 - a table's name
        for revision in [*revisions()[-2::-1], "base"]:
            migrate(store, revision)
        with store.read() as connection:
            assert inspect(connection).get_table_names() == [VERSION]
        migrate(store)
        require_current(store)


def test_migrating_again_changes_nothing(database_url: str) -> None:
    """An operator may run it whenever they like."""
    with opened(database_url) as store:
        with store.durable() as tx:
            put_a_row(tx, "people")
        migrate(store)
        with store.read() as connection:
            assert connection.scalar(text("SELECT count(*) FROM people")) == 1


def test_a_migration_that_fails_changes_nothing(database_url: str) -> None:
    """All or nothing: a table in the way stops it, and none of the others is left behind."""
    with closing(Store(database_url)) as store:
        with store.durable() as tx:
            tx.execute(text("CREATE TABLE shifts (id INTEGER)"))
        with pytest.raises(DBAPIError):
            migrate(store)
        with store.read() as connection:
            assert inspect(connection).get_table_names() == ["shifts"]


def test_an_empty_database_is_refused(database_url: str) -> None:
    """With the command that mends it."""
    wanted = rf"at revision none, this version needs {head()}: run 'helpline migrate'"
    with closing(Store(database_url)) as store, pytest.raises(StoreError, match=wanted):
        require_current(store)


def test_a_database_of_a_later_version_is_refused(database_url: str) -> None:
    """It is neither used nor migrated: this program doesn't know what is in it."""
    with opened(database_url) as store:
        with store.durable() as tx:
            tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        for use in (require_current, migrate):
            with pytest.raises(StoreError, match=r"at revision 9999, which this version doesn't know"):
                use(store)


def test_a_database_that_cannot_be_reached_is_said_in_words(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where it should be, without the password that may stand in its address."""
    folder = tmp_path_factory.mktemp("no") / "where"
    urls = (f"sqlite:///{folder}/helpline.sqlite3", f"postgresql+psycopg://me:secret@/helpline?host={folder}")
    for url in urls:
        with closing(Store(url)) as store:
            for use in (require_current, migrate):
                with pytest.raises(StoreError, match=r"the database can't be used") as caught:
                    use(store)
                assert "secret" not in str(caught.value)


@pytest.mark.slow
def test_two_processes_may_migrate_at_once(database_url: str) -> None:
    """Two nodes that are started together: one does the work, the other waits for it."""
    program = (
        "import sys\nfrom helpline.store.migrate import migrate\nfrom helpline.store.sessions import Store\n"
        "store = Store(sys.argv[1])\nstore.engine.connect().close()\nprint('ready', flush=True)\n"
        "sys.stdin.readline()\nmigrate(store)\nstore.close()"
    )
    command = [sys.executable, "-c", program, database_url]
    with ExitStack() as stack:
        nodes = []
        for _ in range(3):
            nodes.append(stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)))
            stack.callback(nodes[-1].kill)
        for node in nodes:
            assert node.stdout is not None
            assert node.stdout.readline() == b"ready\n"
        for node in nodes:
            assert node.stdin is not None
            node.stdin.write(b"go\n")
            node.stdin.flush()
        for node in nodes:
            node.communicate(timeout=20)
        assert [node.returncode for node in nodes] == [0, 0, 0]
    with closing(Store(database_url)) as store:
        require_current(store)

"""What a serving process knows of the directory doesn't depend on the database of that moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from helpline.directory.editing import save
from helpline.directory.entries import Entry
from helpline.directory.reading import FRESH_SECONDS, Shelf
from helpline.store.sessions import Store
from tests.directory.some import SERVICE
from tests.shell import NOON, opened

OTHER = replace(SERVICE, key="other")


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    """A directory with one entry."""
    with opened(sqlite_url) as found:
        _put(found, SERVICE)
        yield found


def _put(store: Store, *entries: Entry) -> None:
    with store.durable() as tx:
        save(tx, entries, "cli", NOON, only=True)


def test_what_was_read_is_kept_for_half_a_minute(store: Store) -> None:
    """Then it is read anew, so that an entry that was mended is heard soon."""
    shelf = Shelf(store)
    assert shelf.entries(NOON) == (SERVICE,)
    _put(store, OTHER)
    assert shelf.entries(NOON + FRESH_SECONDS - 1) == (SERVICE,)
    assert shelf.entries(NOON + FRESH_SECONDS) == (OTHER,)


def test_a_clock_that_is_set_back_does_not_keep_it_for_ever(store: Store) -> None:
    """Whatever was read in a future that isn't one is read again."""
    shelf = Shelf(store)
    assert shelf.entries(NOON) == (SERVICE,)
    _put(store, OTHER)
    assert shelf.entries(NOON - 86_400) == (OTHER,)


def test_a_database_that_fails_takes_nothing_away(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """Callers hear what was last known, and the log says that it failed, without what was being read."""
    shelf = Shelf(store)
    shelf.entries(NOON)
    with store.durable() as tx:
        tx.exec_driver_sql("ALTER TABLE directory_entries RENAME TO elsewhere")
    assert shelf.entries(NOON + 3 * FRESH_SECONDS) == (SERVICE,)
    assert [record.getMessage() for record in caplog.records] == ["directory.database"]
    with store.durable() as tx:
        tx.exec_driver_sql("ALTER TABLE elsewhere RENAME TO directory_entries")
    _put(store, OTHER)
    assert shelf.entries(NOON + 3 * FRESH_SECONDS + 1) == (OTHER,), "it is asked again at once"


def test_a_process_that_never_read_knows_nobody(store: Store) -> None:
    """It says so rather than fail."""
    with store.durable() as tx:
        tx.exec_driver_sql("DROP TABLE directory_entries")
    assert Shelf(store).entries(NOON) == ()


@pytest.mark.parametrize(("column", "value"), [("kind", "oracle"), ("audiences", "doctor crowd"), ("verified", "soon")])
def test_an_entry_of_another_version_takes_nobody_away(
    store: Store, caplog: pytest.LogCaptureFixture, column: str, value: str
) -> None:
    """Whoever else is known is heard; the log names the entry that can't be read."""
    _put(store, SERVICE, OTHER)
    with store.durable() as tx:
        tx.exec_driver_sql(f"UPDATE directory_entries SET {column} = '{value}' WHERE key = 'other'")  # noqa: S608 - ours
    assert Shelf(store).entries(NOON) == (SERVICE,)
    assert [(record.getMessage(), getattr(record, "reason", "")) for record in caplog.records] == [
        ("directory.unreadable", "other")
    ]

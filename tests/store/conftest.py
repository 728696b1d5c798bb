"""A database with this version's tables, and three psychologists in it."""

from collections.abc import Iterator

import pytest

from helpline.store.sessions import Store
from tests.shell import opened, with_people


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """On SQLite, then on PostgreSQL."""
    with opened(database_url) as store:
        with_people(store)
        yield store


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Store]:
    """On SQLite, for what only that database does."""
    with opened(sqlite_url) as store:
        with_people(store)
        yield store

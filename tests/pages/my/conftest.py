"""One service for all tests of these pages: making it takes ten times as long as most of them.

Its tables are emptied for each test; where the database matters, `either_site` makes a service of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpline.store.tables import Base
from tests.pages.signed import Office, office
from tests.shell import NOON, with_people

KEPT = ("revisions", "pace")
"""Tables whose rows a migration makes."""


@pytest.fixture(scope="package")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The service, on SQLite."""
    folder = tmp_path_factory.mktemp("my")
    with office(f"sqlite:///{folder / 'helpline.db'}", folder) as site:
        yield site


@pytest.fixture
def site(opened: Office) -> Iterator[Office]:
    """The same, as if it had just been made."""
    yield opened
    opened.clock.at = NOON
    tables = reversed(Base.metadata.sorted_tables)
    with opened.service.store.durable() as tx:
        for table in tables:
            if table.name not in KEPT:
                tx.execute(table.delete())
    with_people(opened.service.store)

"""The files of the demonstration's releases: drawn at its start, apart, once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from helpline.demo.shelving import Shelving, lacking, shelve
from helpline.figures.shelf import volumes
from helpline.figures.verifying import verify
from helpline.store.figure_tables import Release
from helpline.store.sessions import Store
from tests.figures.released import close, drawn, year_of
from tests.shell import NOON, eventually, opened


@pytest.fixture
def store(sqlite_url: str, tmp_path: Path) -> Iterator[Store]:
    """With two years that were published without files, and one that is only closed."""
    with opened(sqlite_url) as made:
        close(made, year_of(2023), year_of(2024), year_of(2025))
        with made.durable() as tx:
            tx.execute(update(Release).where(Release.period != "2025").values(released_at=NOON, public=True))
        yield made


def test_what_lacks_files_is_what_is_published(store: Store) -> None:
    """The latest first; what has got them lacks nothing."""
    (first, sources), second = lacking(store)
    assert (first.figures.year, second[0].figures.year) == (2024, 2023)
    assert len(sources.years) == 1
    for _ in range(2):
        shelve(store, first, sources, drawn(first.figures))
    assert [frozen.figures.year for frozen, _ in lacking(store)] == [2023]


@pytest.mark.slow
def test_they_are_drawn_as_a_release_is(store: Store) -> None:
    """Each in a process of its own; what comes out is what would come out again."""
    shelving = Shelving(store)
    eventually(lambda: not shelving.run())
    with store.read() as connection:
        assert all(each.files for each in volumes(connection))
        assert verify(connection, "france", "2024").well
    assert not Shelving(store).run()

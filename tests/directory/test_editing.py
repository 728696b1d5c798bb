"""Changes to the directory: whole or not at all, kept in its history, and never over what somebody else has changed."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.directory.editing import Changed, Moved, compare, history, mark, put, read_edit, remove, save
from helpline.directory.entries import OUT_OF_DATE, Entry, out_of_date
from helpline.directory.reading import count_stale, read_all, read_one
from helpline.directory.seeding import seed, shipped
from helpline.directory.table import cells
from helpline.store.sessions import Store
from tests.directory.some import SERVICE, TODAY
from tests.shell import NOON, opened

OTHER = replace(SERVICE, key="other", name="Autre Exemple")
LATER = replace(SERVICE, hours="le matin")


@pytest.fixture
def store(either_database_url: str) -> Iterator[Store]:
    """An empty directory."""
    with opened(either_database_url) as found:
        yield found


def _save(store: Store, *found: Entry, only: bool = False, seen: str | None = None) -> Changed:
    with store.durable() as tx:
        return save(tx, found, "cli", NOON, only=only, seen=seen)


def _all(store: Store) -> tuple[Entry, ...]:
    with store.read() as connection:
        return read_all(connection)


DIRECTORIES = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["le soir", "le matin"])).map(
    lambda found: [replace(SERVICE, key=key, hours=found[key]) for key in sorted(found)]
)


@given(DIRECTORIES, DIRECTORIES)
def test_any_directory_becomes_any_other(before: list[Entry], after: list[Entry]) -> None:
    """What is new, changed and gone adds up; nothing is changed that stands already, and the mark tells them apart."""
    changes = compare(before, after, only=True)
    found = {entry.key: entry for entry in before}
    for old, new in changes.steps:
        assert old != new
        if old:
            assert found.pop(old.key) == old
        if new:
            found[new.key] = new
    assert sorted(found.values(), key=lambda entry: entry.key) == after
    assert compare(after, after, only=True).count == 0
    assert (changes.mark == compare(after, before, only=True).mark) == (before == after)


def test_what_is_saved_is_what_is_read(store: Store) -> None:
    """Every field of every entry that is shipped; saving it again changes nothing and is no edit."""
    everything = (*shipped(TODAY), SERVICE)
    assert _save(store, *everything).count == len(everything)
    assert _all(store) == tuple(sorted(everything, key=lambda entry: entry.key))
    assert _save(store, *everything, only=True).count == 0
    with store.read() as connection:
        assert len(history(connection)) == len(everything)


def test_the_history_has_what_was_and_what_is(store: Store) -> None:
    """Added, changed, taken out: who, when, and both states; of one entry or of all, the newest first."""
    _save(store, SERVICE, OTHER)
    _save(store, LATER)
    with store.durable() as tx:
        assert remove(tx, "service", "account:5", NOON + 1)
        assert not remove(tx, "service", "account:5", NOON + 2)
    with store.read() as connection:
        mine, everything = history(connection, "service"), history(connection)
        assert read_edit(connection, mine[0].id) == mine[0]
        assert read_edit(connection, mine[0].id + 1) is None
        assert history(connection, before=mine[0].id) == everything[1:]
    assert [(each.before, each.after) for each in mine] == [
        (cells(LATER), None),
        (cells(SERVICE), cells(LATER)),
        (None, cells(SERVICE)),
    ]
    assert [(each.actor, each.at) for each in mine] == [("account:5", NOON + 1), ("cli", NOON), ("cli", NOON)]
    assert {each.entry for each in everything} == {"service", "other"}


def test_the_file_is_the_directory_only_if_somebody_says_so(store: Store) -> None:
    """Otherwise what isn't in it stays."""
    _save(store, SERVICE, OTHER)
    assert _save(store, LATER) == Changed(changed=((SERVICE, LATER),))
    assert _all(store) == (OTHER, LATER)
    assert _save(store, LATER, only=True) == Changed(removed=(OTHER,))
    assert _all(store) == (LATER,)


def test_what_was_shown_is_what_is_done(store: Store) -> None:
    """An import is refused when the directory has changed since in what it touches, and nothing of it is done."""
    _save(store, SERVICE)
    shown = compare(_all(store), [LATER, OTHER])
    _save(store, replace(SERVICE, phone="+33199001299"))
    with pytest.raises(Moved):
        _save(store, LATER, OTHER, seen=shown.mark)
    assert [entry.key for entry in _all(store)] == ["service"]
    again = compare(_all(store), [LATER, OTHER])
    assert _save(store, LATER, OTHER, seen=again.mark).count == 2
    assert _save(store, LATER, OTHER, seen=again.mark).count == 0, "a button that is tapped twice does it once"


def test_nobody_overwrites_what_they_have_not_seen(store: Store) -> None:
    """A form that was made from another state is refused with what there is now; the same edit again is none."""
    _save(store, SERVICE)
    seen = mark(SERVICE)
    with store.durable() as tx:
        put(tx, LATER, seen, "account:1", NOON)
    with pytest.raises(Moved) as refused, store.durable() as tx:
        put(tx, replace(SERVICE, name="Mon Exemple"), seen, "account:2", NOON)
    assert refused.value.there == LATER
    with store.durable() as tx:
        assert put(tx, LATER, seen, "account:2", NOON).count == 0
    with pytest.raises(Moved), store.durable() as tx:
        remove(tx, "service", "account:2", NOON, seen=seen)
    with pytest.raises(Moved), store.durable() as tx:
        put(tx, replace(OTHER, key="gone"), mark(OTHER), "account:2", NOON)
    assert _all(store) == (LATER,)


def test_two_at_once_wait_for_each_other(store: Store) -> None:
    """Of two that add the same entry otherwise, one is told that it is there: neither fails, and none is lost."""
    both, outcomes = threading.Barrier(2), []

    def add(entry: Entry) -> None:
        both.wait(30)
        try:
            with store.durable() as tx:
                put(tx, entry, "", "cli", NOON)
            outcomes.append("added")
        except Moved:
            outcomes.append("told")

    threads = [threading.Thread(target=add, args=(entry,)) for entry in (SERVICE, LATER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["added", "told"]
    assert len(_all(store)) == 1


def test_seeding_adds_what_is_not_there(store: Store) -> None:
    """Entries that somebody has mended or verified stay theirs."""
    mended = replace(shipped(TODAY)[0], verified=TODAY)
    _save(store, mended)
    with store.durable() as tx:
        assert seed(tx, "cli", NOON).count == len(shipped(TODAY)) - 1
    with store.durable() as tx:
        assert seed(tx, "cli", NOON).count == 0
    with store.read() as connection:
        assert read_one(connection, mended.key) == mended


def test_the_database_counts_what_is_to_be_verified(store: Store) -> None:
    """As `out_of_date` would: never, or more than a year ago to the day."""
    days = (None, TODAY, TODAY - OUT_OF_DATE, TODAY - OUT_OF_DATE - dt.timedelta(days=1))
    found = [replace(SERVICE, key=f"entry-{n}", verified=day) for n, day in enumerate(days)]
    _save(store, *found)
    with store.read() as connection:
        assert count_stale(connection, TODAY) == sum(out_of_date(each, TODAY) for each in found) == 2

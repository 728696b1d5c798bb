"""Calendar addresses: signed, told apart from every forgery and from personal links, revocable for good."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from helpline.people.feeds import Feeds, Scope, issue, revoke, valid
from helpline.people.links import Links
from helpline.store.rota_tables import Feed
from helpline.store.sessions import Store
from helpline.store.tables import Person
from tests.shell import ALIX, BORIS, NOON, PUBLIC, opened, rows_of, together, with_people

KEY = b"a key of these tests"
FEEDS = Feeds(KEY, PUBLIC)
OF_ALIX, OF_BORIS, OF_FRANCE = Scope(person=ALIX), Scope(person=BORIS), Scope(line="france")
SCOPES = st.builds(Scope, person=st.integers(1, 10**9)) | st.builds(
    lambda line: Scope(line=line), st.from_regex(r"[a-z][a-z0-9-]{0,39}", fullmatch=True)
)


@pytest.fixture
def store(either_database_url: str) -> Iterator[Store]:
    """Three psychologists, on SQLite, and in `make check` on PostgreSQL."""
    with opened(either_database_url) as store:
        with_people(store)
        yield store


def issued(store: Store, scope: Scope) -> str:
    """The token of a new address."""
    with store.durable() as tx:
        return FEEDS.token(scope, issue(tx, scope))


def shown(store: Store, token: str, feeds: Feeds = FEEDS, now: int = NOON) -> Scope | None:
    """What a token shows."""
    with store.read() as connection:
        return feeds.scope(connection, token, now)


def test_an_address_shows_its_own(store: Store) -> None:
    """A person's their shifts, a line's the line, whatever the line is called."""
    for scope in (OF_ALIX, OF_BORIS, OF_FRANCE, Scope(line="a-1-b-2"), Scope(line="l" * 40)):
        token = issued(store, scope)
        assert shown(store, token) == scope
        with store.read() as connection:
            version = valid(connection, scope)
        assert version is not None
        assert FEEDS.url(scope, version) == f"{PUBLIC}/feed/{token}.ics"


def test_nobody_has_an_address_at_first(store: Store) -> None:
    """A token that is rightly signed shows nothing before an address was asked for."""
    assert [shown(store, FEEDS.token(OF_ALIX, version)) for version in (-1, 0, 1)] == [None] * 3


def test_an_address_ends_when_its_person_leaves(store: Store) -> None:
    """From that second on; the line's and the others' stay."""
    tokens = [issued(store, scope) for scope in (OF_ALIX, OF_BORIS, OF_FRANCE)]
    with store.durable() as tx:
        tx.execute(update(Person).where(Person.id == ALIX).values(left_at=NOON + 60))
    assert [shown(store, token, now=NOON + 59) for token in tokens] == [OF_ALIX, OF_BORIS, OF_FRANCE]
    assert [shown(store, token, now=NOON + 60) for token in tokens] == [None, OF_BORIS, OF_FRANCE]


def test_a_renewed_address_shows_nothing(store: Store) -> None:
    """The new one does, and the others' stay."""
    old, other = issued(store, OF_ALIX), issued(store, OF_BORIS)
    new = issued(store, OF_ALIX)
    assert (shown(store, old), shown(store, new), shown(store, other)) == (None, OF_ALIX, OF_BORIS)


def test_a_revoked_address_shows_nothing(store: Store) -> None:
    """Once; and what is issued later is another address."""
    old, other = issued(store, OF_FRANCE), issued(store, OF_ALIX)
    with store.durable() as tx:
        assert [revoke(tx, OF_FRANCE), revoke(tx, OF_FRANCE), revoke(tx, OF_BORIS)] == [True, False, False]
        assert valid(tx, OF_FRANCE) is None
    assert (shown(store, old), shown(store, other)) == (None, OF_ALIX)
    new = issued(store, OF_FRANCE)
    assert (shown(store, old), shown(store, new)) == (None, OF_FRANCE)


def test_what_was_revoked_stays_so_in_a_restored_database(store: Store) -> None:
    """Versions aren't counted: after a restoration the next address isn't one that was given away before."""
    first = issued(store, OF_ALIX)
    with store.durable() as tx:
        tx.exec_driver_sql("DELETE FROM feeds")
    assert issued(store, OF_ALIX) != first
    assert shown(store, first) is None


def test_two_who_ask_at_once_get_one_address_each(database_url: str) -> None:
    """One of them works: the one that was written last."""
    with opened(database_url) as store:
        tokens = together([lambda: issued(store, OF_ALIX)] * 2)
        assert sorted(shown(store, token) is not None for token in tokens) == [False, True]
        assert len(rows_of(store, Feed)) == 1


def test_another_key_makes_other_addresses(store: Store) -> None:
    """Whoever has the database alone can't make one."""
    assert shown(store, issued(store, OF_ALIX), Feeds(b"another key", PUBLIC)) is None


@given(st.integers(1, 10**9), st.integers(0, 10**6))
def test_an_address_is_no_personal_link(person: int, version: int) -> None:
    """What a calendar program keeps on somebody's server doesn't open the page on which calls are coded."""
    assert FEEDS.token(Scope(person=person), version) != Links(KEY, PUBLIC).token(person, version)


@given(SCOPES, st.integers(0, 2**62), SCOPES, st.integers(0, 2**62))
def test_no_two_addresses_are_alike(scope: Scope, version: int, other: Scope, other_version: int) -> None:
    """Nothing can be moved between person, line and version."""
    assume((scope, version) != (other, other_version))
    assert FEEDS.token(scope, version) != FEEDS.token(other, other_version)


@given(st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_invented_address_shows_nothing(store: Store, text: str) -> None:
    """Any text, foreign digits and long numbers included."""
    assert shown(store, text) is None
    assert shown(store, f"{ALIX}-{text}") is None
    assert shown(store, f"{ALIX}-{text[:22]:x<22}") is None


ODD = [
    "",
    "-",
    "1",
    "1-",
    "٣-" + "x" * 22,
    "²-" + "x" * 22,
    "9" * 3000 + "-" + "x" * 22,
    "-" + "x" * 22,
    "a\0-" + "x" * 22,
    "A-" + "x" * 22,
    "é-" + "x" * 22,
]


@pytest.mark.parametrize("token", ODD)
def test_an_odd_address_shows_nothing(store: Store, token: str) -> None:
    """Also one that isn't like an address at all."""
    assert shown(store, token) is None


@given(st.integers(0, 30), st.characters(codec="ascii"))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_address_with_one_wrong_character_shows_nothing(store: Store, place: int, wrong: str) -> None:
    """Wherever it is wrong; nor does one that only spells the number another way."""
    token = issued(store, OF_ALIX)
    place %= len(token)
    assume(token[place] != wrong)
    assert shown(store, token[:place] + wrong + token[place + 1 :]) is None
    assert shown(store, "0" + token) is None
    assert shown(store, " " + token) is None

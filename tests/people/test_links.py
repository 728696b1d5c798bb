"""Personal links: signed, told apart from every forgery, revocable."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from helpline.people.links import Links
from helpline.store.sessions import Store
from helpline.store.tables import Person
from tests.shell import ALIX, BORIS, NOON, PUBLIC, opened, with_people

LINKS = Links(b"a key of these tests", PUBLIC)


@pytest.fixture
def store(either_database_url: str) -> Iterator[Store]:
    """Three psychologists, on SQLite, and in `make check` on PostgreSQL."""
    with opened(either_database_url) as store:
        with_people(store)
        yield store


def whose(store: Store, token: str, links: Links = LINKS, now: int = NOON) -> int | None:
    """Whose link this is."""
    with store.read() as connection:
        return links.person(connection, token, now)


def test_a_link_is_its_persons(store: Store) -> None:
    """And nobody else's."""
    assert {whose(store, LINKS.token(person, 0)) for person in (ALIX, BORIS)} == {ALIX, BORIS}
    assert LINKS.url(ALIX, 0) == f"{PUBLIC}/me/{LINKS.token(ALIX, 0)}"
    assert LINKS.path(ALIX, 0) == f"/me/{LINKS.token(ALIX, 0)}"


def test_a_revoked_link_is_nobodys(store: Store) -> None:
    """Its person has another one; the others keep theirs."""
    with store.durable() as tx:
        tx.execute(update(Person).where(Person.id == ALIX).values(link_version=1))
    assert whose(store, LINKS.token(ALIX, 0)) is None
    assert whose(store, LINKS.token(ALIX, 1)) == ALIX
    assert whose(store, LINKS.token(BORIS, 0)) == BORIS


def test_a_link_of_somebody_who_left_is_nobodys(store: Store) -> None:
    """Rightly signed, and for no one: from the second on in which they left."""
    with store.durable() as tx:
        tx.execute(update(Person).where(Person.id == ALIX).values(left_at=NOON + 60))
    token = LINKS.token(ALIX, 0)
    assert (whose(store, token, now=NOON + 59), whose(store, token, now=NOON + 60)) == (ALIX, None)
    assert whose(store, LINKS.token(99, 0)) is None


def test_another_key_makes_other_links(store: Store) -> None:
    """Whoever has the database alone can't make one."""
    assert whose(store, LINKS.token(ALIX, 0), Links(b"another key", PUBLIC)) is None


@given(st.integers(1, 10**9), st.integers(0, 10**6), st.integers(1, 10**9), st.integers(0, 10**6))
def test_no_two_links_are_alike(person: int, version: int, other: int, other_version: int) -> None:
    """Person and version can't be moved into each other: 1 and 11 aren't 11 and 1."""
    assume((person, version) != (other, other_version))
    assert LINKS.token(person, version) != LINKS.token(other, other_version)
    assert len(LINKS.token(person, version).partition("-")[2]) == 22


@given(st.text(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_invented_link_is_nobodys(store: Store, text: str) -> None:
    """Any text in the address, foreign digits and long numbers included, is a link that doesn't exist."""
    assert whose(store, text) is None
    assert whose(store, f"{ALIX}-{text}") is None


ODD = ["", "-", "1", "1-", "٣-x", "²-x", "+1-x", "-1-x", f"{10**30}-x", "1\n-x", "01-x"]


@pytest.mark.parametrize("token", [*ODD, *(f"0{LINKS.token(ALIX, 0)}", f" {LINKS.token(ALIX, 0)}")])
def test_an_odd_link_is_nobodys(store: Store, token: str) -> None:
    """Also one that only spells the number another way."""
    assert whose(store, token) is None


@given(st.integers(0, 30), st.characters(codec="ascii"))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_link_with_one_wrong_character_is_nobodys(store: Store, place: int, wrong: str) -> None:
    """Wherever it is wrong."""
    token = LINKS.token(ALIX, 0)
    place %= len(token)
    assume(token[place] != wrong)
    assert whose(store, token[:place] + wrong + token[place + 1 :]) is None

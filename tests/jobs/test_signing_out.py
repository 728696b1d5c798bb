from collections.abc import Iterator

import pytest
from sqlalchemy import insert

from helpline.accounts import invitations
from helpline.accounts.sessions import FRESH, SHORT, Sessions
from helpline.jobs import signing_out
from helpline.store.account_tables import Account, Invitation, Session
from helpline.store.sessions import Store
from tests.shell import NOON, opened, rows_of

HOUR, DAY = 3_600, 86_400


@pytest.fixture
def store(either_database_url: str) -> Iterator[Store]:
    """A coordinator who has signed in and was invited anew, at noon."""
    with opened(either_database_url) as store:
        with store.durable() as tx:
            names = {"email": "claude@example.org", "name": "Claude Exemple", "language": "fr"}
            row = {**names, "roles": "coordinator", "person": None}
            account = tx.execute(insert(Account).returning(Account.id), row).scalar_one()
            Sessions(b"a key").open(tx, account, "Firefox", NOON)
            invitations.invite(tx, account, NOON)
        yield store


def test_nothing_goes_before_it_is_over(store: Store) -> None:
    """A session goes with its hours, an invitation with its week."""
    assert signing_out.run(store, NOON + SHORT - 1) == 0
    assert signing_out.run(store, NOON + SHORT + HOUR) == 1
    assert signing_out.run(store, NOON + invitations.WEEK) == 1
    assert (rows_of(store, Session), rows_of(store, Invitation)) == ([], [])


def test_when_somebody_proved_who_they_are_is_forgotten(store: Store) -> None:
    """As soon as it no longer matters; not before."""
    signing_out.run(store, NOON + FRESH - 1)
    assert [row["fresh_until"] for row in rows_of(store, Session)] == [NOON + FRESH]
    signing_out.run(store, NOON + FRESH)
    assert [row["fresh_until"] for row in rows_of(store, Session)] == [0]

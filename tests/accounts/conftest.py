"""What signing in is made of, on a database with three psychologists and a coordinator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select

from helpline.accounts import invitations, registering
from helpline.accounts.model import Role
from helpline.accounts.passwords import Cost, Passwords
from helpline.accounts.registering import Wanted
from helpline.accounts.service import Accounts, make_accounts
from helpline.accounts.signing_in import Attempt, set_password
from helpline.store.account_tables import Account
from helpline.store.sessions import Store
from tests.shell import ALIX, NOON, opened, settings_in, some_secrets, with_people

QUICK = Cost(8, 1, 1)
"""A hashing that costs nothing: what it should cost is in `test_passwords.py`."""
PASSWORD = "agrafe cheval pile"


@dataclass
class House:
    """Accounts, and how somebody in a test uses them."""

    accounts: Accounts

    @property
    def store(self) -> Store:
        """The database."""
        return self.accounts.store

    def create(self, email: str = "alix@example.org", *roles: Role, person: int | None = None) -> int:
        """An account that nobody has signed in to: by default Alix's, a psychologist."""
        kinds: tuple[Role, ...] = roles or ("psychologist",)
        person = ALIX if "psychologist" in kinds and person is None else person
        with self.store.durable() as tx:
            return registering.create(tx, Wanted("Compte Exemple", email, frozenset(kinds), person), NOON)

    def enrol(self, account: int, at: int = NOON - 3_600) -> str:
        """Gives it a password and an authenticator; the authenticator's secret."""
        secret = self.accounts.authenticators.new_secret()
        with self.store.durable() as tx:
            set_password(tx, account, self.accounts.passwords.hash(PASSWORD))
            assert self.accounts.authenticators.enrol(tx, account, secret, code(secret, at), at)
        return secret

    def someone(self, email: str = "alix@example.org", *roles: Role, person: int | None = None) -> Someone:
        """An account that can be signed in to."""
        account = self.create(email, *roles, person=person)
        return Someone(account, email, self.enrol(account))

    def row(self, account: int) -> dict[str, object]:
        """What the database has of it."""
        with self.store.read() as connection:
            found = connection.execute(select(*Account.__table__.c).where(Account.id == account)).mappings().one()
        return dict(found)

    def signed_in(self, account: int, now: int = NOON) -> str:
        """A new session's token."""
        with self.store.durable() as tx:
            return self.accounts.sessions.open(tx, account, "Firefox, Linux", now)

    def is_in(self, token: str, now: int = NOON) -> bool:
        """Whether this token opens anything."""
        with self.store.read() as connection:
            return self.accounts.sessions.read(connection, token, now) is not None

    def invited(self, account: int, now: int = NOON) -> str:
        """A link's token."""
        with self.store.durable() as tx:
            return invitations.invite(tx, account, now)


@dataclass
class Someone:
    """Who can sign in."""

    account: int
    email: str
    secret: str

    def attempt(self, now: int = NOON, /, **other: str) -> Attempt:
        """What they type; `other` is what they type otherwise."""
        typed = {"email": self.email, "password": PASSWORD, "code": code(self.secret, now), **other}
        return Attempt(**typed)


def code(secret: str, now: int) -> str:
    """What an authenticator shows at `now`."""
    return pyotp.TOTP(secret).at(now)


def house_on(url: str, folder: Path) -> Iterator[House]:
    """Accounts on a database with people."""
    with opened(url) as store:
        with_people(store)
        accounts = make_accounts(settings_in(folder), some_secrets(), store, passwords=Passwords(QUICK, at_once=8))
        yield House(accounts)


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """On SQLite, for what doesn't depend on the database."""
    yield from house_on(sqlite_url, tmp_path)


@pytest.fixture
def each_house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """On SQLite, then on PostgreSQL: for what happens at one moment."""
    yield from house_on(database_url, tmp_path)

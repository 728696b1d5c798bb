"""Who has an account, with which roles. What can't be is refused with a reason that a page says in its own words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, and_, delete, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from helpline.accounts import invitations
from helpline.accounts.model import Role, read_roles, write_roles
from helpline.accounts.signing_in import address_of
from helpline.accounts.standing import in_force
from helpline.errors import UsageError
from helpline.store.account_tables import Account, Passkey, Session
from helpline.store.tables import Person
from reports.words import Language

LONGEST_EMAIL, LONGEST_NAME = 200, 120

Reason = Literal[
    "name", "email", "email-taken", "no-role", "no-person", "person-taken", "person-left", "last-coordinator", "gone"
]
State = Literal["active", "invited", "expired", "disabled", "left"]
"""Of an account: it is used; its link waits; its link expired; somebody disabled it; its psychologist has left."""


class AccountRefused(UsageError):  # noqa: N818 - it is what was done
    """What can't be done with an account; `reason` says why for a program, the message for people."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account as it should be. `person`: the psychologist they are (`people.id`), None for who is none."""

    name: str
    email: str
    roles: frozenset[Role]
    person: int | None = None
    language: Language = "fr"


@dataclass(frozen=True, slots=True)
class Entry:
    """One account in the list. `expires_at` (UTC seconds): of the link that waits, None without one."""

    id: int
    name: str
    email: str
    roles: frozenset[Role]
    person: int | None
    language: str
    state: State
    expires_at: int | None
    second_factor: bool


def create(tx: Connection, wanted: Wanted, now: int) -> int:
    """Adds an account that nobody can sign in to yet: `invitations.invite` comes next. Raises `AccountRefused`."""
    wanted = _checked(tx, wanted, now, but=None)
    row = {
        "name": wanted.name,
        "email": wanted.email,
        "roles": write_roles(wanted.roles),
        "person": wanted.person,
        "language": wanted.language,
    }
    with _taken():
        return tx.execute(insert(Account).returning(Account.id), row).scalar_one()


def change(tx: Connection, account: int, wanted: Wanted, now: int) -> None:
    """Makes an account as it should be, but for its language. Other roles end its sessions. Raises `AccountRefused`."""
    row = tx.execute(select(Account.roles, Account.person).where(Account.id == account)).first()
    if row is None:
        raise AccountRefused("gone", "there is no such account any more")
    wanted = _checked(tx, wanted, now, but=account)
    if "coordinator" in read_roles(row.roles) - wanted.roles:
        _keep_a_coordinator(tx, account, now)
    values = {
        "name": wanted.name,
        "email": wanted.email,
        "roles": write_roles(wanted.roles),
        "person": wanted.person,
    }
    with _taken():
        tx.execute(update(Account).where(Account.id == account).values(values))
    if (read_roles(row.roles), row.person) != (wanted.roles, wanted.person):
        _end_sessions(tx, account)


def disable(tx: Connection, account: int, now: int) -> None:
    """Nobody signs in to it from now on, and whoever is signed in is out. Raises `AccountRefused`."""
    roles = tx.execute(select(Account.roles).where(Account.id == account)).scalar()
    if roles is None:
        raise AccountRefused("gone", "there is no such account any more")
    if "coordinator" in read_roles(roles):
        _keep_a_coordinator(tx, account, now)
    tx.execute(update(Account).where(Account.id == account).values(disabled=True))
    invitations.withdraw(tx, account)
    _end_sessions(tx, account)


def enable(tx: Connection, account: int) -> None:
    """It works again, with the password and the second factor that it had. Raises `AccountRefused`."""
    if tx.execute(update(Account).where(Account.id == account).values(disabled=False)).rowcount != 1:
        raise AccountRefused("gone", "there is no such account any more")


def read_accounts(connection: Connection, now: int) -> list[Entry]:
    """Every account, by name."""
    links = invitations.pending(connection, now)
    keys = exists().where(Passkey.account == Account.id).correlate(Account)
    columns = [column for column in Account.__table__.c if column.name not in {"password", "totp", "totp_step"}]
    rows = connection.execute(
        select(
            *columns,
            (Account.password != "").label("chosen"),
            Account.totp.is_not(None).label("authenticator"),
            keys.label("keys"),
            in_force(now).label("in_force"),
        ).order_by(Account.name, Account.id)
    )
    return [
        Entry(
            id=row.id,
            name=row.name,
            email=row.email,
            roles=read_roles(row.roles),
            person=row.person,
            language=row.language,
            state=_state(
                disabled=row.disabled,
                in_force=row.in_force,
                able=row.keys or (row.chosen and row.authenticator),
                invited=row.id in links,
            ),
            expires_at=links.get(row.id),
            second_factor=bool(row.keys or row.authenticator),
        )
        for row in rows
    ]


def find(connection: Connection, email: str) -> int | None:
    """The account of this e-mail address."""
    return connection.execute(select(Account.id).where(Account.email == address_of(email))).scalar()


def _state(*, disabled: bool, in_force: bool, able: bool, invited: bool) -> State:
    if disabled:
        return "disabled"
    if not in_force:
        return "left"
    if able:
        return "active"
    return "invited" if invited else "expired"


@contextmanager
def _taken() -> Iterator[None]:
    """Raises `AccountRefused` where somebody else was a moment faster."""
    try:
        yield
    except IntegrityError as error:
        # SQLite names the column, PostgreSQL the constraint.
        if re.search(r"accounts[._]person", str(error.orig)):
            raise AccountRefused("person-taken", "this psychologist has an account already") from error
        raise AccountRefused("email-taken", "this e-mail address has an account already") from error


def _checked(tx: Connection, wanted: Wanted, now: int, but: int | None) -> Wanted:
    """`wanted` as it is kept. Raises `AccountRefused`."""
    name, email = " ".join(wanted.name.split()), address_of(wanted.email)
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise AccountRefused("name", f"write a name of at most {LONGEST_NAME} signs")
    if len(email) > LONGEST_EMAIL or not email.isascii() or not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+", email):
        raise AccountRefused("email", f"{wanted.email!r} isn't an e-mail address; write it like name@example.org")
    if not wanted.roles:
        raise AccountRefused("no-role", "an account needs a role: psychologist, coordinator, funder or operator")
    if find(tx, email) not in {None, but}:
        raise AccountRefused("email-taken", f"{email} has an account already")
    person = wanted.person if "psychologist" in wanted.roles else None
    if "psychologist" in wanted.roles:
        _check_person(tx, person, now, but)
    return Wanted(name, email, wanted.roles, person, wanted.language)


def _check_person(tx: Connection, person: int | None, now: int, but: int | None) -> None:
    row = tx.execute(select(Person.name, Person.left_at).where(Person.id == person)).first()
    if row is None:
        raise AccountRefused(
            "no-person", "a psychologist must stand in the list of people first: 'rota import' adds them"
        )
    if row.left_at is not None and row.left_at <= now:
        raise AccountRefused("person-left", f"{row.name} has left")
    if tx.execute(select(Account.id).where(Account.person == person)).scalar() not in {None, but}:
        raise AccountRefused("person-taken", f"{row.name} has an account already")


def _keep_a_coordinator(tx: Connection, account: int, now: int) -> None:
    """Raises `AccountRefused` if nobody else could. Of two who would end each other's role one waits here."""
    chosen = and_(Account.password != "", Account.totp.is_not(None))
    able = or_(chosen, exists().where(Passkey.account == Account.id).correlate(Account))
    rows = tx.execute(
        select(Account.id, Account.roles)
        .where(Account.roles.contains("coordinator"), in_force(now), able)
        .order_by(Account.id)
        .with_for_update(of=Account)
    ).all()
    others: Collection[int] = [row.id for row in rows if row.id != account and "coordinator" in read_roles(row.roles)]
    if not others and any(row.id == account for row in rows):
        raise AccountRefused("last-coordinator", "nobody else could coordinate then: make somebody a coordinator first")


def _end_sessions(tx: Connection, account: int) -> None:
    tx.execute(delete(Session).where(Session.account == account))

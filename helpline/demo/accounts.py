"""Accounts of the demonstration: one of each psychologist, a coordinator, a funder, an operator.

They sign in like everybody, with a password and an authenticator's code: only that both are told. The button on the
page types them into the same use case as the form does, and gets in, or doesn't, for the same reasons.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pyotp
from sqlalchemy import insert, select, update

from helpline.accounts.model import Role, read_roles, write_roles
from helpline.accounts.service import Accounts
from helpline.accounts.signing_in import Attempt, Refusal, enter, sign_in
from helpline.accounts.standing import in_force
from helpline.accounts.totp import STEP, WINDOW
from helpline.store.account_tables import Account
from helpline.store.tables import Person

PASSWORD = "une ligne pour essayer"  # noqa: S105 - told to everybody, on the page
"""Of all of them: they belong to nobody, and hold nothing."""
STAFF: tuple[tuple[str, Role], ...] = (
    ("Claude Exemple", "coordinator"),
    ("Alex Exemple", "funder"),
    ("Noa Exemple", "operator"),
)


@dataclass(frozen=True, slots=True)
class Login:
    """What signs somebody in now. `code` is the authenticator's at this moment."""

    account: int
    name: str
    email: str
    role: Role
    password: str
    secret: str
    code: str


def furnish(accounts: Accounts) -> None:
    """Gives everybody an account who has none, and a password and an authenticator that are told."""
    kept = accounts.passwords.hash(PASSWORD)
    with accounts.store.durable() as tx:
        known = set(tx.scalars(select(Account.email)))
        people = tx.execute(select(Person.id, Person.name, Person.languages).order_by(Person.id)).all()
        rows: list[dict[str, object]] = [
            {"name": row.name, "roles": "psychologist", "person": row.id, "language": row.languages.split()[0]}
            for row in people
        ]
        rows += [
            {"name": name, "roles": write_roles(frozenset({role})), "person": None, "language": "fr"}
            for name, role in STAFF
        ]
        for row in rows:
            email = _email(str(row["name"]))
            if email not in known:
                values = {**row, "email": email, "password": kept}
                account = tx.execute(insert(Account).returning(Account.id), values).scalar_one()
                sealed = accounts.authenticators.seal(account, accounts.authenticators.new_secret())
                tx.execute(update(Account).where(Account.id == account).values(totp=sealed))


def logins(accounts: Accounts, names: Collection[str], now: int) -> list[Login]:
    """Of the psychologists those with these names, and everybody else who has an authenticator."""
    with accounts.store.read() as connection:
        rows = connection.execute(select(*Account.__table__.c).where(in_force(now)).order_by(Account.id)).all()
    found = []
    for row in rows:
        secret = accounts.authenticators.secret(row.id, row.totp)
        if secret is None or (row.person is not None and row.name not in names):
            continue
        role = min(read_roles(row.roles), key=_ORDER.index)
        code = pyotp.TOTP(secret).at(now)
        found.append(Login(row.id, row.name, row.email, role, PASSWORD, secret, code))
    return sorted(found, key=lambda each: (_ORDER.index(each.role), each.account))


def log_in(accounts: Accounts, login: Login, token: str, device: str, now: int) -> str | Refusal:
    """Signs in with what stands in the table: what the browser holds from now on, or why not.

    Of the codes that are good now it is the first that wasn't used, as whoever waits for the next one would type it.
    """
    with accounts.store.read() as connection:
        used = connection.execute(select(Account.totp_step).where(Account.id == login.account)).scalar() or 0
    steps = [step for step in range(now // STEP - WINDOW, now // STEP + WINDOW + 1) if step > used]
    if not steps:
        return Refusal("slow", STEP - now % STEP)
    code = pyotp.TOTP(login.secret).generate_otp(steps[0])
    found = sign_in(accounts, Attempt(login.email, login.password, code, token), now)
    return found if isinstance(found, Refusal) else enter(accounts, found, token, device, now)


_ORDER: tuple[Role, ...] = ("psychologist", "coordinator", "funder", "operator")


def _email(name: str) -> str:
    return f"{name.partition(' ')[0].lower()}@example.org"

"""Invitations: a link with which somebody chooses a password and a second factor, once, within a week.

The link is 256 random bits, and the database holds their hash. There is one of each account at most: a new one, or a
reset, makes the old useless.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from helpline.accounts.model import Role, read_roles
from helpline.accounts.recovery import RecoveryCodes
from helpline.accounts.standing import in_force
from helpline.store.account_tables import Account, Invitation, Session
from reports.words import LANGUAGES, Language

WEEK = 7 * 86_400
"""Seconds for which a link works."""


@dataclass(frozen=True, slots=True)
class Invited:
    """Who opens an invitation; `expires_at` in UTC seconds."""

    account: int
    name: str
    email: str
    roles: frozenset[Role]
    language: Language
    expires_at: int


def path(token: str) -> str:
    """The link, without the host."""
    return f"/welcome/{token}"


def invite(tx: Connection, account: int, now: int, seconds: int = WEEK) -> str:
    """A link's token for this account; links that it had before open nothing any more."""
    withdraw(tx, account)
    token = secrets.token_urlsafe(32)
    tx.execute(insert(Invitation), {"hash": _hash(token), "account": account, "expires_at": now + seconds})
    return token


def reset(tx: Connection, account: int, now: int, seconds: int = WEEK) -> str:
    """The same for who can't get in any more, or shouldn't: password, authenticator, recovery codes, sessions end.

    Passkeys stay: a device of theirs that unlocks for them proves more than a password did. Who lost such a device
    says so, and the coordinator removes the key as well.
    """
    tx.execute(update(Account).where(Account.id == account).values(password="", totp=None))
    RecoveryCodes.remove(tx, account)
    tx.execute(delete(Session).where(Session.account == account))
    return invite(tx, account, now, seconds)


def account_of(connection: Connection, token: str, now: int) -> Invited | None:
    """Whom a link that works at `now` (UTC seconds) is for; nothing is used up."""
    row = connection.execute(
        select(Invitation.expires_at, *Account.__table__.c)
        .join(Account, Account.id == Invitation.account)
        .where(Invitation.hash == _hash(token), Invitation.expires_at > now, in_force(now))
    ).first()
    if row is None:
        return None
    language = next((code for code in LANGUAGES if code == row.language), LANGUAGES[0])
    return Invited(row.id, row.name, row.email, read_roles(row.roles), language, row.expires_at)


def accept(tx: Connection, token: str, now: int) -> int | None:
    """Uses a link up: its account's id, None when it is expired or used. Of two at the same moment one gets it."""
    invited = account_of(tx, token, now)
    if invited is None or tx.execute(delete(Invitation).where(Invitation.hash == _hash(token))).rowcount != 1:
        return None
    return invited.account


def pending(connection: Connection, now: int) -> dict[int, int]:
    """Account -> when its link expires, of every link that works."""
    rows = connection.execute(select(Invitation.account, Invitation.expires_at).where(Invitation.expires_at > now))
    return {row.account: row.expires_at for row in rows}


def withdraw(tx: Connection, account: int) -> None:
    """No link opens this account any more."""
    tx.execute(delete(Invitation).where(Invitation.account == account))


def sweep(tx: Connection, now: int) -> int:
    """Deletes the links that have expired; how many."""
    return tx.execute(delete(Invitation).where(Invitation.expires_at <= now)).rowcount


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

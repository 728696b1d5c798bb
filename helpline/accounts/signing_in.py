"""Signing in, and proving anew that it is you.

Whatever is wrong (no such address, the password, the code, an account that is disabled) has one answer and takes one
time: the password is hashed and the code compared in any case, and nothing is written.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, select, update

from helpline.accounts.passkeys import PasskeyRefused
from helpline.accounts.passwords import Busy
from helpline.accounts.service import Accounts
from helpline.accounts.standing import in_force
from helpline.accounts.throttle import Kind, network
from helpline.accounts.totp import Match
from helpline.store.account_tables import Account

log = logging.getLogger(__name__)
NOBODY = 0
"""The id of no account."""

Bucket = tuple[Kind, tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was typed. `code`: an authenticator's, or a recovery code; `token`: what the browser holds, "" if nothing.

    `address`: where it comes from, "" where we don't know.
    """

    email: str
    password: str
    code: str
    token: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nobody is let in. `slow`: so many were wrong that the next is heard in `seconds`; `busy`: in a moment."""

    kind: Literal["wrong", "slow", "busy"]
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database knows of an attempt, read before anything is decided."""

    account: int
    password: str
    known: bool
    match: Match | None
    recovery: bool


def address_of(text: str) -> str:
    """An e-mail address as accounts are known by."""
    return text.strip().casefold()


def sign_in(accounts: Accounts, attempt: Attempt, now: int) -> int | Refusal:
    """The account that these open at `now` (UTC seconds); the code is used up. `enter` comes next."""
    found = _look(accounts, attempt, now)
    buckets = _buckets(found, attempt)
    if seconds := _spend(accounts, buckets, now):
        log.warning("signing_in.slow")
        return Refusal("slow", seconds)
    try:
        right = accounts.passwords.verify(found.password, attempt.password)
    except Busy:
        _give_back(accounts, buckets)
        log.warning("signing_in.busy")
        return Refusal("busy")
    if not right or not _second(accounts, found, attempt, now):
        return Refusal("wrong")
    _give_back(accounts, buckets)
    _keep_current(accounts, found, attempt.password)
    return found.account


def sign_in_with_passkey(accounts: Accounts, token: str, credential: str, now: int) -> int | Refusal:
    """The account whose passkey answered the challenge of this browser. No guess at a password slows it."""
    try:
        with accounts.store.durable() as tx:
            return accounts.passkeys.authenticate(tx, token, credential, now)
    except PasskeyRefused:
        return Refusal("wrong")


def enter(accounts: Accounts, account: int, token: str, device: str, now: int) -> str:
    """Opens a session on `device` (words); what the browser holds from now on. What it held (`token`) opens nothing."""
    with accounts.store.durable() as tx:
        accounts.sessions.forget(tx, token)
        return accounts.sessions.open(tx, account, device, now)


def prove(accounts: Accounts, account: int, token: str, proof: str, now: int) -> Refusal | None:
    """Whether whoever is signed in here proves who they are by their password, or by a code. None: it is fresh now."""
    with accounts.store.read() as connection:
        row = connection.execute(select(Account.email).where(Account.id == account, in_force(now))).first()
    if row is None:
        return Refusal("wrong")
    found = _look(accounts, Attempt(row.email, proof, proof, token), now)
    bucket: Bucket = ("code", (account, token, "prove"))
    if seconds := _spend(accounts, (bucket,), now):
        return Refusal("slow", seconds)
    if found.match is None and not found.recovery:
        try:
            right = accounts.passwords.verify(found.password, proof)
        except Busy:
            _give_back(accounts, (bucket,))
            return Refusal("busy")
    else:
        right = _take(accounts, found, proof)
    if not right:
        return Refusal("wrong")
    _give_back(accounts, (bucket,))
    _freshen(accounts, token, now)
    return None


def prove_with_passkey(accounts: Accounts, account: int, token: str, credential: str, now: int) -> Refusal | None:
    """The same with a passkey of theirs."""
    found = sign_in_with_passkey(accounts, token, credential, now)
    if found != account:
        return Refusal("wrong")
    _freshen(accounts, token, now)
    return None


def check_password(accounts: Accounts, account: int, token: str, password: str, now: int) -> Refusal | None:
    """Whether this is the password of whoever is signed in here: for changing it. Nothing becomes fresh."""
    with accounts.store.read() as connection:
        kept = connection.execute(select(Account.password).where(Account.id == account)).scalar() or ""
    bucket: Bucket = ("browser", (account, token))
    if seconds := _spend(accounts, (bucket,), now):
        return Refusal("slow", seconds)
    try:
        right = accounts.passwords.verify(kept, password)
    except Busy:
        _give_back(accounts, (bucket,))
        return Refusal("busy")
    if not right:
        return Refusal("wrong")
    _give_back(accounts, (bucket,))
    return None


def set_password(tx: Connection, account: int, kept: str) -> None:
    """Keeps a password that was chosen; `kept` is what `Passwords.hash` made of it."""
    tx.execute(update(Account).where(Account.id == account).values(password=kept))


def _look(accounts: Accounts, attempt: Attempt, now: int) -> _Found:
    """Reads the same rows and compares the same things whether there is such an account or not."""
    with accounts.store.read() as connection:
        row = connection.execute(
            select(Account.id, Account.password, Account.totp, Account.totp_step).where(
                Account.email == address_of(attempt.email), in_force(now)
            )
        ).first()
        account = row.id if row else NOBODY
        known = accounts.sessions.known(connection, attempt.token, account, now)
        recovery = accounts.recovery.known(connection, account, attempt.code)
    match = accounts.authenticators.look(account, row.totp if row else None, attempt.code, now)
    return _Found(account, row.password if row else "", known, match, recovery)


def _buckets(found: _Found, attempt: Attempt) -> tuple[Bucket, ...]:
    """Whose guess this is: a known browser's, or a stranger's."""
    if found.known:
        return (("browser", (found.account, attempt.token)),)
    place = network(attempt.address)
    strangers: Bucket = ("stranger", (address_of(attempt.email),))
    return (strangers, ("address", (place,))) if place else (strangers,)


def _spend(accounts: Accounts, buckets: tuple[Bucket, ...], now: int) -> int:
    """Takes one from each, or from none: then in how many seconds all have one."""
    waits = [(accounts.throttle.spend(kind, *name, now=now), kind, name) for kind, name in buckets]
    longest = max(wait for wait, _, _ in waits)
    if longest:
        _give_back(accounts, tuple((kind, name) for wait, kind, name in waits if not wait))
    return longest


def _give_back(accounts: Accounts, buckets: tuple[Bucket, ...]) -> None:
    for kind, name in buckets:
        accounts.throttle.give_back(kind, *name)


def _second(accounts: Accounts, found: _Found, attempt: Attempt, now: int) -> bool:
    """Whether the code is right as well, and is used up. Says nothing of the password: too many are as a wrong one."""
    name = (found.account, attempt.token if found.known else "")
    if accounts.throttle.spend("code", *name, now=now):
        return False
    right = _take(accounts, found, attempt.code)
    if right:
        accounts.throttle.give_back("code", *name)
    return right


def _take(accounts: Accounts, found: _Found, code: str) -> bool:
    """Uses a right code up, once."""
    if found.match is None and not found.recovery:
        return False
    with accounts.store.durable() as tx:
        if found.match is not None:
            return accounts.authenticators.take(tx, found.account, found.match)
        return accounts.recovery.take(tx, found.account, code)


def _freshen(accounts: Accounts, token: str, now: int) -> None:
    with accounts.store.durable() as tx:
        accounts.sessions.freshen(tx, token, now)


def _keep_current(accounts: Accounts, found: _Found, password: str) -> None:
    """A password that was hashed at another cost is hashed anew, when there is time for it."""
    if not accounts.passwords.outdated(found.password):
        return
    try:
        kept = accounts.passwords.hash(password)
    except Busy:
        return
    with accounts.store.durable() as tx:
        tx.execute(
            update(Account).where(Account.id == found.account, Account.password == found.password).values(password=kept)
        )

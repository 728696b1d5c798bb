"""Sessions: in the database, listed, revocable. The browser holds 256 random bits, the database their hash.

A session that is signed out stays known for a while: whoever signs in from a browser that has signed in before isn't
slowed down by strangers who guess at their password elsewhere (`helpline.accounts.throttle`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from helpline.accounts.model import Role, Viewer, read_roles
from helpline.accounts.standing import in_force
from helpline.store.account_tables import Account, Session
from reports.words import LANGUAGES

HOUR, DAY = 3_600, 86_400
LONG = 30 * DAY
"""Seconds that a psychologist or funder stays signed in."""
SHORT = 8 * HOUR
"""The same for whoever may change the rota or people: a working day."""
SHORT_ROLES: frozenset[Role] = frozenset({"coordinator", "operator"})
KNOWN = 180 * DAY
"""Seconds for which a browser is known after it was signed out."""
FRESH = 15 * 60
"""Seconds for which somebody needn't prove again that it is them."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One session in its owner's list. `seen_day` counts days since 1970, in UTC."""

    id: str
    device: str
    seen_day: int
    current: bool


class Sessions:
    """Opens, reads and ends sessions. `key` is kept outside the database."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def open(self, tx: Connection, account: int, device: str, now: int) -> str:
        """A new session of `account` on `device` (words, at most 60 signs); what the browser has to keep."""
        roles = read_roles(tx.execute(select(Account.roles).where(Account.id == account)).scalar_one())
        token = secrets.token_urlsafe(32)
        row = {
            "hash": _hash(token),
            "account": account,
            "open": True,
            "device": device[:60],
            "expires_at": expiry(roles, now),
            "seen_day": now // DAY,
            # Of others it would tell when they signed in: they prove it where they have to.
            "fresh_until": now + FRESH if roles & SHORT_ROLES else 0,
        }
        tx.execute(insert(Session), row)
        return token

    def read(self, connection: Connection, token: str, now: int) -> Viewer | None:
        """Whoever this browser is signed in as at `now` (UTC seconds), or None."""
        row = connection.execute(
            select(Session.fresh_until, Session.expires_at, Session.seen_day, *Account.__table__.c)
            .join(Account, Account.id == Session.account)
            .where(Session.hash == _hash(token), Session.open, in_force(now))
        ).first()
        if row is None or row.expires_at <= now:
            return None
        language = next((code for code in LANGUAGES if code == row.language), LANGUAGES[0])
        return Viewer(
            account=row.id,
            name=row.name,
            roles=read_roles(row.roles),
            person=row.person,
            language=language,
            fresh=now < row.fresh_until <= now + FRESH,
            csrf=self.csrf(token),
            session=_hash(token).hex()[:16],
            seen_day=row.seen_day,
        )

    def see(self, tx: Connection, token: str, now: int) -> None:
        """Notes the day."""
        tx.execute(update(Session).where(Session.hash == _hash(token)).values(seen_day=now // DAY))

    def freshen(self, tx: Connection, token: str, now: int) -> None:
        """They have just proved that it is them."""
        tx.execute(update(Session).where(Session.hash == _hash(token)).values(fresh_until=now + FRESH))

    def close(self, tx: Connection, token: str, now: int) -> str:
        """Signs out; what the browser has to keep instead, so that it is known again. Nothing opens with the old."""
        fresh = secrets.token_urlsafe(32)
        values = {"hash": _hash(fresh), "open": False, "fresh_until": 0, "expires_at": (now + KNOWN) // DAY * DAY}
        tx.execute(update(Session).where(Session.hash == _hash(token)).values(values))
        return fresh

    def forget(self, tx: Connection, token: str) -> None:
        """Ends whatever this browser holds: a new session takes its place."""
        tx.execute(delete(Session).where(Session.hash == _hash(token)))

    def known(self, connection: Connection, token: str, account: int, now: int) -> bool:
        """Whether this browser has signed in as `account` before."""
        found = connection.execute(
            select(Session.expires_at).where(Session.hash == _hash(token), Session.account == account)
        ).scalar()
        return found is not None and found > now

    def of(self, connection: Connection, account: int, now: int, token: str = "") -> list[Listed]:
        """An account's open sessions, that of `token` first, then the last seen first."""
        rows = connection.execute(
            select(Session.hash, Session.device, Session.seen_day).where(
                Session.account == account, Session.open, Session.expires_at > now
            )
        )
        own = _hash(token)
        found = [Listed(row.hash.hex()[:16], row.device, row.seen_day, row.hash == own) for row in rows]
        return sorted(found, key=lambda each: (not each.current, -each.seen_day, each.id))

    def revoke(self, tx: Connection, account: int, id_: str) -> bool:
        """Ends one session of `account` by its `Listed.id`; whether there was one."""
        hashes = tx.scalars(select(Session.hash).where(Session.account == account, Session.open)).all()
        gone = [each for each in hashes if each.hex()[:16] == id_]
        tx.execute(delete(Session).where(Session.hash.in_(gone)))
        return bool(gone)

    def revoke_all(self, tx: Connection, account: int, but: str = "") -> None:
        """Ends every session of `account`, known browsers included, but that of the token `but`."""
        tx.execute(delete(Session).where(Session.account == account, Session.hash != _hash(but)))

    def csrf(self, token: str) -> str:
        """What the forms shown to this browser carry, whether it is signed in or not: 128 bits."""
        digest = hmac.digest(self._key, f"csrf:{token}".encode(), hashlib.sha256)[:16]
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


def expiry(roles: frozenset[Role], now: int) -> int:
    """When a session opened at `now` ends (UTC seconds): at a full hour, or for psychologists at a full day.

    Not the exact time: it would tell when somebody signed in, and so when they coded a call.
    """
    if roles & SHORT_ROLES:
        return -(-(now + SHORT) // HOUR) * HOUR
    return -(-(now + LONG) // DAY) * DAY


def sweep(tx: Connection, now: int) -> int:
    """Deletes the sessions that are over, and forgets when others were fresh; how many were over."""
    tx.execute(update(Session).where(Session.fresh_until.between(1, now)).values(fresh_until=0))
    return tx.execute(delete(Session).where(Session.expires_at <= now)).rowcount


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

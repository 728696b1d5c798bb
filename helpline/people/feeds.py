"""Calendar addresses: signed, revocable, one of each person and one of each line; they show calendars and nothing else.

Whoever has an address sees what it shows, as with any calendar that programs subscribe to. So one can be taken back:
its version is drawn anew, and never counted, so that not even a restored database brings back one that was revoked.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import Connection, Update, select, update

from helpline.store.dialect import InsertOnce
from helpline.store.rota_tables import Feed
from helpline.store.tables import Person

TOKEN = re.compile(r"(?:(?P<person>[1-9][0-9]{0,10})|(?P<line>[a-z][a-z0-9-]{0,39}))-[A-Za-z0-9_-]{22}")
"""Whose calendar, and 128 bits."""
_once = InsertOnce(Feed)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a calendar shows: all shifts of a person (`line` empty), or a whole line (`person` 0)."""

    person: int = 0
    line: str = ""

    def __str__(self) -> str:
        return self.line or str(self.person)


class Feeds:
    """Makes and checks calendar addresses."""

    def __init__(self, key: bytes, public_url: str) -> None:
        self._key = key
        self._base = public_url

    @property
    def host(self) -> str:
        """The name of the machine that answers: what events are known by, beside their number."""
        return urlsplit(self._base).hostname or ""

    def path(self, scope: Scope, version: int) -> str:
        """`/feed/<token>.ics`."""
        return f"/feed/{self.token(scope, version)}.ics"

    def url(self, scope: Scope, version: int) -> str:
        """The whole address."""
        return self._base + self.path(scope, version)

    def token(self, scope: Scope, version: int) -> str:
        """`<person or line>-<signature>`: 128 bits that can't be guessed, and that open no personal page."""
        text = f"feed:{scope.person}:{scope.line}:{version}"
        digest = hmac.digest(self._key, text.encode(), hashlib.sha256)[:16]
        return f"{scope}-{urlsafe_b64encode(digest).rstrip(b'=').decode()}"

    def scope(self, connection: Connection, token: str, now: int) -> Scope | None:
        """What this token shows at `now` (UTC seconds); None: forged, revoked, or of somebody who has left."""
        asked = _asked(token)
        if asked is None:
            return None
        row = connection.execute(
            select(Feed.version, Feed.revoked, Person.left_at)
            .outerjoin(Person, Person.id == Feed.person)
            .where(Feed.person == asked.person, Feed.line == asked.line)
        ).first()
        # Who has no calendar is answered as late as who has another.
        right = hmac.compare_digest(self.token(asked, row.version if row else -1).encode(), token.encode())
        gone = row is not None and row.left_at is not None and row.left_at <= now
        return asked if right and row and not row.revoked and not gone else None


def valid(connection: Connection, scope: Scope) -> int | None:
    """The version of a calendar's address, or None when there is none or it was revoked."""
    return connection.execute(
        select(Feed.version).where(Feed.person == scope.person, Feed.line == scope.line, ~Feed.revoked)
    ).scalar()


def issue(tx: Connection, scope: Scope) -> int:
    """A new version: the address that was valid until now isn't any more."""
    version = secrets.randbits(62)
    if not _once(tx, {"person": scope.person, "line": scope.line, "version": version, "revoked": False}):
        tx.execute(_of(scope).values(version=version, revoked=False))
    return version


def revoke(tx: Connection, scope: Scope) -> bool:
    """Makes the address useless; whether there was one."""
    return tx.execute(_of(scope).where(~Feed.revoked).values(revoked=True)).rowcount == 1


def _of(scope: Scope) -> Update:
    return update(Feed).where(Feed.person == scope.person, Feed.line == scope.line)


def _asked(token: str) -> Scope | None:
    """What a token says it is of; None when it isn't one."""
    found = TOKEN.fullmatch(token)
    if found is None:
        return None
    return Scope(person=int(found["person"])) if found["person"] else Scope(line=found["line"])

"""A psychologist's personal link: signed, revocable, good for the wrap-up page until sign-in comes."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode

from sqlalchemy import Connection, select

from helpline.store.tables import Person


class Links:
    """Makes and checks links. A person's link changes when their `link_version` does."""

    def __init__(self, key: bytes, public_url: str) -> None:
        self._key = key
        self._base = public_url

    def path(self, person: int, version: int) -> str:
        """`/me/<token>`."""
        return f"/me/{self.token(person, version)}"

    def url(self, person: int, version: int) -> str:
        """The whole link."""
        return self._base + self.path(person, version)

    def token(self, person: int, version: int) -> str:
        """`<person>-<signature>`: 128 bits that can't be guessed."""
        digest = hmac.digest(self._key, f"link:{person}:{version}".encode(), hashlib.sha256)[:16]
        return f"{person}-{urlsafe_b64encode(digest).rstrip(b'=').decode()}"

    def person(self, connection: Connection, token: str, now: int) -> int | None:
        """Whose link this is, or None when it is forged or revoked, or they have left by `now` (UTC seconds)."""
        number, _, _signature = token.partition("-")
        if not (number.isascii() and number.isdigit() and len(number) < 12):
            return None
        row = connection.execute(select(Person.link_version, Person.left_at).where(Person.id == int(number))).first()
        if row is None or not hmac.compare_digest(self.token(int(number), row.link_version).encode(), token.encode()):
            return None
        return None if row.left_at is not None and row.left_at <= now else int(number)

"""What is sealed with a key that isn't in the database, for one purpose and one place: nothing opens elsewhere.

Whoever has just enrolled holds whose account it is in a hidden field of their form, sealed, until they have kept their
recovery codes: the link is used up by then, and nobody is signed in yet.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
HOUR = 3_600


def derive(key: bytes, purpose: str) -> bytes:
    """256 bits for `purpose` that say nothing of `key`, nor of those for another purpose."""
    return hashlib.shake_256(f"helpline/{purpose}/".encode() + key).digest(32)


class Sealer:
    """AES-GCM with a random nonce: seals bytes for one place, such as one account's row."""

    def __init__(self, key: bytes, purpose: str) -> None:
        self._cipher = AESGCM(derive(key, purpose))

    def close(self, content: bytes, place: str) -> bytes:
        """`content`, to be opened for the same `place` only."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._cipher.encrypt(nonce, content, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes | None:
        """What was sealed for `place`; None when it was for another, with another key, or isn't whole."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], place.encode())
        except (InvalidTag, ValueError):
            return None


class Drafts:
    """Texts that a form carries from one step to the next, for an hour. `place`: whose, such as an invitation's token.

    A draft opens for its place as often as it is sent; what must happen once is held to that by a row.
    """

    def __init__(self, key: bytes, seconds: int = HOUR) -> None:
        self._sealer = Sealer(key, "draft")
        self._seconds = seconds

    def close(self, values: Mapping[str, str], place: str, now: int) -> str:
        """`values` as one word for a hidden field."""
        content = json.dumps({"until": now + self._seconds, "values": dict(values)}).encode()
        return urlsafe_b64encode(self._sealer.close(content, place)).decode()

    def open(self, sealed: str, place: str, now: int) -> dict[str, str] | None:
        """The values; None when it is too old, or wasn't sealed by us for this place."""
        try:
            content = self._sealer.open(urlsafe_b64decode(sealed.encode()), place)
        except (Error, ValueError):
            return None
        if content is None:
            return None
        found = json.loads(content)
        return dict(found["values"]) if now < found["until"] else None

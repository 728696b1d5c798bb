"""Numbers that callers asked to be called back on, encrypted: all that the database ever holds of a caller.

AES-GCM with a random nonce, so that equal numbers don't look equal, and padded, so that a long one doesn't look long.
The keys are derived from those of the seal and are not in the database; a row's sealed number opens as that row's only.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
WIDTH = 16
"""A + and the 15 digits of the longest number."""


class Vault:
    """Seals with the first key and opens with any: `keys` are those of the seal, newest first."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("a vault needs at least one key")
        self._ciphers = [AESGCM(hashlib.shake_256(b"helpline/callback/" + key).digest(32)) for key in keys]

    def close(self, number: str, row: str) -> bytes:
        """`number` (E.164) for the row of this id."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._ciphers[0].encrypt(nonce, number.ljust(WIDTH).encode(), row.encode())

    def open(self, sealed: bytes, row: str) -> str | None:
        """The number of the row of this id; None when it was sealed with a key that is gone, or for another row."""
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], row.encode()).decode().rstrip()
            except InvalidTag:
                continue
        return None

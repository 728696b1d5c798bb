"""Sealed tokens: encrypted, authenticated, deterministic, versioned. Nothing in a URL we hand out is readable.

AES-SIV (RFC 5297) is used because it needs no nonce: the same state gives the same token, so a webhook that the carrier
repeats gets the same document byte for byte. The purpose (`caller`, `wait`, `leg`, ...) and the line are
authenticated with the token, so that a token opens only where it was handed out.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from helpline.errors import BadToken

VERSION = 1
Payload = list[str | int | bool | None]
_json = json.JSONEncoder(separators=(",", ":")).encode


class Seal:
    """Seals with the first key and opens with any: `keys` are secrets of 32 bytes or more, newest first."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("a seal needs at least one key")
        self._ciphers: dict[bytes, list[AESSIV]] = {}
        for key in keys:
            self._ciphers.setdefault(_key_id(key), []).append(AESSIV(_derive(key, b"seal", 64)))
        self._id = _key_id(keys[0])
        self._cipher = self._ciphers[self._id][0]
        self._names = hmac.new(_derive(keys[-1], b"names", 32), digestmod=hashlib.sha256)

    def close(self, purpose: str, line: str, payload: Payload) -> str:
        """A URL-safe token of `payload` that opens for the same purpose and line only."""
        text = _json([VERSION, *payload]).encode()
        sealed = self._cipher.encrypt(text, [f"{purpose}/{line}".encode()])
        return _encode(self._id + sealed)

    def open(self, purpose: str, line: str, token: str) -> Payload:
        """The payload of a token; `BadToken` when it is forged, foreign, or of a key or version we no longer have."""
        try:
            raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError as error:
            raise BadToken(purpose) from error
        # The decoder skips foreign characters and unused bits: a token has one spelling, ours.
        ciphers = self._ciphers.get(raw[:1], []) if _encode(raw) == token else []
        for cipher in ciphers:
            try:
                text = cipher.decrypt(raw[1:], [f"{purpose}/{line}".encode()])
            except InvalidTag:
                continue
            payload: Payload = json.loads(text)
            if payload[0] == VERSION:
                return payload[1:]
        raise BadToken(purpose)

    def name(self, *parts: str) -> str:
        """32 hex digits that follow from `parts` and from the oldest key: ids that a repeated request finds again."""
        digest = self._names.copy()
        digest.update("\0".join(parts).encode())
        return digest.hexdigest()[:32]


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _derive(key: bytes, label: bytes, length: int) -> bytes:
    return hashlib.shake_256(b"helpline/" + label + b"/" + key).digest(length)


def _key_id(key: bytes) -> bytes:
    return _derive(key, b"id", 1)

"""A device that holds passkeys, in software: what a browser and a telephone do together, as the specification says."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ORIGIN = "https://helpline.example.org"


def text(content: bytes) -> str:
    """Base64 as browsers write it."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class Device:
    """One passkey. `counts`: whether it says how often it was used; `verified`: whether it was unlocked."""

    counts: bool = False
    verified: bool = True
    origin: str = ORIGIN
    host: str = "helpline.example.org"
    uses: int = 0
    handle: bytes = b""
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: str) -> str:
        """Makes the key, as `navigator.credentials.create` does; what is sent to us."""
        asked = json.loads(options)
        self.handle = base64url_to_bytes(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + encode_cbor(public)
        data = self._data(ATTESTED) + attested
        client = self._client("webauthn.create", asked["challenge"])
        statement = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        return self._sent({"clientDataJSON": text(client), "attestationObject": text(statement), "transports": []})

    def get(self, options: str) -> str:
        """Answers a challenge, as `navigator.credentials.get` does; what is sent to us."""
        asked = json.loads(options)
        self.uses += self.counts
        client, data = self._client("webauthn.get", asked["challenge"]), self._data()
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._sent(
            {
                "clientDataJSON": text(client),
                "authenticatorData": text(data),
                "signature": text(signature),
                "userHandle": text(self.handle),
            }
        )

    def _data(self, flags: int = 0) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verified else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _sent(self, response: dict[str, Any]) -> str:
        return json.dumps(
            {
                "id": text(self.credential),
                "rawId": text(self.credential),
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
                "authenticatorAttachment": "platform",
            }
        )

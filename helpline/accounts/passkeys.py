"""Passkeys: a key on somebody's own device, which the device unlocks for them. One of these is both factors.

A challenge is kept nowhere: it is a signature over the browser it was given to, what for, and when, and so can't be
moved to another browser, another purpose or a later time. Its being used is noted in the memory that the workers of
one server share (`helpline.accounts.throttle`), for as long as it would work: a row of the database would tell when
somebody signed in. On another server of several it could be used again within these minutes, by whoever holds this very
browser's cookie and saw this very answer: they need no passkey any more.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import Connection, delete, insert, select, update
from webauthn.helpers import (
    options_to_json,
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_client_data_json,
)
from webauthn.helpers import parse_registration_credential_json as parse_registration
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from helpline.accounts.sealing import derive
from helpline.accounts.standing import in_force
from helpline.accounts.throttle import Throttle
from helpline.errors import HelplineError
from helpline.store.account_tables import Account, Passkey

SECONDS = 300
"""For which a challenge can be answered. `throttle.LIMITS["once"]` remembers it as long."""
MOST = 10
"""Passkeys of one account."""
LONGEST_NAME = 60
DAY = 86_400
_RP_NAME = "helpline"
_NONCE, _TIME = 16, 8
# What reading somebody's bytes may raise beside the library's own errors.
_UNREADABLE = (
    WebAuthnException,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    EOFError,
    RecursionError,  # lists in lists in lists
)


class PasskeyRefused(HelplineError):  # noqa: N818 - it is what was done with it
    """The device's answer isn't right: too late, of another browser, unknown, or forged."""


@dataclass(frozen=True, slots=True)
class Key:
    """One passkey in its owner's list. `added_day` counts days since 1970, in UTC."""

    id: int
    name: str
    added_day: int


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose passkey is to be added, as their device shows it."""

    account: int
    name: str
    email: str


class Passkeys:
    """Adds passkeys and lets in who has one. `key` is kept outside the database; `token` is always the browser's."""

    def __init__(self, key: bytes, public_url: str, throttle: Throttle) -> None:
        parts = urlsplit(public_url)
        self._key = derive(key, "passkeys")
        self._host = parts.hostname or ""
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._throttle = throttle

    # --- adding one

    def to_register(self, connection: Connection, owner: Owner, token: str, now: int) -> str:
        """JSON for `navigator.credentials.create`, as `PublicKeyCredential.parseCreationOptionsFromJSON` reads it."""
        known = connection.scalars(select(Passkey.credential).where(Passkey.account == owner.account)).all()
        options = webauthn.generate_registration_options(
            rp_id=self._host,
            rp_name=_RP_NAME,
            user_id=self._handle(owner.account),
            user_name=owner.email,
            user_display_name=owner.name,
            challenge=self._challenge(f"register:{owner.account}", token, now),
            timeout=SECONDS * 1000,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
        )
        return options_to_json(options)

    def register(self, tx: Connection, account: int, token: str, credential: str, name: str, now: int) -> int:
        """Keeps the key that a device made; its id. `credential`: what `toJSON()` gave. Raises `PasskeyRefused`."""
        try:
            parsed = parse_registration(credential)
            challenge = parse_client_data_json(parsed.response.client_data_json).challenge
            self._check(challenge, f"register:{account}", token, now)
            _refuse_makers(parsed.response.attestation_object)
            made = webauthn.verify_registration_response(
                credential=parsed,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except _UNREADABLE as error:
            raise PasskeyRefused("the device's answer can't be used") from error
        held = tx.scalars(select(Passkey.id).where(Passkey.account == account)).all()
        taken = tx.execute(select(Passkey.id).where(Passkey.credential == made.credential_id)).first()
        if taken is not None or len(held) >= MOST or len(made.credential_id) > 1023:
            raise PasskeyRefused("this key is known already, or there are too many")
        row = {
            "account": account,
            "credential": made.credential_id,
            "public_key": made.credential_public_key,
            "uses": made.sign_count,
            "name": name.strip()[:LONGEST_NAME] or _RP_NAME,
            "added_day": now // DAY,
        }
        self._use_up(challenge, now)
        return tx.execute(insert(Passkey).returning(Passkey.id), row).scalar_one()

    # --- using one

    def to_authenticate(self, token: str, now: int) -> str:
        """JSON for `navigator.credentials.get`: the device offers whatever keys it has of this site."""
        options = webauthn.generate_authentication_options(
            rp_id=self._host,
            challenge=self._challenge("authenticate", token, now),
            timeout=SECONDS * 1000,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json(options)

    def authenticate(self, tx: Connection, token: str, credential: str, now: int) -> int:
        """Whose key this is: an account's id, in force at `now` (UTC seconds). Raises `PasskeyRefused`."""
        try:
            parsed = parse_authentication_credential_json(credential)
            challenge = parse_client_data_json(parsed.response.client_data_json).challenge
            self._check(challenge, "authenticate", token, now)
            row = tx.execute(
                select(Passkey.id, Passkey.account, Passkey.public_key, Passkey.uses)
                .join(Account, Account.id == Passkey.account)
                .where(Passkey.credential == parsed.raw_id, in_force(now))
            ).first()
            if row is None or parsed.response.user_handle not in {None, b"", self._handle(row.account)}:
                raise PasskeyRefused("nobody's key")
            done = webauthn.verify_authentication_response(
                credential=parsed,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=row.public_key,
                credential_current_sign_count=row.uses,
                require_user_verification=True,
            )
        except _UNREADABLE as error:
            raise PasskeyRefused("the device's answer can't be used") from error
        self._use_up(challenge, now)
        self._count(tx, row.id, row.uses, done.new_sign_count)
        return int(row.account)

    @staticmethod
    def _count(tx: Connection, passkey: int, before: int, uses: int) -> None:
        """Notes how often the key was used. Keys on several devices don't count and stay at 0."""
        if not uses:
            return
        statement = update(Passkey).where(Passkey.id == passkey, Passkey.uses == before).values(uses=uses)
        if tx.execute(statement).rowcount != 1:
            raise PasskeyRefused("this key was used elsewhere at the same moment")

    # --- a list of them

    @staticmethod
    def of(connection: Connection, account: int) -> list[Key]:
        """An account's passkeys, in the order in which they came."""
        rows = connection.execute(
            select(Passkey.id, Passkey.name, Passkey.added_day).where(Passkey.account == account).order_by(Passkey.id)
        )
        return [Key(row.id, row.name, row.added_day) for row in rows]

    @staticmethod
    def rename(tx: Connection, account: int, passkey: int, name: str) -> bool:
        """Whether the account has this passkey, which is called `name` now."""
        if not name.strip():
            return False
        statement = update(Passkey).where(Passkey.id == passkey, Passkey.account == account)
        return tx.execute(statement.values(name=name.strip()[:LONGEST_NAME])).rowcount == 1

    @staticmethod
    def remove(tx: Connection, account: int, passkey: int) -> bool:
        """Whether the account had this passkey; it opens nothing any more."""
        statement = delete(Passkey).where(Passkey.id == passkey, Passkey.account == account)
        return tx.execute(statement).rowcount == 1

    # --- challenges

    def _handle(self, account: int) -> bytes:
        """What the device knows the account by: nothing that tells who it is."""
        return hmac.digest(self._key, f"handle:{account}".encode(), "sha256")

    def _challenge(self, purpose: str, token: str, now: int) -> bytes:
        head = secrets.token_bytes(_NONCE) + now.to_bytes(_TIME, "big")
        return head + self._signature(head, purpose, token)

    def _signature(self, head: bytes, purpose: str, token: str) -> bytes:
        return hmac.digest(
            self._key, b"\0".join((b"challenge", head.hex().encode(), f"{purpose}\0{token}".encode())), "sha256"
        )

    def _check(self, challenge: bytes, purpose: str, token: str, now: int) -> None:
        head, signature = challenge[: _NONCE + _TIME], challenge[_NONCE + _TIME :]
        given = int.from_bytes(head[_NONCE:], "big")
        if not hmac.compare_digest(signature, self._signature(head, purpose, token)):
            raise PasskeyRefused("another browser's challenge, or none of ours")
        if not given <= now < given + SECONDS:
            raise PasskeyRefused("too late")

    def _use_up(self, challenge: bytes, now: int) -> None:
        if self._throttle.spend("once", challenge.hex(), now=now):
            raise PasskeyRefused("used before")


def _refuse_makers(attestation: bytes) -> None:
    """Raises `PasskeyRefused` for what says who made the device: we didn't ask, and reading it is risk and work."""
    found = parse_attestation_object(attestation)
    if found.fmt not in {AttestationFormat.NONE, AttestationFormat.PACKED} or found.att_stmt.x5c:
        raise PasskeyRefused("who made the device is none of our business")

"""Authenticators: six digits that change every half minute, each accepted once.

The secret lies sealed in its account's row; the key isn't in the database. The last half minute whose code was taken
stands beside it, and only a later one is: by one conditional UPDATE, so that of two who send the same code one gets in.
"""

from __future__ import annotations

import hmac
from base64 import b32decode, b32encode
from dataclasses import dataclass

import pyotp
from sqlalchemy import Connection, select, update

from helpline.accounts.sealing import Sealer
from helpline.store.account_tables import Account

STEP = 30
"""Seconds for which a code is shown."""
WINDOW = 1
"""Steps before and after now whose codes are taken as well: clocks differ, and typing takes a while."""
ISSUER = "helpline"


@dataclass(frozen=True, slots=True)
class Match:
    """A code that was right, and the step it belongs to: not taken yet, see `Authenticators.take`."""

    step: int


class Authenticators:
    """Makes secrets, keeps them, and checks codes. `key` is kept outside the database."""

    def __init__(self, key: bytes, issuer: str = ISSUER) -> None:
        self._sealer = Sealer(key, "totp")
        self._issuer = issuer
        self._nobodys = self.new_secret()

    @staticmethod
    def new_secret() -> str:
        """160 random bits, as authenticator apps take them: 32 letters and digits."""
        return pyotp.random_base32()

    def uri(self, secret: str, email: str) -> str:
        """`otpauth://...`: what the picture to scan says."""
        return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=self._issuer)

    @staticmethod
    def match(secret: str, code: str, now: int) -> Match | None:
        """The step whose code this is, at `now` (UTC seconds). Takes nothing."""
        digits = "".join(code.split())
        totp, current = pyotp.TOTP(secret), now // STEP
        found = None
        for step in range(current - WINDOW, current + WINDOW + 1):
            # All of them are looked at, so that the time it takes doesn't tell which.
            if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
                found = Match(step)
        return found

    def enrol(self, tx: Connection, account: int, secret: str, code: str, now: int) -> bool:
        """Keeps `secret` as the account's authenticator, if `code` shows that they have it; that code is used up."""
        found = self.match(secret, code, now)
        if found is None:
            return False
        values = {"totp": self.seal(account, secret), "totp_step": found.step}
        return tx.execute(update(Account).where(Account.id == account).values(values)).rowcount == 1

    @staticmethod
    def remove(tx: Connection, account: int) -> None:
        """Forgets the authenticator. The last step stays: a code is never taken twice."""
        tx.execute(update(Account).where(Account.id == account).values(totp=None))

    def seal(self, account: int, secret: str) -> bytes:
        """An account's secret as its row keeps it."""
        return self._sealer.close(b32decode(secret), str(account))

    def secret(self, account: int, sealed: bytes | None) -> str | None:
        """An account's secret as its row has it; None without one, or when its key is gone."""
        opened = None if sealed is None else self._sealer.open(sealed, str(account))
        return None if opened is None else b32encode(opened).decode()

    def look(self, account: int, sealed: bytes | None, code: str, now: int) -> Match | None:
        """Whether `code` is right for an account's row; takes as long without a secret. Not taken yet."""
        secret = self.secret(account, sealed)
        found = self.match(secret or self._nobodys, code, now)
        return found if secret else None

    @staticmethod
    def take(tx: Connection, account: int, match: Match) -> bool:
        """Uses the code up; False when it was before, or a later one. Of two at the same moment one is told True."""
        statement = (
            update(Account).where(Account.id == account, Account.totp_step < match.step).values(totp_step=match.step)
        )
        return tx.execute(statement).rowcount == 1

    def check(self, tx: Connection, account: int, code: str, now: int) -> bool:
        """Whether `code` is the authenticator's at `now` (UTC seconds) and wasn't used before; it is used up now."""
        sealed = tx.execute(select(Account.totp).where(Account.id == account)).scalar()
        found = self.look(account, sealed, code, now)
        return found is not None and self.take(tx, account, found)

"""Recovery codes: ten that stand in for the authenticator, each once, for whoever loses their telephone.

The database holds keyed digests, and the key isn't there: whoever steals it can't try codes at leisure.
"""

from __future__ import annotations

import hmac
import secrets

from sqlalchemy import Connection, delete, func, insert, select

from helpline.accounts.sealing import derive
from helpline.store.account_tables import RecoveryCode

CODES = 10
GROUPS, SIGNS = 3, 4
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without i, l, o, 0 and 1. Twelve of these are 59 bits."""


class RecoveryCodes:
    """Makes codes and takes them. `key` is kept outside the database."""

    def __init__(self, key: bytes) -> None:
        self._key = derive(key, "recovery")

    def renew(self, tx: Connection, account: int) -> tuple[str, ...]:
        """Ten new codes, to be shown once; the old ones work no more."""
        codes = tuple(_draw() for _ in range(CODES))
        self.remove(tx, account)
        tx.execute(insert(RecoveryCode), [{"account": account, "hash": self._digest(account, code)} for code in codes])
        return codes

    def take(self, tx: Connection, account: int, code: str) -> bool:
        """Whether this is one of the account's codes that wasn't used; it is used up now."""
        statement = delete(RecoveryCode).where(
            RecoveryCode.account == account, RecoveryCode.hash == self._digest(account, code)
        )
        return tx.execute(statement).rowcount == 1

    def known(self, connection: Connection, account: int, code: str) -> bool:
        """The same without using it up."""
        statement = select(RecoveryCode.account).where(
            RecoveryCode.account == account, RecoveryCode.hash == self._digest(account, code)
        )
        return connection.execute(statement).first() is not None

    @staticmethod
    def left(connection: Connection, account: int) -> int:
        """How many are left."""
        statement = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.account == account)
        return connection.execute(statement).scalar_one()

    @staticmethod
    def remove(tx: Connection, account: int) -> None:
        """None of the account's codes works any more."""
        tx.execute(delete(RecoveryCode).where(RecoveryCode.account == account))

    def _digest(self, account: int, code: str) -> bytes:
        return hmac.digest(self._key, f"{account}:{plain(code)}".encode(), "sha256")


def plain(code: str) -> str:
    """A code as it counts: however it was grouped and whether it was written in capitals."""
    return "".join(sign for sign in code.casefold() if sign.isalnum())


def _draw() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(SIGNS)) for _ in range(GROUPS))

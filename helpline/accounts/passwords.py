"""Passwords: argon2id, a few at once, and the rules for choosing one.

The rules are those of NIST 800-63B: long enough, not one that everybody tries first, and nothing else. Hashing is made
slow on purpose, so that only so much of it may go on at a time: strangers who guess must not take the processors from
callers.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from helpline.accounts.common import is_common
from helpline.errors import HelplineError

SHORTEST, LONGEST = 12, 128
"""Signs of a password."""
AT_ONCE = 2
"""Hashings that one process does at a time: each takes a processor and 19 MiB for some 30 ms."""
PATIENCE = 2.0
"""Seconds that a sign-in waits for its turn to be hashed."""

Fault = Literal["short", "long", "common", "own"]
"""What is wrong with a chosen password; `own`: it is their name or their address."""


class Busy(HelplineError):  # noqa: N818 - it is what we are
    """Too many passwords are being hashed: try again in a moment."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one hashing takes: KiB of memory, passes over it, lanes."""

    memory: int
    passes: int
    lanes: int


OWASP = Cost(19 * 1024, 2, 1)
"""The least that OWASP's cheat sheet names for argon2id."""


class Passwords:
    """Hashes and checks. One for each process: it counts what goes on at once."""

    def __init__(self, cost: Cost = OWASP, *, at_once: int = AT_ONCE, patience: float = PATIENCE) -> None:
        self._hasher = _hasher(cost)
        self._turns = threading.BoundedSemaphore(at_once)
        self._patience = patience
        self._nobodys = _nobodys(cost)

    def hash(self, password: str) -> str:
        """What the database keeps. Raises `Busy`."""
        with self._turn():
            return self._hasher.hash(_plain(password))

    def verify(self, kept: str, password: str) -> bool:
        """Whether `kept` was made from `password`. Takes as long when `kept` is empty. Raises `Busy`."""
        with self._turn():
            try:
                self._hasher.verify(kept or self._nobodys, _plain(password)[: 4 * LONGEST])
            except (VerificationError, InvalidHashError):
                return False
        return bool(kept)

    def outdated(self, kept: str) -> bool:
        """Whether `kept` was made at another cost than today's: whoever signs in has it made anew."""
        return self._hasher.check_needs_rehash(kept)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=self._patience):
            raise Busy("too many passwords are being checked")
        try:
            yield
        finally:
            self._turns.release()


def _hasher(cost: Cost) -> PasswordHasher:
    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory, parallelism=cost.lanes)


@cache
def _nobodys(cost: Cost) -> str:
    """A hash of nothing that anybody knows: it is checked where there is no account, and takes as long."""
    return _hasher(cost).hash(secrets.token_urlsafe())


def faults(password: str, *own: str) -> tuple[Fault, ...]:
    """What is wrong with a chosen password; `own` are its owner's name and e-mail address."""
    plain = _plain(password)
    found: list[Fault] = []
    if len(plain) < SHORTEST:
        found.append("short")
    if len(plain) > LONGEST:
        found.append("long")
    if is_common(plain):
        found.append("common")
    if _joined(plain) in {_joined(text) for text in own}:
        found.append("own")
    return tuple(found)


def _plain(password: str) -> str:
    """One spelling of signs that keyboards and systems spell differently."""
    return unicodedata.normalize("NFKC", password)


def _joined(text: str) -> str:
    return "".join(_plain(text).casefold().split())

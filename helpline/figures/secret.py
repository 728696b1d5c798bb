"""Which secret figures were rounded with, said without saying the secret."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from helpline.errors import UsageError
from helpline.figures.frozen import Frozen

TOLD = b"helpline: which secret figures are rounded with"


def fingerprint(secret: bytes) -> str:
    """16 hexadecimal digits that tell this secret from others and nothing about it, if it is as long as it has to be.

    HMAC-SHA256 of a fixed text, cut to 64 bits.
    """
    return hmac.digest(secret, TOLD, hashlib.sha256).hex()[:16]


def make(path: Path) -> None:
    """Writes a new secret of 32 random bytes, for its owner's eyes only.

    UsageError if there is a file already: a secret that is written over is lost, and with it every open year.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise UsageError(f"{path} exists already, and is never written over; move it to a safe place first") from error
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32) + "\n")


@dataclass(frozen=True, slots=True)
class Standing:
    """How the secret at hand stands to what is closed: lines with years, and the years that it can't go on with."""

    same: tuple[tuple[str, int], ...]
    other: tuple[tuple[str, int], ...]
    """Rounded with another secret, at least in part."""
    stuck: tuple[tuple[str, int], ...]
    """Those of them that were begun and aren't closed: with this secret they never will be."""


def standing(ledger: Iterable[Frozen], secret: bytes) -> Standing:
    """Compares fingerprints."""
    mine = fingerprint(secret)
    secrets_of: dict[tuple[str, int], set[str]] = defaultdict(set)
    whole: set[tuple[str, int]] = set()
    for each in ledger:
        year = each.figures.line, each.figures.year
        secrets_of[year].add(each.secret)
        if each.figures.period == str(each.figures.year):
            whole.add(year)
    other = tuple(sorted(year for year, known in secrets_of.items() if known != {mine}))
    return Standing(
        same=tuple(sorted(year for year, known in secrets_of.items() if known == {mine})),
        other=other,
        stuck=tuple(year for year in other if year not in whole),
    )

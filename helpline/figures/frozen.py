"""The ledger of closed periods: what was printed of each, read back and proven unchanged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from helpline.errors import StoreError
from helpline.store.dialect import InsertOnce
from helpline.store.figure_tables import Release
from reports.errors import InputError
from reports.figures import Figures, freeze, thaw

_insert = InsertOnce(Release)


@dataclass(frozen=True, slots=True)
class Frozen:
    """The figures of one revision of a closed period of a line, or of all lines together (`figures.line == "*"`)."""

    figures: Figures
    digest: str
    """SHA-256 of the frozen text, in hexadecimal."""
    secret: str
    """The fingerprint of the secret it was rounded with."""
    released_at: int | None
    """When it was published, in UTC seconds; None while only coordinators know that it is closed."""
    public: bool
    """Published for everybody, not only for funders."""
    final: bool
    """The year's records are gone: nothing of it is ever counted again."""


def closed(connection: Connection, line: str | None = None, year: int | None = None) -> list[Frozen]:
    """Everything ever closed, of all lines or of one, of any year or of one.

    By line, period and revision, a year before its periods. StoreError where a row isn't what was frozen.
    """
    wanted = select(*Release.__table__.c).order_by(Release.line, Release.period, Release.revision)
    if line is not None:
        wanted = wanted.where(Release.line == line)
    if year is not None:
        wanted = wanted.where(Release.period.like(f"{year}%"))
    return [_thawed(Release(**row)) for row in connection.execute(wanted).mappings()]


def latest(frozen: Iterable[Frozen]) -> list[Frozen]:
    """Only the newest revision of each period, in the given order."""
    newest: dict[tuple[str, str], Frozen] = {}
    for each in frozen:
        key = each.figures.line, each.figures.period
        if key not in newest or newest[key].figures.revision < each.figures.revision:
            newest[key] = each
    return list(newest.values())


def revisions(connection: Connection, line: str, year: int) -> set[tuple[str, int]]:
    """What is closed of a line's year: periods, each with its revision."""
    mine = Release.line == line, Release.period.like(f"{year}%")
    return {
        (row.period, row.revision) for row in connection.execute(select(Release.period, Release.revision).where(*mine))
    }


def find(ledger: Iterable[Frozen], period: str) -> Frozen | None:
    """The newest revision of a period of one line."""
    return next((each for each in latest(ledger) if each.figures.period == period), None)


def keep(tx: Connection, figures: Figures, secret: str) -> bool:
    """Freezes a revision of a period; False if there is one already. `secret` is the fingerprint."""
    row = {
        "line": figures.line,
        "period": figures.period,
        "revision": figures.revision,
        "figures": freeze(figures),
        "digest": figures.digest(),
        "secret": secret,
    }
    return _insert(tx, row)


def _thawed(row: Release) -> Frozen:
    where = f"the frozen figures of {row.line} {row.period}, revision {row.revision},"
    if hashlib.sha256(row.figures.encode()).hexdigest() != row.digest:
        raise StoreError(f"{where} were changed in the database: restore table releases from a backup")
    try:
        figures = thaw(row.figures)
    except InputError as error:
        raise StoreError(f"{where} can't be read: {error}") from error
    if (figures.line, figures.period, figures.revision) != (row.line, row.period, row.revision):
        raise StoreError(f"{where} are those of another period: restore table releases from a backup")
    return Frozen(figures, row.digest, row.secret, row.released_at, row.public, row.final)

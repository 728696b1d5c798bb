"""What is out, for whoever reads it: which releases there are, and their files as they were stored.

Only what lies in columns is read, so that a list is quick however much is on the shelf.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from helpline.figures.questions import Address
from helpline.store.figure_tables import Release, ReleaseFile
from reports.figures import Figures, thaw


@dataclass(frozen=True, slots=True)
class Volume:
    """One release: whose, of what, and since when (UTC seconds); `newest` is the revision that counts today."""

    line: str
    period: str
    revision: int
    released_at: int
    public: bool
    newest: int
    files: tuple[str, ...] = ()

    @property
    def replaced(self) -> bool:
        """Whether a later revision is out."""
        return self.revision < self.newest

    @property
    def address(self) -> Address:
        """Line, period and revision."""
        return self.line, self.period, self.revision


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed period that isn't out: its newest revision, and whether an earlier one is."""

    line: str
    period: str
    revision: int
    corrects: bool


@dataclass(frozen=True, slots=True)
class File:
    """A file of a release."""

    volume: Volume
    name: str
    sha256: str
    content: bytes


def volumes(connection: Connection, *, public: bool = False) -> list[Volume]:
    """Everything that is out, or that is out for everybody: by line and period, the newest revision first."""
    key = Release.line, Release.period, Release.revision
    wanted = select(*key, Release.released_at, Release.public).where(Release.released_at.is_not(None))
    rows = connection.execute(wanted.where(Release.public) if public else wanted).all()
    files: dict[Address, list[str]] = {}
    names = select(ReleaseFile.line, ReleaseFile.period, ReleaseFile.revision, ReleaseFile.name)
    for row in connection.execute(names.order_by(ReleaseFile.name)):
        files.setdefault((row.line, row.period, row.revision), []).append(row.name)
    newest = _newest((row.line, row.period, row.revision) for row in rows)
    found = [
        Volume(
            row.line,
            row.period,
            row.revision,
            row.released_at,
            row.public,
            newest[row.line, row.period],
            tuple(files.get((row.line, row.period, row.revision), ())),
        )
        for row in rows
        if row.released_at is not None
    ]
    return sorted(found, key=lambda each: (each.line, each.period, -each.revision))


def not_out(connection: Connection) -> list[Closed]:
    """Every closed period whose newest revision isn't out, by line and period."""
    key = Release.line, Release.period, Release.revision
    rows = connection.execute(select(*key, Release.released_at).order_by(*key)).all()
    newest = _newest((row.line, row.period, row.revision) for row in rows)
    out = {(row.line, row.period) for row in rows if row.released_at is not None}
    return [
        Closed(row.line, row.period, row.revision, (row.line, row.period) in out)
        for row in rows
        if row.released_at is None and row.revision == newest[row.line, row.period]
    ]


def find(
    connection: Connection, line: str, period: str, revision: int | None = None, *, public: bool = False
) -> list[Volume]:
    """The releases of one period, the newest revision first; only that revision if it is named."""
    same = select(Release.revision, Release.released_at, Release.public).where(
        Release.line == line, Release.period == period, Release.released_at.is_not(None)
    )
    rows = connection.execute((same.where(Release.public) if public else same).order_by(Release.revision.desc())).all()
    names = select(ReleaseFile.revision, ReleaseFile.name).where(ReleaseFile.line == line, ReleaseFile.period == period)
    files: dict[int, list[str]] = {}
    for row in connection.execute(names.order_by(ReleaseFile.name)):
        files.setdefault(row.revision, []).append(row.name)
    return [
        Volume(
            line,
            period,
            row.revision,
            row.released_at,
            row.public,
            rows[0].revision,
            tuple(files.get(row.revision, ())),
        )
        for row in rows
        if revision in {None, row.revision} and row.released_at is not None
    ]


def read(connection: Connection, volumes: Iterable[Volume], name: str) -> File | None:
    """The file called `name`, of the first of these that has one; None if none has."""
    holder = next((volume for volume in volumes if name in volume.files), None)
    if holder is None:
        return None
    row = connection.execute(
        select(ReleaseFile.sha256, ReleaseFile.content).where(
            ReleaseFile.line == holder.line,
            ReleaseFile.period == holder.period,
            ReleaseFile.revision == holder.revision,
            ReleaseFile.name == name,
        )
    ).one()
    return File(holder, name, row.sha256, row.content)


def figures_of(connection: Connection, address: Address) -> Figures:
    """The frozen figures of one closed period, out or not. KeyError if there is none."""
    line, period, revision = address
    same = (Release.line == line, Release.period == period, Release.revision == revision)
    text = connection.execute(select(Release.figures).where(*same)).scalar()
    if text is None:
        raise KeyError(address)
    return thaw(text)


def _newest(addresses: Iterable[Address]) -> dict[tuple[str, str], int]:
    newest: dict[tuple[str, str], int] = {}
    for line, period, revision in addresses:
        newest[line, period] = max(revision, newest.get((line, period), 0))
    return newest

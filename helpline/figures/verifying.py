"""What was published is drawn once more and compared: the frozen figures still give the same files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select

from helpline.errors import StoreError, UsageError
from helpline.figures.frozen import Frozen, closed
from helpline.figures.making import draw
from helpline.figures.preparing import SOURCES, address_of
from helpline.figures.questions import Address, Sources, named
from helpline.store.figure_tables import ReleaseFile
from reports.figures import freeze
from reports.history import Earlier
from reports.render.files import MANIFEST


@dataclass(frozen=True, slots=True)
class Verified:
    """How a release's files compare with what its figures give today."""

    line: str
    period: str
    revision: int
    files: int
    damaged: tuple[str, ...]
    """Files that aren't what was stored."""
    different: tuple[str, ...]
    """Files that would be drawn otherwise today."""
    versions: tuple[tuple[str, str, str], ...]
    """What they were made with, then and now, where that differs."""

    @property
    def well(self) -> bool:
        """Whether every byte is the same."""
        return not (self.damaged or self.different)


def verify(connection: Connection, line: str, period: str, revision: int | None = None) -> Verified:
    """Draws a release anew and compares it, byte by byte, with what was stored. `UsageError` if there is none."""
    chosen = _released({address_of(each): each for each in closed(connection, line)}, line, period, revision)
    address = address_of(chosen)
    there = stored(connection, address)
    if not there:
        raise UsageError(f"{named(line)} {period} has no files yet: a demonstration draws them when it starts")
    hashes = _hashes(connection, address)
    damaged = tuple(name for name, content in there.items() if _sha256(content) != hashes[name])
    if {SOURCES, MANIFEST} & {*damaged} or not {SOURCES, MANIFEST} <= {*there}:
        raise StoreError(f"{line} {period}: {SOURCES} or {MANIFEST} is damaged; restore table release_files")
    built = rebuild(connection, *address)
    names = sorted({*there, *built} - {SOURCES})
    different = tuple(name for name in names if there.get(name) != built.get(name))
    versions = _versions_apart(there[MANIFEST], built[MANIFEST])
    return Verified(*address, len(there), damaged, different, versions)


def stored(connection: Connection, address: Address) -> dict[str, bytes]:
    """The files of a release as they were published: name -> bytes."""
    rows = connection.execute(select(ReleaseFile.name, ReleaseFile.content).where(*_files_of(address)))
    return {row.name: row.content for row in rows}


def rebuild(connection: Connection, line: str, period: str, revision: int | None = None) -> Mapping[str, bytes]:
    """Every file of a release, drawn anew from the frozen figures that it was drawn from.

    Raises `UsageError` if there is none, `StoreError` where what it was drawn from isn't there any more.
    """
    every = {address_of(each): each for each in closed(connection)}
    chosen = _released(every, line, period, revision)
    sources = json.loads(stored(connection, address_of(chosen))[SOURCES])
    years = []
    for each in sources["years"]:
        frozen = every.get((each["line"], each["period"], each["revision"]))
        if frozen is None or frozen.digest != each["digest"]:
            raise StoreError(
                f"{each['line']} {each['period']}, revision {each['revision']}, from which {line} {period} was drawn, "
                "is gone or was changed: restore table releases from a backup"
            )
        years.append(freeze(frozen.figures))
    earlier = tuple(Earlier(**each) for each in sources["earlier"])
    return draw(Sources(freeze(chosen.figures), tuple(years), earlier))


def _released(every: Mapping[Address, Frozen], line: str, period: str, revision: int | None) -> Frozen:
    found = [
        each
        for (whose, when, number), each in every.items()
        if (whose, when) == (line, period) and revision in {None, number} and each.released_at is not None
    ]
    if not found:
        raise UsageError(f"{named(line)} {period} isn't published; 'helpline report list' shows what is")
    return found[-1]


def _versions_apart(then: bytes, now: bytes) -> tuple[tuple[str, str, str], ...]:
    old, new = (json.loads(each)["made_with"] for each in (then, now))
    return tuple(
        (name, old.get(name, "-"), new.get(name, "-"))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    )


def _hashes(connection: Connection, address: Address) -> dict[str, str]:
    rows = connection.execute(select(ReleaseFile.name, ReleaseFile.sha256).where(*_files_of(address)))
    return {row.name: row.sha256 for row in rows}


def _files_of(address: Address) -> tuple[ColumnElement[bool], ...]:
    line, period, revision = address
    return ReleaseFile.line == line, ReleaseFile.period == period, ReleaseFile.revision == revision


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

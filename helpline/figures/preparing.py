"""A release between two looks at the database: what is read before it is made, and what is written once it is.

Everything is written in one transaction: before it nothing is there, after it everything. It is given up if anything
else was published meanwhile, since the auditor hasn't looked at that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Connection, Update, delete, insert, select, text, update

from helpline.errors import UsageError
from helpline.figures import history
from helpline.figures.frozen import Frozen, closed
from helpline.figures.gates import refuse_early
from helpline.figures.known import read_known
from helpline.figures.questions import Address, Made, Question, Sources, named
from helpline.lines import Line
from helpline.store.figure_tables import Release, ReleaseFile, ReleaseOrder
from helpline.store.sessions import Store
from reports.figures import TOGETHER, freeze
from reports.history import Earlier
from reports.periods import Profile, grain

SOURCES = "sources.json"
"""The file of a release that says what else it was drawn from, so that it can be drawn again."""


@dataclass(frozen=True, slots=True)
class Published:
    """A release that is out; `new` if it was published just now."""

    line: str
    period: str
    revision: int
    released_at: int
    public: bool
    new: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to be released and all that is known beside it, as one look at the database found it."""

    chosen: Frozen
    question: Question
    ledger: frozenset[Address]
    """What was out at that moment."""


def prepare(store: Store, lines: Mapping[str, Line], line: str, period: str, now: int) -> Prepared:
    """Reads what a release of this period needs. Raises `UsageError` where it isn't closed: what would do it."""
    with store.read() as connection:
        every = closed(connection)
        earlier = history.read(connection, line) if grain(period) is Profile.YEAR else ()
        mine = [each for each in every if (each.figures.line, each.figures.period) == (line, period)]
        if not mine:
            if line in lines:
                refuse_early(lines[line], period, now)
            option = "--all-lines" if line == TOGETHER else f"--line {line}"
            raise UsageError(
                f"{named(line)} {period} isn't closed: 'helpline report close {period} {option}' does that"
            )
        chosen = mine[-1]
        out = [each for each in every if each.released_at is not None]
        known = read_known(connection, lines, (each.figures for each in (*out, chosen)))
    question = Question(sources_of(out, chosen, earlier), tuple(freeze(each.figures) for each in out), known)
    return Prepared(chosen, question, frozenset(map(address_of, out)))


def put(
    store: Store, prepared: Prepared, made: Made, now: int, *, public: bool, ordered: bool = False
) -> Published | None:
    """Publishes what was made. None, and nothing written, if anything else came out since it was prepared.

    With `ordered` only while the order of it stands.
    """
    line, period, revision = address_of(prepared.chosen)
    with store.durable() as tx:
        _alone(tx)
        rows = tx.execute(
            select(Release.line, Release.period, Release.revision, Release.released_at, Release.public)
        ).all()
        same = {row.revision: row for row in rows if (row.line, row.period) == (line, period)}
        mine = same[revision]
        if mine.released_at is not None:
            return Published(line, period, revision, mine.released_at, mine.public)
        out = {(row.line, row.period, row.revision) for row in rows if row.released_at is not None}
        withdrawn = ordered and not tx.execute(select(ReleaseOrder.at).where(*_ordered(line, period))).all()
        if out != prepared.ledger or revision != max(same) or withdrawn:
            return None
        keep_files(tx, prepared.chosen, made.files, prepared.question.sources)
        key = {"line": line, "period": period, "revision": revision}
        public = public or any(row.public for row in same.values())
        tx.execute(_row(key).values(released_at=now, public=public))
        tx.execute(delete(ReleaseOrder).where(*_ordered(line, period)))
    return Published(line, period, revision, now, public, new=True)


def sources_of(out: Iterable[Frozen], chosen: Frozen, earlier: tuple[Earlier, ...]) -> Sources:
    """What the report of `chosen` is drawn from, where `out` is published."""
    years = tuple(freeze(each.figures) for each in _years_before(out, chosen))
    return Sources(freeze(chosen.figures), years, earlier)


def keep_files(tx: Connection, chosen: Frozen, files: Mapping[str, bytes], sources: Sources) -> None:
    """Stores the files of a release, and what they were drawn from."""
    line, period, revision = address_of(chosen)
    key = {"line": line, "period": period, "revision": revision}
    every = {**files, SOURCES: _sources_file(sources)}
    rows = [{**key, "name": name, "sha256": _sha256(content), "content": content} for name, content in every.items()]
    tx.execute(insert(ReleaseFile), rows)


def published(chosen: Frozen) -> Published:
    """A release that is out already."""
    return Published(*address_of(chosen), chosen.released_at or 0, chosen.public)


def make_public(store: Store, address: Address) -> None:
    """Shows a release to everybody. Nothing happens if it isn't out."""
    line, period, revision = address
    with store.durable() as tx:
        same = _row({"line": line, "period": period, "revision": revision})
        tx.execute(same.where(Release.released_at.is_not(None)).values(public=True))


def _years_before(out: Iterable[Frozen], chosen: Frozen) -> list[Frozen]:
    """The latest published revision of each earlier year, where `chosen` is a year: what it is compared with."""
    mine = chosen.figures
    if grain(mine.period) is not Profile.YEAR:
        return []
    newest: dict[int, Frozen] = {}
    for each in out:
        theirs = each.figures
        like = theirs.line == mine.line and theirs.demo == mine.demo and grain(theirs.period) is Profile.YEAR
        if like and theirs.year < mine.year:
            newest[theirs.year] = each  # of one period, the newest revision comes last
    return [newest[year] for year in sorted(newest)]


def _sources_file(sources: Sources) -> bytes:
    from_years = [json.loads(each) for each in sources.years]
    whole = {
        "years": [
            {
                "line": each["line"],
                "period": each["period"],
                "revision": each["revision"],
                "digest": _sha256(frozen.encode()),
            }
            for each, frozen in zip(from_years, sources.years, strict=True)
        ],
        "earlier": [asdict(each) for each in sources.earlier],
    }
    return (json.dumps(whole, ensure_ascii=False, indent=2) + "\n").encode()


def _ordered(line: str, period: str) -> tuple[ColumnElement[bool], ...]:
    return ReleaseOrder.line == line, ReleaseOrder.period == period


def _row(key: Mapping[str, object]) -> Update:
    return update(Release).where(*(getattr(Release, name) == value for name, value in key.items()))


def _alone(tx: Connection) -> None:
    """Nobody else publishes until this transaction ends. SQLite's writers are alone anyway."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("LOCK TABLE releases IN SHARE ROW EXCLUSIVE MODE"))


def address_of(frozen: Frozen) -> Address:
    """Its line, period and revision."""
    return frozen.figures.line, frozen.figures.period, frozen.figures.revision


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

"""Releases that a coordinator asked for on a page: kept until the worker has made them, or knows why it can't.

An order waits, is worked on, and then either it is gone and the release is out, or it says what stood in its way. To
make a release twice is to make it once (`helpline.figures.preparing`), so nobody holds a lease: after a crash it is
begun again, three times at most.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from helpline.errors import UsageError
from helpline.figures.questions import Address, Finding
from helpline.store.figure_tables import Release, ReleaseOrder
from helpline.store.sessions import Store

TRIES = 3
"""How often one is begun: what kills a worker each time isn't tried for ever."""
EXPOSED, FAILED = "exposed", "failed"


@dataclass(frozen=True, slots=True)
class Order:
    """A release that is wanted, or (`why`: exposed or failed) couldn't be made; `findings` are the cells in its way."""

    line: str
    period: str
    revision: int
    public: bool
    at: int
    """When it was asked for, in UTC seconds."""
    tries: int = 0
    why: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def address(self) -> Address:
        """Line, period and revision."""
        return self.line, self.period, self.revision


def order(store: Store, address: Address, now: int, *, public: bool) -> None:
    """Wants this release; asked again it is one wish, with a fresh start. UsageError if it is out or was replaced."""
    line, period, revision = address
    with store.durable() as tx:
        same = (Release.line == line, Release.period == period)
        rows = tx.execute(select(Release.revision, Release.released_at).where(*same)).all()
        newest = max((row.revision for row in rows), default=None)
        if newest != revision or any(row.revision == revision and row.released_at is not None for row in rows):
            raise UsageError(f"{line} {period} is published, or was revised; look at it again")
        tx.execute(delete(ReleaseOrder).where(ReleaseOrder.line == line, ReleaseOrder.period == period))
        row = {"line": line, "period": period, "revision": revision, "public": public, "at": now, "tries": 0}
        tx.execute(insert(ReleaseOrder), row)


def withdraw(store: Store, address: Address) -> None:
    """Nobody wants it any more; nothing happens if it is out."""
    with store.durable() as tx:
        tx.execute(delete(ReleaseOrder).where(*_same(address)))


def orders(connection: Connection) -> list[Order]:
    """All that is wanted or was refused, the oldest first."""
    rows = connection.execute(select(*ReleaseOrder.__table__.c).order_by(ReleaseOrder.at, ReleaseOrder.line))
    return [_order(row) for row in rows]


def take(store: Store) -> Order | None:
    """The oldest that waits, begun once more; None if there is none."""
    with store.read() as connection:
        waiting = [each for each in orders(connection) if not each.why]
    for each in waiting:
        if each.tries >= TRIES:
            fail(store, each.address)
            continue
        with store.durable() as tx:
            begun = update(ReleaseOrder).where(*_same(each.address), ReleaseOrder.tries == each.tries)
            if tx.execute(begun.values(tries=each.tries + 1)).rowcount:
                return each
    return None


def give_back(store: Store, address: Address) -> None:
    """Whoever worked on it stops, and that was no try."""
    with store.durable() as tx:
        tx.execute(update(ReleaseOrder).where(*_same(address)).values(tries=ReleaseOrder.tries - 1))


def refuse(store: Store, address: Address, findings: Sequence[Finding]) -> None:
    """The auditor is against it."""
    _say(store, address, {"why": EXPOSED, "findings": [asdict(each) for each in findings]})


def fail(store: Store, address: Address) -> None:
    """It couldn't be made, for a reason that the log holds."""
    _say(store, address, {"why": FAILED, "findings": []})


def _say(store: Store, address: Address, outcome: dict[str, object]) -> None:
    with store.durable() as tx:
        tx.execute(update(ReleaseOrder).where(*_same(address)).values(refused=json.dumps(outcome)))


def _same(address: Address) -> tuple[ColumnElement[bool], ...]:
    line, period, revision = address
    return ReleaseOrder.line == line, ReleaseOrder.period == period, ReleaseOrder.revision == revision


def _order(row: Row[Any]) -> Order:
    told: dict[str, Any] = json.loads(row.refused or '{"why": "", "findings": []}')
    findings = tuple(
        Finding(**{**each, "releases": tuple((line, period, n) for line, period, n in each["releases"])})
        for each in told["findings"]
    )
    return Order(row.line, row.period, row.revision, row.public, row.at, row.tries, told["why"], findings)

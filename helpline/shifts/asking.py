"""Proposals that somebody asked for on a page: kept until the worker has made them, once, whatever dies meanwhile.

`wanted` -> `making` -> `open` or `failed`. Whoever makes one holds a lease and goes on renewing it; one that nobody
renews is wanted again. A row leaves `making` by an UPDATE that names the lease, so of two workers one writes. The row
becomes the proposal: it has its number from the beginning.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from helpline.errors import UsageError
from helpline.shifts.proposals import Body
from helpline.store.around import ROTA
from helpline.store.rota_tables import Proposal
from helpline.store.sessions import Store
from helpline.store.tables import Revision
from rota.model import Span

WANTED, MAKING, FAILED = "wanted", "making", "failed"
WAITING = (WANTED, MAKING)
LEASE = 30
"""Seconds after which a worker that wasn't heard of is taken for dead."""
TRIES = 3
"""How often one is begun: what kills a worker each time isn't tried for ever."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A proposal that is still to be made, or couldn't be (`why`: a word for the reason, "" while it may be).

    `window` is what was asked for; `kind` is fill, replace or repair. `mark` is its maker's, new with each lease.
    """

    number: int
    line: str
    window: Span
    kind: str
    state: str
    at: int
    actor: str
    why: str = ""
    tries: int = 0
    mark: str = ""


def ask(tx: Connection, line: str, window: Span, kind: str, actor: str, now: int) -> int:
    """Wants a proposal; its number. While one for this line waits or is made, it is that one: asking twice is once."""
    # Two who ask at once wait for each other here.
    tx.execute(select(Revision.n).where(Revision.name == ROTA).with_for_update())
    waiting = select(Proposal.id).where(Proposal.line == line, Proposal.state.in_(WAITING)).limit(1)
    there = tx.execute(waiting).scalar()
    if there is not None:
        return int(there)
    row = {"line": line, "starts_at": window.start, "ends_at": window.end, "kind": kind, "state": WANTED}
    row |= {"at": now, "actor": actor, "body": "{}"}
    return tx.execute(insert(Proposal).returning(Proposal.id), row).scalar_one()


def read_asked(connection: Connection, number: int) -> Asked | None:
    """What was asked for under this number; None once it is made, or when nobody asked for it."""
    wanted = select(*Proposal.__table__.c).where(Proposal.id == number, Proposal.state.in_((*WAITING, FAILED)))
    row = connection.execute(wanted).first()
    return None if row is None else _asked(row)


def take(store: Store, now: int) -> Asked | None:
    """The oldest that is wanted, taken by whoever calls for `LEASE` seconds; None if there is none."""
    with store.read() as connection:
        wanted = select(*Proposal.__table__.c).where(Proposal.state.in_(WAITING)).order_by(Proposal.id)
        rows = [row for row in connection.execute(wanted) if row.state == WANTED or _is_over(row, now)]
    for row in rows:
        asked = _asked(row)
        if asked.tries >= TRIES:
            _settle(store, row, FAILED, {"why": "died"}, now)
        elif taken := _take(store, row, asked.tries + 1, now):
            return taken
    return None


def _take(store: Store, row: Row[Any], tries: int, now: int) -> Asked | None:
    body = json.dumps({"tries": tries, "until": now + LEASE, "mark": secrets.token_hex(8)})
    with store.durable() as tx:
        same = (Proposal.id == row.id, Proposal.state == row.state, Proposal.body == row.body)
        if not tx.execute(update(Proposal).where(*same).values(state=MAKING, body=body)).rowcount:
            return None
        return _asked(tx.execute(select(*Proposal.__table__.c).where(Proposal.id == row.id)).one())


def renew(store: Store, asked: Asked, now: int) -> Asked | None:
    """It is still being made; None when it isn't to be any more: withdrawn, or taken over."""
    body = json.dumps({**json.loads(asked.mark), "until": now + LEASE})
    with store.durable() as tx:
        if not tx.execute(update(Proposal).where(*_held(asked)).values(body=body)).rowcount:
            return None
        return _asked(tx.execute(select(*Proposal.__table__.c).where(Proposal.id == asked.number)).one())


def give_back(store: Store, asked: Asked) -> None:
    """Whoever makes it stops, and somebody else may begin at once."""
    body = json.dumps({"tries": asked.tries - 1})
    with store.durable() as tx:
        tx.execute(update(Proposal).where(*_held(asked)).values(state=WANTED, body=body))


def made(store: Store, asked: Asked, window: Span, body: Body, now: int) -> bool:
    """It is made, and open; whether it was still wanted."""
    values = {"state": "open", "at": now, "starts_at": window.start, "ends_at": window.end}
    with store.durable() as tx:
        done = update(Proposal).where(*_held(asked)).values(body=json.dumps(asdict(body)), **values)
        return bool(tx.execute(done).rowcount)


def failed(store: Store, asked: Asked, why: str, now: int) -> None:
    """It can't be made; `why` is a word for the reason."""
    with store.durable() as tx:
        values = {"state": FAILED, "body": json.dumps({"why": why}), "at": now}
        tx.execute(update(Proposal).where(*_held(asked)).values(**values))


def withdraw(tx: Connection, number: int) -> None:
    """A proposal, or the wish for one, goes. Raises `UsageError` for one that was ever applied: the audit names it."""
    gone = delete(Proposal).where(Proposal.id == number, Proposal.edit.is_(None))
    if not tx.execute(gone).rowcount and tx.execute(select(Proposal.id).where(Proposal.id == number)).first():
        raise UsageError(f"proposal {number} was applied: what was done is kept")


def _settle(store: Store, row: Row[Any], state: str, body: dict[str, str], now: int) -> None:
    with store.durable() as tx:
        same = (Proposal.id == row.id, Proposal.state == row.state, Proposal.body == row.body)
        tx.execute(update(Proposal).where(*same).values(state=state, body=json.dumps(body), at=now))


def _held(asked: Asked) -> tuple[Any, ...]:
    return Proposal.id == asked.number, Proposal.state == MAKING, Proposal.body == asked.mark


def _is_over(row: Row[Any], now: int) -> bool:
    """Its maker is dead, or wrote the lease before the clock was set back."""
    return not now < json.loads(row.body)["until"] <= now + LEASE


def _asked(row: Row[Any]) -> Asked:
    known = json.loads(row.body)
    return Asked(
        row.id,
        row.line,
        Span(row.starts_at, row.ends_at),
        row.kind,
        row.state,
        row.at,
        row.actor,
        known.get("why", ""),
        known.get("tries", 0),
        row.body,
    )

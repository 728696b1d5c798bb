"""A psychologist confirms a shift: by the link in its reminder, or by answering it.

A link is bound to its reminder and to the shift as it was then: `/shift/<token>`. It opens nothing once the shift is
over, and confirms nothing once the shift has begun, or is somebody else's.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, exists, select, update

from helpline.messages.notices import REMINDER, SENT
from helpline.store.rota_tables import Notice
from helpline.store.tables import Shift as ShiftRow

State = Literal["open", "confirmed", "begun", "changed"]
SIGNATURE_BYTES = 12
"""96 bits can't be guessed over the network, and a text message is short."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder and its shift as it is now: may it still be confirmed, has it been? Instants in UTC seconds."""

    notice: int
    person: int
    line: str
    tier: int
    shift: int
    seq: int
    start: int
    end: int
    state: State
    sent_at: int | None


class ShiftLinks:
    """Makes and checks the links of reminders."""

    def __init__(self, key: bytes, public_url: str) -> None:
        self._key = key
        self._base = public_url

    def url(self, notice: int, shift: int, seq: int) -> str:
        """The whole link."""
        return f"{self._base}/shift/{self.token(notice, shift, seq)}"

    def token(self, notice: int, shift: int, seq: int) -> str:
        """`<notice>-<signature>`."""
        text = f"confirm:{notice}:{shift}:{seq}".encode()
        digest = hmac.digest(self._key, text, hashlib.sha256)[:SIGNATURE_BYTES]
        return f"{notice}-{urlsafe_b64encode(digest).decode()}"

    def reminder(self, connection: Connection, token: str, now: int) -> Reminder | None:
        """Whose link this is; None when it is forged, or its shift is over."""
        number, _, _signature = token.partition("-")
        if not (number.isascii() and number.isdigit() and len(number) < 12):
            return None
        found = next(iter(read_reminders(connection, now, Notice.id == int(number))), None)
        if found is None or found.end <= now:
            return None
        right = self.token(found.notice, found.shift, found.seq)
        return found if hmac.compare_digest(right.encode(), token.encode()) else None


def read_reminders(connection: Connection, now: int, *where: ColumnElement[bool]) -> list[Reminder]:
    """The reminders of which all this is true, the last that was sent first."""
    other = Notice.__table__.alias()
    confirmed = exists().where(
        other.c.kind == REMINDER,
        other.c.shift == Notice.shift,
        other.c.seq == Notice.seq,
        other.c.confirmed_at.is_not(None),
    )
    rows = connection.execute(
        select(
            Notice.id, Notice.person, Notice.shift, Notice.seq, Notice.sent_at, confirmed.label("confirmed"),
            ShiftRow.line, ShiftRow.tier, ShiftRow.starts_at, ShiftRow.ends_at, ShiftRow.status,
            ShiftRow.person.label("holder"), ShiftRow.seq.label("seq_now"),
        )
        .join(ShiftRow, ShiftRow.id == Notice.shift)
        .where(Notice.kind == REMINDER, Notice.person.is_not(None), Notice.seq.is_not(None), *where)
        .order_by(Notice.sent_at.desc(), Notice.id.desc())
    )  # fmt: skip
    return [
        Reminder(
            row.id,
            row.person,
            row.line,
            row.tier,
            row.shift,
            row.seq,
            row.starts_at,
            row.ends_at,
            _state(row, now),
            row.sent_at,
        )
        for row in rows
    ]


def _state(row: Row[*tuple[Any, ...]], now: int) -> State:
    begun = row.starts_at <= now
    # One that has begun may be shortened: it is still the one that they were reminded of.
    if row.status == "cancelled" or row.holder != row.person or (row.seq_now != row.seq and not begun):
        return "changed"
    return "begun" if begun else "confirmed" if row.confirmed else "open"


def open_reminders(connection: Connection, people: Iterable[int], now: int) -> list[Reminder]:
    """Those that were sent to these people and may still be confirmed, the last sent first, one for each shift."""
    mine = (Notice.person.in_(list(people)), Notice.state == SENT, ShiftRow.starts_at > now)
    found: dict[int, Reminder] = {}
    for reminder in read_reminders(connection, now, *mine):
        if reminder.state == "open":
            found.setdefault(reminder.shift, reminder)
    return list(found.values())


def confirm(tx: Connection, reminder: Reminder, now: int) -> bool:
    """Confirms the shift of a reminder that was `open` a moment ago; whether it is this that confirmed it."""
    own = (Notice.id == reminder.notice, Notice.confirmed_at.is_(None))
    return tx.execute(update(Notice).where(*own).values(confirmed_at=now)).rowcount == 1

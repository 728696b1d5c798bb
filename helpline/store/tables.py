"""Every table, and for how long its rows live (see docs/anonymity.md, which a test holds against this file).

Nothing here can hold a name a caller gave, or free text; a caller's number only `callbacks`, sealed, and only if they
asked to be called back. Instants are UTC seconds.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Text, false, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ALIVE = "state IN ('wanted', 'placing', 'ringing', 'screening', 'talking', 'held')"
"""A leg in one of these states keeps its person busy."""

KEY = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only in a column declared INTEGER."""
WANTED = "state = 'wanted'"
"""A leg that a placer has still to place."""


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {int: BigInteger}


class Person(Base):
    """A psychologist. Kept while employed."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    phone: Mapped[str] = mapped_column(String(20))
    languages: Mapped[str] = mapped_column(String(40))
    email: Mapped[str] = mapped_column(String(200), server_default="")
    link_version: Mapped[int] = mapped_column(server_default="0")
    tiers: Mapped[str] = mapped_column(String(20), server_default="")
    share: Mapped[int] = mapped_column(server_default="100")
    region: Mapped[str] = mapped_column(String(10), server_default="")
    rest: Mapped[int | None]
    week: Mapped[int | None]
    nights: Mapped[int | None]
    left_at: Mapped[int | None]
    joined_at: Mapped[int | None]


class Shift(Base):
    """One person on call for a line and tier over `[starts_at, ends_at)`; see `rota.model.Shift`. Kept while employed.

    Only ever added, shortened or cancelled (`rota.edit`); `replaces` is the one that it was made from.
    """

    __tablename__ = "shifts"
    __table_args__ = (Index("ix_shifts_ends_at", "ends_at"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    line: Mapped[str] = mapped_column(String(40))
    tier: Mapped[int]
    person: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    starts_at: Mapped[int]
    ends_at: Mapped[int]
    source: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(10), server_default="published")
    seq: Mapped[int] = mapped_column(server_default="0")
    rotation: Mapped[int | None]
    replaces: Mapped[int | None]


class Revision(Base):
    """How often a part of the database was changed: serving processes reload their snapshot when it grows."""

    __tablename__ = "revisions"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    n: Mapped[int]


class LiveCall(Base):
    """A call from `ring` to its end. Deleted in the transaction that counts it."""

    __tablename__ = "live_calls"
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    line: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2))
    category: Mapped[str | None] = mapped_column(String(40))
    step: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10))
    attempt: Mapped[int]
    plan: Mapped[str] = mapped_column(Text)
    wave: Mapped[int]
    wave_at: Mapped[int]
    entered_at: Mapped[int]
    queued_at: Mapped[int]
    claimed_leg: Mapped[str | None] = mapped_column(String(32))
    claimed_at: Mapped[int] = mapped_column(server_default="0")
    bridged_at: Mapped[int] = mapped_column(server_default="0")
    parted_at: Mapped[int] = mapped_column(server_default="0")
    waited: Mapped[int | None]
    talked: Mapped[int] = mapped_column(server_default="0")
    person: Mapped[int | None]
    ring_backs: Mapped[int] = mapped_column(server_default="0")
    heartbeat_at: Mapped[int]
    carrier_id: Mapped[str] = mapped_column(String(64), unique=True)
    until: Mapped[int] = mapped_column(server_default="0")
    held: Mapped[bool] = mapped_column(server_default=false())
    doubt: Mapped[int] = mapped_column(server_default="0")
    doubt_at: Mapped[int] = mapped_column(server_default="0")


class Leg(Base):
    """One call to a psychologist or backup number, or to a service that a psychologist brings onto the line.

    A service's leg has neither a person nor a backup, and is of no attempt (0); its number, sealed, only until it is
    dialled.

    When its call ends it goes on without one (`call_id` is null) for as long as its person is still on the phone.
    """

    __tablename__ = "legs"
    __table_args__ = (
        Index("ix_legs_busy", "person", unique=True, sqlite_where=text(ALIVE), postgresql_where=text(ALIVE)),
        Index("ix_legs_call_id", "call_id"),
        Index("ix_legs_wanted", "until", sqlite_where=text(WANTED), postgresql_where=text(WANTED)),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    call_id: Mapped[str | None] = mapped_column(ForeignKey("live_calls.id", ondelete="SET NULL"))
    line: Mapped[str] = mapped_column(String(40))
    attempt: Mapped[int]
    wave: Mapped[int]
    person: Mapped[int | None]
    backup: Mapped[int | None]
    language: Mapped[str] = mapped_column(String(2))
    ring_seconds: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str | None] = mapped_column(String(12))
    until: Mapped[int]
    carrier_id: Mapped[str | None] = mapped_column(String(64))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary(80))


class Callback(Base):
    """A request to be called back, by the caller's choice: the only row that holds a caller's number, sealed.

    The key is not in the database. Gone when the conversation is over or the request has expired.
    """

    __tablename__ = "callbacks"
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    line: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(8))
    sealed: Mapped[bytes] = mapped_column(LargeBinary(80))
    given: Mapped[int]
    next_at: Mapped[int]
    expires_at: Mapped[int]
    tries: Mapped[int] = mapped_column(server_default="0")
    rounds: Mapped[int] = mapped_column(server_default="0")
    asked: Mapped[str] = mapped_column(Text, server_default="")
    leg: Mapped[str | None] = mapped_column(String(32))
    person: Mapped[int | None]
    bridged_at: Mapped[int] = mapped_column(server_default="0")


class CallbackCount(Base):
    """Callbacks wanted, connected and expired, by line and month. No content."""

    __tablename__ = "callback_counts"

    line: Mapped[str] = mapped_column(String(40), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(20), primary_key=True)
    n: Mapped[int]


class Erasure(Base):
    """A call, queue or text message to erase at the carrier, and the tombstone that makes a call or message count once.

    `hangup`: still to be ended at the carrier. `uncounted`: the line whose counters still lack this call, because
    only the carrier can say what it was. Kept until the carrier confirmed the erasure, then 24 h.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        Index("ix_erasures_due_at", "due_at"),
        Index("ix_erasures_hangup", "hangup", sqlite_where=text("hangup"), postgresql_where=text("hangup")),
    )

    carrier_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(6))
    hangup: Mapped[bool]
    due_at: Mapped[int]
    erased_at: Mapped[int | None]
    uncounted: Mapped[str | None] = mapped_column(String(40))


class Pace(Base):
    """When the carrier may next be asked to create a call: shared by all processes."""

    __tablename__ = "pace"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    next_at_ms: Mapped[int]


class HourlyCount(Base):
    """Calls by line, hour, outcome and wait band. No content. After 13 months an hour stands for a day or its night.

    The index holds all that is asked for, in the order it is added up in: ten years of a line are read in milliseconds.
    """

    __tablename__ = "hourly_counts"
    __table_args__ = (Index("ix_hourly_counts_line", "line", "outcome", "wait_band", "hour", "n"),)

    line: Mapped[str] = mapped_column(String(40), primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(String(20), primary_key=True)
    wait_band: Mapped[str] = mapped_column(String(10), primary_key=True)
    n: Mapped[int]


class MonthlyCount(Base):
    """Talk seconds and duration bands by line and month. No content."""

    __tablename__ = "monthly_counts"

    line: Mapped[str] = mapped_column(String(40), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    duration_band: Mapped[str] = mapped_column(String(10), primary_key=True)
    n: Mapped[int]
    talk_seconds: Mapped[int]


class WrapUp(Base):
    """How many calls a psychologist still has to code: a count, with the day it is due. Gone once coded, or after 48 h.

    `night` and `lasted` (a minute or more) are what the record will say of the call and nobody could remember.
    """

    __tablename__ = "wrap_ups"

    person: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[str] = mapped_column(String(40), primary_key=True)
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    night: Mapped[bool] = mapped_column(primary_key=True)
    lasted: Mapped[bool] = mapped_column(primary_key=True)
    due_day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]


class _Coded:
    """What is kept of a conversation: codes from closed lists, no day, no hour, no person."""

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    line: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(7))
    night: Mapped[bool]
    contact: Mapped[str] = mapped_column(String(40))
    substantive: Mapped[bool]
    caller: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(40))
    speciality: Mapped[str] = mapped_column(String(40))
    territory: Mapped[str] = mapped_column(String(40))
    reasons: Mapped[str] = mapped_column(String(200))
    orientations: Mapped[str] = mapped_column(String(400))
    severity: Mapped[int | None]
    language: Mapped[str | None] = mapped_column(String(2))
    round_key: Mapped[int]


class Pooled(_Coded, Base):
    """Coded calls that wait to enter `call_records` together. Rewritten whole, shuffled, on each change."""

    __tablename__ = "pool"
    __table_args__ = ({"sqlite_with_rowid": False},)


class CallRecord(_Coded, Base):
    """The anonymous records. Deleted once their year is closed and revised."""

    __tablename__ = "call_records"
    __table_args__ = ({"sqlite_with_rowid": False},)


class Beat(Base):
    """When a long-lived process last said that it is well."""

    __tablename__ = "beats"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[int]

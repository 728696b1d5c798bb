"""The rota's tables beside `people` and `shifts`: what shifts are made from, who asked for what, what was told to whom.

As everywhere, instants are UTC seconds; a local day is `2026-11-22`, a local time of day minutes since midnight. Lists
of numbers and of languages are text with blanks between. Nothing here can say why anybody is away.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from helpline.store.tables import KEY, Base

DUE = "state = 'wanted'"


class Rotation(Base):
    """One version of people taking turns (`rota.staff.Rotation`); only `until` is ever changed. Kept while employed."""

    __tablename__ = "rotations"
    __table_args__ = (UniqueConstraint("line", "name", "version"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    line: Mapped[str] = mapped_column(String(40))
    tier: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    days: Mapped[str] = mapped_column(String(20))
    starts: Mapped[int]
    ends: Mapped[int]
    unit: Mapped[str] = mapped_column(String(5))
    every: Mapped[int]
    anchor: Mapped[str] = mapped_column(String(10))
    people: Mapped[str] = mapped_column(Text)
    since: Mapped[str] = mapped_column(String(10))
    until: Mapped[str | None] = mapped_column(String(10))


class CoverageRule(Base):
    """How many people, of which tier and skills, a line needs when (`rota.staff.CoverageRule`)."""

    __tablename__ = "coverage_rules"

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    line: Mapped[str] = mapped_column(String(40))
    tier: Mapped[int | None]
    days: Mapped[str] = mapped_column(String(20))
    starts: Mapped[int]
    ends: Mapped[int]
    since: Mapped[str] = mapped_column(String(10))
    until: Mapped[str | None] = mapped_column(String(10))
    n: Mapped[int]
    skills: Mapped[str] = mapped_column(String(40))
    match: Mapped[str] = mapped_column(String(3))
    hard: Mapped[bool]


class Absence(Base):
    """When somebody is away, never why. Not `hard`: they would rather not be on call."""

    __tablename__ = "absences"
    __table_args__ = (Index("ix_absences_ends_at", "ends_at"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    person: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    starts_at: Mapped[int]
    ends_at: Mapped[int]
    hard: Mapped[bool] = mapped_column(server_default=true())


class Override(Base):
    """Somebody put in for somebody else, or for nobody, for a while; `edit` made it, and undoing that ends it."""

    __tablename__ = "overrides"
    __table_args__ = (Index("ix_overrides_ends_at", "ends_at"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    line: Mapped[str] = mapped_column(String(40))
    tier: Mapped[int | None]
    starts_at: Mapped[int]
    ends_at: Mapped[int]
    remove: Mapped[int | None]
    add: Mapped[int | None]
    edit: Mapped[int]


class Swap(Base):
    """A shift that its holder would give away: to `taker` or whoever takes it, perhaps for the shift `back`."""

    __tablename__ = "swaps"
    __table_args__ = (Index("ix_swaps_shift", "shift"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    shift: Mapped[int]
    giver: Mapped[int]
    taker: Mapped[int | None]
    back: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10))
    at: Mapped[int]
    edit: Mapped[int | None]


class RotaEdit(Base):
    """Who changed the rota, when, how, and what undoes it. Kept for a year."""

    __tablename__ = "rota_edits"
    __table_args__ = (Index("ix_rota_edits_at", "at"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    at: Mapped[int]
    actor: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    about: Mapped[str] = mapped_column(Text)
    done: Mapped[str] = mapped_column(Text)
    undone_by: Mapped[int | None]


class Duty(Base):
    """A shift that is over, as it was held: written once, a day later, and never changed. Kept while employed."""

    __tablename__ = "duty_log"

    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[str] = mapped_column(String(40))
    tier: Mapped[int]
    person: Mapped[int | None]
    starts_at: Mapped[int]
    ends_at: Mapped[int]


class FairnessEntry(Base):
    """By how much somebody had more of a category than their share in a closed quarter, in hundredths."""

    __tablename__ = "fairness_ledger"

    person: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[str] = mapped_column(String(40), primary_key=True)
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    category: Mapped[str] = mapped_column(String(10), primary_key=True)
    held: Mapped[int]
    share: Mapped[int]


class Proposal(Base):
    """What a generator proposes for a stretch of a line, until somebody applies it. Kept for a year."""

    __tablename__ = "proposals"

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    line: Mapped[str] = mapped_column(String(40))
    starts_at: Mapped[int]
    ends_at: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    at: Mapped[int]
    actor: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    edit: Mapped[int | None]


class Notice(Base):
    """Something to tell a person, or (`person` null) the coordinators of a line, once: `key` says what.

    Sent when due, and tried again when it couldn't be. Kept for ninety days.
    """

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_due", "due_at", sqlite_where=text(DUE), postgresql_where=text(DUE)),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    line: Mapped[str] = mapped_column(String(40))
    person: Mapped[int | None]
    shift: Mapped[int | None]
    seq: Mapped[int | None]
    about: Mapped[str] = mapped_column(Text, server_default="")
    due_at: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    tries: Mapped[int] = mapped_column(server_default="0")
    sent_at: Mapped[int | None]
    confirmed_at: Mapped[int | None]


class Feed(Base):
    """A calendar address that works: one of a person (`line` "") or of a whole line (`person` 0), and its version."""

    __tablename__ = "feeds"

    person: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int]
    revoked: Mapped[bool] = mapped_column(server_default=false())

"""Legs outlive their call, calls know how long a caller may wait, and a tombstone that its call isn't counted yet.

SQLite can't change a foreign key, and a column that is added makes another table than one that is created: the three
tables are made anew and their rows, which are those of calls in progress and of the last day, put back.
"""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WANTED = "state = 'wanted'"
BUSY = "state IN ('wanted', 'placing', 'ringing', 'screening', 'talking', 'held')"


def upgrade() -> None:
    _remake(alone=True)


def downgrade() -> None:
    # What the older version can't hold: it drops such legs with their call, and counts what is over at once.
    op.execute("DELETE FROM legs WHERE call_id IS NULL")
    _remake(alone=False)


def _remake(*, alone: bool) -> None:
    metadata = sa.MetaData()
    names = ("live_calls", "legs", "erasures")
    metadata.reflect(op.get_bind(), only=names)
    kept = {
        name: [dict(row) for row in op.get_bind().execute(sa.select(metadata.tables[name])).mappings()]
        for name in names
    }
    for name in reversed(names):
        op.drop_table(name)
    makers: tuple[Callable[[bool], sa.Table], ...] = (_live_calls, _legs, _erasures)
    for name, make in zip(names, makers, strict=True):
        table = make(alone)
        known = set(table.c.keys())
        rows = [{key: value for key, value in row.items() if key in known} for row in kept[name]]
        op.bulk_insert(table, rows)


def _live_calls(alone: bool) -> sa.Table:
    later: tuple[sa.Column[Any], ...] = (
        sa.Column("until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("held", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("doubt", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("doubt_at", sa.BigInteger(), server_default="0", nullable=False),
    )
    more = later if alone else ()
    return op.create_table(
        "live_calls",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=True),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("wave", sa.BigInteger(), nullable=False),
        sa.Column("wave_at", sa.BigInteger(), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_leg", sa.String(length=32), nullable=True),
        sa.Column("claimed_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bridged_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("parted_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("waited", sa.BigInteger(), nullable=True),
        sa.Column("talked", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=True),
        sa.Column("ring_backs", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("heartbeat_at", sa.BigInteger(), nullable=False),
        sa.Column("carrier_id", sa.String(length=64), nullable=False),
        *more,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_calls")),
        sa.UniqueConstraint("carrier_id", name=op.f("uq_live_calls_carrier_id")),
        sqlite_with_rowid=False,
    )


def _legs(alone: bool) -> sa.Table:
    table = op.create_table(
        "legs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=alone),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("wave", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=True),
        sa.Column("backup", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("ring_seconds", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("carrier_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"], ["live_calls.id"], name=op.f("fk_legs_call_id"), ondelete="SET NULL" if alone else "CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legs")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_legs_busy", "legs", ["person"], unique=True, sqlite_where=sa.text(BUSY), postgresql_where=sa.text(BUSY)
    )
    op.create_index("ix_legs_call_id", "legs", ["call_id"], unique=False)
    op.create_index(
        "ix_legs_wanted",
        "legs",
        ["until"],
        unique=False,
        sqlite_where=sa.text(WANTED),
        postgresql_where=sa.text(WANTED),
    )
    return table


def _erasures(alone: bool) -> sa.Table:
    more: tuple[sa.Column[Any], ...] = (sa.Column("uncounted", sa.String(length=40), nullable=True),) if alone else ()
    table = op.create_table(
        "erasures",
        sa.Column("carrier_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("hangup", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        *more,
        sa.PrimaryKeyConstraint("carrier_id", name=op.f("pk_erasures")),
    )
    op.create_index("ix_erasures_due_at", "erasures", ["due_at"], unique=False)
    op.create_index(
        "ix_erasures_hangup",
        "erasures",
        ["hangup"],
        unique=False,
        sqlite_where=sa.text("hangup"),
        postgresql_where=sa.text("hangup"),
    )
    return table

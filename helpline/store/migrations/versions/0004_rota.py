"""The rota: what shifts are made from, who may hold which, edits and their undoing, proposals, notices, calendars.

SQLite writes a column that is added another way than one that is created: `people` and `shifts` are made anew.
"""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "coverage_rules",
    "duty_log",
    "fairness_ledger",
    "feeds",
    "notices",
    "overrides",
    "proposals",
    "rota_edits",
    "rotations",
    "swaps",
    "absences",
)


def upgrade() -> None:
    _remake(whole=True)
    op.create_table(
        "coverage_rules",
        sa.Column("id", KEY, nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.BigInteger(), nullable=True),
        sa.Column("days", sa.String(length=20), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.String(length=10), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=True),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("skills", sa.String(length=40), nullable=False),
        sa.Column("match", sa.String(length=3), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_rules")),
    )
    op.create_table(
        "duty_log",
        sa.Column("shift", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=True),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shift", name=op.f("pk_duty_log")),
    )
    op.create_table(
        "fairness_ledger",
        sa.Column("person", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("category", sa.String(length=10), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", "line", "period", "category", name=op.f("pk_fairness_ledger")),
    )
    op.create_table(
        "feeds",
        sa.Column("person", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("revoked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("person", "line", name=op.f("pk_feeds")),
    )
    op.create_table(
        "notices",
        sa.Column("id", KEY, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=True),
        sa.Column("shift", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("key", name=op.f("uq_notices_key")),
    )
    op.create_index(
        "ix_notices_due",
        "notices",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'wanted'"),
        postgresql_where=sa.text("state = 'wanted'"),
    )
    op.create_table(
        "overrides",
        sa.Column("id", KEY, nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.BigInteger(), nullable=True),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("remove", sa.BigInteger(), nullable=True),
        sa.Column("add", sa.BigInteger(), nullable=True),
        sa.Column("edit", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrides")),
    )
    op.create_index("ix_overrides_ends_at", "overrides", ["ends_at"], unique=False)
    op.create_table(
        "proposals",
        sa.Column("id", KEY, nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("edit", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_table(
        "rota_edits",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("done", sa.Text(), nullable=False),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_edits")),
    )
    op.create_index("ix_rota_edits_at", "rota_edits", ["at"], unique=False)
    op.create_table(
        "rotations",
        sa.Column("id", KEY, nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.String(length=20), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=5), nullable=False),
        sa.Column("every", sa.BigInteger(), nullable=False),
        sa.Column("anchor", sa.String(length=10), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("since", sa.String(length=10), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotations")),
        sa.UniqueConstraint("line", "name", "version", name=op.f("uq_rotations_line")),
    )
    op.create_table(
        "swaps",
        sa.Column("id", KEY, nullable=False),
        sa.Column("shift", sa.BigInteger(), nullable=False),
        sa.Column("giver", sa.BigInteger(), nullable=False),
        sa.Column("taker", sa.BigInteger(), nullable=True),
        sa.Column("back", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("edit", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swaps")),
    )
    op.create_index("ix_swaps_shift", "swaps", ["shift"], unique=False)
    op.create_table(
        "absences",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("hard", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_absences_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index("ix_absences_ends_at", "absences", ["ends_at"], unique=False)


def downgrade() -> None:
    for name in TABLES:
        op.drop_table(name)
    # The older version would ring whoever is in them.
    op.execute("DELETE FROM shifts WHERE status = 'cancelled'")
    _remake(whole=False)


def _remake(*, whole: bool) -> None:
    metadata = sa.MetaData()
    names = ("people", "shifts")
    metadata.reflect(op.get_bind(), only=names)
    kept = {
        name: [dict(row) for row in op.get_bind().execute(sa.select(metadata.tables[name])).mappings()]
        for name in names
    }
    for name in reversed(names):
        op.drop_table(name)
    makers: tuple[Callable[[bool], sa.Table], ...] = (_people, _shifts)
    for name, make in zip(names, makers, strict=True):
        table = make(whole)
        known = set(table.c.keys())
        op.bulk_insert(table, [{key: value for key, value in row.items() if key in known} for row in kept[name]])
        if op.get_bind().dialect.name == "postgresql" and kept[name]:
            # Rows that bring their number don't move the sequence on.
            op.execute(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))")  # noqa: S608 - a table's name


def _people(whole: bool) -> sa.Table:
    later: tuple[sa.Column[Any], ...] = (
        sa.Column("tiers", sa.String(length=20), server_default="", nullable=False),
        sa.Column("share", sa.BigInteger(), server_default="100", nullable=False),
        sa.Column("region", sa.String(length=10), server_default="", nullable=False),
        sa.Column("rest", sa.BigInteger(), nullable=True),
        sa.Column("week", sa.BigInteger(), nullable=True),
        sa.Column("nights", sa.BigInteger(), nullable=True),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
    )
    return op.create_table(
        "people",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("languages", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=200), server_default="", nullable=False),
        sa.Column("link_version", sa.BigInteger(), server_default="0", nullable=False),
        *(later if whole else ()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("name", name=op.f("uq_people_name")),
    )


def _shifts(whole: bool) -> sa.Table:
    later: tuple[sa.Column[Any], ...] = (
        sa.Column("status", sa.String(length=10), server_default="published", nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rotation", sa.BigInteger(), nullable=True),
        sa.Column("replaces", sa.BigInteger(), nullable=True),
    )
    table = op.create_table(
        "shifts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.BigInteger(), nullable=False),
        sa.Column("person", KEY, nullable=True),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        *(later if whole else ()),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_shifts_person"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    if whole:  # years of shifts lie behind the few that are asked for, on whichever line
        op.create_index("ix_shifts_ends_at", "shifts", ["ends_at"], unique=False)
    else:
        op.create_index("ix_shifts_line_ends_at", "shifts", ["line", "ends_at"], unique=False)
    return table

"""The tables a first call needs: people, shifts, calls in progress, counters, wrap-ups, records, erasures."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WANTED = "state = 'wanted'"
BUSY = "state IN ('wanted', 'placing', 'ringing', 'screening', 'talking', 'held')"


def upgrade() -> None:
    op.create_table(
        "beats",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_beats")),
    )
    op.create_table(
        "call_records",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("night", sa.Boolean(), nullable=False),
        sa.Column("contact", sa.String(length=40), nullable=False),
        sa.Column("substantive", sa.Boolean(), nullable=False),
        sa.Column("caller", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("speciality", sa.String(length=40), nullable=False),
        sa.Column("territory", sa.String(length=40), nullable=False),
        sa.Column("reasons", sa.String(length=200), nullable=False),
        sa.Column("orientations", sa.String(length=400), nullable=False),
        sa.Column("severity", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("round_key", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_records")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "erasures",
        sa.Column("carrier_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("hangup", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
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

    op.create_table(
        "hourly_counts",
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("wait_band", sa.String(length=10), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("line", "hour", "outcome", "wait_band", name=op.f("pk_hourly_counts")),
    )
    op.create_table(
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_calls")),
        sa.UniqueConstraint("carrier_id", name=op.f("uq_live_calls_carrier_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "monthly_counts",
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("duration_band", sa.String(length=10), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("talk_seconds", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("line", "month", "duration_band", name=op.f("pk_monthly_counts")),
    )
    op.create_table(
        "pace",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("next_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pace")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("languages", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=200), server_default="", nullable=False),
        sa.Column("link_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("name", name=op.f("uq_people_name")),
    )
    op.create_table(
        "pool",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("night", sa.Boolean(), nullable=False),
        sa.Column("contact", sa.String(length=40), nullable=False),
        sa.Column("substantive", sa.Boolean(), nullable=False),
        sa.Column("caller", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("speciality", sa.String(length=40), nullable=False),
        sa.Column("territory", sa.String(length=40), nullable=False),
        sa.Column("reasons", sa.String(length=200), nullable=False),
        sa.Column("orientations", sa.String(length=400), nullable=False),
        sa.Column("severity", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("round_key", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "revisions",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_revisions")),
    )
    op.create_table(
        "wrap_ups",
        sa.Column("person", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("night", sa.Boolean(), nullable=False),
        sa.Column("lasted", sa.Boolean(), nullable=False),
        sa.Column("due_day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", "line", "period", "night", "lasted", "due_day", name=op.f("pk_wrap_ups")),
    )
    op.create_table(
        "legs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
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
        sa.ForeignKeyConstraint(["call_id"], ["live_calls.id"], name=op.f("fk_legs_call_id"), ondelete="CASCADE"),
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

    op.create_table(
        "shifts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_shifts_person"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    op.create_index("ix_shifts_line_ends_at", "shifts", ["line", "ends_at"], unique=False)

    op.execute("INSERT INTO revisions (name, n) VALUES ('rota', 0)")
    op.execute("INSERT INTO pace (name, next_at_ms) VALUES ('creations', 0)")


def downgrade() -> None:
    op.drop_index("ix_shifts_line_ends_at", table_name="shifts")

    op.drop_table("shifts")
    op.drop_index("ix_legs_wanted", table_name="legs")
    op.drop_index("ix_legs_call_id", table_name="legs")
    op.drop_index("ix_legs_busy", table_name="legs")

    op.drop_table("legs")
    op.drop_table("wrap_ups")
    op.drop_table("revisions")
    op.drop_table("pool")
    op.drop_table("people")
    op.drop_table("pace")
    op.drop_table("monthly_counts")
    op.drop_table("live_calls")
    op.drop_table("hourly_counts")
    op.drop_index("ix_erasures_hangup", table_name="erasures")
    op.drop_index("ix_erasures_due_at", table_name="erasures")

    op.drop_table("erasures")
    op.drop_table("call_records")
    op.drop_table("beats")

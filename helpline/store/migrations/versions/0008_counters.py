"""Ten years of a line's counters are added up from an index alone."""

from collections.abc import Sequence

from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("ix_hourly_counts_line", "hourly_counts", ["line", "outcome", "wait_band", "hour", "n"])


def downgrade() -> None:
    op.drop_index("ix_hourly_counts_line", table_name="hourly_counts")

"""Since when somebody is here: who joined today has no share of the weeks before."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("people", sa.Column("joined_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("people", "joined_at")

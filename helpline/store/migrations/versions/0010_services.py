"""The number of a service that a psychologist brings onto the line, sealed, until it is dialled."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("legs", sa.Column("sealed", sa.LargeBinary(length=80), nullable=True))


def downgrade() -> None:
    op.drop_column("legs", "sealed")

"""Closed periods: their frozen figures, the files of releases, and figures from before this software counted."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "releases",
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.String(length=16), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.Column("public", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("final", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("line", "period", "revision", name=op.f("pk_releases")),
    )
    op.create_table(
        "release_files",
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line", "period", "revision"],
            ["releases.line", "releases.period", "releases.revision"],
            name=op.f("fk_release_files_line"),
        ),
        sa.PrimaryKeyConstraint("line", "period", "revision", "name", name=op.f("pk_release_files")),
    )
    op.create_table(
        "release_orders",
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["line", "period", "revision"],
            ["releases.line", "releases.period", "releases.revision"],
            name=op.f("fk_release_orders_line"),
        ),
        sa.PrimaryKeyConstraint("line", "period", "revision", name=op.f("pk_release_orders")),
    )
    op.create_table(
        "earlier_figures",
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("year", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("indicator", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("line", "year", "indicator", "category", name=op.f("pk_earlier_figures")),
    )


def downgrade() -> None:
    for table in ("earlier_figures", "release_orders", "release_files", "releases"):
        op.drop_table(table)

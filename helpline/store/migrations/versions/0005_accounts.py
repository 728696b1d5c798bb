"""Accounts: who may sign in to the pages, with what, and the browsers they are signed in from."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("sessions", "invitations", "passkeys", "recovery_codes", "accounts")


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("roles", sa.String(length=60), nullable=False),
        sa.Column("person", KEY, nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("password", sa.Text(), server_default="", nullable=False),
        sa.Column("totp", sa.LargeBinary(length=120), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("disabled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_accounts_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("email", name=op.f("uq_accounts_email")),
        sa.UniqueConstraint("person", name=op.f("uq_accounts_person")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("account", KEY, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        _of_account("recovery_codes"),
        sa.PrimaryKeyConstraint("account", "hash", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("credential", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=2000), nullable=False),
        sa.Column("uses", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("added_day", sa.BigInteger(), nullable=False),
        _of_account("passkeys"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential", name=op.f("uq_passkeys_credential")),
    )
    op.create_index("ix_passkeys_account", "passkeys", ["account"])
    op.create_table(
        "invitations",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        _of_account("invitations"),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_invitations")),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("device", sa.String(length=60), server_default="", nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_day", sa.BigInteger(), nullable=False),
        sa.Column("fresh_until", sa.BigInteger(), server_default="0", nullable=False),
        _of_account("sessions"),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f(f"fk_{table}_account"), ondelete="CASCADE")

"""Who may sign in to the pages, with what, and from which browsers they have.

Nothing here is a clock: a session knows days, not hours, because a psychologist who codes a call has just signed in.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from helpline.store.tables import KEY, Base


class Account(Base):
    """Somebody who signs in; `person` is the psychologist they are, if they are one. Kept while employed.

    `totp` is the authenticator's secret, sealed; `totp_step` the last thirty seconds whose code was accepted: a code
    works once.
    """

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    email: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    roles: Mapped[str] = mapped_column(String(60))
    person: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), unique=True)
    language: Mapped[str] = mapped_column(String(2))
    password: Mapped[str] = mapped_column(Text, server_default="")
    totp: Mapped[bytes | None] = mapped_column(LargeBinary(120))
    totp_step: Mapped[int] = mapped_column(server_default="0")
    disabled: Mapped[bool] = mapped_column(server_default=false())


class RecoveryCode(Base):
    """A code that stands in for the authenticator, once. Gone when used or replaced."""

    __tablename__ = "recovery_codes"

    account: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)


class Passkey(Base):
    """A key that a telephone or computer of theirs holds; only its public half is here."""

    __tablename__ = "passkeys"
    __table_args__ = (Index("ix_passkeys_account", "account"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    account: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    credential: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(2000))
    uses: Mapped[int] = mapped_column(server_default="0")
    name: Mapped[str] = mapped_column(String(60))
    added_day: Mapped[int]


class Invitation(Base):
    """A link that lets somebody choose a password and a second factor, once, until it expires."""

    __tablename__ = "invitations"

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    expires_at: Mapped[int]


class Session(Base):
    """A browser that is signed in, or was and is known since (`open` false). The cookie itself is not here.

    `expires_at` and `seen_day` tell days only; `fresh_until` is set by whoever proves anew that it is them.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_account", "account"),)

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    open: Mapped[bool]
    device: Mapped[str] = mapped_column(String(60), server_default="")
    expires_at: Mapped[int]
    seen_day: Mapped[int]
    fresh_until: Mapped[int] = mapped_column(server_default="0")

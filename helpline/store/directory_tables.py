"""Tables of the directory of help. What is in them is public; nothing in them knows a caller, or who asked for what."""

from __future__ import annotations

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from helpline.store.tables import KEY, Base


class DirectoryEntry(Base):
    """Somebody who may help; see `helpline.directory.entries.Entry`. Lists are words with spaces between.

    `verified` is a day, `2026-01-31`, or NULL.
    """

    __tablename__ = "directory_entries"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    audiences: Mapped[str] = mapped_column(String(60))
    territories: Mapped[str] = mapped_column(String(400))
    languages: Mapped[str] = mapped_column(String(20))
    phone: Mapped[str] = mapped_column(String(20))
    hours: Mapped[str] = mapped_column(String(120))
    cost: Mapped[str] = mapped_column(String(20))
    independent: Mapped[bool | None]
    connect: Mapped[bool]
    website: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(200))
    verified: Mapped[str | None] = mapped_column(String(10))


class DirectoryEdit(Base):
    """Who changed an entry, when (UTC seconds), and what it said before and after: JSON, NULL for none. Kept a year."""

    __tablename__ = "directory_edits"
    __table_args__ = (Index("ix_directory_edits_at", "at"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    at: Mapped[int]
    actor: Mapped[str] = mapped_column(String(40))
    entry: Mapped[str] = mapped_column(String(40))
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)

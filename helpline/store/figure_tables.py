"""Tables of closed periods: what is printed of them, for as long as the line lives. No exact count, no record."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, LargeBinary, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from helpline.store.tables import Base


class Release(Base):
    """The frozen figures of one closed period of a line (`*`: of all lines together), published or not yet.

    `figures` is what `reports.figures.freeze` wrote. A row is never changed but for `released_at`, when funders got to
    see it (UTC seconds), `public`, and `final`; a correction is a row of the next revision. All rows together are the
    ledger that the auditor reads.
    """

    __tablename__ = "releases"

    line: Mapped[str] = mapped_column(String(40), primary_key=True)
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    figures: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    secret: Mapped[str] = mapped_column(String(16))
    """The fingerprint of the rounding secret: with another one, nothing of this period may be rounded again."""
    released_at: Mapped[int | None]
    public: Mapped[bool] = mapped_column(server_default=false())
    final: Mapped[bool] = mapped_column(server_default=false())
    """The year's records are gone: what is left, or comes late, is no year to count again."""


class ReleaseFile(Base):
    """One file of a release, as it was made when it was released."""

    __tablename__ = "release_files"
    __table_args__ = (
        ForeignKeyConstraint(
            ["line", "period", "revision"],
            ["releases.line", "releases.period", "releases.revision"],
            name="fk_release_files_line",
        ),
    )

    line: Mapped[str] = mapped_column(String(40), primary_key=True)
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ReleaseOrder(Base):
    """A coordinator's wish to publish a closed period. It goes when that is done; `refused` says why it wasn't."""

    __tablename__ = "release_orders"
    __table_args__ = (
        ForeignKeyConstraint(
            ["line", "period", "revision"],
            ["releases.line", "releases.period", "releases.revision"],
            name="fk_release_orders_line",
        ),
    )

    line: Mapped[str] = mapped_column(String(40), primary_key=True)
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    public: Mapped[bool]
    at: Mapped[int]
    tries: Mapped[int]
    refused: Mapped[str | None] = mapped_column(Text)
    """None while it waits or is worked on; then JSON: the cells by name, no figure."""


class EarlierFigure(Base):
    """A yearly aggregate that was published before this software counted: imported, printed as such, never rounded."""

    __tablename__ = "earlier_figures"

    line: Mapped[str] = mapped_column(String(40), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    indicator: Mapped[str] = mapped_column(String(40), primary_key=True)
    category: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]
    """Calls, minutes or whole percent, as the indicator says."""
    source: Mapped[str] = mapped_column(String(200))
    """Where it was published."""

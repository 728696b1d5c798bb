"""Closing periods: what was recorded and counted becomes figures that never change again.

A period is counted as of one moment, without keeping anybody from writing, and frozen in a short transaction that looks
again at what is closed: of two who close the same, one does, and both get the same. What comes later than that waits
for the year's revision (`settling`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from helpline.figures.counting import Progress, nobody, one_moment, part_of, read_inputs
from helpline.figures.frozen import Frozen, closed, find, keep, latest, revisions
from helpline.figures.gates import (
    closes_at,
    profile_in,
    refuse_early,
    refuse_other_secret,
    refuse_uncounted,
    refuse_unplanned,
    years_with_calls,
)
from helpline.figures.secret import fingerprint
from helpline.figures.taxonomies import load_taxonomy
from helpline.lines import Line
from helpline.settings import Secrets, Settings
from helpline.store.sessions import Store
from reports.cells import Cell
from reports.closing import Frame, Inputs, figures_of
from reports.closing import Line as NamedLine
from reports.figures import Figures
from reports.periods import Profile, grain, periods_of
from reports.rounding import Published, Rounder
from reports.taxonomy import Taxonomy
from reports.words import Words


@dataclass(frozen=True, slots=True)
class Office:
    """With what a helpline's figures are made: its database, its lists, its rounding secret, and whether it is one."""

    store: Store
    taxonomy: Taxonomy
    secret: bytes = field(repr=False)
    demo: bool

    @classmethod
    def of(cls, settings: Settings, secrets: Secrets, store: Store) -> Office:
        """The office of a configuration. Raises `ConfigError` where its lists can't be used."""
        return cls(store, load_taxonomy(settings), secrets.report_secret, settings.service.demo)

    @property
    def fingerprint(self) -> str:
        """The secret's."""
        return fingerprint(self.secret)

    def frame(self, line: NamedLine, period: str, profile: Profile, now: int) -> Frame:
        """What is closed at `now` (UTC seconds), with these lists."""
        dated = datetime.fromtimestamp(now, line.clock()).date()
        return Frame(period, line, self.taxonomy, self.demo, dated, profile)


@dataclass(frozen=True, slots=True)
class Closed:
    """A period that is closed; `made` are the periods that were closed just now, in order: none if it was already."""

    frozen: Frozen
    made: tuple[str, ...]


class _Overtaken(Exception):  # noqa: N818 - it is what happened, and it never leaves this package
    """Somebody else has closed the same meanwhile: nothing of this transaction may stay."""


def close(office: Office, line: Line, period: str, now: int, on_progress: Progress = nobody) -> Closed:
    """Freezes a period at `now` (UTC seconds); a year with those of its periods that aren't closed yet.

    Idempotent: a period that is closed is given back as it is. Raises UsageError where it can't be closed, saying when
    or how it could; InputError where a record doesn't fit the lists, or `period` isn't one; SecretError.
    """
    grain(period)
    made: tuple[str, ...] = ()
    while True:  # as often as somebody else closes something: periods are few
        with one_moment(office.store) as connection:
            ledger = closed(connection, line.name, int(period[:4]))
            if known := find(ledger, period):
                return Closed(known, made)
            figures = _counted(office, connection, line, period, ledger, now, on_progress)
        made = freeze_all(office, ledger, figures)


def freeze_all(office: Office, ledger: Sequence[Frozen], figures: Sequence[Figures]) -> tuple[str, ...]:
    """Freezes all of them, if `ledger` is still all that is closed of their year; none if somebody was first."""
    seen = {(each.figures.period, each.figures.revision) for each in ledger}
    try:
        with office.store.durable() as tx:
            if revisions(tx, figures[0].line, figures[0].year) != seen:
                return ()
            _keep_all(tx, figures, office.fingerprint)
    except _Overtaken:
        return ()
    return tuple(each.period for each in figures)


def _keep_all(tx: Connection, figures: Sequence[Figures], fingerprint: str) -> None:
    for each in figures:
        if not keep(tx, each, fingerprint):
            raise _Overtaken  # on PostgreSQL, by somebody who began when we did


def due(office: Office, line: Line, now: int) -> list[str]:
    """What could be closed of a line's years at `now`, in order: periods first, then their year."""
    found: list[str] = []
    with one_moment(office.store) as connection:
        for year in years_with_calls(connection, line, now):
            if (str(year), 1) not in revisions(connection, line.name, year):
                ledger = closed(connection, line.name, year)
                profile, _ = profile_in(connection, line, year, ledger, Rounder(office.secret, line.name), now)
                found += (each for each in (*inner(str(year), profile), str(year)) if not find(ledger, each))
    return [period for period in found if closes_at(line, period) <= now]


def inner(period: str, profile: Profile) -> tuple[str, ...]:
    """The periods that are published inside a year; none inside a shorter one."""
    yearly = grain(period) is Profile.YEAR and profile is not Profile.YEAR
    return periods_of(int(period), profile) if yearly else ()


def named(line: Line) -> NamedLine:
    """The line as figures know it."""
    spoken = line.flow.spoken
    name = Words(fr=spoken["fr"], nl=spoken["nl"], de=spoken["de"], en=spoken["en"])
    return NamedLine(line.name, name, line.settings.timezone)


def printed(ledger: Sequence[Frozen], year: str) -> Mapping[Cell, Published]:
    """What was printed of a year's periods when they were closed."""
    inside = [each.figures for each in latest(ledger) if each.figures.period.startswith(year + "-")]
    return {cell: figure for figures in inside for cell, figure in figures.counts.items()}


def _counted(
    office: Office,
    connection: Connection,
    line: Line,
    period: str,
    ledger: Sequence[Frozen],
    now: int,
    on_progress: Progress,
) -> list[Figures]:
    """The figures of the period, after those of its periods that aren't closed."""
    refuse_early(line, period, now)
    profile, fixed = profile_in(connection, line, int(period[:4]), ledger, Rounder(office.secret, line.name), now)
    refuse_unplanned(line, period, profile, fixed)
    refuse_other_secret(ledger, period, office.fingerprint)
    refuse_uncounted(connection, line, period)
    inputs = read_inputs(connection, line, period, on_progress)
    missing = [each for each in inner(period, profile) if not find(ledger, each)]
    made = [_figures(office, line, each, profile, part_of(inputs, each), now) for each in missing]
    frozen = {**printed(ledger, period), **{cell: one for figures in made for cell, one in figures.counts.items()}}
    return [*made, _figures(office, line, period, profile, replace(inputs, frozen=frozen), now)]


def _figures(office: Office, line: Line, period: str, profile: Profile, inputs: Inputs, now: int) -> Figures:
    return figures_of(office.frame(named(line), period, profile, now), inputs, office.secret)

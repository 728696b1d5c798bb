"""From a line's records and counters to the figures that are printed of a period: the only way to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import chain
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reports.cells import CALLS, TALKS, Cell
from reports.errors import InputError
from reports.figures import TOGETHER, Figures
from reports.indicators import INNER_MEASURES, PERIOD_MEASURES, yearly_measures
from reports.model import Coverage, Group, HourlyCount, MonthlyCount, Record
from reports.periods import Profile, coarsest, grain, periods_of, profile_of, within
from reports.plan import DIMENSIONS, Dimension, Planned, current, plan
from reports.rounding import KEY_SPACE, Minutes, Published, Rounder
from reports.tables import Calls, Durations, calls_of, durations_of
from reports.taxonomy import Taxonomy, codes
from reports.words import Words, phrase

LINE = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Line:
    """Whose figures they are: id in records and files, name in print, IANA zone. InputError if malformed."""

    id: str
    name: Words
    zone: str

    def __post_init__(self) -> None:
        if self.id != TOGETHER and not LINE.fullmatch(self.id):
            raise InputError(f"the line {self.id!r} must be lower-case letters and digits, joined by - or _")
        self.clock()

    def clock(self) -> ZoneInfo:
        """Returns the zone."""
        try:
            return ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise InputError(f"{self.zone!r} is not a time zone; write one such as Europe/Paris") from None


def together(zone: str) -> Line:
    """Returns what stands for all lines in a combined report; its nights and days are those of `zone`."""
    return Line(TOGETHER, phrase("page.together"), zone)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is counted. Rows of other lines and years may be among the counters and are left out."""

    groups: Mapping[Dimension, Iterable[Group]] = field(repr=False)
    """This line's records of the period, once for each dimension."""
    hourly: Iterable[HourlyCount] = field(repr=False)
    monthly: Iterable[MonthlyCount] = field(repr=False)
    coverage: Coverage | None = None
    frozen: Mapping[Cell, Published] = field(default_factory=dict)
    """What was printed of its periods when they were closed: that stays, whatever is counted by now."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Which period is closed, and by which lists."""

    period: str
    line: Line
    taxonomy: Taxonomy
    demo: bool
    dated: date
    """The line's local day of closing."""
    profile: Profile | None = None
    """The line's, fixed for the year; without one it follows from the published number of calls."""
    revision: int = 1

    @property
    def grain(self) -> Profile:
        """How fine the period is. InputError if it isn't one."""
        return grain(self.period)

    @property
    def yearly(self) -> bool:
        """Whether the period is a year."""
        return self.grain is Profile.YEAR


def figures_of(frame: Frame, inputs: Inputs, secret: bytes) -> Figures:
    """Returns what is printed of a period, rounded with `secret`: at least 16 random bytes, the same for ever.

    Records that carry only a coarser period than the line's profile make it coarser. Raises InputError or SecretError.
    """
    period, taxonomy = frame.period, frame.taxonomy
    rounder = Rounder(secret, frame.line.id)
    groups = _checked(inputs.groups, taxonomy, frame.line.id)
    calls = calls_of(inputs.hourly, int(period[:4]), frame.line.clock(), rounder)
    profile = _profile(frame, calls, groups)
    _inside(frame, groups)
    planned = plan(taxonomy, frame.line.id, language=any(group.value for group in groups["language"]))
    planned = tuple(table for table in planned if frame.yearly or table.by_period)
    inner = periods_of(int(period), profile) if frame.yearly and profile is not Profile.YEAR else ()
    counts = dict(_counted_calls(calls, period, inner))
    for table in planned:
        cells = tuple(
            Cell(each, table.id, code) for each in _periods(table, period, inner) for code in codes(table.terms)
        )
        counts |= rounder.tabulate(_chosen(table, groups), partial(_cells, table, period, inner), cells)
    talks = durations_of(inputs.monthly, int(period), rounder) if frame.yearly else None
    counts |= _counted_talks(talks, period) if talks else {}
    counts |= {cell: figure for cell, figure in inputs.frozen.items() if cell in counts and cell.period != period}
    return Figures(
        line=frame.line.id,
        name=frame.line.name,
        zone=frame.line.zone,
        period=period,
        profile=profile,
        demo=frame.demo,
        dated=frame.dated,
        revision=frame.revision,
        taxonomy=taxonomy.version,
        lists=MappingProxyType({table.id: table.terms for table in planned}),
        counts=MappingProxyType(counts),
        mean=talks.mean if talks else Minutes(None),
        coverage=inputs.coverage if frame.yearly else None,
        changes=taxonomy.changes,
    )


def groups_of(records: Iterable[Record]) -> Mapping[Dimension, tuple[Group, ...]]:
    """Returns records as groups of one, for each dimension. InputError for a key or a severity that can't be."""
    every = tuple(records)
    for record in every:
        if not 0 <= record.key < KEY_SPACE:
            raise InputError(f"a record of {record.period} has a key that isn't 32 bits")
    return {
        dimension: tuple(
            Group(record.period, record.contact, record.substantive, value_of(record, dimension), 1, record.key)
            for record in every
        )
        for dimension in DIMENSIONS
    }


def value_of(record: Record, dimension: Dimension) -> str:
    """Returns what a record says in one dimension, as text."""
    value = getattr(record, dimension)
    return " ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def _checked(
    given: Mapping[Dimension, Iterable[Group]], taxonomy: Taxonomy, line: str
) -> Mapping[Dimension, tuple[Group, ...]]:
    kinds = set(codes(taxonomy.contacts))
    found = {dimension: tuple(given.get(dimension, ())) for dimension in DIMENSIONS}
    if taxonomy.changes:
        found = {name: tuple(current(one, name, line, taxonomy) for one in groups) for name, groups in found.items()}
    for group in chain(*found.values()):
        grain(group.period)
        if group.contact not in kinds:
            raise InputError(f"a record of {group.period} has the contact kind {group.contact!r}; see the taxonomy")
    return found


def _profile(frame: Frame, calls: Calls, groups: Mapping[Dimension, tuple[Group, ...]]) -> Profile:
    """The line's profile, made coarser by what the records carry; InputError if the period is finer than that."""
    by_size = profile_of(calls.of("offered").value or 0) if frame.yearly else frame.grain
    found = coarsest(frame.profile or by_size, {group.period for group in groups["contact"]})
    if not frame.yearly and frame.grain is not found:
        raise InputError(f"{frame.period} can't be published: this line's year is published by {found.value}")
    return found


def _inside(frame: Frame, groups: Mapping[Dimension, tuple[Group, ...]]) -> None:
    for period in sorted({group.period for group in chain(*groups.values())}):
        if within(period, frame.grain) != frame.period:
            raise InputError(f"a record of {period} doesn't belong to {frame.period}; count that period's records only")


def _counted_calls(calls: Calls, period: str, inner: Iterable[str]) -> Iterator[tuple[Cell, Published]]:
    for measure in yearly_measures() if grain(period) is Profile.YEAR else PERIOD_MEASURES:
        yield Cell(period, CALLS, measure), calls.of(measure, period)
    for each in inner:
        for measure in INNER_MEASURES:
            yield Cell(each, CALLS, measure), calls.of(measure, each)


def _counted_talks(talks: Durations, period: str) -> dict[Cell, Published]:
    bands = {Cell(period, TALKS, band): figure for band, figure in talks.bands.items()}
    return {**bands, Cell(period, TALKS): talks.total}


def _chosen(table: Planned, groups: Mapping[Dimension, tuple[Group, ...]]) -> Iterator[Group]:
    return (group for group in groups[table.dimension] if table.everyone or group.counted)


def _periods(table: Planned, period: str, inner: tuple[str, ...]) -> tuple[str, ...]:
    return (period, *inner) if table.by_period else (period,)


def _cells(table: Planned, period: str, inner: tuple[str, ...], group: Group) -> Iterator[Cell]:
    for code in table.codes_of(group):
        yield Cell(period, table.id, code)
        if inner and table.by_period:
            yield Cell(within(group.period, grain(inner[0])), table.id, code)

"""What a coordinator needs for planning: calls, waits and the rota by month, weekday and hour. No reasons.

The one report whose counts are exact: it is for coordinators alone, it holds nothing of any conversation, and beside a
release it would help to subtract, so it isn't to be published. The auditor takes all of it for known.

A call belongs to the hour in which it entered, and an hour of UTC to the weekday, hour and month that the line's
clocks show at its beginning. So an hour that is skipped in spring isn't there, and one that comes twice in autumn
counts as two. Where nothing was counted there is no rate: None, printed as a dash, and never zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from zoneinfo import ZoneInfo

from reports.erlang import HOUR, Target, load_of, needed
from reports.errors import InputError
from reports.indicators import RATES, WAITED, Cell, measures, normal
from reports.model import OUTCOMES, WAIT_BANDS, HourlyCount, MonthlyCount

WRAP_UP = 120
"""Seconds that a call takes after it: to breathe, and to code it. Stated beside every need."""
DAYS, HOURS = 7, 24


@dataclass(frozen=True, slots=True)
class Held:
    """A stretch `[start, end)` of the rota (UTC seconds) and how many people were on call, whatever their tier."""

    start: int
    end: int
    people: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """So many of so many."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """0 to 1; None of nothing."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Tally:
    """Exact counts of calls, by how they ended and how long they waited."""

    cells: Mapping[Cell, int] = field(default_factory=dict)

    def of(self, measure: str) -> int:
        """Returns a measure of `indicators.measures()` that isn't of a moment. KeyError if there is none."""
        return sum(n for cell, n in self.cells.items() if cell in measures()[measure].cells)

    def rate(self, name: str) -> Ratio:
        """Returns a rate of `indicators.RATES`, with the numerator and denominator that every report gives it."""
        part, whole = RATES[name]
        return Ratio(self.of(part), self.of(whole))


@dataclass(frozen=True, slots=True)
class Slot:
    """One hour of the week: how often it came, the calls of all those hours, who was on call, who should have been."""

    hours: int
    calls: Tally
    kept: int
    """How many of its hours have a rota."""
    person_seconds: int
    """On call in those, of all people together."""
    needed: int | None
    """People, by Erlang C; None where it never came, or nothing is known of how long calls are."""

    @property
    def offered(self) -> float | None:
        """Calls an hour."""
        return self.calls.of("offered") / self.hours if self.hours else None

    @property
    def tenths(self) -> int | None:
        """People on call on average, in tenths, half a tenth rounded up: as printed and compared; None without rota."""
        if not self.kept:
            return None
        return (20 * self.person_seconds + HOUR * self.kept) // (2 * HOUR * self.kept)

    @property
    def short(self) -> bool:
        """Whether fewer people were on call, as printed, than were needed."""
        return self.needed is not None and self.tenths is not None and self.tenths < 10 * self.needed


@dataclass(frozen=True, slots=True)
class Asked:
    """What the report is about: the line's hours that begin in `[start, end)` (UTC seconds), and the goals.

    The week is of `[week_from, end)`: what is older may have been added up to days. A rota is kept from `rota_from` on:
    before that nobody wrote down who was on call, which isn't the same as nobody being there.
    """

    line: str
    zone: ZoneInfo
    start: int
    end: int
    week_from: int
    rota_from: int
    target: Target


@dataclass(frozen=True, slots=True)
class Operations:
    """The report."""

    asked: Asked
    total: Tally
    months: Mapping[str, Tally]
    """By local month, in order; months without a call are there, too."""
    hours: int
    covered: Ratio
    """Hours with somebody on call from beginning to end, of those for which a rota was kept."""
    talks: int
    talk_seconds: int
    week: tuple[tuple[Slot, ...], ...]
    """From Monday, from 0:00: 7 x 24."""

    @property
    def talk(self) -> float | None:
        """Mean seconds of talk of answered calls; None without any."""
        return self.talk_seconds / self.talks if self.talks else None

    @property
    def handling(self) -> float | None:
        """Seconds that a call takes: talk and `WRAP_UP`."""
        return None if self.talk is None else self.talk + WRAP_UP

    @property
    def short(self) -> int:
        """How many of the week's hours had fewer people on call than needed."""
        return sum(slot.short for day in self.week for slot in day)


def operations(
    asked: Asked, hourly: Iterable[HourlyCount], monthly: Iterable[MonthlyCount], rota: Iterable[Held]
) -> Operations:
    """Returns the report. Counters of other lines and times are left out, and so is the rota outside the time.

    InputError for a counter that can't be. Stretches of the rota may come in any order, but no two at once.
    """
    clock = _Clock.of(asked)
    months: dict[str, Counter[Cell]] = {month: Counter() for month in dict.fromkeys(clock.months)}
    week: list[Counter[Cell]] = [Counter() for _ in range(DAYS * HOURS)]
    cells: dict[Cell, Cell] = {}
    for count in hourly:
        if count.line == asked.line and (at := clock.place(count.hour)) is not None:
            kind = count.outcome, count.wait_band
            cell = cells[kind] if kind in cells and count.n >= 0 else cells.setdefault(kind, _cell(count))
            months[clock.months[at]][cell] += count.n
            if count.hour >= asked.week_from:
                week[clock.slots[at]][cell] += count.n
    talks = [each for each in monthly if each.line == asked.line and each.month in months]
    n, seconds = sum(each.n for each in talks), sum(each.talk_seconds for each in talks)
    held = _people(rota, clock)
    kept = range(min(clock.after(asked.rota_from), len(clock.slots)), len(clock.slots))
    return Operations(
        asked,
        Tally(sum(months.values(), Counter[Cell]())),
        {month: Tally(cells) for month, cells in months.items()},
        len(clock.slots),
        Ratio(sum(held.covered[at] == HOUR for at in kept), len(kept)),
        n,
        seconds,
        _week(asked, clock, week, held, seconds / n + WRAP_UP if n else None),
    )


@dataclass(frozen=True, slots=True)
class _Clock:
    """The hours of UTC that begin in the time asked for: from which one on, and each one's hour of week and month."""

    first: int
    slots: Sequence[int]
    months: Sequence[str]

    @classmethod
    def of(cls, asked: Asked) -> _Clock:
        first = -(-asked.start // HOUR) * HOUR
        shown = [datetime.fromtimestamp(hour, asked.zone) for hour in range(first, asked.end, HOUR)]
        slots = [HOURS * local.weekday() + local.hour for local in shown]
        return cls(first, slots, [f"{local.year}-{local.month:02}" for local in shown])

    def place(self, hour: int) -> int | None:
        at = (hour - self.first) // HOUR
        return at if 0 <= at < len(self.slots) else None

    def after(self, instant: int) -> int:
        """The place of the first hour that begins then or later, which may be none of these."""
        return max(0, -(-(instant - self.first) // HOUR))


def _cell(count: HourlyCount) -> Cell:
    cell = normal(count.outcome, count.wait_band)
    known = cell[1] in WAIT_BANDS if count.outcome in WAITED else count.outcome in OUTCOMES
    if not known or count.n < 0:
        raise InputError(f"an hourly counter has outcome {count.outcome!r}, wait {count.wait_band!r}, n {count.n}")
    return cell


@dataclass(frozen=True, slots=True)
class _People:
    """Of each hour: the seconds that people were on call, added up, and those that anybody was."""

    seconds: Sequence[int]
    covered: Sequence[int]


def _people(rota: Iterable[Held], clock: _Clock) -> _People:
    end = HOUR * len(clock.slots)
    within = [(max(0, held.start - clock.first), min(end, held.end - clock.first), held.people) for held in rota]
    stretches = [each for each in within if each[0] < each[1] and each[2]]
    anybody = [(start, stop, 1) for start, stop, _ in stretches]
    return _People(_spread(stretches, len(clock.slots)), _spread(anybody, len(clock.slots)))


def _spread(stretches: Iterable[tuple[int, int, int]], hours: int) -> list[int]:
    """What each hour has of stretches of so many people. Whole hours as steps, summed up at the end: years are long."""
    steps, parts = [0] * (hours + 2), [0] * (hours + 2)
    for start, end, people in stretches:
        first, last = start // HOUR, end // HOUR
        steps[first + 1] += people
        steps[last] -= people
        # In one and the same hour the step down comes first: the two parts make an hour too much, and it none.
        parts[first] += people * (HOUR * (first + 1) - start)
        parts[last] += people * (end - HOUR * last)
    return [HOUR * whole + part for whole, part in zip(accumulate(steps), parts, strict=True)][:hours]


def _week(
    asked: Asked, clock: _Clock, calls: Sequence[Counter[Cell]], held: _People, handling: float | None
) -> tuple[tuple[Slot, ...], ...]:
    since = clock.after(asked.week_from)
    with_rota = max(since, clock.after(asked.rota_from))
    hours, kept, seconds = Counter(clock.slots[since:]), Counter(clock.slots[with_rota:]), Counter[int]()
    for slot, on_call in zip(clock.slots[with_rota:], held.seconds[with_rota:], strict=True):
        seconds[slot] += on_call

    def made(slot: int) -> Slot:
        tally = Tally(calls[slot])
        wanted = None
        if hours[slot] and handling is not None:
            wanted = needed(load_of(tally.of("offered") / hours[slot], handling), handling, asked.target)
        return Slot(hours[slot], tally, kept[slot], seconds[slot], wanted)

    return tuple(tuple(made(HOURS * day + hour) for hour in range(HOURS)) for day in range(DAYS))

"""The operational report as it is written: every number in the reader's language, and the week as cells of a grid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from helpline.pages.formats import Formats
from helpline.pages.texts import Say, speaker
from reports.indicators import COUNTED, OUTSIDE, RATES, SERVICE_LEVELS, SHORT_ABANDONS, indicators
from reports.model import WAIT_BANDS
from reports.operations import Operations, Ratio, Slot
from reports.words import Language, phrase

DASH = "\u2013"
"""Where there is nothing to count."""
BARS = tuple(range(3, 25, 3))
"""How high the bars of the week can be, in pixels."""
MONDAY = date(2024, 1, 1)
HEADS = ("answer-rate", *(f"service-level-{seconds}" for seconds in SERVICE_LEVELS))
Row = tuple[str, ...]


@lru_cache(maxsize=4_096)
def _number(language: Language, value: float) -> str:
    """A week holds the same few numbers many times over, and writing one takes longer than reckoning it."""
    return Formats(language).number(value)


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the week: calls an hour and how high their bar is, the answer rate in percent; staff and need."""

    calls: str
    level: int
    rate: str
    people: str
    needed: str
    short: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the week: its name, as short as a column allows, and its hours."""

    short: str
    name: str
    hours: tuple[Hour, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """Writes one report in one language."""

    found: Operations
    language: Language

    @property
    def say(self) -> Say:
        """Says the pages' texts."""
        return speaker(self.language)

    @property
    def fmt(self) -> Formats:
        """Writes numbers and days."""
        return Formats(self.language)

    @property
    def talk(self) -> str:
        """The mean talk time, to a tenth of a minute."""
        talk = self.found.talk
        return DASH if talk is None else self.say("activity-minutes", minutes=self.number(round(talk / 60, 1)))

    @property
    def covered(self) -> str:
        """Hours covered, in whole percent, cut rather than rounded: 99.9 % isn't all of them."""
        found = self.found.covered
        return self.fmt.percent(100 * found.part // found.whole / 100) if found.whole else DASH

    def keys(self) -> list[Row]:
        """What stands first: names and values."""
        total = self.found.total
        return [
            (self.named("offered"), self.number(total.of("offered"))),
            *((self.named(name), self.share(total.rate(name))) for name in HEADS),
            (self.say("activity-talk"), self.talk),
            (self.say("activity-covered"), self.covered),
        ]

    def ends(self) -> list[Row]:
        """How calls ended: name, number, share of those received; no share for what is counted apart."""
        total = self.found.total
        rows: list[Row] = []
        for name in COUNTED:
            n = total.of(SHORT_ABANDONS if name == "abandoned-short" else name)
            share = "" if name in OUTSIDE else self.share(Ratio(n, total.of("offered")))
            rows.append((self.named(name), self.number(n), share))
        return rows

    def rates(self) -> list[Row]:
        """Each rate: name, value, numerator and denominator."""
        rows: list[Row] = []
        for name in RATES:
            rate = self.found.total.rate(name)
            parts = f"{self.number(rate.part)}\u00a0/\u00a0{self.number(rate.whole)}"
            rows.append((self.named(name), self.share(rate), parts))
        return rows

    def formulas(self) -> list[tuple[str, str]]:
        """Each rate: name and formula, as every report prints them."""
        return [(self.named(name), indicators()[name].formula.to(self.language)) for name in RATES]

    def waits(self) -> list[Row]:
        """Each band of waits: its name; number and share of the calls answered, and of those abandoned."""
        total = self.found.total
        rows: list[Row] = []
        for band in WAIT_BANDS:
            cells: list[str] = []
            for outcome in ("answered", "abandoned"):
                n = total.of(f"{outcome}-wait-{band}")
                cells += [self.number(n), self.share(Ratio(n, total.of(outcome)))]
            rows.append((self._band(band), *cells))
        return rows

    def months(self) -> list[Row]:
        """Each month: its name, calls received, answered and abandoned, the answer rate and the service levels."""
        rows: list[Row] = []
        for month, tally in self.found.months.items():
            counts = (self.number(tally.of(name)) for name in ("offered", "answered", "abandoned"))
            rates = (self.share(tally.rate(name)) for name in HEADS)
            rows.append((self.fmt.month(date.fromisoformat(f"{month}-01")), *counts, *rates))
        return rows

    def week(self) -> list[Day]:
        """From Monday on."""
        most = max((slot.offered or 0 for slot in self._slots()), default=0)
        days = [MONDAY + timedelta(days=number) for number in range(7)]
        return [
            Day(
                self.fmt.weekday(day), self.fmt.weekday(day, short=False), tuple(self._hour(slot, most) for slot in row)
            )
            for day, row in zip(days, self.found.week, strict=True)
        ]

    def gathered(self) -> tuple[int, int]:
        """The fewest and the most hours that a cell of the week is made of."""
        hours = [slot.hours for slot in self._slots()]
        return min(hours), max(hours)

    def number(self, value: float) -> str:
        """As the reader's language writes it."""
        return _number(self.language, value)

    def share(self, ratio: Ratio) -> str:
        """A whole percentage."""
        return DASH if ratio.share is None else self.fmt.percent(ratio.share)

    def named(self, indicator: str) -> str:
        """What every report calls it."""
        return indicators()[indicator].name.to(self.language)

    def _slots(self) -> Iterable[Slot]:
        return (slot for day in self.found.week for slot in day)

    def _hour(self, slot: Slot, most: float) -> Hour:
        number, rate = self.number, slot.calls.rate("answer-rate").share
        return Hour(
            DASH if slot.offered is None else number(round(slot.offered, 2)),
            -int(-len(BARS) * (slot.offered or 0) // most) if most else 0,
            DASH if rate is None else number(round(100 * rate)),
            DASH if slot.tenths is None else number(slot.tenths / 10),
            DASH if slot.needed is None else number(slot.needed),
            slot.short,
        )

    def _band(self, band: str) -> str:
        low, _, high = band.partition("-")
        up = phrase("row.seconds-up").fill(low=low[:-1])
        return (phrase("row.seconds").fill(low=low, high=high) if high else up).to(self.language)

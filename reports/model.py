"""What a report is made from: coded records without a time, and counters without a reason.

The shell makes these values from its tables; `wait_band_of`, `duration_band_of` and `is_night` are what it counts
with, so that a figure and the words printed beside it can't disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from reports.errors import InputError

WAIT_EDGES = (5, 20, 60, 180)
"""Seconds in the queue. The first is also the limit of a short abandon; 20 and 60 are service levels."""

DURATION_EDGES = (1, 5, 15, 30, 60)
"""Minutes of talk."""

NIGHT_START, NIGHT_END = 22, 7
"""Local hours of the line: night is from 22:00 to 06:59."""


def _bands(edges: tuple[int, ...]) -> tuple[str, ...]:
    closed = (f"{low}-{high}" for low, high in pairwise((0, *edges)))
    return (*closed, f"{edges[-1]}+")


WAIT_BANDS = _bands(WAIT_EDGES)
DURATION_BANDS = _bands(DURATION_EDGES)
APART = ("left_in_greeting", "overflow")
"""Outcomes of calls for which no psychologist was sought: counted beside the calls received, and in no rate."""
OUTCOMES = ("answered", "abandoned", "unanswered", "failed", "unknown", *APART)
NOT_CODED = "not-coded"
SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Record:
    """One answered contact as coded afterwards: codes only, no time finer than its period, nothing of the caller's.

    A wrap-up nobody coded in time is a record with contact `not-coded` and no reasons.
    """

    line: str
    period: str
    """`2026-03`, `2026-Q1` or `2026`, by the line's profile."""
    night: bool
    contact: str
    substantive: bool
    """A support contact of at least a minute."""
    caller: str
    status: str
    speciality: str
    territory: str
    reasons: tuple[str, ...]
    """The main reason first, up to three."""
    orientations: tuple[str, ...]
    severity: int | None
    """1 to 5."""
    language: str | None
    key: int
    """32 random bits, drawn when it was coded; the rounding's own."""


@dataclass(frozen=True, slots=True)
class Group:
    """Records that are alike in what one table asks for: a store may add them up, and no more of them is needed."""

    period: str
    contact: str
    substantive: bool
    value: str
    """What the table asks for, as text: a code, a grade, a list of codes joined by spaces, or nothing."""
    n: int
    keysum: int = field(repr=False)
    """The sum of their keys. With `n`, it exists in memory only: in a group of one it *is* that record's key."""

    @property
    def counted(self) -> bool:
        """Whether they are in the base of the shares: support, of a minute or more."""
        return self.substantive and self.contact == SUPPORT

    @property
    def codes(self) -> tuple[str, ...]:
        """The value's codes."""
        return tuple(self.value.split())


@dataclass(frozen=True, slots=True)
class HourlyCount:
    """How many calls that entered in one hour ended one way."""

    line: str
    hour: int
    """UTC epoch seconds of the hour's start."""
    outcome: str
    """One of OUTCOMES."""
    wait_band: str
    """One of WAIT_BANDS; only read for answered and abandoned calls."""
    n: int


@dataclass(frozen=True, slots=True)
class MonthlyCount:
    """How many conversations of one month fell into a band, and how long they lasted together."""

    line: str
    month: str
    """`2026-03`, in the line's local time."""
    talk_seconds: int
    """Of the `n` conversations together."""
    duration_band: str
    """One of DURATION_BANDS, in minutes."""
    n: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Hours of the year with at least one psychologist on call, of all its hours. InputError if impossible."""

    covered_hours: int
    hours: int

    def __post_init__(self) -> None:
        if not 0 <= self.covered_hours <= self.hours:
            raise InputError(f"coverage of {self.covered_hours} hours out of {self.hours} is impossible")


def wait_band_of(seconds: float) -> str:
    """Returns the wait band of a time in the queue; bands hold their lower edge. ValueError below zero."""
    return _band_of(seconds, WAIT_EDGES, WAIT_BANDS)


def duration_band_of(seconds: float) -> str:
    """Returns the duration band, in minutes, of a talk of `seconds`. ValueError below zero."""
    return _band_of(seconds, tuple(60 * edge for edge in DURATION_EDGES), DURATION_BANDS)


def _band_of(seconds: float, edges: tuple[int, ...], bands: tuple[str, ...]) -> str:
    if seconds < 0:
        raise ValueError(f"a time of {seconds} s is impossible")
    return bands[sum(seconds >= edge for edge in edges)]


def is_night(local_hour: int) -> bool:
    """Says whether an hour of the line's local day, 0 to 23, belongs to the night."""
    return local_hour >= NIGHT_START or local_hour < NIGHT_END

"""What the rota knows of people beside their skills: tiers, share, limits, absences; and what a line needs when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Literal

from rota.model import RotaError, Span

HOUR, DAY = 3600, 86_400
NO_TIERS: frozenset[int] = frozenset()

WEEKDAYS = frozenset(range(1, 8))
HOLIDAY = 8
"""Days in rules and rotations: 1 is Monday, 7 Sunday, 8 a public holiday."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a person's shifts must keep to, on real instants: whoever plans keeps it, and whoever edits is told.

    `rest` is in seconds, from the end of one stretch of work to the start of the next. Shifts that touch or overlap are
    one stretch, and several together may last `stretch` seconds at most; a single longer shift is its line's choice.
    `week` is the most shifts that begin within any seven days, `nights` the most nights in a row.
    """

    rest: int = 11 * HOUR
    stretch: int = 13 * HOUR
    week: int = 5
    nights: int = 3

    def __post_init__(self) -> None:
        if self.rest < 0 or self.week < 1 or self.nights < 1:
            raise RotaError(f"limits nobody can keep: rest {self.rest} s, {self.week} a week, {self.nights} nights")


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who can be planned: `tiers` they may hold (none: all), `share` of a full-time rota in percent.

    `region` is whose public holidays are theirs, such as "FR" or "FR-57"; `limits` are their own or their line's.
    `left` is the instant from which they are here no more, None for somebody who stays; `joined` the one from which
    they are here, None for somebody who was before all that matters.
    """

    id: int
    name: str
    skills: frozenset[str]
    tiers: frozenset[int] = NO_TIERS
    share: int = 100
    region: str = ""
    limits: Limits = Limits()
    left: int | None = None
    joined: int | None = None

    def may_hold(self, tier: int) -> bool:
        """Whether this tier is one of theirs."""
        return not self.tiers or tier in self.tiers


@dataclass(frozen=True, slots=True)
class Absence(Span):
    """When somebody is away; never why. Not `hard`: they would rather not, and may be planned if nobody else can."""

    id: int
    person: int
    hard: bool = True


@dataclass(frozen=True, slots=True)
class CoverageRule:
    """So many people of a tier on call, on these days between these local times; of `tier` None: of all tiers together.

    `ends` not after `starts` is on the next day, so 00:00-00:00 is a whole day; the day is the one it begins on. A rule
    of a tier makes `n` seats to fill; one of all tiers makes none, and says what those on call together must be able to
    do: `n` of them have all of `skills`, or any. Not `hard`: a gap in it is weak cover. In force on days from `since`,
    up to and not including `until`. On a public holiday a tier's rules for holidays hold instead of the weekday's, if
    the line has any for that tier.
    """

    id: int
    line: str
    tier: int | None
    days: frozenset[int]
    starts: time
    ends: time
    since: date
    until: date | None = None
    n: int = 1
    skills: frozenset[str] = frozenset()
    match: Literal["all", "any"] = "all"
    hard: bool = True

    def __post_init__(self) -> None:
        if not self.days or not self.days <= WEEKDAYS | {HOLIDAY}:
            raise RotaError(f"rule {self.id}: days are 1 (Monday) to 7, 8 for public holidays, not {sorted(self.days)}")
        if self.n < 1 or (self.tier is not None and self.tier < 1):
            raise RotaError(f"rule {self.id} asks for {self.n} people of tier {self.tier}: both count from 1")

    def suits(self, skills: frozenset[str]) -> bool:
        """Whether somebody with these skills counts for it."""
        if not self.skills:
            return True
        return self.skills <= skills if self.match == "all" else bool(self.skills & skills)


def standing(line: str, tiers: Iterable[int], languages: Iterable[str]) -> tuple[CoverageRule, ...]:
    """What stands in for rules where a line has none: somebody in each tier always, better with each language.

    They have the number 0.
    """
    always = (WEEKDAYS, time(), time(), date.min)
    seats = [CoverageRule(0, line, tier, *always) for tier in dict.fromkeys(tiers)]
    spoken = [
        CoverageRule(0, line, None, *always, skills=frozenset({language}), hard=False)
        for language in dict.fromkeys(languages)
    ]
    return (*seats, *spoken)


@dataclass(frozen=True, slots=True)
class Rotation:
    """People who take turns in a tier between local times on some days: one version of it, never changed.

    A turn lasts `every` days, weeks or months of the days on which it stands, and the first of `people` has the turn
    that begins on `anchor`. In force for days from `since`, up to and not including `until`. Changing it means ending
    this version and beginning another; `name` is what the versions have in common.
    """

    id: int
    line: str
    tier: int
    name: str
    version: int
    days: frozenset[int]
    starts: time
    ends: time
    unit: Literal["day", "week", "month"]
    every: int
    anchor: date
    people: tuple[int, ...]
    since: date
    until: date | None = None

    def __post_init__(self) -> None:
        if not self.people:
            raise RotaError(f"rotation {self.name!r} has nobody in it: name at least one person")
        if self.every < 1 or self.tier < 1:
            raise RotaError(f"rotation {self.name!r}: a turn lasts 1 {self.unit} at least, and tiers count from 1")
        if not self.days or not self.days <= WEEKDAYS:
            raise RotaError(f"rotation {self.name!r} names days {sorted(self.days)}: write 1 (Monday) to 7 (Sunday)")

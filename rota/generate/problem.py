"""What a generator is given and what it gives back: the same values for every engine. Instants are UTC seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

from rota.duty import Category
from rota.model import Span
from rota.staff import Limits


@dataclass(frozen=True, slots=True)
class Seat(Span):
    """A seat to fill. `points` is what it weighs in hundredths of an ordinary hour. Its number is its place."""

    line: str
    tier: int
    categories: frozenset[Category]
    points: int
    skills: frozenset[str] = frozenset()
    """What its holder must be able to do, by a rule of its tier."""
    match: Literal["all", "any"] = "all"


@dataclass(frozen=True, slots=True)
class Need(Span):
    """Over this stretch, `n` of those on call on `line`, in whatever tier, have all or any of `skills`."""

    line: str
    n: int
    skills: frozenset[str]
    match: Literal["all", "any"]
    hard: bool


@dataclass(frozen=True, slots=True)
class Held(Span):
    """A shift that somebody has beside the seats to fill: before or after them, or on another line.

    `night`: whether somebody with it is on call in a night of its line's zone. One on the line of a need counts for it.
    """

    night: bool
    line: str
    tier: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can fill seats, in `tiers` (none: in all). With a `share` of 0 they get no new ones.

    `absent` also holds what is before they come and after they leave; `wishes` are soft absences. `debt` is, in each
    category, by how much they had more (or less) than their share before, in hundredths of a seat.
    """

    person: int
    skills: frozenset[str]
    tiers: frozenset[int]
    share: int
    limits: Limits
    absent: tuple[Span, ...] = ()
    wishes: tuple[Span, ...] = ()
    held: tuple[Held, ...] = ()
    debt: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Seats by start and tier, who can fill them, and what must hold. `zones` has each line's, for its nights; or UTC.

    `fixed` are seats whose holder stays, whoever that is; `before` is who holds which seat now, and in a repair each
    other holder costs. Seats count from 0, people are ids.

    Limits are kept a little more strictly than `rota.limits` finds: each seat counts in its week, also one that
    touches another; and of three that touch, the first and the last are too close if the middle is shorter than rest.
    """

    seats: tuple[Seat, ...]
    candidates: tuple[Candidate, ...]
    needs: tuple[Need, ...] = ()
    fixed: Mapping[int, int] = field(default_factory=dict)
    before: Mapping[int, int] = field(default_factory=dict)
    repair: bool = False
    seed: int = 1
    zones: Mapping[str, ZoneInfo] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class Quality:
    """How good an assignment is; smaller is better, in this order. All counts are of seats, or needs' stretches.

    `broken` hard rules: stretches in which a hard need isn't met, and fixed seats (in a repair also those that stood
    before) whose holder breaks a rule by them; an engine itself breaks no rule of a person. `unfilled` seats; `changes`
    from before, in a repair; `weak`: stretches in which a soft need isn't met; `excess`: hundredths of seats beyond one
    from the share (`rota.generate.shares.targets`), summed over people and categories; `unwished`: seats that their
    holders would rather not have.
    """

    broken: int
    unfilled: int
    changes: int
    weak: int
    excess: int
    unwished: int


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known while a generator works: seconds spent and left, and the best so far."""

    spent: float
    left: float
    quality: Quality


Watch = Callable[[Progress], bool]
"""Told now and then; says whether to go on."""


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A seat that nobody could be found for, and how many candidates each rule keeps from it, with the rest as it is.

    Rules: share (theirs is 0), tier, skills, absent, overlap, rest, stretch, week, nights; for each candidate, the
    first of them; free for those whom none keeps, when the time was too short to ask them.
    """

    seat: int
    because: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Solution:
    """Who holds each seat (None: nobody), how good that is, and why some stay empty. `proven`: there is none better.

    `unmet` are the hard needs, by their place, that aren't met over some stretch. No assignment is better than `bound`,
    where an engine knows one.
    """

    holders: tuple[int | None, ...]
    quality: Quality
    unfilled: tuple[Unfilled, ...] = ()
    proven: bool = False
    unmet: tuple[int, ...] = ()
    bound: Quality | None = None

"""How many people have to be on call for callers to be answered in time: the Erlang C queue.

With `A` the load, in Erlang (calls per hour x seconds each takes / 3600), and `m` people:

    B(0) = 1,  B(k) = A B(k-1) / (k + A B(k-1))        Erlang B: all k are busy, and who calls then goes away
    C = m B(m) / (m - A (1 - B(m)))                    Erlang C: all m are busy, and who calls then waits
    answered within T = 1 - C exp(-(m - A) T / h)      h: seconds that a call takes, wrapping up included

A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic telephone
exchanges" (1917); the recursion, which needs no factorial and can't overflow, and C from B: R. B. Cooper,
"Introduction to Queueing Theory" (1981).

It assumes that calls come at random and independently, that whoever is free answers at once, and that callers have
all the patience in the world. Real ones hang up, which leaves fewer to wait; real telephones ring for a while.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import exp, isfinite
from types import MappingProxyType

from reports.errors import InputError

HOUR = 3600
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Goal:
    """So many percent of callers answered within so many seconds. InputError if that can't be a goal."""

    percent: int
    seconds: int

    def __post_init__(self) -> None:
        if not 0 < self.percent < 100 or self.seconds < 0:
            raise InputError(
                f"{self.percent} % within {self.seconds} s is no goal; ask for 1 to 99 % within 0 s or more"
            )


Target = tuple[Goal, ...]
"""Goals that all have to be met."""
TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        "80-20-90-60": (Goal(80, 20), Goal(90, 60)),
        "80-20": (Goal(80, 20),),
        "90-20": (Goal(90, 20),),
        "90-60": (Goal(90, 60),),
    }
)
"""Those that may be chosen, by the name that they have in an address; the first is the usual one."""
USUAL = next(iter(TARGETS))


def load_of(calls: float, handling: float) -> float:
    """Returns the load in Erlang of `calls` an hour that take `handling` seconds each."""
    return calls * handling / HOUR


def blocked(people: int, load: float) -> float:
    """Returns Erlang B: the probability that all `people` are busy where nobody waits. InputError for no such load."""
    return next(busy for count, busy in _blocked(load) if count >= people)


def delayed(people: int, load: float) -> float:
    """Returns Erlang C: the probability of having to wait; 1 where `people` can't keep up with the load."""
    return _delayed(people, load, blocked(people, load))


def service_level(people: int, load: float, handling: float, seconds: float) -> float:
    """Returns the share of callers answered within `seconds`, 0 to 1, if a call takes `handling` seconds."""
    return _served(delayed(people, load), people - load, handling, seconds)


def needed(load: float, handling: float, target: Target) -> int:
    """Returns the fewest people with whom every goal of `target` is met: more than the load, and one at least.

    One, because the line is open when nobody calls, too. InputError for an impossible load, or a call without length.
    """
    if handling <= 0:
        raise InputError(f"a call of {handling} s is impossible")

    def met(people: int, busy: float) -> bool:
        waits = _delayed(people, load, busy)
        return all(100 * _served(waits, people - load, handling, goal.seconds) >= goal.percent for goal in target)

    return next(people for people, busy in _blocked(load) if people > load and people and met(people, busy))


def _blocked(load: float) -> Iterator[tuple[int, float]]:
    """Erlang B for 0, 1, 2 ... people."""
    if not isfinite(load) or load < 0:
        raise InputError(f"a load of {load} Erlang is impossible")
    people, busy = 0, 1.0
    while True:
        yield people, busy
        people += 1
        busy = load * busy / (people + load * busy)


def _delayed(people: int, load: float, busy: float) -> float:
    return min(1.0, people * busy / (people - load * (1 - busy))) if people > load else 1.0


def _served(waits: float, spare: float, handling: float, seconds: float) -> float:
    return 1 - waits * exp(-spare * seconds / handling) if spare > 0 else 0.0

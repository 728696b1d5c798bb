"""How good a generated quarter is after a minute, and what a repair of a fortnight's absence costs.

`python -m tests.bench.generating 1 2 3 4 5` prints the table for these seeds. What the problem is made of is told in
tests/rota/generate/instances.py, and the rules are read by the checker there, which shares no code with the engine.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from rota.generate import anneal
from rota.generate.problem import Problem, Solution
from rota.generate.shares import targets
from tests.rota.generate.checker import offences, unmet
from tests.rota.generate.instances import FIRST, leave, quarter

SECONDS = 60
SEEDS = (1, 2)


def print_generation(seeds: Sequence[int] = SEEDS, seconds: float = SECONDS) -> None:
    """Prints a line for each quarter generated and one for its repair."""
    for seed in seeds:
        problem = quarter(seed)
        began, cpu = time.perf_counter(), time.process_time()
        made = anneal.solve(problem, seconds, clock=time.perf_counter)
        took, used = time.perf_counter() - began, time.process_time() - cpu
        print(f"generate  seed {seed}  {took:5.1f} s (CPU {used:4.1f} s)  {_told(problem, made)}")
        _print_repair(problem, made, seed)


def _told(problem: Problem, made: Solution) -> str:
    broken = len(offences(problem, made.holders))
    missing = [len(unmet(problem, made.holders, hard=hard)) for hard in (True, False)]
    far = [f"{name} {_furthest(problem, made, name):.2f}" for name in ("night", "weekend", "holiday", "shift")]
    return (
        f"{broken} rules broken, {missing[0]} needs unmet ({missing[1]} soft), {made.holders.count(None)} seats empty,"
        f" {made.quality.unwished} undesired; furthest from share: {', '.join(far)}"
    )


def _furthest(problem: Problem, made: Solution, category: str) -> float:
    """How far, in seats, the person furthest from their share is."""
    pairs = zip(problem.seats, made.holders, strict=True)
    have = Counter(holder for seat, holder in pairs if category in seat.categories)
    shares = targets(problem)
    return max(abs(have[c.person] - shares[c.person][category]) for c in problem.candidates)


def _print_repair(problem: Problem, made: Solution, seed: int) -> None:
    """The busiest person, one in the middle and the one with the most languages are each away for a fortnight."""
    start = FIRST + timedelta(42)
    have = Counter(holder for holder in made.holders if holder is not None)
    busy = [person for person, _ in have.most_common()]
    gifted = max(problem.candidates, key=lambda c: (len(c.skills), have[c.person])).person
    for person in dict.fromkeys((busy[0], busy[len(busy) // 2], gifted)):
        broken = leave(problem, made.holders, person, start, 14)
        away = next(c for c in broken.candidates if c.person == person).absent[-1]
        lost = [n for n, holder in broken.before.items() if holder == person and problem.seats[n].overlaps(away)]
        began, cpu = time.perf_counter(), time.process_time()
        mended = anneal.repair(broken, 4, clock=time.perf_counter)
        took, used = time.perf_counter() - began, time.process_time() - cpu
        print(
            f"repair    seed {seed}  {took:5.1f} s (CPU {used:4.1f} s)  {len(lost)} shifts lost,"
            f" {mended.quality.changes} changes; {_told(broken, mended)}"
        )


if __name__ == "__main__":
    print_generation([int(seed) for seed in sys.argv[1:]] or SEEDS)

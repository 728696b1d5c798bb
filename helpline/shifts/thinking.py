"""An engine in a process of its own (`helpline.apart`): `Thinking(problem, 20).result()` is None while it thinks."""

from __future__ import annotations

import time
from collections.abc import Callable

from helpline.apart import Apart, LostError, answer
from rota.generate import anneal
from rota.generate.problem import Problem, Progress, Solution

OVERTIME = 60
"""Seconds after its time when it is ended: a big rota is filled once before the clock is looked at."""


ThoughtLostError = LostError


class Thinking(Apart[Solution]):
    """One run of the engine over `problem`, for `seconds`."""

    def __init__(self, problem: Problem, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__("helpline.shifts.thinking", (problem, seconds), seconds + OVERTIME, clock)


def main() -> None:
    """Reads a problem from standard input, and writes its solution to standard output."""

    def work(question: tuple[Problem, float], is_wanted: Callable[[], bool]) -> Solution:
        problem, seconds = question

        def watch(_: Progress) -> bool:
            return is_wanted()

        run = anneal.repair if problem.repair else anneal.solve
        return run(problem, seconds, watch, time.monotonic)

    answer(work)


if __name__ == "__main__":
    main()

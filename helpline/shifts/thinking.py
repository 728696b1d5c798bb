"""An engine in a process of its own, which gives way to everything else: callers are answered on the same processors.

    thought = Thinking(problem, 20)   # begins at once
    thought.result()                  # None while it thinks; then a `Solution`. Raises `ThoughtLostError`
    thought.stop()

The process is given the problem and nothing else: no configuration, no secret, no database. It ends when it is done,
when its time is long over, and when whoever started it is gone.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from helpline.errors import HelplineError
from rota.generate import anneal
from rota.generate.problem import Problem, Progress, Solution

NICE = 15
"""How far it steps back, of 19."""
OVERTIME = 60
"""Seconds after its time when it is ended: a big rota is filled once before the clock is looked at."""
ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONTZPATH", "LANG")
"""What it may know of ours."""


class ThoughtLostError(HelplineError):
    """The process ended without an answer."""


class Thinking:
    """One run of the engine over `problem`, for `seconds`."""

    def __init__(self, problem: Problem, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._ends = clock, clock() + seconds + OVERTIME
        self._answer = tempfile.TemporaryFile()  # noqa: SIM115 - open for as long as the other process writes
        self._solution: Solution | None = None
        with tempfile.TemporaryFile() as question:
            pickle.dump((problem, seconds), question)
            question.seek(0)
            self._process = subprocess.Popen(  # noqa: S603 - this very module
                [sys.executable, "-m", "helpline.shifts.thinking", str(os.getpid())],
                stdin=question,
                stdout=self._answer,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
            )

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def result(self) -> Solution | None:
        """The answer, or None while there is none yet. Raises `ThoughtLostError`."""
        if self._solution is None:
            self._solution = self._look()
        return self._solution

    def _look(self) -> Solution | None:
        if self._process.poll() is None:
            if self._clock() < self._ends:
                return None
            self.stop()
        code = self._process.returncode
        if code:
            self.stop()
            raise ThoughtLostError(f"the engine ended with {code}")
        self._answer.seek(0)
        solution: Solution = pickle.load(self._answer)  # noqa: S301 - written by the process that we started
        self._answer.close()
        return solution

    def stop(self) -> None:
        """Ends it, if it hasn't ended."""
        self._process.kill()
        self._process.wait()
        self._answer.close()


def main() -> None:
    """Reads a problem from standard input, and writes its solution to standard output."""
    os.nice(NICE)
    parent = int(sys.argv[1])  # asked of the system it would be whoever adopted us, if they are gone already
    problem, seconds = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started us

    def watch(_: Progress) -> bool:
        return os.getppid() == parent

    work = anneal.repair if problem.repair else anneal.solve
    pickle.dump(work(problem, seconds, watch, time.monotonic), sys.stdout.buffer)


if __name__ == "__main__":
    main()

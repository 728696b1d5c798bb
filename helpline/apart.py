"""Long work in a process of its own, which gives way to everything else: callers are answered on the same processors.

    work = Apart("helpline.shifts.thinking", question, 80)   # begins at once
    work.result()                                            # None while it works; then its answer. Raises `LostError`
    work.stop()

The process is given the question and nothing else: no configuration, no secret, no database. It ends when it is done,
when its time is over, and, if its work looks at `is_wanted` now and then, when whoever started it is gone. The module
that it runs calls `answer` with what is to be done.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from helpline.errors import HelplineError

Answer = TypeVar("Answer")
NICE = 15
"""How far it steps back, of 19."""
ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONTZPATH", "LANG")
"""What it may know of ours."""


class LostError(HelplineError):
    """The process ended without an answer."""


class Apart(Generic[Answer]):
    """One run of `module` with `question`, ended after `seconds`."""

    def __init__(
        self, module: str, question: object, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock, self._ends = clock, clock() + seconds
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - open for as long as the other process writes
        self._answer: Answer | None = None
        with tempfile.TemporaryFile() as asked:
            pickle.dump(question, asked)
            asked.seek(0)
            self._process = subprocess.Popen(  # noqa: S603 - a module of ours
                [sys.executable, "-m", module, str(os.getpid())],
                stdin=asked,
                stdout=self._file,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
            )

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def result(self) -> Answer | None:
        """The answer, or None while there is none yet. Raises `LostError`."""
        if self._answer is None:
            self._answer = self._look()
        return self._answer

    def _look(self) -> Answer | None:
        if self._process.poll() is None:
            if self._clock() < self._ends:
                return None
            self.stop()
        code = self._process.returncode
        if code:
            self.stop()
            raise LostError(f"the process ended with {code}")
        self._file.seek(0)
        answer: Answer = pickle.load(self._file)  # noqa: S301 - written by the process that we started
        self._file.close()
        return answer

    def stop(self) -> None:
        """Ends it, if it hasn't ended."""
        self._process.kill()
        self._process.wait()
        self._file.close()


def answer(work: Callable[[Any, Callable[[], bool]], object]) -> None:
    """What such a module does when it is run: `work(question, is_wanted)` from standard input to standard output."""
    os.nice(NICE)
    parent = int(sys.argv[1])  # asked of the system it would be whoever adopted us, if they are gone already
    question = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started us
    pickle.dump(work(question, lambda: os.getppid() == parent), sys.stdout.buffer)

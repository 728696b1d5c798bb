"""An engine in a process of its own: it answers, gives way, and doesn't outlive whoever asked."""

import os
import subprocess
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from helpline.apart import NICE
from helpline.shifts.thinking import OVERTIME, Thinking, ThoughtLostError
from rota.generate.problem import Candidate, Problem, Seat, Solution
from rota.staff import HOUR, Limits
from tests.shell import NOON, eventually

LONG = 60.0
"""Seconds that nobody here waits for."""


def _problem(people: int = 3) -> Problem:
    """A day of three seats; with one person, who must rest, it is never good, and an engine goes on looking."""
    seats = tuple(
        Seat(NOON + n * 8 * HOUR, NOON + (n + 1) * 8 * HOUR, "france", 1, frozenset({"shift"}), 1) for n in range(3)
    )
    everybody = tuple(Candidate(n, frozenset(), frozenset(), 100, Limits()) for n in range(1, people + 1))
    return Problem(seats, everybody, zones={"france": ZoneInfo("Europe/Paris")})


def _wait(thought: Thinking) -> Solution:
    eventually(lambda: thought.result() is not None)
    found = thought.result()
    assert found is not None
    return found


def test_it_answers() -> None:
    """What comes back is what the engine found, as often as it is asked."""
    thought = Thinking(_problem(), LONG)
    assert sorted(holder or 0 for holder in _wait(thought).holders) == [1, 2, 3]
    assert thought.result() is thought.result()
    thought.stop()


def test_it_gives_way() -> None:
    """Callers are answered on the same processors: it steps back as far as it can be seen to."""
    thought = Thinking(_problem(1), LONG)
    try:
        eventually(lambda: os.getpriority(os.PRIO_PROCESS, thought.pid) == min(19, os.nice(0) + NICE))
    finally:
        thought.stop()


def test_one_that_is_stopped_is_gone() -> None:
    """At once; asked for its answer, it says that there is none."""
    thought = Thinking(_problem(1), LONG)
    assert thought.result() is None
    thought.stop()
    with pytest.raises(ThoughtLostError, match="-9"):
        thought.result()


def test_one_that_hangs_is_ended() -> None:
    """When its time is long over, whatever it does."""
    ticks = iter((0.0, LONG + OVERTIME + 1))
    thought = Thinking(_problem(1), LONG, lambda: next(ticks))
    with pytest.raises(ThoughtLostError):
        thought.result()


def test_it_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of our environment it gets what a Python needs, and nothing else."""
    monkeypatch.setenv("HELPLINE_LINK_KEY", "secret")
    thought = Thinking(_problem(1), LONG)
    try:
        assert b"HELPLINE" not in Path(f"/proc/{thought.pid}/environ").read_bytes()
    finally:
        thought.stop()


ORPHAN = """
from tests.shifts.test_thinking import LONG, _problem
from helpline.shifts.thinking import Thinking
print(Thinking(_problem(1), LONG).pid, flush=True)
import os, signal
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
def test_it_does_not_outlive_who_asked() -> None:
    """A worker that is killed leaves no engine behind."""
    done = subprocess.run([sys.executable, "-c", ORPHAN], capture_output=True, check=False, text=True)
    number = int(done.stdout)
    begun = time.monotonic()
    eventually(lambda: not _lives(number))
    assert time.monotonic() - begun < LONG / 2


def _lives(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().split(") ")[1][0] != "Z"
    except FileNotFoundError:
        return False

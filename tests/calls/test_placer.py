"""The placer's thread: whatever a step of it meets, it goes on."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import cast

import pytest
from sqlalchemy.exc import OperationalError

from helpline.calls.placing import PlacerThread, Placing
from helpline.calls.strays import Strays
from helpline.store.sessions import Store
from tests.shell import PATIENCE, SetClock, opened

DOWN = OperationalError("simulated", None, Exception("down"))


class Rooms:
    """What stands in for the carrier: who was fetched out of a room, and to where."""

    def __init__(self) -> None:
        self.fetched: queue.Queue[tuple[str, str]] = queue.Queue()

    def send_on(self, carrier_id: str, url: str) -> None:
        """Somebody is fetched."""
        self.fetched.put((carrier_id, url))


class Steps:
    """What stands in for `Placing`: a step that fails as told, and counts."""

    def __init__(self, store: Store, fails: Callable[[], None]) -> None:
        self.store, self.clock = store, SetClock()
        self.strays, self.api = Strays(lambda: None), Rooms()
        self._fails = fails
        self._done = threading.Semaphore(0)

    def run_once(self) -> float | None:
        """One step."""
        self._done.release()
        self._fails()
        return None

    def done(self) -> bool:
        """Whether another step is done in time."""
        return self._done.acquire(timeout=PATIENCE)


def fail(error: Exception) -> Callable[[], None]:
    """Raises it."""

    def raises() -> None:
        raise error

    return raises


def run(store: Store, fails: Callable[[], None], besides: Callable[[int], object] = lambda _: None) -> list[bool]:
    """Whether each of three steps was done that had to be waited for."""
    steps, thread = Steps(store, fails), PlacerThread(besides)
    thread.start(cast("Placing", steps))
    try:
        found = []
        for _ in range(3):
            found.append(steps.done())
            thread.wake()
    finally:
        thread.stop()
    return found


@pytest.mark.parametrize("error", [DOWN, RuntimeError("a bug"), KeyError("a line")])
def test_a_step_that_fails_is_not_the_last(sqlite_url: str, error: Exception) -> None:
    """A placer that ended would leave every caller of its process waiting."""
    with opened(sqlite_url) as store:
        assert run(store, fail(error)) == [True] * 3


@pytest.mark.parametrize("error", [DOWN, RuntimeError("a bug")])
def test_what_needs_no_database_is_done_without_it(sqlite_url: str, error: Exception) -> None:
    """A beat that can't be written stops no step: whoever is alone in a room is fetched out by REST."""
    with opened(sqlite_url) as store:
        assert run(store, lambda: None, besides=lambda _: fail(error)()) == [True] * 3


def test_who_is_alone_is_fetched_while_a_step_stands_still(sqlite_url: str) -> None:
    """A frozen database holds up whoever asks it without a deadline; to fetch somebody takes none."""
    frozen = threading.Event()

    def stand_still() -> None:
        assert frozen.wait(PATIENCE)

    with opened(sqlite_url) as store:
        steps, thread = Steps(store, stand_still), PlacerThread()
        steps.strays = Strays(thread.wake)
        thread.start(cast("Placing", steps))
        try:
            assert steps.done()
            steps.strays.add("CAalone", "https://helpline.example.org/out")
            assert steps.api.fetched.get(timeout=PATIENCE) == ("CAalone", "https://helpline.example.org/out")
            assert not frozen.is_set()
        finally:
            frozen.set()
            thread.stop()

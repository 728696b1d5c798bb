"""A small discrete-event kernel: a heap of events, and whatever drives it.

One lock guards the whole simulated world. It is held while an event runs and never while a webhook is sent or a
hook is called, so the product may answer a webhook by calling the REST API from any thread.
"""

from __future__ import annotations

import heapq
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from helpline.twin.clock import Clock, VirtualClock
from helpline.twin.process import Event, Future, Process, Steps

T = TypeVar("T")
log = logging.getLogger(__name__)

STUCK_AFTER = 100_000
"""Events at one instant of virtual time before the world is declared stuck."""


class TwinStuckError(RuntimeError):
    """Events go on for ever without time passing: the simulated world is in a loop."""


class Kernel:
    """The heap of events and whatever drives it: a test on a virtual clock, or a thread on a real one."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.changed = threading.Condition(threading.RLock())
        self.hooks: list[Callable[[], None]] = []
        self._heap: list[Event] = []
        self._order = 0
        self._busy = 0
        self._jobs: list[Callable[[], None]] = []
        self._running = False
        self._thread: threading.Thread | None = None
        self._pool: ThreadPoolExecutor | None = None

    # -- scheduling: any thread, under the lock ------------------------------------------------------------------

    def after(self, seconds: float, action: Callable[[], None], daemon: bool = False) -> Event:
        """Run `action` in so many seconds, under the lock."""
        with self.changed:
            self._order += 1
            event = Event(self.clock.elapsed() + max(seconds, 0.0), self._order, action, daemon)
            heapq.heappush(self._heap, event)
            self._busy += not daemon
            self.changed.notify_all()
            return event

    def soon(self, action: Callable[[], None]) -> None:
        """Run `action` at this very instant, after what is already due."""
        self.after(0.0, action)

    def cancel(self, event: Event) -> None:
        """Make a scheduled event not happen."""
        with self.changed:
            if not event.spent:
                event.spent = True
                self._busy -= not event.daemon

    def spawn(self, steps: Steps[Any]) -> Process:
        """Start a process at this instant."""
        with self.changed:
            return Process(self, steps)

    def outside(self, job: Callable[[], T]) -> Future[T]:
        """Have `job` run without the lock (a webhook, a download); its result resolves the future."""
        future: Future[T] = Future(self)

        def run() -> None:
            try:
                result = job()
            finally:
                with self.changed:
                    self._busy -= 1
            with self.changed:
                future.resolve(result)

        with self.changed:
            self._busy += 1  # a world with a webhook on its way is not idle
            self._jobs.append(run)
        return future

    # -- waiting: inside a process -------------------------------------------------------------------------------

    def sleep(self, seconds: float) -> Steps[None]:
        """Let so many seconds pass."""
        yield from self.wait(Future(self), seconds)

    def wait(self, future: Future[Any], seconds: float | None = None) -> Steps[bool]:
        """Wait for a future at most so many seconds; True when it came."""
        if seconds is None:
            yield future
            return True
        either: Future[bool] = Future(self)
        timer = self.after(seconds, lambda: either.resolve(False))
        future.then(lambda: either.resolve(True))
        try:
            came: bool = yield either
            return came
        finally:
            self.cancel(timer)

    # -- virtual time --------------------------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Nothing is due any more but daemon events."""
        return self._busy <= 0

    def run_to(self, elapsed: float, until_idle: bool = False) -> bool:
        """Let virtual time pass to `elapsed`, or less if idle first; True when idle was reached."""
        clock = self.clock
        if not isinstance(clock, VirtualClock):
            raise TypeError("only a virtual clock is moved by hand: use start() and stop()")
        with self.changed:
            if self._running:
                raise RuntimeError("the twin is already running: a hook or webhook must not run it again")
            self._running = True
        try:
            return self._drain(clock, elapsed, until_idle)
        finally:
            self._running = False

    def _drain(self, clock: VirtualClock, elapsed: float, until_idle: bool) -> bool:
        at_this_instant, instant = 0, clock.elapsed()
        self._settle()
        while not (until_idle and self.idle):
            with self.changed:
                event = self._next(elapsed)
                if event is not None:
                    at_this_instant = at_this_instant + 1 if event.when == instant else 0
                    instant = event.when
                    if at_this_instant > STUCK_AFTER:
                        raise TwinStuckError(f"{STUCK_AFTER} events at one instant, {clock.now():.3f}")
                    clock.move_to(event.when)
                    event.action()
            if event is None:
                if clock.elapsed() >= elapsed:
                    break
                clock.move_to(elapsed)  # the hooks see the end, too, and what they start there still happens
            self._settle()
        return self.idle

    def _settle(self) -> None:
        """After an event: the webhooks it sends, then the hooks, then what those send."""
        self._send()
        for hook in self.hooks:
            hook()
        self._send()

    def _next(self, elapsed: float) -> Event | None:
        while self._heap:
            if self._heap[0].spent:
                heapq.heappop(self._heap)
            elif self._heap[0].when > elapsed:
                return None
            else:
                event = heapq.heappop(self._heap)
                event.spent = True
                self._busy -= not event.daemon
                return event
        return None

    def _send(self) -> None:
        """Run what was put `outside`, without the lock: here on virtual time, in the pool on real time."""
        while True:
            with self.changed:
                jobs, self._jobs = self._jobs, []
            if not jobs:
                return
            for job in jobs:
                if self._pool is not None:
                    self._pool.submit(_logged, job)
                else:
                    job()

    # -- real time -----------------------------------------------------------------------------------------------

    def start(self, workers: int = 16) -> None:
        """Run by itself in a thread until `stop`; needs a real clock."""
        if isinstance(self.clock, VirtualClock):
            raise TypeError("a virtual clock doesn't run by itself: use run_for() or run_until_idle()")
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="twin-webhook")
        self._running = True
        self._thread = threading.Thread(target=self._loop, name="twin", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; webhooks under way are waited for."""
        with self.changed:
            self._running = False
            self.changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        if self._pool is not None:
            self._pool.shutdown()

    def _loop(self) -> None:
        speed = getattr(self.clock, "speed", 1.0)
        while True:
            with self.changed:
                if not self._running:
                    return
                event = self._next(self.clock.elapsed())
                if event is None:
                    due = self._heap[0].when - self.clock.elapsed() if self._heap else None
                    self.changed.wait(None if due is None else max(due / speed, 0.0))
                    continue
                try:
                    event.action()
                except Exception:  # the process's edge: one broken call must not end the carrier
                    log.exception("an event of the twin failed")
            self._send()


def _logged(job: Callable[[], None]) -> None:
    try:
        job()
    except Exception:  # the thread's edge: nobody waits for its result, so nobody else would see this
        log.exception("something outside the twin failed")

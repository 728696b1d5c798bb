"""A small discrete-event kernel: a heap of events, futures, and generator processes that wait for them.

One lock guards the whole simulated world. It is held while an event runs and never while a webhook is sent or a
hook is called, so the product may answer a webhook by calling the REST API from any thread.
"""

from __future__ import annotations

import heapq
import logging
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Generic, TypeVar

from helpline.twin.clock import Clock, VirtualClock

T = TypeVar("T")
log = logging.getLogger(__name__)

STUCK_AFTER = 100_000
"""Events at one instant of virtual time before the world is declared stuck."""

Steps = Generator["Future[Any]", Any, T]
"""A process's body: yields the futures it waits for, returns a T."""


class TwinStuckError(RuntimeError):
    """Events go on for ever without time passing: the simulated world is in a loop."""


class Interrupt(Exception):  # noqa: N818 - not an error: news that reaches a process wherever it waits
    """Thrown into a process at its wait. The higher rank wins when two arrive in one instant."""

    rank = 0


class Event:
    """Something to happen at an elapsed time; `daemon` events don't keep the world from being idle."""

    __slots__ = ("action", "daemon", "order", "spent", "when")

    def __init__(self, when: float, order: int, action: Callable[[], None], daemon: bool) -> None:
        self.when = when
        self.order = order
        self.action = action
        self.daemon = daemon
        self.spent = False  # happened or cancelled

    def __lt__(self, other: Event) -> bool:
        return (self.when, self.order) < (other.when, other.order)


class Future(Generic[T]):
    """A value that will be known once; the processes waiting for it are resumed at that instant."""

    __slots__ = ("_kernel", "_waiters", "done", "value")

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._waiters: list[Callable[[], None]] = []
        self.done = False
        self.value: T | None = None

    def resolve(self, value: T) -> None:
        """Make the value known; the first one counts, later ones are ignored."""
        if self.done:
            return
        self.done, self.value = True, value
        for waiter in self._waiters:
            self._kernel.soon(waiter)
        self._waiters.clear()

    def then(self, waiter: Callable[[], None]) -> None:
        """Call `waiter`, as an event of its own, once the value is known."""
        if self.done:
            self._kernel.soon(waiter)
        else:
            self._waiters.append(waiter)


class Process:
    """Runs a generator of steps as events; may be interrupted wherever it waits."""

    def __init__(self, kernel: Kernel, steps: Steps[Any]) -> None:
        self._kernel = kernel
        self._steps = steps
        self._ticket = 0
        self._waited: Future[Any] | None = None
        self._pending: Interrupt | None = None
        self._started = False
        self.finished: Future[None] = Future(kernel)
        kernel.soon(lambda: self._resume(0))

    def interrupt(self, reason: Interrupt) -> None:
        """Throw `reason` into the process at its wait, as the next event; a finished process ignores it."""
        if self.finished.done or (self._pending is not None and self._pending.rank >= reason.rank):
            return
        self._pending = reason
        ticket = self._ticket
        self._kernel.soon(lambda: self._resume(ticket))

    def _resume(self, ticket: int) -> None:
        if self.finished.done or ticket != self._ticket:
            return  # whatever this was waiting for has been overtaken
        self._ticket += 1
        if not self._started:
            self._started = True
            if self._pending is not None:  # a generator can be interrupted only once it has begun
                self._kernel.soon(partial(self._resume, self._ticket))
            pending = None
        else:
            pending, self._pending = self._pending, None
        waited, self._waited = self._waited, None
        try:
            if pending is not None:
                following = self._steps.throw(pending)
            else:
                following = self._steps.send(waited.value if waited is not None else None)
        except StopIteration:
            self.finished.resolve(None)
            return
        except BaseException:
            self.finished.resolve(None)
            raise
        self._waited = following
        ticket = self._ticket
        following.then(lambda: self._resume(ticket))


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
        while not (until_idle and self.idle):
            with self.changed:
                event = self._next(elapsed)
                if event is None:
                    break
                at_this_instant = at_this_instant + 1 if event.when == instant else 0
                instant = event.when
                if at_this_instant > STUCK_AFTER:
                    raise TwinStuckError(f"{STUCK_AFTER} events at one instant, {clock.now():.3f}")
                clock.move_to(event.when)
                event.action()
            self._send()
            for hook in self.hooks:
                hook()
            self._send()
        if not until_idle:
            clock.move_to(elapsed)
        return self.idle

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
                    self._pool.submit(job)
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

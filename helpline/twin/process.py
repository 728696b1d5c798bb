"""Futures, and generator processes that wait for them: how a leg's life is written as one readable function."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from helpline.twin.kernel import Kernel

T = TypeVar("T")

Steps = Generator["Future[Any]", Any, T]
"""A process's body: yields the futures it waits for, returns a T."""


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

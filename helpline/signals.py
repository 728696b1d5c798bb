"""Waiting for the end of a process of many threads."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STOPPING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def until_stopped() -> Iterator[Callable[[], None]]:
    """Gives a function that returns when SIGINT or SIGTERM comes. Enter it before any thread is started.

    The signals are blocked, in the threads started meanwhile as well, and then waited for. A handler would not do: the
    kernel may hand the signal to another thread, and a main thread that waits for a lock never learns of it (seen once
    in four stops of the demonstration).
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        yield _wait
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _wait() -> None:
    signal.sigwait(STOPPING)

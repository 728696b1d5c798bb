"""Until when whoever works in this thread may use the database.

The clock is the monotonic one: setting the computer's time moves no deadline. A thread that is started has none.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends: ContextVar[float | None] = ContextVar("_ends", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """All database work inside is over in so many seconds, or raises. Inside another deadline, the sooner holds."""
    ends, outer = time.monotonic() + seconds, _ends.get()
    token = _ends.set(ends if outer is None else min(ends, outer))
    try:
        yield
    finally:
        _ends.reset(token)


def remaining() -> float | None:
    """Seconds that are left, 0 when none are; None without a deadline, as in jobs and on the command line."""
    ends = _ends.get()
    return None if ends is None else max(0.0, ends - time.monotonic())

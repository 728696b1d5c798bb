"""The only place that asks what time it is. Everything else is given a `Clock`, so that tests can be."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time as UTC seconds since the epoch."""

    def now(self) -> float:
        """The present instant, in UTC seconds since the epoch."""
        ...


class SystemClock:
    """The machine's own clock."""

    __slots__ = ()

    def now(self) -> float:
        """The present instant, in UTC seconds since the epoch."""
        return time.time()

"""A circuit breaker: while the database doesn't answer, only one asks it now and then, and nobody else waits.

`closed` -3 failures in a row-> `open` -2 s-> one probe: it works -> `closed`; it fails -> `open` for 2 s more.
A probe of which nothing is heard any more is followed by another after 2 s.
"""

from __future__ import annotations

import threading

FAILURES = 3
"""In a row: fewer may be a connection that broke."""
PAUSE_SECONDS = 2.0
"""Between two probes."""


class Breaker:
    """One for all threads. `now` is in monotonic seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._probe_at = 0.0

    @property
    def is_doubted(self) -> bool:
        """Whether the last who asked got no answer."""
        return self._failures > 0

    @property
    def is_open(self) -> bool:
        """Whether only probes are allowed."""
        return self._failures >= FAILURES

    def allows(self, now: float) -> bool:
        """Whether the database may be asked. While open, the one who may is the probe."""
        if self._failures < FAILURES:
            return True
        with self._lock:
            if self._failures < FAILURES:
                return True
            if now < self._probe_at:
                return False
            self._probe_at = now + PAUSE_SECONDS
            return True

    def failed(self, now: float) -> bool:
        """The database didn't answer; whether this opened the breaker."""
        with self._lock:
            self._failures += 1
            self._probe_at = now + PAUSE_SECONDS
            return self._failures == FAILURES

    def worked(self) -> bool:
        """The database answered; whether this closed the breaker."""
        if not self._failures:
            return False
        with self._lock:
            was_open, self._failures = self.is_open, 0
            return was_open

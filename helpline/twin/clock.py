"""The twin's two clocks: one a test moves by hand, one that runs by itself.

Each keeps *elapsed* seconds, which only grow and by which events are ordered, apart from *now*, the wall time
the product sees. A clock jump moves now and leaves elapsed alone, as a machine's NTP correction does.
"""

from __future__ import annotations

import time


class VirtualClock:
    """Stands still until the twin moves it. `now()` is UTC seconds since the epoch."""

    def __init__(self, start: float = 1_767_261_600.0) -> None:
        self._wall = start
        self._elapsed = 0.0

    def now(self) -> float:
        """UTC seconds since the epoch, jumps included."""
        return self._wall + self._elapsed

    def elapsed(self) -> float:
        """Seconds since this clock was made; never goes back."""
        return self._elapsed

    def jump(self, seconds: float) -> None:
        """Move the wall time by so many seconds (negative: back) without any time passing."""
        self._wall += seconds

    def move_to(self, elapsed: float) -> None:
        """Let time pass until `elapsed`; for the kernel alone."""
        self._elapsed = max(self._elapsed, elapsed)


class RealClock:
    """Runs with the machine's, `speed` times as fast: at speed 20 a minute's call takes three seconds."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._wall = time.time()
        self._origin = time.monotonic()

    def now(self) -> float:
        """UTC seconds since the epoch, jumps included."""
        return self._wall + self.elapsed()

    def elapsed(self) -> float:
        """Seconds of this clock since it was made; never goes back."""
        return (time.monotonic() - self._origin) * self.speed

    def jump(self, seconds: float) -> None:
        """Move the wall time by so many seconds (negative: back) without any time passing."""
        self._wall += seconds


Clock = VirtualClock | RealClock

"""The callers' phones of the demonstration: each call that a page dialled, by the carrier's id of it."""

from __future__ import annotations

import itertools
import threading

from helpline.errors import HelplineError
from helpline.twin import CallHandle, Twin

FICTIONAL = "+3319900{:04}"
"""Callers' numbers: French law reserves this range for fiction."""
FIRST, NUMBERS = 9001, 900
WITHHELD = "anonymous"
REMEMBERED = 50
"""Calls that a page can still ask about after their end."""
AT_ONCE = 6
"""Callers at one time: more couldn't be told apart, and a page left open may have forgotten one."""


class TooManyCallers(HelplineError):  # noqa: N818 - it is what they are, and it never leaves the page's routes
    """Somebody has to hang up first."""


class Callers:
    """Dials, and remembers who dialled. Any thread may use it."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        self._lock = threading.Lock()
        self._made = itertools.count()
        self._calls: dict[str, CallHandle] = {}

    def dial(self, number: str, *, withheld: bool) -> CallHandle:
        """A new caller, with a telephone of their own, dials `number` (E.164). Raises `TooManyCallers`."""
        with self._lock:
            if len(self.active()) >= AT_ONCE:
                raise TooManyCallers
            own = FICTIONAL.format(FIRST + next(self._made) % NUMBERS)
            call = self._twin.dial(WITHHELD if withheld else own, number)
            self._calls[call.sid] = call
            while len(self._calls) > REMEMBERED:
                del self._calls[next(iter(self._calls))]
            return call

    def find(self, sid: str) -> CallHandle | None:
        """The call with this id, if one of our callers made it not too long ago."""
        return self._calls.get(sid)

    def active(self) -> list[CallHandle]:
        """Calls that go on, oldest first."""
        return [call for call in tuple(self._calls.values()) if not call.over]

    def newest(self) -> CallHandle | None:
        """The call dialled last, whether it goes on or not."""
        calls = tuple(self._calls.values())
        return calls[-1] if calls else None

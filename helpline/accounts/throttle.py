"""Guesses: how many are heard in a while, so that nobody comes upon a password or a code by trying.

Token buckets, as for calls (`helpline.carrier.floods`), in memory that the worker processes of one server share. Who
guesses is kept nowhere: a bucket is one number at a place that follows from its name by a key, and key and places end
with the server. A name has two places, and the more generous counts: who shares one with a guesser doesn't suffer for
it. No process waits for another.

What one bucket takes is no other's: strangers have theirs, and a browser that has signed in before has its own, so that
strangers keep nobody out of the rota. Only what failed counts: whoever gets in is given back what it took.
"""

from __future__ import annotations

import hmac
import ipaddress
import mmap
import secrets
import threading
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from helpline.carrier.floods import FORGET_MS, SET_BACK_MS, Limit, after_one_more

Kind = Literal["stranger", "address", "browser", "code", "once"]
"""Of a bucket: strangers at an account; strangers from a network; a known browser at its account; the second factor of
an account whose password was right; what may be used once."""
LIMITS: Mapping[Kind, Limit] = MappingProxyType(
    {
        "stranger": Limit(10, 300),
        "address": Limit(40, 30),
        "browser": Limit(10, 30),
        "code": Limit(5, 600),
        "once": Limit(1, 300),
    }
)
"""So many at once, and one more each so many seconds."""
PLACES = 16_384
_NEWEST, _WIPED, _FIRST = 0, 1, 2
"""Words of the shared memory: the newest instant seen, when it was last wiped, then the buckets."""


class Throttle:
    """The buckets of all accounts. Made before worker processes are, which then share it; takes 128 kB for ever."""

    def __init__(self, limits: Mapping[Kind, Limit] = LIMITS) -> None:
        self._limits = limits
        self._key = secrets.token_bytes(32)
        self._memory = mmap.mmap(-1, 8 * (_FIRST + PLACES))
        # Words of eight bytes are read and written whole, whatever other processes do.
        self._words = memoryview(self._memory).cast("Q")
        self._lock = threading.Lock()

    def spend(self, kind: Kind, *name: object, now: float) -> int:
        """Takes one from the bucket of this name at `now` (UTC seconds): 0, or in how many seconds there is one."""
        limit, places = self._limits[kind], self._places(kind, name)
        with self._lock:
            at = self._keep_time(int(now * 1000))
            full_at = min(self._words[place] for place in places)
            then = after_one_more(limit, full_at, at)
            if then is None:
                return max(1, -(-(full_at - (limit.calls - 1) * limit.seconds * 1000 - at) // 1000))
            for place in places:
                self._words[place] = max(self._words[place], then)
            return 0

    def give_back(self, kind: Kind, *name: object) -> None:
        """Undoes one `spend`: what it was spent on was no guess."""
        each = self._limits[kind].seconds * 1000
        with self._lock:
            for place in self._places(kind, name):
                self._words[place] = max(0, self._words[place] - each)

    def forget(self, now: float) -> None:
        """Wipes what no longer matters at `now` (UTC seconds). Spending does so too: this is for when none comes."""
        with self._lock:
            self._keep_time(int(now * 1000))

    def _places(self, kind: Kind, name: tuple[object, ...]) -> tuple[int, int]:
        digest = hmac.digest(self._key, "\0".join((kind, *map(str, name))).encode(), "sha256")
        first, second = (int.from_bytes(digest[n : n + 8], "big") for n in (0, 8))
        # Two places that differ, so that giving back takes once from each.
        return _FIRST + first % PLACES, _FIRST + (first + 1 + second % (PLACES - 1)) % PLACES

    def _keep_time(self, at: int) -> int:
        """The time to reckon with, in ms: it never goes back by a little, and back by much everything begins anew."""
        words = self._words
        if at < words[_NEWEST] - SET_BACK_MS:
            self._memory[:] = bytes(len(self._memory))
        if at - words[_WIPED] >= FORGET_MS:
            words[_WIPED] = at
            for place in range(_FIRST, len(words)):
                if words[place] and words[place] <= at:
                    words[place] = 0
        words[_NEWEST] = at = max(words[_NEWEST], at)
        return at


def network(address: str) -> str:
    """Whose guesses count together: an IPv4 address, or the /64 that an IPv6 address is in; "" if it is neither."""
    try:
        parsed = ipaddress.ip_address(address.strip())
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))

"""Floods: how many calls a line takes in a while, so that a robot doesn't ring psychologists' phones all night.

Two token buckets decide, the telephone's and the line's. A call that isn't let through costs nothing: whoever goes on
trying is let through as soon as anybody is. A withheld number has no bucket of its own and is held to the line's alone.

Who called is kept nowhere. A bucket is one number, the instant at which it will be full again, at a place that follows
from the caller's number by a key; key and places exist in memory alone, are shared by the worker processes of one
server, end with it, and a bucket that is full again is wiped. A telephone has two places, and the more generous counts:
who shares one with a robot doesn't suffer for it.

One process at a time decides. None waits for another for more than a few milliseconds, so that one that was stopped
in the middle freezes nobody, and a killed one lets go at once. The price, then and only then: two that let a call
through within the same microseconds may cost one call together.
"""

from __future__ import annotations

import fcntl
import hmac
import mmap
import os
import re
import secrets
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import phonenumbers

from helpline.settings import LineSettings

PLACES = 32_768
"""Of buckets of telephones. A line with the usual limits fills some 300 of them in an hour."""
ANSWERS = 4_096
"""Places of answers given: far more than calls that come in while the carrier might still repeat a webhook."""
REMEMBERED = 5
"""Minutes for which an answer is remembered."""
FORGET_MS = 600_000
"""How often full buckets are wiped."""
SET_BACK_MS = 5_000
"""By so much the clock must have been set back for everything to be forgotten: less harms nobody."""
TURNS, TURN_SECONDS = 20, 0.0002
"""How often a process looks whether it may decide before it does so all the same, and how long it sleeps between."""
_MINUTES = (1 << 22) - 1
_YES, _NO = 1, 2
_NUMBER = re.compile(r"\+[0-9]{6,15}", re.ASCII)
_NEWEST, _WIPED, _LINES = 0, 1, 2
"""Words of the shared memory: the newest instant seen, when it was last wiped, then the lines' buckets."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls at once, and one more each so many seconds. 0 calls: no limit."""

    calls: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Limits:
    """A line's: for one telephone, and for all calls together."""

    caller: Limit
    line: Limit


def after_one_more(limit: Limit, full_at: int, now: int) -> int | None:
    """When a bucket that is full again at `full_at` will be full after a call at `now`, all in ms; None: it is empty.

    Over any time t at most `calls + t / seconds` calls are let through.
    """
    if not limit.calls:
        return full_at
    each = limit.seconds * 1000
    then = max(full_at, now) + each
    return then if then - now <= limit.calls * each else None


def telephone(number: str) -> str:
    """The digits of the caller's number; nothing when it is withheld.

    Withheld is whatever isn't a number that a numbering plan assigns: nothing, a word, a placeholder of the network.
    """
    if not _NUMBER.fullmatch(number):
        return ""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ""
    return f"{parsed.country_code}{parsed.national_number}" if phonenumbers.is_valid_number(parsed) else ""


class Floods:
    """The buckets of all lines. Made before worker processes are, which then share it; takes 300 kB for ever."""

    def __init__(self, limits: Mapping[str, Limits]) -> None:
        self._limits = dict(limits)
        self._line = {name: _LINES + place for place, name in enumerate(limits)}
        self._first = _LINES + len(limits)
        self._answers = self._first + PLACES
        self._key = secrets.token_bytes(32)
        self._memory = mmap.mmap(-1, 8 * (self._answers + ANSWERS))
        # Words of eight bytes are read and written whole, whatever other processes do.
        self._words = memoryview(self._memory).cast("Q")
        self._lock = threading.Lock()
        # An empty file without a name: nothing is written to it, it is there to be locked.
        with tempfile.TemporaryFile() as file:
            self._turn = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._turn)

    @classmethod
    def of(cls, lines: Mapping[str, LineSettings]) -> Floods:
        """With the limits of each configured line."""
        found = {name: line.floods for name, line in lines.items()}
        return cls(
            {
                name: Limits(Limit(its.caller_calls, its.caller_seconds), Limit(its.line_calls, its.line_seconds))
                for name, its in found.items()
            }
        )

    def admits(self, line: str, number: str, call: str, now: float) -> bool:
        """Whether `line` takes this call at `now` (UTC seconds), from `number` as the carrier spells it.

        The same answer again for the same `call` (the carrier's id) within a few minutes, at no further cost.
        """
        limits = self._limits[line]
        if not (limits.caller.calls or limits.line.calls):
            return True
        with self._alone():
            at = self._keep_time(int(now * 1000))
            answer = self._answer(line, call, at)
            return answer if answer is not None else self._decide(line, telephone(number), call, at)

    def forget(self, now: float) -> None:
        """Wipes what no longer matters at `now` (UTC seconds). Calls do so too: this is for when none come."""
        with self._alone():
            self._keep_time(int(now * 1000))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keeps out other threads, and other processes unless one of them is stuck.

        POSIX record locks belong to a process, unlike flock's, which workers that were forked would share, and the
        kernel drops them when a process ends.
        """
        with self._lock:
            mine = self._take_turn()
            try:
                yield
            finally:
                if mine:
                    fcntl.lockf(self._turn, fcntl.LOCK_UN)

    def _take_turn(self) -> bool:
        for _ in range(TURNS):
            try:
                fcntl.lockf(self._turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                time.sleep(TURN_SECONDS)
            except OSError:
                return False  # a file system without locks
            else:
                return True
        return False

    def _decide(self, line: str, digits: str, call: str, at: int) -> bool:
        words, limits, whole = self._words, self._limits[line], self._line[line]
        digest = self._digest(line, "from", digits)
        mine = [self._first + int.from_bytes(digest[n : n + 8], "big") % PLACES for n in (0, 8)] if digits else []
        own = after_one_more(limits.caller, min(words[place] for place in mine), at) if mine else 0
        shared = after_one_more(limits.line, words[whole], at)
        if own is None or shared is None:
            return self._remember(line, call, at, admitted=False)
        for place in mine:
            words[place] = max(words[place], own)
        words[whole] = shared
        return self._remember(line, call, at, admitted=True)

    def _answer(self, line: str, call: str, at: int) -> bool | None:
        place, tag = self._place_of(line, call)
        word = self._words[place]
        known = word >> 24 == tag and self._age(word, at) <= REMEMBERED
        return word & 3 == _YES if known else None

    def _remember(self, line: str, call: str, at: int, *, admitted: bool) -> bool:
        place, tag = self._place_of(line, call)
        self._words[place] = tag << 24 | (at // 60_000 & _MINUTES) << 2 | (_YES if admitted else _NO)
        return admitted

    def _place_of(self, line: str, call: str) -> tuple[int, int]:
        digest = self._digest(line, "call", call)
        return self._answers + int.from_bytes(digest[:8], "big") % ANSWERS, int.from_bytes(digest[8:13], "big") | 1

    @staticmethod
    def _age(word: int, at: int) -> int:
        return (at // 60_000 - (word >> 2)) & _MINUTES

    def _digest(self, *parts: str) -> bytes:
        return hmac.digest(self._key, "\0".join(parts).encode(), "sha256")

    def _keep_time(self, at: int) -> int:
        """The time to reckon with, in ms: it never goes back by a little, and back by much everything begins anew."""
        words = self._words
        if at < words[_NEWEST] - SET_BACK_MS:
            # Every bucket would be full again in the far future, and nobody would be let through until then.
            self._memory[:] = bytes(len(self._memory))
        if at - words[_WIPED] >= FORGET_MS:
            words[_WIPED] = at
            self._wipe(at)
        words[_NEWEST] = at = max(words[_NEWEST], at)
        return at

    def _wipe(self, at: int) -> None:
        words = self._words
        for place in range(_LINES, len(words)):
            if word := words[place]:
                old = word <= at if place < self._answers else self._age(word, at) > REMEMBERED
                if old:
                    words[place] = 0

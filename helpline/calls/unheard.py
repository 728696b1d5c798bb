"""What the carrier told us once, and no database was there to write down: kept in this process's memory for a while.

A caller who left while the database was down would else be rung for until somebody asks the carrier. Each process
keeps what it heard itself; what is lost with it, the sweeper finds.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from sqlalchemy.exc import SQLAlchemyError

from helpline.carrier.hooks import Hook

log = logging.getLogger(__name__)
MOST = 200
"""Words kept at once: more than callers can end and phones can report in a short outage, and little memory."""
LONGEST_SECONDS = 300
"""For which a word of a call is kept: after that long the sweeper asks the carrier of its own accord."""
TEXTS_SECONDS = 86_400
"""For which word of a text message is kept: nobody else finds it."""


class About(Enum):
    """What a word is about.

    Not a psychologist's leg that rings for a caller: the hold loop gives it up in its time, and where the caller has
    left the queue meanwhile, and is rung for without us, the sweeper asks the carrier for it.
    """

    BRIDGED = "bridged"
    """The carrier put the caller through to a psychologist."""

    CALLER = "caller"
    """The caller hung up in the queue or in a bridge."""
    CALL = "call"
    """The status of a caller's call."""
    CALLED_BACK = "called-back"
    """The status of the leg of a psychologist who calls somebody back."""
    TEXT = "text"
    """Somebody wrote a text message to the line: it is to be erased, whoever it was. Its id stands for a call's."""


@dataclass(frozen=True, slots=True)
class Word:
    """One thing the carrier said at `heard` (UTC seconds), and the sealed token of the URL it said it to, if any.

    It holds the carrier's ids and no number, but for what a caller keyed in: `Unheard` takes that out.
    """

    about: About
    line: str
    hook: Hook
    heard: int
    token: str = ""


class Unheard:
    """Words in the order in which they were heard. Safe between threads; `clock` is in monotonic seconds.

    At most `MOST`, none older than `longest` seconds: the oldest are dropped, and the log says so.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, longest: float = LONGEST_SECONDS) -> None:
        self._clock = clock
        self._longest = longest
        self._lock = threading.Lock()
        self._words: deque[tuple[float, Word]] = deque()

    def __len__(self) -> int:
        """How many wait to be told."""
        return len(self._words)

    def remember(self, word: Word) -> None:
        """It couldn't be written: to be told again, without the keys that were pressed."""
        kept = replace(word, hook=replace(word.hook, digits=""))
        with self._lock:
            dropped = self._words.popleft()[1] if len(self._words) >= MOST else None
            self._words.append((self._clock(), kept))
        if dropped is not None:
            _drop(dropped, "full")

    def retell(self, tell: Callable[[Word], None]) -> None:
        """Each word to `tell`, oldest first. The first that the database doesn't take stays, as do all after it.

        Raises what the database raised.
        """
        while (kept := self._take()) is not None:
            try:
                tell(kept[1])
            except SQLAlchemyError:
                self._put_back(kept)
                raise

    def give_up(self) -> int:
        """Forgets all; how many they were."""
        with self._lock:
            left = len(self._words)
            self._words.clear()
        return left

    def _take(self) -> tuple[float, Word] | None:
        """The oldest that isn't too old."""
        while True:
            with self._lock:
                if not self._words:
                    return None
                kept = self._words.popleft()
            if self._clock() - kept[0] <= self._longest:
                return kept
            _drop(kept[1], "old")

    def _put_back(self, kept: tuple[float, Word]) -> None:
        with self._lock:
            full = len(self._words) >= MOST
            if not full:
                self._words.appendleft(kept)
        if full:
            _drop(kept[1], "full")


def _drop(word: Word, reason: str) -> None:
    log.warning("unheard.dropped", extra={"line": word.line, "kind": word.about.value, "reason": reason})

"""An open loop: every request has the instant at which it is due, and its time counts from then, late or not.

A party (a caller, a phone) is a generator: it yields `Ask`, a request and how many seconds from now it is due, and is
sent the answer's body. So a server that falls behind is asked no less for it, and its delay is seen in every figure.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass, field

from tests.bench.client import Client, Prepared


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that is due in so many seconds; `kind` is the row of the table that its time enters."""

    kind: str
    request: Prepared
    after: float = 0.0


Party = Generator[Ask, bytes, None]


@dataclass(order=True, slots=True)
class _Due:
    at: float
    number: int
    party: Party = field(compare=False)
    ask: Ask = field(compare=False)


class Drive:
    """Sends what is due, `at_once` requests at a time at most, a thread each."""

    def __init__(self, port: int, at_once: int) -> None:
        self.measuring = threading.Event()
        """Set once it is warm: only then are times kept."""
        self.times: dict[str, list[float]] = defaultdict(list)
        """Kind -> seconds from the instant a request was due to the end of its answer."""
        self.late: list[float] = []
        """Seconds from the instant a request was due until it was sent: what is this client's own fault, mostly."""
        self.errors: list[str] = []
        self._client = Client(port)
        self._heap: list[_Due] = []
        self._count = itertools.count()
        self._changed = threading.Condition()
        self._stopping = False
        self._threads = [threading.Thread(target=self._work, name=f"load-{n}") for n in range(at_once)]

    def start(self) -> None:
        """Begins."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends; what isn't due yet is never sent."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def add(self, party: Party) -> None:
        """A party begins. From any thread."""
        self._go_on(party, None)

    def _go_on(self, party: Party, answer: bytes | None) -> None:
        try:
            ask = next(party) if answer is None else party.send(answer)
        except StopIteration:
            return
        with self._changed:
            heapq.heappush(self._heap, _Due(time.perf_counter() + ask.after, next(self._count), party, ask))
            self._changed.notify()

    def _take(self) -> _Due | None:
        with self._changed:
            while not self._stopping:
                wait = self._heap[0].at - time.perf_counter() if self._heap else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._heap)
                self._changed.wait(wait)
        return None

    def _work(self) -> None:
        while (due := self._take()) is not None:
            sent = time.perf_counter()
            try:
                answer = self._client.ask(due.ask.request)
            except (AssertionError, OSError) as error:
                self.errors.append(f"{due.ask.kind}: {error}")
                continue
            if self.measuring.is_set():
                self.times[due.ask.kind].append(time.perf_counter() - due.at)
                self.late.append(sent - due.at)
            try:
                self._go_on(due.party, answer)
            except AssertionError as error:
                self.errors.append(f"{due.ask.kind}: {error}")

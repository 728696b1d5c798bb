"""What became of every request of the carrier's: how long it took, what was tried again, what had no answer at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from helpline.twin import Answer, ConnectFailed, HttpTransport, ReadTimedOut
from helpline.twin.signing import IDEMPOTENCY_HEADER
from helpline.twin.urls import Overrides
from tests.shell import PATIENCE


@dataclass(frozen=True, slots=True, repr=False)
class Try:
    """One attempt at one request: when (seconds of this machine), how long it took, the status or why there is none."""

    url: str
    at: float
    seconds: float
    status: int | None
    failure: str = ""

    def __repr__(self) -> str:
        """What a failed test shows: the kind of webhook, and not its token."""
        kind = "/".join(self.url.split("/")[4:6])
        return f"{kind} {self.at:.2f}+{self.seconds:.2f} {self.status or self.failure}"

    @property
    def served(self) -> bool:
        """Whether the carrier could go on with it."""
        return self.status is not None and self.status < 500


@dataclass
class Watched:
    """A transport that remembers what became of every request, by the token that its retries share."""

    inner: HttpTransport = field(default_factory=HttpTransport)
    requests: dict[str, list[Try]] = field(default_factory=dict)
    served: int = 0
    """How many requests were answered, at once or after the retry."""
    retries: int = 0
    """How many are under way."""
    changed: threading.Condition = field(default_factory=threading.Condition)

    def send(
        self, method: str, url: str, form: Mapping[str, str] | None, headers: Mapping[str, str], limits: Overrides
    ) -> Answer:
        """As the transport inside."""
        began = time.monotonic()
        status, failure = None, ""
        token = headers.get(IDEMPOTENCY_HEADER, url)
        with self.changed:
            again = token in self.requests
            self.retries += again
        try:
            answer = self.inner.send(method, url, form, headers, limits)
            status = answer.status
        except (ConnectFailed, ReadTimedOut) as error:
            failure = type(error).__name__
            raise
        finally:
            took = time.monotonic() - began
            done = Try(url, began, took, status, failure)
            with self.changed:
                self.requests.setdefault(token, []).append(done)
                self.served += done.served
                self.retries -= again
                self.changed.notify_all()
        return answer

    def after(self, answers: int) -> None:
        """Waits until so many more requests have been answered."""
        with self.changed:
            wanted = self.served + answers
            assert self.changed.wait_for(lambda: self.served >= wanted, PATIENCE * 3), "no webhook is answered"

    def after_retries(self) -> None:
        """Waits until no retry is under way: there is one for each request, and two deaths in a row are no test."""
        with self.changed:
            assert self.changed.wait_for(lambda: not self.retries, PATIENCE * 3), "a retry never ends"

    def failed(self) -> list[list[Try]]:
        """Requests that had no answer even at the retry: each is a caller who was cut off.

        Whoever hangs up while they wait for the first try is no such caller, and there is no retry for them.
        """
        with self.changed:
            return [tries for tries in self.requests.values() if len(tries) > 1 and not tries[-1].served]

    def failed_needlessly(self) -> list[list[Try]]:
        """Of those, the ones whose retry waited a second and more while somebody else was answered."""
        with self.changed:
            ends = [t.at + t.seconds for tries in self.requests.values() for t in tries if t.served]
            return [
                tries
                for tries in self.failed()
                if any(tries[-1].at <= end <= tries[-1].at + tries[-1].seconds - 1 for end in ends)
            ]

    def retried(self) -> int:
        """How many requests needed their retry."""
        with self.changed:
            return sum(len(tries) > 1 for tries in self.requests.values())

    def seconds(self) -> list[float]:
        """How long each attempt at each request took, the shortest first."""
        with self.changed:
            return sorted(t.seconds for tries in self.requests.values() for t in tries)

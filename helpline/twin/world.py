"""The simulated world's state: calls, queues, phones, numbers, and what was seen. Guarded by the kernel's lock."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from helpline.twin.kernel import Kernel
from helpline.twin.rules import Rules
from helpline.twin.transcript import Entry

if TYPE_CHECKING:
    from helpline.twin.calls import Call
    from helpline.twin.conferring import Room
    from helpline.twin.messages import Message
    from helpline.twin.phones import Phone
    from helpline.twin.queueing import Queue


@dataclass(frozen=True, slots=True)
class Owned:
    """A number of the account: what it requests when called or written to, if anything."""

    number: str
    voice_url: str = ""
    voice_method: str = "POST"
    status_url: str = ""
    fallback_url: str = ""
    fallback_method: str = "POST"
    sms_url: str = ""


@dataclass(frozen=True, slots=True)
class Violation:
    """Something the product did that the carrier wouldn't stand; `at` is the wall time."""

    at: float
    call_sid: str
    kind: str
    url: str
    reason: str
    document: str = ""


@dataclass(slots=True)
class Exchange:
    """One attempt at one webhook, as the carrier's request inspector would show it."""

    at: float
    call_sid: str
    kind: str
    method: str
    url: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    attempt: int = 0
    fault: str = ""
    status: int | None = None
    """None: no answer (`failure` says why)."""
    failure: str = ""
    content_type: str = ""
    body: bytes = b""


@dataclass
class World:
    """Everything the carrier knows, and what the harness is told."""

    kernel: Kernel
    rules: Rules
    account_sid: str
    auth_token: str
    rng: random.Random
    api_keys: dict[str, str] = field(default_factory=dict)
    """REST API keys and their secrets, beside the account's own."""
    calls: dict[str, Call] = field(default_factory=dict)
    """What the carrier remembers: until deleted."""
    history: deque[Call] = field(default_factory=deque)
    """Every leg there has been, for the harness alone."""
    queues: dict[str, Queue] = field(default_factory=dict)
    """By name, until deleted."""
    conferences: dict[str, Room] = field(default_factory=dict)
    """By name, while somebody is in one."""
    messages: dict[str, Message] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)
    owned: dict[str, Owned] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    exchanges: deque[Exchange] = field(default_factory=deque)
    entries: deque[Entry] = field(default_factory=deque)
    """Of all calls, `at` being elapsed seconds of the clock."""
    busy_rings: list[Entry] = field(default_factory=list)
    """Phones that were rung while already ringing or talking: what the product promises never to do."""
    delivered: int = 0
    """Webhooks that left for the product, retries and duplicates included."""
    next_creation: float = 0.0
    sequence: int = 0

    def now(self) -> float:
        """The wall time."""
        return self.kernel.clock.now()

    def elapsed(self) -> float:
        """The clock's elapsed seconds."""
        return self.kernel.clock.elapsed()

    def new_sid(self, prefix: str) -> str:
        """A fresh id, the same in every run with the same seed."""
        return f"{prefix}{self.rng.getrandbits(128):032x}"

    def note(self, call: Call, who: str, event: str, text: str = "", locale: str = "") -> None:
        """Write into the transcript, and wake whoever watches."""
        entry = Entry(self.elapsed(), who, event, text, locale, call.sid)
        self.entries.append(entry)
        call.entries.append(entry)
        self.touch()

    def touch(self) -> None:
        """Something a watcher could see has changed."""
        with self.kernel.changed:
            self.sequence += 1
            self.kernel.changed.notify_all()

    def violate(self, call_sid: str, kind: str, url: str, reason: str, document: bytes = b"") -> None:
        """Record what the product did wrong."""
        said = document.decode("utf-8", "replace")
        self.violations.append(Violation(self.now(), call_sid, kind, url, reason, said))

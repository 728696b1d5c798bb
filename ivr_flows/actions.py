"""What is said and done on a leg, as frozen values; `helpline.carrier.twiml` turns them into the carrier's words.

A document is a tuple of actions, executed in order. Whatever leads to a next request carries the
*place* (the frozen state) that request will come back to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from ivr_flows.model import Language

P = TypeVar("P")
"""The kind of place a leg's documents lead to: `caller.Place` or `psychologist.Place`."""


@dataclass(frozen=True, slots=True)
class Say:
    """Speaks one prompt in one language; `values` fill its placeholders.

    A value `@key` stands for the prompt of that key in the same language, `@wait:SECONDS` for a spoken waiting time.
    """

    prompt: str
    language: Language
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Music:
    """Plays quiet music for this many seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Says nothing for this many seconds."""

    seconds: int


Sound = Say | Music | Pause


@dataclass(frozen=True, slots=True)
class Listen(Generic[P]):
    """Plays sounds, takes `digits` keys at any moment, waits `timeout` seconds after the last sound.

    The next request comes to `then` with the keys, or with none after silence. The key `finish`, if there is one, ends
    the keys early and is not among them.
    """

    sounds: tuple[Sound, ...]
    then: P
    timeout: int = 1
    digits: int = 1
    finish: str = ""


@dataclass(frozen=True, slots=True)
class Ask(Generic[P]):
    """Plays sounds and takes one key, which `then` is asked with. After silence the next action follows."""

    sounds: tuple[Sound, ...]
    then: P
    timeout: int


@dataclass(frozen=True, slots=True)
class Goto(Generic[P]):
    """The next request comes to `then` at once."""

    then: P


@dataclass(frozen=True, slots=True)
class Queue(Generic[P]):
    """The caller waits in a queue of this call's own; `then` is asked once they have left it."""

    name: str
    then: P


@dataclass(frozen=True, slots=True)
class Bridge(Generic[P]):
    """The psychologist is connected to the front caller of a queue; `then` is asked when that ends."""

    queue: str
    then: P
    limit: int
    """Longest talk, in seconds."""


@dataclass(frozen=True, slots=True)
class Phone(Generic[P]):
    """One phone is rung from the caller's own leg; whoever picks up hears `screen`, and must press a key to talk.

    Without `screen` they talk at once. `then` is asked when that is over, whether or not they talked.
    """

    number: str
    """E.164."""
    then: P
    screen: P | None
    seconds: int
    """How long it rings; the carrier adds about five."""
    limit: int
    """Longest talk, in seconds."""


@dataclass(frozen=True, slots=True)
class LeaveQueue:
    """The waiting caller leaves the queue; the carrier asks the queue's `then`."""


@dataclass(frozen=True, slots=True)
class Hangup:
    """Ends this leg."""


Action = Say | Music | Pause | Listen[P] | Ask[P] | Goto[P] | Queue[P] | Bridge[P] | Phone[P] | LeaveQueue | Hangup
Document = tuple[Action[P], ...]

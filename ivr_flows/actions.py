"""What is said and done on a leg, as frozen values; `helpline.carrier.twiml` turns them into the carrier's words.

A document is a tuple of actions, executed in order. Whatever leads to a next request carries the
*place* (the frozen state) that request will come back to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from ivr_flows.model import Language

P_co = TypeVar("P_co", covariant=True)
"""The kind of place a leg's documents lead to: `caller.Place` or `psychologist.Place`."""


@dataclass(frozen=True, slots=True)
class Say:
    """Speaks one prompt in one language; `values` fill its placeholders.

    A value `@key` stands for the prompt of that key in the same language, `@wait:SECONDS` for a spoken waiting time.
    """

    prompt: str
    language: Language
    values: tuple[tuple[str, str], ...] = ()


def verbatim(text: str) -> str:
    """A text that isn't ours as a value: one that begins with @ would be taken for the key of a prompt."""
    return text.lstrip("@ ")


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
class Listen(Generic[P_co]):
    """Plays sounds, takes `digits` keys at any moment, waits `timeout` seconds after the last sound.

    The next request comes to `then` with the keys, or with none after silence. The key `finish`, if there is one, ends
    the keys early and is not among them.
    """

    sounds: tuple[Sound, ...]
    then: P_co
    timeout: int = 1
    digits: int = 1
    finish: str = ""


@dataclass(frozen=True, slots=True)
class Ask(Generic[P_co]):
    """Plays sounds and takes one key, which `then` is asked with. After silence the next action follows."""

    sounds: tuple[Sound, ...]
    then: P_co
    timeout: int


@dataclass(frozen=True, slots=True)
class Goto(Generic[P_co]):
    """The next request comes to `then` at once."""

    then: P_co


@dataclass(frozen=True, slots=True)
class Queue(Generic[P_co]):
    """The caller waits in a queue of this call's own; `then` is asked once they have left it."""

    name: str
    then: P_co


@dataclass(frozen=True, slots=True)
class Bridge(Generic[P_co]):
    """The psychologist is connected to the front caller of a queue; `then` is asked when that ends."""

    queue: str
    then: P_co
    limit: int
    """Longest talk, in seconds."""
    star: bool = True
    """Whether the key * ends it, for whoever this document is played to."""


@dataclass(frozen=True, slots=True)
class Conference(Generic[P_co]):
    """This leg meets others in a room of that name; `then` is asked when it leaves, as all do who meet there.

    Whoever leaves ends it for all. `starts` is whether it may start with this leg; who waits for somebody that may
    start it hears wait documents, which know no keys.
    """

    name: str
    then: P_co
    limit: int
    """Longest stay, in seconds."""
    starts: bool = False
    star: bool = False
    """Whether the key * leaves it."""


@dataclass(frozen=True, slots=True)
class Phone(Generic[P_co]):
    """One phone is rung from the caller's own leg; whoever picks up hears `screen`, and must press a key to talk.

    Without `screen` they talk at once. `then` is asked when that is over, whether or not they talked.
    """

    number: str
    """E.164."""
    then: P_co
    screen: P_co | None
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


Action = (
    Say
    | Music
    | Pause
    | Listen[P_co]
    | Ask[P_co]
    | Goto[P_co]
    | Queue[P_co]
    | Bridge[P_co]
    | Conference[P_co]
    | Phone[P_co]
    | LeaveQueue
    | Hangup
)
Document = tuple[Action[P_co], ...]

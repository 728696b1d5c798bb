"""The TwiML verbs the twin understands, as frozen values. `twiml.py` reads them; seconds everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Method = Literal["GET", "POST"]
Context = Literal["call", "wait", "screen", "whisper", "room"]
"""Where a document runs: a call, a queue's wait loop, a `Number url`, a `Queue url`, a conference's `waitUrl`."""


@dataclass(frozen=True, slots=True)
class Say:
    """Speaks a text; loop 0 is for ever."""

    text: str
    voice: str = ""
    locale: str = "en-US"
    loop: int = 1


@dataclass(frozen=True, slots=True)
class Play:
    """Audio from `url`, or keypad tones when `digits` is given; loop 0 is for ever."""

    url: str = ""
    digits: str = ""
    loop: int = 1


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence."""

    seconds: int = 1


Prompt = Say | Play | Pause


@dataclass(frozen=True, slots=True)
class Gather:
    """Waits for keys; `timeout` counts from the end of the prompts, and again from each key."""

    prompts: tuple[Prompt, ...] = ()
    action: str = ""
    method: Method = "POST"
    timeout: int = 5
    num_digits: int = 0
    finish_on_key: str = "#"
    action_on_empty: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A number to dial, and the document that screens whoever picks up."""

    number: str
    url: str = ""
    method: Method = "POST"
    status_url: str = ""
    status_method: Method = "POST"
    status_events: frozenset[str] = frozenset({"completed"})


@dataclass(frozen=True, slots=True)
class QueueNoun:
    """A queue to take the front of, and the document its caller hears before the bridge."""

    name: str
    url: str = ""
    method: Method = "POST"


@dataclass(frozen=True, slots=True)
class ConferenceNoun:
    """A conference to enter, and the document that is played over and over until it starts."""

    name: str
    beep: str = "true"
    start_on_enter: bool = True
    end_on_exit: bool = False
    wait_url: str = ""
    wait_method: Method = "POST"


@dataclass(frozen=True, slots=True)
class Dial:
    """Dials numbers at once (or one after another), the front of a queue, or a conference: exactly one of the three."""

    numbers: tuple[Number, ...] = ()
    queue: QueueNoun | None = None
    conference: ConferenceNoun | None = None
    action: str = ""
    method: Method = "POST"
    timeout: int = 30
    time_limit: int = 14_400
    caller_id: str = ""
    answer_on_bridge: bool = False
    hangup_on_star: bool = False
    sequential: bool = False


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Waits in a queue, hearing what `wait_url` answers over and over."""

    name: str
    action: str = ""
    method: Method = "POST"
    wait_url: str = ""
    wait_method: Method = "POST"


@dataclass(frozen=True, slots=True)
class Redirect:
    """Goes on with another document."""

    url: str
    method: Method = "POST"


@dataclass(frozen=True, slots=True)
class Leave:
    """Leaves the queue; the Enqueue's action is requested."""


@dataclass(frozen=True, slots=True)
class Hangup:
    """Ends the call."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuses a call that has not been answered."""

    reason: Literal["rejected", "busy"] = "rejected"


Verb = Say | Play | Pause | Gather | Dial | Enqueue | Redirect | Leave | Hangup | Reject


@dataclass(frozen=True, slots=True)
class Document:
    """A checked document: where it came from, and its verbs in order."""

    url: str
    verbs: tuple[Verb, ...]

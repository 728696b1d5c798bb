"""What the carrier's documentation leaves open, or an account can change: one field each, with our reading as default.

Every field is a line of the live checklist: observe it once on a real account before a line opens, and run the
scenarios under the other value too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Rules:
    """The carrier's habits; times in seconds."""

    webhook_latency: float = 0.05
    """What a webhook costs on a virtual clock."""
    setup: float = 1.0
    """From a leg's creation to its phone ringing."""
    dial_extra: float = 5.0
    """What `Dial timeout` is lengthened by; the Timeout of a REST call is exact."""
    words_per_minute: float = 150.0
    creations_per_second: float = 1.0
    excess_creations: Literal["queue", "429"] = "queue"
    action_after_hangup: bool = True
    """Whether a Dial's or Enqueue's action is still requested when that call itself hung up."""
    completed_on_ringing: Literal["canceled", "completed", "no-answer"] = "canceled"
    """The final status of a leg that was `completed` while it rang."""
    missing_queue: Literal["failed", "wait"] = "failed"
    """Dialling a queue that doesn't exist: an error at once, or a wait as on an empty one."""
    queue_dial_status: Literal["completed", "answered"] = "completed"
    """DialCallStatus after a bridge with a queued caller."""
    dialler_gone: Literal["bridging-in-process", "bridged", "error"] = "bridging-in-process"
    """QueueResult when the dialling leg hangs up while the queued caller hears the `Queue url`."""
    lone_starter: Literal["waits", "starts"] = "waits"
    """Whether somebody alone in a conference whom it may start with hears its wait document, or its silence."""
    wait_failure: Literal["fallback", "error"] = "fallback"
    """A wait document that fails: the call fails over, or the Enqueue action gets QueueResult=error."""
    empty_waits: int = 3
    """Wait documents in a row that take no time at all before the loop is refused."""
    events_after: float = 900.0
    """From a call's end until its Events can be listed."""
    queue_size: int = 1000

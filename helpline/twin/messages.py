"""Text messages: accepted, sent a second later, redacted or deleted when asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Message:
    """One text message; `created` is the wall time."""

    sid: str
    from_: str
    to: str
    body: str
    created: float
    status: str = "queued"

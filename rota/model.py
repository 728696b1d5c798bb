"""The rota's values: people, shifts, and who is on call. Instants are UTC seconds, spans half-open `[start, end)`.

RotaError(ValueError)     anything that a person can put right
  SpanError               a span or a shift that ends before it begins
  RosterError             people or shifts that contradict each other
  PlanError               ring times or a stored ring plan that can't be used
  ZoneError               a zone or a local time that has no instant
  EditError               a change that the rota can't take, such as one of the past (rota/edit.py)
  TableError              a CSV file refused whole, with every problem in it (rota/sheet.py)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LANGUAGES: tuple[str, ...] = ("fr", "nl", "de", "en")
"""The languages a person can be on call in. A language is a skill like any other."""


class RotaError(ValueError):
    """Whatever the rota refuses: the message says what, where and how to mend it."""


class SpanError(RotaError):
    """A span that ends before it begins, or is empty."""


class RosterError(RotaError):
    """People or shifts that contradict each other, such as two with one id."""


class PlanError(RotaError):
    """Ring times or a stored ring plan that can't be used."""


class EditError(RotaError):
    """A change that can't be made: of the past, or of a shift that is no longer as it was."""


class ZoneError(RotaError):
    """An unknown zone, or a local time that can't be turned into an instant."""


@dataclass(frozen=True, slots=True)
class Span:
    """The instants from `start` up to, not including, `end`; never empty."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise SpanError(f"a span must end after it starts: {self.start} to {self.end} doesn't")

    @property
    def seconds(self) -> int:
        """Its real length, whatever the clocks on the wall did meanwhile."""
        return self.end - self.start

    def holds(self, instant: int) -> bool:
        """Whether `instant` is inside; the end is not, it belongs to whoever takes over."""
        return self.start <= instant < self.end

    def overlaps(self, other: Span) -> bool:
        """Whether some second is in both. Spans that only touch, as at a hand-off, don't overlap."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be on call: an id inside, a unique name outside, and what they can do."""

    id: int
    name: str
    skills: frozenset[str]


Status = Literal["planned", "published", "cancelled"]
"""Planned shifts are made by a rotation, and anew when it changes; published ones only a person changes, or a proposal
that a person applies. A cancelled one is kept for the calendars that have to hear of it, and counts nowhere."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One seat on a line, in a tier (1 rings first), held by one person or, with `None`, by nobody yet.

    `seq` grows with each change of this very shift (SEQUENCE in a calendar); `source` says what made it: "import",
    "rotation", "proposal", or the kind of a person's edit; `rotation` is the id of the version that it comes from.
    """

    id: int
    line: str
    tier: int
    person: int | None
    start: int
    end: int
    status: Status = "published"
    seq: int = 0
    source: str = "import"
    rotation: int | None = None

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise SpanError(f"shift {self.id} must end after it starts: {self.start} to {self.end} doesn't")
        if self.tier < 1:
            raise RosterError(f"shift {self.id} has tier {self.tier}: tiers count from 1, the first to ring")

    @property
    def span(self) -> Span:
        """When the seat is held."""
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class OnCall:
    """A person on call: in which tier, by which shift, and the instant that shift ends."""

    person: Person
    tier: int
    shift: int
    until: int


@dataclass(frozen=True, slots=True)
class Segment(Span):
    """A stretch of time in which the same people, in the same ring order, are on call; perhaps nobody."""

    on_call: tuple[OnCall, ...]

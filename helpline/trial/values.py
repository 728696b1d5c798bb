"""What is tried, and what became of it: values that pages show. Nothing here knows the twin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from helpline.errors import HelplineError

Situation = Literal["answered", "second", "busy", "nobody", "database"]
"""What psychologists do: they answer; the first phone is a voicemail's; all talk already; nobody answers; they answer,
but the database is down."""
SITUATIONS: tuple[Situation, ...] = get_args(Situation)
KEYS = "0123456789*#-"
"""What may be pressed; `-` lets one question pass in silence, and spaces keep together what answers one."""
MOST_KEYS = 12
CALLER, LINE, BACKUP = "caller", "line", "backup-"
"""Who something happened to, when it isn't a psychologist; backups have a number behind the hyphen."""


class TooMuch(HelplineError):  # noqa: N818 - it is what the trial was
    """The call went on for longer than a trial may."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened: seconds since the call was dialled, to whom, what (as the twin calls it), what was said.

    `locale` is that of the voice that said it.
    """

    at: float
    who: str
    event: str
    text: str = ""
    locale: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of the call. Times are seconds since it was dialled; None for what didn't happen."""

    moments: tuple[Moment, ...]
    first_word: float | None
    human: float | None
    """When the caller and somebody were connected."""
    others: float | None
    """When they began to hear the crisis numbers after phones had rung."""
    rung: int
    """How many phones rang."""
    over: bool
    """False: it went on for longer than a trial may, and was left there."""

    @property
    def waited(self) -> float | None:
        """Seconds from the first word to a human or to other numbers, as a line's promise counts them."""
        ends = [at for at in (self.human, self.others) if at is not None]
        return min(ends) - self.first_word if ends and self.first_word is not None else None

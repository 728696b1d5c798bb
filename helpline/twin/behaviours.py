"""What the people at the phones do, as data. Seconds everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

HANG_UP = "hang up"
"""A script's action that isn't keys."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way of treating one call. `answer` is what happens while it rings; the rest begins at pick-up."""

    answer: Literal["picks up", "rings out", "busy", "rejects", "fails", "by hand"] = "picks up"
    after: float = 4.0
    """Seconds of ringing before picking up or rejecting."""
    says: str = ""
    """Spoken on picking up: a voicemail's greeting, a hello."""
    keys: tuple[str, ...] = ()
    """Typed one item per Gather, in order; an empty item stays silent through one Gather."""
    listens: bool = True
    """Hears a Gather's first sentence out before pressing; otherwise presses while it is spoken."""
    hesitates: float = 1.0
    """Seconds before pressing: after that sentence, or after it began."""
    talks: float | None = None
    """Hangs up so many seconds into a bridge."""
    star_after: float | None = None
    """Presses * so many seconds into the call's first bridge."""
    hang_up_after: float | None = None
    """Hangs up so many seconds after picking up, or dialling."""
    script: tuple[tuple[float, str], ...] = ()
    """(seconds after picking up or dialling, keys or `hang up`)."""

    def but(self, **changes: object) -> Behaviour:
        """The same with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type] # dataclasses.replace checks the names


def accept(after: float = 4.0, talks: float | None = 120.0, key: str = "1") -> Behaviour:
    """Picks up, hears who is calling, presses 1, talks, hangs up."""
    return Behaviour(after=after, keys=(key,), talks=talks)


def decline(after: float = 4.0, key: str = "2") -> Behaviour:
    """Picks up, hears who is calling, presses 2."""
    return Behaviour(after=after, keys=(key,))


def voicemail(after: float = 17.0, lasts: float = 30.0) -> Behaviour:
    """A machine picks up, greets, presses nothing and hangs up."""
    return Behaviour(after=after, says="This is the voicemail of this number.", hang_up_after=lasts)


def ignore() -> Behaviour:
    """Rings until the carrier gives up."""
    return Behaviour(answer="rings out")


def busy() -> Behaviour:
    """The line is engaged."""
    return Behaviour(answer="busy")


def reject(after: float = 3.0) -> Behaviour:
    """Rings, and is refused by its owner."""
    return Behaviour(answer="rejects", after=after)


def failed() -> Behaviour:
    """There is no such number."""
    return Behaviour(answer="fails")


def silent(after: float = 4.0, hang_up_after: float | None = None) -> Behaviour:
    """Picks up, says and presses nothing."""
    return Behaviour(after=after, hang_up_after=hang_up_after)


def scripted(actions: Iterable[tuple[float, str]], after: float = 4.0) -> Behaviour:
    """Does each of (seconds after pick-up, keys or `hang up`), come what may."""
    return Behaviour(after=after, script=tuple(actions))


def manual() -> Behaviour:
    """Somebody else decides: a test, or a person at the demo page."""
    return Behaviour(answer="by hand")


BY_NAME = {
    "accept": accept(),
    "decline": decline(),
    "voicemail": voicemail(),
    "ignore": ignore(),
    "busy": busy(),
    "reject": reject(),
    "failed": failed(),
    "silent": silent(),
    "manual": manual(),
}
"""What a command line offers."""

"""Help near a caller, read out to them. See `Offer` for what is read of each entry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """Somebody who may help, as a voice reads them out.

    `phone` is as it is spoken: digits in pairs. `always`: day and night. `number` is E.164; None where a caller
    can't be put through.
    """

    key: str
    name: str
    phone: str
    always: bool = False
    number: str | None = None

"""Every error that a person or another machine can cause.

HelplineError
 +- ConfigError        the configuration can't be used; lists every fault with its key and line
 +- UsageError         a command was asked for something that can't be done; says how to mend it
 +- StoreError         the database can't be used
 +- CarrierError       the carrier refused or didn't answer (`permanent` says whether to try again)
 +- BadToken           a sealed token is unreadable: rotated key, edited flow, or forged
"""

from __future__ import annotations


class HelplineError(Exception):
    """The root: catching it catches everything this package raises on purpose."""


class ConfigError(HelplineError):
    """The configuration can't be used. `faults` are complete sentences, one each, with key and line."""

    def __init__(self, source: str, faults: tuple[str, ...]) -> None:
        super().__init__(f"{source}:\n" + "\n".join(f"  - {fault}" for fault in faults))
        self.faults = faults


class UsageError(HelplineError):
    """What was asked for can't be done; the message says why and what would work."""


class StoreError(HelplineError):
    """The database can't be used."""


class CarrierError(HelplineError):
    """The carrier refused, or didn't answer. Carries no number and no document.

    `permanent`: asking again won't help. `unknown`: the request may have been carried out (a time-out).
    """

    def __init__(self, message: str, *, permanent: bool, unknown: bool = False, gone: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.unknown = unknown
        self.gone = gone


class BadToken(HelplineError):  # noqa: N818 - it is what the token is, and it never leaves the voice routes
    """A sealed token is unreadable."""

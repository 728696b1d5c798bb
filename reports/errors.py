"""What can go wrong when figures are made, each saying what, where and how to mend it.

ReportError
    TaxonomyError   the lists of reasons, callers ... are malformed
    SecretError     the rounding secret is missing or too short
    HistoryError    a file of earlier years is malformed
    AuditError      the solver can't tell what figures expose, so nothing may be released
    InputError      a record or a counter does not fit the line's lists, or a period is malformed
"""

from __future__ import annotations


class ReportError(Exception):
    """Any reason why a report can't be made."""


class TaxonomyError(ReportError):
    """A taxonomy file is malformed; `problems` has one sentence for every fault, each naming its key."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("the taxonomy can't be used:\n" + "\n".join(f"  {problem}" for problem in problems))


class HistoryError(ReportError):
    """A file of earlier years is malformed; `problems` has one sentence for every fault, each naming its row."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("the earlier years can't be imported:\n" + "\n".join(f"  {problem}" for problem in problems))


class SecretError(ReportError):
    """The rounding secret can't be used. It is never part of the message."""


class InputError(ReportError):
    """A record, a counter or an argument of `build` can't be what it says."""


class AuditError(ReportError):
    """Nobody can tell what the figures expose: the solver failed, or the ledger is damaged. Nothing is safe then."""

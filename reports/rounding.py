"""Keyed rounding to base 5: the one place where exact counts become figures that may be seen.

For a count `n` with remainder `r = n mod 5`, the printed figure is `n - r + 5` if `u < r / 5`, else `n - r`, so its
mean over secrets is `n` and it is never 5 or more away. 0 and 5 are printed as "<10". `u` is the first eight bytes,
big-endian, of HMAC-SHA256(secret, message) divided by 2^64, and the message, in UTF-8, is

    records     "<keysum>:<n>"                                   keysum = sum of the records' keys mod 2^32
    counters    "<line> U+001F <period> U+001F <indicator> U+001F <n>"   (without the spaces)

The same calls therefore give the same figure in every table, language and release: asking again teaches nothing.
`n` and `keysum` leave no function of this module; in a cell of one record the keysum *is* that record's key.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from reports.errors import InputError, SecretError
from reports.model import Group

BASE = 5
LEAST_PRINTED = 2 * BASE
LEAST_WHOLE = 50
"""Below this printed denominator no percentage is computed: rounding alone would move it by several points."""
LEAST_CALLS_FOR_A_MEAN = 100
LEAST_SECRET_BYTES = 16
KEY_SPACE = 1 << 32
SEPARATOR = "\x1f"

Status = Literal["rounded", "masked", "exact", "reported"]
Unit = Literal["calls", "percent", "minutes", "hours"]
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Published:
    """A count fit to print: a multiple of 5 from 10 up, or None, printed "<10" and known only to be 0 to 9.

    Anything else is refused with ValueError, so that an exact count can't slip into a document.
    """

    value: int | None

    def __post_init__(self) -> None:
        if self.value is not None and (self.value < LEAST_PRINTED or self.value % BASE):
            raise ValueError("a published count is a multiple of 5 from 10 up, or None; round it first")

    @property
    def status(self) -> Status:
        """`rounded` or `masked`."""
        return "masked" if self.value is None else "rounded"


@dataclass(frozen=True, slots=True)
class Remainder:
    """What one published count leaves of another; a count of its own would be a second draw of the small one."""

    whole: Published
    part: Published

    @property
    def value(self) -> int | None:
        """A multiple of 5 from 10 up; None where a count is masked, or less is left."""
        if self.whole.value is None or self.part.value is None:
            return None
        left = self.whole.value - self.part.value
        return left if left >= LEAST_PRINTED else None

    @property
    def status(self) -> Status:
        """`rounded` or `masked`."""
        return "masked" if self.value is None else "rounded"


@dataclass(frozen=True, slots=True)
class Share:
    """One published count as a percentage of another; it can't be made from anything else."""

    part: Published | Remainder
    whole: Published | Remainder

    @property
    def value(self) -> int | None:
        """Whole percent, at most 100; None where a count is masked or the whole is under LEAST_WHOLE."""
        part, whole = self.part.value, self.whole.value
        if part is None or whole is None or whole < LEAST_WHOLE:
            return None
        return min(100, (200 * part + whole) // (2 * whole))

    @property
    def status(self) -> Status:
        """`rounded` or `masked`."""
        return "masked" if self.value is None else "rounded"


@dataclass(frozen=True, slots=True)
class Minutes:
    """A yearly mean to the minute, or None where there were too few calls."""

    value: int | None

    @property
    def status(self) -> Status:
        """`rounded` or `masked`."""
        return "masked" if self.value is None else "rounded"


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the rota: they say nothing of callers, so they are exact."""

    value: int

    @property
    def status(self) -> Status:
        """Always `exact`."""
        return "exact"


@dataclass(frozen=True, slots=True)
class HoursShare:
    """Covered hours as a percentage of all hours, cut rather than rounded: 99.9 % is never 100 %."""

    part: Hours
    whole: Hours

    @property
    def tenths(self) -> int | None:
        """Tenths of a percent, 0 to 1000; None where there are no hours."""
        return 1000 * self.part.value // self.whole.value if self.whole.value else None

    @property
    def value(self) -> int | None:
        """Whole percent, cut."""
        return None if self.tenths is None else self.tenths // 10

    @property
    def status(self) -> Status:
        """`exact`, or `masked` where there are no hours."""
        return "masked" if self.tenths is None else "exact"


@dataclass(frozen=True, slots=True)
class Reported:
    """A number that was published elsewhere, before this software counted: printed as it stood there, and marked."""

    value: int
    unit: Unit

    @property
    def status(self) -> Status:
        """Always `reported`."""
        return "reported"


Figure = Published | Remainder | Share | Minutes | Hours | HoursShare | Reported


def unit_of(figure: Figure) -> Unit:
    """Returns what a figure is a number of."""
    if isinstance(figure, Reported):
        return figure.unit
    if isinstance(figure, (Published, Remainder)):
        return "calls"
    if isinstance(figure, Minutes):
        return "minutes"
    return "hours" if isinstance(figure, Hours) else "percent"


def calls_in(figure: Figure | None) -> int | None:
    """Returns the printed number of calls that a chart may draw; None for a masked one, and for anything else."""
    return figure.value if figure is not None and unit_of(figure) == "calls" else None


@dataclass(frozen=True, slots=True)
class Rounder:
    """Rounds the counts of one line with its secret. SecretError if that is shorter than 16 bytes."""

    secret: bytes = field(repr=False)
    line: str

    def __post_init__(self) -> None:
        if len(self.secret) < LEAST_SECRET_BYTES:
            raise SecretError(f"the rounding secret needs at least {LEAST_SECRET_BYTES} random bytes")

    def tabulate(
        self, groups: Iterable[Group], keys_of: Callable[[Group], Iterable[Key]], keys: Iterable[Key]
    ) -> Mapping[Key, Published]:
        """Returns the published count of each of `keys`; InputError if a group belongs to one that isn't among them."""
        counts = dict.fromkeys(keys, 0)
        keysums = dict.fromkeys(counts, 0)
        for group in groups:
            for key in set(keys_of(group)):
                if key not in counts:
                    raise InputError(f"a record of {group.period} has the code {key!r}, which the taxonomy lacks")
                counts[key] += group.n
                keysums[key] += group.keysum
        return {key: self._publish(n, f"{keysums[key] % KEY_SPACE}:{n}") for key, n in counts.items()}

    def count(self, period: str, indicator: str, n: int) -> Published:
        """Returns the published figure of a counter. InputError if `n` is negative."""
        if n < 0:
            raise InputError(f"the counter {indicator} of {period} is negative")
        return self._publish(n, SEPARATOR.join((self.line, period, indicator, str(n))))

    def mean_minutes(self, seconds: int, n: int, calls: Published) -> Minutes:
        """Returns the mean of `n` talks of `seconds` together, from 100 `calls` up; half a minute rounds up."""
        if n == 0 or calls.value is None or calls.value < LEAST_CALLS_FOR_A_MEAN:
            return Minutes(None)
        return Minutes((2 * seconds + 60 * n) // (120 * n))

    def _publish(self, n: int, message: str) -> Published:
        rest = n % BASE
        digest = hmac.digest(self.secret, message.encode(), hashlib.sha256)
        up = BASE * int.from_bytes(digest[:8], "big") < rest << 64
        printed = n - rest + (BASE if up else 0)
        return Published(printed if printed >= LEAST_PRINTED else None)

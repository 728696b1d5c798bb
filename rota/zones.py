"""Local time at the rota's edge: a local boundary is one instant, whoever asks and on whichever night.

That instant is *the first at which the line's wall clock reads the local time or later*. So a time that comes
twice, in autumn, is its first occurrence, and a time that never comes, in spring, is the instant at which the
clocks jump over it. Boundaries in order on paper are never out of order in the world.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rota.model import ZoneError


def zone(name: str) -> ZoneInfo:
    """The IANA zone `name`. Raises `ZoneError` when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        # ZoneInfo reads a file by this name: a folder ("Europe") or a path ("../x") fails in other ways.
        raise ZoneError(f"unknown time zone {name!r}: use an IANA name such as Europe/Paris") from error


def local_to_utc(local: datetime, zone: ZoneInfo) -> int:
    """The UTC second at which a wall clock in `zone` first reads `local` or later.

    `local` is naive and in whole seconds, otherwise `ZoneError`; its `fold` is ignored.
    """
    if local.tzinfo is not None or local.microsecond:
        raise ZoneError(f"{local.isoformat()} isn't a local time in whole seconds: drop the offset and the fraction")
    first, second = (int(local.replace(tzinfo=zone, fold=fold).timestamp()) for fold in (0, 1))
    if first <= second:
        return first
    # The clocks jump over `local`. By the offset before the jump it would be `first`, which is after the jump;
    # by the offset after it, `second`, which is before. The jump is where the offset changes in between.
    after = _offset(first, zone)
    return second + bisect_left(range(second, first), True, key=lambda instant: _offset(instant, zone) == after)


def utc_to_local(instant: int, zone: ZoneInfo) -> datetime:
    """What calendar and wall clock in `zone` show at `instant`, as an aware datetime: to show, not to reckon with."""
    return datetime.fromtimestamp(instant, UTC).astimezone(zone)


def _offset(instant: int, zone: ZoneInfo) -> object:
    return utc_to_local(instant, zone).utcoffset()

"""What a shift is for pay: cut at local midnights, in real hours, on every night of the year."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.model import Span
from rota.pay import pieces
from tests.rota.strategies import HOUR, ZONES, utc, zoned_instants

PARIS = ZoneInfo("Europe/Paris")


def hours(span: Span, night: tuple[time, time] = (time(21), time(6))) -> list[tuple[str, float, float]]:
    """Day, hours and hours at night of each part, in Paris."""
    return [
        (f"{piece.day:%a %d}", piece.seconds / HOUR, piece.night / HOUR) for piece in pieces(span, PARIS, (), night)
    ]


def test_a_shift_is_cut_at_local_midnight() -> None:
    """A winter's night from 20:00 to 08:00: four hours of one day and eight of the next."""
    assert hours(Span(utc(2026, 1, 3, 19), utc(2026, 1, 4, 7))) == [("Sat 03", 4, 3), ("Sun 04", 8, 6)]


def test_a_night_lasts_as_long_as_it_really_does() -> None:
    """An hour less in spring, one more in autumn."""
    assert hours(Span(utc(2026, 3, 28, 19), utc(2026, 3, 29, 6))) == [("Sat 28", 4, 3), ("Sun 29", 7, 5)]
    assert hours(Span(utc(2026, 10, 24, 18), utc(2026, 10, 25, 7))) == [("Sat 24", 4, 3), ("Sun 25", 9, 7)]


def test_the_hours_of_the_night_are_what_was_agreed() -> None:
    """From 20:00, or within one day."""
    span = Span(utc(2026, 1, 3, 19), utc(2026, 1, 4, 7))
    assert hours(span, (time(20), time(5))) == [("Sat 03", 4, 4), ("Sun 04", 8, 5)]
    assert hours(span, (time(0), time(6))) == [("Sat 03", 4, 0), ("Sun 04", 8, 6)]


def test_sundays_and_public_holidays_are_days_of_their_own() -> None:
    """Each part is of its own day; a holiday may be a Sunday, too."""
    found = list(pieces(Span(utc(2026, 1, 3, 12), utc(2026, 1, 5, 12)), PARIS, {date(2026, 1, 4), date(2026, 1, 5)}))
    assert [(piece.day.day, piece.sunday, piece.holiday) for piece in found] == [
        (3, False, False),
        (4, True, True),
        (5, False, True),
    ]


@pytest.mark.parametrize("name", ZONES)
@given(data=st.data())
def test_15_no_second_is_lost_or_paid_twice(name: str, data: st.DataObject) -> None:
    """The parts follow one another from the start to the end; those of the night are as many as there really are."""
    zone = ZoneInfo(name)
    start = data.draw(zoned_instants())[1]
    span = Span(start, start + data.draw(st.integers(1, 60 * HOUR)))
    found = list(pieces(span, zone))
    assert [found[0].start, *[piece.end for piece in found]] == [*[piece.start for piece in found], span.end]
    assert found[0].start == span.start
    assert len({piece.day for piece in found}) == len(found)
    assert all(0 <= piece.night <= piece.seconds for piece in found)
    by_day = {night: sum(piece.night for piece in pieces(span, zone, (), night)) for night in HALVES}
    assert sum(by_day.values()) == span.seconds


HALVES = ((time(21), time(6)), (time(6), time(21)))
"""Night and day are all of it."""

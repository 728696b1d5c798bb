"""A local boundary is one instant: on every night of the year, in every zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.model import ZoneError
from rota.zones import local_to_utc, utc_to_local, zone
from tests.rota.strategies import JUMPING_ZONES, ZONES, jumps, utc, zoned_instants

PARIS = ZoneInfo("Europe/Paris")
DISTANCES = st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=3)).map(
    lambda d: d - d % timedelta(seconds=1)
)


def wall(instant: int, where: ZoneInfo) -> datetime:
    """What the clock on the wall shows."""
    return datetime.fromtimestamp(instant, where).replace(tzinfo=None, fold=0)


@pytest.mark.parametrize(
    ("where", "local", "instant"),
    [
        ("Europe/Paris", datetime(2026, 1, 5, 7), utc(2026, 1, 5, 6)),
        ("Europe/Paris", datetime(2026, 7, 5, 7), utc(2026, 7, 5, 5)),
        ("Europe/Paris", datetime(2026, 3, 29, 2, 30), utc(2026, 3, 29, 1)),
        ("Europe/Paris", datetime(2026, 10, 25, 2, 30), utc(2026, 10, 25, 0, 30)),
        ("Europe/Brussels", datetime(2027, 3, 28, 2), utc(2027, 3, 28, 1)),
        ("Europe/Brussels", datetime(2027, 10, 31, 2), utc(2027, 10, 31, 0)),
        ("America/Miquelon", datetime(2026, 3, 8, 2, 15), utc(2026, 3, 8, 5)),
        ("America/Miquelon", datetime(2026, 11, 1, 1, 15), utc(2026, 11, 1, 3, 15)),
        ("Pacific/Marquesas", datetime(2026, 3, 29, 2, 30), utc(2026, 3, 29, 12)),
        ("Indian/Reunion", datetime(2026, 3, 29, 2, 30), utc(2026, 3, 28, 22, 30)),
        ("Pacific/Noumea", datetime(2026, 10, 25, 2, 30), utc(2026, 10, 24, 15, 30)),
    ],
)
def test_known_local_times(where: str, local: datetime, instant: int) -> None:
    """Ordinary, missing and doubled local times have the instants an almanac gives them."""
    assert local_to_utc(local, ZoneInfo(where)) == instant


@given(zoned_instants())
def test_a_time_that_exists_reads_back_as_itself(sample: tuple[ZoneInfo, int]) -> None:
    """What the wall clock shows at some instant comes back as an instant at which it shows just that."""
    where, instant = sample
    found = local_to_utc(wall(instant, where), where)
    assert wall(found, where) == wall(instant, where)


@given(zoned_instants())
def test_a_doubled_time_is_its_first_occurrence(sample: tuple[ZoneInfo, int]) -> None:
    """No instant with the same reading on the wall comes earlier."""
    where, instant = sample
    found = local_to_utc(wall(instant, where), where)
    earlier = instant - 3600 if wall(instant - 3600, where) == wall(instant, where) else instant
    assert found == earlier


@pytest.mark.parametrize("where", JUMPING_ZONES)
@given(data=st.data())
def test_a_missing_time_is_the_instant_of_the_jump(where: str, data: st.DataObject) -> None:
    """Every local time that a spring night skips is the moment the clocks jump over it."""
    there = ZoneInfo(where)
    forward = [jump for jump in jumps(where) if wall(jump, there) - wall(jump - 1, there) > timedelta(seconds=1)]
    jump = data.draw(st.sampled_from(forward))
    skipped = data.draw(st.integers(0, 3599))
    assert local_to_utc(wall(jump - 1, there) + timedelta(seconds=1 + skipped), there) == jump


@given(zoned_instants(), DISTANCES)
def test_boundaries_in_order_on_paper_are_in_order_in_the_world(
    sample: tuple[ZoneInfo, int], distance: timedelta
) -> None:
    """A later local time is never an earlier instant, so that no shift can turn round."""
    where, instant = sample
    local = wall(instant, where)
    assert local_to_utc(local, where) <= local_to_utc(local + distance, where)


@given(zoned_instants(), DISTANCES)
def test_the_instant_is_the_first_at_which_the_clock_is_there(
    sample: tuple[ZoneInfo, int], distance: timedelta
) -> None:
    """At that instant the clock reads the local time or later; a second before, it hadn't got there yet."""
    where, instant = sample
    local = wall(instant, where) + distance
    found = local_to_utc(local, where)
    assert wall(found, where) >= local
    assert wall(found - 1, where) < local


@given(zoned_instants(), st.integers(0, 1))
def test_fold_is_ignored(sample: tuple[ZoneInfo, int], fold: int) -> None:
    """A stray `fold` can't make two instants of one boundary."""
    where, instant = sample
    local = wall(instant, where)
    assert local_to_utc(local.replace(fold=fold), where) == local_to_utc(local, where)


@pytest.mark.parametrize("local", [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 0, 1)])
def test_an_offset_or_a_fraction_is_refused(local: datetime) -> None:
    """Only a plain local time in whole seconds can be a boundary."""
    with pytest.raises(ZoneError, match="isn't a local time in whole seconds"):
        local_to_utc(local, PARIS)


@given(zoned_instants())
def test_showing_an_instant_loses_nothing(sample: tuple[ZoneInfo, int]) -> None:
    """The aware local time for display is the same moment."""
    where, instant = sample
    assert utc_to_local(instant, where).timestamp() == instant


@pytest.mark.parametrize("name", ZONES)
def test_the_zones_of_the_lines_are_known(name: str) -> None:
    """Every zone a French or Belgian line can need is there."""
    assert zone(name).key == name


@pytest.mark.parametrize("name", ["", "Europe", "Europe/Nowhere", "../Europe/Paris", "/etc/hosts", "Europe/Paris\0"])
def test_an_unknown_zone_is_refused_with_an_example(name: str) -> None:
    """Whatever isn't a zone is refused in one way, paths and folders included."""
    with pytest.raises(ZoneError, match="use an IANA name such as Europe/Paris"):
        zone(name)

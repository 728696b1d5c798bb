"""Fictitious people, shifts and zones for the rota's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from rota.model import LANGUAGES, OnCall, Person, Shift

HOUR = 3600
DAY = 24 * HOUR
ZONES = (
    "Europe/Paris",
    "Europe/Brussels",
    "America/Miquelon",
    "Pacific/Marquesas",
    "Indian/Reunion",
    "Pacific/Noumea",
)
JUMPING_ZONES = ZONES[:3]
"""Those whose clocks change twice a year."""

ALIX = Person(1, "Alix Exemple", frozenset({"fr"}))
BO = Person(2, "Bo Voorbeeld", frozenset({"fr", "nl"}))
CLEO = Person(3, "Cleo Beispiel", frozenset({"de", "fr"}))
DANA = Person(4, "Dana Example", frozenset({"en"}))
TEAM = (ALIX, BO, CLEO, DANA)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    """An instant by its UTC calendar."""
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp())


FIRST, LAST = utc(2025, 1, 1), utc(2036, 1, 1)
"""The years in which the rota's invariants are tried."""


def held(person: Person, tier: int = 1, until: int = LAST) -> OnCall:
    """Somebody on call, by a shift that has the person's id."""
    return OnCall(person, tier, person.id, until)


def offset(instant: int, zone: ZoneInfo) -> timedelta:
    """The zone's distance from UTC at an instant."""
    found = datetime.fromtimestamp(instant, zone).utcoffset()
    assert found is not None
    return found


@cache
def jumps(name: str) -> tuple[int, ...]:
    """Every instant from 2025 to 2035 at which the clocks of a zone jump, found day by day."""
    zone = ZoneInfo(name)
    found = []
    for day in range(FIRST, LAST, DAY):
        before, after = offset(day, zone), offset(day + DAY, zone)
        low, high = day, day + DAY
        while before != after and high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if offset(middle, zone) == after else (middle, high)
        if before != after:
            found.append(high)
    return tuple(found)


def instants() -> st.SearchStrategy[int]:
    """Any second of the years tried."""
    return st.integers(FIRST, LAST - 1)


@st.composite
def zoned_instants(draw: st.DrawFn) -> tuple[ZoneInfo, int]:
    """A zone and an instant, often within hours of a jump of its clocks."""
    name = draw(st.sampled_from(ZONES))
    if draw(st.booleans()) and jumps(name):
        return ZoneInfo(name), draw(st.sampled_from(jumps(name))) + draw(st.integers(-5 * HOUR, 5 * HOUR))
    return ZoneInfo(name), draw(instants())


def people(most: int = 6) -> st.SearchStrategy[list[Person]]:
    """A small team with any languages, ids counting from 1."""
    skills = st.lists(st.frozensets(st.sampled_from(LANGUAGES)), max_size=most)
    return skills.map(lambda team: [Person(i, f"Person {i}", spoken) for i, spoken in enumerate(team, start=1)])


@st.composite
def shifts(draw: st.DrawFn, most: int = 12) -> list[Shift]:
    """Shifts close enough together to touch and overlap, some of nobody or of somebody unknown."""
    seats = st.tuples(
        st.sampled_from(["france", "belgium"]),
        st.integers(1, 3),
        st.none() | st.integers(1, 8),
        st.integers(0, 40),
        st.integers(1, 20),
    )
    return [
        Shift(number, line, tier, person, start, start + length)
        for number, (line, tier, person, start, length) in enumerate(draw(st.lists(seats, max_size=most)))
    ]

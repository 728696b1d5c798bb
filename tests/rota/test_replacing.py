"""Who could take a seat: those who can, the least burdened first; those who can't, with why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from rota.gaps import Gap
from rota.limits import findings, fresh
from rota.model import Shift
from rota.replacing import NEW, Choice, candidates
from rota.staff import DAY, HOUR, Absence, Limits, Staff
from rota.zones import local_to_utc

PARIS = ZoneInfo("Europe/Paris")
ZONES = {"france": PARIS, "belgium": PARIS}
NINE = local_to_utc(datetime(2026, 3, 10, 9), PARIS)
GAP = Gap(NINE, NINE + 8 * HOUR, "france", "nobody", tier=1)
ALIX = Staff(1, "Alix Exemple", frozenset({"fr"}))
BO = Staff(2, "Bo Voorbeeld", frozenset({"fr", "nl"}))
STAFF = {1: ALIX, 2: BO}


def shift(number: int, person: int | None, start: int, hours: int, line: str = "france") -> Shift:
    """Of so many hours, from so many hours after nine o'clock."""
    return Shift(number, line, 1, person, NINE + start * HOUR, NINE + (start + hours) * HOUR)


def why(found: tuple[Choice, ...]) -> dict[int, tuple[str, ...]]:
    """What speaks against each."""
    return {choice.person: choice.because for choice in found}


def test_who_had_less_lately_comes_first() -> None:
    """Of two against whom nothing speaks; only the 28 days before count, whichever the line."""
    rota = [shift(1, 1, -48, 8, "belgium"), shift(2, 2, -40 * 24, 12), shift(3, 2, 200, 12), shift(4, 2, -72, 4)]
    found = candidates(GAP, STAFF, rota, (), ZONES)
    assert [(choice.person, choice.load, choice.free) for choice in found] == [(2, 4 * HOUR, True), (1, 8 * HOUR, True)]


def test_who_breaks_a_limit_comes_after_who_breaks_none() -> None:
    """Alix, who came off a night two hours ago, can still be asked."""
    found = candidates(GAP, STAFF, [shift(1, 1, -10, 8), shift(2, 2, -200, 100)], (), ZONES)
    assert [(choice.person, choice.able, choice.because) for choice in found] == [(2, True, ()), (1, True, ("rest",))]


def test_who_can_not_is_told_why() -> None:
    """Away, in another tier, on the line already, gone by then, or without the language."""
    staff = {
        1: ALIX,
        2: replace(BO, tiers=frozenset({2})),
        3: replace(BO, id=3),
        4: replace(BO, id=4, left=GAP.start + HOUR),
        5: replace(BO, id=5),
    }
    away = [Absence(GAP.start - DAY, GAP.start + HOUR, 1, 3)]
    found = candidates(replace(GAP, skills=frozenset({"nl"})), staff, [shift(1, 5, 7, 4)], away, ZONES)
    assert why(found) == {1: ("skills",), 2: ("tier",), 3: ("absent",), 4: ("left",), 5: ("overlap",)}
    assert not any(choice.able for choice in found)


def test_a_wish_and_another_line_can_be_overruled() -> None:
    """They speak against somebody, but the rota would take it."""
    away = [Absence(GAP.start, GAP.end, 1, 1, hard=False)]
    found = candidates(GAP, STAFF, [shift(1, 2, 1, 2, "belgium")], away, ZONES)
    assert why(found) == {1: ("wish",), 2: ("twice",)}
    assert all(choice.able for choice in found)


def test_a_shift_that_goes_stands_in_nobodys_way() -> None:
    """The one to be replaced, and those that are cancelled."""
    rota = [shift(1, 1, 0, 8), replace(shift(2, 2, 0, 8), status="cancelled")]
    assert why(candidates(GAP, STAFF, rota, (), ZONES, without=[1])) == {1: (), 2: ()}
    assert why(candidates(GAP, STAFF, rota, (), ZONES)) == {1: ("overlap",), 2: ()}


def test_whoever_has_left_is_not_named() -> None:
    """Nobody would ask them."""
    staff = {1: replace(ALIX, left=GAP.start), 2: BO}
    assert [choice.person for choice in candidates(GAP, staff, (), (), ZONES)] == [2]


def test_any_tier_of_theirs_will_do_where_none_is_named() -> None:
    """A language that is missing on a line: Bo, who may only hold the second tier, brings it too."""
    gap = Gap(GAP.start, GAP.end, "france", "language", skills=frozenset({"nl", "de"}), match="any")
    staff = {1: ALIX, 2: replace(BO, tiers=frozenset({2}))}
    assert why(candidates(gap, staff, (), (), ZONES)) == {2: (), 1: ("skills",)}


@given(
    st.lists(st.tuples(st.integers(1, 2), st.integers(-120, 120), st.integers(1, 14)), max_size=10),
    st.integers(1, 12),
    st.integers(1, 3),
)
def test_what_speaks_against_somebody_is_what_the_rota_would_find(
    rows: list[tuple[int, int, int]], rest: int, week: int
) -> None:
    """With the seat given to each in turn, over the whole rota: exactly the findings that weren't there before."""
    staff = {n: replace(person, limits=Limits(rest * HOUR, week=week)) for n, person in STAFF.items()}
    rota = [shift(number, person, start, hours) for number, (person, start, hours) in enumerate(rows)]
    for choice in candidates(GAP, staff, rota, (), ZONES):
        taken = Shift(NEW, "france", 1, choice.person, GAP.start, GAP.end)
        new = fresh(findings(rota, staff, (), ZONES), findings([*rota, taken], staff, (), ZONES))
        assert set(choice.because) == {found.kind for found in new}
        assert choice.able == (not any(found.hard for found in new))


def test_the_seat_may_lie_on_a_night_on_which_the_clocks_jump() -> None:
    """Eleven hours of rest on the wall are ten real ones in spring: too few."""
    evening = local_to_utc(datetime.combine(date(2026, 3, 28), datetime.min.time().replace(hour=21)), PARIS)
    morning = local_to_utc(datetime.combine(date(2026, 3, 29), datetime.min.time().replace(hour=8)), PARIS)
    gap = Gap(morning, morning + 8 * HOUR, "france", "nobody", tier=1)
    late = Shift(1, "france", 1, 1, evening - 8 * HOUR, evening)
    assert why(candidates(gap, {1: ALIX}, [late], (), ZONES)) == {1: ("rest",)}

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rota.duty import CATEGORIES
from rota.fairness import MEASURES, MOST_CARRIED, ONE, Standing, carried, parts, standings, weight
from rota.model import Shift, Span
from rota.staff import DAY, HOUR, Absence, Staff

SPAN = Span(0, 91 * DAY)
ALIX, BO, CLEO = (Staff(n, f"Person {n}", frozenset({"fr"})) for n in (1, 2, 3))


def kinds(span: Span) -> frozenset[str]:
    """Every third day's shift is a night, every seventh's of the weekend."""
    day = span.start // DAY
    found = [kind for kind, every in (("night", 3), ("weekend", 7)) if day % every == 0]
    return frozenset(["shift", *found])


def daily(people: Sequence[int | None], tier: int = 1) -> list[Shift]:
    """A shift of twelve hours on each day, of these people in turn."""
    return [Shift(n, "france", tier, who, n * DAY, n * DAY + DAY // 2) for n, who in enumerate(people)]


def of(shifts: Sequence[Shift], *staff: Staff, away: Sequence[Absence] = ()) -> dict[int, Standing]:
    """Everybody's standing, by id."""
    return {each.person: each for each in standings(shifts, staff, away, SPAN, kinds, {})}


@st.composite
def teams(draw: st.DrawFn) -> list[Staff]:
    """Some people, part-time or not, perhaps of one tier only, perhaps leaving or new."""
    shares, tiers = st.integers(0, 100), st.frozensets(st.integers(1, 2))
    instants = st.none() | st.integers(-DAY, SPAN.end + DAY)
    drawn = draw(st.lists(st.tuples(shares, tiers, instants, instants), min_size=1, max_size=6))
    return [
        replace(ALIX, id=n, share=share, tiers=own, left=gone, joined=new)
        for n, (share, own, gone, new) in enumerate(drawn, start=1)
    ]


def absences() -> st.SearchStrategy[list[Absence]]:
    """Of people 1 to 6, overlapping as they like, also beyond the stretch."""
    starts, lengths = st.integers(-5 * DAY, SPAN.end), st.integers(1, 30 * DAY)
    each = st.builds(
        lambda s, n, who, hard: Absence(s, s + n, 0, who, hard), starts, lengths, st.integers(1, 6), st.booleans()
    )
    return st.lists(each, max_size=5)


@given(teams(), absences(), st.lists(st.none() | st.integers(1, 7), max_size=30))
def test_shares_add_up_to_what_was_held(team: list[Staff], away: list[Absence], holders: list[int | None]) -> None:
    """In every measure exactly, whoever is there, part-time, away, gone or unknown: deviations add up to nothing."""
    found = standings(daily(holders), team, away, SPAN, kinds, {})
    for measure in MEASURES:
        assert sum(each.share[measure] for each in found) == sum(each.held[measure] for each in found)
        assert sum(each.deviation(measure) for each in found) == 0


@given(st.lists(st.sampled_from([1, 2, 3]), min_size=1, max_size=80))
def test_half_a_post_has_half_a_share(holders: list[int]) -> None:
    """Of every measure, to a hundredth, whoever held what."""
    found = of(daily(holders), ALIX, BO, replace(CLEO, share=50))
    for measure in MEASURES:
        assert abs(found[3].share[measure] - found[1].share[measure] / 2) <= 1
        assert abs(found[1].share[measure] - found[2].share[measure]) <= 1


@given(st.integers(0, SPAN.end - DAY), st.integers(DAY, 40 * DAY))
def test_an_absence_makes_a_share_smaller(start: int, length: int) -> None:
    """By the time away, and the others' larger; a wish to be off takes nothing away."""
    shifts = daily([1, 2, 3] * 30)
    usual = of(shifts, ALIX, BO, CLEO)
    away = of(shifts, ALIX, BO, CLEO, away=[Absence(start, start + length, 1, ALIX.id)])
    assert away[1].share["hours"] < usual[1].share["hours"]
    assert away[2].share["hours"] > usual[2].share["hours"]
    assert of(shifts, ALIX, BO, CLEO, away=[Absence(start, start + length, 1, ALIX.id, hard=False)]) == usual


@given(teams(), absences())
def test_presence_is_counted_second_by_second(team: list[Staff], away: list[Absence]) -> None:
    """Overlapping absences count once, and nothing before the stretch, after it, before joining or after leaving."""
    for person in team:
        own = [each for each in away if each.person == person.id]
        marks = sorted({0, SPAN.end, *(max(0, min(SPAN.end, at)) for a in own for at in (a.start, a.end))})
        turns = {max(0, min(SPAN.end, at)) for at in (person.left, person.joined) if at is not None}
        marks = sorted({*marks, *turns})
        there = 0
        for start, end in pairwise(marks):
            gone = person.left is not None and start >= person.left
            new = person.joined is not None and start < person.joined
            if not gone and not new and not any(a.hard and a.start <= start < a.end for a in own):
                there += end - start
        assert weight(person, own, SPAN) == person.share * there


def test_who_joins_late_has_a_share_of_what_remains() -> None:
    """Here for 31 days of 91, that is what their share is by; who held a shift before was there since then."""
    late = replace(BO, joined=60 * DAY)
    found = of(daily([1] * 60 + [2, 1] * 15), ALIX, late)
    assert found[2].share["hours"] * 91 == pytest.approx(found[1].share["hours"] * 31, rel=0.001)
    early = [2, *[1] * 90]
    assert of(daily(early), ALIX, late) == of(daily(early), ALIX, BO)


def test_a_share_is_of_what_somebody_may_hold() -> None:
    """The second tier's shifts are shared among those who may hold it."""
    second = replace(CLEO, tiers=frozenset({2}))
    found = of(daily([1, 2] * 10), ALIX, BO, second)
    assert 3 not in found
    assert found[1].share["shift"] == found[2].share["shift"] == 10 * ONE
    assert of(daily([1, 3], tier=2), ALIX, BO, second)[3].share["hours"] == 800


def test_what_is_counted() -> None:
    """Shifts that begin in the stretch and count: hours by their real length, nights, weekends, and points for each."""
    outside = [Shift(90, "france", 1, 1, SPAN.end, SPAN.end + DAY), Shift(91, "france", 1, 1, -HOUR, DAY)]
    cancelled = Shift(92, "france", 1, 1, 0, DAY, "cancelled")
    found = of([*daily([1, 2, 1]), *outside, cancelled], ALIX, BO)
    assert found[1].held == {"shift": 200, "night": 100, "weekend": 100, "holiday": 0, "hours": 2400, "points": 3600}
    assert found[2].held == {"shift": 100, "night": 0, "weekend": 0, "holiday": 0, "hours": 1200, "points": 1200}
    assert found[2].deviation("shift") == -50


def test_open_seats_are_nobodys() -> None:
    """They are no part of what is shared."""
    assert of(daily([1, None, 2]), ALIX, BO)[1].share["shift"] == ONE


def test_who_could_hold_nothing_is_ahead_by_all_they_held() -> None:
    """Such as somebody without a share, who stepped in."""
    found = of(daily([1, 2]), ALIX, replace(BO, share=0))
    assert found[2].deviation("shift") == ONE
    assert found[1].deviation("shift") == -ONE


@given(st.integers(0, 10_000), st.dictionaries(st.integers(1, 9), st.integers(0, 1000), max_size=6))
def test_parts_add_up_and_are_in_proportion(total: int, weights: dict[int, int]) -> None:
    """No part is off by one or more from the exact one."""
    shared = parts(total, weights)
    assume(shared)
    assert sum(shared.values()) == total
    for person, part in shared.items():
        assert abs(part - Fraction(total * weights[person], sum(weights.values()))) < 1


def test_what_is_carried_on_adds_up_over_the_quarters() -> None:
    """And what one quarter made good is gone."""
    assert carried([{"night": (500, 380)}]) == {"night": 120}
    assert carried([{"night": (500, 380)}, {"night": (100, 220)}]) == {}
    assert carried([{"night": (0, 50), "hours": (9000, 100)}, {"shift": (200, 100)}]) == {"night": -50, "shift": 100}


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), max_size=6), st.sampled_from(CATEGORIES))
def test_no_more_is_carried_than_can_be_made_good(quarters: list[tuple[int, int]], category: str) -> None:
    """Either way, after however many quarters."""
    assert abs(carried([{category: quarter} for quarter in quarters]).get(category, 0)) <= MOST_CARRIED


@pytest.mark.parametrize("ahead", [1, -1])
def test_what_is_carried_is_bounded_each_quarter(ahead: int) -> None:
    """So whoever alone has a skill can get even within a quarter once somebody else has it too."""
    years = [{"night": (2000 + ahead * 900, 2000)}] * 8
    assert carried([*years, {"night": (2000 - ahead * MOST_CARRIED, 2000)}]) == {}

"""Gaps against a second-by-second walk, and the cases a coordinator asks about."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.gaps import Gap, gaps
from rota.model import LANGUAGES, Person, Shift, SpanError
from rota.oncall import Roster, who
from tests.rota.strategies import ALIX, BO, DANA, DAY, HOUR, TEAM, people, shifts

LINE = "france"


def uncovered(roster: Roster, at: int, tiers: frozenset[int], languages: frozenset[str]) -> set[int | str]:
    """The tiers and languages without cover at one second, by definition."""
    there = who(roster, LINE, at)
    found: set[int | str] = {tier for tier in tiers if not who(roster, LINE, at, tier=tier)}
    if there:
        found |= {language for language in languages if not any(language in h.person.skills for h in there)}
    return found


@given(
    shifts(),
    people(),
    st.integers(-3, 50),
    st.integers(1, 40),
    st.frozensets(st.integers(1, 4)),
    st.frozensets(st.sampled_from(LANGUAGES)),
)
def test_gaps_are_exactly_the_uncovered_seconds(
    rota: list[Shift],
    team: list[Person],
    start: int,
    length: int,
    tiers: frozenset[int],
    languages: frozenset[str],
) -> None:
    """Each second is in the gaps of what it lacks, and in no others; each gap is as long as it lasts."""
    roster = Roster.build(rota, team)
    found = gaps(roster, LINE, start, start + length, tiers=tiers, languages=languages)
    for at in range(start, start + length):
        lacking = [gap.tier or gap.language for gap in found if gap.holds(at)]
        assert sorted(map(str, lacking)) == sorted(map(str, uncovered(roster, at, tiers, languages)))
    assert all(start <= gap.start < gap.end <= start + length for gap in found)
    for what in {(gap.tier, gap.language) for gap in found}:
        same = [gap for gap in found if (gap.tier, gap.language) == what]
        assert all(one.end < two.start for one, two in pairwise(same))


@given(shifts(), people(), st.frozensets(st.sampled_from(LANGUAGES)))
def test_gaps_come_in_order(rota: list[Shift], team: list[Person], languages: frozenset[str]) -> None:
    """By start; of those that start together a tier's before a language's."""
    found = gaps(Roster.build(rota, team), LINE, 0, 60, tiers=(3, 1, 2), languages=languages)
    assert list(found) == sorted(found, key=lambda g: (g.start, g.kind == "language", g.tier or 0, g.language or ""))


def test_a_line_without_shifts_is_one_gap() -> None:
    """A line that nobody was ever put on is uncovered from end to end."""
    assert gaps(Roster.build([], TEAM), LINE, 0, DAY) == (Gap(0, DAY, LINE, "nobody", tier=1),)


def test_a_full_day_has_no_gap() -> None:
    """Shifts that meet at a hand-off leave nothing between them."""
    rota = [Shift(1, LINE, 1, ALIX.id, 0, 8 * HOUR), Shift(2, LINE, 1, BO.id, 8 * HOUR, DAY)]
    assert gaps(Roster.build(rota, TEAM), LINE, 0, DAY, languages=["fr"]) == ()


def test_a_shift_without_a_person_is_a_gap() -> None:
    """An unfilled seat doesn't cover."""
    rota = [Shift(1, LINE, 1, ALIX.id, 0, HOUR), Shift(2, LINE, 1, None, HOUR, 2 * HOUR)]
    assert gaps(Roster.build(rota, TEAM), LINE, 0, 2 * HOUR) == (Gap(HOUR, 2 * HOUR, LINE, "nobody", tier=1),)


def test_a_gap_in_one_tier_isnt_closed_by_another() -> None:
    """A second line on call doesn't stand in for the first."""
    rota = [Shift(1, LINE, 2, ALIX.id, 0, DAY)]
    assert gaps(Roster.build(rota, TEAM), LINE, 0, DAY, tiers=(1, 2)) == (Gap(0, DAY, LINE, "nobody", tier=1),)


def test_a_language_that_only_the_second_line_speaks_is_covered() -> None:
    """Any tier covers a language, because the caller reaches it in a later wave."""
    rota = [Shift(1, LINE, 1, ALIX.id, 0, DAY), Shift(2, LINE, 2, DANA.id, 0, DAY)]
    assert gaps(Roster.build(rota, TEAM), LINE, 0, DAY, languages=["en", "fr"]) == ()


def test_weak_cover_is_one_gap_across_a_hand_off() -> None:
    """Two people in turn who don't speak Dutch make one stretch without Dutch."""
    rota = [Shift(1, LINE, 1, ALIX.id, 0, HOUR), Shift(2, LINE, 1, DANA.id, HOUR, DAY)]
    assert Gap(0, DAY, LINE, "language", skills=frozenset({"nl"}), hard=False) in gaps(
        Roster.build(rota, TEAM), LINE, 0, DAY, languages=["nl"]
    )


def test_where_nobody_is_on_call_only_the_tier_is_named() -> None:
    """Nobody at all is worse than a language missing, and is said once."""
    found = gaps(Roster.build([], TEAM), LINE, 0, DAY, languages=["fr", "nl"])
    assert [gap.kind for gap in found] == ["nobody"]


def test_gaps_of_no_time_are_refused() -> None:
    """A reversed stretch is a mistake."""
    with pytest.raises(SpanError):
        gaps(Roster.build([], []), LINE, 5, 5)

"""`who` against a plain reading of the shifts, and the other questions against `who`."""

from __future__ import annotations

import dataclasses
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.model import LANGUAGES, OnCall, Person, RosterError, Segment, Shift, SpanError
from rota.oncall import Roster, next_change, segments, who
from tests.rota.strategies import ALIX, BO, CLEO, DANA, DAY, HOUR, TEAM, people, shifts

LINES = st.sampled_from(["france", "belgium", "unheard of"])
TIERS = st.none() | st.integers(1, 3)
INSTANTS = st.integers(-2, 62)


def plainly_who(
    rota: list[Shift], team: list[Person], line: str, instant: int, tier: int | None = None
) -> tuple[OnCall, ...]:
    """The definition, read off every shift one by one."""
    known = {person.id: person for person in team}
    held = [
        shift
        for shift in rota
        if shift.line == line and shift.start <= instant < shift.end and shift.person in known
        if tier is None or shift.tier == tier
    ]
    held.sort(key=lambda shift: (shift.tier, shift.start, shift.id))
    return tuple(OnCall(known[s.person], s.tier, s.id, s.end) for s in held if s.person is not None)


@given(shifts(), people(), LINES, INSTANTS, TIERS)
def test_who_reads_the_shifts(rota: list[Shift], team: list[Person], line: str, instant: int, tier: int | None) -> None:
    """The flattened roster answers what the shifts say, at every instant, on every line and tier."""
    roster = Roster.build(rota, team)
    assert who(roster, line, instant, tier=tier) == plainly_who(rota, team, line, instant, tier)


@given(shifts(), people(), LINES, INSTANTS, st.frozensets(st.sampled_from(LANGUAGES)))
def test_who_with_skills_keeps_those_who_have_them_all(
    rota: list[Shift], team: list[Person], line: str, instant: int, skills: frozenset[str]
) -> None:
    """Asking for skills leaves people out and changes nothing else, the order least of all."""
    roster = Roster.build(rota, team)
    everyone = who(roster, line, instant)
    assert who(roster, line, instant, skills=skills) == tuple(h for h in everyone if skills <= h.person.skills)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10**9), st.integers(1, 10**6)), min_size=20, max_size=60))
def test_years_with_crowded_and_empty_stretches_are_looked_up_rightly(seats: list[tuple[int, int, int]]) -> None:
    """However unevenly the hand-offs lie in time, the answer at each, and beside each, is what the shifts say."""
    rota = [
        Shift(number, "france", 1, ALIX.id, start // 10 ** (3 * crowd), start // 10 ** (3 * crowd) + length)
        for number, (crowd, start, length) in enumerate(seats)
    ]
    roster = Roster.build(rota, TEAM)
    for mark in {instant for shift in rota for instant in (shift.start, shift.end)}:
        for at in (mark - 1, mark):
            assert who(roster, "france", at) == plainly_who(rota, [*TEAM], "france", at)


@pytest.mark.parametrize(("skills", "found"), [({"fr"}, [ALIX, BO]), ({"fr", "nl"}, [BO]), ({"nl", "de"}, [])])
def test_who_speaks_a_language_is_asked_by_skill(skills: set[str], found: list[Person]) -> None:
    """Somebody with exactly the skills asked for has them; one of two isn't enough."""
    rota = [Shift(person.id, "france", 1, person.id, 0, DAY) for person in (ALIX, BO)]
    answer = who(Roster.build(rota, TEAM), "france", HOUR, skills=frozenset(skills))
    assert [held.person for held in answer] == found


@given(shifts(), people(), LINES, INSTANTS)
def test_the_whole_line_is_its_tiers_in_order(rota: list[Shift], team: list[Person], line: str, instant: int) -> None:
    """Asked without a tier, `who` names tier 1, then tier 2, and so on."""
    roster = Roster.build(rota, team)
    assert who(roster, line, instant) == sum((who(roster, line, instant, tier=t) for t in (1, 2, 3)), start=())


@given(shifts(), people(), LINES, INSTANTS, st.randoms(use_true_random=False))
def test_the_order_of_the_input_doesnt_matter(
    rota: list[Shift], team: list[Person], line: str, instant: int, chance: random.Random
) -> None:
    """However the database hands the rows over, the phones ring in the same order."""
    expected = who(Roster.build(rota, team), line, instant)
    chance.shuffle(rota)
    chance.shuffle(team)
    assert who(Roster.build(rota, team), line, instant) == expected


def test_within_a_tier_whoever_came_on_first_rings_first() -> None:
    """The newcomer at a staggered hand-off joins behind the one who is already there."""
    rota = [Shift(1, "france", 1, BO.id, 4 * HOUR, DAY), Shift(2, "france", 1, ALIX.id, 0, 8 * HOUR)]
    assert [held.person for held in who(Roster.build(rota, TEAM), "france", 5 * HOUR)] == [ALIX, BO]


def test_of_two_who_come_on_together_the_seat_written_first_rings_first() -> None:
    """The order of the rows in the rota is the order within a shift."""
    rota = [Shift(2, "france", 1, ALIX.id, 0, DAY), Shift(1, "france", 1, BO.id, 0, DAY)]
    assert [held.person for held in who(Roster.build(rota, TEAM), "france", 0)] == [BO, ALIX]


def test_a_shift_of_nobody_or_of_somebody_unknown_is_a_gap() -> None:
    """A seat without a known person is never answered with a name."""
    rota = [Shift(1, "france", 1, None, 0, DAY), Shift(2, "france", 1, 99, 0, DAY)]
    roster = Roster.build(rota, TEAM)
    assert who(roster, "france", HOUR) == ()
    assert segments(roster, "france", 0, DAY) == (Segment(0, DAY, ()),)


def test_an_unknown_line_has_nobody_on_call() -> None:
    """A caller is waiting, so an unknown line is an answer and not an error."""
    assert who(Roster.build([], []), "nowhere", 0) == ()


def test_somebody_with_two_seats_is_named_for_each() -> None:
    """Both seats are held, by one person in tier 1 and in tier 2."""
    rota = [Shift(1, "france", 1, DANA.id, 0, DAY), Shift(2, "france", 2, DANA.id, 0, HOUR)]
    assert who(Roster.build(rota, TEAM), "france", 0) == (OnCall(DANA, 1, 1, DAY), OnCall(DANA, 2, 2, HOUR))


def test_between_two_hand_offs_the_answer_is_one_and_the_same_object() -> None:
    """The answer is ready-made: asking costs a lookup and makes nothing."""
    roster = Roster.build([Shift(1, "france", 1, CLEO.id, 0, DAY)], TEAM)
    assert who(roster, "france", 0) is who(roster, "france", DAY - 1)


def test_two_shifts_with_one_id_are_refused() -> None:
    """Shift ids tell seats apart, so that a repeated one is a fault of the caller."""
    with pytest.raises(RosterError, match="shift 1 is given twice"):
        Roster.build([Shift(1, "france", 1, 1, 0, DAY), Shift(1, "belgium", 1, 1, 0, DAY)], TEAM)


def test_two_people_with_one_id_are_refused_by_name() -> None:
    """The message names both."""
    with pytest.raises(RosterError, match=r"person 1 is given twice: 'Alix Exemple' and 'Other'"):
        Roster.build([], [ALIX, Person(1, "Other", frozenset())])


def test_a_roster_cant_be_changed() -> None:
    """A snapshot read by many threads stays what it was."""
    roster = Roster.build([Shift(1, "france", 1, 1, 0, DAY)], TEAM)
    with pytest.raises(dataclasses.FrozenInstanceError):
        roster.tracks = {}  # type: ignore[misc]
    with pytest.raises(TypeError):
        roster.tracks["france", None] = roster.tracks["france", 1]  # type: ignore[index]


@given(shifts(), people(), LINES, INSTANTS, TIERS)
def test_the_next_change_is_the_first_other_answer(
    rota: list[Shift], team: list[Person], line: str, instant: int, tier: int | None
) -> None:
    """`next_change` names the first later instant at which `who` differs, or none."""
    roster = Roster.build(rota, team)
    now = who(roster, line, instant, tier=tier)
    later = (at for at in range(instant + 1, 70) if who(roster, line, at, tier=tier) != now)
    assert next_change(roster, line, instant, tier=tier) == next(later, None)


@given(shifts(), people(), LINES, INSTANTS, st.integers(1, 70), TIERS)
def test_segments_tile_the_time_asked_for(
    rota: list[Shift], team: list[Person], line: str, start: int, length: int, tier: int | None
) -> None:
    """Segments cover `[start, end)` without hole or overlap, say what `who` says, and never repeat themselves."""
    roster = Roster.build(rota, team)
    found = segments(roster, line, start, start + length, tier=tier)
    assert [piece.start for piece in found] == [start, *[piece.end for piece in found[:-1]]]
    assert found[-1].end == start + length
    for piece in found:
        assert all(who(roster, line, at, tier=tier) == piece.on_call for at in range(piece.start, piece.end))
    assert all(one.on_call != two.on_call for one, two in pairwise(found))


def test_segments_of_no_time_are_refused() -> None:
    """Asking for a reversed stretch is a mistake and not an empty answer."""
    with pytest.raises(SpanError):
        segments(Roster.build([], []), "france", 10, 10)


def test_a_shift_beyond_the_time_asked_for_is_cut_to_it() -> None:
    """A segment ends where the question ends, while `until` still tells when the shift does."""
    roster = Roster.build([Shift(1, "france", 1, 1, 0, 9)], TEAM)
    assert segments(roster, "france", 3, 5) == (Segment(3, 5, (OnCall(ALIX, 1, 1, 9),)),)

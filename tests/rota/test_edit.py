"""Edits never touch the past, can be taken back from then on, and their difference is who is on call otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.edit import Change, Done, New, Shortened, become, carve, diff, make, reassign, seat, standing, undo
from rota.model import EditError, Person, Shift, Span, SpanError
from rota.oncall import Roster, who
from tests.rota.strategies import shifts

LINES = ("france", "belgium")
TIERS = (1, 2, 3)
TEAM = [Person(number, f"Person {number}", frozenset()) for number in range(1, 9)]
LATEST = 70
"""After the last second of every shift that is drawn."""
SPANS = st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda pair: Span(pair[0], sum(pair)))
NOWS = st.integers(0, LATEST)
PEOPLE = st.none() | st.integers(1, 8)
NUMBERS = 1000
"""The ids of new shifts begin here."""


def shift(number: int, start: int, end: int, **values: Any) -> Shift:  # noqa: ANN401 - fields of every type
    """Person 1's, in the first tier."""
    return replace(Shift(number, "france", 1, 1, start, end), **values)


def new(start: int, end: int, person: int | None = 1, **values: Any) -> New:  # noqa: ANN401 - fields of every type
    """The same, to be."""
    return replace(New("france", 1, person, start, end, "override"), **values)


def holders(held: Iterable[Shift], line: str, tier: int, instants: Iterable[int]) -> list[set[int]]:
    """Who is on call in a tier at each of these instants, as anybody asks it."""
    roster = Roster.build(held, TEAM)
    return [{each.person.id for each in who(roster, line, instant, tier=tier)} for instant in instants]


def everything(held: Sequence[Shift], instants: Iterable[int]) -> list[list[set[int]]]:
    """The same on all lines, in all tiers."""
    instants = list(instants)
    return [holders(held, line, tier, instants) for line in LINES for tier in TIERS]


@st.composite
def changes(draw: st.DrawFn, held: Sequence[Shift], now: int) -> Change:
    """A change of any kind that the rota takes: one of a person's, of a tier, or of one shift; a new plan; a hole."""
    there = standing(held)
    match draw(st.sampled_from(["reassign", "become", "carve", "cancel", "add"])):
        case "reassign":
            mine = draw(PEOPLE)
            chosen = [each for each in there if each.person == mine] if draw(st.booleans()) else there
            return reassign(chosen, draw(SPANS), now, draw(PEOPLE), "override")
        case "become":
            # Half of what stands, and something else.
            wanted = [New(*seat(each), "proposal") for each in there if draw(st.booleans())]
            wanted += [new(span.start, span.end, draw(PEOPLE)) for span in draw(st.lists(SPANS, max_size=3))]
            return become(there, wanted, draw(SPANS), now)
        case "carve":
            begun = [each for each in there if each.end > now]
            if begun:
                chosen_one = draw(st.sampled_from(begun))
                start = draw(st.integers(max(now, chosen_one.start), chosen_one.end - 1))
                return carve(chosen_one, start, draw(st.integers(start + 1, chosen_one.end)), now)
        case "cancel":
            to_come = [each.id for each in there if each.start >= now]
            return Change(cancel=tuple(draw(st.sets(st.sampled_from(to_come))) if to_come else ()))
    span = draw(SPANS)
    return Change(add=(new(span.start, span.end, draw(PEOPLE)),) if span.start >= now else ())


@st.composite
def edited(draw: st.DrawFn) -> tuple[list[Shift], tuple[Shift, ...], Done, int]:
    """Shifts, what they are after a change, what was done, and when."""
    held, now = draw(shifts()), draw(NOWS)
    after, done = make(held, draw(changes(held, now)), now, count(NUMBERS))
    return held, after, done, now


# --- Invariant 8.


@given(st.data(), shifts(), st.lists(st.integers(0, 12), min_size=1, max_size=8))
def test_8_no_edit_changes_who_was_on_call(data: st.DataObject, held: list[Shift], steps: list[int]) -> None:
    """Edit after edit, and their undoing in any order, as time goes on: what was, was."""
    now, current, numbers = 0, tuple(held), count(NUMBERS)
    history: list[Done] = []
    for step in steps:
        now += step
        back = data.draw(st.integers(0, 2 * len(history)))
        if back < len(history):
            try:
                change = undo(current, history.pop(back), now)
            except EditError:
                continue
        else:
            change = data.draw(changes(current, now))
        before = everything(current, range(now))
        current, done = make(current, change, now, numbers)
        history.append(done)
        assert everything(current, range(now)) == before


@given(edited())
def test_8_started_shifts_only_get_shorter(edit: tuple[list[Shift], tuple[Shift, ...], Done, int]) -> None:
    """Nothing of theirs is written anew but their end; those that are over, and those not named, are as they were."""
    before, after, done, now = edit
    by_id = {each.id: each for each in after}
    cut = {each.shift for each in done.shortened}
    for old in before:
        if old.start < now:
            assert replace(by_id[old.id], end=old.end, seq=old.seq) == old
            assert (by_id[old.id] != old) == (old.id in cut)
        if old.end <= now:
            assert by_id[old.id] == old


@given(edited())
def test_12_a_change_of_a_shift_shows_in_its_seq(edit: tuple[list[Shift], tuple[Shift, ...], Done, int]) -> None:
    """Whatever was cancelled or shortened has grown by one, once; everything else stays, and new ones begin at 0."""
    before, after, done, _ = edit
    changed = {each.id for each in done.cancelled} | {each.shift for each in done.shortened}
    known = {each.id: each.seq for each in before}
    assert all(each.seq == known.get(each.id, 0) + (each.id in changed) for each in after)


# --- Taking back.


@given(edited())
def test_undone_at_once_who_is_on_call_is_as_before(edit: tuple[list[Shift], tuple[Shift, ...], Done, int]) -> None:
    """At every instant, and there is no difference left to tell."""
    before, after, done, now = edit
    back, _ = make(after, undo(after, done, now), now, count(2 * NUMBERS))
    assert everything(back, range(LATEST)) == everything(before, range(LATEST))
    assert diff(before, back) == ()


@given(edited(), st.integers(0, 30))
def test_undone_later_it_is_as_before_from_then_on(
    edit: tuple[list[Shift], tuple[Shift, ...], Done, int], wait: int
) -> None:
    """And until then as it was."""
    before, after, done, now = edit
    later = now + wait
    back, _ = make(after, undo(after, done, later), later, count(2 * NUMBERS))
    assert everything(back, range(later)) == everything(after, range(later))
    assert everything(back, range(later, LATEST)) == everything(before, range(later, LATEST))


@given(edited())
def test_an_undoing_can_be_undone(edit: tuple[list[Shift], tuple[Shift, ...], Done, int]) -> None:
    """Then the edit holds again."""
    _, after, done, now = edit
    back, undone = make(after, undo(after, done, now), now, count(2 * NUMBERS))
    again, _ = make(back, undo(back, undone, now), now, count(3 * NUMBERS))
    assert diff(after, again) == ()


@given(st.data(), edited())
def test_of_two_edits_the_later_is_undone_first(
    data: st.DataObject, edit: tuple[list[Shift], tuple[Shift, ...], Done, int]
) -> None:
    """Then the earlier can be, and all is as it was, though its shifts have other ids by now."""
    before, after, first, now = edit
    latest, second = make(after, data.draw(changes(after, now)), now, count(2 * NUMBERS))
    back, _ = make(latest, undo(latest, second, now), now, count(3 * NUMBERS))
    assert diff(after, back) == ()
    back, _ = make(back, undo(back, first, now), now, count(4 * NUMBERS))
    assert diff(before, back) == ()


def test_an_edit_on_which_another_stands_is_not_undone() -> None:
    """The later one has to be undone first; it is refused whole."""
    held = (shift(1, 0, 10),)
    after, first = make(held, reassign(held, Span(2, 8), 0, 2, "override"), 0, count(10))
    latest, _ = make(after, reassign(after, Span(4, 6), 0, 3, "override"), 0, count(20))
    with pytest.raises(EditError, match="undo the later change first"):
        undo(latest, first, 0)


# --- What differs.


@given(shifts(), shifts())
def test_4_a_difference_is_exactly_where_who_answers_otherwise(before: list[Shift], after: list[Shift]) -> None:
    """On each line, in each tier, at every second: who is gone and who has come, and nothing where nothing differs."""
    told = diff(before, after)
    for line in LINES:
        for tier in TIERS:
            here = [each for each in told if (each.line, each.tier) == (line, tier)]
            assert all(one.end <= two.start for one, two in pairwise(here))
            old, late = (holders(held, line, tier, range(LATEST)) for held in (before, after))
            for instant in range(LATEST):
                found = [(set(each.gone), set(each.come)) for each in here if each.holds(instant)]
                gone, come = old[instant] - late[instant], late[instant] - old[instant]
                assert found == ([(gone, come)] if gone or come else [])


def test_shifts_cut_or_joined_are_no_difference() -> None:
    """The same person goes on."""
    whole, parts = [shift(1, 0, 10)], [shift(2, 0, 4), shift(3, 4, 10)]
    assert diff(whole, parts) == diff(parts, whole) == ()


def test_neighbouring_stretches_with_the_same_difference_are_one() -> None:
    """Whoever reads it wants to know when, not in how many shifts."""
    (found,) = diff([shift(1, 0, 4), shift(2, 4, 10)], [shift(3, 0, 10, person=2)])
    assert (found.start, found.end, found.gone, found.come) == (0, 10, (1,), (2,))


# --- Reassigning and carving.


@given(shifts(), SPANS, NOWS, PEOPLE)
def test_5_reassigned_seats_change_hands_in_the_span_alone(
    held: list[Shift], span: Span, now: int, person: int | None
) -> None:
    """From now on; before, outside, and in the number of people nothing changes, and no shifts are merged."""
    here = [each for each in held if each.line == "france"]
    after, done = make(here, reassign(here, span, now, person, "override"), now, count(NUMBERS))
    for instant in range(LATEST):
        old = sorted(each.person or 0 for each in standing(here) if each.span.holds(instant))
        late = sorted(each.person or 0 for each in standing(after) if each.span.holds(instant))
        assert late == ([person or 0] * len(old) if span.holds(instant) and instant >= now else old)
    for each in done.added:
        assert any(old.span.start <= each.start and each.end <= old.span.end for old in here)


def test_5_a_shift_in_the_middle_of_which_somebody_stands_in() -> None:
    """Three shifts where there was one; each knows what it comes from."""
    change = reassign([shift(1, 0, 10, rotation=7, status="planned")], Span(4, 6), 0, 2, "override")
    assert change.cancel == (1,)
    assert [(each.person, each.start, each.end, each.source) for each in change.add] == [
        (1, 0, 4, "import"),
        (1, 6, 10, "import"),
        (2, 4, 6, "override"),
    ]
    assert {(each.rotation, each.replaces) for each in change.add} == {(7, 1)}
    assert [each.status for each in change.add] == ["planned", "planned", "published"]


def test_what_is_theirs_already_is_left_alone() -> None:
    """And what is cancelled, or outside."""
    held = [shift(1, 0, 10), shift(2, 0, 10, person=2, status="cancelled"), shift(3, 20, 30, person=2)]
    assert not reassign(held, Span(0, 15), 0, 1, "override")


def test_of_a_running_shift_the_rest_is_carved() -> None:
    """It gets shorter, it isn't cancelled."""
    assert carve(shift(1, 0, 10), 5, 10, 5) == Change(shorten=(Shortened(1, 5, 10),))


# --- Becoming.


@given(shifts(), NOWS)
def test_what_stands_already_is_left_alone(held: list[Shift], now: int) -> None:
    """To become what it is changes nothing."""
    assert not become(held, [New(*seat(each), "proposal") for each in held], Span(0, LATEST), now)


@given(shifts(), st.lists(st.tuples(SPANS, PEOPLE), max_size=6), SPANS, NOWS)
def test_a_span_becomes_what_is_wanted(
    held: list[Shift], plan: list[tuple[Span, int | None]], span: Span, now: int
) -> None:
    """Of what begins in it from now on just that stands, as often as it is wanted; the rest stays."""
    wanted = [new(one.start, one.end, person) for one, person in plan if span.holds(one.start)]
    after, _ = make(held, become(held, wanted, span, now), now, count(NUMBERS))

    def inside(start: int) -> bool:
        return span.holds(start) and start >= now

    assert sorted(map(str, (seat(each) for each in standing(after) if inside(each.start)))) == sorted(
        map(str, (seat(each) for each in wanted if inside(each.start)))
    )
    assert [each for each in standing(after) if not inside(each.start)] == [
        each for each in standing(held) if not inside(each.start)
    ]


def test_what_may_not_go_stays() -> None:
    """Whoever calls says what."""
    held = [shift(1, 5, 10), shift(2, 10, 15, status="planned")]
    change = become(held, (), Span(0, 20), 0, lambda each: each.status == "planned")
    assert change == Change(cancel=(2,))


# --- Refused.


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (Change(cancel=(9,)), "shift 9 is no longer there"),
        (Change(cancel=(3,)), "shift 3 is no longer there"),
        (Change(cancel=(2, 2)), "shift 2 is no longer there"),
        (Change(cancel=(1,)), "can be shortened, not cancelled"),
        (Change(shorten=(Shortened(1, 4, 10),)), "the past stays"),
        (Change(shorten=(Shortened(1, 10, 10),)), "can't end at 10"),
        (Change(shorten=(Shortened(1, 7, 11),)), "no longer ends when it did"),
        (Change(shorten=(Shortened(2, 20, 30),)), "can't end at 20"),
        (Change(add=(new(4, 8),)), "can't be added in the past"),
    ],
)
def test_a_change_that_the_rota_cannot_take_is_refused(change: Change, reason: str) -> None:
    """With the shift and what to do."""
    held = [shift(1, 0, 10), shift(2, 20, 30), shift(3, 40, 50, status="cancelled")]
    with pytest.raises(EditError, match=reason):
        make(held, change, 5, count(NUMBERS))


def test_a_shift_of_no_time_can_not_be_wanted() -> None:
    """Nor one that ends before it begins."""
    with pytest.raises(SpanError):
        new(5, 5)

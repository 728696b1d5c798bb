from __future__ import annotations

from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.edit import New, become, make
from rota.generate.anneal import solve
from rota.generate.building import MADE, Mode, Standing, Task, Wanted, build, carve
from rota.generate.problem import Need, Seat
from rota.limits import findings, fresh
from rota.model import Shift, Span
from rota.staff import DAY, HOUR, Absence, Staff

FRENCH, DUTCH = frozenset({"fr"}), frozenset({"fr", "nl"})
STAFF = {1: Staff(1, "Alix Exemple", FRENCH), 2: Staff(2, "Bo Voorbeeld", DUTCH), 3: Staff(3, "Cleo Beispiel", FRENCH)}
WINDOW = Span(0, 10 * DAY)


def kinds(_: Span) -> frozenset[str]:
    """All alike."""
    return frozenset({"shift"})


def seat(start: int, end: int, tier: int = 1, skills: frozenset[str] = frozenset()) -> Seat:
    """One that a rule asks for."""
    return Seat(start, end, "france", tier, frozenset({"shift"}), 0, skills)


def shift(number: int, person: int | None, start: int, end: int, source: str = "import", line: str = "france") -> Shift:
    """One of the first tier that stands."""
    return Shift(number, line, 1, person, start, end, source=source)


def built(
    mode: Mode,
    rules: list[Seat],
    shifts: list[Shift],
    *,
    staff: dict[int, Staff] | None = None,
    away: tuple[Absence, ...] = (),
    ruled: bool = True,
    needs: tuple[Need, ...] = (),
) -> Task:
    """The task of ten days."""
    zones = {name: ZoneInfo("Europe/Paris") for name in ("france", "belgium")}
    people = staff or STAFF
    standing = Standing(shifts, people, frozenset(people), away, zones, {1: {"night": 50}})
    return build("france", WINDOW, mode, Wanted(rules, needs, ruled), standing, kinds)


spans = st.tuples(st.integers(1, 2), st.integers(0, 30), st.integers(1, 12))


@given(st.lists(spans, max_size=10), st.lists(spans, max_size=8))
def test_what_is_left_is_what_nobody_covers(
    rules: list[tuple[int, int, int]], stands: list[tuple[int, int, int]]
) -> None:
    """Second by second and tier by tier: as many seats as the rules ask for beyond the shifts that stand."""
    seats = [seat(start, start + length, tier) for tier, start, length in rules]
    shifts = [Shift(n, "france", tier, 1, at, at + length) for n, (tier, at, length) in enumerate(stands)]
    _, left = carve(seats, shifts, STAFF)
    for tier in (1, 2):
        for at in range(43):
            asked, there, open_ = (
                sum(each.tier == tier and each.start <= at < each.end for each in several)
                for several in (seats, shifts, left)
            )
            assert open_ == max(0, asked - there)


def test_a_shift_takes_the_seat_that_its_holder_suits() -> None:
    """So that what is left can be filled: who speaks Dutch sits where Dutch is asked for, and who doesn't does not."""
    seats = [seat(0, 10, skills=frozenset({"nl"})), seat(0, 10)]
    for person, asked in ((2, {"nl"}), (1, set())):
        rules, left = carve(seats, [shift(7, person, 0, 10)], STAFF)
        assert rules[7].skills == asked
        assert [set(each.skills) for each in left] == [{"nl"} - asked]


@pytest.mark.parametrize("mode", ["fill", "replace", "repair"])
def test_who_stays(mode: Mode) -> None:
    """Filling keeps everybody, replacing whom a person put there, a repair the same and the others if it can."""
    shifts = [shift(1, 1, DAY, DAY + HOUR), shift(2, 2, 2 * DAY, 2 * DAY + HOUR, "override")]
    task = built(mode, [seat(DAY, DAY + HOUR), seat(2 * DAY, 2 * DAY + HOUR)], shifts)
    kept = {"fill": {0: 1, 1: 2}, "replace": {1: 2}, "repair": {1: 2}}[mode]
    assert task.problem.fixed == kept
    assert task.problem.before == ({0: 1, 1: 2} if mode == "repair" else {})
    assert task.problem.repair is (mode == "repair")
    assert len(task.problem.seats) == 2
    assert task.stands == tuple(shifts)


@pytest.mark.parametrize("mode", ["fill", "replace", "repair"])
@pytest.mark.parametrize("why", ["away", "left", "tier", "unknown"])
def test_who_can_not_go_on_does_not_stay(mode: Mode, why: str) -> None:
    """Whoever is away, has left by then, lost the tier, or isn't there any more, even if a person put them there."""
    one = STAFF[1]
    staff = {
        "away": one,
        "left": Staff(1, one.name, FRENCH, left=DAY + 1),
        "tier": Staff(1, one.name, FRENCH, tiers=frozenset({2})),
        "unknown": one,
    }[why]
    away = (Absence(DAY, DAY + 1, 1, 1),) if why == "away" else ()
    held = shift(1, 9 if why == "unknown" else 1, DAY, DAY + HOUR, "override")
    task = built(mode, [seat(DAY, DAY + HOUR)], [held], staff={1: staff, 2: STAFF[2]}, away=away)
    assert (task.problem.fixed, task.problem.before) == ({}, {})
    assert len(task.problem.seats) == 1
    assert task.was == (held,)


def test_a_wish_is_no_reason_to_go() -> None:
    """Nor is it an absence for the engine."""
    away = (Absence(DAY, 2 * DAY, 1, 1, hard=False),)
    task = built("fill", [], [shift(1, 1, DAY, DAY + HOUR)], away=away)
    assert task.problem.fixed == {0: 1}
    assert task.problem.candidates[0].wishes == (Span(DAY, 2 * DAY),)
    assert task.problem.candidates[0].absent == ()


def test_what_begins_before_the_window_stays_and_covers() -> None:
    """It is no seat; of a rule's seat that it covers in part, the rest is one, from the window's beginning on."""
    shifts = [shift(1, 1, -HOUR, HOUR)]
    task = built("replace", [seat(-2 * HOUR, 6 * HOUR), seat(-2 * HOUR, 3 * HOUR, tier=2)], shifts)
    assert [(s.tier, s.start, s.end) for s in task.problem.seats] == [(2, 0, 3 * HOUR), (1, HOUR, 6 * HOUR)]
    assert task.stands == ()
    assert [(h.start, h.end) for h in task.problem.candidates[0].held] == [(-HOUR, HOUR)]


def test_what_is_held_elsewhere_comes_along() -> None:
    """On other lines and up to 35 days around; not what is to be replaced, nor what is a seat already."""
    shifts = [
        shift(1, 1, DAY, DAY + HOUR),
        shift(2, 1, 2 * DAY, 2 * DAY + 12 * HOUR, line="belgium"),
        shift(3, 1, 11 * DAY, 11 * DAY + HOUR),
        shift(4, 1, 90 * DAY, 90 * DAY + HOUR),
        shift(5, 2, 3 * DAY, 4 * DAY, line="belgium"),
    ]
    task = built("replace", [seat(DAY, DAY + HOUR)], shifts)
    held = task.problem.candidates[0].held
    assert [(h.line, h.start, h.night) for h in held] == [("belgium", 2 * DAY, True), ("france", 11 * DAY, False)]
    assert task.problem.candidates[0].debt == {"night": 50}


def test_without_rules_what_stands_says_how_days_are_cut() -> None:
    """Even where it is to be made anew."""
    shifts = [shift(1, 1, DAY, DAY + 8 * HOUR), shift(2, None, DAY + 8 * HOUR, DAY + 20 * HOUR)]
    task = built("replace", [seat(DAY, 2 * DAY)], shifts, ruled=False)
    assert [(s.start, s.end) for s in task.problem.seats] == [
        (DAY, DAY + 8 * HOUR),
        (DAY + 8 * HOUR, DAY + 20 * HOUR),
        (DAY + 20 * HOUR, 2 * DAY),
    ]
    assert task.problem.fixed == {}


def test_a_seat_whose_holder_stays_asks_them_for_nothing() -> None:
    """Otherwise a rule would be broken about which nothing can be done; in a repair something can."""
    rules = [seat(DAY, DAY + HOUR, skills=frozenset({"nl"}))]
    assert built("fill", rules, [shift(1, 1, DAY, DAY + HOUR)]).problem.seats[0].skills == frozenset()
    assert built("repair", rules, [shift(1, 1, DAY, DAY + HOUR)]).problem.seats[0].skills == {"nl"}


def test_who_has_left_is_away_from_then_on() -> None:
    """They may have seats before."""
    task = built("fill", [seat(DAY, DAY + HOUR)], [], staff={1: Staff(1, "Alix Exemple", FRENCH, left=5 * DAY)})
    (absent,) = task.problem.candidates[0].absent
    assert absent.start == 5 * DAY
    assert absent.end > 10_000 * DAY


def test_needs_of_the_window_come_along() -> None:
    """And no others."""
    near, far = (Need(at, at + HOUR, "france", 1, DUTCH, "any", hard=True) for at in (DAY, 20 * DAY))
    assert built("fill", [seat(DAY, DAY + HOUR)], [], needs=(near, far)).problem.needs == (near,)


@st.composite
def rotas(draw: st.DrawFn) -> tuple[list[Shift], list[Absence]]:
    """Shifts of eight hours of three people, on two lines, in and around the window, and when they are away."""
    times = st.integers(-6, 32).map(lambda third: third * 8 * HOUR)
    held = st.tuples(
        st.sampled_from(["france", "belgium"]),
        st.none() | st.integers(1, 3),
        times,
        st.sampled_from([*MADE, "override"]),
    )
    drawn = draw(st.lists(held, max_size=12))
    shifts = [
        shift(n, who, at, at + 8 * HOUR, source, line) for n, (line, who, at, source) in enumerate(drawn, start=1)
    ]
    away = draw(st.lists(st.tuples(st.integers(1, 3), st.integers(-1, 9), st.booleans()), max_size=3))
    return shifts, [Absence(day * DAY, (day + 2) * DAY, n, who, hard) for n, (who, day, hard) in enumerate(away)]


@given(rotas(), st.sampled_from(["fill", "replace", "repair"]))
def test_what_is_proposed_breaks_no_rule_that_was_not_broken(
    rota: tuple[list[Shift], list[Absence]], mode: Mode
) -> None:
    """Whatever stands: built, solved and put in its place, the rota's own findings see nothing new but wishes."""
    shifts, away = rota
    rules = [seat(day * DAY + at, day * DAY + at + 12 * HOUR) for day in range(10) for at in (0, 12 * HOUR)]
    task = built(mode, rules, shifts, away=tuple(away))
    holders = solve(task.problem, 0, steps=300).holders
    wanted = [
        New("france", each.tier, holder, each.start, each.end, "proposal")
        for each, holder in zip(task.problem.seats, holders, strict=True)
    ]
    after, _ = make(shifts, become(task.stands, wanted, WINDOW, WINDOW.start), WINDOW.start, count(100))
    zones = {name: ZoneInfo("Europe/Paris") for name in ("france", "belgium")}
    found = [findings(several, STAFF, away, zones) for several in (shifts, after)]
    assert {f.kind for f in fresh(*found)} <= {"wish"}
    for at in range(WINDOW.start, WINDOW.end, 4 * HOUR):
        assert [s for s in after if s.line == "france" and s.status != "cancelled" and s.span.holds(at)]


def test_sources_that_a_person_did_not_make() -> None:
    """All others are somebody's word, and stay."""
    assert {"import", "rotation", "proposal"} == MADE

"""A rotation's shifts are what its versions say, except where a person has said otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from itertools import count, pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from rota.edit import Change, Done, carve, diff, make, reassign, standing, undo
from rota.horizon import Filling, Rota, fill
from rota.model import EditError, Shift, Span
from rota.rotation import timeline, turns
from rota.staff import WEEKDAYS, Absence, Limits, Rotation, Staff
from rota.zones import utc_to_local
from tests.rota.strategies import DAY, HOUR, utc

PARIS = ZoneInfo("Europe/Paris")
FIRST, LAST = date(2026, 3, 26), date(2026, 4, 1)
"""With the night on which the clocks jump in the middle."""
BEGIN, END = utc(2026, 3, 25, 23), utc(2026, 4, 2, 22)
TEAM = {number: Staff(number, f"Person {number}", frozenset(), limits=Limits()) for number in range(1, 5)}
VERSION = Rotation(1, "france", 1, "first", 1, WEEKDAYS, time(8), time(8), "day", 1, FIRST, (1, 2, 3), date(2026, 1, 1))
SPANS = st.tuples(st.integers(0, 7 * 24), st.integers(1, 40)).map(
    lambda hours: Span(BEGIN + hours[0] * HOUR, BEGIN + (hours[0] + hours[1]) * HOUR)
)


@dataclass
class Desk:
    """A rota that is edited, with what its rotation remembers of cancelled shifts."""

    versions: list[Rotation] = field(default_factory=lambda: [VERSION])
    shifts: tuple[Shift, ...] = ()
    absences: list[Absence] = field(default_factory=list)
    numbers: count[int] = field(default_factory=lambda: count(1))
    let_go: set[int] = field(default_factory=set)

    def edit(self, change: Change, now: int) -> Done:
        """As a person does it."""
        self.shifts, done = make(self.shifts, change, now, self.numbers)
        return done

    def look(self, now: int) -> Filling:
        """What the rotation would do."""
        cancelled = [s for s in self.shifts if s.status == "cancelled" and s.id not in self.let_go]
        today = utc_to_local(now, PARIS).date()
        return fill(
            turns(self.versions, PARIS, today, LAST, now), Rota(self.shifts, TEAM, self.absences), cancelled, now
        )

    def fill(self, now: int) -> Filling:
        """Lets the rotation do it."""
        filling = self.look(now)
        if filling.change:
            self.edit(filling.change, now)
            self.let_go |= {*filling.change.cancel, *filling.settled}
        return filling

    def holders(self, instant: int) -> list[int | None]:
        """Who has a shift at an instant."""
        return [shift.person for shift in standing(self.shifts) if shift.span.holds(instant)]


@st.composite
def hands(draw: st.DrawFn, desk: Desk, now: int) -> None:
    """A few things that people do: put in, take out, take away, publish, take back."""
    done: list[Done] = []
    for _ in range(draw(st.integers(0, 5))):
        there = standing(desk.shifts)
        match draw(st.sampled_from(["give", "open", "cancel", "publish", "undo", "absence"])):
            case "give":
                change = reassign(there, draw(SPANS), now, draw(st.integers(1, 4)), "override")
                done.append(desk.edit(change, now))
            case "open":
                done.append(desk.edit(reassign(there, draw(SPANS), now, None, "override"), now))
            case "cancel":
                to_come = [shift for shift in there if shift.start >= now]
                if to_come:
                    done.append(desk.edit(Change(cancel=(draw(st.sampled_from(to_come)).id,)), now))
            case "publish":
                until = draw(SPANS).start
                desk.shifts = tuple(
                    replace(s, status="published") if s.status == "planned" and s.start < until else s
                    for s in desk.shifts
                )
            case "undo" if done:
                try:
                    desk.edit(undo(desk.shifts, done.pop(), now), now)
                except EditError:
                    continue
            case "absence":
                # As whoever enters an absence does it: the seats are opened with it.
                span, person = draw(SPANS), draw(st.integers(1, 4))
                desk.absences.append(Absence(span.start, span.end, 1, person))
                theirs = [shift for shift in there if shift.person == person]
                desk.edit(reassign(theirs, span, now, None, "absence"), now)
                done.clear()  # taking back what was before it would be refused: they are away
            case _:
                pass


@given(st.data(), st.integers(0, 5 * 24))
def test_8_whatever_people_do_the_rotation_changes_nothing_of_it(data: st.DataObject, hours: int) -> None:
    """Shifts that were split, opened or taken away don't come back, and none is made anew beside what stays."""
    desk = Desk()
    desk.fill(BEGIN)
    now = BEGIN + hours * HOUR
    data.draw(hands(desk, now))
    before = desk.shifts
    back = [change for change in diff(before, make(before, desk.look(now).change, now, count(1000))[0]) if change.gone]
    assert back == []
    desk.fill(now)
    assert not desk.look(now).change


@given(st.data(), st.integers(0, 5 * 24))
def test_8_a_shift_people_took_away_or_gave_does_not_come_back(data: st.DataObject, hours: int) -> None:
    """Without an undoing or an absence, there is nothing at all to do."""
    desk = Desk()
    desk.fill(BEGIN)
    now = BEGIN + hours * HOUR
    for _ in range(data.draw(st.integers(1, 6))):
        there = [shift for shift in standing(desk.shifts) if shift.end > now]
        shift = data.draw(st.sampled_from(there)) if there else None
        if shift is not None and shift.start >= now and data.draw(st.booleans()):
            desk.edit(Change(cancel=(shift.id,)), now)
        elif shift is not None and shift.start < now and data.draw(st.booleans()):
            desk.edit(carve(shift, now, shift.end, now), now)
        else:
            person = data.draw(st.none() | st.integers(1, 4))
            desk.edit(reassign(there, data.draw(SPANS), now, person, "override"), now)
    assert not desk.look(now).change


@st.composite
def other_versions(draw: st.DrawFn, hours: int = 0) -> list[Rotation]:
    """The same rotation, going on otherwise from some day after so many hours."""
    today = utc_to_local(BEGIN + hours * HOUR, PARIS).date()
    since = today + timedelta(days=draw(st.integers(0, 4)))
    new = replace(
        VERSION,
        id=2,
        version=2,
        since=since,
        starts=time(draw(st.integers(0, 23))),
        ends=time(draw(st.integers(0, 23))),
        people=tuple(draw(st.permutations([1, 2, 3, 4]))),
    )
    return [replace(VERSION, until=since), new]


@given(st.data(), st.integers(0, 5 * 24))
def test_8_another_version_takes_what_nobody_arranged(data: st.DataObject, hours: int) -> None:
    """At every instant either what stood there stays, or the new version's person is on call; never two, and for good.

    What stood and isn't the rotation's own stays to the second.
    """
    desk = Desk()
    desk.fill(BEGIN)
    now = BEGIN + hours * HOUR
    data.draw(hands(desk, now))
    desk.absences.clear()
    desk.fill(now)
    before = standing(desk.shifts)
    hand_off = min(new.start for new in timeline([VERSION], PARIS, FIRST, LAST) if new.start >= now)
    kept = [s for s in before if not (s.status == "planned" and s.source == "rotation" and s.start >= hand_off)]
    desk.versions = versions = data.draw(other_versions(hours))
    desk.fill(now)
    after = standing(desk.shifts)
    assert set(kept) <= set(after)
    wanted = timeline(versions, PARIS, FIRST, LAST)
    for shift in after:
        if shift not in kept and shift.person is not None:
            assert any(
                new.person == shift.person and new.start <= shift.start and shift.end <= new.end for new in wanted
            )
    assert alone(after)
    assert not desk.look(now).change


def alone(shifts: Sequence[Shift]) -> bool:
    """Whether no two are at once."""
    return all(one.end <= two.start for one, two in pairwise(shifts))


@given(other_versions(), st.integers(0, 8 * 24 * 60))
def test_without_anybodys_doing_the_versions_are_what_is_so(versions: list[Rotation], minutes: int) -> None:
    """At every instant that is to come, whose turn it is has the shift."""
    desk = Desk()
    desk.fill(BEGIN)
    desk.versions = versions
    desk.fill(BEGIN)
    at = BEGIN + minutes * 60
    wanted = [new.person for new in timeline(versions, PARIS, FIRST, LAST) if new.start <= at < new.end]
    assert desk.holders(at) == wanted


def test_what_differs_and_stays_is_told() -> None:
    """A published shift of somebody else than whose turn it is now; not one that is right."""
    desk = Desk()
    desk.fill(BEGIN)
    desk.shifts = tuple(replace(s, status="published") if s.start < BEGIN + 3 * DAY else s for s in desk.shifts)
    desk.versions = [replace(VERSION, until=FIRST), replace(VERSION, id=2, people=(1, 3, 2), since=FIRST)]
    filling = desk.fill(BEGIN)
    assert [shift.person for shift in filling.staying] == [2, 3]


def test_an_unknown_person_holds_nothing() -> None:
    """Their turns are open seats."""
    desk = Desk(versions=[replace(VERSION, people=(9,))])
    assert {new.person for new in desk.fill(BEGIN).unheld} == {None}
    assert {shift.person for shift in desk.shifts} == {None}

"""Rotations make shifts ahead; what is published, and what a person arranged, stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, update

from helpline.errors import UsageError
from helpline.jobs import materialising, publishing
from helpline.lines import Line
from helpline.shifts.editing import Desk, editing, undo_edit
from helpline.shifts.reading import read_shifts
from helpline.shifts.rotations import Made, change, create, end
from helpline.shifts.versions import read_rotations
from helpline.store.rota_tables import Absence, RotaEdit
from helpline.store.tables import Person, Shift
from rota.edit import Change, New, become, carve, reassign
from rota.model import Shift as Held
from rota.model import Span
from rota.rotation import in_force
from rota.staff import DAY, HOUR, WEEKDAYS, Limits, Rotation
from rota.zones import local_to_utc
from tests.shell import ALIX, BORIS, CHARLIE, NOON, lines_in, opened, revision, rows_of, together, with_people

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 3, 10)
SINCE = date(2026, 3, 16)
"""A Monday."""
NIGHTS = ("france", "nights")
DRAFT = Rotation(0, "france", 1, "nights", 0, WEEKDAYS, time(20), time(8), "week", 1, SINCE, (ALIX, BORIS), SINCE)


@pytest.fixture(scope="module")
def lines() -> dict[str, Line]:
    """Both shipped lines."""
    return lines_in(Path())


@pytest.fixture
def desk(either_database_url: str, lines: dict[str, Line]) -> Iterator[Desk]:
    """Both lines and three people, without a shift."""
    with opened(either_database_url) as store:
        with_people(store)
        yield Desk(store, lines, Limits())


@pytest.fixture
def nights(desk: Desk) -> Made:
    """Alix and Boris share the nights."""
    return create(desk, DRAFT, "cli", NOON)


def at(day: date, hour: int) -> int:
    """An instant by the clocks of the line."""
    return local_to_utc(datetime.combine(day, time(hour)), PARIS)


def later(days: int) -> date:
    """So many days after the rotation began."""
    return SINCE + timedelta(days=days)


def held(desk: Desk) -> list[Held]:
    """The shifts that count."""
    with desk.store.read() as connection:
        return read_shifts(connection, 0)


def night(desk: Desk, days: int) -> list[tuple[int | None, int, int]]:
    """Who has which hours of a night, counted from its 20:00."""
    start, stop = at(later(days), 20), at(later(days + 1), 8)
    return [
        (shift.person, (shift.start - start) // HOUR, (shift.end - start) // HOUR)
        for shift in held(desk)
        if shift.start < stop and start < shift.end
    ]


def nothing_left(desk: Desk, now: int = NOON) -> bool:
    """Whether making the shifts once more writes nothing at all."""
    tables = (Shift, RotaEdit)
    before = revision(desk.store), [rows_of(desk.store, table) for table in tables]
    made = materialising.run(desk, now)
    return (0, *before) == (made, revision(desk.store), [rows_of(desk.store, table) for table in tables])


def the_night(desk: Desk, days: int) -> Held:
    """The one shift of a night."""
    (found,) = [shift for shift in held(desk) if shift.start == at(later(days), 20)]
    return found


def give(desk: Desk, days: int, first: int, last: int, person: int | None) -> int:
    """A person arranges some hours of a night otherwise; the edit's number."""
    start = at(later(days), 20)
    with editing(desk, "override", "cli", NOON) as edit:
        span = Span(start + first * HOUR, start + last * HOUR)
        theirs = [shift for shift in edit.shifts if shift.span.overlaps(span) and shift.status != "cancelled"]
        edit.make(reassign(theirs, span, NOON, person, "override"))
    assert edit.outcome.edit is not None
    return edit.outcome.edit


def take_away(desk: Desk, days: int) -> int:
    """A person cancels a night; the edit's number."""
    with editing(desk, "import", "cli", NOON) as edit:
        edit.make(Change(cancel=(the_night(desk, days).id,)))
    assert edit.outcome.edit is not None
    return edit.outcome.edit


# --- Made.


def test_a_rotation_makes_its_shifts_180_days_ahead(desk: Desk, nights: Made) -> None:
    """Planned, from its first day on, by turns."""
    shifts = held(desk)
    assert (shifts[0].start, shifts[-1].start) == (at(SINCE, 20), at(TODAY + timedelta(days=180), 20))
    assert [shift.person for shift in shifts[:15]] == [ALIX] * 7 + [BORIS] * 7 + [ALIX]
    assert {(shift.status, shift.source, shift.rotation) for shift in shifts} == {
        ("planned", "rotation", nights.rotation.id)
    }
    assert tuple(shifts) == nights.shifts
    assert nothing_left(desk)


def test_a_rehearsal_leaves_nothing(desk: Desk) -> None:
    """And shows what would be done."""
    before = revision(desk.store)
    shown = create(desk, DRAFT, "cli", NOON, dry=True)
    assert rows_of(desk.store, Shift) == []
    with desk.store.read() as connection:
        assert read_rotations(connection) == []
    assert revision(desk.store) == before
    done = create(desk, DRAFT, "cli", NOON)
    assert shown.outcome.differences == done.outcome.differences != ()


def test_a_rotation_is_read_as_it_was_written(desk: Desk, nights: Made) -> None:
    """With its number and version."""
    with desk.store.read() as connection:
        assert read_rotations(connection) == [replace(DRAFT, id=nights.rotation.id, version=1)] == [nights.rotation]


def test_every_day_brings_another(desk: Desk, nights: Made) -> None:
    """The job adds what the next day brings, and writes down that it did; a second run writes nothing."""
    before = len(held(desk))
    assert materialising.run(desk, NOON + DAY) == 1
    assert len(held(desk)) == before + 1
    assert rows_of(desk.store, RotaEdit)[-1]["actor"] == "job"
    assert nothing_left(desk, NOON + DAY)


def test_a_clock_that_was_set_back_changes_nothing(desk: Desk, nights: Made) -> None:
    """What was made further ahead stays."""
    materialising.run(desk, NOON + 3 * DAY)
    assert nothing_left(desk, NOON)


def test_today_counts_from_its_next_shift(desk: Desk) -> None:
    """A shift that should have begun already isn't made, one tonight is."""
    days = replace(DRAFT, name="days", starts=time(8), ends=time(20), since=TODAY)
    assert create(desk, days, "cli", NOON).shifts[0].start == at(TODAY + timedelta(days=1), 8)
    assert create(desk, replace(DRAFT, since=TODAY), "cli", NOON).shifts[0].start == at(TODAY, 20)


def test_two_jobs_at_once_make_each_shift_once(database_url: str, lines: dict[str, Line]) -> None:
    """Whichever waits finds nothing to do."""
    with opened(database_url) as store:
        with_people(store)
        desk = Desk(store, lines, Limits())
        create(desk, DRAFT, "cli", NOON)
        before = len(held(desk))
        together([lambda: materialising.run(desk, NOON + DAY)] * 2)
        assert len(held(desk)) == before + 1


# --- Refused.


IMPOSSIBLE: tuple[tuple[dict[str, Any], str], ...] = (
    ({"people": (ALIX, 9)}, "nobody has the number 9"),
    ({"since": TODAY - timedelta(days=1)}, "the past doesn't change: write 2026-03-10"),
    ({"name": " "}, "1 to 60 characters"),
    ({"name": "n" * 61}, "1 to 60 characters"),
    ({"tier": 2}, "Boris Exemple may not hold tier 2"),
    ({"people": (CHARLIE,)}, "Charlie Exemple has left by 2026-03-16"),
)


def test_a_rotation_that_cannot_be_is_refused(desk: Desk) -> None:
    """With what would mend it, and nothing is written."""
    with desk.store.durable() as tx:
        tx.execute(update(Person).where(Person.id == BORIS).values(tiers="1"))
        tx.execute(update(Person).where(Person.id == CHARLIE).values(left_at=NOON))
    for values, reason in IMPOSSIBLE:
        with pytest.raises(UsageError, match=reason):
            create(desk, replace(DRAFT, **values), "cli", NOON)
    assert [rows_of(desk.store, table) for table in (Shift, RotaEdit)] == [[], []]


def test_two_of_one_name_at_once_are_refused(desk: Desk, nights: Made) -> None:
    """On one line; when the first has ended another may begin, as its next version."""
    with pytest.raises(UsageError, match="has a rotation 'nights' already"):
        create(desk, replace(DRAFT, since=later(50)), "cli", NOON)
    create(desk, replace(DRAFT, line="belgium", people=(CHARLIE,)), "cli", NOON)
    end(desk, NIGHTS, later(50), "cli", NOON)
    assert create(desk, replace(DRAFT, since=later(50)), "cli", NOON).rotation.version == 2


def test_of_two_of_one_name_made_at_once_one_is_refused(database_url: str, lines: dict[str, Line]) -> None:
    """It finds the other."""
    with opened(database_url) as store:
        with_people(store)
        desk = Desk(store, lines, Limits())

        def attempt() -> str:
            try:
                create(desk, DRAFT, "cli", NOON)
            except UsageError as error:
                return str(error)
            return "made"

        answers = together([attempt] * 2)
        assert sorted(answer == "made" for answer in answers) == [False, True]
        assert len(held(desk)) == len({(shift.start, shift.tier) for shift in held(desk)})


def test_a_change_that_cannot_be_is_refused(desk: Desk, nights: Made) -> None:
    """And nothing is changed."""
    end(desk, NIGHTS, later(20), "cli", NOON)
    before = held(desk)
    for name, since, changes, reason in (
        (("france", "days"), SINCE, {"every": 2}, "no rotation 'days'; it has: nights"),
        (NIGHTS, later(-7), {"every": 2}, "the past doesn't change"),
        (NIGHTS, SINCE, {"every": 0}, "a turn lasts 1 week at least"),
        (NIGHTS, SINCE, {"tier": 2}, "tier can't be changed"),
        (NIGHTS, later(20), {"every": 2}, "has ended by"),
    ):
        with pytest.raises(UsageError, match=reason):
            change(desk, name, since, changes, "cli", NOON)
    for since, reason in ((later(-7), "the past doesn't change"), (later(30), "has ended by")):
        with pytest.raises(UsageError, match=reason):
            end(desk, NIGHTS, since, "cli", NOON)
    assert held(desk) == before


# --- Changed and ended.


def test_a_change_begins_another_version(desk: Desk, nights: Made) -> None:
    """The shifts to come are the new one's from that day on, those before it the old one's."""
    made = change(desk, NIGHTS, later(14), {"people": (CHARLIE, ALIX)}, "cli", NOON)
    people = [shift.person for shift in held(desk)]
    assert people[:28] == [ALIX] * 7 + [BORIS] * 7 + [CHARLIE] * 7 + [ALIX] * 7
    with desk.store.read() as connection:
        old, new = read_rotations(connection)
    assert (old.until, new.since, new.version) == (later(14), later(14), 2)
    assert made.rotation == new
    assert nothing_left(desk)


def test_shifts_that_stay_the_same_are_left_alone(desk: Desk, nights: Made) -> None:
    """Calendars hear only of those that differ."""
    before = {shift.id for shift in held(desk)}
    made = change(desk, NIGHTS, later(14), {"people": (ALIX, CHARLIE)}, "cli", NOON)
    assert {shift.id for shift in held(desk) if shift.person == ALIX} <= before
    assert {difference.gone for difference in made.outcome.differences} == {(BORIS,)}


def test_a_later_change_that_was_planned_is_dropped(desk: Desk, nights: Made) -> None:
    """Who changes a rotation from an earlier day on means all that follows."""
    change(desk, NIGHTS, later(21), {"people": (CHARLIE,)}, "cli", NOON)
    change(desk, NIGHTS, later(7), {"people": (BORIS,)}, "cli", NOON)
    assert {shift.person for shift in held(desk) if shift.start >= at(later(7), 20)} == {BORIS}
    assert nothing_left(desk)


def test_an_ended_rotation_makes_no_more(desk: Desk, nights: Made) -> None:
    """What was planned from that day on is cancelled."""
    end(desk, NIGHTS, later(3), "cli", NOON)
    assert [shift.start for shift in held(desk)] == [at(later(days), 20) for days in range(3)]
    assert nothing_left(desk)


def test_published_and_started_shifts_are_never_rewritten(desk: Desk, nights: Made) -> None:
    """They stay the old version's, are told of, and no shift of the new one is beside them."""
    now = at(SINCE, 22)
    publishing.run(desk, now)
    published = [shift for shift in held(desk) if shift.status == "published"]
    assert published[0].start < now
    made = change(desk, NIGHTS, later(1), {"people": (CHARLIE,), "starts": time(21)}, "cli", now)
    after = held(desk)
    assert [shift for shift in after if shift.status == "published"] == published
    assert list(made.staying) == published[1:]
    assert all(one.end <= two.start for one, two in pairwise(after))
    rest = [shift for shift in after if shift.start >= published[-1].end]
    assert {(shift.person, (shift.end - shift.start) // HOUR) for shift in rest} == {(CHARLIE, 11)}
    assert nothing_left(desk, now)


def test_other_hours_fill_up_what_stays(desk: Desk, nights: Made) -> None:
    """A published night until 08:00 in a rotation that now goes on until 09:00 is followed by the hour that is left."""
    publishing.run(desk, NOON)
    last = max(shift.end for shift in held(desk) if shift.status == "published")
    change(desk, NIGHTS, SINCE, {"ends": time(9)}, "cli", NOON)
    (hour,) = [shift for shift in held(desk) if shift.start == last]
    assert hour.end - hour.start == HOUR
    assert nothing_left(desk)


# --- Undone.


def test_a_rotation_is_taken_back(desk: Desk, nights: Made) -> None:
    """With its shifts; and the job doesn't make them again."""
    assert nights.outcome.edit is not None
    undo_edit(desk, nights.outcome.edit, "cli", NOON)
    assert held(desk) == []
    assert nothing_left(desk)
    create(desk, DRAFT, "cli", NOON)
    assert len(held(desk)) == len(nights.shifts)


def seats(desk: Desk, since: int = 0) -> list[tuple[int | None, int, int]]:
    """Who has which hours from an instant on."""
    return [(shift.person, max(shift.start, since), shift.end) for shift in held(desk) if shift.end > since]


@pytest.mark.parametrize("days", [0, 14, 40])
def test_a_change_is_taken_back_from_now_on(desk: Desk, nights: Made, days: int) -> None:
    """Before it is in force or after: the old turns go on; and taking back the taking back brings the new ones."""
    now = at(later(days), 12)
    materialising.run(desk, now)
    old = seats(desk, now)
    number = change(desk, NIGHTS, later(14), {"people": (CHARLIE,)}, "cli", NOON).outcome.edit
    materialising.run(desk, now)
    new, past = seats(desk, now), [seat for seat in seats(desk) if seat[1] < now]
    assert number is not None
    outcome = undo_edit(desk, number, "cli", now)
    assert seats(desk, now) == old
    assert [seat for seat in seats(desk) if seat[1] < now] == past
    assert nothing_left(desk, now)
    assert outcome.edit is not None
    undo_edit(desk, outcome.edit, "cli", now)
    with desk.store.read() as connection:
        versions = read_rotations(connection)
    assert all(sum(in_force(version, later(day)) for version in versions) == 1 for day in range(80))
    assert seats(desk, now) == new
    assert nothing_left(desk, now)


def test_an_end_is_taken_back(desk: Desk, nights: Made) -> None:
    """The rotation goes on."""
    number = end(desk, NIGHTS, later(3), "cli", NOON).outcome.edit
    assert number is not None
    undo_edit(desk, number, "cli", NOON)
    assert [seat[1] for seat in seats(desk)] == [shift.start for shift in nights.shifts]
    assert nothing_left(desk)


def test_a_change_that_was_changed_since_is_not_taken_back(desk: Desk, nights: Made) -> None:
    """The later one has to be taken back first."""
    first = change(desk, NIGHTS, later(200), {"people": (CHARLIE,)}, "cli", NOON).outcome.edit
    second = change(desk, NIGHTS, later(190), {"people": (ALIX,)}, "cli", NOON).outcome.edit
    assert first is not None
    assert second is not None
    with pytest.raises(UsageError, match="undo the later change first"):
        undo_edit(desk, first, "cli", NOON)
    undo_edit(desk, second, "cli", NOON)
    undo_edit(desk, first, "cli", NOON)
    with desk.store.read() as connection:
        assert read_rotations(connection)[0].until is None
    assert nothing_left(desk)


# --- What a person arranged stays.


def test_an_override_is_not_undone_by_the_next_run(desk: Desk, nights: Made) -> None:
    """Nor does the shift that it split come back."""
    give(desk, 2, 2, 4, CHARLIE)
    assert night(desk, 2) == [(ALIX, 0, 2), (CHARLIE, 2, 4), (ALIX, 4, 12)]
    assert nothing_left(desk)


def test_a_shift_that_was_taken_away_does_not_come_back(desk: Desk, nights: Made) -> None:
    """Not by the job, not by a new version, and not by a change somewhere else."""
    take_away(desk, 2)
    assert nothing_left(desk)
    change(desk, NIGHTS, later(1), {"people": (CHARLIE,), "ends": time(9)}, "cli", NOON)
    assert [shift for shift in held(desk) if shift.start == at(later(2), 20)] == []
    assert nothing_left(desk)


def test_a_shift_given_back_is_the_rotations_again(desk: Desk, nights: Made) -> None:
    """Taking it away was taken back: the next version may have it, with longer or shorter hours."""
    undo_edit(desk, take_away(desk, 2), "cli", NOON)
    undo_edit(desk, give(desk, 2, 2, 4, CHARLIE), "cli", NOON)
    assert night(desk, 2) == [(ALIX, 0, 12)]
    change(desk, NIGHTS, SINCE, {"starts": time(22), "ends": time(7)}, "cli", NOON)
    assert night(desk, 2) == [(ALIX, 2, 11)]
    change(desk, NIGHTS, SINCE, {"starts": time(20), "ends": time(8)}, "cli", NOON)
    assert night(desk, 2) == [(ALIX, 0, 12)]
    assert nothing_left(desk)


def test_a_new_version_keeps_what_was_arranged_and_takes_the_rest(desk: Desk, nights: Made) -> None:
    """Charlie's two hours stay, the hours around them change hands, narrower hours and wider ones again included."""
    give(desk, 2, 2, 4, CHARLIE)
    made = change(desk, NIGHTS, SINCE, {"people": (BORIS,)}, "cli", NOON)
    assert night(desk, 2) == [(BORIS, 0, 2), (CHARLIE, 2, 4), (BORIS, 4, 12)]
    assert [(shift.person, shift.source) for shift in made.staying] == [(CHARLIE, "override")]
    change(desk, NIGHTS, SINCE, {"starts": time(21), "ends": time(7)}, "cli", NOON)
    assert night(desk, 2) == [(BORIS, 1, 2), (CHARLIE, 2, 4), (BORIS, 4, 11)]
    change(desk, NIGHTS, SINCE, {"starts": time(20), "ends": time(8)}, "cli", NOON)
    assert night(desk, 2) == [(BORIS, 0, 2), (CHARLIE, 2, 4), (BORIS, 4, 12)]
    assert nothing_left(desk)


def test_an_open_seat_that_a_person_made_stays_open(desk: Desk, nights: Made) -> None:
    """Whose turn it is was taken out; nobody is put in by itself."""
    give(desk, 2, 0, 12, None)
    assert night(desk, 2) == [(None, 0, 12)]
    assert nothing_left(desk)


def test_the_rest_of_a_running_shift_that_was_cut_off_does_not_come_back(desk: Desk, nights: Made) -> None:
    """Nor the shift itself, which began before."""
    now = at(SINCE, 22)
    shift = the_night(desk, 0)
    with editing(desk, "off", "cli", now) as edit:
        edit.make(carve(shift, now, shift.end, now))
    materialising.run(desk, now)
    assert night(desk, 0) == [(ALIX, 0, 2)]
    assert nothing_left(desk, now)


@pytest.mark.parametrize("source", ["proposal", "import"])
def test_a_proposal_or_an_import_that_took_a_tiers_place_keeps_it(desk: Desk, nights: Made, source: str) -> None:
    """Also on the days for which the rotation made no shifts yet."""
    stretch = Span(at(later(100), 0), at(later(300), 0))
    wanted = [
        New("france", 1, CHARLIE, at(later(days), 20), at(later(days + 1), 8), source) for days in range(100, 300)
    ]
    with editing(desk, source, "cli", NOON) as edit:
        edit.make(become(edit.shifts, wanted, stretch, NOON))
    assert nothing_left(desk)
    assert materialising.run(desk, at(later(50), 12)) == 0
    after = at(later(130), 12)
    materialising.run(desk, after)
    assert {shift.person for shift in held(desk) if stretch.holds(shift.start)} == {CHARLIE}
    assert {shift.person for shift in held(desk) if shift.start >= stretch.end} == {ALIX, BORIS}


def test_an_import_beside_a_rotation_takes_nothing_from_it(desk: Desk, nights: Made) -> None:
    """Who is on call by the rotation stays so when somebody else is imported into the same tier."""
    extra = New("france", 1, CHARLIE, at(later(2), 20), at(later(3), 8), "import")
    with editing(desk, "import", "cli", NOON) as edit:
        edit.make(Change(add=(extra,)))
    assert nothing_left(desk)
    assert sorted(person or 0 for person, *_ in night(desk, 2)) == [ALIX, CHARLIE]


# --- Whoever can't.


def test_a_turn_of_somebody_away_is_an_open_seat(desk: Desk) -> None:
    """For as long as they are; it is told, and theirs again when they are back after all."""
    away = {"person": ALIX, "starts_at": at(later(2), 22), "ends_at": at(later(4), 12), "hard": True}
    with desk.store.durable() as tx:
        tx.execute(insert(Absence), [away])
    made = create(desk, DRAFT, "cli", NOON)
    assert night(desk, 2) == [(ALIX, 0, 2), (None, 2, 12)]
    assert night(desk, 3) == [(None, 0, 12)]
    assert [(new.start, new.end) for new in made.unheld] == [
        (at(later(2), 22), at(later(3), 8)),
        (at(later(3), 20), at(later(4), 8)),
    ]
    assert nothing_left(desk)
    with desk.store.durable() as tx:
        tx.execute(update(Absence).values(hard=False))
    assert materialising.run(desk, NOON) == 5
    assert night(desk, 2) == night(desk, 3) == [(ALIX, 0, 12)]
    assert nothing_left(desk)


def test_a_turn_of_somebody_who_leaves_is_an_open_seat(desk: Desk, nights: Made) -> None:
    """From then on; until the rotation is changed."""
    with desk.store.durable() as tx:
        tx.execute(update(Person).where(Person.id == ALIX).values(left_at=at(later(16), 22)))
    materialising.run(desk, NOON)
    assert night(desk, 16) == [(ALIX, 0, 2), (None, 2, 12)]
    assert {shift.person for shift in held(desk) if shift.start > at(later(17), 0)} == {None, BORIS}
    assert nothing_left(desk)


def test_nobody_holds_two_tiers_of_a_line_at_once(desk: Desk, nights: Made) -> None:
    """The turn of a second rotation in which somebody is on call already is an open seat."""
    create(desk, replace(DRAFT, name="second", tier=2, people=(CHARLIE, BORIS, ALIX)), "cli", NOON)
    weeks = [{shift.person for shift in held(desk) if shift.start == at(later(7 * n), 20)} for n in range(3)]
    assert weeks == [{ALIX, CHARLIE}, {BORIS, None}, {ALIX, None}]
    assert nothing_left(desk)


def test_a_rotation_of_a_line_that_is_gone_is_left_alone(desk: Desk, nights: Made) -> None:
    """Its shifts too."""
    without = Desk(desk.store, {"belgium": desk.lines["belgium"]}, desk.limits)
    assert materialising.run(without, NOON + DAY) == 0

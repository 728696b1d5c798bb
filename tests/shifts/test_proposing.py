"""A proposal is made from the rota as it stands, changes nothing by itself, and is applied to that rota only."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from helpline.errors import UsageError
from helpline.jobs import materialising
from helpline.shifts.editing import Desk, EditRefused, editing, undo_edit
from helpline.shifts.proposals import apply, read_proposal, read_proposals
from helpline.store.rota_tables import Proposal, RotaEdit
from helpline.store.tables import Person, Shift
from rota.edit import reassign
from rota.model import Span
from rota.staff import DAY, HOUR, Limits
from tests.shell import NOON, lines_in, opened, revision, rows_of, together
from tests.shifts.planning import (
    DAYS_AND_NIGHTS,
    NAMES,
    WEEK,
    add_absence,
    add_rotation,
    add_rules,
    add_shifts,
    add_team,
    proposed,
    standing,
    utc,
)

ALIX, BORIS = 1, 2
FIRST = (utc(3, 16, 7), utc(3, 16, 19))
"""The first day's shift of the week."""


@pytest.fixture
def desk(either_database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Six people, one of them on call by day and one by night, always."""
    yield from _desk(either_database_url, tmp_path)


@pytest.fixture
def both(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """The same, on each database."""
    yield from _desk(database_url, tmp_path)


def _desk(url: str, folder: Path) -> Iterator[Desk]:
    with opened(url) as store:
        add_team(store)
        add_rules(store, *DAYS_AND_NIGHTS)
        yield Desk(store, lines_in(folder), Limits())


def test_a_proposal_fills_every_seat_and_changes_nothing(desk: Desk) -> None:
    """Fourteen seats of a week, each held by somebody who may; the rota stays as it was."""
    before = revision(desk.store)
    found = proposed(desk)
    assert [(place.start, place.end) for place in found.body.seats[:2]] == [FIRST, (utc(3, 16, 19), utc(3, 17, 7))]
    assert len(found.body.seats) == 14
    assert found.body.quality.broken == found.body.quality.unfilled == 0
    assert (rows_of(desk.store, Shift), revision(desk.store)) == ([], before)
    with desk.store.read() as connection:
        assert read_proposal(connection, found.number) == found
        assert read_proposals(connection, "belgium") == []
        assert [each.number for each in read_proposals(connection)] == [found.number]


def test_an_applied_proposal_is_the_rota(desk: Desk) -> None:
    """Shown first, then done; each seat a published shift, nobody overworked; and it can be undone."""
    found = proposed(desk)
    shown = apply(desk, found.number, "cli", NOON, dry=True)
    assert (standing(desk.store), shown.edit) == ([], None)
    done = apply(desk, found.number, "cli", NOON)
    assert done.differences == shown.differences == found.differences
    assert standing(desk.store) == [(p.person, p.start, p.end) for p in found.body.seats]
    assert {(row["status"], row["source"]) for row in rows_of(desk.store, Shift)} == {("published", "proposal")}
    assert not done.findings
    with desk.store.read() as connection:
        assert read_proposal(connection, found.number).state == "applied"
    assert done.edit is not None
    undo_edit(desk, done.edit, "cli", NOON)
    assert standing(desk.store) == []


def test_a_proposal_is_applied_once(desk: Desk) -> None:
    """Unless that was undone."""
    found = proposed(desk)
    done = apply(desk, found.number, "cli", NOON)
    with pytest.raises(UsageError, match=f"applied already, by edit {done.edit}"):
        apply(desk, found.number, "cli", NOON)
    assert done.edit is not None
    undo_edit(desk, done.edit, "cli", NOON)
    assert apply(desk, found.number, "cli", NOON).edit is not None
    assert len(standing(desk.store)) == 14


def test_of_two_who_apply_at_once_one_is_refused(both: Desk) -> None:
    """On both databases: nobody is planned twice."""
    found = proposed(both)

    def attempt() -> str:
        try:
            apply(both, found.number, "cli", NOON)
        except UsageError as error:
            return str(error)
        return ""

    assert sorted(map(bool, together([attempt] * 2))) == [False, True]
    assert len(standing(both.store)) == 14
    assert len(rows_of(both.store, RotaEdit)) == 1


def test_a_rota_that_has_changed_since_refuses_the_proposal(desk: Desk) -> None:
    """It says who is on call otherwise, when; nothing is changed."""
    add_shifts(desk.store, [(ALIX, *FIRST)])
    found = proposed(desk)
    with editing(desk, "override", "cli", NOON) as edit:
        edit.make(reassign(edit.of(ALIX), Span(*FIRST), NOON, BORIS, "override"))
    with pytest.raises(
        UsageError, match=r"changed since .*\n  tier 1, 2026-03-16 08:00 .*Alix Exemple -> Boris Exemple"
    ):
        apply(desk, found.number, "cli", NOON)
    assert standing(desk.store) == [(BORIS, *FIRST)]


def test_seats_that_have_come_or_gone_refuse_it_too(desk: Desk) -> None:
    """Though nobody is on call otherwise."""
    found = proposed(desk)
    add_shifts(desk.store, [(None, *FIRST)])
    with pytest.raises(UsageError, match="open seats have come or gone"):
        apply(desk, found.number, "cli", NOON)


def test_who_went_away_since_refuses_it(desk: Desk) -> None:
    """By the one rule that holds for every edit."""
    found = proposed(desk)
    add_absence(desk.store, ALIX, WEEK.start, WEEK.end)
    assert ALIX in {place.person for place in found.body.seats}
    with pytest.raises(EditRefused, match=r"Alix Exemple.*is away then"):
        apply(desk, found.number, "cli", NOON)
    assert standing(desk.store) == []


def test_what_has_begun_since_is_left_out(desk: Desk) -> None:
    """The rest is applied; the past stays as it was."""
    found = proposed(desk)
    apply(desk, found.number, "cli", utc(3, 17, 12))
    assert [shift[1] for shift in standing(desk.store)] == [
        p.start for p in found.body.seats if p.start > utc(3, 17, 12)
    ]
    later = proposed(desk, span=Span(utc(3, 23, 23), utc(3, 30)))
    with pytest.raises(UsageError, match="a time that is over"):
        apply(desk, later.number, "cli", utc(3, 30))


def test_whoever_is_on_call_already_stays(desk: Desk) -> None:
    """Only what is open is filled: open seats, and times that nobody covers, however they are cut."""
    held = [(ALIX, *FIRST), (BORIS, utc(3, 16, 21), utc(3, 17, 7))]
    add_shifts(desk.store, [*held, (None, utc(3, 17, 7), utc(3, 17, 19))])
    found = proposed(desk)
    places = [(p.person, p.start, p.end, p.fixed) for p in found.body.seats]
    assert [(*shift, True) for shift in held] == [place for place in places if place[3]]
    assert (utc(3, 16, 19), utc(3, 16, 21)) in [place[1:3] for place in places]
    apply(desk, found.number, "cli", NOON)
    assert None not in [shift[0] for shift in standing(desk.store)]
    kept = [row for row in rows_of(desk.store, Shift) if row["source"] == "import"]
    assert [(row["status"], row["seq"]) for row in kept] == [("published", 0), ("published", 0), ("cancelled", 1)]


@pytest.mark.parametrize("source", ["import", "rotation", "proposal"])
def test_what_no_person_changed_can_be_made_anew(desk: Desk, source: str) -> None:
    """Alix alone all week becomes a fair week; what was put in by hand stays."""
    alone = [(ALIX, utc(3, 16, 7) + n * DAY, utc(3, 16, 19) + n * DAY) for n in range(7)]
    add_shifts(desk.store, alone[1:], source=source)
    add_shifts(desk.store, alone[:1], source="override")
    found = proposed(desk, "replace")
    assert [p.person for p in found.body.seats if p.fixed] == [ALIX]
    assert [s for s in map(tuple, alone) if s in [(p.person, p.start, p.end) for p in found.body.seats]] != alone
    assert found.body.quality.broken == 0
    apply(desk, found.number, "cli", NOON)
    assert len(standing(desk.store)) == 14
    assert standing(desk.store)[0] == alone[0]


def test_a_rotation_takes_nothing_back(desk: Desk) -> None:
    """Neither what a proposal made anew of its shifts, nor what it placed where the rotation hadn't got to yet."""
    add_rotation(desk.store, "1 2")
    far = Span(utc(9, 20, 22), utc(9, 27, 22))
    materialising.run(desk, NOON)
    sundays = [shift for shift in standing(desk.store) if WEEK.holds(shift[1])]
    assert len(sundays) == 1
    apply(desk, proposed(desk).number, "cli", NOON)
    assert sundays[0] in standing(desk.store)
    apply(desk, proposed(desk, "replace", seed=3).number, "cli", NOON)
    apply(desk, proposed(desk, span=far).number, "cli", NOON)
    for now in (NOON + HOUR, utc(4, 10)):
        materialising.run(desk, now)
        for week in (WEEK, far):
            starts = [shift[1] for shift in standing(desk.store) if week.holds(shift[1])]
            assert len(set(starts)) == len(starts) == 14


def test_without_rules_shifts_are_made_anew_as_they_are_cut(either_database_url: str, tmp_path: Path) -> None:
    """A line without rules asks for somebody at all times; what stands says how its days are cut."""
    with opened(either_database_url) as store:
        add_team(store)
        marks = range(utc(3, 15, 23), utc(3, 22, 23) + 1, 8 * HOUR)
        add_shifts(store, [(ALIX, start, start + 8 * HOUR) for start in marks[:-1]])
        desk = Desk(store, lines_in(tmp_path), Limits())
        found = proposed(desk, "replace")
        assert [p.start for p in found.body.seats] == list(marks[:-1])
        assert len({p.person for p in found.body.seats}) == len(NAMES)


def test_a_repair_fills_what_an_absence_opened(desk: Desk) -> None:
    """Whoever is away gives up their shifts; the others keep theirs, unless that can't be."""
    apply(desk, proposed(desk).number, "cli", NOON)
    before = standing(desk.store)
    add_absence(desk.store, ALIX, WEEK.start, WEEK.end)
    lost = [shift for shift in before if shift[0] == ALIX]
    found = proposed(desk, "repair")
    after = [(p.person, p.start, p.end) for p in found.body.seats]
    assert lost
    assert found.body.quality.unfilled == 0
    assert ALIX not in {shift[0] for shift in after}
    assert len([shift for shift in before if shift not in after]) <= 2 * len(lost)
    apply(desk, found.number, "cli", NOON)
    assert standing(desk.store) == after


def test_a_repair_of_what_is_whole_is_refused(desk: Desk) -> None:
    """There is nothing to do; nor is there in a week that is full."""
    apply(desk, proposed(desk).number, "cli", NOON)
    with pytest.raises(UsageError, match="nothing to repair"):
        proposed(desk, "repair")
    with pytest.raises(UsageError, match=r"nothing to fill.*--replace"):
        proposed(desk)


def test_what_can_not_be_filled_stays_an_open_seat(desk: Desk) -> None:
    """With the reasons, by rule; once applied, it can be taken."""
    for person in range(1, len(NAMES) + 1):
        add_absence(desk.store, person, *FIRST)
    found = proposed(desk)
    (open_seat,) = found.body.unfilled
    place = found.body.seats[open_seat.seat]
    assert (place.person, place.start, place.end) == (None, *FIRST)
    assert open_seat.because == {"absent": len(NAMES)}
    apply(desk, found.number, "cli", NOON)
    assert standing(desk.store)[0] == (None, *FIRST)


def test_shifts_elsewhere_count_for_rest(desk: Desk) -> None:
    """On another line, and before the stretch."""
    add_shifts(desk.store, [(n, utc(3, 16, 3), utc(3, 16, 5)) for n in range(3, 7)], line="belgium")
    add_shifts(desk.store, [(BORIS, utc(3, 15, 19), utc(3, 16, 7))])
    assert proposed(desk).body.seats[0].person == ALIX


def test_wishes_are_kept_where_they_can_be(desk: Desk) -> None:
    """Soft absences: of six people, four would rather be off from Monday to Wednesday."""
    for person in (3, 4, 5, 6):
        add_absence(desk.store, person, WEEK.start, WEEK.start + 3 * DAY, hard=False)
    found = proposed(desk)
    early = [place.person for place in found.body.seats if place.start < WEEK.start + 3 * DAY]
    assert found.body.quality.unwished == sum(person not in {ALIX, BORIS} for person in early)
    assert early.count(ALIX) + early.count(BORIS) >= 4


@pytest.mark.parametrize(
    ("values", "who"),
    [
        ({"languages": "de"}, "speaks no language of the line"),
        ({"share": 0}, "no share"),
        ({"left_at": NOON}, "has left"),
    ],
)
def test_who_is_not_asked(desk: Desk, values: dict[str, Any], who: str) -> None:
    """Whoever speaks no language of the line, has no share, or has left."""
    with desk.store.durable() as tx:
        tx.execute(update(Person).where(Person.id == ALIX).values(**values))
    assert ALIX not in {place.person for place in proposed(desk).body.seats}, who


def test_rules_of_skills_are_kept(desk: Desk) -> None:
    """A second seat at night for somebody who speaks Dutch; and a rule of all tiers is found unmet."""
    with desk.store.durable() as tx:
        tx.execute(update(Person).where(Person.id.in_([1, 2, 3])).values(languages="fr nl"))
    add_rules(
        desk.store,
        {"tier": 2, "starts": 8 * 60, "ends": 20 * 60, "days": "1 3 5", "skills": "nl"},
        {"tier": None, "starts": 8 * 60, "ends": 9 * 60, "days": "7", "skills": "de"},
    )
    found = proposed(desk)
    assert {place.person for place in found.body.seats if place.tier == 2} <= {1, 2, 3}
    assert [(lack.skills, lack.start) for lack in found.body.unmet] == [("de", utc(3, 22, 7))]
    assert found.body.quality.unfilled == 0


def test_fairness_is_told_before_and_after(desk: Desk) -> None:
    """Of what stood, and of what is proposed; shares add up."""
    add_shifts(desk.store, [(ALIX, *FIRST)])
    found = proposed(desk)
    assert [(each.person, each.held["shift"]) for each in found.body.before if each.held["shift"]] == [(ALIX, 100)]
    assert sum(each.held["shift"] for each in found.body.after) == 1400
    assert max(abs(each.deviation("night")) for each in found.body.after) <= 200
    with desk.store.read() as connection:
        assert read_proposal(connection, found.number).body.after == found.body.after


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (Span(NOON - DAY, NOON), "is over"),
        (Span(NOON, NOON + HOUR), "is over"),
        (Span(NOON, NOON + 401 * DAY), r"401 days: generate 400 at most"),
        (Span(utc(3, 20, 8), utc(3, 20, 9)), "no seat of france begins"),
    ],
)
def test_a_stretch_that_can_not_be_planned_is_refused(desk: Desk, span: Span, words: str) -> None:
    """With what would work."""
    with pytest.raises(UsageError, match=words):
        proposed(desk, span=span)
    assert rows_of(desk.store, Proposal) == []


def test_a_line_for_which_there_is_nobody(desk: Desk) -> None:
    """Refused, with whom it needs."""
    with desk.store.durable() as tx:
        tx.execute(update(Person).values(languages="de"))
    with pytest.raises(UsageError, match=re.escape("import people who speak fr")):
        proposed(desk)


def test_a_proposal_that_is_not_there(desk: Desk) -> None:
    """Refused, with where they are listed."""
    with pytest.raises(UsageError, match="no proposal 7: 'helpline rota proposals'"):
        apply(desk, 7, "cli", NOON)


def test_an_engine_stops_when_it_is_told_to(desk: Desk) -> None:
    """What it has found so far is kept."""
    told = []

    def enough(progress: object) -> bool:
        told.append(progress)
        return False

    found = proposed(desk, watch=enough, seconds=10_000)
    assert len(told) <= 1
    assert found.body.quality.unfilled == 0


def test_nobody_is_planned_against_the_limits(desk: Desk) -> None:
    """As the rota's own findings see it, over a fortnight with what stands around it."""
    add_shifts(desk.store, [(ALIX, utc(3, 15, 19), utc(3, 16, 7)), (BORIS, utc(3, 29, 18), utc(3, 30, 6))])
    found = proposed(desk, span=Span(WEEK.start, WEEK.end + 6 * DAY))
    done = apply(desk, found.number, "cli", NOON, dry=True)
    assert done.findings == ()
    assert found.body.quality.broken == 0

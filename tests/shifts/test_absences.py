"""Whoever is away is on call for nobody, and why is nobody's business."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from helpline.errors import UsageError
from helpline.shifts.absences import Away, add_absence, end_absence, leave, uncovered
from helpline.shifts.editing import Desk, EditRefused, editing, undo_edit
from helpline.shifts.reading import read_staff
from helpline.shifts.snapshot import read_people, read_roster, read_snapshot
from helpline.shifts.swapping import offer, take
from helpline.store.rota_tables import Absence, Rotation, Swap
from helpline.store.tables import Person
from rota.edit import reassign
from rota.model import Span
from rota.oncall import who
from rota.plan import Backup, ring_plan
from rota.staff import DAY, HOUR
from tests.shell import ALIX, BORIS, CHARLIE, NOON, rows_of
from tests.shifts.desks import desk_on, on_call, put, standing


@pytest.fixture
def desk(either_database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Alix is on call for twelve hours, six of them over; tomorrow Boris and then Alix again."""
    with desk_on(either_database_url, tmp_path) as desk:
        put(desk, ALIX, -6 * HOUR, 12)
        put(desk, BORIS, DAY)
        put(desk, ALIX, DAY + 8 * HOUR)
        yield desk


def away(desk: Desk, start: float, end: float, person: int = ALIX, *, hard: bool = True, dry: bool = False) -> Away:
    """An absence between so many hours after noon."""
    span = Span(NOON + int(start * HOUR), NOON + int(end * HOUR))
    return add_absence(desk, person, span, "cli", NOON, hard=hard, dry=dry)


def absences(desk: Desk) -> list[tuple[int, float, float, bool]]:
    """Person, from and to in hours after noon, and whether it must be."""
    rows = rows_of(desk.store, Absence)
    found = [(r["person"], (r["starts_at"] - NOON) / HOUR, (r["ends_at"] - NOON) / HOUR, r["hard"]) for r in rows]
    return sorted(found)


def test_whoever_is_away_has_no_shifts(desk: Desk) -> None:
    """What they hold in it becomes open seats, the rest stays theirs; which gaps that opens is said."""
    done = away(desk, 2, 34)
    assert standing(desk) == [(ALIX, -6, 2), (None, 2, 6), (BORIS, 24, 32), (None, 32, 34), (ALIX, 34, 40)]
    assert absences(desk) == [(ALIX, 2, 34, True)]
    hours = [((gap.start - NOON) / HOUR, (gap.end - NOON) / HOUR, gap.tier) for gap in done.outcome.gaps if gap.hard]
    assert hours == [(2, 6, 1), (32, 34, 1)]


def test_a_wish_takes_nothing_away(desk: Desk) -> None:
    """They keep what they hold, and it is said that they would rather not."""
    done = away(desk, 2, 34, hard=False)
    assert not done.outcome.change
    assert [found.kind for found in done.outcome.findings] == ["wish", "wish"]
    assert absences(desk) == [(ALIX, 2, 34, False)]


def test_a_rehearsed_absence_is_none(desk: Desk) -> None:
    """What it would do is shown, and undone."""
    before = standing(desk)
    assert away(desk, 2, 34, dry=True).outcome.differences
    assert (standing(desk), absences(desk)) == (before, [])


def test_nobody_is_planned_while_away(desk: Desk) -> None:
    """Once an absence is known, nobody can be put in against it."""
    away(desk, 2, 34)
    with pytest.raises(EditRefused, match="is away then"), editing(desk, "override", "cli", NOON) as edit:
        edit.make(reassign(edit.of(BORIS), Span(NOON, NOON + 2 * DAY), NOON, ALIX, "override"))


def test_an_absence_that_has_begun_counts_from_now(desk: Desk) -> None:
    """Sick since this morning: what they held until now stays theirs."""
    away(desk, -4, 3)
    assert standing(desk)[:3] == [(ALIX, -6, 0), (None, 0, 3), (ALIX, 3, 6)]
    assert absences(desk) == [(ALIX, 0, 3, True)]


@pytest.mark.parametrize(("start", "end", "reason"), [(-5, 0, "that is over"), (0, 24 * 1200, "check the dates")])
def test_an_absence_that_makes_no_sense_is_refused(desk: Desk, start: int, end: int, reason: str) -> None:
    """With what is wrong with it."""
    with pytest.raises(UsageError, match=reason):
        away(desk, start, end)
    assert absences(desk) == []


def test_absences_that_overlap_are_joined_without_overlapping(desk: Desk) -> None:
    """Only what isn't covered yet is added; nothing at all is refused with what there is."""
    away(desk, 10, 20)
    assert [(a.start, a.end) for a in away(desk, 5, 25).added] == [
        (NOON + 5 * HOUR, NOON + 10 * HOUR),
        (NOON + 20 * HOUR, NOON + 25 * HOUR),
    ]
    with pytest.raises(UsageError, match=r"Alix Exemple is away then already \(absence 2, 1, 3\)"):
        away(desk, 6, 24)
    assert absences(desk) == [(ALIX, 5, 10, True), (ALIX, 10, 20, True), (ALIX, 20, 25, True)]


def test_a_wish_within_an_absence_says_nothing(desk: Desk) -> None:
    """But who only wished to be off can turn out to be away."""
    away(desk, 5, 10, hard=False)
    away(desk, 6, 8)
    with pytest.raises(UsageError, match="already"):
        away(desk, 6, 8, hard=False)
    assert absences(desk) == [(ALIX, 5, 10, False), (ALIX, 6, 8, True)]


def test_another_persons_absence_is_another_matter(desk: Desk) -> None:
    """Both can be away at once."""
    away(desk, 5, 10)
    away(desk, 5, 10, BORIS)
    assert absences(desk) == [(ALIX, 5, 10, True), (BORIS, 5, 10, True)]


@given(st.integers(0, 20), st.integers(1, 20), st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9))))
def test_what_is_not_covered_yet(start: int, length: int, others: list[tuple[int, int]]) -> None:
    """Second by second: in the span, and in none of the others; in as few pieces as that takes."""
    span, spans = Span(start, start + length), [Span(a, a + n) for a, n in others]
    pieces = uncovered(span, spans)
    wanted = [at for at in range(60) if span.holds(at) and not any(other.holds(at) for other in spans)]
    assert [at for piece in pieces for at in range(piece.start, piece.end)] == wanted
    assert all(one.end < two.start for one, two in pairwise(pieces))


def test_an_absence_is_undone_with_all_it_took(desk: Desk) -> None:
    """The shifts come back, and so does whoever held them."""
    before = standing(desk)
    number = away(desk, 2, 34).outcome.edit
    undo_edit(desk, number or 0, "cli", NOON)
    assert on_call(desk, 3 * HOUR) == [ALIX]
    assert [s for s in standing(desk) if s[1] > 20] == [s for s in before if s[1] > 20]
    assert absences(desk) == []


def test_ending_an_absence_gives_no_shift_back(desk: Desk) -> None:
    """It says which edit took them: undoing that does both."""
    done = away(desk, 2, 34)
    back = end_absence(desk, done.added[0].id, "cli", NOON)
    assert back.took == done.outcome.edit
    assert on_call(desk, 3 * HOUR) == []
    undo_edit(desk, back.took or 0, "cli", NOON)
    assert on_call(desk, 3 * HOUR) == [ALIX]


def test_an_absence_that_has_begun_ends_now(desk: Desk) -> None:
    """What has been stays true; and it can be ended once."""
    number = away(desk, 0, 34).added[0].id
    end_absence(desk, number, "cli", NOON + HOUR)
    assert absences(desk) == [(ALIX, 0, 1, True)]
    with pytest.raises(UsageError, match=f"there is no absence {number} to come"):
        end_absence(desk, number, "cli", NOON + HOUR)


def test_ending_an_absence_is_taken_back_by_adding_it(desk: Desk) -> None:
    """So that what they were given meanwhile is looked at."""
    back = end_absence(desk, away(desk, 2, 34).added[0].id, "cli", NOON)
    with pytest.raises(UsageError, match="add the absence anew"):
        undo_edit(desk, back.outcome.edit or 0, "cli", NOON)


def test_what_was_given_away_meanwhile_is_not_undone(desk: Desk) -> None:
    """Somebody has taken a seat that the absence opened: nothing is undone, with the reason."""
    done = away(desk, 2, 34)
    take(desk, 4, CHARLIE, "cli", NOON)
    with pytest.raises(UsageError, match="undo the later change first"):
        undo_edit(desk, done.outcome.edit or 0, "cli", NOON)
    assert absences(desk) == [(ALIX, 2, 34, True)]


def test_9_a_person_who_leaves_mid_shift(desk: Desk) -> None:
    """Nobody is on call from that instant on, the fallback rings, and the past is as it was."""
    past = {at: on_call(desk, at) for at in range(-6 * HOUR, 0, HOUR)}
    done = leave(desk, ALIX, NOON, "cli", NOON)
    assert on_call(desk, 0) == []
    with desk.store.read() as connection:
        snapshot = read_snapshot(connection, 1, NOON)
        staff = read_staff(connection, desk.limits)
    plan = ring_plan(who(snapshot.roster, "france", NOON), "fr", backups=[Backup(0)])
    assert [wave.targets[0].backup for wave in plan.waves][:1] == [0]
    assert {at: on_call(desk, at) for at in past} == past
    assert snapshot.people[ALIX].name == staff[ALIX].name == "Alix Exemple"
    assert staff[ALIX].left == NOON
    assert [(gap.start, gap.end) for gap in done.outcome.gaps if gap.hard][:1] == [(NOON, NOON + 6 * HOUR)]


def test_9_history_outlives_even_a_persons_row(desk: Desk) -> None:
    """Should the row ever be deleted, the shifts stay: their seat was held, by nobody who is still known."""
    before = [(start, end) for _, start, end in standing(desk)]
    with desk.store.durable() as tx:
        tx.execute(delete(Person).where(Person.id == ALIX))
    assert [(start, end) for _, start, end in standing(desk)] == before
    with desk.store.read() as connection:
        assert ALIX not in read_people(connection)
        assert who(read_roster(connection, NOON - DAY, NOON + DAY), "france", NOON) == ()


def test_whoever_leaves_later_holds_what_comes_before(desk: Desk) -> None:
    """In the middle of a shift they hand over to nobody yet."""
    leave(desk, ALIX, NOON + 36 * HOUR, "cli", NOON)
    assert standing(desk) == [(ALIX, -6, 6), (BORIS, 24, 32), (ALIX, 32, 36), (None, 36, 40)]
    with pytest.raises(EditRefused, match="has left by then"):
        take(desk, 5, ALIX, "cli", NOON)


def test_leaving_ends_the_swaps_with_them(desk: Desk) -> None:
    """Of their shifts, and those that were offered to them for afterwards; others go on."""
    later = put(desk, BORIS, 3 * DAY)
    offer(desk, 2, ALIX, None, "cli", NOON)
    offer(desk, 3, BORIS, None, "cli", NOON)
    offer(desk, later, CHARLIE, None, "cli", NOON)
    leave(desk, ALIX, NOON + HOUR, "cli", NOON)
    assert {row["shift"]: row["state"] for row in rows_of(desk.store, Swap)} == {2: "void", 3: "void", later: "offered"}


def test_leaving_is_undone(desk: Desk) -> None:
    """They are there again, with their shifts."""
    done = leave(desk, ALIX, NOON + HOUR, "cli", NOON)
    undo_edit(desk, done.outcome.edit or 0, "cli", NOON)
    assert on_call(desk, 2 * HOUR) == [ALIX]
    assert all(row["left_at"] is None for row in rows_of(desk.store, Person))


def test_leaving_that_was_changed_since_is_not_undone(desk: Desk) -> None:
    """The later word holds."""
    first = leave(desk, CHARLIE, NOON + HOUR, "cli", NOON)
    leave(desk, CHARLIE, NOON + 2 * HOUR, "cli", NOON)
    with pytest.raises(UsageError, match="has been changed since"):
        undo_edit(desk, first.outcome.edit or 0, "cli", NOON)


def test_somebody_stays_after_all(desk: Desk) -> None:
    """They can be planned again; what they held is others' business by then."""
    leave(desk, ALIX, NOON + HOUR, "cli", NOON)
    assert not leave(desk, ALIX, None, "cli", NOON).outcome.change
    with pytest.raises(UsageError, match="stays already"):
        leave(desk, ALIX, None, "cli", NOON)


def test_nobody_has_left_in_the_past(desk: Desk) -> None:
    """What they held was theirs."""
    with pytest.raises(UsageError, match="now or later"):
        leave(desk, ALIX, NOON - 1, "cli", NOON)


def test_rotations_that_still_count_on_them_are_named(desk: Desk) -> None:
    """Otherwise their seats would be open from then on, week after week."""
    days = {"days": "1 2 3 4 5", "starts": 0, "ends": 0, "unit": "week", "every": 1, "anchor": "2026-01-05"}
    row = {"line": "france", "tier": 1, "version": 1, "since": "2026-01-05", "until": None} | days
    with desk.store.durable() as tx:
        tx.execute(
            insert(Rotation), [row | {"name": "weeks", "people": "3 1"}, row | {"name": "nights", "people": "2"}]
        )
    assert leave(desk, ALIX, NOON + DAY, "cli", NOON).rotations == ("weeks (france)",)

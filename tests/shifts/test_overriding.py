"""Somebody is put in for whoever is on call, and only then; somebody is off for an hour, if others are there."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import insert

from helpline.errors import UsageError
from helpline.shifts.absences import add_absence
from helpline.shifts.editing import Desk, EditRefused, Outcome, editing, undo_edit
from helpline.shifts.offers import open_seats
from helpline.shifts.overriding import off, override
from helpline.shifts.swapping import take
from helpline.store.rota_tables import Absence, Override
from rota.edit import reassign
from rota.model import Span
from rota.staff import DAY, HOUR
from tests.shell import ALIX, BORIS, CHARLIE, NOON, rows_of
from tests.shifts.desks import TWO_TIERS, desk_on, on_call, put, standing


@pytest.fixture
def desk(either_database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Alix is on call for twelve hours, six of them over; tomorrow Boris and then Alix again."""
    with desk_on(either_database_url, tmp_path) as desk:
        put(desk, ALIX, -6 * HOUR, 12)
        put(desk, BORIS, DAY)
        put(desk, ALIX, DAY + 8 * HOUR)
        yield desk


@pytest.fixture
def two_tiers(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Alix in both tiers, one after the other, and Boris in the second."""
    with desk_on(sqlite_url, tmp_path, TWO_TIERS) as desk:
        put(desk, ALIX, 0, 4)
        put(desk, ALIX, 4 * HOUR, 4, tier=2)
        put(desk, BORIS, 0, 4, tier=2)
        yield desk


def put_in(desk: Desk, start: int, end: int, remove: int | None = ALIX, add: int | None = CHARLIE) -> Outcome:
    """An override between so many hours after noon."""
    span = Span(NOON + start * HOUR, NOON + end * HOUR)
    return override(desk, desk.lines["france"], span, "cli", NOON, remove=remove, add=add)


def test_5_an_override_replaces_whoever_is_on_call_and_only_then(desk: Desk) -> None:
    """Somebody put in for Alix for two days has Alix's shifts, not Boris's, and Alix's own are not joined."""
    done = put_in(desk, 1, 48)
    assert standing(desk) == [(ALIX, -6, 1), (CHARLIE, 1, 6), (BORIS, 24, 32), (CHARLIE, 32, 40)]
    assert [(each.gone, each.come) for each in done.differences] == [((ALIX,), (CHARLIE,))] * 2
    (row,) = rows_of(desk.store, Override)
    assert (row["remove"], row["add"], row["edit"]) == (ALIX, CHARLIE, done.edit)


def test_5_a_spanning_override_does_not_merge_shifts(desk: Desk) -> None:
    """Two shifts of one person that touch stay two, each with its own hand-off."""
    put(desk, ALIX, 6 * HOUR, 2)
    put_in(desk, 0, 8)
    theirs = [shift for shift in standing(desk) if shift[0] == CHARLIE]
    assert theirs == [(CHARLIE, 0, 6), (CHARLIE, 6, 8)]


@pytest.mark.parametrize(("start", "end"), [(6, 24), (7, 8), (24, 32)])
def test_5_an_override_of_somebody_not_on_call_is_refused(desk: Desk, start: int, end: int) -> None:
    """A shift only touches it, nobody is there, or somebody else is."""
    before = standing(desk)
    with pytest.raises(UsageError, match="Alix Exemple isn't on call on france then"):
        put_in(desk, start, end)
    assert standing(desk) == before
    assert rows_of(desk.store, Override) == []


@pytest.mark.parametrize(
    ("start", "end", "remove"), [(2, 4, ALIX), (0, 3, ALIX), (0, 6, ALIX), (3, 6, ALIX), (2, 5, CHARLIE)]
)
def test_6_a_second_override_of_a_seat_is_refused(desk: Desk, start: int, end: int, remove: int) -> None:
    """Of whoever was taken out, even if hours of theirs are left; and of whoever was put in. With what to undo."""
    first = put_in(desk, 1, 4)
    before = standing(desk)
    reason = f"another override holds that seat from 2026-03-10 14:00 to 2026-03-10 17:00: .*undo {first.edit}"
    with pytest.raises(UsageError, match=reason):
        put_in(desk, start, end, remove, BORIS)
    assert len(rows_of(desk.store, Override)) == 1
    assert standing(desk) == before


def test_a_seat_that_was_changed_since_can_be_overridden_again(desk: Desk) -> None:
    """Whoever was put in is away, and Alix takes the seat again: what there was before is history."""
    put_in(desk, 1, 3)
    add_absence(desk, CHARLIE, Span(NOON + HOUR, NOON + 3 * HOUR), "cli", NOON)
    with desk.store.read() as connection:
        (seat,) = open_seats(connection, NOON, NOON + DAY)
    take(desk, seat.id, ALIX, "person:1", NOON)
    put_in(desk, 1, 3, ALIX, BORIS)
    assert on_call(desk, 2 * HOUR) == [BORIS]


def test_6_overrides_that_touch_do_not_overlap(desk: Desk) -> None:
    """One ends where the next begins."""
    put_in(desk, 1, 3)
    put_in(desk, 3, 5, ALIX, BORIS)
    assert standing(desk)[:4] == [(ALIX, -6, 1), (CHARLIE, 1, 3), (BORIS, 3, 5), (ALIX, 5, 6)]


def test_only_somebody_added_is_there_beside_the_others(desk: Desk) -> None:
    """For a while; then everything is as it was."""
    put_in(desk, 1, 3, None, CHARLIE)
    assert [on_call(desk, at * HOUR) for at in (0, 1, 2, 3)] == [[ALIX], [ALIX, CHARLIE], [ALIX, CHARLIE], [ALIX]]


def test_only_somebody_taken_out_leaves_an_open_seat(desk: Desk) -> None:
    """Kept as a shift of nobody, so that somebody can take it."""
    done = put_in(desk, 1, 3, ALIX, None)
    assert standing(desk)[:3] == [(ALIX, -6, 1), (None, 1, 3), (ALIX, 3, 6)]
    assert [(each.gone, each.come) for each in done.differences] == [((ALIX,), ())]


def test_one_tier_may_be_meant(two_tiers: Desk) -> None:
    """Otherwise wherever they are."""
    france, day = two_tiers.lines["france"], Span(NOON, NOON + 8 * HOUR)
    override(two_tiers, france, day, "cli", NOON, tier=2, remove=ALIX, add=CHARLIE)
    assert standing(two_tiers) == [(ALIX, 0, 4), (BORIS, 0, 4), (CHARLIE, 4, 8)]


def test_of_several_tiers_an_extra_persons_must_be_said(two_tiers: Desk) -> None:
    """Nobody guesses which phone rings first."""
    france, day = two_tiers.lines["france"], Span(NOON, NOON + HOUR)
    with pytest.raises(UsageError, match="france has 2 tiers: say in which"):
        override(two_tiers, france, day, "cli", NOON, add=CHARLIE)


@pytest.mark.parametrize(
    ("start", "end", "remove", "add", "reason"),
    [
        (-1, 2, ALIX, BORIS, "begin now or later"),
        (1, 2, None, None, "whom to take out"),
        (1, 2, ALIX, ALIX, "stand in for themselves"),
        (1, 24 * 30, None, BORIS, "check the dates"),
    ],
)
def test_what_makes_no_sense_is_refused(
    desk: Desk, start: int, end: int, remove: int | None, add: int | None, reason: str
) -> None:
    """With what would; and nothing is changed."""
    before = standing(desk)
    with pytest.raises(UsageError, match=reason):
        put_in(desk, start, end, remove, add)
    assert standing(desk) == before


def test_somebody_away_is_not_put_in(desk: Desk) -> None:
    """With the reason, and nothing is kept of it."""
    away = {"person": CHARLIE, "starts_at": NOON, "ends_at": NOON + 2 * HOUR, "hard": True}
    with desk.store.durable() as tx:
        tx.execute(insert(Absence), away)
    with pytest.raises(EditRefused, match=r"Charlie Exemple, france .* is away then"):
        put_in(desk, 1, 3)
    assert rows_of(desk.store, Override) == []


def test_undoing_an_override_ends_it(desk: Desk) -> None:
    """The seat is its holder's again, and free for another override."""
    done = put_in(desk, 1, 3)
    undo_edit(desk, done.edit or 0, "cli", NOON)
    assert on_call(desk, 2 * HOUR) == [ALIX]
    assert rows_of(desk.store, Override) == []
    put_in(desk, 1, 3, ALIX, BORIS)
    assert on_call(desk, 2 * HOUR) == [BORIS]


def test_an_override_is_not_undone_by_undoing_its_undoing(desk: Desk) -> None:
    """It is made anew, so that it is checked anew."""
    done = put_in(desk, 1, 3)
    back = undo_edit(desk, done.edit or 0, "cli", NOON)
    with pytest.raises(UsageError, match=f"took back edit {done.edit}.* make it anew"):
        undo_edit(desk, back.edit or 0, "cli", NOON)


def test_somebody_is_off_for_an_hour_and_then_back(desk: Desk) -> None:
    """From the next call on, while somebody else is there; nobody has to remember to put them back."""
    put(desk, BORIS, -HOUR, 5)
    off(desk, ALIX, HOUR, "person:1", NOON)
    assert [on_call(desk, at) for at in (-1, 0, HOUR - 1, HOUR)] == [[ALIX, BORIS], [BORIS], [BORIS], [BORIS, ALIX]]


def test_whoever_is_alone_can_not_be_off(desk: Desk) -> None:
    """Nobody would answer: with when, and who could be put in."""
    before = standing(desk)
    reason = r"nobody in tier 1 from 2026-03-10 13:00 to 2026-03-10 14:00; could be put in: Boris Exemple, Charlie"
    with pytest.raises(UsageError, match=reason):
        off(desk, ALIX, HOUR, "person:1", NOON)
    assert standing(desk) == before


def test_nobody_left_for_a_part_of_it_is_a_gap_too(desk: Desk) -> None:
    """Somebody else is there at first, and goes before they are back."""
    put(desk, BORIS, -HOUR, 2)
    with pytest.raises(UsageError, match="from 2026-03-10 14:00 to 2026-03-10 15:00"):
        off(desk, ALIX, 2 * HOUR, "person:1", NOON)


def test_another_tier_is_no_cover(two_tiers: Desk) -> None:
    """Somebody in the second tier is there, and yet nobody in the first."""
    with pytest.raises(UsageError, match="nobody in tier 1"):
        off(two_tiers, ALIX, HOUR, "cli", NOON)


def test_whoever_insists_is_off_even_alone(desk: Desk) -> None:
    """What is known to open stays visible as a seat of nobody."""
    off(desk, ALIX, HOUR, "cli", NOON, even_alone=True)
    assert on_call(desk, 0) == []
    assert standing(desk)[:3] == [(ALIX, -6, 0), (None, 0, 1), (ALIX, 1, 6)]


@pytest.mark.parametrize("seconds", [0, -1, DAY + 1])
def test_nobody_is_off_for_no_time_or_for_days(desk: Desk, seconds: int) -> None:
    """For that there are absences."""
    with pytest.raises(UsageError, match="up to 24 hours"):
        off(desk, ALIX, seconds, "cli", NOON)


def test_whoever_is_not_on_call_can_not_be_off(desk: Desk) -> None:
    """There is nothing to take them off."""
    with pytest.raises(UsageError, match="Boris Exemple isn't on call then"):
        off(desk, BORIS, HOUR, "cli", NOON)


def test_8_overrides_leave_the_past_as_it_was(desk: Desk) -> None:
    """Whatever is put in, taken out, and undone while time goes on."""
    past = {at: on_call(desk, at) for at in range(-6 * HOUR, 0, HOUR)}
    numbers = []
    for now in (0, HOUR, 2 * HOUR):
        with editing(desk, "test", "cli", NOON + now) as edit:
            edit.make(reassign(edit.of(ALIX), Span(NOON + now, NOON + now + 600), NOON + now, BORIS, "test"))
        numbers.append(edit.outcome.edit or 0)
        past |= {at: on_call(desk, at) for at in range(now, now + HOUR, 300)}
    for now, number in zip((3, 4, 5), reversed(numbers), strict=True):
        undo_edit(desk, number, "cli", NOON + now * HOUR)
    assert {at: on_call(desk, at) for at in past} == past
    assert all(before < after for before, after in pairwise(sorted(past)))

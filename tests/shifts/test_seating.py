"""Seats edited one by one, as the calendar does it; of two who mend the same thing, one does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from helpline.errors import UsageError
from helpline.lines import Line
from helpline.shifts.auditing import read_audit
from helpline.shifts.editing import Desk, EditRefused, undo_edit
from helpline.shifts.seating import Missing, Overtaken, Wanted, drop, exchange, fill, give
from helpline.store.rota_tables import Override
from helpline.store.tables import Shift
from rota.model import EditError, Span
from rota.staff import HOUR, Limits
from tests.shell import ALIX, BORIS, CHARLIE, NOON, lines_in, opened, rows_of, together, with_people

NIGHT, DAWN = NOON + 8 * HOUR, NOON + 20 * HOUR
ME = "account:1"


@pytest.fixture
def desk(either_database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Alix is on call now (shift 1), Boris tonight (2), and tomorrow's seat (3) is open; after that there is none."""
    with opened(either_database_url) as store:
        with_people(store)
        seats = ((ALIX, NOON - 4 * HOUR, NIGHT), (BORIS, NIGHT, DAWN), (None, DAWN, DAWN + 12 * HOUR))
        with store.durable() as tx:
            for person, start, end in seats:
                row = {"line": "france", "tier": 1, "person": person, "starts_at": start, "ends_at": end}
                tx.execute(insert(Shift), [row | {"source": "import"}])
        yield Desk(store, lines_in(tmp_path), Limits())


@pytest.fixture
def line(desk: Desk) -> Line:
    """The line that all of it is about."""
    return desk.lines["france"]


def standing(desk: Desk) -> list[tuple[int | None, float, float]]:
    """Person, start and end, in hours from noon, of each shift that counts."""
    rows = [row for row in rows_of(desk.store, Shift) if row["status"] != "cancelled"]
    return sorted(
        ((row["person"], (row["starts_at"] - NOON) / HOUR, (row["ends_at"] - NOON) / HOUR) for row in rows),
        key=lambda row: row[1:],
    )


def test_a_seat_is_given_and_kept_as_an_override(desk: Desk) -> None:
    """Charlie has Boris's night; it can be taken back, and the audit says who did it for whom."""
    edit = give(desk, 2, CHARLIE, ME, NOON).edit
    assert standing(desk)[1] == (CHARLIE, 8, 20)
    (kept,) = rows_of(desk.store, Override)
    assert (kept["remove"], kept["add"], kept["edit"]) == (BORIS, CHARLIE, edit)
    with desk.store.read() as connection:
        assert read_audit(connection, desk, NOON)[0].words.startswith("Charlie Exemple for Boris Exemple on france")
    assert edit is not None
    undo_edit(desk, edit, ME, NOON)
    assert standing(desk)[1] == (BORIS, 8, 20)
    assert rows_of(desk.store, Override) == []


def test_a_part_of_a_seat_is_given(desk: Desk) -> None:
    """The rest stays, and of a shift that goes on only what is to come changes hands."""
    give(desk, 1, CHARLIE, ME, NOON, part=Span(NOON - HOUR, NOON + 2 * HOUR))
    assert standing(desk)[:3] == [(ALIX, -4, 0), (CHARLIE, 0, 2), (ALIX, 2, 8)]


def test_a_seat_is_opened(desk: Desk) -> None:
    """Nobody holds it, and it is still there to be taken; what that opens is told."""
    outcome = give(desk, 2, None, ME, NOON)
    assert standing(desk)[1] == (None, 8, 20)
    assert [(gap.start, gap.end) for gap in outcome.gaps] == [(NIGHT, DAWN)]


@pytest.mark.parametrize("person", [BORIS, None])
def test_what_is_so_already_is_refused(desk: Desk, person: int | None) -> None:
    """Giving a seat to whoever has it changes nothing, and says so."""
    with pytest.raises(UsageError, match="already as you want it"):
        give(desk, 2 if person else 3, person, ME, NOON)


def test_a_shift_that_was_changed_is_another_one(desk: Desk) -> None:
    """Whoever saw Boris's night can't give it away once Charlie has it."""
    give(desk, 2, CHARLIE, ME, NOON)
    with pytest.raises(Overtaken):
        give(desk, 2, ALIX, ME, NOON)
    with pytest.raises(Overtaken):
        drop(desk, 2, ME, NOON)
    with pytest.raises(Overtaken):
        give(desk, 1, CHARLIE, ME, NIGHT)


def test_a_gap_is_filled_in_its_open_seat(desk: Desk, line: Line) -> None:
    """The seat is theirs, and no second one beside it is left open; beyond the seat a new one is made."""
    missing = Missing(DAWN, DAWN + 24 * HOUR, line, 1, frozenset())
    fill(desk, missing, Wanted(DAWN, DAWN + 14 * HOUR, 1, CHARLIE), ME, NOON)
    assert standing(desk)[2:] == [(CHARLIE, 20, 32), (CHARLIE, 32, 34)]


def test_a_gap_is_filled_once(desk: Desk, line: Line) -> None:
    """Of two at the same moment one does it, and the other hears that it is done."""
    missing = Missing(DAWN, DAWN + 12 * HOUR, line, 1, frozenset())

    def put(person: int) -> bool:
        try:
            fill(desk, missing, Wanted(missing.start, missing.end, 1, person), ME, NOON)
        except Overtaken:
            return False
        return True

    assert sorted(together([lambda: put(ALIX), lambda: put(CHARLIE)])) == [False, True]
    assert len(standing(desk)) == 3


def test_somebody_is_put_beside_the_others_where_a_language_is_missing(desk: Desk, line: Line) -> None:
    """A gap of the whole line is mended in whichever tier is said."""
    with desk.store.durable() as tx:
        tx.exec_driver_sql("UPDATE people SET languages = 'en' WHERE id = 2")
    missing = Missing(NIGHT, DAWN, line, None, frozenset({"fr"}))
    fill(desk, missing, Wanted(NIGHT, DAWN, 1, CHARLIE), ME, NOON)
    assert standing(desk)[1:3] == [(BORIS, 8, 20), (CHARLIE, 8, 20)]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted(NIGHT, DAWN, 1, CHARLIE), "nothing is missing then"),
        (Wanted(NOON - 2 * HOUR, NOON, 1, CHARLIE), "that is over"),
        (Wanted(DAWN, DAWN + 10 * 24 * HOUR, 1, CHARLIE), "check the dates"),
    ],
)
def test_what_can_not_be_meant_is_refused(desk: Desk, line: Line, wanted: Wanted, words: str) -> None:
    """Times outside the gap, in the past, or of days on end."""
    missing = Missing(DAWN, DAWN + 12 * HOUR, line, 1, frozenset())
    with pytest.raises(UsageError, match=words):
        fill(desk, missing, wanted, ME, NOON)


def test_whom_nobody_may_plan_is_refused(desk: Desk, line: Line) -> None:
    """Boris can't have two seats at once, and nothing is changed."""
    before = standing(desk)
    missing = Missing(DAWN, DAWN + 12 * HOUR, line, 1, frozenset())
    with pytest.raises(EditRefused):
        fill(desk, missing, Wanted(DAWN - HOUR, DAWN + 12 * HOUR, 1, BORIS), ME, NOON)
    assert standing(desk) == before


def test_a_seat_is_taken_away(desk: Desk) -> None:
    """An open one that nobody is wanted for; of one that goes on, what is to come."""
    drop(desk, 3, ME, NOON)
    drop(desk, 1, ME, NOON)
    assert standing(desk) == [(ALIX, -4, 0), (BORIS, 8, 20)]
    with desk.store.read() as connection:
        told = [entry.words for entry in read_audit(connection, desk, NOON)]
    assert told == ["a seat taken away on france tier 1"] * 2


def test_two_shifts_exchange_their_holders(desk: Desk) -> None:
    """Each has the other's; undoing gives both back."""
    with desk.store.durable() as tx:
        tx.exec_driver_sql("UPDATE shifts SET person = 3 WHERE id = 3")
    edit = exchange(desk, 2, 3, ME, NOON).edit
    assert standing(desk)[1:] == [(CHARLIE, 8, 20), (BORIS, 20, 32)]
    with desk.store.read() as connection:
        assert read_audit(connection, desk, NOON)[0].words == "shifts 2 and 3 exchanged"
    assert edit is not None
    undo_edit(desk, edit, ME, NOON)
    assert standing(desk)[1:] == [(BORIS, 8, 20), (CHARLIE, 20, 32)]


def test_a_shift_is_exchanged_for_an_open_seat(desk: Desk) -> None:
    """Its holder moves there, and where they were is open."""
    exchange(desk, 2, 3, ME, NOON)
    assert standing(desk)[1:] == [(None, 8, 20), (BORIS, 20, 32)]


def test_shifts_in_the_same_hands_are_not_exchanged(desk: Desk) -> None:
    """That would change nothing."""
    with pytest.raises(UsageError, match="same hands"):
        exchange(desk, 2, 2, ME, NOON)


def test_a_rehearsal_leaves_no_trace(desk: Desk, line: Line) -> None:
    """What is shown is what would be done, and nothing is."""
    before = standing(desk)
    missing = Missing(DAWN, DAWN + 12 * HOUR, line, 1, frozenset())
    shown = [
        give(desk, 2, CHARLIE, ME, NOON, dry=True),
        fill(desk, missing, Wanted(missing.start, missing.end, 1, CHARLIE), ME, NOON, dry=True),
        drop(desk, 2, ME, NOON, dry=True),
        exchange(desk, 1, 2, ME, NOON, dry=True),
    ]
    assert [outcome.edit for outcome in shown] == [None] * 4
    assert all(outcome.differences for outcome in shown)
    assert standing(desk) == before
    assert rows_of(desk.store, Override) == []


def test_the_past_stays(desk: Desk) -> None:
    """A seat that is over can't be given, whatever part of it is asked for."""
    with pytest.raises((UsageError, EditError)):
        give(desk, 1, CHARLIE, ME, NOON, part=Span(NOON - 3 * HOUR, NOON - HOUR))

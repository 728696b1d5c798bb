"""An edit is whole or nothing, shown before it is made, and can be taken back."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert

from helpline.errors import UsageError
from helpline.shifts.editing import Desk, EditRefused, Outcome, RotaMoved, editing, undo_edit
from helpline.store.rota_tables import Absence, Notice, RotaEdit
from helpline.store.tables import Shift
from rota.edit import Change, New, reassign
from rota.model import EditError, Span
from rota.staff import HOUR, Limits
from tests.shell import ALIX, BORIS, NOON, lines_in, opened, revision, rows_of, together, with_people

LATER = NOON + 10 * HOUR


@pytest.fixture
def desk(either_database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Both lines, three people, and one shift of each of two, the first of them going on."""
    with opened(either_database_url) as store:
        with_people(store)
        with store.durable() as tx:
            for person, start in ((ALIX, NOON - HOUR), (BORIS, LATER)):
                tx.execute(
                    insert(Shift), [{**SHIFT, "person": person, "starts_at": start, "ends_at": start + 8 * HOUR}]
                )
        yield Desk(store, lines_in(tmp_path), Limits())


SHIFT = {"line": "france", "tier": 1, "source": "import"}


def standing(desk: Desk) -> list[tuple[int | None, int, int]]:
    """Person, start and end of each shift that counts."""
    rows = [row for row in rows_of(desk.store, Shift) if row["status"] != "cancelled"]
    return sorted((row["person"], row["starts_at"], row["ends_at"]) for row in rows)


def give(desk: Desk, start: int, end: int) -> Outcome:
    """Alix's hours go to Boris."""
    with editing(desk, "override", "cli", NOON) as edit:
        edit.make(reassign(edit.of(ALIX), Span(start, end), NOON, BORIS, "override"))
    return edit.outcome


def test_an_edit_is_made_and_kept(desk: Desk) -> None:
    """The shift that has started ends earlier, another one follows, serving processes notice, both hear of it."""
    before = revision(desk.store)
    number = give(desk, NOON + HOUR, NOON + 2 * HOUR).edit
    assert standing(desk) == [
        (ALIX, NOON - HOUR, NOON + HOUR),
        (ALIX, NOON + 2 * HOUR, NOON + 7 * HOUR),
        (BORIS, NOON + HOUR, NOON + 2 * HOUR),
        (BORIS, LATER, LATER + 8 * HOUR),
    ]
    assert revision(desk.store) == before + 1
    assert [row["id"] for row in rows_of(desk.store, RotaEdit)] == [number]
    assert {row["person"] for row in rows_of(desk.store, Notice)} == {ALIX, BORIS}


def test_what_is_shown_first_is_what_is_done(desk: Desk) -> None:
    """A rehearsal has the same outcome as the edit, and leaves no trace."""
    before, tables = revision(desk.store), (Shift, RotaEdit, Notice)
    rows = [rows_of(desk.store, table) for table in tables]
    outcomes = []
    for dry in (True, False):
        with editing(desk, "override", "cli", NOON, dry=dry) as edit:
            edit.make(reassign(edit.of(ALIX), Span(NOON, LATER), NOON, BORIS, "override"))
        outcomes.append(edit.outcome)
        if dry:
            assert [rows_of(desk.store, table) for table in tables] == rows
            assert revision(desk.store) == before
    shown, done = outcomes
    assert shown.differences == done.differences
    assert [replace(found, shifts=()) for found in shown.findings] == [
        replace(found, shifts=()) for found in done.findings
    ]
    assert shown.edit is None
    assert done.edit is not None
    assert [(d.gone, d.come) for d in done.differences] == [((ALIX,), (BORIS,))]


def test_an_edit_is_taken_back(desk: Desk) -> None:
    """From now on: what has been held meanwhile stays."""
    number = give(desk, NOON, NOON + 7 * HOUR).edit
    assert number is not None
    undo_edit(desk, number, "cli", NOON + HOUR)
    assert [shift for shift in standing(desk) if shift[1] < LATER] == [
        (ALIX, NOON - HOUR, NOON),
        (ALIX, NOON + HOUR, NOON + 7 * HOUR),
        (BORIS, NOON, NOON + HOUR),
    ]
    with pytest.raises(UsageError, match="undone already"):
        undo_edit(desk, number, "cli", NOON + HOUR)


def test_what_was_changed_since_is_not_taken_back(desk: Desk) -> None:
    """The later edit has to be undone first."""
    first = give(desk, NOON, NOON + 7 * HOUR).edit
    assert first is not None
    with editing(desk, "override", "cli", NOON) as edit:
        edit.make(reassign(edit.of(BORIS), Span(NOON, NOON + HOUR), NOON, None, "override"))
    with pytest.raises(UsageError, match="undo the later change first"):
        undo_edit(desk, first, "cli", NOON)


def test_what_was_decided_on_another_rota_is_not_done(desk: Desk) -> None:
    """Whoever says which revision they have seen changes that one, or nothing."""
    seen = replace(desk, seen=revision(desk.store))
    give(seen, NOON, NOON + HOUR)
    before = standing(desk)
    with pytest.raises(RotaMoved):
        give(seen, NOON + HOUR, NOON + 2 * HOUR)
    assert standing(desk) == before


def test_whom_nobody_may_plan_is_refused(desk: Desk) -> None:
    """With the reason, and nothing is changed."""
    with desk.store.durable() as tx:
        tx.execute(insert(Absence), [{"person": BORIS, "starts_at": NOON, "ends_at": LATER, "hard": True}])
    before = standing(desk)
    with pytest.raises(EditRefused, match=r"Boris Exemple, france .*: is away then") as refused:
        give(desk, NOON, NOON + HOUR)
    assert [found.kind for found in refused.value.findings] == ["absent"]
    assert standing(desk) == before
    assert rows_of(desk.store, RotaEdit) == []


def test_the_past_can_not_be_edited(desk: Desk) -> None:
    """Not even by whoever asks for it."""
    past = New("france", 1, BORIS, NOON - 2 * HOUR, NOON - HOUR, "override")
    with pytest.raises(EditError, match="past"), editing(desk, "override", "cli", NOON) as edit:
        edit.make(Change(add=(past,)))


def test_of_two_edits_at_once_each_sees_the_other(desk: Desk) -> None:
    """Both want Alix's hours: one gives them away, the other finds them given."""
    made = together([lambda: give(desk, NOON, NOON + HOUR)] * 2)
    assert sorted(bool(outcome.change) for outcome in made) == [False, True]

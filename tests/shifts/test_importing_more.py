"""What an import makes of people, open seats, absences and calendars, as one edit that can be taken back."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, update

from helpline.shifts.editing import EditRefused, undo_edit
from helpline.shifts.importing import Calendar, Tables, import_tables
from helpline.store.rota_tables import Absence, RotaEdit
from helpline.store.tables import Person, Shift
from rota.sheet import TableError
from tests.shell import NOON, counted, lines_in, opened, revision, rows_of
from tests.shifts.conftest import PEOPLE, Rota
from tests.shifts.test_importing import ALIX, BRECHT_TOMORROW, HOUR, TODAY, TOMORROW, instant

AWAY = "person,start,end,hard\nAlix Exemple,2026-03-11,2026-03-11,"
OPEN = "france,1,,2026-03-11T08:00,2026-03-11T20:00\n"
TERMS = "name,phone,languages,tiers,share,region,rest_hours,week,nights\nAlix Exemple,+33199000101,fr,"
"""Two people's table says nothing of these columns."""


def calendar(person: str = "Alix Exemple", tier: int = 1) -> Calendar:
    """One event, tomorrow from 08:00 to 20:00 on the line's clocks."""
    event = f"UID:a\nSUMMARY:{person}\nDTSTART:20260311T080000\nDTEND:20260311T200000"
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//tests//EN\nBEGIN:VEVENT\n{event}\nEND:VEVENT\nEND:VCALENDAR\n"
    return Calendar(text.encode(), "france", tier)


def test_what_stands_already_is_kept_with_its_number(rota: Rota) -> None:
    """And what is replaced is cancelled and kept, for the calendars that show it."""
    rota.take(TOMORROW + OPEN)
    rota.take(TOMORROW + "france,1,Brecht Voorbeeld,2026-03-11T08:00,2026-03-11T20:00\n")
    found = [(row["id"], row["status"], row["seq"]) for row in rows_of(rota.store, Shift)]
    assert sorted(found) == [(1, "published", 0), (2, "cancelled", 1), (3, "published", 0)]


def test_an_import_can_be_taken_back(rota: Rota) -> None:
    """Its shifts and its absences; people stay."""
    rota.take(TOMORROW)
    before = rota.shifts()
    done = rota.take(BRECHT_TOMORROW, absences=AWAY)
    assert done.outcome.edit is not None
    undo_edit(rota.desk, done.outcome.edit, "cli", NOON)
    assert rota.shifts() == before
    assert rows_of(rota.store, Absence) == []


def test_an_import_is_kept_with_who_made_it(rota: Rota) -> None:
    """And with what it held: how many people and shifts, which absences."""
    rota.take(BRECHT_TOMORROW, absences=AWAY)
    (edit,) = rows_of(rota.store, RotaEdit)
    assert (edit["kind"], edit["actor"], edit["at"]) == ("import", "cli", NOON)
    assert json.loads(edit["about"]) == {"people": 2, "shifts": 1, "absences": [1]}


def test_a_rehearsal_changes_nothing_and_says_what_would_change(rota: Rota) -> None:
    """With people who aren't there yet."""
    before = counted(rota.store)
    tables = Tables(PEOPLE, "line,tier,person,start,end\n" + TOMORROW)
    done = import_tables(rota.desk, tables, "cli", NOON, dry=True)
    assert counted(rota.store) == before
    assert revision(rota.store) == 0
    assert (done.people_new, done.shifts_new, done.outcome.edit) == (2, 1, None)
    ((difference),) = done.outcome.differences
    assert [done.staff[person].name for person in difference.come] == ["Alix Exemple"]


def test_a_seat_may_be_open(rota: Rota) -> None:
    """A row without a person is one, and said aloud: the cell may have been forgotten."""
    done = rota.take(OPEN + OPEN + TOMORROW)
    assert [name for _, _, name, _, _ in rota.shifts()] == ["Alix Exemple", None, None]
    assert done.notes == ("open seats, which nobody holds yet (rows 2, 3)",)
    assert rota.take(OPEN + OPEN + TOMORROW).shifts_new == 0


def test_what_was_made_of_a_doubtful_time_is_told(sqlite_rota: Rota) -> None:
    """With its row."""
    done = sqlite_rota.take(f"{ALIX},2026-10-25T02:30,2026-10-25T08:00\n")
    assert done.notes[0].startswith("row 2, start '2026-10-25T02:30': this time comes twice that night")


def test_who_speaks_no_language_of_the_line_is_named(sqlite_rota: Rota) -> None:
    """It may be meant, so it is taken."""
    people = "name,phone,languages\nNora Voorbeeld,+33199000107,nl\n"
    done = sqlite_rota.take("france,1,Nora Voorbeeld,2026-03-11T08:00,2026-03-11T20:00\n", people)
    assert done.notes == ("Nora Voorbeeld speaks no language of france: fr",)
    assert done.shifts_new == 1


def test_terms_are_stored_kept_and_made_usual_again(rota: Rota) -> None:
    """A column that is left out keeps what is stored, an empty cell is the usual."""
    columns = ("tiers", "share", "region", "rest", "week", "nights", "email")

    def stored() -> tuple[object, ...]:
        row = next(row for row in rows_of(rota.store, Person) if row["name"] == "Alix Exemple")
        return tuple(row[column] for column in columns)

    rota.take("", PEOPLE)
    assert stored() == ("", 100, "", None, None, None, "alix@example.org")
    assert rota.take("", TERMS + "1 2,50,FR-57,11.5,4,2\n").people_changed == 1
    assert stored() == ("1 2", 50, "FR-57", 11.5 * HOUR, 4, 2, "alix@example.org")
    assert rota.take("", PEOPLE).people_changed == 1  # Brecht, and Alix's second language
    assert stored()[:6] == ("1 2", 50, "FR-57", 11.5 * HOUR, 4, 2)
    rota.take("", TERMS + ",,,,,\n")
    assert stored()[:6] == ("", 100, "", None, None, None)


def test_a_phone_that_somebody_has_is_refused(rota: Rota) -> None:
    """Unless the file gives them another, or they have left: two people can't be rung by one telephone."""
    rota.take("", PEOPLE)
    new = "name,phone,languages\nNora Voorbeeld,+33199000101,fr\n"
    with pytest.raises(TableError, match=r"row 2, phone: Alix Exemple has this phone; correct it"):
        rota.take("", new)
    assert rota.take("", new + "Alix Exemple,+33199000109,fr\n").people_new == 1
    with rota.store.durable() as tx:
        tx.execute(update(Person).where(Person.name == "Brecht Voorbeeld").values(left_at=NOON))
    assert rota.take("", "name,phone,languages\nOtto Beispiel,+33199000102,fr\n").people_new == 1


@pytest.mark.parametrize(
    ("people", "shifts", "reason"),
    [
        (TERMS + "2,,,,,\n", TOMORROW, "row 2, person 'Alix Exemple': may not hold this tier; give the shift"),
        (TERMS + "2,,,,,\n", "", "row 2, tiers: Alix Exemple holds a shift of tier 1, on france from 2026-03-20 08:00"),
        (None, BRECHT_TOMORROW + TOMORROW, "row 3, person 'Alix Exemple': is away then; give the shift"),
        (
            None,
            f"{ALIX},2026-03-20T10:00,2026-03-20T12:00\n",
            "row 2, person 'Alix Exemple': already has another shift",
        ),
    ],
)
def test_whom_nobody_may_plan_is_refused_by_their_row(rota: Rota, people: str | None, shifts: str, reason: str) -> None:
    """In a tier that isn't theirs, while away, twice at a time; nothing of the file is taken."""
    rota.take(f"{ALIX},2026-03-20T08:00,2026-03-20T20:00\n")
    with rota.store.durable() as tx:
        away = {"starts_at": instant("2026-03-11T08:00+01:00"), "ends_at": instant("2026-03-12T08:00+01:00")}
        tx.execute(insert(Absence), [{"person": 1, "hard": True, **away}])
    before = [rows_of(rota.store, table) for table in (Person, Shift, RotaEdit)]
    with pytest.raises(TableError) as refused:
        rota.take(shifts, people)
    assert reason in str(refused.value)
    assert [rows_of(rota.store, table) for table in (Person, Shift, RotaEdit)] == before


def test_who_has_left_is_planned_no_more(rota: Rota) -> None:
    """The row says so."""
    rota.take("", PEOPLE)
    with rota.store.durable() as tx:
        tx.execute(update(Person).where(Person.name == "Alix Exemple").values(left_at=NOON))
    with pytest.raises(TableError, match="row 2, person 'Alix Exemple': has left by then"):
        rota.take(TOMORROW, None)


def test_absences_are_taken_from_now_on(rota: Rota) -> None:
    """What is there already isn't added twice, what is over is left out."""
    rows = (
        "person,start,end,hard\nAlix Exemple,2026-03-10,2026-03-12,\nBrecht Voorbeeld,2026-03-20,2026-03-20,no\n"
        "Alix Exemple,2026-03-01,2026-03-02,\n"
    )
    done = rota.take("", absences=rows)
    found = [(row["person"], row["starts_at"], row["ends_at"], row["hard"]) for row in rows_of(rota.store, Absence)]
    assert found == [
        (1, NOON, instant("2026-03-13T00:00+01:00"), True),
        (2, instant("2026-03-20T00:00+01:00"), instant("2026-03-21T00:00+01:00"), False),
    ]
    assert (done.absences_new, done.notes) == (2, ("absences that are over, left out: the past stays (rows 4)",))
    assert rota.take("", absences=rows).absences_new == 0


def test_whoever_holds_a_shift_while_away_is_refused_or_taken_off(rota: Rota) -> None:
    """As is asked for; the shift becomes an open seat, and what they hold at other times stays."""
    rota.take(TOMORROW + f"{ALIX},2026-03-12T08:00,2026-03-12T20:00\n")
    with pytest.raises(
        TableError, match=r"row 2, person 'Alix Exemple': is on call then, on france from 2026-03-11 08"
    ):
        rota.take("", absences=AWAY)
    assert rows_of(rota.store, Absence) == []
    rota.take("", absences=AWAY, take_off=True)
    assert [(name, start) for _, _, name, start, _ in rota.shifts()] == [
        (None, instant("2026-03-11T08:00+01:00")),
        ("Alix Exemple", instant("2026-03-12T08:00+01:00")),
    ]


def test_files_that_contradict_each_other_are_refused(rota: Rota) -> None:
    """Also with leave to take people off: what the file gives them itself was meant."""
    with pytest.raises(TableError, match="row 2, person 'Alix Exemple': is away then"):
        rota.take(TOMORROW, absences=AWAY, take_off=True)
    assert rows_of(rota.store, Person) == []


def test_a_calendar_speaks_for_its_tier(rota: Rota) -> None:
    """The other tier's shifts stay; imported again it changes nothing."""
    rota.take(TOMORROW + "france,2,Brecht Voorbeeld,2026-03-11T08:00,2026-03-11T20:00\n")
    done = rota.take("", None, calendar=calendar("Alix Exemple"))
    assert (done.shifts_new, done.shifts_removed) == (0, 0)
    rota.take("", "name,phone,languages,email\nNora Exemple,+33199000107,fr,nora@example.org\n")
    done = rota.take("", None, calendar=calendar("Astreinte\nATTENDEE:mailto:nora@example.org"))
    assert (done.shifts_new, done.shifts_removed) == (1, 1)
    assert [(tier, name) for _, tier, name, _, _ in rota.shifts()] == [(1, "Nora Exemple"), (2, "Brecht Voorbeeld")]


def test_a_bad_calendar_is_refused_by_its_event(rota: Rota) -> None:
    """With the UID, also for what shows only beside the rota."""
    rota.take(f"{ALIX},2026-03-11T08:00,2026-03-12T08:00\n")
    with pytest.raises(TableError, match=r"event 1 \(UID a\), person 'Alix Exemple': already has another shift"):
        rota.take("", None, calendar=calendar())


def test_what_no_row_explains_is_refused_all_the_same(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words of whoever refused it."""
    monkeypatch.setattr("helpline.shifts.refusing._problems", lambda *_: iter(()))
    rota.take(TODAY)
    with pytest.raises(EditRefused, match="would hold two shifts"):
        rota.take(f"{ALIX},2026-03-10T14:00,2026-03-10T19:00\n")


BAD = (
    "spain,1,Alix Exemple,2026-03-11T08:00,2026-03-11T20:00",
    "france,1,Nemo,2026-03-11T08:00,2026-03-11T20:00",
    "france,1,Alix Exemple,2026-03-11T08:00+02:00,2026-03-11T20:00",
    "france,1,Alix Exemple,2026-03-13T08:00,2026-03-12T20:00",
    "france,1,Alix Exemple,2026-03-10T14:30,2026-03-10T15:00",
    "france,2,Alix Exemple,2026-03-13T08:00,2026-03-13T20:00,more",
)


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rota]:
    """A rota of two days, which nothing of what follows may change."""
    folder = tmp_path_factory.mktemp("whole")
    with opened(f"sqlite:///{folder}/helpline.db") as store:
        rota = Rota(store, lines_in(folder))
        rota.take(TODAY + TOMORROW)
        yield rota


@given(
    st.lists(st.sampled_from(["Brecht Voorbeeld", "Charlie Exemple", ""]), max_size=6), st.sampled_from(BAD), st.data()
)
def test_one_bad_row_and_nothing_is_taken(settled: Rota, names: list[str], bad: str, data: st.DataObject) -> None:
    """Wherever it stands, and whatever the file would replace: people, shifts, edits and the revision stay."""
    rows = [f"france,1,{name},2026-03-{11 + day}T08:00,2026-03-{11 + day}T20:00" for day, name in enumerate(names)]
    rows.insert(data.draw(st.integers(0, len(rows))), bad)
    before = counted(settled.store), rows_of(settled.store, Shift), rows_of(settled.store, Person)
    with pytest.raises(TableError) as refused:
        settled.take("\n".join(rows), PEOPLE + "Charlie Exemple,+33199000103,fr,\n")
    assert rows.index(bad) + 2 in {problem.row for problem in refused.value.problems}
    assert (counted(settled.store), rows_of(settled.store, Shift), rows_of(settled.store, Person)) == before
    assert revision(settled.store) == 1

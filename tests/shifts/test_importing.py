"""People and shifts from CSV: whole or nothing, and never a change to what has begun."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text, update

from helpline.settings import ordinary
from helpline.shifts.importing import save_people, touch
from helpline.store.tables import Person, Shift
from rota.sheet import TableError
from rota.table import parse_people
from tests.shell import NOON, eventually, lines_in, opened, revision, rows_of
from tests.shifts.conftest import PEOPLE, Rota

HOUR = 3600
BEFORE = NOON - 24 * HOUR
ALIX = "france,1,Alix Exemple"
TODAY = f"{ALIX},2026-03-10T08:00,2026-03-10T20:00\n"
TOMORROW = f"{ALIX},2026-03-11T08:00,2026-03-11T20:00\n"
BRECHT_TOMORROW = "france,1,Brecht Voorbeeld,2026-03-11T08:00,2026-03-11T20:00\n"


def instant(text: str) -> int:
    """UTC seconds of an ISO time with an offset."""
    return int(datetime.fromisoformat(text).timestamp())


def test_people_and_shifts_are_taken(rota: Rota) -> None:
    """Local times of the line become instants; numbers are stored in one way, the first language is one's own."""
    done = rota.take(TOMORROW + "belgium,2,brecht  voorbeeld,2026-03-10T20:00,2026-03-11T08:00\n")
    assert (done.people_new, done.people_changed, done.shifts_new, done.shifts_removed) == (2, 0, 2, 0)
    assert rota.shifts() == [
        ("belgium", 2, "Brecht Voorbeeld", instant("2026-03-10T20:00+01:00"), instant("2026-03-11T08:00+01:00")),
        ("france", 1, "Alix Exemple", instant("2026-03-11T08:00+01:00"), instant("2026-03-11T20:00+01:00")),
    ]
    people = {row["name"]: row for row in rows_of(rota.store, Person)}
    assert people["Alix Exemple"]["phone"] == "+33199000101"
    assert people["Brecht Voorbeeld"]["languages"] == "nl fr"
    assert [people[name]["email"] for name in sorted(people)] == ["alix@example.org", ""]


@pytest.mark.parametrize(
    ("people", "shifts", "reason"),
    [
        (PEOPLE + "Nobody,0199000103,fr,\n", TODAY, "row 4, phone"),
        (PEOPLE + "Nobody,+33826000401,fr,\n", TODAY, "special-rate"),
        (PEOPLE + "Nobody,+33199000103,it,\n", TODAY, "unknown language 'it'"),
        (PEOPLE, TODAY + "france,1,Somebody Else,2026-03-11T08:00,2026-03-11T20:00\n", "row 3, person"),
        (PEOPLE, TODAY + "spain,1,Alix Exemple,2026-03-11T08:00,2026-03-11T20:00\n", "unknown line"),
        (PEOPLE, TODAY + f"{ALIX},2026-03-11T08:00,2026-03-11T07:00\n", "doesn't end after it starts"),
        (PEOPLE + f"{'x' * 121},+33199000103,fr,\n", TODAY, "row 4, name"),
        (PEOPLE + f"Nobody,+33199000103,fr,{'x' * 190}@example.org\n", TODAY, "row 4, email"),
    ],
)
def test_a_file_is_refused_whole(rota: Rota, people: str, shifts: str, reason: str) -> None:
    """And the other with it: no person, no shift, and nobody reads the rota anew."""
    with pytest.raises(TableError, match=reason):
        rota.take(shifts, people)
    assert rows_of(rota.store, Person) == rows_of(rota.store, Shift) == []
    assert revision(rota.store) == 0


def test_every_bad_row_is_named(sqlite_rota: Rota) -> None:
    """With its number as a spreadsheet shows it, what stands there, and what would be right."""
    shifts = f"{TODAY}france,x,Alix Exempel,2026-03-11T08:00,yesterday\n{TODAY}"
    with pytest.raises(TableError) as caught:
        sqlite_rota.take(shifts)
    assert str(caught.value).splitlines() == [
        "row 3, tier 'x': this isn't a tier; write a number from 1, which rings first, to 9",
        "row 3, person 'Alix Exempel': unknown person; write 'Alix Exemple', or import this person first",
        (
            "row 3, end 'yesterday': this isn't a date and a time; "
            "write it as 2026-11-03T08:00, or with an offset as 2026-11-03T08:00+01:00"
        ),
        "row 4, person 'Alix Exemple': the same shift as row 2; keep one, or correct it",
    ]


def test_the_same_file_again_changes_nothing(rota: Rota) -> None:
    """Neither people nor shifts, whenever it is imported."""
    rota.take(TODAY + TOMORROW)
    before = rota.shifts()
    for now in (NOON, NOON + 20 * HOUR, NOON + 365 * 24 * HOUR):
        done = rota.take(TODAY + TOMORROW, now=now)
        assert (done.people_new, done.people_changed) == (0, 0)
        assert rota.shifts() == before


def test_a_second_file_replaces_the_future_of_its_span(rota: Rota) -> None:
    """On the lines it names: what lies beyond it, or on another line, stays."""
    rest = f"{ALIX},2026-03-15T08:00,2026-03-15T20:00\nbelgium,1,Alix Exemple,2026-03-11T08:00,2026-03-11T20:00\n"
    rota.take(TOMORROW + rest)
    done = rota.take(BRECHT_TOMORROW)
    assert (done.shifts_new, done.shifts_removed) == (1, 1)
    kept = {(line, name, start) for line, _, name, start, _ in rota.shifts()}
    assert kept == {
        ("france", "Brecht Voorbeeld", instant("2026-03-11T08:00+01:00")),
        ("france", "Alix Exemple", instant("2026-03-15T08:00+01:00")),
        ("belgium", "Alix Exemple", instant("2026-03-11T08:00+01:00")),
    }


def test_what_has_begun_is_history(rota: Rota) -> None:
    """A file that no longer has it doesn't remove it; one that has somebody else adds them, from now on."""
    rota.take(TODAY + TOMORROW, now=BEFORE)
    other = "france,1,Brecht Voorbeeld,2026-03-10T08:00,2026-03-10T20:00\n"
    rota.take(other + BRECHT_TOMORROW)
    assert [(name, start) for _, _, name, start, _ in rota.shifts()] == [
        ("Alix Exemple", instant("2026-03-10T08:00+01:00")),
        ("Brecht Voorbeeld", NOON),
        ("Brecht Voorbeeld", instant("2026-03-11T08:00+01:00")),
    ]


def test_8_what_is_over_is_left_out_and_what_has_begun_is_from_now_on(rota: Rota) -> None:
    """The first file of a service that goes on puts people on call now, and nobody into the past."""
    yesterday = f"{ALIX},2026-03-09T08:00,2026-03-09T20:00\n"
    done = rota.take(yesterday + TODAY)
    assert [(start, end) for _, _, _, start, end in rota.shifts()] == [(NOON, instant("2026-03-10T20:00+01:00"))]
    assert done.notes == ("shifts that are over, left out: the past stays (rows 2)",)


def test_a_shift_that_began_is_the_same_with_what_is_left_of_it(rota: Rota) -> None:
    """Imported again in the middle of it, and when it was first imported in the middle: nothing is added."""
    for moment in (BEFORE, NOON, NOON + HOUR):
        rota.take(TODAY, now=moment)
        assert len(rota.shifts()) == 1


def test_a_shift_that_begins_this_second_may_still_be_replaced(rota: Rota) -> None:
    """Nobody was on call by it yet; a second later it has begun, and stays."""
    rota.take(TODAY, now=BEFORE)
    handoff = instant("2026-03-10T08:00+01:00")
    shared = f"{ALIX},2026-03-10T08:00,2026-03-10T14:00\nfrance,1,Brecht Voorbeeld,2026-03-10T14:00,2026-03-10T20:00\n"
    with pytest.raises(TableError, match="row 2"):
        rota.take(shared, now=handoff + 1)
    assert rota.take(shared, now=handoff).shifts_removed == 1


def test_a_row_that_contradicts_what_has_begun_is_refused(rota: Rota) -> None:
    """By its row, its person, and with what to do; nothing of the file is taken."""
    rota.take(TODAY, now=BEFORE)
    with pytest.raises(TableError, match=r"row 2, person 'Alix Exemple': already has another .* begin where"):
        rota.take(f"{ALIX},2026-03-10T08:00,2026-03-10T19:00\n" + BRECHT_TOMORROW)
    assert len(rota.shifts()) == 1
    assert revision(rota.store) == 1


def test_a_row_that_contradicts_what_reaches_beyond_the_file_is_refused(rota: Rota) -> None:
    """A shift that begins before the file's end and ends after it isn't the file's to replace."""
    rota.take(f"{ALIX},2026-03-11T08:00,2026-03-12T08:00\n")
    with pytest.raises(TableError, match="reaches beyond this file"):
        rota.take(TOMORROW)


def test_each_import_is_one_revision(rota: Rota) -> None:
    """Serving processes read the rota once for each."""
    for number in (1, 2, 3):
        rota.take(TOMORROW)
        assert revision(rota.store) == number


def test_people_change_and_keep_their_link(rota: Rota) -> None:
    """A new number or language is taken; nobody is removed, and whoever has a link keeps it."""
    rota.take(TODAY)
    with rota.store.durable() as tx:
        tx.execute(update(Person).values(link_version=7))
    before = {row["name"]: row["id"] for row in rows_of(rota.store, Person)}
    done = rota.take(TODAY, "name,phone,languages\nAlix Exemple,+33199000109,fr de\n")
    assert (done.people_new, done.people_changed) == (0, 1)
    people = {row["name"]: row for row in rows_of(rota.store, Person)}
    assert {name: row["id"] for name, row in people.items()} == before
    assert (people["Alix Exemple"]["phone"], people["Alix Exemple"]["languages"]) == ("+33199000109", "fr de")
    assert {row["link_version"] for row in people.values()} == {7}


@pytest.mark.parametrize("name", ["alix exemple", "ALIX  EXEMPLE", " Alix\u00a0Exemple "])
def test_a_person_is_the_same_however_written(rota: Rota, name: str) -> None:
    """Two spellings in two files are one person, who keeps the first: nobody is rung twice."""
    rota.take(TODAY)
    shifts = f"france,1,{name},2026-03-11T08:00,2026-03-11T20:00\n"
    done = rota.take(shifts, f'name,phone,languages\n"{name}",+33199000109,fr\n')
    assert (done.people_new, done.people_changed, done.shifts_new) == (0, 1, 1)
    assert sorted(row["name"] for row in rows_of(rota.store, Person)) == ["Alix Exemple", "Brecht Voorbeeld"]
    assert rota.shifts()[-1][2] == "Alix Exemple"


def test_shifts_may_name_people_of_an_earlier_file(rota: Rota) -> None:
    """The second file needs only whom it changes."""
    rota.take(TODAY)
    done = rota.take(BRECHT_TOMORROW, "name,phone,languages\nCharlie Exemple,+33199000103,fr\n")
    assert (done.people_new, done.shifts_new) == (1, 1)


def test_an_import_waits_for_another(postgres_url: str, tmp_path: Path) -> None:
    """Two coordinators, the same files: the second looks at what is there when the first is done, and not before."""
    with opened(postgres_url) as store, ThreadPoolExecutor(1) as pool:
        rota = Rota(store, lines_in(tmp_path))
        with store.durable() as tx:
            touch(tx)
            save_people(tx, parse_people(PEOPLE, ordinary))
            second = pool.submit(rota.take, TODAY)
            waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            eventually(lambda: tx.execute(waiting).scalar() == 1)
        assert second.result(timeout=10).people_new == 0
        assert len(rows_of(store, Person)) == 2
        assert revision(store) == 2


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-03-28T20:00", "2026-03-29T08:00", 11),
        ("2026-10-24T20:00", "2026-10-25T08:00", 13),
        ("2026-03-29T02:30", "2026-03-29T08:00", 5),
        ("2026-10-25T02:30", "2026-10-25T08:00", 6.5),
    ],
)
def test_a_night_on_which_the_clocks_change(sqlite_rota: Rota, start: str, end: str, hours: float) -> None:
    """Hand-offs are read on the wall, shifts last as long as they really do."""
    sqlite_rota.take(f"{ALIX},{start},{end}\n")
    ((_, _, _, starts_at, ends_at),) = sqlite_rota.shifts()
    assert (ends_at - starts_at) / HOUR == hours
    assert datetime.fromtimestamp(ends_at, UTC).astimezone(sqlite_rota.lines["france"].zone).hour == 8

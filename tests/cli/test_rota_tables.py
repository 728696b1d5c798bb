"""`rota import|export`: tables in, tables out, and what is said of them."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import insert

from helpline.store.rota_tables import Duty
from helpline.store.sessions import Store
from helpline.store.tables import Person
from tests.cli.conftest import Run, refused
from tests.shell import rows_of

PEOPLE = "name,phone,languages\nAlix Exemple,+33199000101,fr en\nBrecht Voorbeeld,+33199000102,nl fr\n"
SHIFTS = """line,tier,person,start,end
france,1,Alix Exemple,2090-03-10T08:00,2090-03-10T20:00
france,1,Brecht Voorbeeld,2090-03-10T20:00,2090-03-11T08:00
"""
"""Long after these tests: what a file replaces must not have begun."""
ABSENCES = "person;start;end\nAlix Exemple;2090-03-10;2090-03-12\n"
EVENT = "UID:one\nSUMMARY:{}\nDTSTART:20900310T080000\nDTEND:20900310T200000"
SPAN = ("--from", "2090-03-01", "--to", "2090-04-01")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """All four kinds, as a coordinator saves them."""
    event = EVENT.format("Brecht Voorbeeld")
    calendar = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\n{event}\nEND:VEVENT\nEND:VCALENDAR\n"
    texts = {"people.csv": PEOPLE, "shifts.csv": SHIFTS, "absences.csv": ABSENCES, "team.ics": calendar}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return {name.partition(".")[0]: tmp_path / name for name in texts}


@pytest.fixture
def store(helpline: Run, folder: Path) -> Store:
    """The database of the command line."""
    assert helpline("people", "list").code == 0
    return Store(f"sqlite:///{folder / 'helpline.sqlite3'}")


def test_tables_are_known_by_their_headers(helpline: Run, files: dict[str, Path]) -> None:
    """In any order, any of them alone."""
    assert helpline("rota", "import", files["people"]).out.splitlines() == [
        "people: 2 new, 0 changed",
        "edit 1 (undo it, but not its people, with: helpline rota undo 1)",
    ]
    done = helpline("rota", "import", files["shifts"], files["people"])
    assert done.out.splitlines()[:2] == ["people: 0 new, 0 changed", "shifts: 2 new, 0 replaced"]


def test_a_rehearsal_shows_the_difference(helpline: Run, files: dict[str, Path]) -> None:
    """Who would be on call when; nothing is changed."""
    done = helpline("rota", "import", files["people"], files["shifts"], "--dry-run")
    told = done.out.splitlines()
    assert told[:4] == [
        "people: 2 new, 0 changed",
        "shifts: 2 new, 0 replaced",
        "  france tier 1  Fri 2090-03-10 08:00 to Fri 2090-03-10 20:00: nobody -> Alix Exemple",
        "  france tier 1  Fri 2090-03-10 20:00 to Sat 2090-03-11 08:00: nobody -> Brecht Voorbeeld",
    ]
    assert told[-1] == "nothing was changed; leave out --dry-run to do it"
    assert helpline("people", "list").out == ""


def test_notes_are_shown(helpline: Run, files: dict[str, Path]) -> None:
    """Of what was read otherwise than it may have been meant."""
    files["shifts"].write_text(SHIFTS + "france,1,,2090-03-11T08:00,2090-03-11T20:00\n")
    done = helpline("rota", "import", files["people"], files["shifts"])
    assert "  note: open seats, which nobody holds yet (rows 4)" in done.out.splitlines()


def test_an_absence_is_refused_or_takes_off(helpline: Run, files: dict[str, Path]) -> None:
    """Who holds a shift then; with what to do."""
    helpline("rota", "import", files["people"], files["shifts"])
    refused(helpline("rota", "import", files["absences"]), "row 2, person 'Alix Exemple'", "--take-off")
    done = helpline("rota", "import", files["absences"], "--take-off")
    assert done.out.splitlines()[0] == "absences: 1 new"
    assert helpline("rota", "export", "absences", *SPAN).out == (
        "person,start,end,hard\nAlix Exemple,2090-03-10T00:00+01:00,2090-03-13T00:00+01:00,yes\n"
    )
    assert "france,1,,2090-03-10T08:00+01:00" in helpline("rota", "export", "shifts", *SPAN).out


def test_a_calendar_is_imported(helpline: Run, files: dict[str, Path]) -> None:
    """Into the line and tier that are named."""
    helpline("rota", "import", files["people"])
    done = helpline("rota", "import", "--ics", files["team"], "--line", "france", "--tier", 1)
    assert done.out.splitlines()[0] == "shifts: 1 new, 0 replaced"
    assert "france,1,Brecht Voorbeeld,2090-03-10T08:00+01:00" in helpline("rota", "export", "shifts", *SPAN).out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ["name a file"]),
        (("people", "people"), ["people.csv is a second table of people"]),
        (("team",), ["team.ics is a calendar", "--ics"]),
        (("shifts", "--ics", "team", "--line", "france", "--tier", "1"), ["shifts come from one file at a time"]),
        (("--ics", "team"), ["add --line and --tier"]),
        (("--ics", "team", "--line", "france"), ["add --line and --tier"]),
        (("--ics", "team", "--line", "spain", "--tier", "1"), ["there is no line 'spain'", "belgium, france"]),
        (("--ics", "people", "--line", "france", "--tier", "1"), ["this isn't iCalendar"]),
        (("--ics", "team", "--line", "france", "--tier", "1"), ["event 1 (UID one), SUMMARY", "unknown person"]),
    ],
)
def test_what_can_not_be_imported(
    helpline: Run, files: dict[str, Path], arguments: tuple[str, ...], words: list[str]
) -> None:
    """Is refused with what would be right."""
    refused(helpline("rota", "import", *[files.get(word, word) for word in arguments]), *words)


def test_what_is_exported_is_imported_again(helpline: Run, files: dict[str, Path], tmp_path: Path) -> None:
    """Through files that a spreadsheet opens, and that nobody else can read."""
    helpline("rota", "import", files["people"], files["shifts"])
    before = helpline("rota", "export", "shifts", *SPAN).out
    for what in ("people", "shifts"):
        span = SPAN if what == "shifts" else ()
        output = tmp_path / f"out-{what}.csv"
        assert helpline("rota", "export", what, *span, "--format", "excel", "--output", output).out == ""
        assert output.read_bytes().startswith(b"\xef\xbb\xbf")
        assert b"Alix Exemple;" in output.read_bytes()
        assert stat.S_IMODE(output.stat().st_mode) == 0o600
    done = helpline("rota", "import", tmp_path / "out-people.csv", tmp_path / "out-shifts.csv")
    assert done.out.splitlines()[:2] == ["people: 0 new, 0 changed", "shifts: 0 new, 0 replaced"]
    assert helpline("rota", "export", "shifts", *SPAN).out == before


def test_a_calendar_is_exported(helpline: Run, files: dict[str, Path], tmp_path: Path) -> None:
    """Of one line, for whoever has a calendar program and no feed; it is imported again as it was."""
    helpline("rota", "import", files["people"], files["shifts"])
    output = tmp_path / "france.ics"
    done = helpline("rota", "export", "shifts", "--line", "france", *SPAN, "--format", "ics", "--output", output)
    assert done.code == 0
    assert output.read_text().count("SUMMARY:Brecht Voorbeeld") == 1
    done = helpline("rota", "import", "--ics", output, "--line", "france", "--tier", 1)
    assert done.out.splitlines()[0] == "shifts: 0 new, 0 replaced"


def test_a_file_that_is_there_is_not_overwritten(helpline: Run, files: dict[str, Path]) -> None:
    """It may be the only one."""
    refused(helpline("rota", "export", "people", "--output", files["people"]), "is there already")
    assert files["people"].read_text() == PEOPLE


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("shifts", "--format", "ics"), ["one line"]),
        (("shifts", "--line", "spain"), ["there is no line 'spain'"]),
        (("shifts", "--from", "2090-03-10", "--to", "2090-03-09"), ["2090-03-09 isn't after 2090-03-10"]),
        (("shifts", "--from", "yesterday"), ["'yesterday' isn't a time"]),
        (("duty", "--month", "March"), ["'March' isn't a month", "2026-11"]),
        (("duty", "--night", "21"), ["'21' isn't a night", "21:00-06:00"]),
        (("duty", "--night", "21:00-21:00"), ["no time at all"]),
        (("duty", "--line", "spain"), ["there is no line 'spain'"]),
    ],
)
def test_what_can_not_be_exported(helpline: Run, arguments: tuple[str, ...], words: list[str]) -> None:
    """Is refused with what would be right."""
    refused(helpline("rota", "export", *arguments), *words)


def test_duty_is_listed_for_pay(helpline: Run, store: Store, folder: Path) -> None:
    """A month of it, by day or summed; what isn't known of public holidays is said beside it."""
    config = folder / "config.toml"
    config.write_text(config.read_text().replace('region = "FR"', 'region = ""'))
    start = 1_789_844_400  # 2026-09-19T21:00+02:00, a Saturday
    with store.durable() as tx:
        tx.execute(insert(Person), {"name": "Alix Exemple", "phone": "+33199000101", "languages": "fr"})
        row = {"shift": 1, "line": "france", "tier": 1, "person": 1, "starts_at": start, "ends_at": start + 36_000}
        tx.execute(insert(Duty), row)
    store.close()
    done = helpline("rota", "export", "duty", "--month", "2026-09", "--line", "france")
    assert done.out.splitlines()[1:] == [
        "Alix Exemple,france,1,2026-09-19,2026-09-19T21:00+02:00,2026-09-20T00:00+02:00,3,3,no,no",
        "Alix Exemple,france,1,2026-09-20,2026-09-20T00:00+02:00,2026-09-20T07:00+02:00,7,6,yes,no",
    ]
    assert "france has no region" in done.err
    summed = helpline(
        "rota", "export", "duty", "--month", "2026-09", "--sums", "--night", "22:00-05:00", "--format", "json"
    )
    assert summed.json == [
        {
            "person": "Alix Exemple",
            "line": "france",
            "month": "2026-09",
            "shifts": 1,
            "hours": 10.0,
            "nights": 1,
            "night_hours": 7.0,
            "sunday_hours": 7.0,
            "holiday_hours": 0.0,
        }
    ]


def test_duty_is_last_months_if_no_other_is_named(helpline: Run) -> None:
    """Which is over; the one that goes on says that it isn't complete."""
    assert "less than a day ago" not in helpline("rota", "export", "duty").err
    assert "less than a day ago" in helpline("rota", "export", "duty", "--month", "2090-01").err


def test_no_number_is_in_a_table_of_shifts(helpline: Run, files: dict[str, Path], store: Store) -> None:
    """Only the table of people has them."""
    helpline("rota", "import", files["people"], files["shifts"])
    assert len(rows_of(store, Person)) == 2
    assert "+33199" not in helpline("rota", "export", "shifts", *SPAN, "--format", "json").out
    assert "'+33199000101" in helpline("rota", "export", "people").out

"""`rota import|show|gaps`: who is on call, and when nobody is."""

from pathlib import Path

import pytest

from helpline.shifts.editing import WORDS
from tests.cli.conftest import Done, Run, refused

PEOPLE = "name,phone,languages\nAlix Exemple,+33199000101,fr en\nBrecht Voorbeeld,+33199000102,nl fr\n"
SHIFTS = """line,tier,person,start,end
france,1,Alix Exemple,2090-03-10T08:00,2090-03-10T20:00
france,2,Brecht Voorbeeld,2090-03-10T08:00,2090-03-10T20:00
belgium,1,Brecht Voorbeeld,2090-03-10T08:00,2090-03-11T08:00
"""
"""Long after these tests: what a file replaces must not have begun."""
AT = "2090-03-10T12:00"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Both tables, as a coordinator saves them."""
    people, shifts = tmp_path / "people.csv", tmp_path / "shifts.csv"
    people.write_text(PEOPLE)
    shifts.write_text(SHIFTS)
    return people, shifts


@pytest.fixture
def imported(helpline: Run, files: tuple[Path, Path]) -> Done:
    """The answer to a first import."""
    return helpline("rota", "import", *files)


def test_an_import_says_what_it_changed(helpline: Run, imported: Done, files: tuple[Path, Path]) -> None:
    """Now, and when nothing is new."""
    assert (imported.code, imported.err) == (0, "")
    assert imported.out.startswith("people: 2 new, 0 changed\nshifts: 3 new, 0 replaced\n")
    assert helpline("rota", "import", *files).out.startswith("people: 0 new, 0 changed\nshifts: 0 new, 0 replaced\n")


def test_a_spreadsheet_may_save_it(helpline: Run, files: tuple[Path, Path]) -> None:
    """With a byte order mark, semicolons, Windows line ends, and the columns in another order."""
    files[0].write_bytes(b"\xef\xbb\xbfphone;name;languages\r\n+33199000101;Alix Exemple;fr en\r\n")
    files[1].write_text("\n".join(SHIFTS.splitlines()[:2]))
    done = helpline("rota", "import", *files)
    assert done.out.startswith("people: 1 new, 0 changed\nshifts: 1 new, 0 replaced\n")


@pytest.mark.parametrize(
    ("table", "old", "new", "reasons"),
    [
        (0, "+33199000101", "0199000101", ["row 2, phone '0199000101'", "country code"]),
        (0, "+33199000102", "+33199000101", ["row 3, phone", "the same phone as in row 2"]),
        (0, "nl fr", "nl it", ["row 3, languages", "unknown language 'it'"]),
        (0, "name", "nom", ["row 1", "name"]),
        (1, "Alix Exemple", "Alix Exempel", ["row 2, person", "write 'Alix Exemple'"]),
        (1, "france,2", "france,two", ["row 3, tier 'two'", "this isn't a tier"]),
        (1, "2090-03-11T08:00", "2090-03-09T08:00", ["row 4, end", "doesn't end after it starts"]),
        (1, "belgium", "spain", ["row 4, line 'spain'", "belgium, france"]),
        (1, "2090-03-10T08:00", "10/03/2090 08:00", ["row 2, start", "write it as 2026-11-03T08:00"]),
    ],
)
def test_a_bad_table_is_refused_whole(
    helpline: Run, files: tuple[Path, Path], table: int, old: str, new: str, reasons: list[str]
) -> None:
    """Every bad row with its number, what stands there and what would be right; nothing is imported."""
    files[table].write_text(files[table].read_text().replace(old, new, 1))
    refused(helpline("rota", "import", *files), *reasons)
    assert helpline("people", "list").out == ""


def test_a_table_in_another_encoding_is_refused(helpline: Run, files: tuple[Path, Path]) -> None:
    """With how to save it from the spreadsheet."""
    files[0].write_bytes(PEOPLE.encode() + "Zoé,+33199000103,fr\n".encode("latin-1"))
    refused(helpline("rota", "import", *files), "row 4", "CSV UTF-8")


def test_a_table_that_is_not_there(helpline: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    """Wrong usage, with its name."""
    done = helpline("rota", "import", files[0], tmp_path / "none.csv")
    assert done.code == 2
    assert "none.csv" in done.err


def test_who_is_on_call(helpline: Run, imported: Done) -> None:
    """For each line, in the order in which they are rung; local times."""
    assert imported.code == 0
    done = helpline("rota", "show", "--at", AT)
    assert done.out.splitlines() == [
        "france:",
        "  tier 1  Alix Exemple  until 2090-03-10T20:00:00+01:00",
        "  tier 2  Brecht Voorbeeld  until 2090-03-10T20:00:00+01:00",
        "belgium:",
        "  tier 1  Brecht Voorbeeld  until 2090-03-11T08:00:00+01:00",
    ]


def test_a_script_reads_who_is_on_call(helpline: Run, imported: Done) -> None:
    """As JSON; no number in it."""
    assert imported.code == 0
    found = helpline("rota", "show", "--at", AT, "--line", "france", "--json")
    assert found.json["france"]["on_call"] == [
        {"person": "Alix Exemple", "tier": 1, "languages": ["en", "fr"], "until": "2090-03-10T20:00:00+01:00"},
        {"person": "Brecht Voorbeeld", "tier": 2, "languages": ["fr", "nl"], "until": "2090-03-10T20:00:00+01:00"},
    ]
    assert "+33" not in found.out


@pytest.mark.parametrize(
    ("at", "person"),
    [
        ("2090-03-10T08:00", True),
        ("2090-03-10T07:59:59", False),
        ("2090-03-10T20:00", False),
        ("2090-03-10T19:59:59", True),
        ("2090-03-10T07:00Z", True),
        ("2090-03-10T19:00+00:00", False),
        ("2090-03-10", False),
    ],
)
def test_a_time_is_the_lines_own(helpline: Run, imported: Done, at: str, person: bool) -> None:
    """Unless it says its offset; a hand-off belongs to whoever takes over."""
    assert imported.code == 0
    found = helpline("rota", "show", "--at", at, "--line", "france", "--json").json
    assert bool(found["france"]["on_call"]) is person


def test_nobody_is_on_call(helpline: Run) -> None:
    """Now, on a fresh line: an answer, not an error."""
    assert helpline("rota", "show").out == "france:\n  nobody is on call\nbelgium:\n  nobody is on call\n"


def test_gaps_are_shown(helpline: Run, imported: Done) -> None:
    """When nobody is there, and when a language of the line is missing; and who could take it."""
    assert imported.code == 0
    done = helpline("rota", "gaps", "--from", "2090-03-10T08:00", "--days", "1")
    assert done.out.splitlines() == [
        "france: nobody in tier 1 from 2090-03-10T20:00:00+01:00 to 2090-03-11T08:00:00+01:00",
        f"  could take it: Alix Exemple ({WORDS['stretch']}), Brecht Voorbeeld ({WORDS['twice']})",
        "belgium: nobody who speaks de from 2090-03-10T08:00:00+01:00 to 2090-03-11T08:00:00+01:00",
        "  could take it: nobody",
        "belgium: nobody who speaks en from 2090-03-10T08:00:00+01:00 to 2090-03-11T08:00:00+01:00",
        f"  could take it: Alix Exemple ({WORDS['twice']})",
    ]


def test_a_script_reads_the_gaps(helpline: Run, imported: Done) -> None:
    """As JSON; every gap with its line, its local times, and who could take it."""
    assert imported.code == 0
    found = helpline("rota", "gaps", "--from", "2090-03-10T08:00", "--days", "1", "--line", "france", "--json").json
    assert found == [
        {
            "line": "france",
            "kind": "nobody",
            "tier": 1,
            "language": None,
            "languages": [],
            "missing": 1,
            "rule": None,
            "hard": True,
            "start": "2090-03-10T20:00:00+01:00",
            "end": "2090-03-11T08:00:00+01:00",
            "could": [
                {"person": "Alix Exemple", "but": ["stretch"]},
                {"person": "Brecht Voorbeeld", "but": ["twice"]},
            ],
            "until": "2090-03-11T08:00:00+01:00",
        }
    ]


def test_everything_is_covered(helpline_demo: Run) -> None:
    """On the demonstration's French line, for the next days."""
    assert helpline_demo("rota", "gaps", "--days", "7", "--line", "france").out == (
        "every hour of the next 7 days is covered\n"
    )


@pytest.mark.parametrize("command", ["show", "gaps"])
def test_an_unknown_line_is_refused(helpline: Run, command: str) -> None:
    """With the lines there are."""
    refused(helpline("rota", command, "--line", "spain"), "there is no line 'spain'", "belgium, france")


@pytest.mark.parametrize(("option", "command"), [("--at", "show"), ("--from", "gaps")])
@pytest.mark.parametrize("time", ["tomorrow", "2026-13-01", "", "0001-01-01", "9999-12-31T23:00", "2026-01-01T25:00"])
def test_a_time_that_is_none_is_refused(helpline: Run, option: str, command: str, time: str) -> None:
    """With what would be one."""
    refused(helpline("rota", command, option, time), "write")

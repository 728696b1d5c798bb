"""People from CSV: what is read, and everything that is refused with row, reason and remedy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.model import LANGUAGES
from rota.sheet import Problem, TableError, decode
from rota.table import KEPT, PersonRow, parse_people


def check(phone: str) -> str:
    """Stands for the real check of numbers: French ones, with the country code."""
    digits = "".join(phone.split())
    if not (digits.startswith("+33") and len(digits) == 12):
        raise ValueError("not a telephone number")
    return digits


def problems(text: str) -> tuple[Problem, ...]:
    """Why a file is refused."""
    with pytest.raises(TableError) as refused:
        parse_people(text, check)
    return refused.value.problems


def outcome(text: str) -> tuple[tuple[PersonRow, ...], tuple[Problem, ...]]:
    """The people read, or the problems."""
    try:
        return parse_people(text, check), ()
    except TableError as error:
        return (), error.problems


def where(text: str) -> list[tuple[int, str]]:
    """Row and column of each problem."""
    return [(problem.row, problem.column) for problem in problems(text)]


GOOD = """name,phone,languages,email
Alix Exemple,+33 1 99 00 12 34,fr nl,a@b.org
Bo Voorbeeld,+33 2 61 91 00 01,"nl, fr",
"""
ALIX = PersonRow("Alix Exemple", "+33199001234", ("fr", "nl"), "a@b.org")
BO = PersonRow("Bo Voorbeeld", "+33261910001", ("nl", "fr"), "")


def test_people_are_read_in_order_with_their_rows() -> None:
    """Names, checked phones, languages in the order written and e-mail; the row is the spreadsheet's."""
    people = parse_people(GOOD, check)
    assert people == (ALIX, BO)
    assert [person.row for person in people] == [2, 3]


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace('"nl, fr"', "nl/fr").replace(",", ";"),
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        "\n , \n" + GOOD + ",,,\n\n",
        GOOD.replace("name,phone", " Name , PHONE "),
        GOOD.replace("Alix Exemple", "  Alix   Exemple "),
        GOOD.replace("fr nl", "FR;nl fr"),
        GOOD.replace("a@b.org\n", "a@b.org,,,\n"),
        "email,languages,phone,name\na@b.org,fr nl,+33199001234,Alix Exemple\n,nl fr,+33261910001,Bo Voorbeeld",
    ],
)
def test_the_same_people_however_the_file_is_written(text: str) -> None:
    """Comma or semicolon, BOM, line ends, blank rows, spacing, case and column order make no difference."""
    assert parse_people(text, check) == (ALIX, BO)


def test_the_email_column_may_be_missing() -> None:
    """Only name, phone and languages are needed."""
    text = "name;phone;languages\nAlix Exemple;+33199001234;fr\n"
    assert parse_people(text, check) == (PersonRow("Alix Exemple", "+33199001234", ("fr",), None),)


TERMS = "name,phone,languages,tiers,share,region,rest_hours,week,nights\nAlix,+33199001234,fr,"


def test_what_else_a_table_may_say_of_a_person() -> None:
    """Tiers, share in percent, region, rest, shifts a week, nights in a row: hours become seconds."""
    (alix,) = parse_people(TERMS + '"2, 1",50%,fr-57,"11,5",4,2\n', check)
    assert (alix.tiers, alix.share, alix.region) == ((1, 2), 50, "FR-57")
    assert (alix.rest, alix.week, alix.nights) == (11.5 * 3600, 4, 2)


def test_an_empty_cell_is_the_usual_and_a_column_left_out_is_kept() -> None:
    """So that a table of names and numbers alone changes nothing else."""
    (usual,) = parse_people(TERMS + ",,,,,\n", check)
    assert (usual.tiers, usual.share, usual.region) == ((), 100, "")
    assert usual.rest is usual.week is usual.nights is None
    (kept,) = parse_people("name,phone,languages\nAlix,+33199001234,fr\n", check)
    assert {kept.tiers, kept.share, kept.region, kept.rest, kept.week, kept.nights} == {KEPT}
    assert kept.email is None


@pytest.mark.parametrize(
    ("cells", "column", "remedy"),
    [
        ("0,,,,,", "tiers", "write a number from 1"),
        ("1 b,,,,,", "tiers", "write a number from 1"),
        (",0,,,,", "share", "from 1 to 200"),
        (",half,,,,", "share", "from 1 to 200"),
        (",,Alsace,,,", "region", "the code of a country"),
        (",,FR-00,,,", "region", "the code of a country"),
        (",,,73,,", "rest_hours", "from 0 to 72"),
        (",,,-1,,", "rest_hours", "from 0 to 72"),
        (",,,,0,", "week", "from 1 to 14"),
        (",,,,,15", "nights", "from 1 to 14"),
        (",,,,,²", "nights", "from 1 to 14"),
    ],
)
def test_a_term_that_nobody_can_have_is_refused(cells: str, column: str, remedy: str) -> None:
    """With what may be written instead."""
    (found,) = problems(TERMS + cells + "\n")
    assert (found.row, found.column) == (2, column)
    assert remedy in found.remedy


def test_an_accent_written_in_two_ways_is_one_name() -> None:
    """A name is stored composed, whichever system wrote the file."""
    text = "name,phone,languages\nZoe\u0308 Exemple,+33199001234,fr\n"
    assert parse_people(text, check)[0].name == "Zo\u00eb Exemple"


def test_every_bad_row_is_named_at_once() -> None:
    """One reading of the file tells everything that is wrong with it."""
    text = "name,phone,languages,email\n,12,fr,\nAlix Exemple,+33199001234,xx,nowhere\nBo Voorbeeld,+33261910001,fr,\n"
    assert where(text) == [(2, "name"), (2, "phone"), (3, "languages"), (3, "email")]


@pytest.mark.parametrize(
    ("row", "column", "value", "reason"),
    [
        (",+33199001234,fr,", "name", "", "the name is missing"),
        ("A\u200bB,+33199001234,fr,", "name", "A\u200bB", "the name holds an invisible character"),
        ("Alix,,fr,", "phone", "", "the phone is missing"),
        ("Alix,0199001234,fr,", "phone", "0199001234", "not a telephone number"),
        ("Alix,+33199001234,,", "languages", "", "no language is given"),
        ("Alix,+33199001234,fr es,", "languages", "fr es", "unknown language 'es'"),
        ("Alix,+33199001234,fr,at home", "email", "at home", "this isn't an e-mail address"),
        ("Alix,+33199001234,fr,a@b.c,extra", "", "extra", "more cells than columns"),
    ],
)
def test_a_bad_cell_is_named_with_value_reason_and_remedy(row: str, column: str, value: str, reason: str) -> None:
    """The problem says where, what stands there, why it can't be taken and what to do."""
    (found,) = problems(f"name,phone,languages,email\n{row}\n")
    assert (found.row, found.column, found.value, found.reason) == (2, column, value, reason)
    assert found.remedy


def test_a_row_with_too_many_cells_hides_no_other_bad_row() -> None:
    """A delimiter left without quotes spoils its own row only."""
    text = "name;phone;languages;;\nAlix;+33199001234;fr;nl\nBo;12;fr\n"
    assert [(found.row, found.value) for found in problems(text)] == [(2, "nl"), (3, "12")]


def test_two_people_with_one_name_are_refused_however_it_is_written() -> None:
    """A name is how everybody outside tells people apart."""
    (found,) = problems("name,phone,languages\nAlix Exemple,+33199001234,fr\nALIX  exemple,+33199001235,fr\n")
    assert (found.row, found.column, found.reason) == (3, "name", "the same name as in row 2")


def test_two_people_with_one_phone_are_refused() -> None:
    """A phone rings for one person only."""
    (found,) = problems("name,phone,languages\nAlix,+33199001234,fr\nBo,+33 1 99 00 12 34,fr\n")
    assert (found.row, found.column, found.reason) == (3, "phone", "the same phone as in row 2")


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    """Blank rows count, and a cell with a line break in it is still one row."""
    text = 'name,phone,languages\n\n"Alix\nExemple",+33199001234,fr\nBo,wrong,fr\n'
    assert where(text) == [(4, "phone")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(1, "the file is empty")]),
        ("\ufeff\n\n;;\n", [(1, "the file is empty")]),
        ("name,phone,languages\n", [(1, "no row follows the header")]),
        ("\nname,phone\nAlix,1\n", [(2, "this column is missing")]),
        ("name,phone,languages,emial\nAlix,1,fr,\n", [(1, "unknown column")]),
        ("name,phone,languages,phone\nAlix,1,fr,2\n", [(1, "this column comes twice")]),
        ("name,,phone,languages\nAlix,,1,fr\n", [(1, "a column has no name")]),
        ("name\tphone\tlanguages\nAlix\t1\tfr\n", [(1, "this column is missing")] * 3 + [(1, "unknown column")]),
    ],
)
def test_a_file_without_the_right_columns_or_rows_is_refused(text: str, expected: list[tuple[int, str]]) -> None:
    """Nothing is guessed about a file whose header isn't the one asked for."""
    assert [(problem.row, problem.reason) for problem in problems(text)] == expected


@pytest.mark.parametrize("cell", ['"Alix', '"Al"ix'])
def test_broken_quotes_are_named_with_their_row(cell: str) -> None:
    """A file that isn't CSV is refused, not read as something else."""
    (found,) = problems(f"name,phone,languages\nBo,+33199001234,fr\n{cell},+33199001235,fr\n")
    assert found.row == 3
    assert found.reason.startswith("this isn't CSV")


def test_the_error_reads_as_one_line_a_problem() -> None:
    """The whole message can be printed as it is."""
    with pytest.raises(TableError) as refused:
        parse_people("name,phone,languages\nAlix,12,fr\nBo,+33199001234,xx\n", check)
    assert str(refused.value).splitlines() == [
        "row 2, phone '12': not a telephone number; write it with its country code, as in +33 1 99 00 12 34",
        "row 3, languages 'xx': unknown language 'xx'; use fr, nl, de, en, as in 'fr nl'",
    ]


def test_a_file_in_another_encoding_is_refused_with_its_row() -> None:
    """A file saved in an old Windows encoding is told how to be saved instead."""
    with pytest.raises(TableError, match="row 2: the file isn't UTF-8; save it"):
        decode("name\nZoë".encode("cp1252"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf8_is_read_with_and_without_a_byte_order_mark(encoding: str) -> None:
    """Both spellings of UTF-8 give the same text."""
    assert decode("Zoë".encode(encoding)) == "Zoë"


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=1), min_size=1, unique_by=str.casefold), st.data())
def test_any_good_table_is_read_whole(names: list[str], data: st.DataObject) -> None:
    """Every row of a good file becomes a person, in order and with nothing lost."""
    spoken = [data.draw(st.lists(st.sampled_from(LANGUAGES), min_size=1, unique=True)) for _ in names]
    lines = [f"P {name};+3319900{number:04};{' '.join(spoken[number])}" for number, name in enumerate(names)]
    people = parse_people("\n".join(["name;phone;languages", *lines]), check)
    assert [list(person.languages) for person in people] == spoken
    assert [person.phone for person in people] == [f"+3319900{number:04}" for number in range(len(names))]


@given(st.text(st.sampled_from("name,phone;languages\n\"' fr+3319900\ufeff\r\0\t")))
def test_any_text_is_read_or_refused_as_a_table(text: str) -> None:
    """However broken the file, the answer is people or a `TableError` with at least one problem."""
    for prefix in ("", "name,phone,languages\n"):
        people, refused = outcome(prefix + text)
        assert bool(people) != bool(refused)

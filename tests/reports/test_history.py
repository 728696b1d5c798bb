from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reports
from reports.errors import HistoryError
from reports.history import MOST, UNITS, Earlier, history_csv, parse_history
from reports.rounding import Reported
from reports.taxonomy import codes, default_taxonomy, parse_taxonomy

LISTS = default_taxonomy()
HEAD = "year,indicator,category,value,source\n"
GOOD = HEAD + (
    '2021,offered,all,1540,"Rapport d\'activité 2021, p. 4"\n'
    "2021,main-reason,burnout,24,Rapport 2021\n"
    "2020,mean-talk-time,,27,Rapport 2020\n"
)


def read(text: str, running: int = 2026) -> tuple[Earlier, ...]:
    """The numbers of a file."""
    return parse_history(text, LISTS, running=running)


def faults(text: str) -> tuple[str, ...]:
    """What is wrong with a file."""
    with pytest.raises(HistoryError) as refused:
        read(text)
    return refused.value.problems


def test_a_file_is_read_as_it_stands() -> None:
    """Oldest first, with its source; a number is printed as it was published."""
    assert read(GOOD) == (
        Earlier(2020, "mean-talk-time", "all", 27, "Rapport 2020"),
        Earlier(2021, "offered", "all", 1540, "Rapport d'activité 2021, p. 4"),
        Earlier(2021, "main-reason", "burnout", 24, "Rapport 2021"),
    )
    assert read(GOOD)[1].figure == Reported(1540, "calls")
    assert read(GOOD)[1].figure.status == "reported"


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        GOOD + "\n,,,,\n",
        GOOD.replace('"Rapport d\'activité 2021, p. 4"', '"Rapport d\'activité 2021, p. 4"').replace("all", " all "),
        HEAD.replace(",", ";") + "2021;offered;all;1540;Rapport d'activité 2021, p. 4\n",
    ],
)
def test_what_spreadsheets_write_is_read(text: str) -> None:
    """A mark at the beginning, other ends of lines, empty rows, spaces, semicolons."""
    assert Earlier(2021, "offered", "all", 1540, "Rapport d'activité 2021, p. 4") in read(text)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2021,visits,all,3,x", "row 2, indicator: 'visits' is unknown; write one of offered, answered"),
        ("2021,main-reason,boredom,3,x", "row 2, category: 'boredom' is not a reason"),
        ("2021,main-reason,all,3,x", "row 2, category: 'all' is not a reason"),
        ("2021,offered,burnout,3,x", "row 2, category: offered has none; write all"),
        ("2021,offered,all,3.5,x", "row 2, value: '3.5' is not a whole number"),
        ("2021,offered,all,-3,x", "row 2, value: '-3' is not a whole number"),
        ("2021,offered,all,1 540,x", "row 2, value: '1 540' is not a whole number"),
        ("2021,offered,all,٣,x", "row 2, value: '٣' is not a whole number"),
        ("2021,offered,all,,x", "row 2, value: '' is not a whole number"),
        ("2021,night-share,all,101,x", "row 2, value: 101 percent is too much; the most is 100"),
        ("2021,mean-talk-time,all,1441,x", "row 2, value: 1441 minutes is too much"),
        ("21,offered,all,3,x", "row 2, year: '21' is not a year"),
        ("1066,offered,all,3,x", "row 2, year: '1066' is not a year"),
        ("2026,offered,all,3,x", "row 2, year: 2026 isn't over; the latest that can be imported is 2025"),
        ("2021,offered,all,3,", "row 2, source: say where it was published"),
        (f"2021,offered,all,3,{'x' * 201}", "row 2, source: say where it was published"),
        ("2021,offered,all,3,a\tb", "row 2, source: say where it was published"),
        ("2021,offered,all,3,=HYPERLINK(1)", "row 2, source: a spreadsheet would take '=' for a formula"),
        ("2021,offered,all,3,+1", "row 2, source: a spreadsheet"),
        ("2021,offered,all,3,@x", "row 2, source: a spreadsheet"),
        ("2021,offered,all,3,a,b", "row 2, source: 6 cells instead of 5; put quotes around a comma"),
        ("2021,offered,all,3,x\n2021,offered,all,4,x", "row 3, year: offered all of 2021 stands in row 2 already"),
        ("2021,offered,all,3,x\n2021,answered,all,4,x", "2021: more calls answered than offered"),
        ("2021,main-reason,burnout,70,x\n2021,main-reason,health,60,x", "2021: the main reasons add up to 130 %"),
    ],
)
def test_a_fault_is_named_with_its_row_and_column(row: str, problem: str) -> None:
    """And with how to mend it."""
    assert [found for found in faults(HEAD + row + "\n") if problem in found]


@pytest.mark.parametrize("head", ["", "year,indicator,value,source\n", "Jahr,indicator,category,value,source\n"])
def test_a_file_without_its_heads_is_refused(head: str) -> None:
    """It may be another file."""
    assert faults(head + "2021,offered,all,3,x\n") == ("row 1: the heads must be year,indicator,category,value,source",)


def test_every_fault_is_named_at_once_and_nothing_is_read() -> None:
    """Whoever made the file mends it in one go."""
    found = faults(GOOD + "2026,offered,all,x,=1\n21,visits,all,3,x\n")
    assert [problem.partition(":")[0] for problem in found] == [
        "row 5, year", "row 5, source", "row 5, value", "row 6, year", "row 6, indicator",
    ]  # fmt: skip


def test_a_text_that_is_no_csv_is_refused() -> None:
    """A cell that never ends, and a byte that is no text."""
    for text in (HEAD + '2021,offered,all,3,"' + "x" * 200_000, HEAD + "2021,offered,all,3,a\0b\n"):
        assert faults(text)


def test_an_old_code_is_read_as_its_successor() -> None:
    """A report of years ago uses the lists of its time."""
    text = (Path(reports.__path__[0]) / "taxonomy.toml").read_text(encoding="utf-8")
    text += '\n[[changes]]\nversion = "2"\nlist = "reasons"\nfrom = ["exhaustion"]\nto = ["burnout"]\n'
    (one,) = parse_history(HEAD + "2021,main-reason,exhaustion,24,x\n", parse_taxonomy(text), running=2026)
    assert one.category == "burnout"


def addressed(years: list[int]) -> st.SearchStrategy[Earlier]:
    """Any number that may be imported."""
    sources = st.text("abcé ,;\"'(){}0", max_size=20).map(lambda text: f"S{text}".strip())

    def of(indicator: str) -> st.SearchStrategy[Earlier]:
        categories = codes(LISTS.reasons) if indicator == "main-reason" else ("all",)
        values = st.integers(0, 5 if indicator == "main-reason" else MOST[UNITS[indicator]])
        return st.builds(
            Earlier, st.sampled_from(years), st.just(indicator), st.sampled_from(categories), values, sources
        )

    return st.sampled_from([name for name in UNITS if name != "answered"]).flatmap(of)


@given(
    st.lists(
        addressed(list(range(2015, 2026))), max_size=12, unique_by=lambda one: (one.year, one.indicator, one.category)
    )
)
def test_what_is_exported_is_imported_as_it_was(earlier: list[Earlier]) -> None:
    """In one order, whatever the source says."""
    text = history_csv(earlier)
    again = read(text)
    assert set(again) == set(earlier)
    assert history_csv(again) == text

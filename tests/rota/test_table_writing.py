"""Tables that are written: read back as they were, and with no cell that a spreadsheet runs."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.sheet import read_rows, write_rows

DANGEROUS = "=+-@＝＋－＠\t\r"
TEXTS = st.text(st.sampled_from("'=+-@＝ ,;\"\naé3"), max_size=6).map(str.strip)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5), st.sampled_from(",;"))
def test_what_is_written_is_read_back(rows: list[tuple[str, str]], delimiter: str) -> None:
    """Every cell as it was, whatever it begins with and whatever parts the cells."""
    rows = [("first", "row"), *rows]
    read = read_rows(write_rows(("one", "two"), rows, delimiter), [], ("one", "two"))
    # A row of nothing but delimiters is blank to a spreadsheet, too.
    told = [row for row in rows if any(cell.strip(",;") for cell in row)]
    assert [(row.cells["one"], row.cells["two"]) for row in read] == told


@given(TEXTS)
def test_no_cell_is_run_by_a_spreadsheet(text: str) -> None:
    """None begins as a formula does: names and notes come from people."""
    _, (cell,) = csv.reader(io.StringIO(write_rows(("cell",), [(text or "x",)]), newline=""))
    assert not cell.startswith(tuple(DANGEROUS))


@pytest.mark.parametrize("text", ["=1+1", "+33199001234", "-2", "@SUM(A1)", "'=1", "＝1"])
def test_a_cell_that_would_be_run_begins_with_an_apostrophe(text: str) -> None:
    """So a telephone number keeps its plus sign, in the spreadsheet and back."""
    written = write_rows(("cell",), [(text,)])
    assert written == f"cell\n'{text}\n"
    assert read_rows(written, [], ("cell",))[0].cells["cell"] == text


def test_an_apostrophe_of_a_name_is_the_names_own() -> None:
    """Only before what would be run it is ours."""
    assert read_rows("cell\n's-Gravenhage\n", [], ("cell",))[0].cells["cell"] == "'s-Gravenhage"
    assert write_rows(("cell",), [("'s-Gravenhage",)]) == "cell\n's-Gravenhage\n"

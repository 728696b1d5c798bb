import re
import warnings
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.document import Column, Report, Table
from reports.render.xlsx import render_xlsx
from reports.render.xlsx_pen import LONGEST_NAME, sheet_names
from reports.words import same
from tests.reports.made import synthetic
from tests.reports.workbooks import opened, rows, tables, texts

HOSTILE = ('=HYPERLINK("http://x","x")', "+1", "-1", "@SUM(A1)", "\t=1", "=1+1\x00", "a\n=2", "&D&[Picture]&G", "'=3")


@cache
def empty() -> Report:
    """The report of a year without calls."""
    return synthetic(0)


def small(report: Report, table: Table) -> Report:
    """The report with one table only."""
    section = replace(report.sections[0], tables=(table,))
    return replace(report, sections=(section,), indicators=report.indicators[:2])


@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_heads_become_names_of_sheets(heads: list[str]) -> None:
    """However long, strange or alike."""
    names = sheet_names(heads)
    assert len({name.casefold() for name in names}) == len(heads)
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) <= 2 * LONGEST_NAME
        assert not re.search(r"[\[\]:*?/\\\x00-\x1f]", name)
        assert name[0] != "'" != name[-1]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_and_does_nothing(year: Report, name: str) -> None:
    """It is a text, and stays one when somebody edits the cell; in a page's header it is no code."""
    table = tables(year)[0]
    row = replace(table.rows[0], label=same(name))
    content = render_xlsx(
        small(replace(year, line_name=same(name)), replace(table, row_head=same(name), rows=(row,))), "en"
    )
    cleaned = re.sub(r"[\x00-\x1f]", " ", name).replace("'", "’").strip()
    book = opened(content)
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value == cleaned]
    assert len(cells) == 3
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.quotePrefix or False for cell in cells} == {cleaned.startswith(("=", "+", "-", "@"))}
    header = book.worksheets[0].oddHeader.left.text or ""
    assert not re.search(r"(?<!&)(&&)*&[^&]", header)
    assert header.replace("&&", "&").replace(" ", "") == cleaned.replace(" ", "")


@given(st.text(max_size=300))
def test_any_name_gives_a_workbook_that_opens(name: str) -> None:
    """With the name in it, in its properties and on every page."""
    report = small(empty(), replace(tables(empty())[0], title=same(name), caption=same(name)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        book = opened(render_xlsx(replace(report, line_name=same(name)), "de"))
    assert len(book.sheetnames) == 4


def test_a_report_without_tables_is_a_summary_definitions_and_methods(year: Report) -> None:
    """And a table without rows has its heads."""
    bare = replace(year, sections=(), headlines=(), key_figures=(), indicators=())
    assert len(opened(render_xlsx(bare, "fr")).sheetnames) == 3
    table = replace(tables(year)[0], rows=(), totals=())
    sheet = opened(render_xlsx(small(year, table), "fr")).worksheets[1]
    assert not sheet.tables
    assert {"Issue", "Nombre", "Part"} <= set(texts(sheet))


def test_columns_of_one_name_are_numbered(year: Report) -> None:
    """Excel mends, and complains of, a table with two heads alike."""
    table = replace(tables(year)[0], columns=(Column("count", same("Part")), Column("share", same("part"))))
    sheet = opened(render_xlsx(small(year, table), "fr")).worksheets[1]
    assert rows(sheet)[0] == ("Issue", "Part", "part (2)")
